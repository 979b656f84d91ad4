"""Which words carried a judgement: each word is hidden in turn, and the judgement made again (occlusion; Zeiler and Fergus 2014)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tension.records import Span
from tension.relations.asking import Pair
from tension.relations.model import RelationModel

_WORD = re.compile(r"\w[\w'’.-]*\w|\w")
_HIDDEN = "[MASK]"


@dataclass(frozen=True, slots=True)
class Question:
    """A text as the model reads it, the sides asked about, the index of the act whose probability counts, and what of it is judged."""

    text: str
    source: tuple[Span, ...]
    target: tuple[Span, ...]
    act: int
    judged: Span | None = None

    def asked(self, row: int) -> Pair:
        """The question's pair, for `RelationModel.judge`, its text being that row."""
        return Pair(row, self.source, self.target, self.judged)

    def hidden(self, start: int, end: int) -> "Question":
        """The question with the characters `start:end` hidden."""
        longer = len(_HIDDEN) - (end - start)

        def moved(spans: tuple[Span, ...]) -> tuple[Span, ...]:
            return tuple((a + longer, b + longer) if a >= end else (a, b) for a, b in spans)

        text = self.text[:start] + _HIDDEN + self.text[end:]
        judged = self.judged and (self.judged[0], self.judged[1] + longer)
        return Question(text, moved(self.source), moved(self.target), self.act, judged)


def word_weights(model: RelationModel, questions: Sequence[Question]) -> list[list[tuple[Span, float]]]:
    """For each question its words that name neither side, each with its weight.

    A weight is how much the natural logarithm of the act's probability falls when the word is hidden: positive where the word spoke for the
    act. The weights of a sentence need not add up to anything.
    """
    variants, places = [], []
    for number, question in enumerate(questions):
        variants.append(question)
        places.append((number, None))
        for match in _WORD.finditer(question.text, *(question.judged or ())):
            if not any(match.start() < b and a < match.end() for a, b in (*question.source, *question.target)):
                variants.append(question.hidden(*match.span()))
                places.append((number, match.span()))
    acts = model.judge([v.text for v in variants], [v.asked(i) for i, v in enumerate(variants)]).acts
    log_p = np.log(np.maximum([p[v.act] for p, v in zip(acts, variants, strict=True)], 1e-9))
    whole = {number: value for (number, span), value in zip(places, log_p, strict=True) if span is None}
    weights: list[list[tuple[Span, float]]] = [[] for _ in questions]
    for (number, span), value in zip(places, log_p, strict=True):
        if span is not None:
            weights[number].append((span, float(whole[number] - value)))
    return weights
