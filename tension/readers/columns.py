"""Which keys of a record are its text, id, date, title, publisher and language: as named, or guessed from the first that has them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from tension.errors import DateError, MissingColumnError, OptionError
from tension.records import Skipped
from tension.text.articles import publication_date

_PATIENCE = 100
FIELDS = ("text", "date", "id", "title", "publisher", "language")
_GUESSES = {
    "text": "text body content full_text fulltext maintext article article_text story",
    "date": "date published publication_date date_publish pubdate published_at publishedat datetime created_at timestamp seendate",
    "id": "id uid guid article_id url link",
    "title": "title headline",
    "publisher": "publisher source outlet domain source_domain newspaper site",
    "language": "language lang",
}


@dataclass(frozen=True, slots=True)
class Columns:
    """Our names -> those of a file; `guessed` are ours that were not named by the user, `doubt` says which date could not be one."""

    theirs: Mapping[str, str]
    guessed: tuple[str, ...] = ()
    doubt: str = ""

    def of(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """A record under our names. One that lacks a column of the first record but has ours is read by ours."""
        found = {}
        for ours in FIELDS:
            theirs = self.theirs.get(ours, ours)
            if theirs in record:
                found[ours] = record[theirs]
            elif ours in record:
                found[ours] = record[ours]
        return found

    def note(self) -> str:
        """What was guessed, in words; '' where the names are ours."""
        words = [f"{ours} {'read ' * (not i)}from {self.theirs[ours]!r}" for i, ours in enumerate(self.guessed)]
        return ", ".join([*words, self.doubt] if self.doubt else words)


def check_named(named: Mapping[str, str] | None) -> Mapping[str, str]:
    """The columns the user names, once it is sure that we know what for."""
    for ours in named or {}:
        if ours not in FIELDS:
            raise OptionError.of("columns", ours, FIELDS)
    return dict(named or {})


def has_text(record: Mapping[str, Any], named: Mapping[str, str], headed: bool = False) -> bool:
    """Whether a record has a column for the text."""
    return named["text"] in record if "text" in named else _guess("text", record, headed) is not None


def renamed(
    records: Iterable[tuple[int, Any]],
    named: Mapping[str, str],
    name: str,
    tell: Callable[[str, str], None],
    headed: bool = False,
) -> Iterator[tuple[int, Any]]:
    """Records of a table under our names; what was guessed is told, with the table's name.

    A hundred records without a column for the text may come before the first that has one, as those of pages that could not be fetched do.
    What the first has no column for is guessed from a later one. In a table that is `headed` all records have the same columns.

    Raises
    ------
    MissingColumnError
        If none has a column for the text, or the first that has lacks another that was named.
    """
    columns, first, waiting = None, None, []
    for row, record in records:
        if isinstance(record, Skipped):
            yield row, record
        elif columns is not None:
            wider = widened(columns, record, headed)
            if wider is not columns:
                tell(name, f"further on {wider.note()}")
            columns = wider
            yield row, columns.of(record)
        elif has_text(record, named, headed):
            columns = choose(record, named, name, headed)
            if columns.note():
                tell(name, columns.note())
            yield from waiting
            yield row, columns.of(record)
        else:
            first = record if first is None else first
            waiting.append((row, Skipped(row, str(record.get("id", "")), "no column for the text", "no text", name)))
            if len(waiting) > _PATIENCE:
                break
    if columns is None and first is not None:
        choose(first, named, name)


def choose(record: Mapping[str, Any], named: Mapping[str, str], name: str, headed: bool = False) -> Columns:
    """The columns of a file, by its first record: those named, those that bear our names, then guesses whose values may be right.

    Of several guesses one with a value goes first, but not in a table that is `headed`, where the first record may leave any column empty.

    Raises
    ------
    MissingColumnError
        If a column that was named is absent, or there is none for the text.
    """
    if missing := [theirs for theirs in named.values() if theirs not in record]:
        raise MissingColumnError(f"{name} has no column {', '.join(map(repr, missing))}; it has {_columns_of(record)}")
    theirs, guessed = dict(named), []
    for ours in FIELDS:
        if ours not in named and (guess := _guess(ours, record, headed)) is not None:
            theirs[ours] = guess
            if guess != ours:
                guessed.append(ours)
    if "text" not in theirs:
        raise MissingColumnError(
            f"{name} has no column that is the text; it has {_columns_of(record)}. Name it: columns={{'text': ...}}"
        )
    return Columns(theirs, tuple(guessed), "" if "date" in theirs else _doubt(record))


def widened(columns: Columns, record: Mapping[str, Any], headed: bool = False) -> Columns:
    """Columns with guesses for what no earlier record had one for; `guessed` are the new ones. The same where there are none."""
    absent = [ours for ours in FIELDS if ours not in columns.theirs and ours not in record]
    found = {ours: guess for ours in absent if (guess := _guess(ours, record, headed)) is not None}
    return Columns({**columns.theirs, **found}, tuple(found)) if found else columns


def _columns_of(record: Mapping[str, Any]) -> str:
    """The columns of a record, in words."""
    return ", ".join(map(str, record)) or "none"


def _guess(ours: str, record: Mapping[str, Any], headed: bool) -> str | None:
    if ours in record:
        return ours
    lower = {str(key).lower(): key for key in reversed(record)}
    candidates = [lower[word] for word in _GUESSES[ours].split() if word in lower]
    fitting = [key for key in candidates if _may_be(ours, record[key]) or (headed and record[key] is None)]
    filled = [key for key in fitting if record[key] not in (None, "")]
    return next(iter(fitting if headed else [*filled, *fitting]), None)


def _may_be(ours: str, value: Any) -> bool:
    """Whether a value can be what the name of its column suggests; a missing one can, but for a text."""
    if ours == "text":
        return isinstance(value, str)
    if value is None or (isinstance(value, str) and (ours != "date" or not value.strip())):
        return True
    if ours == "date":
        return _is_date(value)
    return ours == "id" and isinstance(value, int) and not isinstance(value, bool)


def _is_date(value: Any) -> bool:
    if not isinstance(value, (str, date)):
        return False
    try:
        return publication_date(value) is not None
    except DateError:
        return False


def _doubt(record: Mapping[str, Any]) -> str:
    """Which column looks like a date by its name and is none."""
    for key, value in record.items():
        if str(key).lower() in _GUESSES["date"].split():
            return f"no date, because {key!r} holds {value!r:.40}"
    return ""
