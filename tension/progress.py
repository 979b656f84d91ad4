"""A bar for long work: on a terminal and in notebooks, nowhere else unless asked for."""

import sys


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

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()
