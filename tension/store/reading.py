"""Rows -> events frames, as the store knew them on a day."""

import zlib
from collections.abc import Collection, Sequence
from datetime import datetime

import pandas as pd
import sqlalchemy as sql

from tension.errors import OptionError, StoreError
from tension.records import EVENT_DTYPES, Article
from tension.series.names import sides_of, undirected
from tension.store.schema import articles, events, runs, scored, texts, versions
from tension.store.selection import Selection
from tension.text.articles import MODEL_LANGUAGE, publication_date

Place = tuple[datetime, int]  # publication and number of an article


def condition(which: Selection) -> sql.ColumnElement[bool]:
    """A selection as a condition on the rows of events."""
    clauses = [events.c.version == which.version]
    if which.dyads is not None:
        clauses.append(_of_dyads(which.dyads))
    if which.since is not None:
        clauses.append(events.c.date >= which.since)
    if which.until is not None:
        clauses.append(events.c.date < which.until)
    if which.as_of is None:
        clauses.append(events.c.superseded.is_(None))
    else:
        clauses += [events.c.known < which.as_of]
        clauses.append(sql.or_(events.c.superseded.is_(None), events.c.superseded >= which.as_of))
    return sql.and_(*clauses)


def events_of(connection: sql.Connection, which: Selection) -> pd.DataFrame:
    """The whole events frame of a selection, in the order in which the events came."""
    columns = {name: events.c[name] for name in EVENT_DTYPES if name in events.c}
    columns |= {"article_id": articles.c.id, "model": versions.c.model}
    query = (
        _selected(connection, {name: columns[name] for name in EVENT_DTYPES})
        .select_from(events)
        .join(articles, articles.c.number == events.c.article)
        .join(versions, versions.c.number == events.c.version)
        .where(condition(which))
        .order_by(events.c.number)
    )
    return _fetched(connection, query, EVENT_DTYPES)


def counted_of(connection: sql.Connection, which: Selection, names: Collection[str]) -> pd.DataFrame:
    """The columns that series count, of events that have a date."""
    columns = {name: articles.c.id if name == "article_id" else events.c[name] for name in names}
    query = (
        _selected(connection, columns)
        .select_from(events)
        .join(articles, articles.c.number == events.c.article)
        .where(condition(which), events.c.date.is_not(None))
    )
    return _fetched(connection, query, {name: EVENT_DTYPES[name] for name in names})


def _selected(connection: sql.Connection, columns: dict[str, sql.ColumnElement]) -> sql.Select:
    """Columns by these names; dates of SQLite as the text they are, since a whole column is parsed much faster."""
    lite = connection.dialect.name == "sqlite"
    return sql.select(
        *(
            (sql.type_coerce(column, sql.Text) if lite and isinstance(column.type, sql.DateTime) else column).label(
                name
            )
            for name, column in columns.items()
        )
    )


def _fetched(connection: sql.Connection, query: sql.Select, dtypes: dict[str, str]) -> pd.DataFrame:
    """The rows of a query, as the driver gives them, as a frame of these dtypes."""
    result = connection.execute(query)
    rows = result.cursor.fetchall()
    result.close()
    columns = zip(*rows, strict=True) if rows else ([] for _ in dtypes)
    return pd.DataFrame(
        {name: _series(values, dtype) for (name, dtype), values in zip(dtypes.items(), columns, strict=True)}
    )


def _series(values: Sequence[object], dtype: str) -> pd.Series:
    texts = dtype.startswith("datetime") and any(isinstance(value, str) for value in values)
    if not texts:
        return pd.Series(values, dtype=dtype)
    return pd.to_datetime(pd.Series(values, dtype="str"), format="%Y-%m-%d %H:%M:%S.%f").astype(dtype)


def _of_dyads(dyads: Collection[str]) -> sql.ColumnElement[bool]:
    clauses = []
    for dyad in dyads:
        clause = events.c.dyad == undirected(dyad)
        if "->" in dyad:
            sides = sides_of(dyad)
            clause = sql.and_(clause, events.c.source == sides[0], events.c.target == sides[1])
        clauses.append(clause)
    return sql.or_(*clauses) if clauses else sql.false()


def versions_of(connection: sql.Connection) -> pd.DataFrame:
    """Every version with what it scored."""
    query = (
        sql.select(
            versions.c.number.label("version"),
            versions.c.model,
            versions.c.options,
            sql.func.count(scored.c.article).label("articles"),
            sql.func.coalesce(sql.func.sum(scored.c.n_events), 0).label("events"),
        )
        .outerjoin(scored, scored.c.version == versions.c.number)
        .group_by(versions.c.number, versions.c.model, versions.c.options)
        .order_by(versions.c.number)
    )
    rows = connection.execute(query).all()
    frame = pd.DataFrame(rows, columns=["version", "model", "options", "articles", "events"])
    return frame.astype({"version": "int64", "articles": "int64", "events": "int64"})


