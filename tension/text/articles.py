"""Anything a user may hold -> Articles, one at a time, each bad row with its reason."""

import hashlib
import numbers
import os.path
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TypeAlias

import pandas as pd

from tension.errors import DateError, InputError
from tension.records import Article, Skipped, require_columns
from tension.text.language import language_of

MODEL_LANGUAGE = "en"
_FIRST_YEAR, _LAST_YEAR = 1600, 2199
LONGEST_DATE = 100  # characters; parsers take half a minute for a million
_FIELDS = ("title", "publisher", "language")
_CONTROLS = {c: " " for c in range(32) if chr(c) not in "\n\t"} | dict.fromkeys(range(0xD800, 0xE000), " ")
_CONTROLS |= {0x7F: " ", 0x200B: " ", 0xFEFF: " ", 0x2028: "\n", 0x2029: "\n"}
_WIDE_OR_NARROW = (0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000)
_CONTROLS |= dict.fromkeys(_WIDE_OR_NARROW, " ")
_BETWEEN = r"\s{0,9}[/. -]\s{0,9}"
_YEAR_FIRST = re.compile(rf"(?<!\d)\d{{4}}{_BETWEEN}\d{{1,2}}{_BETWEEN}\d{{1,2}}(?!\d)")
_MONTH_OR_DAY_FIRST = re.compile(
    rf"(?<![\d:])\d{{1,2}}{_BETWEEN}\d{{1,2}}{_BETWEEN}\d{{1,4}}(?![\d:])|^\s*\d{{6}}(?!\d)"
)
_OFFSET = re.compile(r"\b(?:GMT|UTC)\s?([+-])(\d{1,2}?):?(\d\d)?(?!\d)(?:\s*\([^()]*\)\s*$)?")
_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_].*)?")
_LANGUAGES = {"english": MODEL_LANGUAGE}
_NO_LANGUAGE = ("und", "mul", "mis", "zxx")
_CLOCK = re.compile(r"\d+(?::\d+)+(?:\s?[+-]\d{4}\b)?")

Articles: TypeAlias = str | Mapping | pd.DataFrame | Iterable


def publication_date(value: object) -> datetime | None:
    """A publication date as UTC without a time zone; None for a missing one.

    A time with a zone is converted to UTC; one without is taken to be UTC already. Day-only strings are midnight.

    Raises
    ------
    DateError
        If the value cannot be read as a date.

    Examples
    --------
    >>> publication_date("2019-01-24T23:30:00-05:00")
    datetime.datetime(2019, 1, 25, 4, 30)
    """
    if (
        value is None
        or value is pd.NaT
        or (isinstance(value, float) and value != value)
        or (isinstance(value, str) and not value.strip())
    ):
        return None
    if isinstance(value, (bool, numbers.Number)):
        raise DateError(f"{value!r} is a number, not a date; give an ISO 8601 string such as 2019-01-24, or a datetime")
    try:
        return _moment(value)
    except DateError:
        raise
    except (ValueError, TypeError, OverflowError) as error:
        raise DateError(
            f"{value!r:.80} cannot be read as a date; give ISO 8601 such as 2019-01-24 or 2019-01-24T09:00+09:00"
        ) from error


def _moment(value: object) -> datetime | None:
    """A value as UTC; a ValueError where it is none, a string names no day ("now", "10:30") or may put the month or the day first."""
    if isinstance(value, str):
        if len(value) > LONGEST_DATE:
            raise ValueError("longer than any date")
        if _MONTH_OR_DAY_FIRST.search(_YEAR_FIRST.sub("", value)):
            raise ValueError("month and day are never guessed")
        value = plain_offset(value)
    stamp = pd.Timestamp(value)
    if stamp is pd.NaT:
        return None
    if not _FIRST_YEAR <= stamp.year <= _LAST_YEAR:
        raise DateError(f"{value!r:.80} is no publication date: its year is not from {_FIRST_YEAR} to {_LAST_YEAR}")
    if stamp.tzinfo is not None:
        stamp = stamp.tz_convert(UTC).tz_localize(None)
    if isinstance(value, str) and not re.search(r"\d", _CLOCK.sub("", value)):
        raise ValueError("it names no day, which pandas takes for today")
    return stamp.to_pydatetime(warn=False)


def plain_offset(date: str) -> str:
    """A written date with "GMT+9" or "UTC-05:00" as a bare offset; parsers drop them or, as POSIX does, take their sign for the other.

    Examples
    --------
    >>> plain_offset("Thu Jan 24 2019 10:00:00 GMT+0900 (Japan Standard Time)")
    'Thu Jan 24 2019 10:00:00 +0900'
    """
    return _OFFSET.sub(lambda match: f"{match[1]}{int(match[2]):02}{match[3] or '00'}", date)


