"""Who may face whom: mentions -> ordered pairs of states, with document context.

Every ordered pair of states named in a sentence is a candidate; the relation model says which of them hold. Where a sentence leaves a
side out, the article supplies it: "the two countries" and "the charge" are the active pair's, "Beijing has objected" is asked about with
the main states of the article, a disputed place brings its claimants. Nobody faces a state that the article only mentioned in passing.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import permutations

from tension.actors.anaphora import anaphor
from tension.actors.discourse import Discourse
from tension.actors.gazetteer import LOCALITIES
from tension.actors.lists import one_list
from tension.actors.mentions import Place
from tension.records import Candidate, Clause, Mention, Span, surest, weaker
from tension.text.boilerplate import names_sources, speaks_of_itself
from tension.text.clauses import split_clauses

MOST_STATES = 12
_MOST_LISTED = 6  # two more stand before a list that is asked about: as many as there are stand-ins
_BOTH = r"countries|nations|sides|governments|states|leaders|neighbou?rs|capitals|parties|militaries|embassies|parliaments|armies"
_TWO = _BOTH + r"|presidents|premiers|ministers|powers|navies|rivals|allies|foes|economies|delegations"
_NEITHER = r"country|nation|side|government|state|leader|neighbou?r|capital|party|army"
_THEIR = r"relations|ties|relationship|border|dispute|alliance|differences|cooperation|talks|negotiators|experts|foreign ministers"
_CUE = re.compile(
    rf"\b(?:the two(?: \w+)? (?:{_TWO})|both (?:{_BOTH})(?! of\b)|neither (?:{_NEITHER})|the (?:neighbou?rs|delegations)(?! in\b)|"
    rf"(?P<other>the other side(?:'s)?|its (?:\w+ )?(?:neighbou?r|rival|ally))(?! (?-i:[A-Z]))|"
    rf"(?P<mutual>bilateral|each other(?:'s)?|one another|their (?:{_THEIR}))|"
    r"the two(?= (?:to|have|had|are|were|will|would|could|may|might|must|should|also|both|agreed|met|signed|held|spoke|shook|shared?|"
    r"exchanged|discussed|began|resumed|restored|severed|broke|fought)\b|[,.;]|$))\b",
    re.I,
)


def candidates(
    text: str, mentions: list[Mention], places: list[Place], discourse: Discourse | None = None, use_places: bool = True
) -> list[Candidate]:
    """Ordered pairs of states that a sentence may relate.

    Parameters
    ----------
    text, mentions, places
        A sentence and what is named in it.
    discourse
        The article before this sentence; None leaves context out.
    use_places
        Whether disputed places bring their claimants.

    Returns
    -------
    list of Candidate
        Both orders of each pair. Of more than twelve states, those named first.
    """
    spans: dict[str, list[Mention]] = {}
    for mention in mentions:
        spans.setdefault(mention.state, []).append(mention)
    named = [(s, _spans(spans[s]), surest(*(m.resolved for m in spans[s]))) for s in list(spans)[:MOST_STATES]]
    found = {
        (a, b): Candidate(a, b, at_a, at_b, weaker(way_a, way_b))
        for (a, at_a, way_a), (b, at_b, way_b) in permutations(named, 2)
    }
    active = discourse.active if discourse else None
    if discourse:
        found |= _from_context(text, spans, discourse, active, found)
    if use_places:
        for place in places:
            found |= _from_place(place, spans, active, found)
    return list(found.values())


def clause_candidates(
    text: str, mentions: list[Mention], places: list[Place], discourse: Discourse | None = None, use_places: bool = True
) -> list[Clause]:
    """The clauses of a sentence that relate pairs of states, with these pairs.

    A pair that stands together in a clause is asked about there, each clause its own; one that only the whole sentence holds, there. Pairs
    that only the article tells are asked about after what it said before; a line in which a publication speaks of itself, or only names its
    sources, tells none.
    """
    if discourse and (not discourse.weights or (not mentions and speaks_of_itself(text))):
        discourse = None
    if (len(mentions) < 2 and not places and not discourse) or names_sources(text):
        return []
    if discourse and (subject := anaphor(text, discourse.subject, mentions)):
        mentions = [subject, *mentions]
    whole = {(c.source, c.target): c for c in candidates(text, mentions, places, discourse, use_places)}
    clauses: list[Clause] = []
    parts = split_clauses(text) if whole else []
    if len(parts) < 2:
        return list(_clauses(0, len(text), mentions, whole.values()))
    for start, end in parts:
        inside, placed = _within(mentions, start, end), _within(places, start, end)
        found = candidates(text[start:end], inside, placed, discourse, use_places)
        own = [c for c in found if (c.source, c.target) in whole and has_words(c)]
        clauses += _clauses(start, end, inside, own)
    told = {(c.source, c.target, c.resolved == "context") for clause in clauses for c in clause.pairs}
    rest = [c for c in whole.values() if (c.source, c.target, c.resolved == "context") not in told]
    return [*clauses, *_clauses(0, len(text), mentions, rest)]


def has_words(pair: Candidate) -> bool:
    """Whether a part of a sentence has words of its own for a pair, be it only "both sides"."""
    return pair.resolved != "context" or bool(pair.source_spans and pair.target_spans)


def _clauses(start: int, end: int, mentions: list[Mention], pairs: Iterable[Candidate]) -> Iterator[Clause]:
    """A part of a sentence with the pairs it names, and again with those only the article tells."""
    named = tuple(c for c in pairs if c.resolved != "context")
    implied = tuple(c for c in pairs if c.resolved == "context")
    return (Clause(start, end, tuple(mentions), part) for part in (named, implied) if part)


def _within(named: list, start: int, end: int) -> list:
    """The mentions or places that lie in a part of the sentence, counted from its start."""
    return [replace(n, start=n.start - start, end=n.end - start) for n in named if start <= n.start and n.end <= end]


def _spans(mentions: list[Mention]) -> tuple[Span, ...]:
    return tuple((m.start, m.end) for m in mentions)


def _from_place(
    place: Place,
    spans: dict[str, list[Mention]],
    active: tuple[str, str] | None,
    found: dict[tuple[str, str], Candidate],
) -> dict[tuple[str, str], Candidate]:
    """Pairs of claimants that a disputed place brings in: of several, those named or in the active pair, or one of these and the holder."""
    likely = [s for s in place.claimants if s in spans or (active and s in active)]
    if len(likely) == 1 and place.held_by:
        likely = list(dict.fromkeys((*likely, place.held_by)))
    sides = place.claimants if len(place.claimants) == 2 else likely
    at = ((place.start, place.end),)
    return {
        (a, b): Candidate(a, b, _spans(spans[a]) if a in spans else at, _spans(spans[b]) if b in spans else at, "place")
        for a, b in permutations(sides, 2)
        if (a, b) not in found
    }


def _from_context(
    text: str,
    spans: dict[str, list[Mention]],
    discourse: Discourse,
    active: tuple[str, str] | None,
    found: dict[tuple[str, str], Candidate],
) -> dict[tuple[str, str], Candidate]:
    """The pairs that the article brings into a sentence, each side with the words that stand for it, if any do."""
    at = {state: _spans(named) for state, named in spans.items()}
    pairs = _pairs_from_context(text, spans, discourse, active)
    if active and (cue := _cue_of_the_pair(text, spans, active)):
        pairs.append(active)
        for state in active:
            if not (cue["other"] and state in spans):
                at[state] = (cue.span(),)
    return {
        (a, b): Candidate(a, b, at.get(a, ()), at.get(b, ()), "context")
        for pair in pairs
        for a, b in permutations(pair)
        if (a, b) not in found
    }


def _pairs_from_context(
    text: str, spans: dict[str, list[Mention]], discourse: Discourse, active: tuple[str, str] | None
) -> list[tuple[str, str]]:
    """Where no state is named, the active pair; where one is, or one list of them, each of these and its partners.

    A town or region names its state only where no other word does and there is no active pair.
    """
    named = [m for mentions in spans.values() for m in mentions if m.kind not in LOCALITIES]
    if not named and active:
        return [active]
    side = list(dict.fromkeys(m.state for m in named) or spans)
    partners = discourse.partners(side) if len(side) <= _MOST_LISTED else []
    if len(side) > 1 and not (partners and one_list(text, named)):
        return []
    return [(state, other) for state in side for other in partners]


def _cue_of_the_pair(text: str, spans: dict[str, list[Mention]], active: tuple[str, str]) -> re.Match | None:
    """The words for the article's pair ("both sides") in a sentence that names at most one other state."""
    cue, third = _CUE.search(text), [state for state in spans if state not in active]
    return cue if cue and len(third) < 2 and _of_the_pair(cue, spans, third) else None


def _of_the_pair(cue: re.Match, spans: dict[str, list[Mention]], third: list[str]) -> bool:
    """Whether a cue means the article's pair: not two states named before it, nor a third state alone with a one-sided or mutual word."""
    before = [state for state, named in spans.items() if any(m.start < cue.start() for m in named)]
    alone = bool(third) and len(third) == len(spans)
    return len(before) < 2 and not (third and cue["other"]) and not (alone and cue["mutual"])
