"""What a dyad's stories say in one number: the measures, each with its formula, unit, range, interval and source.

Of a dyad and period, y_k is the mean expected intensity of story k (-10 conflict .. +10 cooperation), p_k and q_k its probabilities of
conflict and cooperation, d_k the variance that the model's probabilities leave in y_k, and n the number of stories.

The value meant is that of the process that tells the stories, of which n were seen. The model's doubt is in y_k and p_k themselves: where
it is calibrated, their mean is right on average and their spread is what it varies by. Counts of probabilities vary less than counts of
sure things; r = s^2 / p(1 - p) says by how much, s^2 the variance of p_k (for cooperation of q_k) over stories, drawn to p(1 - p) with
the weight of two stories, and at least p(1 - p) less the mean of p_k (1 - p_k): few stories may agree by chance, and r is 1 where all
are sure.
`benchmarks/simulation.py` measures bias and coverage.

net
    -(1/n) sum y_k; -10..+10. Student's t over stories, n - 1/2 degrees of freedom; variance drawn to 9 with the weight of half a story.
logratio
    log((C + 1/2) / (K + 1/2)), C = sum p_k, K = sum q_k; unbounded, 0 when even (Lowe et al. 2011); variance
    r (1/(C + 1/2) + 1/(K + 1/2)). Blind to intensity, unmoved by volume.
share
    100 C / V: conflictual stories per hundred of the V published in the period; 0..100; Wilson interval for V p / (s^2 + p^2) published
    (Caldara and Iacoviello 2022 normalise so). Does not rise because the press wrote more.
conflict
    100 C / n: conflictual per hundred of the dyad's own stories; 0..100; Wilson interval for n / r stories.
cooperation
    -100 K / n: cooperative per hundred of the dyad's own stories, with a minus so that up is tense; -100..0; interval as for conflict.
p90
    The 90th percentile of -y_k, median-unbiased (Hyndman and Fan 1996, type 8): the tense tail, which a mean of many meetings and one
    attack hides; -10..+10. Interval between order statistics, interpolated (Nyblom 1992). Fewer than 29 stories bound no 90th
    percentile from above at the 5 % level: the upper bound is then the end of the range, and the lower one takes both tails.
stock
    B after each story: B <- B + r y (N - B) / N where y > 0, B + r y (N + B) / N where y < 0, N = 9, r = 0.1, B = 0 before the first;
    tension is -B at the end of the period, -9..+9. Bad relations need less to improve than to worsen further (saturating accumulation
    in the manner of Yan and Zhou 2004; the rate r is ours). It remembers: a period's value rests on all before it. It adds up what was
    told, so its interval holds the model's doubt d_k alone (400 draws, seed fixed).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from tension.errors import OptionError
from tension.series.days import days_of

PRIOR_STORIES = 0.5
PRIOR_VARIANCE = 9.0  # of intensities between stories of one dyad and period, before any is seen
PRIOR_COUNTED = 2.0  # stories' weight of the variance of sure things
STOCK_LIMIT, STOCK_RATE, STOCK_DRAWS, STOCK_SEED = 9.0, 0.1, 400, 20190124
RANGES = {
    "net": (-10, 10),
    "share": (0, 100),
    "conflict": (0, 100),
    "cooperation": (-100, 0),
    "p90": (-10, 10),
    "stock": (-STOCK_LIMIT, STOCK_LIMIT),
}  # of the measures that have one


def clipped(frame: pd.DataFrame) -> pd.DataFrame:
    """A frame of values with its `lower` and `upper` within the range of the measure it names; scaled ones have none."""
    if "scaling" not in frame.attrs and (measure := frame.attrs.get("measure")) in RANGES:
        frame[["lower", "upper"]] = frame[["lower", "upper"]].clip(*RANGES[measure])
    return frame


_Value = tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True, slots=True)
class Counted:
    """What a measure is taken of: one row per dyad, period and story; the cells they add up to, in the same order; options."""

    stories: pd.DataFrame
    cells: pd.DataFrame
    level: float
    volume: pd.Series | None = None

    def per_cell(self, column: str) -> np.ndarray:
        return self.cells[column].to_numpy(float)


def t_reach(n: np.ndarray, level: float) -> np.ndarray:
    """Half width of a mean's interval in standard errors, for n stories and the half that the prior counts for."""
    counts, place = np.unique(np.maximum(n, 1), return_inverse=True)
    return stats.t.ppf(0.5 + level / 2, counts - 1 + PRIOR_STORIES)[place]


