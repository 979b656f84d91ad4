"""The events behind a dyad's values."""

import pandas as pd

from tension.records import as_events
from tension.series.stories import select_dyad


def counted(events: pd.DataFrame, dyad: str, attrs: dict) -> pd.DataFrame:
    """The events of a dyad that a series with these attributes counts; where they do not say, those that happened or are planned.

    Raises
    ------
    MissingColumnError, InputError
        If a column is missing, or the dyad has no event.

    Examples
    --------
    >>> import tension
    >>> events = tension.score(["Japan protests to China.", "China did not attack Japan."], date="2013-05-01")
    >>> counted(events, "CHN-JPN", tension.aggregate(events).attrs)["text"].tolist()
    ['Japan protests to China.']
    """
    rows = select_dyad(as_events(events), dyad)
    return rows[rows["status"].isin(attrs.get("statuses", ("occurred", "planned")))].reset_index(drop=True)
