"""When a sentence says something happened: expressions of time -> intervals, anchored at the publication date.

An expression gives the whole interval it names ("last October" is a month, "since 2012" runs to the day of publication), never a false
point. What names no year lies in the past unless the words before it look forward.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from tension.text.articles import clean
from tension.text.calendar import midnight
from tension.text.tense import looks_forward
from tension.text.timewords import CLUE, RULES, Reader


@dataclass(frozen=True, slots=True)
class TimeExpression:
    """An expression of time at the characters `start:end`, and the interval of days it names, both ends included.

    `definite` tells whether the text itself gives the year ("in March 2018", "last March", "two years ago") and not only our reading.
    """

    start: int
    end: int
    first: datetime
    last: datetime
    definite: bool = True


_NEVER = (datetime.max, datetime.min)  # an interval that ends before it starts
_FAR_APART = (datetime(1901, 6, 15), datetime(2098, 3, 4))
_COMPARED = re.compile(
    r"\b(?:first|only|worst|biggest|largest|highest|lowest|deadliest|most|longest|unprecedented|closest)\b"
    r"(?:(?! ha(?:ve|s|d) )[^.;]){0,60}$",
    re.I,
)
_COMPARISON = re.compile(r"\b(?:than|as|maturing)(?: in)?\s*$", re.I)
_SINCE = re.compile(r"\bsince(?: (?:early|late|mid-?|the|at least))*\s*$", re.I)
_UNTIL = re.compile(r"\b(?:until|till)\s*$", re.I)
_DEFINITE = re.compile(r"\d{4}|ago|earlier|last|previous|past|yesterday|today|week|month|year|day\b", re.I)


def time_expressions(text: str, published: datetime | None) -> list[TimeExpression]:
    """Expressions of time in a text, in order, none overlapping.

    "since X" runs from the start of X to the day of publication, "until X" from there to the end of X. A comparison ("the first since
    2017") dates no event and is left out. Where the day of publication is unknown, only what does not hang on it is read ("in 2012").

    Examples
    --------
    >>> [str(e.first.date()) for e in time_expressions("They met last October.", datetime(2019, 1, 24))]
    ['2018-10-01']
    """
    if not CLUE.search(text):
        return []
    text = clean(text)
    if published is None:
        early, late = (time_expressions(text, day) for day in _FAR_APART)
        return [expression for expression in early if expression in late]
    taken: list[TimeExpression] = []
    for pattern, read in RULES:
        for match in pattern.finditer(text):
            if all(match.end() <= other.start or match.start() >= other.end for other in taken):
                taken += _expression(text, match, read, published)
    return sorted((e for e in taken if e.first <= e.last), key=lambda e: e.start)


def _expression(text: str, match: re.Match[str], read: Reader, published: datetime) -> Iterator[TimeExpression]:
    before, word = text[: match.start()], match.group().split(" ", 1)[0].lower()
    try:
        interval = read(match, published, looks_forward(before, text[match.end() :]) or word in ("until", "by"))
    except (ValueError, OverflowError):  # a year the calendar does not have: "300 decades ago"
        return
    if interval is None:
        return
    first, last = interval
    if word == "since" or _SINCE.search(before):
        first, last = _NEVER if _COMPARED.search(before) else (first, max(first, midnight(published)))
    elif word == "until" or _UNTIL.search(before):
        first = min(midnight(published), last)
    elif _COMPARISON.search(before):
        first, last = _NEVER
    # an interval that ends before it starts dates no event: it is left off the list, but its characters stay taken
    yield TimeExpression(match.start(), match.end(), first, last, bool(_DEFINITE.search(match.group())))


def event_time(expressions: list[TimeExpression], spans: list[tuple[int, int]]) -> TimeExpression | None:
    """The expression that dates an event whose actors stand at `spans`: the one nearest to them."""
    if not expressions:
        return None
    if not spans:
        return expressions[0]
    first, last = min(a for a, _ in spans), max(b for _, b in spans)
    return min(expressions, key=lambda e: max(0, first - e.end, e.start - last))
