"""Who may face whom: mentions -> ordered pairs of states, with document context.

Every ordered pair of states named in a sentence is a candidate; the relation model says which of them hold. Where a sentence leaves a
side out, the article supplies it: "the two countries" are the article's active pair, "Beijing has objected" takes the other member of
it, a disputed place brings its claimants. A state that was only mentioned in passing never becomes a side.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import combinations, permutations

from tension.actors.anaphora import anaphor
from tension.actors.mentions import Place
from tension.records import RESOLUTIONS, Candidate, Clause, Mention, Span, weaker
from tension.text.clauses import split_clauses

MOST_STATES = 12
_LEAD_WEIGHT = 3.0
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
_JOINT = re.compile(
    r"\b(?:the|an?|this|that|these|those|any|no|another|further|new|their) (?:[\w-]+ ){0,2}(?:talks|negotiations|negotiators|meetings?|"
    r"summit|accords?|agreements?|treaty|pact|truce|ceasefire|armistice|memorandum|deal|exercises?|drills?|patrols?|exchange|joint \w+|"
    r"round of|hostilities|fighting|clashes|war)\b",
    re.I,
)
_VENUE = re.compile(r"\b(?:in|at|near|outside|around|via)\s(?:the |downtown |central |nearby )?$")


@dataclass(slots=True)
class Discourse:
    """The pairs an article has named together so far, and how much weight each carries; those it opens with carry most."""

    salience: dict[tuple[str, str], float] = field(default_factory=dict)
    subject: str | None = None  # the state named first in the last sentence that named any

    @property
    def active(self) -> tuple[str, str] | None:
        """The pair the article is about: the heaviest so far, the earlier one of equals; None before any."""
        return max(self.salience, key=self.salience.__getitem__, default=None)

    def read(self, text: str, mentions: Iterable[Mention]) -> None:
        """Take a sentence's pairs into account; a capital that is only a venue makes none."""
        acting = [m.state for m in mentions if not (m.resolved == "metonym" and _VENUE.search(text[: m.start]))]
        if acting:
            self.subject = acting[0]
        pairs = list(combinations(sorted(set(acting)), 2))
        weight = (1.0 if self.salience else _LEAD_WEIGHT) / max(1, len(pairs))
        for pair in pairs:
            self.salience[pair] = self.salience.get(pair, 0.0) + weight


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
    named = list(spans)[:MOST_STATES]
    found = {
        pair: Candidate(*pair, _spans(spans[pair[0]]), _spans(spans[pair[1]]), _way(spans[pair[0]], spans[pair[1]]))
        for pair in permutations(named, 2)
    }
    active = discourse.active if discourse else None
    if active:
        found |= _from_context(text, spans, active, found)
    if use_places:
        for place in places:
            found |= _from_place(place, spans, active, found)
    return list(found.values())


def clause_candidates(
    text: str, mentions: list[Mention], places: list[Place], discourse: Discourse | None = None, use_places: bool = True
) -> list[Clause]:
    """The clauses of a sentence that relate pairs of states, with these pairs.

    A pair that stands together in a clause is asked about there, each clause its own; one that only the whole sentence holds, there. A
    clause takes a side from context only where the sentence does, or where it says so ("the two countries").
    """
    if len(mentions) < 2 and not places and not (discourse and discourse.salience):
        return []
    if discourse and (subject := anaphor(text, discourse.subject, mentions)):
        mentions = [subject, *mentions]
    whole = {(c.source, c.target): c for c in candidates(text, mentions, places, discourse, use_places)}
    spans = split_clauses(text) if whole else []
    clauses = []
    for start, end in spans if len(spans) > 1 else ():
        inside, placed = _within(mentions, start, end), _within(places, start, end)
        own = tuple(
            c
            for c in candidates(text[start:end], inside, placed, discourse, use_places)
            if (c.source, c.target) in whole
            and (
                c.resolved != "context"
                or whole[c.source, c.target].resolved == "context"
                or (c.source_spans and c.target_spans)
            )
        )
        if own:
            clauses.append(Clause(start, end, tuple(inside), own))
    told = {(c.source, c.target) for clause in clauses for c in clause.pairs}
    rest = tuple(c for pair, c in whole.items() if pair not in told)
    return [*clauses, Clause(0, len(text), tuple(mentions), rest)] if rest else clauses


def _within(named: list, start: int, end: int) -> list:
    """The mentions or places that lie in a part of the sentence, counted from its start."""
    return [replace(n, start=n.start - start, end=n.end - start) for n in named if start <= n.start and n.end <= end]


def _spans(mentions: list[Mention]) -> tuple[Span, ...]:
    return tuple((m.start, m.end) for m in mentions)


def _way(*sides: list[Mention]) -> str:
    """The weaker side's surest mention."""
    surest = [min((m.resolved for m in side), key=RESOLUTIONS.index) for side in sides]
    return weaker(*surest)


def _from_place(
    place: Place,
    spans: dict[str, list[Mention]],
    active: tuple[str, str] | None,
    found: dict[tuple[str, str], Candidate],
) -> dict[tuple[str, str], Candidate]:
    """Pairs of claimants that a disputed place brings in: of several, the named ones and those of the active pair."""
    likely = [s for s in place.claimants if s in spans or (active and s in active)]
    sides = place.claimants if len(place.claimants) == 2 else likely
    at = ((place.start, place.end),)
    return {
        (a, b): Candidate(a, b, _spans(spans[a]) if a in spans else at, _spans(spans[b]) if b in spans else at, "place")
        for a, b in permutations(sides, 2)
        if (a, b) not in found
    }


def _from_context(
    text: str, spans: dict[str, list[Mention]], active: tuple[str, str], found: dict[tuple[str, str], Candidate]
) -> dict[tuple[str, str], Candidate]:
    """The active pair, where a cue ("both sides") stands for it, also towards the one state named there; or where one member is alone; or
    where no state is named and something is told that takes two ("a second round of talks").

    A cue after two named states is theirs; "the other side" and "each other" are not said of a pair to a third state that is named alone.
    """
    if active in found:
        return {}
    at = _sides_from_context(text, spans, active)
    return {(a, b): Candidate(a, b, at[a], at[b], "context") for a, b in permutations(at, 2)}


def _sides_from_context(
    text: str, spans: dict[str, list[Mention]], active: tuple[str, str]
) -> dict[str, tuple[Span, ...]]:
    """The states that context relates in a sentence, each with the words that stand for it; none where it relates none."""
    cue = _CUE.search(text)
    if cue is None and not spans:
        joint = _JOINT.search(text)
        return dict.fromkeys(active, (joint.span(),)) if joint else {}
    third = [state for state in spans if state not in active]
    if cue and len(third) < 2 and _of_the_pair(cue, spans, third):
        at = {s: _spans(spans[s]) if cue["other"] and s in spans else (cue.span(),) for s in active}
        return at | {state: _spans(spans[state]) for state in third if len(third) == len(spans)}
    one_sided = len(spans) == 1 and not third
    return {s: _spans(spans.get(s, [])) for s in active} if one_sided else {}


def _of_the_pair(cue: re.Match, spans: dict[str, list[Mention]], third: list[str]) -> bool:
    """Whether a cue means the article's pair: not two states named before it, nor a third state alone with a one-sided or mutual word."""
    before = [state for state, named in spans.items() if any(m.start < cue.start() for m in named)]
    alone = bool(third) and len(third) == len(spans)
    return len(before) < 2 and not (third and cue["other"]) and not (alone and cue["mutual"])
