"""When a dyad leaves its own usual range."""

import numpy as np
import pandas as pd
from scipy import stats

from tension.errors import OptionError
from tension.series.aggregate import check_series


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
        Number of earlier valued periods; fewer than half of them give no verdict.
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
