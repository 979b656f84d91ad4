"""The road from articles to events: sentences -> mentions -> candidate pairs -> one encoder pass per distinct clause -> events.

What it makes of an article does not depend on the articles beside it, so blocks of articles may take the road anywhere and in any order.
Which articles tell one story is asked where the blocks come together again, in `scorer.py`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tension.actors.mentions import MentionFinder
from tension.actors.reading import readings_of
from tension.actors.telling import tell
from tension.coding import Coding, Found, code_events
from tension.ontology import Scale, intensities
from tension.records import Article
from tension.relations.asking import Pair
from tension.tally import Tally

if TYPE_CHECKING:
    from tension.relations.model import Judgement, RelationModel


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
        told = list(tell(article, self._finder, self._rules.context, self._rules.places))
        tally.sentences += len(told)
        tally.with_states += sum(bool(each.mentions) for each in told)
        tally.gated += sum(bool(each.clauses) for each in told)
        tally.clauses += sum(len(each.clauses) for each in told)
        for each, readings in zip(told, readings_of(told), strict=True):
            for clause, reading in zip(each.clauses, readings, strict=True):
                yield Found(article, each.sentence, clause, reading)

    def _judge(self, found: list[Found], tally: Tally) -> "Judgement":
        """Judge the pairs of all clauses, with stand-ins for the states; what reads alike is encoded once."""
        rows: dict[str, int] = {}
        pairs = []
        with tally.timed("pairs"):
            for item in found:
                row = rows.setdefault(item.reading.text, len(rows))
                pairs += [Pair(row, c.source_spans, c.target_spans, item.reading.judged) for c in item.reading.pairs]
        tally.encoded += len(rows)
        tally.pairs += len(pairs)
        return self._model.judge(list(rows), pairs, tally)
