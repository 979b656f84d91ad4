"""The tables of a store.

    versions   who scored: a model's name and version with the options that change its rows
    runs       each writing session: when, by whom, with which package and data, and its counts
    articles   each text once per id and day; `superseded` is when a corrected text of the same id took its place; only those that an
               older schema took may have no date
    texts      their words, compressed, so that another version can score them again
    scored     which version scored which article, and the story it tells
    events     the rows of the events frame, by version
    pages      what series count of them, packed by dyad and batch
    watched    alarms already told, by watch

Times are UTC without a time zone.
"""

import sqlalchemy as sql

SCHEMA_VERSION = 2

_Number = sql.BigInteger().with_variant(sql.Integer, "sqlite")
metadata = sql.MetaData()

info = sql.Table(
    "info", metadata, sql.Column("key", sql.Text, primary_key=True), sql.Column("value", sql.Text, nullable=False)
)
versions = sql.Table(
    "versions",
    metadata,
    sql.Column("number", sql.Integer, primary_key=True, autoincrement=False),
    sql.Column("model", sql.Text, nullable=False),
    sql.Column("options", sql.Text, nullable=False),
    sql.Column("added", sql.DateTime, nullable=False),
    sql.UniqueConstraint("model", "options"),
)
runs = sql.Table(
    "runs",
    metadata,
    sql.Column("number", sql.Integer, primary_key=True, autoincrement=False),
    sql.Column("version", sql.ForeignKey("versions.number"), nullable=False),
    sql.Column("started", sql.DateTime, nullable=False),
    sql.Column("ended", sql.DateTime),
    sql.Column("state", sql.Text, nullable=False),
    sql.Column("package", sql.Text, nullable=False),
    sql.Column("data", sql.Text, nullable=False),
    sql.Column("holder", sql.Text, nullable=False),
    sql.Column("counts", sql.Text, nullable=False),
)
articles = sql.Table(
    "articles",
    metadata,
    sql.Column("number", _Number, primary_key=True, autoincrement=False),
    sql.Column("id", sql.Text, nullable=False),
    sql.Column("content", sql.Text, nullable=False),
    sql.Column("date", sql.DateTime),
    sql.Column("title", sql.Text, nullable=False),
    sql.Column("publisher", sql.Text, nullable=False),
    sql.Column("digest", sql.LargeBinary),
    sql.Column("added", sql.DateTime, nullable=False),
    sql.Column("superseded", sql.DateTime),
    sql.Column("run", sql.ForeignKey("runs.number"), nullable=False),
    sql.UniqueConstraint("content", "id", "date"),
    sql.Index("articles_by_id", "id"),
    sql.Index("articles_by_date", "date"),
    sql.Index("articles_by_arrival", "added"),
)
texts = sql.Table(
    "texts",
    metadata,
    sql.Column("article", sql.ForeignKey("articles.number"), primary_key=True, autoincrement=False),
    sql.Column("body", sql.LargeBinary, nullable=False),
)
scored = sql.Table(
    "scored",
    metadata,
    sql.Column("article", sql.ForeignKey("articles.number"), primary_key=True, autoincrement=False),
    sql.Column("version", sql.ForeignKey("versions.number"), primary_key=True, autoincrement=False),
    sql.Column("run", sql.ForeignKey("runs.number"), nullable=False),
    sql.Column("story", sql.Text),
    sql.Column("n_events", sql.Integer, nullable=False),
)
events = sql.Table(
    "events",
    metadata,
    sql.Column("number", _Number, primary_key=True, autoincrement=False),
    sql.Column("article", sql.ForeignKey("articles.number"), nullable=False),
    sql.Column("version", sql.ForeignKey("versions.number"), nullable=False),
    sql.Column("dyad", sql.Text, nullable=False),
    sql.Column("known", sql.DateTime, nullable=False),
    sql.Column("superseded", sql.DateTime),
    sql.Column("sentence", sql.Integer, nullable=False),
    sql.Column("date", sql.DateTime),
    sql.Column("event_start", sql.DateTime),
    sql.Column("event_end", sql.DateTime),
    sql.Column("status", sql.Text, nullable=False),
    sql.Column("source", sql.Text, nullable=False),
    sql.Column("target", sql.Text, nullable=False),
    sql.Column("root", sql.Text, nullable=False),
    sql.Column("quad", sql.Text, nullable=False),
    sql.Column("p_cooperation", sql.REAL, nullable=False),
    sql.Column("p_conflict", sql.REAL, nullable=False),
    sql.Column("intensity", sql.REAL, nullable=False),
    sql.Column("joint", sql.Boolean, nullable=False),
    sql.Column("resolved", sql.Text, nullable=False),
    sql.Column("text", sql.Text, nullable=False),
    sql.Column("start", sql.Integer, nullable=False),
    sql.Column("end", sql.Integer, nullable=False),
    sql.Column("story", sql.Text, nullable=False),
    sql.Index("events_by_dyad", "version", "dyad", "date"),
    sql.Index("events_by_date", "version", "date"),
    sql.Index("events_by_article", "article"),
)
sql.Index(
    "events_superseded", events.c.version, events.c.article, sqlite_where=events.c.superseded.is_not(None),
    postgresql_where=events.c.superseded.is_not(None),
)  # fmt: skip
pages = sql.Table(
    "pages",
    metadata,
    sql.Column("version", sql.ForeignKey("versions.number"), primary_key=True, autoincrement=False),
    sql.Column("dyad", sql.Text, primary_key=True),
    sql.Column("first", _Number, primary_key=True, autoincrement=False),
    sql.Column("data", sql.LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
watched = sql.Table(
    "watched",
    metadata,
    sql.Column("watch", sql.Text, primary_key=True),
    sql.Column("dyad", sql.Text, primary_key=True),
    sql.Column("date", sql.DateTime, primary_key=True),
    sql.Column("told", sql.DateTime, nullable=False),
)
