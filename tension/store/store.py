"""Articles and their events, kept in a database: SQLite (WAL) by default, PostgreSQL by URL.

An article is known by its id, its day and the hash of its words, and scored once per version, which is a model with its options; adding
it again changes nothing. One process writes at a time, any number read; each reading sees one state of the store.
"""

import json
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import sqlalchemy as sql
from sqlalchemy.exc import SQLAlchemyError

from tension.errors import StoreNotFoundError
from tension.records import Article, Skipped
from tension.scorer import Scorer
from tension.series.aggregate import Frequency, aggregate_counted
from tension.series.cells import COUNTED
from tension.store import adding, pages, reading
from tension.store.batches import batches
from tension.store.lock import WriterLock
from tension.store.migrations import prepare
from tension.store.opening import engine_of, file_of, make_private, shown, store_error, url_of
from tension.store.runs import Run, note, now, start, table, version_of
from tension.store.selection import Selection
from tension.text.articles import Articles, read_articles

BATCH = 500


class Store:
    """A database of articles and events.

    Parameters
    ----------
    url
        A SQLAlchemy URL (`sqlite:///news.db`, `postgresql://user@host/name`) or the path of an SQLite file; created if missing, then
        readable by its owner alone. A store of an older schema is upgraded. One in memory (`sqlite://`) is for one thread.
    scorer
        What scores new articles, and whose version (its model with its options) is read; None scores with the default, and reads the
        version of the latest run.
    keep_texts
        Whether the words of articles are kept (compressed), so that another version can score them again.
    wait
        Seconds to wait for another writer before giving up.
    must_exist
        Whether to raise where there is no store yet, instead of making one.

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

    def __init__(
        self,
        url: str | Path,
        scorer: Scorer | None = None,
        *,
        keep_texts: bool = True,
        wait: float = 30.0,
        must_exist: bool = False,
    ):
        self.url = url_of(url)
        self.scorer, self._follows = scorer or Scorer(), scorer is None
        self._keep_texts, self.wait = keep_texts, wait
        self.skipped: list[Skipped] = []
        self.busy = False  # while a batch is scored and written
        self._engine = engine_of(self.url)
        path = file_of(self.url)
        if path is not None and must_exist and not path.exists():
            raise StoreNotFoundError(f"there is no store {path}; tension update --store {path} SOURCES makes one")
        try:
            if path is not None:
                make_private(path)
        except OSError as error:
            raise store_error(self.url, "cannot be made", error) from error
        try:
            prepare(self._engine, self.url, make=not must_exist)
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
        self.skipped = []
        for batch in batches(read_articles(articles, date), self.skipped.append, BATCH):
            yield from self.unscored(batch)

    def unscored(self, batch: list[Article]) -> list[Article]:
        """Those of a batch that the store's version has not scored; of equal ones the first."""
        with self.connected() as connection:
            return adding.unscored_of(connection, batch, self._own_version(connection))[0]

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
        self.skipped, causes = [], Counter()

        def skip(item: Skipped) -> None:
            self.skipped.append(item)
            causes[item.cause] += 1

        with self.run(rejected=causes) as run:
            for batch in batches(read_articles(articles, date), skip, BATCH):
                self.add_batch(batch, run)
        return run.counts["articles"]

    @contextmanager
    def run(self, wait: float | None = None, rejected: Counter[str] | None = None) -> Iterator[Run]:
        """A writing session: holds the lock, and leaves a row that says what came of it."""
        with self.lock.hold(self.wait if wait is None else wait):
            with self.connected(writes=True) as connection:
                version = version_of(connection, self.scorer.label, self._options(), make=True)
                run = start(connection, version, Counter() if rejected is None else rejected)
            try:
                yield run
            except BaseException as error:
                run.state = "stopped" if isinstance(error, (KeyboardInterrupt, SystemExit)) else "failed"
                raise
            finally:
                with self.connected(writes=True) as connection:
                    note(connection, run, run.state)

    def add_batch(self, batch: list[Article], run: Run, most: int | None = None) -> None:
        """Score those of a batch that are new, at most so many, and write them in one transaction."""
        with self.connected() as connection:
            unscored, numbers = adding.unscored_of(connection, batch, run.version)
        run.counts["known"] += len(batch) - len(unscored)
        new = unscored[:most]
        if not new:
            return
        with self.connected() as connection:
            stories = run.told.around(connection, [article.date for article in new])
        self.busy = True
        try:
            found = self.scorer.score(new, stories=stories)
            with self.connected(writes=True) as connection:
                self.lock.check()
                adding.write(
                    connection, new, numbers, found, adding.Stamp(run.version, run.number, now(), self._keep_texts)
                )
                note(connection, run, articles=len(new), events=len(found))
        except BaseException:
            run.told.forget()
            raise
        finally:
            self.busy = False
        run.counts.update(articles=len(new), events=len(found))

    def rescore(self, stop: Callable[[], bool] = lambda: False) -> int:
        """Score with this store's version the kept articles that only other versions have scored; the number of articles.

        The rows of other versions stay. Articles come in the order of their publication, so that stories are found as ever. An article
        whose words were not kept is left (`lost()` counts them); add it again from its file. `stop` is asked between batches whether to
        end.
        """
        with self.run() as run:
            for batch in self._left_batches(run.version):
                if stop():
                    run.state = "stopped"
                    break
                self.add_batch(batch, run)
        return run.counts["articles"]

    def _left_batches(self, version: int) -> Iterator[list[Article]]:
        """What a version is to score again, a batch at a time, each read when the one before it is written."""
        last = None
        while True:
            with self.connected() as connection:
                batch, last = reading.left_of(connection, version, BATCH, last)
            if not batch:
                return
            yield batch

    def left(self) -> int:
        """The number of kept articles that only other versions have scored: what `rescore` would do."""
        with self.connected() as connection:
            return reading.number_left(connection, self._current_version(connection) or 0)

    def lost(self) -> int:
        """The number of articles that only other versions have scored and whose words were not kept: `rescore` leaves them out."""
        with self.connected() as connection:
            return reading.number_lost(connection, self._current_version(connection) or 0)

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
            What was known then: articles that came later are left out, texts corrected later stand as they were. A day (`2024-05-31`)
            counts whole, a time to the moment.
        model
            A version by its model's name or its number (see `versions()`); None for the scorer's, or the latest run's where the store
            was opened without one.

        Raises
        ------
        StoreError
            If the version has scored nothing here though others have, or the database fails.
        OptionError
            If a dyad or a day cannot be read.
        """
        with self.connected() as connection:
            which = Selection.of(self._version(connection, model), dyads, since, until, as_of)
            return reading.events_of(connection, which)

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
        by_name = options.get("weights") == "article" or options.get("measure") == "stock"
        with self.connected() as connection:
            which = Selection.of(self._version(connection, model), dyads, since, until, as_of)
            # what hangs on the names of articles or stories is read from the events themselves
            counted = reading.counted_of(connection, which, COUNTED) if by_name else pages.counted_of(connection, which)
        return aggregate_counted(counted, freq, **options)

    def revisions(self, since: object, until: object = None) -> pd.DataFrame:
        """The articles that changed the past: what is known of the time before `since` and was not known before it.

        Returns
        -------
        DataFrame
            A row for each article that came at or after `since` (and before `until`): `kind` is `late` where it was published before
            `since`, `corrected` where it took the place of an earlier text of its id; `id`, `publisher`, `date` (publication), `added`,
            `n_events`. The series as it stood: `series(as_of=...)` the day before.
        """
        with self.connected() as connection:
            return reading.revisions_of(connection, self._version(connection, None), since, until)

    def runs(self) -> pd.DataFrame:
        """Every writing session, with its counts."""
        with self.connected() as connection:
            return table(connection)

    def versions(self) -> pd.DataFrame:
        """Every version that scored here: `version`, `model`, `options`, `articles`, `events`."""
        with self.connected() as connection:
            return reading.versions_of(connection)

    def _options(self) -> str:
        return json.dumps(self.scorer.options, sort_keys=True)

    def _own_version(self, connection: sql.Connection) -> int | None:
        return version_of(connection, self.scorer.label, self._options())

    def _version(self, connection: sql.Connection, model: str | int | None) -> int:
        if model is not None:
            return reading.version_named(connection, model)
        return reading.check_scored(connection, self._current_version(connection), self.scorer.label, shown(self.url))

    def _current_version(self, connection: sql.Connection) -> int | None:
        """The version that is read where none is named: the scorer's own, or without a scorer the latest; None where there is none."""
        return reading.latest_version(connection) if self._follows else self._own_version(connection)

    @contextmanager
    def connected(self, writes: bool = False) -> Iterator[sql.Connection]:
        """A transaction: all it reads is one state of the store, all it writes is written or nothing.

        Raises
        ------
        StoreError
            If the database fails.
        """
        engine = self._engine.execution_options(writes=True) if writes else self._engine
        try:
            with engine.begin() as connection:
                yield connection
        except (SQLAlchemyError, self._engine.dialect.loaded_dbapi.Error, zlib.error) as error:
            raise store_error(self.url, "cannot be written" if writes else "cannot be read", error) from error
