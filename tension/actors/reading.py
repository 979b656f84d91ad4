"""How the relation model reads a clause: with stand-ins for its states and, where the article tells a side, after what that said.

"China accused Japan of spying. The charge was denied." is asked about China and Japan as "Norway; Kenya: Norway accused Kenya of spying.
[SEP] The charge was denied.", of which only the last sentence is judged. The states asked about stand in front: each has its place.
"""

import re
from dataclasses import dataclass, replace

from tension.actors.standins import Recast, recast
from tension.records import Before, Candidate, Clause, Mention, Span
from tension.text.sentences import LONGEST

_THEN = "[SEP]"  # BERT's own mark between two texts
_IN_FRONT = {"PSE": "Palestine"}  # has no stand-in
NOTHING = "It rained."  # tells nothing
_MOST_BEFORE = 360  # characters of what was said before, so that the clause itself is read to its end


@dataclass(frozen=True, slots=True)
class Reading:
    """A clause as the model reads it: the text with stand-ins, its pairs with their spans there, where the clause itself begins."""

    seen: Recast
    pairs: tuple[Candidate, ...]
    begins: int = 0
    front: int = 0  # characters read before the clause, ahead of stand-ins

    @property
    def text(self) -> str:
        return self.seen.text

    def origin(self, span: Span) -> Span:
        """Where a stretch of the text read comes from in the clause."""
        start, end = self.seen.origin(span)
        return start - self.front, end - self.front


def reading_of(text: str, clause: Clause) -> Reading:
    """How the model reads a clause, of which `text` holds the words.

    Examples
    --------
    >>> china, japan = Mention("CHN", 0, 5, "named"), Mention("JPN", 14, 19, "named")
    >>> before = Before("China accused Japan of spying.", (china, japan))
    >>> pair = Candidate("JPN", "CHN", (), (), "context")
    >>> reading = reading_of("The charge was denied.", Clause(0, 22, (), (pair,), before))
    >>> reading.text
    'Norway; Kenya: Kenya accused Norway of spying. [SEP] The charge was denied.'
    >>> reading.text[reading.begins :]
    'The charge was denied.'
    """
    if clause.before is None:
        seen = recast(text, clause.mentions)
        return Reading(seen, tuple(map(seen.pair, clause.pairs)))
    front = _front(clause, clause.before, LONGEST - len(text))
    begins = len(front.text)
    mentions = (*front.mentions, *(m.moved(begins) for m in clause.mentions))
    seen = recast(front.text + text, mentions)
    named: dict[str, tuple[Span, ...]] = {}
    for m in front.mentions:
        named[m.state] = (*named.get(m.state, ()), (m.start, m.end))

    def placed(state: str, own: tuple[Span, ...]) -> tuple[Span, ...]:
        return (*named[state], *((a + begins, b + begins) for a, b in own))

    pairs = (
        replace(c, source_spans=placed(c.source, c.source_spans), target_spans=placed(c.target, c.target_spans))
        for c in clause.pairs
    )
    return Reading(seen, tuple(map(seen.pair, pairs)), seen.span((begins, begins + 1))[0], begins)


def emptied(clause: Clause) -> Clause:
    """The clause without its words, for `NOTHING` to stand in their place."""
    pairs = tuple(replace(c, source_spans=(), target_spans=()) for c in clause.pairs)
    return Clause(0, len(NOTHING), (), pairs, clause.before)


def _front(clause: Clause, before: Before, room: int) -> Before:
    """What is read first, in at most about `room` characters: the states asked about, then what the article said."""
    text, mentions = "", []
    kinds = {m.state: m.kind for m in (*before.mentions, *clause.mentions) if m.kind == "organisation"}
    for state in dict.fromkeys(state for c in clause.pairs for state in (c.source, c.target)):
        text += "; " if text else ""
        name = _IN_FRONT.get(state, state)
        mentions.append(Mention(state, len(text), len(text) + len(name), "named", kinds.get(state, "name")))
        text += name
    text += ": "
    said = _end_of(before, min(_MOST_BEFORE, room - len(text)))
    mentions += [m.moved(len(text)) for m in said.mentions]
    return Before(f"{text}{said.text} {_THEN} " if said.text else f"{text}{_THEN} ", tuple(mentions))


def _end_of(before: Before, most: int) -> Before:
    """The last words of a text, at most `most` characters of it; no name is cut in two."""
    cut = len(before.text) - max(0, most)
    if cut <= 0:
        return before
    cut = max([cut, *(m.end for m in before.mentions if m.start < cut < m.end)])
    cut = next((m.end() for m in re.finditer(r"\s+", before.text) if m.end() >= cut), len(before.text))
    return Before(before.text[cut:], tuple(m.moved(-cut) for m in before.mentions if m.start >= cut))
