"""The sentences behind a value."""

import pandas as pd

from tension.errors import InputError
from tension.records import require_columns
from tension.series.aggregate import period_start

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
    require_columns(events, _COLUMNS, "an events frame")
    span = pd.Period(period)
    directed = "->" in dyad
    source, _, target = dyad.partition("->" if directed else "-")
    ends = events["source"].eq(source) & events["target"].eq(target)
    if not directed:
        ends |= events["source"].eq(target) & events["target"].eq(source)
    day = events["date"].dt.normalize()
    rows = events[ends & events["status"].isin(statuses) & day.between(span.start_time, span.end_time)]
    if rows.empty:
        raise InputError(
            f"{dyad} has no event in {period} with status {', '.join(statuses)}; the frame covers "
            f"{period_start(events['date'], 'D').min()} to {period_start(events['date'], 'D').max()}"
        )
    story = rows.groupby("story")["intensity"].transform("mean")
    per_story = rows.groupby("story")["intensity"].mean()
    n, mean = len(per_story), per_story.mean()
    left_out = (mean * n - story) / (n - 1) if n > 1 else story * float("nan")
    table = rows[list(_COLUMNS)].assign(
        weight=1 / (n * rows.groupby("story")["intensity"].transform("size")), contribution=left_out - mean
    )
    order = table["contribution"].abs().sort_values(ascending=False, kind="stable").index
    return table.loc[order].reset_index(drop=True)