def net(counted: Counted) -> _Value:
    n = counted.per_cell("n_stories")
    variance = np.nan_to_num(counted.per_cell("variance"))
    drawn = ((n - 1) * variance + PRIOR_STORIES * PRIOR_VARIANCE) / (n - 1 + PRIOR_STORIES)
    reach = t_reach(n, counted.level) * np.sqrt(drawn / n)
    tension = -counted.per_cell("intensity")
    least, most = RANGES["net"]
    return tension, np.maximum(tension - reach, least), np.minimum(tension + reach, most)


def _spread(counted: Counted, pole: str) -> tuple[np.ndarray, np.ndarray]:
    """Mean probability of a pole over stories, kept off 0 and 1, and its variance, drawn to that of sure things.

    Few stories may agree by chance: the variance is at least what calibrated probabilities leave to it, p(1 - p) less what is in the
    stories' own doubt, the mean of p_k (1 - p_k).
    """
    n, total = counted.per_cell("n_stories"), counted.per_cell(pole)
    p, mean = (total + 0.5) / (n + 1), total / n
    variance, sure = np.nan_to_num(counted.per_cell(f"{pole}_variance")), p * (1 - p)
    doubt = mean * (1 - mean) - variance * (n - 1) / n
    drawn = ((n - 1) * variance + PRIOR_COUNTED * sure) / (n - 1 + PRIOR_COUNTED)
    return p, np.minimum(np.maximum(drawn, sure - doubt), sure)


def logratio(counted: Counted) -> _Value:
    conflict, cooperation = (counted.per_cell(name) + 0.5 for name in ("conflict", "cooperation"))
    p, variance = _spread(counted, "conflict")
    tension = np.log(conflict / cooperation)
    error = np.sqrt(variance / (p * (1 - p)) * (1 / conflict + 1 / cooperation))
    reach = stats.norm.ppf(0.5 + counted.level / 2) * error
    return tension, tension - reach, tension + reach


def share(counted: Counted) -> _Value:
    dates = counted.cells.index.get_level_values("date")
    published = counted.volume.set_axis(days_of(counted.volume.index, "the index of volume"))
    total = published.reindex(dates).to_numpy(float)
    short = np.isnan(total) | (total < counted.per_cell("n_stories"))
    if short.any():
        raise OptionError(
            f"volume must be at least the number of a dyad's stories in every period; see {dates[short][0].date()}"
        )
    p, variance = _spread(counted, "conflict")
    return _wilson(counted.per_cell("conflict") / total, total * p / (variance + p**2), counted.level)


def conflict(counted: Counted) -> _Value:
    return _part(counted, "conflict")


def cooperation(counted: Counted) -> _Value:
    value, low, high = _part(counted, "cooperation")
    return -value, -high, -low


def _part(counted: Counted, pole: str) -> _Value:
    """A pole's part of the dyad's own stories."""
    n, (p, variance) = counted.per_cell("n_stories"), _spread(counted, pole)
    return _wilson(counted.per_cell(pole) / n, n * p * (1 - p) / variance, counted.level)


def _wilson(p: np.ndarray, total: np.ndarray, level: float) -> _Value:
    """A part in per cent, with Wilson's interval for so many counted."""
    z = stats.norm.ppf(0.5 + level / 2)
    centre = (p + z**2 / (2 * total)) / (1 + z**2 / total)
    reach = z / (1 + z**2 / total) * np.sqrt(p * (1 - p) / total + z**2 / (4 * total**2))
    low, high = (
        np.clip(centre - reach, 0, p),
        np.clip(centre + reach, p, 1),
    )  # at 0 and 1 rounding would leave p outside
    return 100 * p, 100 * low, 100 * high


