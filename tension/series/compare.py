"""A dyad series against an external reference."""

import numpy as np
import pandas as pd
from scipy import stats

from tension.errors import InputError
from tension.records import require_columns
from tension.series.aggregate import check_level, check_series, frequency_of
from tension.series.stories import PERIOD_STARTS

_FEWEST_PERIODS = 4  # of a dyad that tells how it changed


def compare(
    series: pd.DataFrame,
    reference: pd.DataFrame,
    *,
    value: str = "conflict",
    min_n: int = 3,
    level: float = 0.9,
    draws: int = 500,
    seed: int = 0,
) -> pd.DataFrame:
    """Spearman correlations of tension with a reference that says how conflictual dyads were.

    Parameters
    ----------
    series
        An undirected dyad series from `aggregate`.
    reference
        `dyad` (codes sorted, joined by -), `date` (period start) and the column named by `value`; higher = more conflictual.
    min_n
        Fewest stories of a cell that counts.
    level, draws, seed
        Confidence, number and seed of a bootstrap over dyads.

    Returns
    -------
    DataFrame
        Rows `pooled` (all dyad-periods), `between` (dyad means) and `within` (each dyad's mean taken off, of dyads with at least four
        common periods), for `tension` and for the bare number of stories; columns `rho`, `lower`, `upper`, `n`.

    Raises
    ------
    InputError
        If no dyad-period is common to both.
    """
    check_series(series)
    check_level(level)
    own = series.reset_index()[["dyad", "date", "tension", "n_stories"]]
    joined = _joined(own[own["n_stories"] >= min_n], reference, value)
    values = joined[["tension", "n_stories", "reference"]].to_numpy(float)
    dyads = joined["dyad"].factorize()[0]
    rng, members = np.random.default_rng(seed), np.split(np.arange(len(dyads)), np.flatnonzero(np.diff(dyads)) + 1)
    drawn = []
    for _ in range(draws):
        chosen = [members[i] for i in rng.integers(len(members), size=len(members))]
        drawn.append(
            correlations(values[np.concatenate(chosen)], np.repeat(np.arange(len(chosen)), [len(c) for c in chosen]))
        )
    low, high = pd.DataFrame(drawn).quantile([0.5 - level / 2, 0.5 + level / 2]).to_numpy()
    often = int(sum(len(m) for m in members if len(m) >= _FEWEST_PERIODS))
    sizes = [len(values), len(members), often] * 2
    index = pd.MultiIndex.from_product(
        [("tension", "n_stories"), ("pooled", "between", "within")], names=["measure", "kind"]
    )
    return pd.DataFrame({"rho": correlations(values, dyads), "lower": low, "upper": high, "n": sizes}, index=index)


def lead_lag(
    series: pd.DataFrame, reference: pd.DataFrame, *, value: str = "conflict", min_n: int = 3, most: int = 3
) -> pd.DataFrame:
    """Correlation within dyads when the reference is read some periods later or earlier.

    Parameters
    ----------
    series, reference, value, min_n
        As in `compare`.
    most
        The most periods to shift by.

    Returns
    -------
    DataFrame
        Index `lag`: the reference is read that many periods after the series, so a peak at a positive lag says that tension comes first;
        columns `rho` (Spearman, dyad means taken off, of dyads with at least four common periods) and `n`, the number of their cells.

    Raises
    ------
    MissingColumnError, InputError
        If a column is missing, or no dyad-period is common to both.
    """
    check_series(series)
    own = series.reset_index()[["dyad", "date", "tension", "n_stories"]]
    own = own[own["n_stories"] >= min_n]
    step, rows = pd.tseries.frequencies.to_offset(PERIOD_STARTS[frequency_of(series)]), []
    for lag in range(-most, most + 1):
        joined = _joined(own.assign(date=own["date"] + lag * step), reference, value, needed=lag == 0)
        joined = joined[joined.groupby("dyad")["dyad"].transform("size") >= _FEWEST_PERIODS]
        means = joined.groupby("dyad")[["tension", "reference"]].transform("mean")
        inner = joined[["tension", "reference"]] - means
        rows.append((lag, spearman(inner["tension"].to_numpy(), inner["reference"].to_numpy()), len(joined)))
    return pd.DataFrame(rows, columns=["lag", "rho", "n"]).set_index("lag")


def _joined(own: pd.DataFrame, reference: pd.DataFrame, value: str, needed: bool = True) -> pd.DataFrame:
    """Cells that both know, sorted, with the reference's value as `reference`."""
    require_columns(reference, ("dyad", "date", value), "a reference")
    reference = reference[["dyad", "date", value]].rename(columns={value: "reference"})
    reference = reference.assign(date=pd.to_datetime(reference["date"]).astype("datetime64[us]"))
    if reference.duplicated(["dyad", "date"]).any():
        raise InputError("the reference has several values for one dyad and date; aggregate it first")
    joined = own.merge(reference, on=["dyad", "date"]).dropna(subset=["tension", "reference"])
    if joined.empty and needed:
        raise InputError(
            "no dyad-period with enough stories is common to both; compare their dyads, dates and frequency"
        )
    return joined.sort_values(["dyad", "date"])


def correlations(values: np.ndarray, dyads: np.ndarray) -> np.ndarray:
    """Spearman correlations of the first two columns with the third: pooled, between dyads and within those that have at least four cells.

    Parameters
    ----------
    values
        (cells, 3).
    dyads
        (cells,): each cell's dyad, numbered from 0 and sorted.
    """
    count = np.bincount(dyads)
    means = np.stack([np.bincount(dyads, column) / count for column in values.T], axis=1)
    within = (values - means[dyads])[count[dyads] >= _FEWEST_PERIODS]
    return np.array([spearman(table[:, i], table[:, 2]) for i in (0, 1) for table in (values, means, within)])


def spearman(a: np.ndarray, b: np.ndarray) -> float:
    """Rank correlation; NaN for fewer than four pairs or a constant."""
    if len(a) < 4 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return float("nan")
    return float(np.corrcoef(stats.rankdata(a), stats.rankdata(b))[0, 1])
