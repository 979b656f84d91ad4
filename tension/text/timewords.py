"""The forms that expressions of time take, and what interval each names, seen from the day of publication."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from tension.text.calendar import DAY, Interval, day, midnight, months, part, season, span_until, unit_around, years

_MONTHS = {name: i for i, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), start=1)}
_DAYS = {name: i for i, name in enumerate("monday tuesday wednesday thursday friday saturday sunday".split())}
_ONES = "one two three four five six seven eight nine".split()
_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_FROM_TWENTY = [tens + one for tens in _TENS for one in ("", *(f"-{name}" for name in _ONES))]
_NUMBERS = {name: i for i, name in enumerate([*_ONES, *_TEENS, *_FROM_TWENTY], start=1)}
_NUMBERS |= {"a couple of": 2, "a dozen": 12, "a hundred": 100, "one hundred": 100}
_STEPS = {"last": -1, "previous": -1, "this": 0, "end of the": 0, "next": 1, "coming": 1}
_ORDINALS = {"first": 0, "second": 1, "third": 2, "fourth": 3}

MONTH_NAME = (
    r"Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May|June?\.?|July?\.?|Aug(?:ust|\.)?|"
    r"Sept?(?:ember|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?"
)
_MONTH = rf"(?P<month>{MONTH_NAME})"
_YEAR = r"(?P<year>1[89]\d\d|20\d\d)"
_NUMBER = r"[12]\d|3[01]|0?[1-9]"
_DAY = rf"(?P<day>{_NUMBER})(?:st|nd|rd|th)?"
_PART = r"(?:(?P<part>(?i:early|mid|late))[ -])?(?i:in )?"
_COUNT = rf"(?<![\d,.])(?<![a-z]-)(?<!hundred )(?<!hundred and )(?<!half )(?P<count>\d{{1,3}}|an?|{'|'.join(_NUMBERS)})"
_TO = r" ?(?:-|–|to|and|until|through) ?"
_RELATIVE_YEAR = r"(?:of )?(?P<relative>last|this|next) year\b(?!['’])"
# the number behind "and" or "to" is a day where no noun follows: "on May 5 and 6 in Oslo", but "on May 5 and 20 soldiers died"
_NO_NOUN = (
    r"(?:[.,;:!?)\]'\"’”]|\s*$| (?:[–—-]|(?:1[89]|20)\d\d\b|(?:of )?(?:last|this|next) year\b|to(?! \d)|(?:"
    r"in|at|on|for|with|without|by|after|before|during|near|between|against|from|into|over|across|around|amid|despite|following|due|"
    r"and|but|as|when|where|while|which|who|that|because|if|since|until|then|the|an?|its?|he|she|they|his|her|their|both|all|"
    r"is|are|was|were|be|has|have|had|will|would|may|could|should|not|also|only"
    r")\b))"
)
_BEGUN = r"(?P<begun>(?<=\b[Ff]rom )|(?<=\b[Bb]etween ))?"
_TO_DAY = rf"(?(begun)|(?! (?:to|and) \d++(?!{_NO_NOUN}))){_TO}"
_SEASON = r"(?P<season>spring|summer|autumn|fall|winter)"

CLUE = re.compile(
    rf"\d|days?\b|week|month|year|decade|tonight|overnight|morning|afternoon|evening|quarter|yesterday|tomorrow|"
    rf"spring|summer|autumn|winter|{MONTH_NAME}",
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


def _told_year(found: Mapping[str, str | None], anchor: datetime) -> int | None:
    """The year that an expression gives itself: "2018", "last year"."""
    if found.get("relative"):
        return anchor.year + _STEPS[found["relative"].lower()]
    return int(found["year"]) if found.get("year") else None


def _iso(match: re.Match[str], anchor: datetime, future: bool) -> Interval | None:
    return day(*map(int, match.groups()))


def _days(match: re.Match[str], anchor: datetime, future: bool) -> Interval | None:
    """A day or a run of days, with or without its year."""
    found = match.groupdict()
    month, number, told = _month(found["month"]), int(found["day"]), _told_year(found, anchor)
    year = told or _nearest_year(month, number, anchor, future)
    last_month = _month(found["month2"]) if found.get("month2") else month
    across = last_month < month
    first = day(year - (across and told is not None), month, number)
    last = day(year + (across and told is None), last_month, int(found.get("day2") or number))
    return (first[0], last[1]) if first and last else None


def _month_of_year(match: re.Match[str], anchor: datetime, future: bool) -> Interval:
    interval = months(int(match["year"]), _month(match["month"]))
    return part(interval, match["part"].lower()) if match["part"] else interval


def _month_to_month(match: re.Match[str], anchor: datetime, future: bool) -> Interval:
    """From a month to a month; the second one's year, or the nearest, is the first one's too unless it has its own."""
    first, last = _month(match["month"]), _month(match["month2"])
    told = _told_year({"year": match["year2"], "relative": match["relative"]}, anchor)
    year = told or _nearest_year(last, 1, anchor, future)
    start = int(match["year"]) if match["year"] else year - (first > last)
    return months(start, first)[0], months(year, last)[1]


def _year_of_month(month: int, word: str, anchor: datetime, future: bool) -> int:
    """The year of a month told without one, behind "next", "last", "in" or nothing."""
    if word in ("next", "until") or (future and word != "last"):
        return anchor.year + (month < anchor.month or (word == "next" and month == anchor.month))
    return anchor.year - (month > anchor.month or (word == "last" and month == anchor.month))


def _bare_month(match: re.Match[str], anchor: datetime, future: bool) -> Interval:
    month, word = _month(match["month"]), (match["which"] or "").lower()
    interval = months(_told_year(match.groupdict(), anchor) or _year_of_month(month, word, anchor, future), month)
    return part(interval, match["part"].lower()) if match["part"] else interval


def _weekday(match: re.Match[str], anchor: datetime, future: bool) -> Interval:
    wanted, word, today = _DAYS[match["weekday"].lower()], (match["which"] or "").lower(), midnight(anchor)
    if match["week"]:
        date = unit_around("week", _STEPS[match["week"]], anchor)[0] + wanted * DAY
    elif word == "next" or (future and word != "last"):
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
    interval = unit_around(match["unit"].lower(), _STEPS[match["which"].lower()], anchor)
    return (
        part(interval, match["part"].lower())
        if match["part"] and match["unit"].lower() in ("month", "year")
        else interval
    )


def _past_units(match: re.Match[str], anchor: datetime, future: bool) -> Interval:
    return span_until(match["unit"].lower(), _count(match["count"] or "one"), anchor)


def _ago(match: re.Match[str], anchor: datetime, future: bool) -> Interval | None:
    unit, count, ahead = match["unit"].lower(), _count(match["count"]), match["way"].lower() == "from now"
    if (match["than"] or "").lower() in ("less", "fewer") and not ahead:
        return span_until(unit, count, anchor)
    step = count if ahead else -count
    return unit_around(unit, step, anchor) if anchor.year + step > 1 else None


def _quarter(match: re.Match[str], anchor: datetime, future: bool) -> Interval:
    length = 3 if match["piece"].lower() == "quarter" else 6
    first = 1 + length * _ORDINALS[match["ordinal"].lower()]
    nearest = anchor.year - (first + length - 1 > anchor.month and not future)
    return months(_told_year(match.groupdict(), anchor) or nearest, first, length)


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
    first, last = match["year"], match["last"] or match["year"][:2] + match["short"]
    return years(int(first), int(last) - int(first) + 1)


def _one_year(match: re.Match[str], anchor: datetime, future: bool) -> Interval:
    interval = years(int(match["year"]))
    word = match["which"].lower().rstrip("-")
    return part(interval, word) if word in ("early", "mid", "late") else interval


def _decade(match: re.Match[str], anchor: datetime, future: bool) -> Interval:
    return years(int(match["decade"]), 10)


Reader = Callable[[re.Match[str], datetime, bool], Interval | None]
_UNITS = r"(?P<unit>day|week|month|year|decade)"
RULES: tuple[tuple[re.Pattern[str], Reader], ...] = (
    (re.compile(r"\b(\d{4})-(\d\d)-(\d\d)\b"), _iso),
    (
        re.compile(
            rf"\b{_BEGUN}{_MONTH} {_DAY}(?:{_TO_DAY}(?:(?P<month2>{MONTH_NAME}) )?(?P<day2>{_NUMBER}))?\b"
            rf"(?:,? {_YEAR}\b| {_RELATIVE_YEAR})?(?![.,]?\d|:)"
        ),
        _days,
    ),
    (
        re.compile(rf"\b{_DAY}(?:{_TO}(?P<day2>{_NUMBER}))? (?:of )?{_MONTH}(?!\w)(?:,? {_YEAR}\b| {_RELATIVE_YEAR})?"),
        _days,
    ),
    (
        re.compile(
            rf"\b(?i:from|between) {_MONTH}(?: {_YEAR})?{_TO}(?P<month2>{MONTH_NAME})\b"
            rf"(?:,? (?P<year2>1[89]\d\d|20\d\d)\b| {_RELATIVE_YEAR})?"
        ),
        _month_to_month,
    ),
    (re.compile(rf"\b(?i:in the year to) {_MONTH}(?: {_YEAR})?\b"), _year_to_month),
    (re.compile(rf"\b{_PART}{_MONTH},? (?:of )?{_YEAR}\b"), _month_of_year),
    (
        re.compile(
            rf"\b(?:from|between|in) {_YEAR}(?:{_TO}(?P<last>1[89]\d\d|20\d\d)|[-–](?P<short>\d\d))\b(?![.,]\d)", re.I
        ),
        _year_to_year,
    ),
    (
        re.compile(
            rf"\b(?:(?P<which>(?i:in|last|next|this|since|until|by|of|from|during|before|after)) |(?=(?i:early|mid|late)))"
            rf"{_PART}{_MONTH}(?![\w ]?\d|\w| [A-Z])(?: {_RELATIVE_YEAR})?"
        ),
        _bare_month,
    ),
    (
        re.compile(
            r"\b(?:(?P<which>(?i:last|next|this|on|by|since|until|late|early)) )?"
            r"(?P<weekday>Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)\b"
            r"(?(which)|(?! [A-Z]))(?: (?:of )?(?P<week>last|this|next) week\b(?!['’]))?"
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
    (
        re.compile(
            rf"\bthe (?P<ordinal>first|second|third|fourth) (?P<piece>quarter|half)"
            rf"(?: {_RELATIVE_YEAR}|(?: of)?(?: {_YEAR}\b)?)",
            re.I,
        ),
        _quarter,
    ),
    (re.compile(rf"\b(?:over|for|in|during|within) the (?:past|last) (?:{_COUNT} )?{_UNITS}s?\b", re.I), _past_units),
    (re.compile(rf"\b{_PART}(?P<which>last|previous|this|next|coming|end of the) {_UNITS}\b", re.I), _unit),
    (
        re.compile(rf"\b(?:(?P<than>more|less|fewer) than )?{_COUNT} {_UNITS}s? (?P<way>ago|earlier|from now)\b", re.I),
        _ago,
    ),
    (re.compile(rf"\b(?:(?P<which>in|last|next|this) )?(?:the )?{_SEASON}(?: of)? {_YEAR}\b", re.I), _season),
    (re.compile(rf"\b(?P<which>last|next|this) {_SEASON}\b(?P<year>)", re.I), _season),
    (re.compile(r"\b(?i:the (?:early |mid-|late )?)(?P<decade>1[89]\d0|20\d0)s\b"), _decade),
    (
        re.compile(
            rf"\b(?P<which>in|since|by|from|during|until|after|before|early|late|mid)[ -]{_YEAR}\b"
            r"(?![-–/]\d| (?:hours|dollars|prices|terms|votes))",
            re.I,
        ),
        _one_year,
    ),
)
