"""A dyad series without its sampling noise: the local level model, or an exponentially weighted mean."""

from typing import Literal

import numpy as np
import pandas as pd
from scipy import optimize, stats

from tension.errors import OptionError
from tension.series.aggregate import check_series, frequency_of
from tension.series.measures import clipped
from tension.series.noise import level_of, noise_of
from tension.series.stories import PERIOD_STARTS

_DIFFUSE = 1e6  # variance of the level before its first value, in those of cells
_DRIFTS = (-9, 9)  # logarithm of the variance of the level's steps, in those of cells


def smooth(
    series: pd.DataFrame, method: Literal["local_level", "decay"] = "local_level", *, half_life: float = 3.0
) -> pd.DataFrame:
    """Smooth each dyad of a series over its periods.

    Parameters
    ----------
    series
        A dyad series from `aggregate`; empty periods between a dyad's first and last are filled in.
    method
        `local_level`: x_t = m_t + e_t, m_t = m_(t-1) + u_t (Durbin and Koopman 2012, ch. 2). The variance of e_t is that of a story in
        this dyad, from all its intervals, over the cell's number of stories (`noise.py`); that of u_t is estimated by maximum likelihood
        for each dyad. The interval widens in empty periods. The smoothed level uses later periods too; `filtered` uses only earlier ones,
        so it never changes when a later period arrives and the variances are kept. The level of `p90` is that of the cells' values, which
        with few stories lie off the percentile of the process; its band does not hold that.
        `decay`: the mean of all values so far with weights n_s 2^(-(t-s)/half_life).
    half_life
        For `decay`, in periods.

    Returns
    -------
    DataFrame
        Index (`dyad`, `date`); `level`, `lower`, `upper` (same confidence as the series, within the range of its measure), `filtered` and
        `drift` (standard deviation of u, for `local_level`). `decay` gives `level` only, its interval NaN.

    Examples
    --------
    >>> index = pd.MultiIndex.from_product([["CHN-JPN"], pd.date_range("2012-01-01", periods=4, freq="MS")], names=["dyad", "date"])
    >>> values = [1.0, 2.0, np.nan, 5.0]
    >>> series = pd.DataFrame({"tension": values, "lower": [v - 1 for v in values], "upper": [v + 1 for v in values]}, index=index)
    >>> series = series.assign(n_articles=5, n_stories=5, n_events=5, cooperation=0.0, conflict=0.0, intensity=0.0)
    >>> series.attrs = {"measure": "net", "freq": "M", "level": 0.9}
    >>> smooth(series)["level"].round(1).tolist()
    [1.1, 2.0, 3.5, 4.9]
    """
    if method not in ("local_level", "decay"):
        raise OptionError.of("method", method, ("local_level", "decay"))
    if half_life <= 0:
        raise OptionError(f"half_life={half_life!r} must be positive, in periods")
    check_series(series)
    columns = ["level", "lower", "upper", "filtered", "drift"]
    if series.empty:
        return pd.DataFrame(index=series.index, columns=columns, dtype=float)
    step, confidence = PERIOD_STARTS[frequency_of(series)], level_of(series.attrs)
    parts = {}
    for dyad, cells in series.groupby(level="dyad", sort=True):
        cells = cells.droplevel("dyad")
        dates = pd.date_range(cells.index.min(), cells.index.max(), freq=step, name="date")
        noise = noise_of(cells, series.attrs).reindex(dates).to_numpy(float)
        cells = cells.reindex(dates)
        smoothed = _decayed(cells, half_life) if method == "decay" else _levels(cells, noise, confidence)
        parts[dyad] = pd.DataFrame(smoothed, index=dates, columns=columns)
    frame = pd.concat(parts, names=["dyad"])
    frame.attrs = {**series.attrs, "smoothed": method}
    return clipped(frame)


def _decayed(cells: pd.DataFrame, half_life: float) -> dict[str, object]:
    x, n = cells["tension"].to_numpy(float), cells["n_stories"].fillna(0).to_numpy(float)
    return {"level": decay(x, n, half_life), "lower": np.nan, "upper": np.nan, "filtered": np.nan, "drift": np.nan}


def _levels(cells: pd.DataFrame, noise: np.ndarray, confidence: float) -> dict[str, object]:
    x = cells["tension"].to_numpy(float)
    if np.isnan(x).all():
        return dict.fromkeys(("level", "lower", "upper", "filtered", "drift"), np.nan)
    drift = fit_drift(x, noise)
    filtered, mean, variance = local_level(x, noise, drift)
    reach = stats.norm.ppf(0.5 + confidence / 2) * np.sqrt(variance)
    return {"level": mean, "lower": mean - reach, "upper": mean + reach, "filtered": filtered, "drift": np.sqrt(drift)}


def decay(x: np.ndarray, n: np.ndarray, half_life: float) -> np.ndarray:
    """Running mean of x with weights n that halve every `half_life` steps; missing values carry the last mean on."""
    fade, total, weight, result = 0.5 ** (1 / half_life), 0.0, 0.0, np.full(len(x), np.nan)
    for t, (value, count) in enumerate(zip(x, n, strict=True)):
        total, weight = total * fade, weight * fade
        if not np.isnan(value):
            total, weight = total + count * value, weight + count
        result[t] = total / weight if weight else np.nan
    return result


def fit_drift(x: np.ndarray, noise: np.ndarray) -> float:
    """Variance of the level's steps that makes the observed values most likely."""
    usual = float(np.nanmedian(noise))
    if np.count_nonzero(~np.isnan(x)) < 3:
        return usual
    found = optimize.minimize_scalar(
        lambda log_q: -_filter(x, noise, usual * np.exp(log_q))[2], bounds=_DRIFTS, method="bounded"
    )
    return usual * float(np.exp(found.x))


def local_level(x: np.ndarray, noise: np.ndarray, drift: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Filtered level, smoothed level and its variance, given the variances of observation (per step) and of the level's steps.

    The filtered level is NaN before the first value; the smoothed one reaches back to it.
    """
    mean, variance, _ = _filter(x, noise, drift)
    smoothed, spread = mean.copy(), variance.copy()
    for t in range(len(x) - 2, -1, -1):
        gain = variance[t] / (variance[t] + drift)
        smoothed[t] = mean[t] + gain * (smoothed[t + 1] - mean[t])
        spread[t] = variance[t] + gain**2 * (spread[t + 1] - variance[t] - drift)
    unseen = np.cumsum(~np.isnan(x)) == 0
    return np.where(unseen, np.nan, mean), smoothed, spread


def _filter(x: np.ndarray, noise: np.ndarray, drift: float) -> tuple[np.ndarray, np.ndarray, float]:
    """Kalman filter from a diffuse start: levels, their variances, log likelihood."""
    variance, likelihood, seen = _DIFFUSE * float(np.nanmedian(noise)), 0.0, False
    level = float(x[~np.isnan(x)][0])
    levels, variances = np.zeros(len(x)), np.zeros(len(x))
    for t, value in enumerate(x):
        variance += drift if t else 0.0
        if not np.isnan(value):
            spread = variance + noise[t]
            if seen:
                likelihood -= 0.5 * (np.log(2 * np.pi * spread) + (value - level) ** 2 / spread)
            level, variance, seen = level + variance / spread * (value - level), variance * noise[t] / spread, True
        levels[t], variances[t] = level, variance
    return levels, variances, likelihood
