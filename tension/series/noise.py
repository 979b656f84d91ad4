"""How far the values of a dyad series are from what they mean, only because few stories were seen.

A cell's own interval is a poor guide to that: where few stories happen to agree, its variance is small, and such cells are the extreme
ones. What one story varies by is therefore taken from all intervals of a dyad together.
"""

import warnings

import numpy as np
import pandas as pd
from scipy import stats

from tension.series.measures import PRIOR_STORIES, PRIOR_VARIANCE, t_reach

_LEAST = 1e-4  # of a dyad's usual variance, or where all its intervals have no width


def noise_of(cells: pd.DataFrame, attrs: dict) -> pd.Series:
    """Variance of each value of one dyad's series with these attributes.

    A story's variance, from all intervals of the dyad, over the number of stories; for a series that rests on more than the stories of
    its cells (`stock`, or shrunk) each cell's own.
    """
    own = _own(cells, attrs)
    n = np.maximum(cells["n_stories"], 1).where(own.notna())
    if measure_of(attrs) != "stock" and "shrunk" not in attrs:
        return ((own * n**2).sum() / max(n.sum(), 1) or _LEAST) / n
    usual = own[own > 0].median()
    return own.clip(lower=_LEAST * (usual if usual > 0 else 1.0))


def _own(cells: pd.DataFrame, attrs: dict) -> pd.Series:
    """Variances from the width of each cell's interval."""
    confidence = level_of(attrs)
    below, above = cells["tension"] - cells["lower"], cells["upper"] - cells["tension"]
    if measure_of(attrs) != "net" or {"shrunk", "scaling"} & set(attrs):
        return ((below + above) / (2 * stats.norm.ppf(0.5 + confidence / 2))).pow(2)
    n = np.maximum(cells["n_stories"].to_numpy(float), 1)
    widest = np.maximum(below, above)  # a bound of `net` may stop at the end of its range, with few stories both
    least = PRIOR_STORIES * PRIOR_VARIANCE / (n * (n - 1 + PRIOR_STORIES))
    return (widest / t_reach(n, confidence)).pow(2).clip(lower=pd.Series(least, index=cells.index))


def measure_of(attrs: dict) -> str:
    return _told(attrs, "measure", "net")


def level_of(attrs: dict) -> float:
    """The confidence of a series' intervals."""
    return _told(attrs, "level", 0.9)


def _told(attrs: dict, name: str, usual: object):
    """An attribute of a series; joined or read from a file it may have lost them."""
    if name not in attrs:
        warnings.warn(
            f"the series does not tell its {name} (joining frames and files lose attrs) and is read as if it were {usual!r}; "
            f"series.attrs[{name!r}] = ... says so",
            stacklevel=2,
        )
    return attrs.get(name, usual)