def p90(counted: Counted) -> _Value:
    n = counted.per_cell("n_stories").astype(int)
    cell, first = np.repeat(np.arange(len(n)), n), np.cumsum(n) - n
    tense = -counted.stories["intensity"].to_numpy(float)
    tense = tense[np.lexsort((tense, cell))]
    value = _between(tense, first, n, np.clip((n + 1 / 3) * 0.9 + 1 / 3, 1, n))
    tail = (1 - counted.level) / 2
    unbound = 0.9**n >= tail
    lower = _between(tense, first, n, _rank_at(np.where(unbound, 2 * tail, tail), n, 0.9))
    upper = np.where(unbound, RANGES["p90"][1], _between(tense, first, n, _rank_at(np.full(len(n), 1 - tail), n, 0.9)))
    return value, np.minimum(lower, value), np.maximum(upper, value)


def _between(ordered: np.ndarray, first: np.ndarray, n: np.ndarray, rank: np.ndarray) -> np.ndarray:
    """What stands at a rank, 1..n and parts between, of each cell's values."""
    below = np.floor(rank).astype(int)
    low, high = ordered[first + below - 1], ordered[first + np.minimum(below, n - 1)]
    return low + (rank - below) * (high - low)


def _rank_at(tail: np.ndarray, n: np.ndarray, p: float) -> np.ndarray:
    """The rank above which the p-quantile lies with probability 1 - tail, interpolated between order statistics (Nyblom 1992)."""
    below = np.clip(stats.binom.ppf(tail, n, p).astype(int), 1, n)
    at, after = stats.binom.cdf(below - 1, n, p), stats.binom.cdf(below, n, p)
    odds = below * (1 - p) * (after - tail) / np.maximum((n - below) * p * (tail - at), 1e-12)
    return np.where(below < n, below + np.clip(1 / (1 + np.maximum(odds, 0)), 0, 1), below)


def stock(counted: Counted) -> _Value:
    y, doubt = (counted.stories[name].to_numpy(float) for name in ("intensity", "doubt"))
    n = counted.per_cell("n_stories").astype(int)
    dyads = counted.cells.index.get_level_values("dyad")
    starts = np.concatenate([[True], dyads[1:] != dyads[:-1]]) if len(dyads) else np.array([], bool)
    ends = np.zeros((len(n), STOCK_DRAWS + 1))
    level, at = np.zeros(STOCK_DRAWS + 1), 0
    for cell, told in enumerate(n):
        if starts[cell]:  # each dyad draws anew, so that no other dyad's articles move its bounds
            level, rng = np.zeros(STOCK_DRAWS + 1), np.random.default_rng(STOCK_SEED)
        own, unsure = (part[at : at + told, None] for part in (y, doubt))
        size = np.maximum(np.sqrt(own**2 + unsure), 1e-9)  # +-size at the odds that keep mean and variance
        drawn = np.where(rng.random((told, STOCK_DRAWS)) < (1 + own / size) / 2, size, -size)
        level, at = _moved(level, np.hstack([own, drawn])), at + told
        ends[cell] = level
    low, high = np.quantile(-ends[:, 1:], [0.5 - counted.level / 2, 0.5 + counted.level / 2], axis=1)
    return -ends[:, 0], np.minimum(low, -ends[:, 0]), np.maximum(high, -ends[:, 0])


def _moved(level: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The stock after stories, (draws,) and (stories, draws): after each, what is left to the limit shrinks by a part."""
    limit, kept = np.where(y > 0, STOCK_LIMIT, -STOCK_LIMIT), 1 - STOCK_RATE * np.abs(y) / STOCK_LIMIT
    until = np.vstack([np.cumprod(kept[::-1], axis=0)[::-1], np.ones(len(level))])  # what is kept from before each story to the end
    return level * until[0] + (limit * (1 - kept) * until[1:]).sum(axis=0)


MEASURES: dict[str, Callable[[Counted], _Value]] = {
    function.__name__: function for function in (net, logratio, share, conflict, cooperation, p90, stock)
}
