"""A bar for long work: on a terminal and in notebooks, nowhere else."""

import sys

from tqdm.auto import tqdm


class Progress:
    """A bar over bytes, of which the total is known; a context manager.

    `shown` None shows it where someone looks on: on a terminal.
    """

    def __init__(self, total: int, what: str, shown: bool | None = None):
        hidden = not (sys.stderr and sys.stderr.isatty()) if shown is None else not shown
        self._bar = tqdm(total=total or None, desc=what, unit="B", unit_scale=True, file=sys.stderr, disable=hidden)

    def at(self, place: int) -> None:
        """Move the bar to a place."""
        self._bar.update(place - self._bar.n)

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()
