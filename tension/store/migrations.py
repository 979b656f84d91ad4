"""A store of any schema -> one of ours: created, upgraded step by step in one transaction, or refused with what to do."""

from collections.abc import Callable

import sqlalchemy as sql
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from tension.errors import StoreError, StoreNotFoundError
from tension.store import pages
from tension.store.common import value_of, write_value
from tension.store.opening import shown, store_error
from tension.store.schema import SCHEMA_VERSION, articles, events, metadata, runs, scored, versions

_OLD_RUN, _CHUNK = 1, 5000


def prepare(engine: sql.Engine, url: URL, make: bool = True) -> None:
    """Bring a database to our schema; nothing is written where it has it already, nor in an empty one without `make`.

    Raises
    ------
    StoreError
        If the database cannot be used, holds other tables, or was made by a newer tension.
    """
    try:
        with engine.connect() as connection:
            found = _version(connection, url)
        if found == SCHEMA_VERSION:
            return
        if found is None and not make:
            raise StoreNotFoundError(f"the database {shown(url)} holds no store; tension update makes one")
        alone = (
            {"isolation_level": "READ COMMITTED"} if engine.dialect.name == "postgresql" else {}
        )  # to see what others made
        with engine.execution_options(writes=True, **alone).begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(sql.select(sql.func.pg_advisory_xact_lock(SCHEMA_VERSION)))
            found = _version(connection, url)
            if found is None:
                metadata.create_all(connection)
                write_value(connection, "schema", str(SCHEMA_VERSION))
                return
            for number in range(found, SCHEMA_VERSION):
                _STEPS[number](connection)
            write_value(connection, "schema", str(SCHEMA_VERSION))
    except SQLAlchemyError as error:
        raise store_error(url, "cannot be opened", error) from error


def _version(connection: sql.Connection, url: URL) -> int | None:
    """The schema a database has; None for an empty one."""
    names = set(sql.inspect(connection).get_table_names())
    if "info" not in names:
        if names & set(metadata.tables):
            raise StoreError(
                f"the database {shown(url)} has tables of other programs by our names; give tension one of its own"
            )
        return None
    said = value_of(connection, "schema") or "none"
    if not said.isdigit():
        raise StoreError(f"the store {shown(url)} has the schema {said!r}, which is none; restore a copy")
    found = int(said)
    if found > SCHEMA_VERSION:
        raise StoreError(
            f"the store {shown(url)} has schema {found}, this tension reads up to {SCHEMA_VERSION}: pip install --upgrade tension"
        )
    return found


def _from_1(connection: sql.Connection) -> None:
    """Schema 1 kept an article once per model and no text; its rows become articles, versions and one finished run."""
    for name in ("events_by_pair", "events_by_article"):
        connection.execute(sql.text(f"DROP INDEX {name}"))
    for name in ("articles", "events"):
        connection.execute(sql.text(f"ALTER TABLE {name} RENAME TO {name}_1"))
        if connection.dialect.name == "postgresql":
            connection.execute(sql.text(f"ALTER INDEX IF EXISTS {name}_pkey RENAME TO {name}_1_pkey"))
    metadata.create_all(connection)
    old = sql.MetaData()
    old_articles, old_events = (
        sql.Table(f"{name}_1", old, autoload_with=connection) for name in ("articles", "events")
    )
    models = {name: n for n, (name,) in enumerate(connection.execute(_models(old_articles, old_events)).all(), start=1)}
    if models:
        _copy(connection, old_articles, old_events, models)
    old.drop_all(connection)


def _models(old_articles: sql.Table, old_events: sql.Table) -> sql.CompoundSelect:
    return sql.union(sql.select(old_articles.c.model), sql.select(old_events.c.model)).order_by("model")


def _copy(connection: sql.Connection, old_articles: sql.Table, old_events: sql.Table, models: dict[str, int]) -> None:
    first = connection.execute(sql.select(sql.func.min(old_articles.c.added))).scalar()
    rows = [{"number": n, "model": name, "options": "{}", "added": first} for name, n in models.items()]
    connection.execute(sql.insert(versions), rows)
    told = {"state": "done", "package": "", "data": "", "holder": "schema 1", "counts": "{}"}
    run = {"number": _OLD_RUN, "version": max(models.values()), "started": first, "ended": first}
    connection.execute(sql.insert(runs), [run | told])
    kept = _copied_articles(connection, old_articles)
    rows = connection.execute(sql.select(old_articles.c["content", "id", "model"]))
    counts = {(kept[row.content, row.id]["number"], models[row.model]): [0, None] for row in rows}
    _copy_events(connection, old_events, models, kept, counts)
    connection.execute(
        sql.insert(scored),
        [{"article": a, "version": v, "run": _OLD_RUN, "n_events": n, "story": s} for (a, v), (n, s) in counts.items()],
    )


def _copied_articles(connection: sql.Connection, old: sql.Table) -> dict[tuple[str, str], dict[str, object]]:
    """The new rows of the articles, by content and id."""
    rows: dict[tuple[str, str], dict[str, object]] = {}
    for row in connection.execute(sql.select(old).order_by(old.c.added)).mappings():
        key = row["content"], row["id"]
        if key not in rows:
            own = {"number": len(rows) + 1, "title": "", "publisher": row["publisher"] or "", "run": _OLD_RUN}
            rows[key] = own | {name: row[name] for name in ("id", "content", "date", "added")}
    connection.execute(sql.insert(articles), list(rows.values()))
    return rows


def _copy_events(
    connection: sql.Connection,
    old: sql.Table,
    models: dict[str, int],
    kept: dict[tuple[str, str], dict[str, object]],
    counts: dict[tuple[int, int], list],
) -> None:
    """Copy the events, and count them by article and version with the story they tell."""
    chunk: list[dict[str, object]] = []
    for number, row in enumerate(connection.execute(sql.select(old).order_by(old.c.number)).mappings(), start=1):
        article, version = kept[row["content"], row["article_id"]], models[row["model"]]
        own = {"number": number, "article": article["number"], "version": version, "known": article["added"]}
        own["dyad"] = "-".join(sorted((row["source"], row["target"])))
        chunk.append({name: row[name] for name in events.c.keys() if name in row} | own)  # noqa: SIM118
        counted = counts[article["number"], version]
        counted[:] = counted[0] + 1, row["story"]
        if len(chunk) == _CHUNK:
            _insert_events(connection, chunk)
            chunk = []
    _insert_events(connection, chunk)


def _insert_events(connection: sql.Connection, chunk: list[dict[str, object]]) -> None:
    if chunk:
        connection.execute(sql.insert(events), chunk)
        pages.write(connection, chunk)


_STEPS: dict[int, Callable[[sql.Connection], None]] = {1: _from_1}
