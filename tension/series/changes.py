"""When a dyad leaves its own usual range, and when its level moves for good."""

from functools import cache
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy import stats

from tension.errors import OptionError
from tension.series.aggregate import check_series
from tension.series.noise import measure_of, noise_of

_NULL_DRAWS, _ORDERS, _NULL_SEED = 1000, 400, 20190124
_MEDIAN_CHI2 = float(stats.chi2.ppf(0.5, 1))


def changes(series: pd.DataFrame, *, baseline: int = 12, false_alarm: float = 0.01) -> pd.DataFrame:
    """Alarms against each dyad's own baseline.

    A period's value is compared with the last `baseline` valued periods before it: under no change it lies outside the prediction
    interval of their mean with probability `false_alarm` (Student's t, two-sided; exact for independent normal values). Only the past
    is used, so an alarm never changes later.

    Parameters
    ----------
    series
        A dyad series from `aggregate`.
    baseline
        Number of earlier valued periods; fewer than half of them give no verdict, nor do those that are all alike.
    false_alarm
        Probability of an alarm in a period without change.

    Returns
    -------
    DataFrame
        The index of `series`; `tension`, `expected` (the baseline's mean), `deviation` (in predictive standard deviations, positive =
        tenser), `p_value`, and `alarm`.

    Examples
    --------
    >>> index = pd.MultiIndex.from_product([["IND-PAK"], pd.date_range("2018-03-01", periods=13, freq="MS")], names=["dyad", "date"])
    >>> series = pd.DataFrame({"tension": [1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 8.0]}, index=index)
    >>> for name in ("n_articles", "n_stories", "n_events", "cooperation", "conflict", "intensity", "lower", "upper"):
    ...     series[name] = 0.0
    >>> changes(series)["alarm"].tolist()[-2:]
    [False, True]
    """
    if baseline < 4:
        raise OptionError(f"baseline={baseline!r} is too short: at least 4 periods")
    if not 0 < false_alarm < 1:
        raise OptionError(f"false_alarm={false_alarm!r} must lie between 0 and 1, such as 0.01")
    check_series(series)
    parts = [_one(group["tension"], baseline, false_alarm) for _, group in series.groupby(level="dyad", sort=True)]
    empty = pd.DataFrame(
        index=series.index, columns=["tension", "expected", "deviation", "p_value", "alarm"], dtype=float
    )
    return pd.concat(parts) if parts else empty


