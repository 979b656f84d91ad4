"""Scored articles -> rows: a batch goes in whole or not at all."""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import sqlalchemy as sql

from tension.records import Article
from tension.series.stories import dyad_of
from tension.store.schema import articles, events, scored, texts
from tension.text.articles import content_id
from tension.text.duplicates import digest_of

_REVISED = 0.3  # a text that shares so much of another's word triples, and its id, is its correction
_EVENT_COLUMNS = tuple(
    c.name for c in events.columns if c.name not in ("number", "article", "version", "dyad", "known", "superseded")
)

_SAME = timedelta(days=5)  # as long as a text may be told as the same story, it may be corrected

Key = tuple[str, str, date]  # content, id and day


@dataclass(frozen=True, slots=True)
class Stamp:
    """Who writes, in which run, when, and whether the words are kept."""

    version: int
    run: int
    now: datetime
    keep_texts: bool


def key_of(article: Article) -> Key:
    """What makes an article one that was seen: its words, its day and its id. The same words of another day are news again."""
    return content_id(article.text), article.id, article.date.date()


def known_of(connection: sql.Connection, keys: Iterable[Key], version: int) -> tuple[dict[Key, int], set[Key]]:
    """Numbers of the articles the store has, and those of them that the version has scored."""
    wanted = set(keys)
    query = (
        sql.select(articles.c["content", "id", "date", "number"], scored.c.version)
        .outerjoin(scored, sql.and_(scored.c.article == articles.c.number, scored.c.version == version))
        .where(articles.c.content.in_({content for content, _, _ in wanted}))
    )
    numbers, done = {}, set()
    for row in connection.execute(query):
        key = row.content, row.id, row.date.date() if row.date else date.min
        if key in wanted:
            numbers[key] = row.number
            if row.version:
                done.add(key)
    return numbers, done


def write(connection: sql.Connection, batch: Sequence[Article], found: pd.DataFrame, stamp: Stamp) -> None:
    """Write articles with different ids and their events."""
    numbers, _ = known_of(connection, map(key_of, batch), stamp.version)
    new = [article for article in batch if key_of(article) not in numbers]
    first = _next(connection, articles.c.number)
    numbers |= {key_of(article): first + n for n, article in enumerate(new)}
    digests = {article.id: digest_of(article.text) for article in new}
    rows = [_article_row(article, numbers[key_of(article)], digests[article.id], stamp) for article in new]
    _insert(connection, articles, rows)
    if stamp.keep_texts:
        bodies = [
            {"article": row["number"], "body": zlib.compress(a.text.encode())} for row, a in zip(rows, new, strict=True)
        ]
        _insert(connection, texts, bodies)
    _supersede(connection, {a.id: (numbers[key_of(a)], a.date, digests[a.id]) for a in new}, stamp.now)
    by_id = {article.id: numbers[key_of(article)] for article in batch}
    _insert(connection, scored, _scored_rows(by_id, found, stamp))
    _insert(connection, events, _event_rows(connection, by_id, found, stamp))


def _article_row(article: Article, number: int, digest: np.ndarray, stamp: Stamp) -> dict[str, object]:
    return {
        "number": number, "id": article.id, "content": content_id(article.text), "date": article.date, "title": article.title,
        "publisher": article.publisher, "digest": digest.tobytes(), "added": stamp.now, "run": stamp.run,
    }  # fmt: skip


def _supersede(connection: sql.Connection, new: dict[str, tuple[int, datetime, np.ndarray]], now: datetime) -> None:
    """Mark the earlier texts of these ids, where the new one is a correction and not another article under the same id."""
    query = sql.select(articles.c.number, articles.c.id, articles.c.date, articles.c.digest).where(
        articles.c.id.in_(list(new)), articles.c.superseded.is_(None), articles.c.digest.is_not(None)
    )
    old = []
    for number, name, day, digest in connection.execute(query):
        own, own_day, own_digest = new[name]
        alike = np.mean(np.frombuffer(digest, np.uint32) == own_digest) >= _REVISED
        if number < own and alike and abs(day - own_day) <= _SAME:
            old.append(number)
    if old:
        connection.execute(sql.update(articles).where(articles.c.number.in_(old)).values(superseded=now))
        connection.execute(sql.update(events).where(events.c.article.in_(old)).values(superseded=now))


def _scored_rows(by_id: dict[str, int], found: pd.DataFrame, stamp: Stamp) -> list[dict[str, object]]:
    counts = found["article_id"].value_counts().to_dict()
    stories = dict(zip(found["article_id"], found["story"], strict=True))
    return [
        {"article": number, "version": stamp.version, "run": stamp.run, "story": stories.get(name), "n_events": counts.get(name, 0)}
        for name, number in by_id.items()
    ]  # fmt: skip


def _event_rows(
    connection: sql.Connection, by_id: dict[str, int], found: pd.DataFrame, stamp: Stamp
) -> list[dict[str, object]]:
    if found.empty:
        return []
    query = sql.select(articles.c.number, articles.c.added, articles.c.superseded)
    numbers = set(found["article_id"].map(by_id))
    arrived = {row.number: row for row in connection.execute(query.where(articles.c.number.in_(numbers)))}
    first = _next(connection, events.c.number)
    columns = [_plain(found[name]) for name in _EVENT_COLUMNS]
    rows = []
    for n, (name, dyad, *values) in enumerate(
        zip(found["article_id"], dyad_of(found, directed=False), *columns, strict=True)
    ):
        article = arrived[by_id[name]]
        row = {"number": first + n, "article": article.number, "version": stamp.version, "dyad": dyad}
        row |= {"known": article.added, "superseded": article.superseded}
        rows.append(row | dict(zip(_EVENT_COLUMNS, values, strict=True)))
    return rows


def _plain(column: pd.Series) -> list[object]:
    """A column as the values a driver takes."""
    if column.dtype.kind != "M":
        return column.tolist()
    return [None if moment is pd.NaT else moment.to_pydatetime(warn=False) for moment in column]


def _next(connection: sql.Connection, column: sql.Column) -> int:
    """The number after the highest: only one writes at a time."""
    return (connection.execute(sql.select(sql.func.max(column))).scalar() or 0) + 1


def _insert(connection: sql.Connection, table: sql.Table, rows: list[dict[str, object]]) -> None:
    if rows:
        connection.execute(sql.insert(table), rows)
