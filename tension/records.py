"""The values that travel the road, and the contracts of the frames at its ends."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

import numpy as np
import pandas as pd

from tension.errors import InputError, MissingColumnError
from tension.ontology import QUADS, ROOTS, STATUSES

Span = tuple[int, int]
Cause = Literal[
    "no text", "other language", "no date", "no record", "too large", "damaged", "unknown format", "outside"
]

# From the surest way of knowing a state to the least sure; an event carries the weaker of its two sides.
RESOLUTIONS: tuple[str, ...] = ("named", "organ", "leader", "metonym", "organisation", "locality", "place", "context")
_RANKS = {way: rank for rank, way in enumerate(RESOLUTIONS)}


@dataclass(frozen=True, slots=True)
class Article:
    """A text to score. `date` is the publication time in UTC without a time zone."""

    id: str
    text: str
    date: datetime | None = None
    title: str = ""
    publisher: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A record that was not scored: its row or line, its id where it has one, why in words, the kind of cause, and the file it is from.

    A file inside an archive is `archive.zip!member`.
    """

    row: int
    id: str
    reason: str
    cause: Cause = "no record"
    source: str = ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence and where it stands in its article: `article.text[start:end] == text`."""

    index: int
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Mention:
    """A state named in a sentence at the characters `start:end`, by an alias of some kind."""

    state: str
    start: int
    end: int
    resolved: str
    kind: str = "name"

    def moved(self, by: int) -> "Mention":
        """The mention in a text in which its sentence stands `by` characters further on."""
        return replace(self, start=self.start + by, end=self.end + by)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An ordered pair of states that a sentence may relate, and the spans that name each side (none where only the article tells)."""

    source: str
    target: str
    source_spans: tuple[Span, ...]
    target_spans: tuple[Span, ...]
    resolved: str


@dataclass(frozen=True, slots=True)
class Before:
    """Words of an article, and the states named in them."""

    text: str = ""
    mentions: tuple[Mention, ...] = ()


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a sentence, `start:end` in it, with the states it names and the pairs it may relate, counted from its start."""

    start: int
    end: int
    mentions: tuple[Mention, ...]
    pairs: tuple[Candidate, ...]

    @property
    def needs_article(self) -> bool:
        """Whether only the article tells its pairs."""
        return any(pair.resolved == "context" for pair in self.pairs)


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence of an article, the states it names, the clauses of it that may relate pairs, and what was said last before it."""

    sentence: Sentence
    mentions: tuple[Mention, ...] = ()
    clauses: tuple[Clause, ...] = ()
    before: tuple[Before, ...] = ()

    @property
    def text(self) -> str:
        return self.sentence.text


EVENT_DTYPES: dict[str, str] = {
    "article_id": "str",
    "sentence": "int32",
    "date": "datetime64[us]",
    "event_start": "datetime64[us]",
    "event_end": "datetime64[us]",
    "status": "str",
    "source": "str",
    "target": "str",
    "root": "str",
    "quad": "str",
    "p_cooperation": "float32",
    "p_conflict": "float32",
    "intensity": "float32",
    "joint": "bool",
    "resolved": "str",
    "text": "str",
    "start": "int32",
    "end": "int32",
    "story": "str",
    "model": "str",
}
SERIES_DTYPES: dict[str, str] = {
    "n_articles": "int32",
    "n_stories": "int32",
    "n_events": "int32",
    "cooperation": "float64",
    "conflict": "float64",
    "intensity": "float64",
    "tension": "float64",
    "lower": "float64",
    "upper": "float64",
}
_TRUTHS = {"true": True, "false": False, "1": True, "0": False, "1.0": True, "0.0": False}
_VOCABULARIES = {"status": STATUSES, "root": ROOTS, "quad": QUADS, "resolved": RESOLUTIONS}


def weaker(*ways: str) -> str:
    """The least sure of several ways of knowing a state."""
    return max(ways, key=_RANKS.__getitem__)


def surest(*ways: str) -> str:
    """The surest of several ways of knowing a state."""
    return min(ways, key=_RANKS.__getitem__)


