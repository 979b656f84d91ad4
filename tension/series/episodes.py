"""Whether a dyad is tenser in the periods of known episodes (disputes, crises) than in its other periods."""

import numpy as np
import pandas as pd
from scipy.special import expit, logit
from scipy.stats import norm, rankdata

from tension.errors import InputError, OptionError
from tension.records import require_columns
from tension.series.aggregate import check_level, check_series, frequency_of
from tension.series.compare import DIFFERENT, blocks, tails
from tension.series.days import days_of
from tension.series.names import in_order
from tension.series.stories import PERIOD_STARTS

_FEWEST_DRAWN = 4  # periods in and out of episodes of which blocks are drawn; of fewer the interval is far too narrow
_COLUMNS = ("auc", "lower", "upper", "n_episode", "n_other", "dyads")


def episodes(
    series: pd.DataFrame,
    spans: pd.DataFrame,
    *,
    min_n: int = 1,
    level: float = 0.9,
    draws: int = 500,
    placebos: int = 200,
    seed: int = 0,
) -> pd.DataFrame:
    """Tension in the periods of episodes against the same dyad's other periods.

    Parameters
    ----------
    series
        An undirected dyad series from `aggregate`.
    spans
        `dyad` (codes joined by -, in any order), `start` and `end` (days, or periods that it lasts from and to) of each episode.
    min_n
        Fewest stories of a period that counts.
    level, draws, seed
        Confidence, number and seed of a bootstrap over dyads. Of a single dyad it draws periods, in circular blocks as `compare` does, for
        the standard error of the log odds.
    placebos
        How often all episodes of a dyad are moved together along its valued periods, at random, around their end to their beginning.

    Returns
    -------
    DataFrame
        Rows `tension` and `placebo`; `auc`, the probability that a period in an episode is tenser than another period of its dyad (ties
        count half; each dyad weighs by its number of such comparisons; 0.5 = no difference), `lower` and `upper`, the numbers of periods in
        and out of episodes, and of dyads that have both. The placebo's bounds are quantiles over the moves; `attrs["p_value"]` is
        (1 + placebos at least as high as the true value) / (1 + placebos) (Davison and Hinkley 1997, ch. 4). The bounds of a single dyad
        are NaN if it has fewer than four periods in or out of episodes or all draws are alike.

    Raises
    ------
    MissingColumnError
        If a column is missing.
    DateError
        If a start or end is no date.
    InputError
        If an episode has no start or end or ends before it starts, or no dyad has valued periods both in and out of its episodes.
    OptionError
        If an option is out of its range.

    Examples
    --------
    >>> index = pd.MultiIndex.from_product([["CHN-JPN"], pd.date_range("2012-01-01", periods=12, freq="MS")], names=["dyad", "date"])
    >>> series = pd.DataFrame({"tension": [0.0] * 8 + [6.0, 7.0, 0.5, 0.0]}, index=index)
    >>> for name in ("n_articles", "n_stories", "n_events", "cooperation", "conflict", "intensity", "lower", "upper"):
    ...     series[name] = 5.0
    >>> spans = pd.DataFrame({"dyad": ["CHN-JPN"], "start": ["2012-09-11"], "end": ["2012-10-20"]})
    >>> float(episodes(series, spans)["auc"]["tension"])
    1.0
    """
    check_series(series)
    require_columns(spans, ("dyad", "start", "end"), "a table of episodes")
    check_level(level)
    if draws < 1 or placebos < 1:
        raise OptionError(f"draws={draws!r} and placebos={placebos!r} must be at least 1")
    spans = _checked(spans)
    known = series[(series["n_stories"] >= min_n) & series["tension"].notna()]
    parts = [part for part in _parts(known, spans, frequency_of(series)) if 0 < part[1].sum() < len(part[1])]
    if not parts:
        raise InputError("no dyad has valued periods both in and out of its episodes; compare their dyads and dates")
    rng = np.random.default_rng(seed)
    wins, pairs = np.array([_wins(*part) for part in parts]).T
    bounds = _bounds(parts, wins, pairs, level, draws, rng)
    moved = np.array([_moved_auc(parts, rng) for _ in range(placebos)])
    truth = wins.sum() / pairs.sum()
    inside, total = sum(int(mask.sum()) for _, mask in parts), sum(len(mask) for _, mask in parts)
    rows = [
        (auc, *reach, inside, total - inside, len(parts))
        for auc, reach in ((truth, bounds), (moved.mean(), np.quantile(moved, tails(level))))
    ]
    frame = pd.DataFrame(rows, columns=_COLUMNS, index=["tension", "placebo"])
    frame.attrs["p_value"] = float((1 + (moved >= truth).sum()) / (1 + placebos))
    return frame


