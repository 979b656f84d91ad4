"""What series count of the events, in columns: a page holds what one batch told of one dyad.

A busy dyad has hundreds of thousands of events; as rows they take seconds to fetch, as pages a moment. Pages are written with the events
they repeat and never change: which articles were corrected since is read from the events themselves.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

import numpy as np
import pandas as pd
import sqlalchemy as sql

from tension.ontology import ACT_INDEX, ACTS, STATUSES, act_of
from tension.series.names import sides_of, undirected
from tension.series.stories import of_dyads
from tension.store.schema import events, pages
from tension.store.selection import Selection

_ROW = np.dtype(
    [
        ("article", "<i8"), ("known", "<i8"), ("date", "<i8"), ("event_start", "<i8"), ("story", "<u8"), ("act", "u1"), ("status", "u1"),
        ("forward", "?"), ("p_cooperation", "<f4"), ("p_conflict", "<f4"), ("intensity", "<f4"),
    ]
)  # fmt: skip


def write(connection: sql.Connection, rows: Sequence[dict[str, object]]) -> None:
    """Write the pages of event rows; those without a date have no place in a series."""
    dated = [row for row in rows if row["date"] is not None]
    if not dated:
        return
    keys = sorted({(row["version"], row["dyad"]) for row in dated})
    place = {key: n for n, key in enumerate(keys)}
    page = np.array([place[row["version"], row["dyad"]] for row in dated])
    parts = np.split(_packed(dated)[np.argsort(page, kind="stable")], np.cumsum(np.bincount(page))[:-1])
    first = dated[0]["number"]
    written = [
        {"version": version, "dyad": dyad, "first": first, "data": part.tobytes()}
        for (version, dyad), part in zip(keys, parts, strict=True)
    ]
    connection.execute(sql.insert(pages), written)


def counted_of(connection: sql.Connection, which: Selection) -> pd.DataFrame:
    """The columns that series count, of a selection.

    Numbers stand for articles and stories, since series only tell them apart.
    """
    query = sql.select(pages.c.dyad, pages.c.data).where(pages.c.version == which.version)
    if which.dyads is not None:
        query = query.where(pages.c.dyad.in_(set(map(undirected, which.dyads))))
    found = connection.execute(query.order_by(pages.c.dyad, pages.c.first)).all()
    table = np.frombuffer(b"".join(page.data for page in found), _ROW)
    kept = _kept(connection, table, which)
    names, dyad = np.unique([page.dyad for page in found], return_inverse=True)
    dyad = np.repeat(dyad, [len(page.data) // _ROW.itemsize for page in found])
    return _in_direction(_frame(table[kept], dyad[kept], list(map(sides_of, names.tolist()))), which.dyads or ())


def _in_direction(counted: pd.DataFrame, dyads: Collection[str]) -> pd.DataFrame:
    """Of dyads that were asked for by their direction, the events in that direction."""
    return of_dyads(counted, dyads) if any("->" in dyad for dyad in dyads) else counted


def _packed(rows: Sequence[dict[str, object]]) -> np.ndarray:
    table = np.empty(len(rows), _ROW)
    for name in ("article", "p_cooperation", "p_conflict", "intensity"):
        table[name] = [row[name] for row in rows]
    for name in ("known", "date", "event_start"):
        table[name] = np.array([row[name] for row in rows], dtype="datetime64[us]").view(np.int64)
    table["story"] = pd.util.hash_array(np.array([row["story"] for row in rows], dtype=object))
    table["act"] = [ACT_INDEX[act_of(row["root"], row["quad"]).name] for row in rows]
    table["status"] = [STATUSES.index(row["status"]) for row in rows]
    table["forward"] = [row["dyad"].startswith(f"{row['source']}-") for row in rows]
    return table


def _kept(connection: sql.Connection, table: np.ndarray, which: Selection) -> np.ndarray:
    kept = np.ones(len(table), bool)
    if which.since is not None:
        kept &= table["date"] >= _us(which.since)
    if which.until is not None:
        kept &= table["date"] < _us(which.until)
    corrected = sql.select(events.c.article).distinct().where(events.c.version == which.version)
    if which.as_of is None:
        corrected = corrected.where(events.c.superseded.is_not(None))
    else:
        kept &= table["known"] < _us(which.as_of)
        corrected = corrected.where(events.c.superseded < which.as_of)
    gone = np.array(connection.execute(corrected).scalars().all(), dtype=np.int64)
    return kept & ~np.isin(table["article"], gone) if len(gone) else kept


def _us(moment: datetime) -> int:
    return int(np.datetime64(moment, "us").astype(np.int64))


def _frame(table: np.ndarray, dyad: np.ndarray, sides: list[list[str]]) -> pd.DataFrame:
    states = sorted({state for pair in sides for state in pair})
    place = np.array([[states.index(state) for state in pair] for pair in sides], dtype=np.int64).reshape(-1, 2)
    forward = table["forward"].astype(np.int64)
    columns = {
        "status": pd.Categorical.from_codes(table["status"], list(STATUSES)),
        "source": pd.Categorical.from_codes(place[dyad, 1 - forward], states),
        "target": pd.Categorical.from_codes(place[dyad, forward], states),
        "article_id": table["article"],
        **{part: _called([getattr(act, part) for act in ACTS], table["act"]) for part in ("root", "quad")},
    }
    columns |= {name: table[name].astype(np.int64).view("datetime64[us]") for name in ("date", "event_start")}
    columns |= {name: table[name] for name in ("story", "p_cooperation", "p_conflict", "intensity")}
    return pd.DataFrame(columns)


def _called(names: list[str], act: np.ndarray) -> pd.Categorical:
    """What each act is called, as a category."""
    distinct = sorted(set(names))
    return pd.Categorical.from_codes(np.array([distinct.index(name) for name in names])[act], distinct)
