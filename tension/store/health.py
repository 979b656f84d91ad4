"""What a store holds, and whether it is whole."""

import sqlalchemy as sql

from tension.errors import StoreBusyError
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
    versions, runs = store.versions(), store.runs()
    for row in versions.itertuples():
        options = "" if row.options == "{}" else f" {row.options}"
        found[f"version {row.version}"] = f"{row.model}{options}: {row.articles} articles, {row.events} events"
    if left := store.left():
        wrong.append(
            f"{left} of the kept articles are not scored by {store.scorer.label} with these options: tension rescore does it"
        )
    if len(runs):
        last = runs.iloc[-1]
        found["last run"] = f"{last['state']}, begun {last['started']:%Y-%m-%d %H:%M} UTC, {last['counts']}"
        if last["state"] in ("failed", "killed"):
            wrong.append(f"the last run is {last['state']}; the same update goes on where it stopped")
    found["writer"] = _writer(store)
    return found


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


def _writer(store: Store) -> str:
    try:
        store.lock.probe()
    except StoreBusyError:
        return store.lock.holder()
    return "none at the moment"
