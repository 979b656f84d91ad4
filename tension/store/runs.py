"""The writing sessions of a store: each has a row that says who, when, with what, and what came of it."""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache

import pandas as pd
import sqlalchemy as sql

from tension import __version__
from tension.resources import data_path
from tension.store.common import next_number
from tension.store.lock import me
from tension.store.schema import runs, versions
from tension.store.told import Told


@dataclass(slots=True)
class Run:
    """A session under way: its number, its version's, the stories at hand, causes of rejection, counts (articles, known, events), and the
    state in which it will end.
    """

    number: int
    version: int
    told: Told
    rejected: Counter[str]
    counts: Counter[str] = field(default_factory=Counter)
    state: str = "done"


def now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


@cache
def data_fingerprint() -> str:
    """Sixteen hexadecimal digits that name the shipped actor tables."""
    digest = hashlib.sha256()
    for path in sorted(data_path("actors").glob("*.csv")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def version_of(connection: sql.Connection, model: str, options: str, make: bool = False) -> int | None:
    """The number of a version; a new one where there is none and `make` says so."""
    query = sql.select(versions.c.number).where(versions.c.model == model, versions.c.options == options)
    number = connection.execute(query).scalar()
    if number is None and make:
        number = next_number(connection, versions.c.number)
        connection.execute(sql.insert(versions).values(number=number, model=model, options=options, added=now()))
    return number


def start(connection: sql.Connection, version: int, rejected: Counter[str]) -> Run:
    """Begin a run, whose rejected records are counted elsewhere; runs that never ended were killed, since only one writes at a time."""
    connection.execute(sql.update(runs).where(runs.c.state == "running").values(state="killed"))
    number = next_number(connection, runs.c.number)
    connection.execute(
        sql.insert(runs).values(
            number=number, version=version, started=now(), state="running", package=__version__, data=data_fingerprint(),
            holder=me(), counts="{}",
        )
    )  # fmt: skip
    return Run(number, version, Told(version), rejected)


def note(connection: sql.Connection, run: Run, state: str = "running", **more: int) -> None:
    """Write down how far a run has come, with what is being written besides, and how it ended."""
    ended = None if state == "running" else now()
    counts = run.counts.copy()
    counts.update(more)
    told = dict(counts) | ({"rejected": dict(run.rejected)} if run.rejected else {})
    values = {"state": state, "ended": ended, "counts": json.dumps(told, sort_keys=True)}
    connection.execute(sql.update(runs).where(runs.c.number == run.number).values(values))


def table(connection: sql.Connection) -> pd.DataFrame:
    """Every run: `run`, `model`, `started`, `ended`, `state`, `package`, `data`, `holder` and its counts as a mapping."""
    query = (
        sql.select(
            runs.c.number.label("run"), versions.c.model, runs.c["started", "ended", "state", "package", "data", "holder", "counts"]
        )
        .join(versions, versions.c.number == runs.c.version)
        .order_by(runs.c.number)
    )  # fmt: skip
    frame = pd.DataFrame(connection.execute(query).mappings().all())
    if frame.empty:
        return pd.DataFrame(
            columns=["run", "model", "started", "ended", "state", "package", "data", "holder", "counts"]
        )
    return frame.assign(counts=frame["counts"].map(json.loads), ended=pd.to_datetime(frame["ended"]))
