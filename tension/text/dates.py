"""When a sentence says something happened: expressions of time -> intervals, anchored at the publication date.

An expression gives the whole interval it names ("last October" is a month, "since 2012" runs to the day of publication), never a false
point. What names no year lies in the past unless the words before it look forward.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from tension.text.calendar import DAY, Interval, day, midnight, months, part, season, span_until, unit_around, years


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
_MONTHS = {name: i for i, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), start=1)}
_DAYS = {name: i for i, name in enumerate("monday tuesday wednesday thursday friday saturday sunday".split())}
_NUMBERS = {
    name: i for i, name in enumerate("one two three four five six seven eight nine ten eleven twelve".split(), start=1)
}
_ORDINALS = {"first": 0, "second": 1, "third": 2, "fourth": 3}

_MONTH_NAME = (
    r"Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May|June?\.?|July?\.?|Aug(?:ust|\.)?|"
    r"Sept?(?:ember|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?"
)
_MONTH = rf"(?P<month>{_MONTH_NAME})"
_YEAR = r"(?P<year>1[89]\d\d|20\d\d)"
_NUMBER = r"[12]\d|3[01]|0?[1-9]"
_DAY = rf"(?P<day>{_NUMBER})(?:st|nd|rd|th)?"
_PART = r"(?:(?P<part>early|mid|late)[ -])?(?:in )?"
_COUNT = rf"(?<![\d,.])(?P<count>\d{{1,3}}|an?|{'|'.join(_NUMBERS)})"
_TO = r" ?(?:-|–|to|and|until|through) ?"
_SEASON = r"(?P<season>spring|summer|autumn|fall|winter)"

_FUTURE = re.compile(
    r"\b(?:will|would|shall|set to|slated|scheduled|plan(?:s|ned|ning)?|due|expected|is to|are to|to be held|upcoming|ahead of|may|next)\b"
)
_INTENDED = re.compile(
    r"\b(?:agree[sd]?|invite[sd]?|urge[sd]?|ask(?:s|ed)?|propose[sd]?|vow(?:s|ed)?|pledge[sd]?|promise[sd]?|offer(?:s|ed)?|call(?:s|ed)?|"
    r"want(?:s|ed)?|hope[sd]?|intend(?:s|ed)?|prepare[sd]?|demand(?:s|ed)?)\b[^.;]{0,60}\b(?:to(?! (?:an?|the)\b)|for)\b[^.;]{0,60}$"
)
_FORWARD = re.compile(r"\b(?:until|till|by|starting|beginning|effective|extended)(?: \w+)?\s*$|\bto $", re.I)
_AHEAD = re.compile(
    r"(?:(?!\b(?:said|says|told|announced|reported|that)\b)[^.;:,]){0,50}\b(?:will|(?:is|are) (?:set |due )?to)\b"
)
_REPORTED = re.compile(r"\b(?:said|says|told|reported|announced)(?: on)?\s*$", re.I)
_COMPARED = re.compile(
    r"\b(?:first|only|worst|biggest|largest|highest|lowest|deadliest|most|longest|unprecedented|closest)\b"
    r"(?:(?! ha(?:ve|s|d) )[^.;]){0,60}$",
    re.I,
)
_COMPARISON = re.compile(r"\b(?:than|as|maturing)(?: in)?\s*$", re.I)
_SINCE = re.compile(r"\bsince(?: (?:early|late|mid-?|the|at least))*\s*$", re.I)
_UNTIL = re.compile(r"\b(?:until|till)\s*$", re.I)
_DEFINITE = re.compile(r"\d{4}|ago|earlier|last|previous|past|yesterday|today|week|month|year|day\b", re.I)
_CLUE = re.compile(
    rf"\d|days?\b|week|month|year|decade|tonight|overnight|morning|afternoon|evening|quarter|yesterday|tomorrow|"
    rf"spring|summer|autumn|winter|{_MONTH_NAME}",
    re.I,
)


def _month(text: str) -> int:
    return _MONTHS[text[:3].lower()]


def _count(text: str) -> int:
    return int(text) if text.isdigit() else _NUMBERS.get(text.lower(), 1)


def _nearest_year(month: int, number: int, anchor: datetime, future: bool) -> int:
    """The year that puts a month and day before the anchor, or after it where the sentence looks forward."""
    if future:
        return anchor.year + ((month, number) < (anchor.month, anchor.day))
    return anchor.year - ((month, number) > (anchor.month, anchor.day))


def _iso(match: re.Match[str], anchor: datetime, future: bool) -> Interval | None:
    return day(*map(int, match.groups()))


def _days(match: re.Match[str], anchor: datetime, future: bool) -> Interval | None:
    """A day or a run of days, with or without its year."""
    found = match.groupdict()
    month, number = _month(found["month"]), int(found["day"])
    year = int(found["year"]) if found["year"] else _nearest_year(month, number, anchor, future)
    last_month = _month(found["month2"]) if found.get("month2") else month
    across = last_month < month
    first = day(year - (across and bool(found["year"])), month, number)
    last = day(year + (across and not found["year"]), last_month, int(found.get("day2") or number))
    return (first[0], last[1]) if first and last else None


def _month_of_year(match: re.Match[str], anchor: datetime, future: bool) -> Interval:
    interval = months(int(match["year"]), _month(match["month"]))
    return part(interval, match["part"].lower()) if match["part"] else interval


def _month_to_month(match: re.Match[str], anchor: datetime, future: bool) -> Interval:
    """From a month to a month; the second one's year, or the nearest, is the first one's too unless it has its own."""
    first, last = _month(match["month"]), _month(match["month2"])
    year = int(match["year2"]) if match["year2"] else _nearest_year(last, 1, anchor, future)
    start = int(match["year"]) if match["year"] else year - (first > last)
    return months(start, first)[0], months(year, last)[1]


def _bare_month(match: re.Match[str], anchor: datetime, future: bool) -> Interval:
    month, word = _month(match["month"]), (match["which"] or "").lower()
    forward = word in ("next", "until") or (future and word != "last")
    year = anchor.year
    if forward and (month < anchor.month or (word == "next" and month == anchor.month)):
        year += 1
    elif not forward and (month > anchor.month or (word == "last" and month == anchor.month)):
        year -= 1
    interval = months(year, month)
    return part(interval, match["part"].lower()) if match["part"] else interval


def _weekday(match: re.Match[str], anchor: datetime, future: bool) -> Interval:
    wanted, word, today = _DAYS[match["weekday"].lower()], (match["which"] or "").lower(), midnight(anchor)
    if word == "next" or (future and word != "last"):
        ahead = (wanted - today.weekday()) % 7
        date = today + (ahead or (7 if word == "next" else 0)) * DAY
    else:
        behind = (today.weekday() - wanted) % 7
        date = today - (behind or (7 if word == "last" else 0)) * DAY
    return date, date


def _near_day(match: re.Match[str], anchor: datetime, future: bool) -> Interval:
    word, today = match["word"].lower(), midnight(anchor)
    if word == "overnight":
        return today - DAY, today
    if word.endswith("weekend"):
        saturday = today - ((today.weekday() - 5) % 7) * DAY
        return saturday, saturday + DAY
    return unit_around("day", {"yesterday": -1, "tomorrow": 1}.get(word, 0), anchor)


def _unit(match: re.Match[str], anchor: datetime, future: bool) -> Interval:
    step = {"last": -1, "previous": -1, "this": 0, "end of the": 0, "next": 1, "coming": 1}[match["which"].lower()]
    interval = unit_around(match["unit"].lower(), step, anchor)
    return (
        part(interval, match["part"].lower())
        if match["part"] and match["unit"].lower() in ("month", "year")
        else interval
    )


def _past_units(match: re.Match[str], anchor: datetime, future: bool) -> Interval:
    return span_until(match["unit"].lower(), _count(match["count"] or "one"), anchor)


def _ago(match: re.Match[str], anchor: datetime, future: bool) -> Interval | None:
    step = _count(match["count"]) * (1 if match["way"].lower() == "from now" else -1)
    return unit_around(match["unit"].lower(), step, anchor) if anchor.year + step > 1 else None


def _quarter(match: re.Match[str], anchor: datetime, future: bool) -> Interval:
    length = 3 if match["piece"].lower() == "quarter" else 6
    first = 1 + length * _ORDINALS[match["ordinal"].lower()]
    year = int(match["year"]) if match["year"] else anchor.year - (first + length - 1 > anchor.month and not future)
    return months(year, first, length)


def _season(match: re.Match[str], anchor: datetime, future: bool) -> Interval:
    name, word = match["season"].lower(), (match["which"] or "").lower()
    if match["year"]:
        return season(name, int(match["year"]))
    year = anchor.year - (season(name, anchor.year - 1)[1] >= anchor)  # a winter that began last year
    if word == "last" and season(name, year)[1] >= anchor:
        year -= 1
    elif word == "next" and season(name, year)[0] <= anchor:
        year += 1
    return season(name, year)


def _year_to_month(match: re.Match[str], anchor: datetime, future: bool) -> Interval:
    month = _month(match["month"])
    year = int(match["year"]) if match["year"] else _nearest_year(month, 28, anchor, False)
    return months(year - 1, month + 1, 12)


def _year_to_year(match: re.Match[str], anchor: datetime, future: bool) -> Interval | None:
    first, last = int(match["year"]), match["last"]
    return years(first, int(str(first)[: 4 - len(last)] + last) - first + 1)


def _one_year(match: re.Match[str], anchor: datetime, future: bool) -> Interval:
    interval = years(int(match["year"]))
    word = match["which"].lower().rstrip("-")
    return part(interval, word) if word in ("early", "mid", "late") else interval


def _decade(match: re.Match[str], anchor: datetime, future: bool) -> Interval:
    return years(int(match["decade"]), 10)


_Reader = Callable[[re.Match[str], datetime, bool], Interval | None]
_UNITS = r"(?P<unit>day|week|month|year|decade)"
_RULES: tuple[tuple[re.Pattern[str], _Reader], ...] = (
    (re.compile(r"\b(\d{4})-(\d\d)-(\d\d)\b"), _iso),
    (
        re.compile(
            rf"\b{_MONTH} {_DAY}(?:{_TO}(?:(?P<month2>{_MONTH_NAME}) )?(?P<day2>{_NUMBER}))?\b(?:,? {_YEAR}\b)?(?!,?\d|:)"
        ),
        _days,
    ),
    (re.compile(rf"\b{_DAY}(?:{_TO}(?P<day2>{_NUMBER}))? (?:of )?{_MONTH}(?!\w)(?:,? {_YEAR}\b)?"), _days),
    (
        re.compile(
            rf"\b(?:from|between) {_MONTH}(?: {_YEAR})?{_TO}(?P<month2>{_MONTH_NAME})(?:,? (?P<year2>1[89]\d\d|20\d\d))?\b"
        ),
        _month_to_month,
    ),
    (re.compile(rf"\bin the year to {_MONTH}(?: {_YEAR})?\b"), _year_to_month),
    (re.compile(rf"\b{_PART}{_MONTH},? (?:of )?{_YEAR}\b"), _month_of_year),
    (re.compile(rf"\b(?:from|between|in) {_YEAR}{_TO}(?P<last>\d{{4}}|\d\d)\b", re.I), _year_to_year),
    (
        re.compile(
            rf"\b(?:(?P<which>in|last|next|this|since|until|by|of|from|during|before|after) |(?=early|mid|late))"
            rf"{_PART}{_MONTH}(?![\w ]?\d|\w| [A-Z])"
        ),
        _bare_month,
    ),
    (
        re.compile(
            r"\b(?:(?P<which>last|next|this|[Oo]n|by|since|until|late|early) )?"
            r"(?P<weekday>Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)\b(?(which)|(?! [A-Z]))"
        ),
        _weekday,
    ),
    (
        re.compile(
            r"\b(?P<word>yesterday|today|tomorrow|tonight|overnight|this morning|this afternoon|this evening|(?:at|over) the weekend)\b",
            re.I,
        ),
        _near_day,
    ),
    (re.compile(rf"\b(?:over|for|in|during|within) the (?:past|last) (?:{_COUNT} )?{_UNITS}s?\b", re.I), _past_units),
    (re.compile(rf"\b{_PART}(?P<which>last|previous|this|next|coming|end of the) {_UNITS}\b", re.I), _unit),
    (re.compile(rf"\b{_COUNT} {_UNITS}s? (?P<way>ago|earlier|from now)\b", re.I), _ago),
    (
        re.compile(
            rf"\bthe (?P<ordinal>first|second|third|fourth) (?P<piece>quarter|half)(?: of)?(?: {_YEAR}\b)?", re.I
        ),
        _quarter,
    ),
    (re.compile(rf"\b(?:(?P<which>in|last|next|this) )?(?:the )?{_SEASON}(?: of)? {_YEAR}\b", re.I), _season),
    (re.compile(rf"\b(?P<which>last|next|this) {_SEASON}\b(?P<year>)", re.I), _season),
    (re.compile(r"\bthe (?:early |mid-|late )?(?P<decade>1[89]\d0|20\d0)s\b"), _decade),
    (
        re.compile(
            rf"\b(?P<which>in|since|by|from|during|until|after|before|early|late|mid)[ -]{_YEAR}\b"
            r"(?![-–/]\d| (?:hours|dollars|prices|terms|votes))",
            re.I,
        ),
        _one_year,
    ),
)


def time_expressions(text: str, published: datetime | None) -> list[TimeExpression]:
    """Expressions of time in a text, in order, none overlapping.

    "since X" runs from the start of X to the day of publication, "until X" from there to the end of X. A comparison ("the first since
    2017") dates no event and is left out. Where the day of publication is unknown, only what does not hang on it is read ("in 2012").

    Examples
    --------
    >>> [str(e.first.date()) for e in time_expressions("They met last October.", datetime(2019, 1, 24))]
    ['2018-10-01']
    """
    if not _CLUE.search(text):
        return []
    if published is None:
        early, late = (time_expressions(text, day) for day in _FAR_APART)
        return [expression for expression in early if expression in late]
    taken: list[TimeExpression] = []
    for pattern, read in _RULES:
        for match in pattern.finditer(text):
            if all(match.end() <= other.start or match.start() >= other.end for other in taken):
                taken += _expression(text, match, read, published)
    return sorted((e for e in taken if e.first <= e.last), key=lambda e: e.start)


def _looks_forward(before: str, after: str) -> bool:
    """Whether the words around an expression turn it to the future; "the sources said Wednesday" dates the report, not the plan."""
    forward = _FORWARD.search(before) or _FUTURE.search(before[-80:]) or _INTENDED.search(before) or _AHEAD.match(after)
    return bool(forward) and not _REPORTED.search(before)


def _expression(text: str, match: re.Match[str], read: _Reader, published: datetime) -> Iterator[TimeExpression]:
    before, word = text[: match.start()], match.group().split(" ", 1)[0].lower()
    try:
        interval = read(match, published, _looks_forward(before, text[match.end() :]) or word in ("until", "by"))
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
