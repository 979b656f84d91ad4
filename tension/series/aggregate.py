"""Events -> one value per dyad and period, with its interval.

The unit is the story: wire copies of one report, and the several sentences in which an article tells it, weigh one together.
"""

from collections.abc import Collection
from typing import Literal

import numpy as np
import pandas as pd

from tension.errors import InputError, OptionError
from tension.ontology import STATUSES
from tension.records import SERIES_DTYPES, as_events, require_columns
from tension.series.cells import COUNTED, cells_of, stories_of
from tension.series.measures import MEASURES, Counted
from tension.series.stories import PERIOD_STARTS

Frequency = Literal["D", "W", "M", "Q", "Y"]
Measure = Literal["net", "logratio", "share", "conflict", "cooperation", "p90", "stock"]

FREQUENCIES: tuple[str, ...] = ("D", "W", "M", "Q", "Y")


def aggregate(
    events: pd.DataFrame,
    freq: Frequency = "M",
    *,
    directed: bool = False,
    measure: Measure = "net",
    by: Literal["publication", "event"] = "publication",
    weights: Literal["story", "article"] = "story",
    statuses: Collection[str] = ("occurred", "planned"),
    min_n: int = 3,
    level: float = 0.9,
    volume: pd.Series | None = None,
    complete: bool = False,
) -> pd.DataFrame:
    """Dyad series of an events frame.

    Parameters
    ----------
    events
        An events frame.
    freq
        Length of a period: `D`, `W` (from Monday), `M`, `Q` or `Y`.
    directed
        Whether `CHN->JPN` and `JPN->CHN` are kept apart; otherwise both are `CHN-JPN`.
    measure
        What `tension` is; up is always tense. Formulas, units, ranges and sources are in `tension.series.measures`.

        - `net` (default): minus the mean intensity over stories, -10..+10.
        - `logratio`: log odds of conflict against cooperation, unbounded.
        - `share`: conflictual stories per hundred of all published, given as `volume`.
        - `conflict`, `cooperation`: per hundred of the dyad's own stories, the latter with a minus.
        - `p90`: 90th percentile of minus the intensity, the tense tail, -10..+10.
        - `stock`: saturating accumulation, -9..+9; it remembers earlier periods.
    by
        Whether an event falls into the period of its publication or of its own date (publication where it has none).
    weights
        Whether each `story` weighs one, its wire copies and sentences together, or each `article` does.
    statuses
        Which events count.
    min_n
        Fewest stories for a value; below, `tension`, `lower` and `upper` are NaN.
    level
        Confidence of the interval.
    volume
        For `share`: stories published per period, indexed by period start.
    complete
        Whether a dyad gets rows for the empty periods between its first and last too (n 0, values NaN).

    Returns
    -------
    DataFrame
        Index (`dyad`, `date`), sorted, `date` the first day of the period; columns `n_articles`, `n_stories`, `n_events`, `cooperation` and
        `conflict` (sums of probabilities over stories), `intensity` (mean, -10..+10), `tension`, `lower`, `upper`. `attrs` keeps measure,
        frequency, level and other options. `n_articles` over `n_stories` is how much wire copies were compressed.

    Raises
    ------
    MissingColumnError, OptionError
        If a column is missing or an option is outside its list.
    DateError
        If an event has no date.

    Examples
    --------
    >>> import tension
    >>> lines = ["India summons Pakistan's envoy.", "Pakistan condemns India's decision.", "India and Pakistan exchange fire."]
    >>> events = tension.score(lines, date="2019-08-08")
    >>> series = tension.aggregate(events, freq="M")
    >>> series.index.tolist(), bool(series["tension"].iloc[0] > 0)
    ([('IND-PAK', Timestamp('2019-08-01 00:00:00'))], True)
    """
    return aggregate_counted(
        as_events(events), freq, directed=directed, measure=measure, by=by, weights=weights, statuses=statuses, min_n=min_n, level=level,
        volume=volume, complete=complete,
    )  # fmt: skip


def aggregate_counted(
    events: pd.DataFrame,
    freq: Frequency = "M",
    *,
    directed: bool = False,
    measure: Measure = "net",
    by: Literal["publication", "event"] = "publication",
    weights: Literal["story", "article"] = "story",
    statuses: Collection[str] = ("occurred", "planned"),
    min_n: int = 3,
    level: float = 0.9,
    volume: pd.Series | None = None,
    complete: bool = False,
) -> pd.DataFrame:
    """`aggregate` of rows known to be events, of which the columns `COUNTED` are there."""
    _check_options(freq, measure, by, weights, statuses, level, volume)
    counted = events["status"].isin(statuses).to_numpy()
    events = events[list(COUNTED)] if counted.all() else events.loc[counted, list(COUNTED)]
    stories = stories_of(events, freq, directed, by, weights, in_time=measure == "stock")
    cells = cells_of(stories)
    value = MEASURES[measure](Counted(stories, cells, level, volume))
    cells[["tension", "lower", "upper"]] = np.column_stack(value)
    cells.loc[cells["n_stories"] < min_n, ["tension", "lower", "upper"]] = np.nan
    if complete:
        cells = _with_empty_periods(cells, freq)
    frame = cells[list(SERIES_DTYPES)].astype(SERIES_DTYPES)
    frame.attrs = {
        "measure": measure,
        "freq": freq,
        "level": level,
        "directed": directed,
        "by": by,
        "weights": weights,
        "statuses": list(statuses),
        "min_n": min_n,
    }
    return frame


