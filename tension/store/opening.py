"""A URL -> an engine: SQLite in WAL mode with private files, or a server; and what a database's errors mean."""

import os
import sqlite3
from pathlib import Path

import sqlalchemy as sql
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from tension.errors import MissingExtraError, StoreError

_BUSY_MS = 30_000
_ADVICE = (
    ("disk is full", "nothing of this batch was written, all before it is kept; free some space and run again"),
    ("disk full", "nothing of this batch was written, all before it is kept; free some space and run again"),
    ("no space left", "nothing of this batch was written, all before it is kept; free some space and run again"),
    ("readonly database", "this user may only read it; check the owner and the permissions of the file and its folder"),
    ("read-only transaction", "this role may only read it; connect as its owner"),
    ("not a database", "the file is something else, or was overwritten; give another path or restore a copy"),
    ("malformed", "the file is damaged; restore a copy, or save what can be read: sqlite3 FILE .recover | sqlite3 NEW"),
    ("unable to open", "check that the folder exists and may be written to"),
    ("locked", "another program has held it for 30 seconds; run again when it is done"),
    ("connection refused", "no server answers there; check host and port, and that it runs"),
    ("password authentication", "check user and password"),
    ("does not exist", "create it first, or check the name"),
)


def url_of(text: str | Path) -> URL:
    """A SQLAlchemy URL from one, or from the path of an SQLite file.

    Raises
    ------
    StoreError
        If it looks like a URL and is none.
    """
    text = str(text)
    try:
        url = make_url(text if "://" in text else f"sqlite:///{text}")
    except ArgumentError as error:
        raise StoreError(
            "this is no database URL; give sqlite:///news.db, postgresql://user@host/name, or a path"
        ) from error
    return url.set(drivername="postgresql+psycopg") if url.drivername in ("postgresql", "postgres") else url


def file_of(url: URL) -> Path | None:
    """The file of an SQLite store; None for one in memory or on a server."""
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    return Path(url.database.removeprefix("file:"))


def engine_of(url: URL) -> sql.Engine:
    """An engine whose reads see one state of the database each, and whose writes begin as such.

    Raises
    ------
    StoreError, MissingExtraError
        If the kind of database is unknown, or its driver is not installed.
    """
    lite = url.get_backend_name() == "sqlite"
    try:
        engine = sql.create_engine(url, poolclass=sql.StaticPool if lite and file_of(url) is None else None)
    except ModuleNotFoundError as error:
        raise MissingExtraError.of(str(error.name), "postgres") from error
    except SQLAlchemyError as error:
        raise store_error(url, "cannot be opened", error) from error
    if lite:
        sql.event.listen(engine, "connect", _settings)
        sql.event.listen(engine, "begin", _begin)
    else:
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    return engine


def make_private(path: Path) -> None:
    """Create an SQLite file that only its owner may read and write; one that is there stays as it is."""
    if not path.exists() and path.parent.is_dir():
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))


def store_error(url: URL, what: str, error: Exception) -> StoreError:
    """What happened to which store, without its password, and what to do next."""
    cause = getattr(error, "orig", None) or error
    said = " ".join(str(cause).split()) or type(cause).__name__
    if url.password:
        said = said.replace(str(url.password), "***")
    advice = next((advice for sign, advice in _ADVICE if sign in said.lower()), "")
    return StoreError(f"the store {shown(url)} {what}: {said}" + (f" ({advice})" if advice else ""))


def shown(url: URL) -> str:
    """A URL without its password."""
    return url.render_as_string(hide_password=True)


def _settings(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # BEGIN is ours, so that reads and changes of the schema are transactions too
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
    if cursor.execute("PRAGMA journal_mode").fetchone()[0] == "delete":
        cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin(connection: sql.Connection) -> None:
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
