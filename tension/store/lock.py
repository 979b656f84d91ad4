"""One writer at a time: a lock that its holder's death releases.

A store in a file is locked by the operating system (`<file>.lock`), one on a server by the server (an advisory lock of the session).
Who holds it is written down in the store itself, for the one that waits to read.
"""

import getpass
import os
import platform
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Protocol

import sqlalchemy as sql
from filelock import FileLock, Timeout
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from tension.errors import OptionError, StoreBusyError
from tension.store.common import value_of, write_value
from tension.store.opening import file_of, shown, store_error

_KEY = 0x74656E73  # "tens": with the schema's own number, the advisory lock of a store
_PAUSE = 0.1


class _Held(Protocol):
    """Something that is taken or not, at once, is still there, and is let go."""

    def take(self) -> bool: ...

    def check(self) -> None: ...

    def release(self) -> None: ...


class WriterLock:
    """The right to write to a store; a thread that has it may take it again."""

    def __init__(self, engine: sql.Engine, url: URL):
        self._engine, self._url = engine, url
        self._held = _held_by(engine, url)
        self._thread, self._depth = threading.RLock(), 0

    @contextmanager
    def hold(self, wait: float = 0.0) -> Iterator[None]:
        """Hold the lock; wait for it at most so many seconds.

        Raises
        ------
        StoreBusyError
            If another process or thread held it all the while; the message names it.
        StoreError
            If the database or the file of the lock cannot be used.
        """
        if not wait >= 0:
            raise OptionError(f"wait={wait!r} must be a number of seconds, 0 or more")
        deadline = time.monotonic() + wait
        if not self._thread.acquire(timeout=min(wait, threading.TIMEOUT_MAX)):
            raise self._busy()
        try:
            if not self._depth:
                self._take(deadline)
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                if not self._depth:
                    self._held.release()
        finally:
            self._thread.release()

    def check(self) -> None:
        """Raise `StoreError` where the lock was lost under way, as when its session on the server was ended."""
        try:
            self._held.check()
        except SQLAlchemyError as error:
            raise store_error(self._url, "lost its lock, and nothing more was written", error) from error

    def probe(self) -> None:
        """Raise `StoreBusyError` where another holds the lock; nothing is written to the store."""
        if not self._thread.acquire(blocking=False):
            raise self._busy()
        try:
            if not self._depth:
                if not self._try():
                    raise self._busy()
                self._held.release()
        finally:
            self._thread.release()

    def holder(self) -> str:
        """Who took the lock last."""
        try:
            with self._engine.connect() as connection:
                said = value_of(connection, "writer")
        except SQLAlchemyError as error:
            raise store_error(self._url, "cannot be read", error) from error
        return said or "another run"

    def _take(self, deadline: float) -> None:
        while not self._try():
            if time.monotonic() >= deadline:
                raise self._busy()
            time.sleep(_PAUSE)
        try:
            self._sign()
        except BaseException as error:
            self._held.release()
            if isinstance(error, SQLAlchemyError):
                raise store_error(self._url, "cannot be written", error) from error
            raise

    def _try(self) -> bool:
        try:
            return self._held.take()
        except (OSError, SQLAlchemyError) as error:
            raise store_error(self._url, "cannot be locked", error) from error

    def _busy(self) -> StoreBusyError:
        return StoreBusyError(
            f"the store {shown(self._url)} is being written to by {self.holder()}; try again when it is done, or wait for it"
        )

    def _sign(self) -> None:
        writer = f"{me()} since {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"
        with self._engine.execution_options(writes=True).begin() as connection:
            write_value(connection, "writer", writer)


def me() -> str:
    """This process, in words."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as in some containers
        user = str(os.getuid()) if hasattr(os, "getuid") else "unknown"
    return f"process {os.getpid()} of {user} on {platform.node()}"


def _held_by(engine: sql.Engine, url: URL) -> _Held:
    path = file_of(url)
    if path is not None:
        return _File(FileLock(f"{path.resolve()}.lock", mode=0o600, thread_local=False))
    return _Server(engine) if url.get_backend_name() == "postgresql" else _Nothing()


class _File:
    def __init__(self, lock: FileLock):
        self._lock = lock

    def take(self) -> bool:
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            return False
        return True

    def check(self) -> None:
        pass

    def release(self) -> None:
        self._lock.release()


class _Server:
    """An advisory lock, held by a connection of its own: the server lets it go when the connection dies."""

    def __init__(self, engine: sql.Engine):
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._connection: sql.Connection | None = None

    def take(self) -> bool:
        connection = self._engine.connect()
        try:
            place = connection.execute(sql.text("SELECT hashtext(current_schema())")).scalar()
            if connection.execute(sql.select(sql.func.pg_try_advisory_lock(_KEY, place))).scalar():
                self._connection, connection = connection, None
        finally:
            if connection is not None:
                connection.close()
        return connection is None

    def check(self) -> None:
        self._connection.execute(sql.select(1))

    def release(self) -> None:
        connection, self._connection = self._connection, None
        try:
            connection.execute(sql.select(sql.func.pg_advisory_unlock_all()))
        except SQLAlchemyError:  # the session is gone, and the lock with it
            connection.invalidate()
        finally:
            connection.close()


class _Nothing:
    """A store in memory has no other process; threads wait for each other."""

    def take(self) -> bool:
        return True

    def check(self) -> None:
        pass

    def release(self) -> None:
        pass
