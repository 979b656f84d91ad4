"""A scheduled run: what is new in some files, into the store."""

import json
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from tension.errors import OptionError
from tension.progress import Progress
from tension.readers.limits import DEFAULT, Limits
from tension.readers.places import Sources
from tension.readers.read import read
from tension.readers.reading import Reading
from tension.records import Article
from tension.rejects import Rejects
from tension.store.adding import Key, key_of
from tension.store.batches import batches
from tension.store.runs import Run
from tension.store.store import BATCH, Store

log = logging.getLogger("tension.update")


@dataclass(frozen=True, slots=True)
class Update:
    """What a run did.

    `state` is `done`, or `stopped` where it was told to, or `enough` where `max_articles` was reached: the same call goes on.
    `articles` were new, `known` were there already, `outside` were published outside since and until, `rejected` counts the rest by
    cause. Of a dry run `run` is None, and `articles` would have been scored.
    """

    started: str
    model: str
    state: str
    run: int | None
    articles: int
    known: int
    events: int
    outside: int
    rejected: Mapping[str, int]
    seconds: float

    def as_json(self) -> str:
        """One line of JSON."""
        return json.dumps(asdict(self) | {"rejected": dict(self.rejected)}, ensure_ascii=False)


def update(
    store: Store,
    sources: Sources,
    *,
    columns: Mapping[str, str] | None = None,
    date: object = None,
    since: object = None,
    until: object = None,
    max_articles: int | None = None,
    dry_run: bool = False,
    rejects: Path | None = None,
    wait: float = 0.0,
    limits: Limits = DEFAULT,
    stop: Callable[[], bool] = lambda: False,
    progress: bool | None = None,
) -> Update:
    """Read files and add to a store what it has not scored yet.

    Articles go in by the batch, each batch whole or not at all; a run that is stopped, killed or fails keeps all batches before, and the
    same call goes on from there. Only one run writes to a store at a time.

    Parameters
    ----------
    store
        Where to, and with which scorer.
    sources, columns, date, since, until, limits
        What to read, as in `tension.read`; a folder or glob may be empty still.
    max_articles
        Most new articles of this run.
    dry_run
        Whether to only count: nothing is scored or written.
    rejects
        A .jsonl file for the records that could not be used, each with its file, row and reason.
    wait
        Seconds to wait for another run that is writing.
    stop
        Asked between batches whether to end.
    progress
        Whether to show a bar; None shows it on a terminal and in a notebook.

    Returns
    -------
    Update

    Raises
    ------
    StoreBusyError
        If another run is writing for longer than `wait`.
    StoreError
        If the database fails; what was written before is kept.
    InputError, DateError, OptionError
        If the sources or an option cannot be used.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = pathlib.Path(folder.name, "news.jsonl")
    >>> _ = path.write_text('{"id": "a", "date": "2019-02-15", "text": "India condemns Pakistan."}\\n{"id": "b", "text": ""}\\n')
    >>> store = Store(pathlib.Path(folder.name, "news.db"))
    >>> done = update(store, path)
    >>> done.articles, done.events, done.rejected
    (1, 1, {'no text': 1})
    >>> update(store, path).known
    1
    >>> store.close(); folder.cleanup()
    """
    reading = reading_of(sources, columns, date, since, until, limits)
    return take(
        store,
        reading,
        max_articles=max_articles,
        dry_run=dry_run,
        rejects=rejects,
        wait=wait,
        stop=stop,
        progress=progress,
    )


def reading_of(
    sources: Sources,
    columns: Mapping[str, str] | None = None,
    date: object = None,
    since: object = None,
    until: object = None,
    limits: Limits = DEFAULT,
) -> Reading:
    """What a scheduled run reads: there may be nothing yet, and what has no date is rejected."""
    return read(
        sources, columns=columns, date=date, since=since, until=until, limits=limits, must_match=False, must_date=True
    )


def take(
    store: Store,
    reading: Reading,
    *,
    max_articles: int | None = None,
    dry_run: bool = False,
    rejects: Path | None = None,
    wait: float = 0.0,
    stop: Callable[[], bool] = lambda: False,
    progress: bool | None = None,
) -> Update:
    """`update` from a reading that is open already."""
    if max_articles is not None and max_articles < 1:
        raise OptionError(f"max_articles={max_articles!r} must be at least 1")
    began, started = datetime.now(UTC), time.monotonic()
    with Rejects(rejects) as rejected, Progress(reading.size, "update", progress) as bar:
        parts = batches(bar.follow(reading), rejected.write, BATCH)
        if dry_run:
            (counts, state), number = _counted(store, parts, max_articles), None
        else:
            with store.run(wait, rejected.counts) as run:
                run.state = _run(store, parts, run, max_articles, stop)
            counts, state, number = run.counts, run.state, run.number
    for line in reading.notes:
        log.info(line)
    for line in rejected.lines():
        log.log(logging.INFO if rejects else logging.WARNING, line)  # where a file has them, nobody need be woken
    seconds, told = round(time.monotonic() - started, 3), [counts[name] for name in ("articles", "known", "events")]
    done = Update(
        f"{began:%Y-%m-%dT%H:%M:%SZ}", store.scorer.label, state, number, *told, reading.outside_window, dict(rejected.counts), seconds
    )  # fmt: skip
    log.info("%s: %d new, %d known, %d events, %d rejected", state, *told, len(rejected))
    if done.articles and not dry_run:
        _tell_of_other_versions(store, run)
    return done


def _tell_of_other_versions(store: Store, run: Run) -> None:
    """Warn of articles that only other versions have scored; of those that cannot be scored again once, when a version begins."""
    versions = store.versions().set_index("version")["articles"]
    if len(versions) < 2:
        return
    if left := store.left():
        log.warning("%d kept articles are scored by other versions only; tension rescore makes the series whole", left)
    if versions[run.version] == run.counts["articles"] and (lost := store.lost()):
        log.warning(
            "%d articles are scored by other versions only and their words were not kept; update from their files makes the series whole",
            lost,
        )


def _run(store: Store, parts: Iterator[list[Article]], run: Run, most: int | None, stop: Callable[[], bool]) -> str:
    """Add batches until there are no more, or enough, or the run is told to stop; the state it ends in."""
    for batch in parts:
        store.add_batch(batch, run, None if most is None else most - run.counts["articles"])
        log.info("run %d: %d new, %d known", run.number, run.counts["articles"], run.counts["known"])
        if most is not None and run.counts["articles"] >= most:
            return "enough"
        if stop():
            return "stopped"
    return "done"


def _counted(store: Store, parts: Iterator[list[Article]], most: int | None) -> tuple[Counter[str], str]:
    """What a run would find new and known, and the state it would end in."""
    new: set[Key] = set()
    counts: Counter[str] = Counter()
    for batch in parts:
        found = {key_of(article) for article in store.unscored(batch)} - new
        new |= set(islice(found, None if most is None else most - len(new)))
        counts.update(known=len(batch) - len(found))
        if most is not None and len(new) >= most:
            break
    return counts + Counter(articles=len(new)), "enough" if len(new) == most else "done"