def clean(text: str) -> str:
    """Text with control characters, halves of surrogate pairs and other spaces as spaces, of the same length; line breaks stay."""
    return text.translate(_CONTROLS)


def content_id(text: str) -> str:
    """Sixteen hexadecimal digits of a text's SHA-256."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def read_articles(source: Articles, date: object = None) -> Iterator[Article | Skipped]:
    """Read articles from a text, a list of texts, a mapping, a frame, or an iterator of these.

    Parameters
    ----------
    source
        A str; a mapping or a DataFrame with `text` and optionally `id`, `date`, `title`, `publisher`, `language`; or an
        iterable of str, mapping or `Article`, as `tension.read` gives them; what it skipped is passed on.
    date
        Publication date of the articles that carry none of their own.

    Yields
    ------
    Article or Skipped
        One for each input row, in order; a `Skipped` says why the row cannot be scored.

    Raises
    ------
    MissingColumnError
        If a frame has no column `text`.
    InputError
        If `source` is of no kind listed above.
    DateError
        If `date` cannot be read.
    """
    default = publication_date(date)
    for row, item in enumerate(_rows(source)):
        yield item if isinstance(item, Skipped) else article_of(row, item, default)


def _rows(source: Articles) -> Iterator[object]:
    if isinstance(source, str) and "." in source and not any(c in source for c in " \n") and os.path.isfile(source):
        raise InputError(f"{source!r} is a file, not a text; score(tension.read({source!r})) reads it")
    if isinstance(source, (str, Mapping, Article)):
        yield source
    elif isinstance(source, pd.DataFrame):
        require_columns(source, ("text",), "a frame of articles")
        names = [name for name in ("id", "date", "text", *_FIELDS) if name in source.columns]
        for values in zip(*(source[name] for name in names), strict=True):
            yield dict(zip(names, values, strict=True))
    elif isinstance(source, Iterable) and not isinstance(source, (bytes, bytearray)):
        yield from source
    else:
        raise InputError(
            f"cannot read articles from {type(source).__name__}: give a str, a list of str, a dict, a DataFrame with a "
            "column 'text', or an iterator of these"
        )


def article_of(row: int, item: object, default: datetime | None = None) -> Article | Skipped:
    """The article that a str, a mapping or an `Article` holds, or why it cannot be scored; `default` is the date of one without."""
    if isinstance(item, Article):
        item = {name: getattr(item, name) for name in ("id", "text", "date", *_FIELDS)}
    if isinstance(item, str) or item is None or isinstance(item, float):
        item = {"text": item}
    if not isinstance(item, Mapping):
        return Skipped(row, "", f"a {type(item).__name__} is not an article: give a str or a mapping with 'text'")
    fields = {name: "" if _missing(item.get(name)) else clean(str(item[name])).strip() for name in ("id", *_FIELDS)}
    text = item.get("text")
    if _missing(text) or not isinstance(text, str):
        reason = "no text" if _missing(text) else f"text is a {type(text).__name__}, not a string"
        return Skipped(row, fields["id"], reason, "no text")
    text = clean(text)
    if not text.strip():
        return Skipped(row, fields["id"], "empty text", "no text")
    try:
        published = publication_date(item.get("date")) or default
    except DateError as error:
        return Skipped(row, fields["id"], str(error), "no date")
    language = _tagged(fields["language"]) or language_of(text)
    if language != MODEL_LANGUAGE:
        return Skipped(row, fields["id"], f"language is {language}, the model reads {MODEL_LANGUAGE}", "other language")
    name = fields["id"] or _id_of(text, published, fields["publisher"])
    return Article(name, text, published, fields["title"], fields["publisher"], language)


def _id_of(text: str, published: datetime | None, publisher: str) -> str:
    """The id of an article that came without one: the same words of another day or publisher are another article."""
    return content_id("\n".join(filter(None, (text, published and published.isoformat(), publisher))))


def _tagged(language: str) -> str:
    """The two letters of a language tag ("en-GB", "English"); '' where it names none, as "und" and "unknown" do."""
    if language.lower() in _LANGUAGES:
        return _LANGUAGES[language.lower()]
    return language[:2].lower() if _TAG.fullmatch(language) and language.lower() not in _NO_LANGUAGE else ""


def undated(row: int, article: Article) -> Skipped:
    """An article that a series cannot place in time, with what to do."""
    return Skipped(
        row,
        article.id,
        "no publication date: give the articles a column 'date', or a date for those without",
        "no date",
    )


def _missing(value: object) -> bool:
    return value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and value != value)
