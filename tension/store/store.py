"""Articles and their events, kept in a database: SQLite (WAL) by default, PostgreSQL by URL.

An article is known by its id and by the hash of its content, and scored once per version, which is a model with its options; adding it
again changes nothing. One process writes at a time, any number read; each reading sees one state of the store.
"""

import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import sqlalchemy as sql
from sqlalchemy.exc import SQLAlchemyError

from tension.records import Article, Skipped
from tension.scorer import Scorer
from tension.series.aggregate import Frequency, aggregate_counted
from tension.series.cells import COUNTED
from tension.store import adding, reading
from tension.store.lock import WriterLock
from tension.store.migrations import prepare
from tension.store.opening import engine_of, file_of, make_private, shown, store_error, url_of
from tension.store.runs import Run, note, now, start, table, version_of
from tension.text.articles import Articles, read_articles

BATCH = 500


class Store:
    """A database of articles and events.

    Parameters
    ----------
    url
        A SQLAlchemy URL (`sqlite:///news.db`, `postgresql://user@host/name`) or the path of an SQLite file; created if missing, then
        readable by its owner alone. A store of an older schema is upgraded.
    scorer
        What scores new articles; None for the default. Its model and options are the version whose events are read.
    keep_texts
        Whether the words of articles are kept (compressed), so that another version can score them again.
    wait
        Seconds to wait for another writer before giving up.

    Raises
    ------
    StoreError
        If the database cannot be opened, is none, or was made by a newer tension.
    MissingExtraError
        If the driver of a server is not installed.

    Examples
    --------
    >>> store = Store("sqlite://")
    >>> store.add({"id": "a1", "text": "India condemns Pakistan.", "date": "2019-02-15"})
    1
    >>> store.add({"id": "a1", "text": "India condemns Pakistan.", "date": "2019-02-15"})
    0
    >>> store.events("IND-PAK")["source"].tolist()
    ['IND']
    """

    def __init__(self, url: str | Path, scorer: Scorer | None = None, *, keep_texts: bool = True, wait: float = 30.0):
        self.url = url_of(url)
        self.scorer = scorer or Scorer()
        self._keep_texts, self._wait = keep_texts, wait
        self.skipped: list[Skipped] = []
        self._engine = engine_of(self.url)
        path = file_of(self.url)
        if path is not None:
            make_private(path)
        try:
            prepare(self._engine, self.url)
        except BaseException:
            self._engine.dispose()
            raise
        self.lock = WriterLock(self._engine, self.url)

    def __repr__(self) -> str:
        return f"Store({shown(self.url)!r})"

    def close(self) -> None:
        """Give back the connections."""
        self._engine.dispose()

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def unseen(self, articles: Articles, date: object = None) -> Iterator[Article]:
        """The articles that this store has not scored with its version; those it cannot take go to `skipped`, with their reason."""
        for batch in self._batches(articles, date):
            yield from self.unscored(batch)

    def unscored(self, batch: list[Article]) -> list[Article]:
        """Those of a batch that the store's version has not scored."""
        with self._reading() as connection:
            version = self._own_version(connection)
            done = adding.known_of(connection, map(adding.key_of, batch), version)[1] if version else set()
        return [article for article in batch if adding.key_of(article) not in done]

    def add(self, articles: Articles, date: object = None) -> int:
        """Score the articles not seen yet and keep them with their events; the number of articles added.

        Articles go in by the batch, each batch whole or not at all: after a failure the same call goes on where it stopped. A wire copy
        tells the story of what came before it, in this call or an earlier one. An article without a date goes to `skipped`, like one
        that cannot be read.

        Raises
        ------
        StoreBusyError
            If another process writes for longer than `wait` seconds.
        StoreError
            If the database fails; what was written before is kept.
        """
        with self.run() as run:
            for batch in self._batches(articles, date):
                self.add_batch(batch, run)
            return run.counts["articles"]

    @contextmanager
    def run(self, wait: float | None = None) -> Iterator[Run]:
        """A writing session: holds the lock, and leaves a row that says what came of it."""
        with self.lock.hold(self._wait if wait is None else wait):
            with self._writing() as connection:
                version = version_of(connection, self.scorer.label, self._options(), make=True)
                run = start(connection, version)
            state = "failed"
            try:
                yield run
                state = "done"
            except KeyboardInterrupt:
                state = "stopped"
                raise
            finally:
                with self._writing() as connection:
                    note(connection, run, state)

    def add_batch(self, batch: list[Article], run: Run) -> None:
        """Score those of a batch of articles with different ids that are new, and write them in one transaction."""
        new = self.unscored(batch)
        run.counts["known"] += len(batch) - len(new)
        if not new:
            return
        with self._reading() as connection:
            stories = run.told.around(connection, [article.date for article in new])
        found = self.scorer.score(new, stories=stories)
        run.counts.update(articles=len(new), events=len(found))
        with self._writing() as connection:
            adding.write(connection, new, found, adding.Stamp(run.version, run.number, now(), self._keep_texts))
            note(connection, run)

    def rescore(self) -> int:
        """Score with this store's version the kept articles that only other versions have scored; the number of articles.

        The rows of other versions stay. Articles come in the order of their publication, so that stories are found as ever. An article
        whose words were not kept is left; add it again from its file.
        """
        with self.run() as run:
            while batch := self._left(run.version):
                self.add_batch(batch, run)
            return run.counts["articles"]

    def events(
        self,
        dyads: str | Collection[str] | None = None,
        *,
        since: object = None,
        until: object = None,
        as_of: object = None,
        model: str | int | None = None,
    ) -> pd.DataFrame:
        """The events frame of what is kept.

        Parameters
        ----------
        dyads
            `CHN-JPN`, `CHN->JPN` or several of these; None for all.
        since, until
            Publication dates, the second left out.
        as_of
            What was known on that day: articles that came later are left out, texts corrected later stand as they were.
        model
            A version by its model's name or its number (see `versions()`); None for the store's own.

        Raises
        ------
        StoreError
            If the version has scored nothing here though others have, or the database fails.
        OptionError
            If a dyad or a day cannot be read.
        """
        with self._reading() as connection:
            version = self._version(connection, model)
            return reading.events_of(connection, reading.condition(version, dyads, since, until, as_of))

    def series(
        self,
        freq: Frequency = "M",
        dyads: str | Collection[str] | None = None,
        *,
        since: object = None,
        until: object = None,
        as_of: object = None,
        model: str | int | None = None,
        **options: object,
    ) -> pd.DataFrame:
        """`aggregate` of the kept events: its options, and which events as in `events`."""
        with self._reading() as connection:
            version = self._version(connection, model)
            where = reading.condition(version, dyads, since, until, as_of)
            counted = reading.counted_of(connection, where, COUNTED)
        return aggregate_counted(counted, freq, **options)

    def revisions(self, since: object, until: object = None) -> pd.DataFrame:
        """The articles that changed the past: what is known of the time before `since` and was not known then.

        Returns
        -------
        DataFrame
            A row for each article that came at or after `since` (and before `until`): `kind` is `late` where it was published before
            `since`, `corrected` where it took the place of an earlier text of its id; `id`, `publisher`, `date` (publication), `added`,
            `n_events`. The series as it stood: `series(as_of=...)`.
        """
        with self._reading() as connection:
            return reading.revisions_of(connection, self._version(connection, None), since, until)

    def runs(self) -> pd.DataFrame:
        """Every writing session, with its counts."""
        with self._reading() as connection:
            return table(connection)

    def versions(self) -> pd.DataFrame:
        """Every version that scored here: `version`, `model`, `options`, `articles`, `events`."""
        with self._reading() as connection:
            return reading.versions_of(connection)

    def _batches(self, articles: Articles, date: object) -> Iterator[list[Article]]:
        """Articles of different ids, `BATCH` at a time; of equal ones the first."""
        self.skipped, batch = [], {}
        for row, article in enumerate(read_articles(articles, date)):
            if isinstance(article, Skipped):
                self.skipped.append(article)
                continue
            if article.date is None:
                self.skipped.append(undated(row, article))
                continue
            if (article.id in batch and batch[article.id].text != article.text) or len(batch) == BATCH:
                yield list(batch.values())
                batch = {}
            batch.setdefault(article.id, article)
        if batch:
            yield list(batch.values())

    def _left(self, version: int) -> list[Article]:
        with self._reading() as connection:
            return reading.left_of(connection, version, BATCH)

    def _options(self) -> str:
        return json.dumps(self.scorer.options, sort_keys=True)

    def _own_version(self, connection: sql.Connection) -> int | None:
        return version_of(connection, self.scorer.label, self._options())

    def _version(self, connection: sql.Connection, model: str | int | None) -> int:
        number = self._own_version(connection) if model is None else reading.version_named(connection, model)
        return reading.check_scored(connection, number, self.scorer.label, shown(self.url))

    @contextmanager
    def _reading(self) -> Iterator[sql.Connection]:
        with self._transaction("cannot be read", self._engine) as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[sql.Connection]:
        with self._transaction("cannot be written", self._engine.execution_options(writes=True)) as connection:
            yield connection

    @contextmanager
    def _transaction(self, what: str, engine: sql.Engine) -> Iterator[sql.Connection]:
        try:
            with engine.begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise store_error(self.url, what, error) from error


def undated(row: int, article: Article) -> Skipped:
    """A store makes series: an article without a date is not taken."""
    return Skipped(row, article.id, "no publication date: give the articles a column 'date', or date=...", "no date")
