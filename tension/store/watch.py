"""Alarms of a store's series that were not told before."""

from collections.abc import Collection

import numpy as np
import pandas as pd
import sqlalchemy as sql
from pandas.tseries.frequencies import to_offset

from tension.errors import OptionError
from tension.series.aggregate import Frequency, Measure
from tension.series.changes import changes
from tension.series.names import dyads_of, undirected
from tension.series.stories import PERIOD_STARTS
from tension.store.common import value_of, write_value
from tension.store.runs import now
from tension.store.schema import watched
from tension.store.store import Store

_COLUMNS = ["dyad", "date", "tension", "lower", "upper", "n_stories", "expected", "deviation", "p_value"]


def watch(
    store: Store,
    dyads: str | Collection[str] | None = None,
    *,
    freq: Frequency = "W",
    measure: Measure = "net",
    directed: bool = False,
    baseline: int = 12,
    false_alarm: float = 0.01,
    min_n: int = 3,
    name: str = "default",
    peek: bool = False,
    model: str | int | None = None,
) -> pd.DataFrame:
    """The dyads whose change alarm fired since the last watch of this name.

    An alarm is a period that `changes` finds outside its dyad's own baseline. Each is told once. The first watch tells those of
    the newest period in the store and of the one before; a later one goes back to a period before the newest that the last one saw, since
    late articles move the near past. Periods that have not begun are left out until they do: a date ahead of today is mostly a slip.

    Parameters
    ----------
    store
        Whose series.
    dyads
        `CHN-JPN` (or `CHN->JPN`, which needs `directed`), several of these, or None for all.
    freq, measure, directed, min_n
        As in `aggregate`.
    baseline, false_alarm
        As in `changes`.
    name
        Watches of different names tell their alarms apart from each other.
    peek
        Whether to leave no trace: the next watch will tell the same. `remember` notes the alarms when they have been delivered.
    model
        The version to read, as in `Store.events`.

    Returns
    -------
    DataFrame
        A row for each alarm: `dyad`, `date` (the period's start), `tension`, `lower`, `upper`, `n_stories`, `expected` (the baseline's
        mean), `deviation` (in predictive standard deviations, positive = tenser), `p_value`. `attrs["unseen"]` holds those of `dyads` of
        which the store has no event: they are quiet, or written wrongly.

    Raises
    ------
    OptionError
        If an option is outside its list.
    StoreError
        If the database fails.
    """
    if not directed and any("->" in dyad for dyad in dyads_of(dyads)):
        raise OptionError("a dyad such as CHN->JPN needs directed=True (--directed)")
    series = store.series(freq, dyads, measure=measure, directed=directed, min_n=min_n, model=model)
    unseen = unseen_of(dyads_of(dyads), set(series.index.get_level_values("dyad")))
    today = pd.Timestamp(now())
    series = series[series.index.get_level_values("date") <= today]
    if series.empty:
        nothing = pd.DataFrame(columns=_COLUMNS)
        nothing.attrs = {"unseen": unseen}
        return nothing
    alarms = series.join(changes(series, baseline=baseline, false_alarm=false_alarm).drop(columns="tension"))
    newest = series.index.get_level_values("date").max()
    with store.connected() as connection:
        since, told = _told(connection, name)
    start = (newest if since is None or since > today else since) - to_offset(PERIOD_STARTS[freq])
    fired = alarms[alarms["alarm"]].reset_index()
    new = [date >= start and (dyad, date) not in told for dyad, date in zip(fired["dyad"], fired["date"], strict=True)]
    fresh = fired[np.array(new, bool)].sort_values(["date", "dyad"], ignore_index=True)[_COLUMNS]
    fresh.attrs = {"watch": name, "newest": newest.isoformat(), "unseen": unseen}
    if not peek:
        remember(store, fresh)
    return fresh


def remember(store: Store, alarms: pd.DataFrame) -> None:
    """Note that alarms from `watch(peek=True)` have reached whom they should: the next watch of their name leaves them out."""
    if "watch" not in alarms.attrs:
        return
    told = now()
    rows = [
        {"watch": alarms.attrs["watch"], "dyad": dyad, "date": date.to_pydatetime(), "told": told}
        for dyad, date in zip(alarms["dyad"], alarms["date"], strict=True)
    ]
    with store.lock.hold(store.wait), store.connected(writes=True) as connection:
        write_value(connection, _key(alarms.attrs["watch"]), alarms.attrs["newest"])
        if rows:
            connection.execute(sql.insert(watched), rows)


def unseen_of(asked: Collection[str], known: Collection[str]) -> list[str]:
    """Those of the dyads asked about that a series does not have, in either direction where they, or the series, name none."""
    either = {undirected(dyad) for dyad in known}
    return [dyad for dyad in asked if dyad not in known and undirected(dyad) not in (known if "->" in dyad else either)]


def _told(connection: sql.Connection, name: str) -> tuple[pd.Timestamp | None, set[tuple[str, pd.Timestamp]]]:
    """The newest period the last watch saw, and every alarm told so far."""
    newest = value_of(connection, _key(name))
    rows = connection.execute(sql.select(watched.c.dyad, watched.c.date).where(watched.c.watch == name))
    return pd.Timestamp(newest) if newest else None, {(row.dyad, pd.Timestamp(row.date)) for row in rows}


def _key(name: str) -> str:
    """Where the newest period that a watch saw is written down."""
    return f"watch {name}"
