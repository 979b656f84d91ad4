"""The road from articles to events: sentences -> mentions -> candidate pairs -> one encoder pass per distinct clause -> events.

What it makes of an article does not depend on the articles beside it, so blocks of articles may take the road anywhere and in any order.
Which articles tell one story is asked where the blocks come together again, in `scorer.py`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tension.actors.discourse import Discourse
from tension.actors.dyads import clause_candidates, has_words
from tension.actors.mentions import MentionFinder, People
from tension.actors.reading import NOTHING, Reading, emptied, reading_of
from tension.coding import Coding, Found, code_events
from tension.ontology import Scale, intensities
from tension.records import Article
from tension.relations.asking import Pair
from tension.tally import Tally
from tension.text.sentences import split_sentences

if TYPE_CHECKING:
    from tension.relations.model import Judgement, RelationModel

_GAIN = 0.7  # by how much a clause must raise the log odds of an event that its article may have told before it


@dataclass(frozen=True, slots=True)
class Rules:
    """What is asked about and what becomes a row; `min_probability` None is the model's own."""

    min_probability: float | None = None
    scale: Scale = "plover"
    context: bool = True
    places: bool = True

    def least(self, own: float) -> float:
        """How probable an event must be to become a row, given the model's own threshold."""
        return own if self.min_probability is None else self.min_probability


@dataclass(frozen=True, slots=True)
class Coded:
    """Events of a block of articles, without their stories: the frame, the place of each row's article in the block, what was met."""

    frame: pd.DataFrame
    of: np.ndarray
    tally: Tally


class Road:
    """Takes articles to events.

    Parameters
    ----------
    model
        Judges the pairs.
    finder
        Finds the states named in a sentence.
    rules
        What is asked about and what becomes a row.
    """

    def __init__(self, model: "RelationModel", finder: MentionFinder, rules: Rules):
        self._model, self._finder, self._rules = model, finder, rules
        least = rules.least(model.settings.min_probability)
        self._coding = Coding(least, np.asarray(intensities(rules.scale)), model.label)

    def code(self, articles: Sequence[Article]) -> Coded:
        """The events of some articles."""
        tally = Tally(articles=len(articles), undated=sum(article.date is None for article in articles))
        with tally.timed("pairs"):
            found = [item for article in articles for item in self.read(article, tally)]
        judged = self._judge(found, tally)
        with tally.timed("code"):
            place = {id(article): i for i, article in enumerate(articles)}
            frame, items = code_events(found, judged, self._coding)
            of = np.array([place[id(found[item].article)] for item in items], dtype=np.intp)
        return Coded(frame, of, tally)

    def read(self, article: Article, tally: Tally) -> Iterator[Found]:
        """Sentences of an article that name or imply a pair, or their clauses, with their candidate pairs."""
        people, discourse = People(), Discourse()
        if article.title:
            mentions, _ = self._finder.find(article.title, article.date, people)
            discourse.read(article.title, mentions)
        for sentence in split_sentences(article):
            mentions, places = self._finder.find(sentence.text, article.date, people)
            tally.sentences += 1
            tally.with_states += bool(mentions)
            clauses = clause_candidates(
                sentence.text, mentions, places, discourse if self._rules.context else None, self._rules.places
            )
            discourse.read(sentence.text, mentions)
            tally.gated += bool(clauses)
            tally.clauses += len(clauses)
            for clause in clauses:
                yield Found(article, sentence, clause)

    def _judge(self, found: list[Found], tally: Tally) -> "Judgement":
        """Judge all pairs; what a clause with context only seems to tell, because it was said before, is no event of it."""
        with tally.timed("pairs"):
            readings = [reading_of(item.text, item.clause) for item in found]
        judged = self._ask(readings, tally)
        acts = judged.acts.copy()
        acts[self._said_before(found, judged, tally)] = np.eye(acts.shape[1])[-1]  # no event
        return replace(judged, acts=acts)

    def _ask(self, readings: Sequence[Reading], tally: Tally) -> "Judgement":
        """Judge the pairs of all readings, with stand-ins for the states; those that read alike are encoded once."""
        rows: dict[str, int] = {}
        pairs = []
        with tally.timed("pairs"):
            for reading in readings:
                row = rows.setdefault(reading.text, len(rows))
                pairs += [Pair(row, c.source_spans, c.target_spans, reading.begins) for c in reading.pairs]
        tally.encoded += len(rows)
        tally.pairs += len(pairs)
        return self._model.judge(list(rows), pairs, tally)

    def _said_before(self, found: list[Found], judged: "Judgement", tally: Tally) -> list[int]:
        """Numbers of the pairs whose event is nearly as likely where the clause is replaced by one that tells nothing.

        A clause that has words for both sides ("the two countries") is taken at its word.
        """
        event = 1 - judged.p_none()
        has_own = np.array([has_words(pair) for item in found for pair in item.pairs], dtype=bool)
        doubtful = (event >= self._coding.min_probability) & ~has_own
        starts = np.cumsum([0, *(len(item.pairs) for item in found)])
        asked = [n for n, item in enumerate(found) if item.clause.before and doubtful[starts[n] : starts[n + 1]].any()]
        if not asked:
            return []
        blank = self._ask([reading_of(NOTHING, emptied(found[n].clause)) for n in asked], tally)
        numbers = [number for n in asked for number in range(starts[n], starts[n + 1])]
        gain = _log_odds(event[numbers]) - _log_odds(1 - blank.p_none())
        return [number for number, more in zip(numbers, gain, strict=True) if more < _GAIN and not has_own[number]]


def _log_odds(p: np.ndarray) -> np.ndarray:
    p = np.clip(p, 1e-6, 1 - 1e-6)
    return np.log(p / (1 - p))
