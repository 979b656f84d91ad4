"""Events -> one value per dyad and period, with its interval.

The unit is the story: wire copies of one report, and the several sentences in which an article tells it, weigh one together.
"""

from collections.abc import Collection
from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from tension.errors import InputError, OptionError
from tension.ontology import STATUSES, act_of
from tension.records import SERIES_DTYPES, as_events, require_columns
from tension.series.stories import PERIOD_STARTS, dyad_of, period_of

Frequency = Literal["D", "W", "M", "Q", "Y"]
Measure = Literal["net", "logratio", "share"]

PRIOR_STORIES = 0.5
PRIOR_VARIANCE = 9.0  # of intensities between stories of one dyad and period, before any is seen
FREQUENCIES: tuple[str, ...] = ("D", "W", "M", "Q", "Y")


def aggregate(
    events: pd.DataFrame,
    freq: Frequency = "M",
    *,
    directed: bool = False,
    measure: Measure = "net",
    by: Literal["publication", "event"] = "publication",
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
        With y_k the mean expected intensity of story k, p_k and q_k its probabilities of conflict and cooperation, and n stories:

        - `net`: tension = -(1/n) sum y_k, -10 (cooperation) to +10 (conflict). Interval: Student's t over stories; their variance is
          drawn to 9 with the weight of half a story, and the variance that the model's probabilities leave is added (PLOVER scale).
        - `logratio`: tension = log((C + 1/2) / (K + 1/2)), C = sum p_k, K = sum q_k, unbounded, 0 when even; variance
          1/(C + 1/2) + 1/(K + 1/2) (Lowe et al. 2011). Blind to intensity, unmoved by volume.
        - `share`: tension = 100 C / V, per cent of the V stories published in the period, given as `volume`; Wilson interval.
    by
        Whether an event falls into the period of its publication or of its own date (publication where it has none).
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
        frequency and level.

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
    events = as_events(events)
    _check_options(freq, measure, by, statuses, level, volume)
    stories = _stories(events[events["status"].isin(statuses)], freq, directed, by)
    cells = _cells(stories)
    value = {"net": _net, "logratio": _logratio, "share": _share}[measure]
    cells[["tension", "lower", "upper"]] = np.column_stack(value(cells, level, volume))
    cells.loc[cells["n_stories"] < min_n, ["tension", "lower", "upper"]] = np.nan
    if complete:
        cells = _with_empty_periods(cells, freq)
    frame = cells[list(SERIES_DTYPES)].astype(SERIES_DTYPES)
    frame.attrs = {"measure": measure, "freq": freq, "level": level, "directed": directed, "by": by, "min_n": min_n}
    return frame


def _check_options(
    freq: str, measure: str, by: str, statuses: Collection[str], level: float, volume: pd.Series | None
) -> None:
    for option, value, allowed in (
        ("freq", freq, FREQUENCIES),
        ("measure", measure, ("net", "logratio", "share")),
        ("by", by, ("publication", "event")),
    ):
        if value not in allowed:
            raise OptionError.of(option, value, allowed)
    if isinstance(statuses, str):
        raise OptionError(f"statuses={statuses!r} must be a list or tuple, such as ({statuses!r},)")
    for status in statuses:
        if status not in STATUSES:
            raise OptionError.of("statuses", status, STATUSES)
    if not 0 < level < 1:
        raise OptionError(f"level={level!r} must lie between 0 and 1, such as 0.9")
    if (measure == "share") != (volume is not None):
        raise OptionError(
            "measure='share' needs volume=, the number of stories published in each period, and no other measure takes it"
        )


def _stories(events: pd.DataFrame, freq: str, directed: bool, by: str) -> pd.DataFrame:
    """One row per dyad, period and story: its means over the events that tell it."""
    dyads = dyad_of(events, directed)
    best = np.array([act_of(*pair).plover for pair in zip(events["root"], events["quad"], strict=True)], dtype=float)
    cooperation, conflict = (events[f"p_{pole}"].to_numpy(float) for pole in ("cooperation", "conflict"))
    columns = {
        "dyad": dyads,
        "date": period_of(events, dyads, freq, by),
        "story": events["story"],
        "article": events["article_id"],
        "cooperation": cooperation,
        "conflict": conflict,
        "intensity": events["intensity"].astype(float),
        "doubt": _doubt(best, cooperation, conflict),
    }
    grouped = pd.DataFrame(columns).groupby(["dyad", "date", "story"], sort=True, observed=True)
    stories = grouped[["cooperation", "conflict", "intensity", "doubt"]].mean()
    return stories.assign(n_events=grouped.size(), n_articles=grouped["article"].nunique()).reset_index()


def _doubt(best: np.ndarray, coop: np.ndarray, conf: np.ndarray) -> np.ndarray:
    """Variance an event's probabilities leave: its act's intensity has its pole's probability, minus it the other's, 0 the rest."""
    own, other = np.where(best >= 0, (coop, conf), (conf, coop))
    return best**2 * (own + other) - (best * (own - other)) ** 2


def _cells(stories: pd.DataFrame) -> pd.DataFrame:
    grouped = stories.groupby(["dyad", "date"], sort=True, observed=True)
    cells = grouped.agg(
        n_articles=("n_articles", "sum"),
        n_stories=("story", "size"),
        n_events=("n_events", "sum"),
        cooperation=("cooperation", "sum"),
        conflict=("conflict", "sum"),
        intensity=("intensity", "mean"),
        variance=("intensity", "var"),
        doubt=("doubt", "mean"),
    )
    return cells


_Value = tuple[np.ndarray, np.ndarray, np.ndarray]


def t_reach(n: np.ndarray, level: float) -> np.ndarray:
    """Half width of a mean's interval in standard errors, for n stories."""
    return stats.t.ppf(0.5 + level / 2, np.maximum(n, 2) - 1)


def _net(cells: pd.DataFrame, level: float, volume: None) -> _Value:
    n = cells["n_stories"].to_numpy(float)
    between = ((n - 1) * cells["variance"].fillna(0).to_numpy() + PRIOR_STORIES * PRIOR_VARIANCE) / (
        n - 1 + PRIOR_STORIES
    )
    reach = t_reach(n, level) * np.sqrt((between + cells["doubt"].to_numpy()) / n)
    tension = -cells["intensity"].to_numpy()
    return tension, np.maximum(tension - reach, -10), np.minimum(tension + reach, 10)


def _logratio(cells: pd.DataFrame, level: float, volume: None) -> _Value:
    conflict, cooperation = (cells[name].to_numpy() + 0.5 for name in ("conflict", "cooperation"))
    tension = np.log(conflict / cooperation)
    reach = stats.norm.ppf(0.5 + level / 2) * np.sqrt(1 / conflict + 1 / cooperation)
    return tension, tension - reach, tension + reach


def _share(cells: pd.DataFrame, level: float, volume: pd.Series) -> _Value:
    dates = cells.index.get_level_values("date")
    total = volume.reindex(dates).to_numpy(float)
    short = np.isnan(total) | (total < cells["n_stories"].to_numpy())
    if short.any():
        raise OptionError(
            f"volume must be at least the number of a dyad's stories in every period; see {dates[short][0].date()}"
        )
    p, z = cells["conflict"].to_numpy() / total, stats.norm.ppf(0.5 + level / 2)
    centre = (p + z**2 / (2 * total)) / (1 + z**2 / total)
    reach = z / (1 + z**2 / total) * np.sqrt(p * (1 - p) / total + z**2 / (4 * total**2))
    return 100 * p, 100 * np.maximum(centre - reach, 0), 100 * np.minimum(centre + reach, 1)


def _with_empty_periods(cells: pd.DataFrame, freq: str) -> pd.DataFrame:
    days = cells.index.to_frame(index=False).groupby("dyad")["date"].agg(["min", "max"])
    pairs = [
        (dyad, date)
        for dyad, first, last in days.itertuples()
        for date in pd.date_range(first, last, freq=PERIOD_STARTS[freq])
    ]
    index = pd.MultiIndex.from_tuples(pairs, names=["dyad", "date"])
    filled = cells.reindex(index)
    return filled.fillna({"n_articles": 0, "n_stories": 0, "n_events": 0, "cooperation": 0, "conflict": 0})


def check_series(frame: pd.DataFrame) -> pd.DataFrame:
    """Check that a frame is a dyad series (columns, index) and return it.

    Raises
    ------
    MissingColumnError, InputError
        If a column is missing, or the index is not (dyad, date) with dates.
    """
    require_columns(frame, tuple(SERIES_DTYPES), "a dyad series")
    dates = frame.index.get_level_values("date") if list(frame.index.names) == ["dyad", "date"] else None
    if dates is None or not (frame.empty or isinstance(dates, pd.DatetimeIndex)):
        raise InputError(
            "a dyad series is indexed by (dyad, date) with dates; a file of one comes back by "
            "frame.assign(date=pd.to_datetime(frame.date)).set_index(['dyad', 'date'])"
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