def version_named(connection: sql.Connection, model: str | int) -> int:
    """The number of the version meant by a model's name, or by its number.

    Raises
    ------
    OptionError
        If there is none, or the name has several, by their options.
    """
    rows = connection.execute(sql.select(versions.c.number, versions.c.model, versions.c.options)).all()
    found = [row.number for row in rows if model in (row.model, row.number)]
    if len(found) == 1:
        return found[0]
    said = ", ".join(f"{row.number} ({row.model!r}, options {row.options})" for row in rows) or "none"
    what = "is several versions; choose one by its number" if found else "is no version of this store"
    raise OptionError(f"model={model!r} {what}: {said}")


def latest_version(connection: sql.Connection) -> int | None:
    """The version of the latest run that wrote something."""
    wrote = sql.select(scored.c.article).where(scored.c.version == runs.c.version).exists()
    return connection.execute(sql.select(runs.c.version).where(wrote).order_by(runs.c.number.desc()).limit(1)).scalar()


def latest_options(connection: sql.Connection) -> str:
    """The options of that version, as versions have them; of an empty store the default ones."""
    query = sql.select(versions.c.options).where(versions.c.number == latest_version(connection))
    return connection.execute(query).scalar() or "{}"


def check_scored(connection: sql.Connection, version: int | None, label: str, name: str) -> int:
    """The version, where it scored something here or nobody did.

    Raises
    ------
    StoreError
        If only others did.
    """
    if (
        version is not None
        and connection.execute(sql.select(scored.c.article).where(scored.c.version == version).limit(1)).first()
    ):
        return version
    has_scored = sql.select(scored.c.article).where(scored.c.version == versions.c.number).exists()
    others = (
        connection.execute(sql.select(versions.c.model).where(has_scored).order_by(versions.c.number)).scalars().all()
    )
    if others:
        raise StoreError(
            f"the store {name} has nothing scored by {label} with these options, but by {', '.join(dict.fromkeys(others))}: score it "
            f"again with store.rescore() (tension rescore), or read that with model={others[-1]!r}"
        )
    return version or 0


def left_of(
    connection: sql.Connection, version: int, most: int, after: Place | None
) -> tuple[list[Article], Place | None]:
    """Kept articles of different ids that a version has not scored, the earliest published first, and how far they reach.

    At the end it looks once more from the beginning, for articles whose id stood twice in a batch.
    """
    query = (
        sql.select(articles.c["number", "id", "date", "title", "publisher"], texts.c.body)
        .join(texts, texts.c.article == articles.c.number)
        .where(articles.c.date.is_not(None), ~_done(version, articles.c.number))
        .order_by(articles.c.date, articles.c.number)
        .limit(most)
    )
    if after is not None:
        query = query.where(sql.tuple_(articles.c.date, articles.c.number) > sql.tuple_(*after))
    batch: dict[str, Article] = {}
    last = after
    for row in connection.execute(query):
        text = zlib.decompress(row.body).decode()
        batch.setdefault(row.id, Article(row.id, text, row.date, row.title, row.publisher, MODEL_LANGUAGE))
        last = row.date, row.number
    if not batch and after is not None:
        return left_of(connection, version, most, None)
    return list(batch.values()), last


def number_left(connection: sql.Connection, version: int) -> int:
    """How many articles `left_of` would find in all."""
    query = sql.select(sql.func.count()).select_from(texts).where(~_done(version, texts.c.article))
    return int(connection.execute(query).scalar())


def number_lost(connection: sql.Connection, version: int) -> int:
    """How many articles that series count a version has not scored and cannot, since their words were not kept."""
    kept = sql.select(texts.c.article).where(texts.c.article == articles.c.number).exists()
    counted = sql.and_(articles.c.date.is_not(None), articles.c.superseded.is_(None))
    query = sql.select(sql.func.count()).select_from(articles)
    query = query.where(counted, ~kept, ~_done(version, articles.c.number))
    return int(connection.execute(query).scalar())


def _done(version: int, article: sql.ColumnElement) -> sql.ColumnElement[bool]:
    """Whether a version has scored an article."""
    return sql.select(scored.c.article).where(scored.c.version == version, scored.c.article == article).exists()


def revisions_of(connection: sql.Connection, version: int, since: object, until: object) -> pd.DataFrame:
    """Articles that came in a time and tell of the time before it, or correct what was told."""
    start, end = publication_date(since), publication_date(until)
    if start is None:
        raise OptionError(f"since={since!r} is no day; give one such as 2024-05-31")
    old = articles.alias()
    corrects = (
        sql.select(old.c.number)
        .where(old.c.id == articles.c.id, old.c.number < articles.c.number, old.c.superseded == articles.c.added)
        .where(old.c.added < start, old.c.date < start)
        .exists()
    )
    kind = sql.case((corrects, "corrected"), else_="late")
    query = (
        sql.select(kind.label("kind"), articles.c["id", "publisher", "date", "added"], scored.c.n_events)
        .join(scored, sql.and_(scored.c.article == articles.c.number, scored.c.version == version))
        .where(articles.c.added >= start, sql.or_(articles.c.date < start, corrects))
        .order_by(articles.c.number)
    )
    if end is not None:
        query = query.where(articles.c.added < end)
    rows = connection.execute(query).all()
    frame = pd.DataFrame(rows, columns=["kind", "id", "publisher", "date", "added", "n_events"])
    return frame.astype({"date": "datetime64[us]", "added": "datetime64[us]", "n_events": "int64"})