def _checked(spans: pd.DataFrame) -> pd.DataFrame:
    """Episodes with dyads as series write them and days as dates, each with a start and a later or equal end."""
    days = spans.assign(
        dyad=spans["dyad"].map(in_order, na_action="ignore"),
        start=days_of(spans["start"], "the column 'start' of the episodes"),
        end=days_of(spans["end"], "the column 'end' of the episodes", last=True),
    )
    if (days["start"].isna() | days["end"].isna() | (days["end"] < days["start"])).any():
        raise InputError(
            "every episode needs a start and an end that is not before it; give those that last the last day of the series"
        )
    return days


def _parts(known: pd.DataFrame, spans: pd.DataFrame, freq: str) -> list[tuple[np.ndarray, np.ndarray]]:
    """For each dyad with episodes its values in order of time, and whether each period touches an episode."""
    offset = pd.tseries.frequencies.to_offset(PERIOD_STARTS[freq])
    days = spans.groupby("dyad")
    parts = []
    for name, cells in known.groupby(level="dyad", sort=True):
        if (dyad := in_order(name)) not in days.groups:
            continue
        first = cells.index.get_level_values("date")
        after, own = first + offset, days.get_group(dyad)
        touched = [((first <= end) & (after > start)) for start, end in zip(own["start"], own["end"], strict=True)]
        parts.append((cells["tension"].to_numpy(float), np.any(touched, axis=0)))
    return parts


def _bounds(
    parts: list[tuple[np.ndarray, np.ndarray]],
    wins: np.ndarray,
    pairs: np.ndarray,
    level: float,
    draws: int,
    rng: np.random.Generator,
) -> tuple[float, float]:
    """Lower and upper bound of the probability, from dyads drawn anew, or the periods of a single one."""
    if len(parts) == 1:
        return _bounds_in_time(*parts[0], level, draws, rng)
    drawn = rng.integers(len(parts), size=(draws, len(parts)))
    low, high = np.quantile(wins[drawn].sum(1) / pairs[drawn].sum(1), tails(level))
    return low, high


def _bounds_in_time(
    values: np.ndarray, inside: np.ndarray, level: float, draws: int, rng: np.random.Generator
) -> tuple[float, float]:
    """Bounds of one dyad: quantiles of so few periods would be too narrow, a normal interval of the log odds is less so."""
    if min(inside.sum(), (~inside).sum()) < _FEWEST_DRAWN:
        return np.nan, np.nan
    won, pairs = _wins(values, inside)
    chosen = (blocks(len(values), rng) for _ in range(draws))
    drawn = [_wins(values[rows], inside[rows]) for rows in chosen if 0 < inside[rows].sum() < len(rows)]
    parts = pd.Series([wins / of for wins, of in drawn], dtype=float)
    error = logit((parts * pairs + 0.5) / (pairs + 1)).std()  # the half keeps draws of 0 and 1 finite
    if not error > DIFFERENT:
        return np.nan, np.nan
    reach = norm.ppf(0.5 + level / 2) * error
    return expit(logit(won / pairs) - reach), expit(logit(won / pairs) + reach)


def _wins(values: np.ndarray, inside: np.ndarray) -> tuple[float, float]:
    """How many comparisons of an inside with an outside period the inside wins, of how many (Mann-Whitney)."""
    n = inside.sum()
    return float(rankdata(values)[inside].sum() - n * (n + 1) / 2), float(n * (len(inside) - n))


def _moved_auc(parts: list[tuple[np.ndarray, np.ndarray]], rng: np.random.Generator) -> float:
    counted = [_wins(values, np.roll(mask, rng.integers(len(mask)))) for values, mask in parts]
    wins, pairs = np.array(counted).T
    return wins.sum() / pairs.sum()
