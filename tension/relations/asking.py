"""What is asked of the model: sentences and the words of two sides -> clauses with stand-ins for the states, and the pairs in them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import pandas as pd

from tension.actors.gazetteer import Gazetteer
from tension.actors.mentions import MentionFinder, People
from tension.actors.standins import recast
from tension.errors import InputError
from tension.records import Span
from tension.text.articles import clean
from tension.text.clauses import split_clauses

Sides = Sequence[str] | str | None


@dataclass(frozen=True, slots=True)
class Pair:
    """An ordered pair to judge: the sentence's row, and the spans of each side (none: not named there).

    Of the sentence, the characters `judged` are asked about and the rest is what else the article says; None: all of it is.
    """

    row: int
    source: tuple[Span, ...] = ()
    target: tuple[Span, ...] = ()
    judged: Span | None = None


@cache
def default_finder() -> MentionFinder:
    """The mention finder of the shipped gazetteer, made once in a process."""
    return MentionFinder(Gazetteer.default())


def ask(
    sentences: Sequence[str] | str, source: Sides, target: Sides, finder: MentionFinder
) -> tuple[list[str], list[Pair]]:
    """Texts and pairs for `RelationModel.judge`, one pair for each sentence.

    A pair is asked about in the clause that holds both sides, else in the sentence; without sides, about the sentence as a whole.

    Raises
    ------
    InputError
        If a sentence is empty, only one of source and target is given, their number differs, or a side is not in its sentence.
    """
    texts = sentence_list(sentences)
    if (source is None) != (target is None):
        raise InputError("give both source and target, or neither")
    sources, targets = (_spans(texts, side, name, finder) for side, name in ((source, "source"), (target, "target")))
    asked, pairs = [], []
    for row, (text, of_source, of_target) in enumerate(zip(texts, sources, targets, strict=True)):
        start, end = _clause(text, (*of_source, *of_target))
        seen = recast(text[start:end], finder.find(text[start:end], None, People())[0])
        sides = (tuple((a - start, b - start) for a, b in side) for side in (of_source, of_target))
        asked.append(seen.text)
        pairs.append(Pair(row, *seen.sides(*sides)))
    return asked, pairs


def sentence_list(sentences: Sequence[str] | str) -> list[str]:
    """The sentences as a list, each checked to be a text, control characters as spaces.

    Raises
    ------
    InputError
        If one is empty or no string, with its row, or they are no sequence.
    """
    if isinstance(sentences, (pd.DataFrame, Mapping)) or not isinstance(sentences, (str, Iterable)):
        raise InputError(
            f"sentences must be a str or a list of str, not a {type(sentences).__name__}; of a frame give frame['text']"
        )
    texts = [sentences] if isinstance(sentences, str) else list(sentences)
    for row, text in enumerate(texts):
        if not isinstance(text, str) or not text.strip():
            raise InputError(
                f"sentence {row} is {'empty' if isinstance(text, str) else f'a {type(text).__name__}, not a string'}"
            )
    return [clean(text) for text in texts]


def _spans(texts: list[str], sides: Sides, name: str, finder: MentionFinder) -> list[tuple[Span, ...]]:
    """Where each sentence holds its side; nothing where no sides are given."""
    if sides is None:
        return [()] * len(texts)
    sides = [clean(side) if isinstance(side, str) else side for side in ([sides] if isinstance(sides, str) else sides)]
    if len(sides) != len(texts):
        raise InputError(f"{len(texts)} sentence(s) and {len(sides)} {name} span(s): give one for each sentence")
    spans = []
    for row, (text, side) in enumerate(zip(texts, sides, strict=True)):
        found = _places(side, text, finder) if isinstance(side, str) and side else ()
        if not found:
            raise InputError(f"the {name} {side!r} is not in sentence {row}, nor is a state of that name: {text[:80]!r}")
        spans.append(found)
    return spans


def _places(side: str, text: str, finder: MentionFinder) -> tuple[Span, ...]:
    """Where a text holds the words of a side, else wherever it names the state that they name or are the code of."""
    start = place_of(side, text)
    if start >= 0:
        return ((start, start + len(side)),)
    name = side.removeprefix("the ")
    meant = {m.state for m in finder.find(name, None, People())[0] if (m.start, m.end) == (0, len(name))} or {side}
    return tuple((m.start, m.end) for m in finder.find(text, None, People())[0] if m.state in meant)


def place_of(side: str, text: str) -> int:
    """Where a side stands in a text: as whole words if it does so anywhere, else as it stands first; -1 where it does not."""
    whole = re.search(rf"(?<!\w){re.escape(side)}(?!\w)", text)
    return whole.start() if whole else text.find(side)


def _clause(text: str, sides: tuple[Span, ...]) -> Span:
    """The clause that holds all sides; the whole sentence where none does or there are none."""
    for start, end in split_clauses(text) if sides else ():
        if all(start <= a and b <= end for a, b in sides):
            return start, end
    return 0, len(text)
