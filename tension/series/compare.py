"""A dyad series against an external reference."""

import numpy as np
import pandas as pd

from tension.errors import InputError, OptionError
from tension.records import require_columns
from tension.series.aggregate import check_series


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
        Rows `pooled` (all dyad-periods), `between` (dyad means) and `within` (each dyad's mean taken off), for `tension` and for the bare
        number of stories; columns `rho`, `lower`, `upper`, `n`.

    Raises
    ------
    InputError
        If no dyad-period is common to both.
    """
    check_series(series)
    require_columns(reference, ("dyad", "date", value), "a reference")
    if not 0 < level < 1:
        raise OptionError(f"level={level!r} must lie between 0 and 1, such as 0.9")
    own = series.reset_index()[["dyad", "date", "tension", "n_stories"]]
    joined = own.merge(
        reference[["dyad", "date", value]].assign(date=pd.to_datetime(reference["date"]).astype("datetime64[us]")),
        on=["dyad", "date"],
    )
    joined = joined[joined["n_stories"] >= min_n].dropna(subset=["tension", value])
    if joined.empty:
        raise InputError(
            "no dyad-period with enough stories is common to the series and the reference; compare their dyads, dates and frequency"
        )
    found = _correlations(joined, value)
    rng, groups = np.random.default_rng(seed), [group for _, group in joined.groupby("dyad")]
    drawn = []
    for _ in range(draws):
        chosen = [
            groups[i].assign(dyad=f"{place}") for place, i in enumerate(rng.integers(len(groups), size=len(groups)))
        ]
        drawn.append(_correlations(pd.concat(chosen), value)["rho"])
    table = pd.concat(drawn, axis=1)
    found.insert(1, "lower", table.quantile(0.5 - level / 2, axis=1))
    found.insert(2, "upper", table.quantile(0.5 + level / 2, axis=1))
    return found


def _correlations(joined: pd.DataFrame, value: str) -> pd.DataFrame:
    rows = {}
    for name in ("tension", "n_stories"):
        pair = joined[[name, value]]
        means = joined.groupby("dyad")[[name, value]].mean()
        within = pair - joined.groupby("dyad")[[name, value]].transform("mean")
        for kind, table in (("pooled", pair), ("between", means), ("within", within)):
            rows[name, kind] = (_spearman(table[name], table[value]), len(table))
    frame = pd.DataFrame(
        rows.values(), index=pd.MultiIndex.from_tuples(rows, names=["measure", "kind"]), columns=["rho", "n"]
    )
    return frame


def _spearman(a: pd.Series, b: pd.Series) -> float:
    if len(a) < 4 or a.nunique() < 2 or b.nunique() < 2:
        return float("nan")
    return float(a.rank().corr(b.rank()))
