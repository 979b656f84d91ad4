"""A store of a million articles and five million events, on SQLite and PostgreSQL: an hourly update, and the series of a dyad.

    python benchmarks/store.py [--articles 1000000] [--database sqlite postgresql]

Dyads are as unequal as in the news corpus: the k-th has a share of 1/k, so the busiest has an eighth of all events. An hourly update is
1,000 articles of the newest hours with five events each, given to `Store.add` by a scorer that takes no time: what is measured is the
store's own work, digests and stories included. Each figure is the median of five. PostgreSQL runs on this machine, by a socket, with
its own defaults.
"""

import argparse
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import sqlalchemy as sql
from common import write_result

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))
import postgres

from tension.ontology import ACTS
from tension.records import EVENT_DTYPES, Article, events_frame
from tension.store import pages
from tension.store.schema import articles, events, runs, scored, texts, versions
from tension.store.store import Store
from tension.text.duplicates import StoryIndex

PER_ARTICLE, DYADS, FIRST, ROUNDS, HOURLY = 5, 2000, datetime(2004, 1, 1), 5, 1000
WORDS = [
    "treaty",
    "border",
    "minister",
    "talks",
    "tariff",
    "convoy",
    "harbour",
    "envoy",
    "drill",
    "pact",
    "strait",
    "grain",
]
ENDED = datetime(2024, 1, 1)
CHUNK = 50_000


