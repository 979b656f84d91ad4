"""A URL -> an engine: SQLite in WAL mode with private files, or a server; and what a database's errors mean."""

import os
import re
import sqlite3
import time
from contextlib import suppress
from pathlib import Path

import sqlalchemy as sql
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from tension.errors import MissingExtraError, StoreError

_BUSY_MS = 30_000
_PAUSE = 0.01
_KINDS = ("sqlite", "postgresql", "postgres")
_MISSPELT = re.compile(r"^(sqlite|postgres|postgresql)\S*:|password=")
_SECRET = re.compile(r"pass|secret|token|key", re.I)
_ADVICE = (
    ("disk is full", "nothing of this batch was written, all before it is kept; free some space and run again"),
    ("disk full", "nothing of this batch was written, all before it is kept; free some space and run again"),
    ("no space left", "nothing of this batch was written, all before it is kept; free some space and run again"),
    (
        "readonly database",
        "this user may only read it: open it by sqlite:///file:PATH?mode=ro&uri=true, or check the owner and permissions",
    ),
    ("read-only transaction", "this role may only read it; connect as its owner"),
    ("not a database", "the file is something else, or was overwritten; give another path or restore a copy"),
    ("malformed", "the file is damaged; restore a copy, or save what can be read: sqlite3 FILE .recover | sqlite3 NEW"),
    ("unable to open", "check that the folder exists and may be written to"),
    ("locked", "another program has held it for 30 seconds; run again when it is done"),
    ("connection refused", "no server answers there; check host and port, and that it runs"),
    ("password authentication", "check user and password"),
    ("does not exist", "create it first, or check the name"),
)
_READ_ONLY = (
    "mode=ro may only read it; where it lies in a folder that cannot be written to, and nobody else writes to it, open it by "
    "sqlite:///file:PATH?mode=ro&immutable=1&uri=true"
)


def url_of(text: str | Path) -> URL:
    """A SQLAlchemy URL from one, or from the path of an SQLite file.

    Raises
    ------
    StoreError
        If it looks like a URL and is none, or names another kind of database than SQLite and PostgreSQL.
    """
    text, url = str(text), None
    if "://" not in text and text.strip() and not _MISSPELT.search(text):
        return URL.create("sqlite", database=str(Path(text).expanduser()))
    with suppress(ArgumentError, ValueError):
        url = make_url(text)
    if url is None or "@" in (url.host or ""):
        raise StoreError(
            "this is no database URL; give sqlite:///news.db, postgresql://user@host/name (a password's @ as %40), or a path"
        )
    if url.get_backend_name() not in _KINDS:
        raise StoreError(f"a store is kept in SQLite or PostgreSQL, not in {url.get_backend_name()}")
    return url.set(drivername="postgresql+psycopg") if url.drivername in ("postgresql", "postgres") else url


def file_of(url: URL) -> Path | None:
    """The file of an SQLite store; None for one in memory or on a server."""
    name = url.database or ""
    if "uri" in url.query:
        name = name.removeprefix("file:")
    return Path(name) if url.get_backend_name() == "sqlite" and name not in ("", ":memory:") else None


def engine_of(url: URL) -> sql.Engine:
    """An engine whose transactions see one state of the database each, and whose writes begin as such.

    Raises
    ------
    StoreError, MissingExtraError
        If the kind of database is unknown, or its driver is not installed.
    """
    lite = url.get_backend_name() == "sqlite"
    if lite:
        options = {"poolclass": sql.StaticPool} if file_of(url) is None else {}
    else:
        options = {"isolation_level": "REPEATABLE READ", "pool_pre_ping": True}
    try:
        engine = sql.create_engine(url, **options)
    except ModuleNotFoundError as error:
        raise MissingExtraError.of(str(error.name), "postgres") from error
    except (SQLAlchemyError, ValueError, TypeError) as error:
        raise store_error(url, "cannot be opened", error) from error
    if lite:
        sql.event.listen(engine, "connect", _settings)
        sql.event.listen(engine, "begin", _begin)
    return engine


def make_private(path: Path) -> None:
    """Create an SQLite file that only its owner may read and write; one that is there stays as it is."""
    if not path.exists() and path.parent.is_dir():
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))


def store_error(url: URL, what: str, error: Exception) -> StoreError:
    """What happened to which store, without its password, and what to do next."""
    cause = getattr(error, "orig", None) or error
    said = " ".join(str(cause).split()) or type(cause).__name__
    for secret in filter(None, (str(url.password or ""), *_secrets(url).values())):
        said = said.replace(secret, "***")
    advice = _advice(url, said.lower())
    return StoreError(f"the store {shown(url)} {what}: {said}" + (f" ({advice})" if advice else ""))


def _advice(url: URL, said: str) -> str:
    if "readonly database" in said and url.query.get("mode") == "ro":
        return _READ_ONLY
    return next((advice for sign, advice in _ADVICE if sign in said), "")


def shown(url: URL) -> str:
    """A URL without its secrets."""
    told = url.update_query_dict(dict.fromkeys(_secrets(url), "secret")).render_as_string(hide_password=True)
    return re.sub(r"=secret\b", "=***", told) if _secrets(url) else told


def _secrets(url: URL) -> dict[str, str]:
    """The values in a URL's query that are nobody's business."""
    return {name: str(value) for name, value in url.query.items() if _SECRET.search(name)}


def _settings(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # BEGIN is ours, so that reads and changes of the schema are transactions too
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
    if cursor.execute("PRAGMA journal_mode").fetchone()[0] == "delete":
        _to_wal(cursor)
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _to_wal(cursor: sqlite3.Cursor) -> None:
    """Change a file to WAL mode: SQLite fails here at once, without its busy timeout, while another connection does the same."""
    deadline = time.monotonic() + _BUSY_MS / 1000
    while not _tried_wal(cursor, last=time.monotonic() > deadline):
        time.sleep(_PAUSE)


def _tried_wal(cursor: sqlite3.Cursor, last: bool) -> bool:
    try:
        cursor.execute("PRAGMA journal_mode=WAL")
    except sqlite3.OperationalError as error:
        if last or "locked" not in str(error):
            raise
        return False
    return True


def _begin(connection: sql.Connection) -> None:
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
