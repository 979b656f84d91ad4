"""Which dyad and which period an event belongs to: what the series and their explanation share."""

from collections.abc import Collection

import numpy as np
import pandas as pd

from tension.errors import DateError, InputError
from tension.series.names import undirected

PERIOD_STARTS = {"D": "D", "W": "W-MON", "M": "MS", "Q": "QS", "Y": "YS"}


def dyad_of(events: pd.DataFrame, directed: bool) -> pd.Series:
    """Each event's dyad: `CHN->JPN`, or `CHN-JPN` with the codes sorted."""
    (source, sources), (target, targets) = (pd.factorize(events[side]) for side in ("source", "target"))
    states = sorted({*sources, *targets})
    source, target = (
        np.array([states.index(name) for name in names], dtype=np.int64)[codes] if len(names) else codes
        for codes, names in ((source, sources), (target, targets))
    )
    low, high, sign = (
        (source, target, "->") if directed else (np.minimum(source, target), np.maximum(source, target), "-")
    )
    pairs, distinct = pd.factorize(low * np.int64(len(states)) + high)
    names = [f"{states[pair // len(states)]}{sign}{states[pair % len(states)]}" for pair in distinct]
    return pd.Series(pd.array(names, dtype="str").take(pairs), index=events.index)


def select_dyad(events: pd.DataFrame, dyad: str) -> pd.DataFrame:
    """The events of a dyad, `CHN->JPN` or `CHN-JPN` (acting either way, codes in any order).

    Raises
    ------
    InputError
        If there is none.
    OptionError
        If it is no dyad.
    """
    rows = of_dyads(events, [dyad])
    if rows.empty:
        raise InputError(f"the events frame has no event of {dyad!r}; write CHN-JPN, or CHN->JPN for one direction")
    return rows


def of_dyads(events: pd.DataFrame, dyads: Collection[str]) -> pd.DataFrame:
    """The events of some dyads, each `CHN->JPN` or `CHN-JPN` (acting either way, codes in any order)."""
    one_way = {dyad for dyad in dyads if "->" in dyad}
    either = {undirected(dyad) for dyad in dyads if dyad not in one_way}
    kept = np.zeros(len(events), dtype=bool)
    for directed, names in ((True, one_way), (False, either)):
        if names:
            kept |= dyad_of(events, directed).isin(names).to_numpy()
    return events[kept]


def span_of(period: str) -> pd.Period:
    """A day, month, quarter or year as pandas reads it.

    Raises
    ------
    InputError
        If it is none.
    """
    try:
        span = pd.Period(period)
    except ValueError:
        span = pd.NaT
    if span is pd.NaT:
        raise InputError(
            f"{period!r} is no period; give a day, month, quarter or year such as 2012-09-18, 2012-09, 2012Q3, 2012"
        )
    return span


def period_of(events: pd.DataFrame, dyads: np.ndarray | pd.Series, freq: str, by: str) -> pd.Series:
    """First day of the period each event counts in.

    By publication a story counts for a dyad once, in the period of its first report; by event each event counts at its own date.

    Raises
    ------
    DateError
        If an event has no date.
    """
    when = events["date"] if by == "publication" else events["event_start"].fillna(events["date"])
    if when.isna().any():
        raise DateError(
            f"{int(when.isna().sum())} event(s) have no date, so they belong to no period; give the articles a column 'date', or "
            "score(..., date=...)"
        )
    if by == "publication":
        when = _first_reports(when, pd.factorize(dyads)[0], pd.factorize(events["story"])[0])
    place, days = pd.factorize(when)
    starts = pd.Series(days).dt.to_period({"W": "W-SUN"}.get(freq, freq)).dt.start_time.astype("datetime64[us]")
    return pd.Series(starts.to_numpy()[place], index=events.index)


def _first_reports(when: pd.Series, dyads: np.ndarray, stories: np.ndarray) -> pd.Series:
    """The earliest time of each dyad's story, for each of its events."""
    order, first, size = groups_of(dyads * np.int64(stories.max(initial=0) + 1) + stories)
    times = when.to_numpy("datetime64[us]")
    if len(first):
        earliest = np.minimum.reduceat(times[order].view(np.int64), first)
        times = np.empty_like(times)
        times[order] = np.repeat(earliest, size).view("datetime64[us]")
    return pd.Series(times, index=when.index)


def groups_of(key: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The order that puts equal keys (whole numbers from 0) side by side, where each group starts in it, and its size."""
    order = np.argsort(key, kind="stable")
    first = np.flatnonzero(np.diff(key[order], prepend=-1))
    return order, first, np.diff(np.append(first, len(key)))
