"""How the relation model reads an article: with stand-ins for its states, sentences that need the article in passages, others alone.

"China accused Japan of spying. The charge was denied." is read as "Norway; Kenya: [SEP] Norway accused Kenya of spying. [SEP] The charge
was denied.", and each sentence judged for itself. The states that only the article tells stand in front: each has its place there. A part
of a sentence that names its pair is read alone everywhere, so that a dispute with a third state does not touch it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tension.actors.standins import STAND_INS, Recast, recast
from tension.records import Before, Candidate, Clause, Mention, Span, Told
from tension.text.sentences import LONGEST

_THEN = " [SEP] "  # BERT's own mark between two texts
_IN_FRONT = {"PSE": "Palestine"}  # has no stand-in
_MOST_BEFORE = 360  # characters of what was said before, so that the clause itself is read to its end


@dataclass(frozen=True, slots=True)
class Reading:
    """A clause as the model reads it: the text with stand-ins, its pairs with their spans there, and what of it is judged."""

    seen: Recast
    pairs: tuple[Candidate, ...]
    judged: Span | None = None  # None: all of it
    front: int = 0  # characters read before the clause, ahead of stand-ins

    @property
    def text(self) -> str:
        return self.seen.text

    def origin(self, span: Span) -> Span:
        """Where a stretch of the text read comes from in the clause."""
        start, end = self.seen.origin(span)
        return start - self.front, end - self.front


def readings_of(told: Sequence[Told]) -> list[list[Reading]]:
    """How the model reads an article's clauses, sentence by sentence; readings of the same passage have the same text.

    Examples
    --------
    >>> from tension.records import Sentence
    >>> china, japan = Mention("CHN", 0, 5, "named"), Mention("JPN", 14, 19, "named")
    >>> said = Before("China accused Japan of spying.", (china, japan))
    >>> clause = Clause(0, 22, (), (Candidate("JPN", "CHN", (), (), "context"),))
    >>> [[reading]] = readings_of([Told(Sentence(1, "The charge was denied.", 31, 53), (), (clause,), (said,))])
    >>> reading.text
    'Norway; Kenya: Kenya accused Norway of spying. [SEP] The charge was denied.'
    >>> reading.text[slice(*reading.judged)]
    'The charge was denied.'
    """
    found: dict[tuple[int, int], Reading] = {}
    for first, last in _stretches(told):
        passage = _Passage(told[first : last + 1])
        found |= {(first + place, n): reading for (place, n), reading in passage.readings()}
    return [
        [found.get((place, n)) or _alone(each.text, clause) for n, clause in enumerate(each.clauses)]
        for place, each in enumerate(told)
    ]


def _alone(text: str, clause: Clause) -> Reading:
    seen = recast(text[clause.start : clause.end], clause.mentions)
    return Reading(seen, tuple(map(seen.pair, clause.pairs)))


def _stretches(told: Sequence[Told]) -> Iterator[Span]:
    """The first and last sentences of stretches to be read at once: from one that needs the article to another.

    The sentence before the first goes with it where it is asked about too, for it would be read as what was said before.
    """
    first = last = None
    for place, each in enumerate(told):
        if not any(clause.needs_article for clause in each.clauses):
            continue
        if first is not None and _go_together(told[first : place + 1], told[last + 1 : place]):
            last = place
            continue
        if first is not None:
            yield first, last
        ahead = place - 1
        is_asked = 0 <= ahead != last and any(clause.pairs for clause in told[ahead].clauses)
        first, last = ahead if is_asked and _go_together(told[ahead : place + 1]) else place, place
    if first is not None:
        yield first, last


def _go_together(told: Sequence[Told], between: Sequence[Told] = ()) -> bool:
    """Whether sentences can be read at once, of which some between do not need the article."""
    front = len(" ".join(part.text for part in told[0].before))
    return (
        min(_MOST_BEFORE, front) + _length(told) <= LONGEST
        and sum(len(each.text) for each in between) <= _MOST_BEFORE
        and len({state for each in told for clause in each.clauses for state in _sides(clause)}) <= STAND_INS
    )


def _length(told: Sequence[Told]) -> int:
    """Characters that sentences take in a passage, a mark before each."""
    return sum(len(_THEN) + len(each.text) for each in told)


def _sides(clause: Clause) -> Iterator[str]:
    return (state for c in clause.pairs for state in (c.source, c.target))


def _joined(parts: Sequence[Before]) -> Before:
    """Texts as one."""
    text, mentions = "", []
    for part in parts:
        text += " " if text else ""
        mentions += [m.moved(len(text)) for m in part.mentions]
        text += part.text
    return Before(text, tuple(mentions))


class _Passage:
    """Sentences read at once: the states asked about that only the article tells, what it said before, then one after another."""

    def __init__(self, told: Sequence[Told]):
        self._told, heading = told, _heading(told)
        room = LONGEST - len(heading.text) - _length(told)
        said = _end_of(_joined(told[0].before), min(_MOST_BEFORE, room))
        self._ahead, text = len(heading.text), heading.text + said.text
        self._mentions = [*heading.mentions, *(m.moved(self._ahead) for m in said.mentions)]
        self._begins = []
        for each in told:
            text = text.rstrip() + _THEN
            self._begins.append(len(text))
            self._mentions += [m.moved(len(text)) for m in each.mentions]
            text += each.text
        self._seen = recast(text, self._mentions)

    def readings(self) -> Iterator[tuple[Span, Reading]]:
        """How its clauses are read, by the places of their sentences and their own there; not the parts that name their pair."""
        for place, each in enumerate(self._told):
            for n, clause in enumerate(each.clauses):
                if clause.needs_article or (clause.start, clause.end) == (0, len(each.text)):
                    yield (place, n), self._reading(clause, self._begins[place])

    def _reading(self, clause: Clause, begins: int) -> Reading:
        start, end = begins + clause.start, begins + clause.end
        judged = self._seen.span((start, start + 1))[0], self._seen.span((end - 1, end))[1]
        pairs = (
            replace(
                c,
                source_spans=self._placed(c.source, c.source_spans, clause, start),
                target_spans=self._placed(c.target, c.target_spans, clause, start),
            )
            for c in clause.pairs
        )
        return Reading(self._seen, tuple(map(self._seen.pair, pairs)), judged, start)

    def _placed(self, state: str, own: Sequence[Span], clause: Clause, start: int) -> tuple[Span, ...]:
        """A side's places: in the clause, and where only the article tells the pair also in front and in what was said before."""
        placed = tuple((a + start, b + start) for a, b in own)
        if not clause.needs_article:
            return placed
        named = (m for m in self._mentions if m.state == state)
        earlier = ((m.start, m.end) for m in named if m.start < self._ahead or start - _MOST_BEFORE <= m.start < start)
        return (*earlier, *placed)


def _heading(told: Sequence[Told]) -> Before:
    """The states asked about after what the article said."""
    implied = [clause for each in told for clause in each.clauses if clause.needs_article]
    named = (m for part in (*told[0].before, *told) for m in part.mentions)
    kinds = {m.state: m.kind for m in named if m.kind == "organisation"}
    text, mentions = "", []
    for state in dict.fromkeys(state for clause in implied for state in _sides(clause)):
        text += "; " if text else ""
        name = _IN_FRONT.get(state, state)
        mentions.append(Mention(state, len(text), len(text) + len(name), "named", kinds.get(state, "name")))
        text += name
    return Before(text + ": ", tuple(mentions))


def _end_of(before: Before, most: int) -> Before:
    """The last words of a text, at most `most` characters of it; no name is cut in two."""
    cut = len(before.text) - max(0, most)
    if cut <= 0:
        return before
    cut = max([cut, *(m.end for m in before.mentions if m.start < cut < m.end)])
    cut = next((m.end() for m in re.finditer(r"\s+", before.text) if m.end() >= cut), len(before.text))
    return Before(before.text[cut:], tuple(m.moved(-cut) for m in before.mentions if m.start >= cut))
