"""Events -> stories -> cells: one row per dyad, period and story, then one per dyad and period.

Names become whole numbers once, so that ten million events take seconds.
"""

import numpy as np
import pandas as pd

from tension.ontology import act_of
from tension.series.stories import dyad_of, groups_of, period_of

_MEANS = ("cooperation", "conflict", "intensity", "doubt")
COUNTED = (
    "status", "source", "target", "date", "event_start", "story", "article_id", "root", "quad", "p_cooperation", "p_conflict", "intensity",
)  # fmt: skip
_NO_CHANCE = 1e-6


def stories_of(
    events: pd.DataFrame, freq: str, directed: bool, by: str, unit: str, in_time: bool = False
) -> pd.DataFrame:
    """One row per dyad, period and story (or article): `dyad`, `date`, `n_events`, `n_articles`, and means over the events that tell it.

    Sorted by dyad and period; with `in_time` within these by first report too, stories of one day by name, so that no value
    hangs on the order of the events.
    """
    dyads, dyad_names = pd.factorize(dyad_of(events, directed), sort=True)
    story, _ = pd.factorize(events["story" if unit == "story" else "article_id"], sort=in_time)
    article = story if unit == "article" else pd.factorize(events["article_id"])[0]
    coded = pd.DataFrame({"date": events["date"], "event_start": events["event_start"], "story": story})
    period, periods = pd.factorize(period_of(coded, dyads, freq, by), sort=True)
    cooperation, conflict, intensity = (
        events[name].to_numpy() for name in ("p_cooperation", "p_conflict", "intensity")
    )
    values = (cooperation, conflict, intensity, _doubt(_best(events), cooperation, conflict, intensity))
    cell = dyads.astype(np.int64) * max(1, len(periods)) + period
    order, first, size = groups_of(cell * (story.max(initial=0) + 1) + story)
    columns = {
        "dyad": pd.array(np.asarray(dyad_names)[dyads[order][first]], dtype="str"),
        "date": pd.DatetimeIndex(periods)[period[order][first]],
        "n_events": size,
        "n_articles": _distinct(article[order], first, size),
    }
    means = (np.add.reduceat(value[order], first, dtype=float) / size if len(first) else value for value in values)
    frame = pd.DataFrame(columns | dict(zip(_MEANS, means, strict=True)))
    if not in_time:
        return frame
    when = events["date"] if by == "publication" else events["event_start"].fillna(events["date"])
    day = when.to_numpy("datetime64[D]").astype(np.int64)[order]
    told = np.minimum.reduceat(day, first) if len(first) else day
    in_order = np.lexsort((story[order][first], told, cell[order][first]))
    return frame.iloc[in_order].reset_index(drop=True)


def cells_of(stories: pd.DataFrame) -> pd.DataFrame:
    """Counts, sums of probabilities, mean intensity and variances of each dyad and period."""
    return stories.groupby(["dyad", "date"], sort=True, observed=True).agg(
        n_articles=("n_articles", "sum"),
        n_stories=("n_events", "size"),
        n_events=("n_events", "sum"),
        cooperation=("cooperation", "sum"),
        conflict=("conflict", "sum"),
        intensity=("intensity", "mean"),
        variance=("intensity", "var"),
        conflict_variance=("conflict", "var"),
        cooperation_variance=("cooperation", "var"),
    )


def _distinct(values: np.ndarray, first: np.ndarray, size: np.ndarray) -> np.ndarray:
    """How many different values each group holds; groups lie one after another."""
    group = np.repeat(np.arange(len(first)), size)
    order = np.lexsort((values, group))
    new = np.diff(values[order], prepend=-1) != 0
    new[first] = True
    return np.add.reduceat(new.astype(np.int64), first) if len(first) else size


def _best(events: pd.DataFrame) -> np.ndarray:
    """Intensity of each event's act."""
    root, roots = pd.factorize(events["root"])
    quad, quads = pd.factorize(events["quad"])
    table = np.array([[act_of(r, q).plover for q in quads] for r in roots], dtype=np.float32)
    return table[root, quad] if len(events) else np.zeros(0, np.float32)


def _doubt(best: np.ndarray, coop: np.ndarray, conf: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Variance an event's probabilities leave: its pole has its act's intensity, the other what explains the expected one, the rest 0.

    Where the other pole is out of the question the own one explains all, on whatever scale.
    """
    own, other = np.where(best >= 0, (coop, conf), (conf, coop))
    mine = np.where(other < _NO_CHANCE, expected / np.maximum(own, _NO_CHANCE), best)
    opposite = np.clip((expected - own * mine) / np.maximum(other, _NO_CHANCE), -10, 10)
    return np.maximum(own * mine**2 + other * opposite**2 - expected**2, 0)
