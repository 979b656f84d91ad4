"""Judged pairs -> rows of the events frame: which relations are events, of which acts, and when."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tension.actors.reading import Reading
from tension.ontology import ACTS, STATUSES
from tension.records import EVENT_DTYPES, Article, Candidate, Clause, Sentence, events_frame
from tension.text.dates import TimeExpression, event_time, time_expressions

if TYPE_CHECKING:
    from tension.relations.model import Judgement

_NEWS = timedelta(days=11)  # what is up to about ten days old is reported as news
_SECOND_ACT = 0.3
_COOPERATIVE = np.array([act.cooperative for act in ACTS])

_RECENT = timedelta(days=120)  # "in March" told in the next January may well be the March to come


@dataclass(frozen=True, slots=True)
class Found:
    """A clause that may relate pairs of states, in its sentence and article, and how the model reads it."""

    article: Article
    sentence: Sentence
    clause: Clause
    reading: Reading

    @property
    def text(self) -> str:
        return self.sentence.text[self.clause.start : self.clause.end]

    @property
    def pairs(self) -> tuple[Candidate, ...]:
        return self.clause.pairs


@dataclass(frozen=True, slots=True)
class Coding:
    """How judgements become events: the threshold, the intensity of each act, and the model's name and version."""

    min_probability: float
    intensities: np.ndarray
    model: str


def code_events(found: Sequence[Found], judged: "Judgement", coding: Coding) -> tuple[pd.DataFrame, list[int]]:
    """The events frame of sentences whose pairs were judged in order, without its stories, and the place in `found` of each row.

    A pair is an event when the probability that it is none is at most 1 - `min_probability`.
    """
    columns: dict[str, list] = {name: [] for name in EVENT_DTYPES}
    is_event = 1 - judged.p_none() >= coding.min_probability
    statuses = judged.statuses.argmax(axis=1)
    items: list[int] = []
    told: set[tuple] = set()  # what an earlier clause of the sentence said already
    first = 0
    for number, item in enumerate(found):
        kept = [(pair, n) for n, pair in enumerate(item.pairs, start=first) if is_event[n]]
        first += len(item.pairs)
        for row in _rows(item, kept, judged.acts, statuses, coding):
            key = (id(item.article), *(row[name] for name in ("sentence", "source", "target", "root", "quad")))
            if key in told:
                continue
            told.add(key)
            items.append(number)
            for name, values in columns.items():
                values.append(row[name])
    return events_frame(columns), items


def _rows(
    item: Found, kept: list[tuple[Candidate, int]], acts: np.ndarray, statuses: np.ndarray, coding: Coding
) -> Iterator[dict[str, object]]:
    """Rows of one sentence's pairs, a pair with two acts twice."""
    article, sentence = item.article, item.sentence
    times = time_expressions(item.text, article.date) if kept else []
    told = {(c.source, c.target): acts_of(acts[n]) for c, n in kept}
    for c, n in kept:
        when = event_time(times, [*c.source_spans, *c.target_spans])
        by_act = acts[n, : len(ACTS)]
        for i in told[c.source, c.target]:
            yield {
                "article_id": article.id,
                "sentence": sentence.index,
                "date": article.date,
                "event_start": when.first if when else None,
                "event_end": when.last if when else None,
                "status": _dated_status(STATUSES[statuses[n]], when, article.date),
                "source": c.source,
                "target": c.target,
                "root": ACTS[i].root,
                "quad": ACTS[i].quad,
                "p_cooperation": float(by_act[_COOPERATIVE].sum()),
                "p_conflict": float(by_act[~_COOPERATIVE].sum()),
                "intensity": float(by_act @ coding.intensities),
                "joint": i in told.get((c.target, c.source), ()),
                "resolved": c.resolved,
                "text": sentence.text,
                "start": sentence.start,
                "end": sentence.end,
                "story": "",
                "model": coding.model,
            }


def acts_of(p: np.ndarray) -> list[int]:
    """The acts a pair's probabilities state: the best of the likelier pole, and the best of the other where it is likely in itself."""
    acts = p[: len(ACTS)]
    cooperative, conflictual = (np.where(pole == _COOPERATIVE, acts, -1.0) for pole in (True, False))
    likelier = acts[_COOPERATIVE].sum() >= acts[~_COOPERATIVE].sum()
    best, second = (
        int(pole.argmax()) for pole in ((cooperative, conflictual) if likelier else (conflictual, cooperative))
    )
    return [best, second] if acts[second] >= _SECOND_ACT else [best]


def _dated_status(status: str, when: TimeExpression | None, published: datetime | None) -> str:
    """Status of an event in the light of its date: what ended well before the report is history, what begins after it is planned."""
    if status == "occurred" and when and published:
        if when.last < published - _NEWS and (when.definite or published - when.last < _RECENT):
            return "historical"
        if when.first > published:
            return "planned"
    return status
