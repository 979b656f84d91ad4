"""How a dyad is written: `CHN->JPN`, or `CHN-JPN` for both directions, its codes in any order."""

from collections.abc import Collection

from tension.errors import OptionError


def dyads_of(dyads: str | Collection[str] | None) -> tuple[str, ...]:
    """One dyad or several as several; none for None."""
    return () if dyads is None else (dyads,) if isinstance(dyads, str) else tuple(dyads)


def sides_of(dyad: str) -> list[str]:
    """The two sides of `CHN-JPN` or `CHN->JPN`.

    Raises
    ------
    OptionError
        If it is neither.
    """
    sides = dyad.split("->" if "->" in dyad else "-")
    if len(sides) != 2 or not all(sides):
        raise OptionError(f"dyads={dyad!r} is no dyad; write CHN-JPN, or CHN->JPN for one direction")
    return sides


def undirected(dyad: str) -> str:
    """A dyad with its codes sorted, whichever way it was written."""
    return "-".join(sorted(sides_of(dyad)))


def in_order(dyad: str) -> str:
    """A dyad as series write it: `CHN-JPN` with its codes sorted, `CHN->JPN` as it is; what is no dyad raises nothing here.

    Examples
    --------
    >>> in_order("JPN-CHN"), in_order("JPN->CHN")
    ('CHN-JPN', 'JPN->CHN')
    """
    return dyad if "->" in dyad else "-".join(sorted(dyad.split("-")))