class Ready:
    """A scorer that answers at once: five events for each article, of the dyads that were drawn for it."""

    label, options = "ready 1", {}

    def __init__(self, dyads: list[str], share: np.ndarray):
        self._dyads, self._share, self._rng = dyads, share, np.random.default_rng(1)
        self.seconds = 0.0

    def score(self, found: list[Article], stories: StoryIndex) -> pd.DataFrame:
        started = time.perf_counter()
        told = [stories.story_of(article) for article in found]
        self.seconds -= time.perf_counter() - started  # finding stories is the store's work
        pairs = self._rng.choice(len(self._dyads), len(found) * PER_ARTICLE, p=self._share)
        rows = [(found[i // PER_ARTICLE], told[i // PER_ARTICLE], self._dyads[pair]) for i, pair in enumerate(pairs)]
        columns = {name: [] for name in EVENT_DTYPES}
        for i, (article, story, dyad) in enumerate(rows):
            for name, value in event(i, dyad, article.date).items():
                columns[name].append(value)
            columns["article_id"].append(article.id)
            columns["story"].append(story)
            columns["model"].append(self.label)
        frame = events_frame(columns)
        self.seconds += time.perf_counter() - started
        return frame


def event(i: int, dyad: str, date: datetime) -> dict[str, object]:
    act = ACTS[i % len(ACTS)]
    source, target = dyad.split("-") if i % 2 else dyad.split("-")[::-1]
    return {
        "sentence": i % PER_ARTICLE, "date": date, "event_start": None, "event_end": None, "status": "occurred", "source": source,
        "target": target, "root": act.root, "quad": act.quad, "p_cooperation": float(act.cooperative),
        "p_conflict": float(not act.cooperative), "intensity": act.plover, "joint": False, "resolved": "named", "start": 0, "end": 150,
        "text": f"The {WORDS[i % 12]} of {source} and the {WORDS[i % 11]} of {target} are the matter of the day, said the {WORDS[i % 7]}.",
    }  # fmt: skip


def news(rng: np.random.Generator, number: int, date: datetime) -> Article:
    words = rng.choice(WORDS, 220)
    return Article(
        f"https://news.example/{number}", f"Report {number}. " + " ".join(words), date, "", "Example News", "en"
    )


def fill(store: Store, n: int, dyads: list[str], share: np.ndarray) -> None:
    """Write the archive's rows directly, as `Store.add` would have left them."""
    rng, body = np.random.default_rng(0), zlib.compress(" ".join(np.random.default_rng(2).choice(WORDS, 220)).encode())
    step = (ENDED - FIRST) / n
    with store.connected(writes=True) as connection:
        connection.execute(sql.insert(versions).values(number=1, model="ready 1", options="{}", added=FIRST))
        run = {
            "number": 1,
            "version": 1,
            "started": FIRST,
            "ended": ENDED,
            "state": "done",
            "package": "",
            "data": "",
            "holder": "",
        }
        connection.execute(sql.insert(runs).values(**run, counts="{}"))
    for start in range(0, n, CHUNK):
        numbers = range(start + 1, min(start + CHUNK, n) + 1)
        tables: dict[sql.Table, list[dict]] = {table: [] for table in (articles, texts, scored, events)}
        pairs = rng.choice(len(dyads), (len(numbers), PER_ARTICLE), p=share)
        digests = rng.integers(0, 2**32, (len(numbers), 64), np.uint32)
        for k, number in enumerate(numbers):
            date = FIRST + step * number
            name, story = f"https://news.example/{number}", f"https://news.example/{number}@{date:%Y-%m-%d}"
            tables[articles].append(
                {"number": number, "id": name, "content": f"{number:016x}", "date": date, "title": "", "publisher": "Example News",
                 "digest": digests[k].tobytes(), "added": date, "run": 1}
            )  # fmt: skip
            tables[texts].append({"article": number, "body": body})
            tables[scored].append({"article": number, "version": 1, "run": 1, "story": story, "n_events": PER_ARTICLE})
            for i, pair in enumerate(pairs[k]):
                own = {
                    "number": (number - 1) * PER_ARTICLE + i + 1,
                    "article": number,
                    "version": 1,
                    "known": date,
                    "story": story,
                }
                tables[events].append(own | {"dyad": dyads[pair]} | event(number * PER_ARTICLE + i, dyads[pair], date))
        with store.connected(writes=True) as connection:
            for table, rows in tables.items():
                insert(connection, table, rows)
            for at in range(0, len(tables[events]), HOURLY * PER_ARTICLE):  # as hourly updates would have left them
                pages.write(connection, tables[events][at : at + HOURLY * PER_ARTICLE])


def insert(connection: sql.Connection, table: sql.Table, rows: list[dict]) -> None:
    if connection.dialect.name == "sqlite":
        connection.execute(sql.insert(table), rows)
        return
    names = list(rows[0])
    quoted = ", ".join(f'"{name}"' for name in names)
    with connection.connection.cursor().copy(f"COPY {table.name} ({quoted}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row([row[name] for name in names])


def measured(store: Store, scorer: Ready, n: int, dyads: list[str]) -> dict[str, float]:
    rng, seconds = np.random.default_rng(3), []
    for hour in range(ROUNDS + 1):
        batch = [news(rng, n + hour * HOURLY + i, ENDED + timedelta(hours=hour, seconds=3 * i)) for i in range(HOURLY)]
        scorer.seconds, started = 0.0, time.perf_counter()
        assert store.add(batch) == HOURLY
        seconds.append(time.perf_counter() - started - scorer.seconds)
    figures = {"update_of_1000_articles_s": round(float(np.median(seconds[1:])), 3)}
    for rank in (1, 2, 3, 10, 100, 1000):
        figures[f"series_of_dyad_{rank}_s"] = median(lambda rank=rank: store.series("M", dyads[rank - 1]))
    figures["series_of_dyad_10_as_of_2014_s"] = median(lambda: store.series("M", dyads[9], as_of="2014-06-30"))
    figures["events_of_dyad_100_s"] = median(lambda: store.events(dyads[99]))
    figures["reopening_s"] = median(lambda: Store(store.url.render_as_string(hide_password=False), scorer).close())
    return figures


def median(call) -> float:
    seconds = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - started)
    return round(float(np.median(seconds)), 3)


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'news.db'}"
        return
    with postgres.server(safe=True) as pattern:
        yield pattern.format(name="postgres")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--articles", type=int, default=1_000_000)
    parser.add_argument("--database", nargs="+", default=["sqlite", "postgresql"])
    arguments = parser.parse_args()
    states = [f"{a}{b}{c}" for a in "ABCDE" for b in "ABCDE" for c in "ABC"]
    dyads = [f"{a}-{b}" for i, a in enumerate(states) for b in states[i + 1 :]][:DYADS]
    share = 1 / np.arange(1, DYADS + 1)
    share /= share.sum()
    figures: dict[str, object] = {"articles": arguments.articles, "events": arguments.articles * PER_ARTICLE}
    for kind in arguments.database:
        with tempfile.TemporaryDirectory() as folder, database(kind, Path(folder)) as url:
            scorer = Ready(dyads, share)
            with Store(url, scorer) as store:
                fill(store, arguments.articles, dyads, share)
                if kind == "postgresql":
                    with store.connected(writes=True) as connection:
                        connection.exec_driver_sql("ANALYZE")
                figures[kind] = measured(store, scorer, arguments.articles, dyads)
                if kind == "sqlite":
                    figures[kind] |= {"file_gb": round((Path(folder) / "news.db").stat().st_size / 1e9, 2)}
            print(kind, figures[kind], flush=True)
    if arguments.articles == 1_000_000 and len(arguments.database) == 2:
        write_result("store", figures)


if __name__ == "__main__":
    main()
