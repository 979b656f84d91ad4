"""A bar for long work: on a terminal and in notebooks, nowhere else unless asked for."""

import sys
from collections.abc import Iterator
from typing import Protocol, TypeVar

Item = TypeVar("Item", covariant=True)


class Placed(Protocol[Item]):
    """Items that know how far they have come."""

    @property
    def position(self) -> int: ...

    def __iter__(self) -> Iterator[Item]: ...


class Progress:
    """A bar of bytes or items, whose total is shown where it is known; a context manager.

    `shown` None shows it where someone looks on: on a terminal, or in a notebook.
    """

    def __init__(self, total: int | None, what: str, shown: bool | None = None, unit: str = "B"):
        looks_on = bool(sys.stderr and sys.stderr.isatty()) or "ipykernel" in sys.modules
        self._bar = None
        if looks_on if shown is None else shown:
            from tqdm.auto import tqdm

            self._bar = tqdm(total=total or None, desc=what, unit=unit, unit_scale=unit == "B", file=sys.stderr)

    def at(self, place: int) -> None:
        """Move the bar to a place."""
        if self._bar is not None:
            self._bar.update(place - self._bar.n)

    def follow(self, items: Placed[Item]) -> Iterator[Item]:
        """The items; the bar moves with their place."""
        for item in items:
            self.at(items.position)
            yield item

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()
