"""What a store holds, and whether it is whole."""

import sqlalchemy as sql

from tension.errors import StoreBusyError
from tension.store import reading
from tension.store.runs import version_of
from tension.store.schema import SCHEMA_VERSION, articles, events
from tension.store.store import Store


def health(store: Store, wrong: list[str]) -> dict[str, object]:
    """Findings by name; what is wrong is added to the list, in words. Nothing is scored or changed."""
    with store.connected() as connection:
        sound = _sound(connection)
        found: dict[str, object] = {
            "schema": SCHEMA_VERSION,
            "sound": sound,
            "articles": _count(connection, articles),
            "events": _count(connection, events),
            "newest article": connection.execute(sql.select(sql.func.max(articles.c.date))).scalar() or "none",
        }
    if sound != "ok":
        wrong.append(f"the database is damaged: {sound}; restore a copy, or sqlite3 FILE .recover | sqlite3 NEW")
    for row in store.versions().itertuples():
        found[f"version {row.version}"] = f"{row.model}{_said(row.options)}: {row.articles} articles, {row.events} events"
    _look_for_unscored(store, wrong)
    return found | _last_run(store, wrong)


def _look_for_unscored(store: Store, wrong: list[str]) -> None:
    """Whether the model has scored all there is, with the options of the latest run: the series that is read by default."""
    label = store.scorer.label
    with store.connected() as connection:
        options = reading.latest_options(connection)
        version = version_of(connection, label, options) or 0
        left, lost = reading.number_left(connection, version), reading.number_lost(connection, version)
    by, again = f"not scored by {label}{_said(options)}", " with these options" if _said(options) else ""
    if left:
        wrong.append(f"{left} of the kept articles are {by}: tension rescore{again} does it")
    if lost:
        wrong.append(
            f"{lost} articles are {by}, and their words were not kept: tension update{again} from their files does it, or read another "
            "version (--model NUMBER)"
        )


def _said(options: str) -> str:
    return "" if options == "{}" else f" {options}"


def _last_run(store: Store, wrong: list[str]) -> dict[str, object]:
    """The last run and who writes; a run that says it is running was killed where it has let go of the lock."""
    before, writer, runs = store.runs(), _writer(store), store.runs()
    found = {"writer": writer or "none at the moment"}
    if runs.empty:
        return found
    last = runs.iloc[-1]
    ended = writer is None and len(before) == len(runs)  # it had begun before the lock was tried
    state = "killed" if last["state"] == "running" and ended else last["state"]
    if state in ("failed", "killed"):
        wrong.append(f"the last run is {state}; the same update goes on where it stopped")
    return {"last run": f"{state}, begun {last['started']:%Y-%m-%d %H:%M} UTC, {last['counts']}"} | found


def _sound(connection: sql.Connection) -> str:
    """`ok`, or what SQLite's own check found; a server looks after itself."""
    if connection.dialect.name != "sqlite":
        return "ok"
    try:
        return str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar())
    except sql.exc.DatabaseError as error:
        return str(error.orig)


def _count(connection: sql.Connection, table: sql.Table) -> int:
    return int(connection.execute(sql.select(sql.func.count()).select_from(table)).scalar())


def _writer(store: Store) -> str | None:
    """Who holds the lock; None where it is free."""
    try:
        store.lock.probe()
    except StoreBusyError:
        return store.lock.holder()
    return None
