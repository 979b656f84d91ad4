"""When a sentence says something happened: expressions of time -> intervals, anchored at the publication date.

An expression gives the whole interval it names ("last October" is a month, "since 2012" runs to the day of publication), never a false
point. A month or day without a year lies in the past unless the words before it look forward.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

_MONTHS = {name: i for i, names in enumerate(
    ("jan january", "feb february", "mar march", "apr april", "may", "jun june", "jul july", "aug august", "sep sept september",
     "oct october", "nov november", "dec december"), start=1) for name in names.split()}
_DAYS = {name: i for i, name in enumerate(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"))}
_NUMBERS = {name: i for i, name in enumerate(
    "a one two three four five six seven eight nine ten eleven twelve".split())} | {"a": 1, "an": 1}
_MONTH = r"(?P<month>Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May|June?\.?|July?\.?|Aug(?:ust|\.)?|Sept?(?:ember|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)"
_YEAR = r"(?P<year>1[89]\d\d|20\d\d)"
_DAY = r"(?P<day>[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?"
_COUNT = r"(?P<count>\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_FUTURE = re.compile(r"\b(?:will|would|shall|set to|slated|scheduled|plan(?:s|ned|ning)?|due|expected|is to|are to|to be held|upcoming|ahead of|next)\b", re.I)
_FORWARD = re.compile(r"\b(?:until|till|by|to|starting|beginning|effective|extended)(?: \w+)?\s*$", re.I)
_REPORTED = re.compile(r"\b(?:said|says|told|reported|announced)(?: on)?\s*$", re.I)
_COMPARED = re.compile(r"\b(?:first|only|worst|biggest|largest|highest|lowest|deadliest|most|longest|unprecedented|closest)\b[^.;]{0,60}$", re.I)


@dataclass(frozen=True, slots=True)
class TimeExpression:
    """An expression of time at the characters `start:end`, and the interval of days it names, both ends included."""

    start: int
    end: int
    first: datetime
    last: datetime


_Rule = tuple[re.Pattern[str], Callable[[re.Match[str], datetime, bool], tuple[datetime, datetime] | None]]


def _day(year: int, month: int, day: int) -> tuple[datetime, datetime] | None:
    try:
        date = datetime(year, month, day)
    except ValueError:
        return None
    return date, date


def _month(year: int, month: int) -> tuple[datetime, datetime]:
    return datetime(year, month, 1), datetime(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def _year(year: int) -> tuple[datetime, datetime]:
    return datetime(year, 1, 1), datetime(year, 12, 31)


def _month_number(match: re.Match[str]) -> int:
    return _MONTHS[match["month"].rstrip(".").lower()]


def _full_day(match: re.Match[str], anchor: datetime, future: bool) -> tuple[datetime, datetime] | None:
    month, day = _month_number(match), int(match["day"])
    if match["year"]:
        return _day(int(match["year"]), month, day)
    year = anchor.year
    if future and (month, day) < (anchor.month, anchor.day):
        year += 1
    elif not future and (month, day) > (anchor.month, anchor.day):
        year -= 1
    return _day(year, month, day)


def _month_of_year(match: re.Match[str], anchor: datetime, future: bool) -> tuple[datetime, datetime]:
    return _month(int(match["year"]), _month_number(match))


def _bare_month(match: re.Match[str], anchor: datetime, future: bool) -> tuple[datetime, datetime]:
    month, word = _month_number(match), match["which"].lower()
    forward = word == "next" or (future and word != "last")
    year = anchor.year
    if forward and (month < anchor.month or (word == "next" and month == anchor.month)):
        year += 1
    elif not forward and (month > anchor.month or (word == "last" and month == anchor.month)):
        year -= 1
    return _month(year, month)


def _weekday(match: re.Match[str], anchor: datetime, future: bool) -> tuple[datetime, datetime]:
    wanted, word = _DAYS[match["weekday"].lower()], (match["which"] or "").lower()
    today = datetime(anchor.year, anchor.month, anchor.day)
    if word == "next" or (future and word != "last"):
        ahead = (wanted - today.weekday()) % 7
        date = today + timedelta(days=ahead or (7 if word == "next" else 0))
    else:
        behind = (today.weekday() - wanted) % 7
        date = today - timedelta(days=behind or (7 if word == "last" else 0))
    return date, date


def _near_day(match: re.Match[str], anchor: datetime, future: bool) -> tuple[datetime, datetime]:
    step = {"yesterday": -1, "tomorrow": 1}.get(match["word"].lower(), 0)
    date = datetime(anchor.year, anchor.month, anchor.day) + timedelta(days=step)
    return date, date


def _unit(match: re.Match[str], anchor: datetime, future: bool) -> tuple[datetime, datetime]:
    step = {"last": -1, "past": -1, "previous": -1, "this": 0, "next": 1, "coming": 1}[match["which"].lower()]
    return _shifted(match["unit"].lower(), step, anchor)


def _shifted(unit: str, step: int, anchor: datetime) -> tuple[datetime, datetime]:
    """The week, month, year or decade `step` units away from the anchor's own."""
    today = datetime(anchor.year, anchor.month, anchor.day)
    if unit == "week":
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=step)
        return monday, monday + timedelta(days=6)
    if unit == "month":
        months = anchor.year * 12 + anchor.month - 1 + step
        return _month(months // 12, months % 12 + 1)
    if unit == "decade":
        first = anchor.year // 10 * 10 + 10 * step
        return datetime(first, 1, 1), datetime(first + 9, 12, 31)
    return _year(anchor.year + step)


def _ago(match: re.Match[str], anchor: datetime, future: bool) -> tuple[datetime, datetime] | None:
    count = match["count"].lower()
    number = int(count) if count.isdigit() else _NUMBERS[count]
    step = number if match["way"].lower() in ("later", "from now", "time") else -number
    unit = match["unit"].lower()
    if unit == "day":
        date = datetime(anchor.year, anchor.month, anchor.day) + timedelta(days=step)
        return date, date
    return _shifted(unit, step, anchor) if anchor.year + step > 1 else None


def _decade(match: re.Match[str], anchor: datetime, future: bool) -> tuple[datetime, datetime]:
    first = int(match["decade"])
    return datetime(first, 1, 1), datetime(first + 9, 12, 31)


def _iso(match: re.Match[str], anchor: datetime, future: bool) -> tuple[datetime, datetime] | None:
    return _day(int(match[1]), int(match[2]), int(match[3]))


_RULES: tuple[_Rule, ...] = (
    (re.compile(r"\b(\d{4})-(\d\d)-(\d\d)\b"), _iso),
    (re.compile(rf"\b{_MONTH} {_DAY}\b(?:,? {_YEAR}\b)?(?!,?\d|:)"), _full_day),
    (re.compile(rf"\b{_DAY} (?:of )?{_MONTH}(?!\w)(?:,? {_YEAR}\b)?"), _full_day),
    (re.compile(rf"\b{_MONTH},? (?:of )?{_YEAR}\b"), _month_of_year),
    (re.compile(rf"\b(?P<which>in|last|next|this|since|until|by|of|from|during|early|late|mid-?|between) {_MONTH}(?![\w ]?\d|\w)", re.I), _bare_month),
    (re.compile(r"\b(?:(?P<which>last|next|this|on|by|since) )?(?P<weekday>Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)\b"), _weekday),
    (re.compile(r"\b(?P<word>yesterday|today|tomorrow|tonight)\b", re.I), _near_day),
    (re.compile(r"\b(?P<which>last|past|previous|this|next|coming) (?P<unit>week|month|year|decade)\b", re.I), _unit),
    (re.compile(rf"\b{_COUNT} (?P<unit>day|week|month|year|decade)s? (?P<way>ago|earlier|before|later|from now)\b", re.I), _ago),
    (re.compile(r"\bthe (?:early |mid-|late )?(?P<decade>1[89]\d0|20\d0)s\b"), _decade),
    (re.compile(rf"\b(?:in|since|by|from|during|until|after|before|of|early|late|mid|spring|summer|autumn|winter|with)[ -]{_YEAR}\b(?![-–/]\d)", re.I),
     lambda match, anchor, future: _year(int(match["year"]))),
)
_SINCE = re.compile(r"\bsince(?: (?:early|late|mid-?|the|at least))*\s*$", re.I)
_CLUE = re.compile(r"\d|day\b|week|month|year|decade|tonight|yesterday|tomorrow|January|February|March|April|May|June|July|August|September|October|November|December", re.I)


def time_expressions(text: str, published: datetime) -> list[TimeExpression]:
    """Expressions of time in a text, in order, none overlapping.

    "since X" runs from the start of X to the day of publication. A comparison ("the first since 2017") dates no event and is left out.

    Examples
    --------
    >>> [str(e.first.date()) for e in time_expressions("They met last October.", datetime(2019, 1, 24))]
    ['2018-10-01']
    """
    if not _CLUE.search(text):
        return []
    taken: list[TimeExpression] = []
    for pattern, read in _RULES:
        for match in pattern.finditer(text):
            if all(match.end() <= other.start or match.start() >= other.end for other in taken):
                taken += _expression(text, match, read, published)
    return sorted((e for e in taken if e.first <= e.last), key=lambda e: e.start)


def _looks_forward(before: str) -> bool:
    """Whether the words before an expression turn it to the future; "the sources said Wednesday" dates the report, not the plan."""
    return bool(_FORWARD.search(before) or _FUTURE.search(before[-80:])) and not _REPORTED.search(before)


def _expression(text: str, match: re.Match[str], read: Callable, published: datetime) -> Iterator[TimeExpression]:
    before = text[:match.start()]
    interval = read(match, published, _looks_forward(before))
    if interval is None:
        return
    first, last = interval
    if _SINCE.search(before) or match.group().lower().startswith("since"):
        if _COMPARED.search(before):
            first, last = last + timedelta(days=1), last  # dates no event: kept off the list, but its characters stay taken
        else:
            last = max(first, datetime(published.year, published.month, published.day))
    yield TimeExpression(match.start(), match.end(), first, last)


def event_time(expressions: list[TimeExpression], spans: list[tuple[int, int]]) -> TimeExpression | None:
    """The expression that dates an event whose actors stand at `spans`: the one nearest to them."""
    if not expressions:
        return None
    if not spans:
        return expressions[0]
    first, last = min(a for a, _ in spans), max(b for _, b in spans)
    return min(expressions, key=lambda e: max(0, first - e.end, e.start - last))
