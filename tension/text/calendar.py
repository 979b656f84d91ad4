"""Intervals of days: the calendar arithmetic behind expressions of time. An interval is its first and last day, both included."""

from datetime import datetime, timedelta

Interval = tuple[datetime, datetime]
DAY = timedelta(days=1)


def midnight(moment: datetime) -> datetime:
    return datetime(moment.year, moment.month, moment.day)


def day(year: int, month: int, number: int) -> Interval | None:
    """One day, or None where the calendar has no such day."""
    try:
        date = datetime(year, month, number)
    except ValueError:
        return None
    return date, date


def months(year: int, first: int, count: int = 1) -> Interval:
    """`count` whole months from a month on; months beyond December run into the next year."""
    start, end = divmod(first - 1, 12), divmod(first - 1 + count, 12)
    return datetime(year + start[0], start[1] + 1, 1), datetime(year + end[0], end[1] + 1, 1) - DAY


def years(first: int, count: int = 1) -> Interval:
    return datetime(first, 1, 1), datetime(first + count - 1, 12, 31)


def unit_around(unit: str, step: int, anchor: datetime) -> Interval:
    """The day, week (from Monday), month, year or decade `step` units away from the anchor's own."""
    today = midnight(anchor)
    if unit == "day":
        return today + step * DAY, today + step * DAY
    if unit == "week":
        monday = today + timedelta(weeks=step) - today.weekday() * DAY
        return monday, monday + 6 * DAY
    if unit == "month":
        return months(anchor.year, anchor.month + step)
    if unit == "decade":
        return years(anchor.year // 10 * 10 + 10 * step, 10)
    return years(anchor.year + step)


def span_until(unit: str, count: int, anchor: datetime) -> Interval:
    """The last `count` days, weeks, months, years or decades, the anchor's day included."""
    today = midnight(anchor)
    if unit in ("day", "week"):
        return today - (count * (7 if unit == "week" else 1) - 1) * DAY, today
    back = count * {"month": 1, "year": 12, "decade": 120}[unit]
    year, month = divmod(today.year * 12 + today.month - 1 - back, 12)
    first = day(year, month + 1, today.day) or (months(year, month + 1)[1],) * 2
    return first[0] + DAY, today


def part(interval: Interval, word: str) -> Interval:
    """The early, middle or late third of a month or a year."""
    first, last = interval
    which = {"early": 0, "mid": 1, "late": 2}[word]
    if last - first > timedelta(days=300):
        return months(first.year, 1 + 4 * which, 4)
    start = first + 10 * which * DAY
    return start, last if which == 2 else start + 9 * DAY


def season(name: str, year: int) -> Interval:
    """Spring to winter of a year, northern; winter runs from its December into the next February."""
    return months(year, {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}[name], 3)
