"""Which events are meant: of a version, of dyads, published between two dates, known at a moment."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from tension.errors import OptionError
from tension.series.names import dyads_of, sides_of
from tension.text.articles import publication_date

_DAY = re.compile(r"\d{4}-?\d\d-?\d\d")


@dataclass(frozen=True, slots=True)
class Selection:
    """A question to the store, its dates read; None asks for all."""

    version: int
    dyads: tuple[str, ...] | None = None
    since: datetime | None = None
    until: datetime | None = None
    as_of: datetime | None = None

    @classmethod
    def of(
        cls, version: int, dyads: str | Collection[str] | None, since: object, until: object, as_of: object
    ) -> "Selection":
        """A selection from what a user says.

        Raises
        ------
        OptionError, DateError
            If a dyad or a date cannot be read, or `until` is not after `since`.
        """
        asked = None if dyads is None else dyads_of(dyads)
        for dyad in asked or ():
            sides_of(dyad)
        first, end = publication_date(since), publication_date(until)
        if first and end and first >= end:
            raise OptionError(f"until={until!r} is not after since={since!r}; until is the first moment that is left out")
        return cls(version, asked, first, end, None if as_of is None else _end_of(as_of))


def _end_of(when: object) -> datetime:
    """The moment up to which something was known: a day given as such counts whole."""
    moment = publication_date(when)
    if moment is None:
        raise OptionError(f"as_of={when!r} is no day; give one such as 2024-05-31")
    whole = _DAY.fullmatch(when.strip()) if isinstance(when, str) else not isinstance(when, datetime)
    return moment + timedelta(days=1) if whole else moment