def _one(tension: pd.Series, baseline: int, false_alarm: float) -> pd.DataFrame:
    valued = tension.dropna()
    past = valued.shift().rolling(baseline, min_periods=max(4, baseline // 2))
    n, mean = past.count(), past.mean()
    spread = past.std() * np.sqrt(1 + 1 / n)
    deviation = (valued - mean) / spread.where(spread > 1e-9)
    p_value = pd.Series(2 * stats.t.sf(deviation.abs(), np.maximum(n - 1, 1)), index=valued.index)
    frame = pd.DataFrame({"tension": valued, "expected": mean, "deviation": deviation, "p_value": p_value}).reindex(
        tension.index
    )
    frame["alarm"] = (frame["p_value"] < false_alarm).to_numpy(bool)
    return frame


def change_points(series: pd.DataFrame, *, false_alarm: float = 0.05, shortest: int = 3) -> pd.DataFrame:
    """Periods from which a dyad's level is another one.

    The series is cut into stretches of one level each, at the least sum of squared deviations, each weighed by the variance of its cell
    (`noise.py`), plus a penalty for every cut (exact optimal partitioning; Jackson et al. 2005). The penalty is the value that the best
    single cut of a series of that length without change exceeds with probability `false_alarm`, found by simulation of normal values, or,
    where it is higher, by putting the dyad's own deviations from its levels in 400 other orders: few stories are not normal (seed fixed).

    Parameters
    ----------
    series
        A dyad series from `aggregate`.
    false_alarm
        Probability that a dyad without change shows one.
    shortest
        Fewest valued periods of a stretch.

    Returns
    -------
    DataFrame
        A row for each change: index (`dyad`, `date`), the first period of the new level; `before` and `after`, the levels on both sides;
        `gain`, how much the cut reduces the squared deviations (in variances).

    Raises
    ------
    OptionError
        If an option is outside its range, or the measure is `stock`, whose level moves with every story.

    Examples
    --------
    >>> index = pd.MultiIndex.from_product([["CHN-JPN"], pd.date_range("2012-01-01", periods=16, freq="MS")], names=["dyad", "date"])
    >>> values = [1.0, 0.0] * 4 + [6.0, 5.0] * 4
    >>> series = pd.DataFrame({"tension": values, "lower": [v - 1 for v in values], "upper": [v + 1 for v in values]}, index=index)
    >>> series = series.assign(n_articles=5, n_stories=5, n_events=5, cooperation=0.0, conflict=0.0, intensity=0.0)
    >>> series.attrs = {"measure": "net", "level": 0.9}
    >>> change_points(series)[["before", "after"]].reset_index().values.tolist()
    [['CHN-JPN', Timestamp('2012-09-01 00:00:00'), 0.5, 5.5]]
    """
    if not 0 < false_alarm < 1:
        raise OptionError(f"false_alarm={false_alarm!r} must lie between 0 and 1, such as 0.05")
    if shortest < 2:
        raise OptionError(f"shortest={shortest!r} must be at least 2 periods")
    check_series(series)
    if measure_of(series.attrs) == "stock":
        raise OptionError("a stock moves with every story and has no level to leave; take measure='net'")
    rows, labels = [], []
    for dyad, cells in series.groupby(level="dyad", sort=True):
        valued = cells[cells["tension"].notna()]
        x = valued["tension"].to_numpy(float)
        if len(x) < 2 * shortest:
            continue
        weight = 1 / _variance(x, noise_of(valued, series.attrs).to_numpy(float))
        edges = [0, *_cuts(x, weight, false_alarm, shortest), len(x)]
        for first, cut, last in zip(edges, edges[1:], edges[2:], strict=False):
            before, after = (np.average(x[i:j], weights=weight[i:j]) for i, j in ((first, cut), (cut, last)))
            own, others = weight[first:cut].sum(), weight[cut:last].sum()
            rows.append((before, after, own * others / (own + others) * (after - before) ** 2))
            labels.append((dyad, valued.index.get_level_values("date")[cut]))
    index = pd.MultiIndex.from_tuples(labels, names=["dyad", "date"]) if labels else series.index[:0]
    return pd.DataFrame(rows, columns=["before", "after", "gain"], index=index, dtype=float)


def _variance(x: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Variances of the cells, raised alike where neighbours differ more than these allow; level shifts do not move the median."""
    steps = np.diff(x) ** 2 / (noise[1:] + noise[:-1])
    return noise * max(1.0, float(np.median(steps)) / _MEDIAN_CHI2)


def _cuts(x: np.ndarray, weight: np.ndarray, false_alarm: float, shortest: int) -> list[int]:
    """Where to cut; whether the dyad's own deviations ask for a higher penalty is tried only where there is a cut without it."""
    penalty = _penalty(len(x), false_alarm, shortest)
    cuts = best_cuts(x, weight, penalty, shortest)
    if not cuts:
        return cuts
    orders = np.random.default_rng(_NULL_SEED).permuted(np.tile(np.arange(len(x)), (_ORDERS, 1)), axis=1)
    gains = _best_gains(_deviations(x, weight, cuts)[orders], weight[orders], shortest)
    higher = float(np.quantile(gains, 1 - false_alarm))
    return best_cuts(x, weight, higher, shortest) if higher > penalty else cuts


def _deviations(x: np.ndarray, weight: np.ndarray, cuts: list[int]) -> np.ndarray:
    """How far each value is from the level of its stretch, enlarged by what fitting levels and cuts took away."""
    edges = [0, *cuts, len(x)]
    levels = [np.full(j - i, np.average(x[i:j], weights=weight[i:j])) for i, j in pairwise(edges)]
    return (x - np.concatenate(levels)) * np.sqrt(len(x) / max(len(x) - 2 * len(cuts) - 1, 1))


@cache
def _penalty(n: int, false_alarm: float, shortest: int) -> float:
    """The gain that the best single cut of n normal values without change exceeds with the given probability."""
    x = np.random.default_rng(_NULL_SEED).standard_normal((_NULL_DRAWS, n))
    return float(np.quantile(_best_gains(x, np.ones_like(x), shortest), 1 - false_alarm))


def _best_gains(x: np.ndarray, weight: np.ndarray, shortest: int) -> np.ndarray:
    """By how much the best single cut of each series, (series, n), reduces its weighted squared deviations: (series,)."""
    left = slice(shortest - 1, x.shape[1] - shortest)
    sums, mass = (weight * x).cumsum(axis=1), weight.cumsum(axis=1)
    before, total, own, all_of = sums[:, left], sums[:, -1:], mass[:, left], mass[:, -1:]
    return (before**2 / own + (total - before) ** 2 / (all_of - own) - total**2 / all_of).max(axis=1)


def best_cuts(x: np.ndarray, weight: np.ndarray, penalty: float, shortest: int) -> list[int]:
    """Where to cut x into stretches of at least `shortest` values: the least weighted squared deviation plus `penalty` a cut."""
    sums = [np.concatenate([[0.0], np.cumsum(weight * x**power)]) for power in (0, 1, 2)]
    cost, back = np.full(len(x) + 1, np.inf), np.zeros(len(x) + 1, int)
    cost[0] = -penalty
    for end in range(shortest, len(x) + 1):
        starts = np.arange(0, end - shortest + 1)
        mass, first, second = (total[end] - total[starts] for total in sums)
        costs = cost[starts] + second - first**2 / mass + penalty
        back[end] = starts[costs.argmin()]
        cost[end] = costs.min()
    cuts, end = [], len(x)
    while back[end]:
        end = int(back[end])
        cuts.append(end)
    return cuts[::-1]
