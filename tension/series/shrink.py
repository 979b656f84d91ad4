"""Thin cells drawn towards their dyad's own level, as far as their uncertainty warrants."""

import numpy as np
import pandas as pd
from scipy import stats

from tension.series.aggregate import check_series
from tension.series.measures import clipped
from tension.series.noise import level_of, noise_of


def shrink(series: pd.DataFrame) -> pd.DataFrame:
    """Shrink each value towards its dyad's mean (empirical Bayes; Morris 1983).

    A cell with variance v (`noise.py`) is given the weight t / (t + v), t being the variance of the dyad's true values between periods,
    estimated by moments (DerSimonian and Laird 1986); the rest of the weight goes to the dyad's precision-weighted mean. Where t is 0, all
    periods of a dyad are one. Periods of a dyad inform each other, so later articles move earlier values: use it to describe, not to
    freeze.

    Parameters
    ----------
    series
        A dyad series from `aggregate`.

    Returns
    -------
    DataFrame
        The series with `tension`, `lower` and `upper` shrunk, within the range of its measure; dyads with fewer than three values stay as
        they are.

    Examples
    --------
    >>> index = pd.MultiIndex.from_product([["CHN-JPN"], pd.date_range("2012-01-01", periods=4, freq="MS")], names=["dyad", "date"])
    >>> values, reach = np.array([1.0, 3.0, 2.0, 9.0]), np.array([1.0, 1.0, 1.0, 4.0])
    >>> series = pd.DataFrame({"tension": values, "lower": values - reach, "upper": values + reach}, index=index)
    >>> series = series.assign(n_articles=9, n_stories=[9, 9, 9, 1], n_events=9, cooperation=0.0, conflict=0.0, intensity=0.0)
    >>> series.attrs = {"measure": "net", "level": 0.9}
    >>> shrink(series)["tension"].round(1).tolist()
    [1.2, 3.0, 2.1, 6.1]
    """
    check_series(series)
    result = series.copy()
    z = stats.norm.ppf(0.5 + level_of(series.attrs) / 2)
    for _, cells in series[series["tension"].notna()].groupby(level="dyad", sort=True):
        if len(cells) < 3:
            continue
        value, error = _shrunk(cells["tension"].to_numpy(float), noise_of(cells, series.attrs).to_numpy(float))
        result.loc[cells.index, ["tension", "lower", "upper"]] = np.stack(
            [value, value - z * error, value + z * error], 1
        )
    result.attrs = {**series.attrs, "shrunk": True}
    return clipped(result)


def _shrunk(x: np.ndarray, variance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Posterior means and standard errors of values with known variances around a mean and a variance to be estimated."""
    weight = 1 / variance
    mean = np.average(x, weights=weight)
    excess = (weight * (x - mean) ** 2).sum() - (len(x) - 1)
    between = max(0.0, excess / (weight.sum() - (weight**2).sum() / weight.sum()))
    total = 1 / (variance + between)
    mean = np.average(x, weights=total)
    keep = between / (between + variance)
    return keep * x + (1 - keep) * mean, np.sqrt(keep * variance + (1 - keep) ** 2 / total.sum())
