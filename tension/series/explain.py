"""The sentences behind a value."""

import pandas as pd

from tension.errors import InputError
from tension.records import as_events
from tension.series.stories import dyad_of, period_of, select_dyad, span_of

_COLUMNS = ("text", "date", "source", "target", "root", "status", "intensity", "story", "article_id")


def explain(
    events: pd.DataFrame, dyad: str, period: str, *, statuses: tuple[str, ...] = ("occurred", "planned")
) -> pd.DataFrame:
    """What a dyad's `net` value in a period is made of.

    Parameters
    ----------
    events
        An events frame.
    dyad
        `CHN-JPN` (either order of acting) or `CHN->JPN`.
    period
        A day, month, quarter or year as pandas reads it: `2012-09-18`, `2012-09`, `2012Q3`, `2012`.
    statuses
        Which events count.

    Returns
    -------
    DataFrame
        The events, heaviest first: `weight` (its share of the mean; a story's events share the story's weight) and `contribution` (how much
        the tension of the period would fall if the event's story were left out; positive = it raised tension).

    Raises
    ------
    InputError
        If the dyad has no event in the period.

    Examples
    --------
    >>> import tension
    >>> events = tension.score(["Japan protests to China over a patrol.", "China and Japan hold talks in Tokyo."], date="2013-05-01")
    >>> tension.explain(events, "CHN-JPN", "2013-05")["contribution"].iloc[0] > 0
    np.True_
    """
    span = span_of(period)
    rows = select_dyad(as_events(events), dyad)
    rows = rows[rows["status"].isin(statuses)].reset_index(drop=True)
    if rows.empty:
        raise InputError(f"{dyad} has no event with status {', '.join(statuses)}")
    day = period_of(rows, dyad_of(rows, "->" in dyad), "D", "publication")
    chosen = rows[day.between(span.start_time, span.end_time)].reset_index(drop=True)
    if chosen.empty:
        raise InputError(
            f"{dyad} has no event in {period}; its events run from {day.min().date()} to {day.max().date()}"
        )
    return _contributions(chosen)


def _contributions(rows: pd.DataFrame) -> pd.DataFrame:
    by_story = rows.groupby("story")["intensity"]
    story, means = by_story.transform("mean").astype(float), by_story.mean().astype(float)
    n, mean = len(means), means.mean()
    left_out = (mean * n - story) / (n - 1) if n > 1 else story * float("nan")
    table = rows[list(_COLUMNS)].assign(weight=1 / (n * by_story.transform("size")), contribution=left_out - mean)
    order = table["contribution"].abs().sort_values(ascending=False, kind="stable").index
    return table.loc[order].reset_index(drop=True)