def compare_measures(
    events: pd.DataFrame, freq: Frequency = "M", volume: pd.Series | None = None, **options
) -> pd.DataFrame:
    """Every measure side by side: the `tension` of each in a column of its name, after `n_stories`.

    `options` are those of `aggregate`; `share` is among them where `volume` is given.

    Examples
    --------
    >>> import tension
    >>> events = tension.score(["Iran condemns Iraq.", "Iran shells Iraq.", "Iraq thanks Iran."], date="2019-08-08")
    >>> compare_measures(events).columns.tolist()
    ['n_stories', 'net', 'logratio', 'conflict', 'cooperation', 'p90', 'stock']
    """
    taken = [name for name in MEASURES if name != "share" or volume is not None]
    frames = {
        name: aggregate(events, freq, measure=name, volume=volume if name == "share" else None, **options)
        for name in taken
    }
    columns = {"n_stories": frames["net"]["n_stories"], **{name: frame["tension"] for name, frame in frames.items()}}
    return pd.DataFrame(columns)


def _check_options(
    freq: str, measure: str, by: str, weights: str, statuses: Collection[str], level: float, volume: pd.Series | None
) -> None:
    for option, value, allowed in (
        ("freq", freq, FREQUENCIES),
        ("measure", measure, tuple(MEASURES)),
        ("by", by, ("publication", "event")),
        ("weights", weights, ("story", "article")),
    ):
        if value not in allowed:
            raise OptionError.of(option, value, allowed)
    if isinstance(statuses, str):
        raise OptionError(f"statuses={statuses!r} must be a list or tuple, such as ({statuses!r},)")
    for status in statuses:
        if status not in STATUSES:
            raise OptionError.of("statuses", status, STATUSES)
    check_level(level)
    if (measure == "share") != (volume is not None):
        raise OptionError(
            "measure='share' needs volume=, the number of stories published in each period, and no other measure takes it"
        )


def _with_empty_periods(cells: pd.DataFrame, freq: str) -> pd.DataFrame:
    if cells.empty:
        return cells
    days = cells.index.to_frame(index=False).groupby("dyad")["date"].agg(["min", "max"])
    periods = pd.date_range(days["min"].min(), days["max"].max(), freq=PERIOD_STARTS[freq])
    first, last = periods.get_indexer(days["min"]), periods.get_indexer(days["max"])
    size = last - first + 1
    place = np.arange(size.sum()) + np.repeat(first - (np.cumsum(size) - size), size)
    index = pd.MultiIndex.from_arrays([days.index.repeat(size), periods[place]], names=["dyad", "date"])
    filled = cells.reindex(index)
    return filled.fillna({"n_articles": 0, "n_stories": 0, "n_events": 0, "cooperation": 0, "conflict": 0})


def check_level(level: float) -> None:
    """Raise `OptionError` where a confidence does not lie between 0 and 1."""
    if not 0 < level < 1:
        raise OptionError(f"level={level!r} must lie between 0 and 1, such as 0.9")


def check_series(frame: pd.DataFrame) -> pd.DataFrame:
    """Check that a frame is a dyad series (columns, index) and return it.

    Raises
    ------
    MissingColumnError, InputError
        If a column is missing, or the index is not (dyad, date) with dates, sorted, each once.
    """
    require_columns(frame, tuple(SERIES_DTYPES), "a dyad series")
    dates = frame.index.get_level_values("date") if list(frame.index.names) == ["dyad", "date"] else None
    if dates is None or not (frame.empty or isinstance(dates, pd.DatetimeIndex)):
        raise InputError(
            "a dyad series is indexed by (dyad, date) with dates; a file of one comes back by "
            "frame.assign(date=pd.to_datetime(frame.date)).set_index(['dyad', 'date'])"
        )
    if not frame.index.is_monotonic_increasing or frame.index.has_duplicates:
        raise InputError(
            "a dyad series has one row for each dyad and period, in order; call sort_index() and drop what stands twice"
        )
    return frame


def frequency_of(series: pd.DataFrame) -> str:
    """The frequency a series was aggregated to; read off its dates where it came from a file."""
    if "freq" in series.attrs:
        return series.attrs["freq"]
    dates = series.index.get_level_values("date")
    if (dates.day == 1).all():
        return (
            "Y"
            if (dates.month == 1).all() and len(dates) > 1
            else "Q"
            if dates.month.isin([1, 4, 7, 10]).all()
            else "M"
        )
    return "W" if (dates.day_of_week == 0).all() else "D"