def events_frame(columns: dict[str, list]) -> pd.DataFrame:
    """An events frame from lists, one per column of `EVENT_DTYPES`."""
    return pd.DataFrame({name: pd.Series(columns.get(name, []), dtype=dtype) for name, dtype in EVENT_DTYPES.items()})


def require_columns(frame: pd.DataFrame, names: tuple[str, ...], what: str) -> None:
    """Raise `MissingColumnError` naming the columns that `frame` lacks and those it has; an `InputError` where it is no frame."""
    if not isinstance(frame, pd.DataFrame):
        raise InputError(f"{what} must be a DataFrame with {', '.join(names)}, not a {type(frame).__name__}")
    missing = [name for name in names if name not in frame.columns]
    if missing:
        raise MissingColumnError(
            f"{what} needs the column{'s' * (len(missing) > 1)} {', '.join(missing)}; this frame has "
            f"{', '.join(map(str, frame.columns)) or 'none'}"
        )


def as_events(frame: pd.DataFrame) -> pd.DataFrame:
    """An events frame from one that lost its dtypes, as CSV and JSON do; checked by `validate_events`.

    Raises
    ------
    MissingColumnError
        If a column is missing.
    InputError
        If a value cannot be read as its column's dtype.
    """
    require_columns(frame, tuple(EVENT_DTYPES), "an events frame")
    if all(frame[name].dtype == dtype for name, dtype in EVENT_DTYPES.items()):
        return validate_events(frame[list(EVENT_DTYPES)].reset_index(drop=True))
    columns = {}
    for name, dtype in EVENT_DTYPES.items():
        try:
            columns[name] = _as_dtype(frame[name], dtype)
        except (ValueError, TypeError) as error:
            raise InputError(f"the column {name} of the events frame cannot be read as {dtype}: {error}") from error
    return validate_events(pd.DataFrame(columns).reset_index(drop=True))


def _as_dtype(column: pd.Series, dtype: str) -> pd.Series:
    if column.dtype == dtype:
        return column
    if dtype.startswith("datetime"):
        return pd.to_datetime(column.replace("", None), utc=True, format="ISO8601").dt.tz_localize(None).astype(dtype)
    if dtype == "bool":
        return column.map({value: _truth(value) for value in column.unique()}).astype(dtype)
    return column.astype(dtype)


def _truth(value: object) -> bool:
    """True or false, as CSV, R and spreadsheets write it."""
    word = str(value).strip().lower()
    if word not in _TRUTHS:
        raise ValueError(f"{value!r} is neither true nor false")
    return _TRUTHS[word]


def validate_events(frame: pd.DataFrame) -> pd.DataFrame:
    """Check an events frame against its contract and return it unchanged.

    Raises
    ------
    MissingColumnError
        If a column is missing.
    InputError
        If an article, side or story is missing, a value is outside its vocabulary, a probability outside 0..1, an intensity outside
        -10..10, or a state faces itself.
    """
    require_columns(frame, tuple(EVENT_DTYPES), "an events frame")
    for name in ("article_id", "source", "target", "story"):
        if frame[name].isna().any():
            row = int(frame[name].isna().to_numpy().argmax())
            raise InputError(f"{name} is missing in row {row} of the events frame; every event needs one")
    for name, allowed in _VOCABULARIES.items():
        strange = sorted(set(frame[name].dropna().unique()) - set(allowed))
        if strange or frame[name].isna().any():
            raise InputError(f"{name} holds {strange[0] if strange else None!r}; known are {', '.join(allowed)}")
    for name, low, high in (("p_cooperation", 0, 1), ("p_conflict", 0, 1), ("intensity", -10, 10)):
        inside = frame[name].between(low, high).to_numpy(bool)
        if not inside.all():
            raise InputError(f"{name} must lie between {low} and {high}; in row {int(np.argmin(inside))} it does not")
    if (frame["source"] == frame["target"]).any():
        raise InputError("source and target must be two different states")
    return frame
