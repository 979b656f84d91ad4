"""Scored articles -> rows: a batch goes in whole or not at all."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
import sqlalchemy as sql

from tension.records import Article
from tension.series.stories import dyad_of
from tension.store import pages
from tension.store.common import next_number
from tension.store.schema import articles, events, scored, texts
from tension.text.articles import content_id
from tension.text.duplicates import STORY_DAYS, digest_of

_REVISED = 0.3  # a text that shares so much of another's word triples, and its id, is its correction
_EVENT_COLUMNS = tuple(
    c.name for c in events.columns if c.name not in ("number", "article", "version", "dyad", "known", "superseded")
)

_SAME = timedelta(days=STORY_DAYS)  # as long as a text tells the same story, it may be corrected

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


def unscored_of(
    connection: sql.Connection, batch: Sequence[Article], version: int | None
) -> tuple[list[Article], dict[Key, int]]:
    """Those of a batch that a version has not scored, of equal ones the first; and the numbers of the articles the store has."""
    wanted = {key_of(article): article for article in reversed(batch)}
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
    return [article for key, article in reversed(wanted.items()) if key not in done], numbers


def write(
    connection: sql.Connection, batch: Sequence[Article], numbers: Mapping[Key, int], found: pd.DataFrame, stamp: Stamp
) -> None:
    """Write articles with different ids and their events; `numbers` are those of the articles the store has."""
    known = [article for article in batch if key_of(article) in numbers]
    new = [article for article in batch if key_of(article) not in numbers]
    first = next_number(connection, articles.c.number)
    by_id = {article.id: numbers[key_of(article)] for article in known}
    by_id |= {article.id: first + n for n, article in enumerate(new)}
    _insert(connection, articles, [_article_row(article, by_id[article.id], stamp) for article in new])
    if stamp.keep_texts:
        _keep_texts(connection, [*new, *_without_text(connection, known, by_id)], by_id)
    _supersede(connection, {article.id: (by_id[article.id], article) for article in new}, stamp.now)
    _insert(connection, scored, _scored_rows(by_id, found, stamp))
    rows = _event_rows(connection, by_id, found, stamp)
    _insert(connection, events, rows)
    pages.write(connection, rows)


def _keep_texts(connection: sql.Connection, kept: Sequence[Article], by_id: dict[str, int]) -> None:
    rows = [{"article": by_id[article.id], "body": zlib.compress(article.text.encode())} for article in kept]
    _insert(connection, texts, rows)


def _without_text(connection: sql.Connection, known: Sequence[Article], by_id: dict[str, int]) -> list[Article]:
    """Those of the known articles whose words were not kept."""
    numbers = [by_id[article.id] for article in known]
    kept = set(connection.execute(sql.select(texts.c.article).where(texts.c.article.in_(numbers))).scalars())
    return [article for article in known if by_id[article.id] not in kept]


def _article_row(article: Article, number: int, stamp: Stamp) -> dict[str, object]:
    return {
        "number": number, "id": article.id, "content": content_id(article.text), "date": article.date, "title": article.title,
        "publisher": article.publisher, "digest": digest_of(article.text).tobytes(), "added": stamp.now, "run": stamp.run,
    }  # fmt: skip


def _supersede(connection: sql.Connection, new: dict[str, tuple[int, Article]], now: datetime) -> None:
    """Where an id has two texts of the same days and much the same words, mark the one published earlier: it was corrected.

    The same words again are a copy, and other words another article under the same id.
    """
    if not new:
        return
    days = [article.date for _, article in new.values()]
    query = sql.select(articles.c["number", "id", "content", "date", "digest"]).where(
        articles.c.id.in_(list(new)),
        articles.c.date.between(min(days) - _SAME, max(days) + _SAME),
        articles.c.superseded.is_(None),
        articles.c.digest.is_not(None),
    )
    old = []
    for row in connection.execute(query):
        number, article = new[row.id]
        alike = np.mean(np.frombuffer(row.digest, np.uint32) == digest_of(article.text)) >= _REVISED
        other = row.number < number and row.content != content_id(article.text)
        if other and alike and abs(row.date - article.date) <= _SAME:
            old.append(row.number if row.date <= article.date else number)
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
    first = next_number(connection, events.c.number)
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


def _insert(connection: sql.Connection, table: sql.Table, rows: list[dict[str, object]]) -> None:
    if rows:
        connection.execute(sql.insert(table), rows)
