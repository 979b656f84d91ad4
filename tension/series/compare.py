"""A dyad series against an external reference."""

import numpy as np
import pandas as pd
from scipy import stats

from tension.errors import InputError
from tension.records import require_columns
from tension.series.aggregate import check_level, check_series, frequency_of
from tension.series.days import days_of
from tension.series.names import in_order
from tension.series.stories import PERIOD_STARTS

_FEWEST_PERIODS = 4  # of a dyad that tells how it changed
_FEWEST_DRAWN = 8  # periods of which blocks are drawn; of fewer the intervals are too narrow
_WITHIN = [2, 5]  # where `correlations` has those within dyads
DIFFERENT = 1e-9  # standard deviation below which draws are all alike


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
        `dyad` (codes joined by -, in any order), `date` (the period or its first day) and the column named by `value`; higher = more
        conflictual.
    min_n
        Fewest stories of a cell that counts.
    level, draws, seed
        Confidence, number and seed of a bootstrap over dyads. Of a single dyad (`within`: of a single one with four common periods) it
        draws periods, in circular blocks of about the cube root of their number (Politis and Romano 1992).

    Returns
    -------
    DataFrame
        Rows `pooled` (all dyad-periods), `between` (dyad means) and `within` (each dyad's mean taken off, of dyads with at least four
        common periods), for `tension` and for the bare number of stories; columns `rho` (-1..+1), `lower`, `upper`, `n`. The bounds of a
        single dyad are NaN if it has fewer than eight common periods or all draws are alike.

    Raises
    ------
    MissingColumnError
        If a column is missing.
    DateError
        If a date of the reference is none.
    InputError
        If no dyad-period is common to both, or the reference has several values for one.
    OptionError
        If the level does not lie between 0 and 1.

    Examples
    --------
    >>> index = pd.MultiIndex.from_product([["CHN-JPN"], pd.date_range("2012-01-01", periods=8, freq="MS")], names=["dyad", "date"])
    >>> series = pd.DataFrame({"tension": [0.0, 1, 3, 2, 5, 4, 7, 6]}, index=index)
    >>> for name in ("n_articles", "n_stories", "n_events", "cooperation", "conflict", "intensity", "lower", "upper"):
    ...     series[name] = 5.0
    >>> reference = pd.DataFrame({"dyad": "JPN-CHN", "date": pd.period_range("2012-01", periods=8, freq="M"), "conflict": range(8)})
    >>> round(float(compare(series, reference)["rho"]["tension", "pooled"]), 3)
    0.929
    """
    check_series(series)
    check_level(level)
    joined = _joined(_cells(series, min_n), reference, value)
    values = joined[["tension", "n_stories", "reference"]].to_numpy(float)
    dyads = joined["dyad"].factorize()[0]
    members = np.split(np.arange(len(dyads)), np.flatnonzero(np.diff(dyads)) + 1)
    low, high = _bounds(values, members, level, draws, np.random.default_rng(seed))
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
        If a column is missing, a date of the reference is none, or no dyad-period is common to both.
    """
    check_series(series)
    own = _cells(series, min_n)
    step, rows = pd.tseries.frequencies.to_offset(PERIOD_STARTS[frequency_of(series)]), []
    for lag in range(-most, most + 1):
        joined = _joined(own.assign(date=own["date"] + lag * step), reference, value, needed=lag == 0)
        joined = joined[joined.groupby("dyad")["dyad"].transform("size") >= _FEWEST_PERIODS]
        means = joined.groupby("dyad")[["tension", "reference"]].transform("mean")
        inner = joined[["tension", "reference"]] - means
        rows.append((lag, spearman(inner["tension"].to_numpy(), inner["reference"].to_numpy()), len(joined)))
    return pd.DataFrame(rows, columns=["lag", "rho", "n"]).set_index("lag")


def _cells(series: pd.DataFrame, min_n: int) -> pd.DataFrame:
    """What is compared of the cells that have enough stories."""
    own = series.reset_index()[["dyad", "date", "tension", "n_stories"]]
    own = own[own["n_stories"] >= min_n]
    return own.assign(dyad=own["dyad"].map(in_order))


def _joined(own: pd.DataFrame, reference: pd.DataFrame, value: str, needed: bool = True) -> pd.DataFrame:
    """Cells that both know, sorted, with the reference's value as `reference`."""
    require_columns(reference, ("dyad", "date", value), "a reference")
    reference = reference[["dyad", "date", value]].rename(columns={value: "reference"})
    dyads = reference["dyad"].map(in_order, na_action="ignore")
    reference = reference.assign(dyad=dyads, date=days_of(reference["date"], "the column 'date' of the reference"))
    if reference.duplicated(["dyad", "date"]).any():
        raise InputError("the reference has several values for one dyad and date; aggregate it first")
    joined = own.merge(reference, on=["dyad", "date"]).dropna(subset=["tension", "reference"])
    if joined.empty and needed:
        raise InputError(
            "no dyad-period with enough stories is common to both; compare their dyads, dates and frequency"
        )
    return joined.sort_values(["dyad", "date"])


def _bounds(
    values: np.ndarray, members: list[np.ndarray], level: float, draws: int, rng: np.random.Generator
) -> np.ndarray:
    """Lower and upper bounds of the correlations, (2, 6), from dyads drawn anew; from periods where they rest on one dyad."""
    if len(members) == 1:
        return _bounds_in_time(values, level, draws, rng)
    drawn = []
    for _ in range(draws):
        chosen = [members[i] for i in rng.integers(len(members), size=len(members))]
        dyads = np.repeat(np.arange(len(chosen)), [len(c) for c in chosen])
        drawn.append(correlations(values[np.concatenate(chosen)], dyads))
    bounds = pd.DataFrame(drawn).quantile(tails(level)).to_numpy(copy=True)
    often = [cells for cells in members if len(cells) >= _FEWEST_PERIODS]
    if len(often) == 1:
        bounds[:, _WITHIN] = _bounds_in_time(values[often[0]], level, draws, rng)[:, _WITHIN]
    return bounds


def _bounds_in_time(values: np.ndarray, level: float, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Bounds of one dyad's correlations, (2, 6); NaN for those of too few periods and those that are alike in all draws."""
    if len(values) < _FEWEST_DRAWN:
        return np.full((2, 6), np.nan)
    alone = np.zeros(len(values), dtype=int)
    drawn = pd.DataFrame([correlations(values[blocks(len(values), rng)], alone) for _ in range(draws)])
    return drawn.loc[:, drawn.std() > DIFFERENT].quantile(tails(level)).reindex(columns=drawn.columns).to_numpy()


def tails(level: float) -> list[float]:
    """The two quantiles between which draws of a confidence `level` lie."""
    return [0.5 - level / 2, 0.5 + level / 2]


def blocks(n: int, rng: np.random.Generator) -> np.ndarray:
    """Positions 0..n-1 of a dyad's periods drawn anew in circular blocks of about the cube root of n, (n,).

    Examples
    --------
    >>> blocks(9, np.random.default_rng(1)).tolist()
    [4, 5, 6, 4, 5, 6, 6, 7, 8]
    """
    length = int(np.ceil(np.cbrt(n)))
    starts = rng.integers(n, size=-(-n // length))
    return ((starts[:, None] + np.arange(length)) % n).ravel()[:n]


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
