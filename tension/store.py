"""Articles and their events, kept in a database: SQLite (WAL) by default, PostgreSQL by URL.

An article is known by its id and by the hash of its content, and scored once per model version; adding it again changes nothing.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import sqlalchemy as sql
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import SQLAlchemyError

from tension.errors import MissingExtraError, StoreError
from tension.records import EVENT_DTYPES, Article, Skipped, validate_events
from tension.scorer import Scorer
from tension.series.aggregate import aggregate
from tension.text.articles import Articles, content_id, publication_date, read_articles

SCHEMA_VERSION = 1
_BATCH = 500
_TYPES = {
    "str": sql.Text,
    "int32": sql.Integer,
    "float32": sql.Float,
    "bool": sql.Boolean,
    "datetime64[us]": sql.DateTime,
}

_metadata = sql.MetaData()
_info = sql.Table(
    "info", _metadata, sql.Column("key", sql.Text, primary_key=True), sql.Column("value", sql.Text, nullable=False)
)
_articles = sql.Table(
    "articles",
    _metadata,
    sql.Column("id", sql.Text, primary_key=True),
    sql.Column("content", sql.Text, primary_key=True),
    sql.Column("model", sql.Text, primary_key=True),
    sql.Column("date", sql.DateTime),
    sql.Column("publisher", sql.Text),
    sql.Column("added", sql.DateTime, nullable=False),
)
_events = sql.Table(
    "events",
    _metadata,
    sql.Column("number", sql.Integer, primary_key=True),
    sql.Column("content", sql.Text, nullable=False),
    *(sql.Column(name, _TYPES[dtype]) for name, dtype in EVENT_DTYPES.items()),
    sql.Index("events_by_pair", "source", "target", "date"),
    sql.Index("events_by_article", "article_id", "content", "model"),
)


class Store:
    """A database of articles and events.

    Parameters
    ----------
    url
        A SQLAlchemy URL (`sqlite:///news.db`, `postgresql+psycopg://...`) or the path of an SQLite file; created if missing.
    scorer
        What scores new articles; None for the default.

    Examples
    --------
    >>> store = Store("sqlite://")
    >>> store.add({"id": "a1", "text": "India condemns Pakistan.", "date": "2019-02-15"})
    1
    >>> store.add({"id": "a1", "text": "India condemns Pakistan.", "date": "2019-02-15"})
    0
    >>> store.events()["source"].tolist()
    ['IND']
    """

    def __init__(self, url: str | Path, scorer: Scorer | None = None):
        text = str(url)
        self._url = make_url(text if "://" in text else f"sqlite:///{text}")
        self._scorer = scorer or Scorer()
        self.skipped: list[Skipped] = []
        try:
            self._engine = self._connected()
            with self._engine.begin() as connection:
                _metadata.create_all(connection)
                self._check_version(connection)
        except SQLAlchemyError as error:
            raise self._error("cannot be opened", error) from error
        except ModuleNotFoundError as error:
            raise MissingExtraError.of(str(error.name), "postgres") from error

    def _connected(self) -> sql.Engine:
        in_memory = self._url.get_backend_name() == "sqlite" and self._url.database in (None, "", ":memory:")
        engine = sql.create_engine(self._url, poolclass=sql.pool.StaticPool if in_memory else None)
        if self._url.get_backend_name() == "sqlite":
            sql.event.listen(engine, "connect", _sqlite_settings)
        return engine

    def __repr__(self) -> str:
        return f"Store({self._url.render_as_string(hide_password=True)!r})"

    def unseen(self, articles: Articles, date: object = None) -> Iterator[Article]:
        """The articles that this store has not scored with its model; those that cannot be read go to `skipped`, with their reason."""
        label = self._scorer.model.label
        for article in read_articles(articles, date):
            if isinstance(article, Skipped):
                self.skipped.append(article)
            elif not self._known(article, label):
                yield article

    def add(self, articles: Articles, date: object = None) -> int:
        """Score the articles not seen yet and keep them with their events; the number of articles added.

        Articles go in by the batch, each batch whole or not at all: after a failure the same call goes on where it stopped. Wire copies
        share a story within a batch of 500 articles.
        """
        self.skipped, added, batch = [], 0, {}
        for article in self.unseen(articles, date):
            content = content_id(article.text)
            if article.id in batch and content_id(batch[article.id].text) == content:
                continue
            if article.id in batch or len(batch) == _BATCH:
                added += self._add_batch(batch)
                batch = {}
            batch[article.id] = article
        return added + (self._add_batch(batch) if batch else 0)

    def events(self, *, model: str | None = None, since: object = None, until: object = None) -> pd.DataFrame:
        """The events frame of what is kept, by one model version (the store's own by default), optionally between two publication dates."""
        columns = [_events.c[name] for name in EVENT_DTYPES]
        query = (
            sql.select(*columns)
            .where(_events.c.model == (model or self._scorer.model.label))
            .order_by(_events.c.number)
        )
        if since is not None:
            query = query.where(_events.c.date >= publication_date(since))
        if until is not None:
            query = query.where(_events.c.date < publication_date(until))
        try:
            with self._engine.connect() as connection:
                rows = connection.execute(query).all()
        except SQLAlchemyError as error:
            raise self._error("cannot be read", error) from error
        return validate_events(pd.DataFrame(rows, columns=list(EVENT_DTYPES)).astype(EVENT_DTYPES))

    def series(self, freq: str = "M", **options: object) -> pd.DataFrame:
        """`aggregate` of the kept events; options as there."""
        return aggregate(self.events(), freq, **options)

    def _known(self, article: Article, label: str) -> bool:
        query = sql.select(sql.literal(1)).where(
            _articles.c.id == article.id, _articles.c.content == content_id(article.text), _articles.c.model == label
        )
        with self._engine.connect() as connection:
            return connection.execute(query).first() is not None

    def _add_batch(self, batch: dict[str, Article]) -> int:
        """Score articles with different ids and write them with their events in one transaction."""
        contents = {name: content_id(article.text) for name, article in batch.items()}
        label, now = self._scorer.model.label, datetime.now(UTC).replace(tzinfo=None)
        events = self._scorer.score(list(batch.values()))
        rows = events.astype(object).where(events.notna(), None).to_dict("records")
        articles = [
            {
                "id": a.id,
                "content": contents[a.id],
                "model": label,
                "date": a.date,
                "publisher": a.publisher,
                "added": now,
            }
            for a in batch.values()
        ]
        try:
            with self._engine.begin() as connection:
                connection.execute(sql.insert(_articles), articles)
                if rows:
                    connection.execute(
                        sql.insert(_events), [row | {"content": contents[row["article_id"]]} for row in rows]
                    )
        except SQLAlchemyError as error:
            raise self._error("cannot be written", error) from error
        return len(batch)

    def _check_version(self, connection: Connection) -> None:
        found = connection.execute(sql.select(_info.c.value).where(_info.c.key == "schema")).scalar()
        if found is None:
            connection.execute(sql.insert(_info).values(key="schema", value=str(SCHEMA_VERSION)))
        elif int(found) != SCHEMA_VERSION:
            raise StoreError(
                f"{self!r} has schema {found}, this version of tension writes {SCHEMA_VERSION}: use the version that made it"
            )

    def _error(self, what: str, error: SQLAlchemyError) -> StoreError:
        return StoreError(f"{self!r} {what}: {getattr(error, 'orig', None) or type(error).__name__}")


def _sqlite_settings(connection, _record) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA busy_timeout=30000")
    cursor.close()
