"""Lists of states: "Peru, Chile and Cuba met" names three that play one part.

What a list does or suffers, each of its members does or suffers; what is told among them holds for every pair of them. So the model reads
a list of three or more as one of two ("Peru and Chile met"), and the verdict on these is that on all.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tension.actors.gazetteer import LOCALITIES
from tension.records import Mention, Span

FEWEST = 3
_OFFICE = (
    r"(?:then|former|acting|interim|outgoing|visiting|vice|deputy|prime|foreign|defen[cs]e|finance|interior|crown|state|president|premier|"
    r"minister|chancellor|secretary|leader|king|queen|prince|emir|sultan|counterpart|ambassador|envoy|of|for|the)"
)
_WORD = rf"(?:{_OFFICE}|[A-Z][\w.'’-]*)"
_AND = r",? (?:and|&|as well as|along with) "
_NAMES = re.compile(rf"(?:(?:['’]s)?(?: {_OFFICE})*(?: [A-Z][\w.'’-]*)+\b)?")
_WITHIN = re.compile(rf"(?:['’]s)?(?: {_WORD})* ")
_BETWEEN = re.compile(rf"(?:['’]s)?(?: {_WORD})*?(?P<separator>{_AND}|, )(?:{_WORD} )*")
_LAST = re.compile(_AND)
_APART = re.compile(
    r"(?:(?:while|but|and) )?(?:according to|after|amid|at|backed by|before|by|despite|during|following|for|from|in|like|near|on|since|"
    r"under|unlike|with|without)\b[^,;]*(?: [A-Z][\w-]+, )?",
    re.I,
)
_AMONG = re.compile(r"\b(?:between|among) (?:the )?$")
_SAID = re.compile(r" (?:sa(?:y|ys|id)|claim(?:s|ed)?|report(?:s|ed)?|announced?|warn(?:s|ed)?|confirm(?:s|ed)?)\b")


@dataclass(frozen=True, slots=True)
class StateList:
    """States listed in a text: the spans of each member's mentions, what stands between the first two, and the rest, which is left out."""

    members: tuple[tuple[Span, ...], ...]
    between: Span
    rest: Span

    def place_of(self, spans: Sequence[Span]) -> int | None:
        """Which member the spans of a side name; None where they name none."""
        places = (
            place
            for place, member in enumerate(self.members)
            if any(a < end and start < b for a, b in member for start, end in spans)
        )
        unnamed = any(self.rest[0] < end and start < self.rest[1] for start, end in spans)
        return next(places, len(self.members) - 1 if unnamed else None)

    def told_of(self, source: tuple[Span, ...], target: tuple[Span, ...]) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
        """The spans to ask about in place of a pair's own: both members kept for a side that is listed, one for each where both are."""
        first, second = self.members[:2]
        at, facing = self.place_of(source), self.place_of(target)
        if at == facing:
            return source, target
        if at is not None and facing is not None:
            return (first, second) if at < facing else (second, first)
        if at is not None:
            return (*first, *second), target
        return (source, (*first, *second)) if facing is not None else (source, target)


def state_lists(text: str, mentions: Iterable[Mention]) -> list[StateList]:
    """The lists of three or more different states in a text, none of which is named elsewhere in it.

    Examples
    --------
    >>> named = [Mention("PER", 0, 4, "named"), Mention("CHL", 6, 11, "named"), Mention("CUB", 16, 20, "named")]
    >>> [found.members for found in state_lists("Peru, Chile and Cuba met.", named)]
    [(((0, 4),), ((6, 11),), ((16, 20),))]
    """
    mentions = list(mentions)
    return [_as_list(text, run) for run in _lists(text, mentions, FEWEST)]


def one_list(text: str, mentions: Iterable[Mention]) -> bool:
    """Whether all states named in a text are one list and one side, as those of "France and Germany condemned the attack"."""
    mentions = list(mentions)
    run = next(_lists(text, mentions, fewest=2), [])
    apart = not run or _AMONG.search(text, 0, run[0][0].start)
    return not apart and {member[0].state for member in run} == {m.state for m in mentions}


def _lists(text: str, mentions: Sequence[Mention], fewest: int) -> Iterator[list[list[Mention]]]:
    """Runs of states, none of which is named elsewhere, be it not by a town."""
    times = Counter(m.state for m in mentions if m.kind not in LOCALITIES)
    for run in _runs(text, _members(text, mentions), fewest):
        run = _without_apposition(text, run, mentions)
        if len(run) >= fewest and all(times[member[0].state] == len(member) for member in run):
            yield run


def _as_list(text: str, run: list[list[Mention]]) -> StateList:
    """A run with the stretches that shortening it to two replaces; names after the last member go too where the first has some."""
    between = _gap(_BETWEEN, text, run[0], run[1]).span("separator")
    rest = _gap(_BETWEEN, text, run[1], run[2]).start("separator")
    end = run[-1][-1].end
    if between[0] > run[0][-1].end:
        end = _NAMES.match(text, end).end()
    return StateList(tuple(tuple((m.start, m.end) for m in member) for member in run), between, (rest, end))


def _members(text: str, mentions: Iterable[Mention]) -> list[list[Mention]]:
    """Mentions of one state that belong together: "Russian President Vladimir Putin"."""
    ordered = sorted(mentions, key=lambda m: (m.start, m.end))
    at = Counter((m.start, m.end) for m in ordered)
    members: list[list[Mention]] = []
    for m in ordered:
        if at[m.start, m.end] > 1:  # "the two Koreas"
            members.append([])
        elif members and members[-1] and members[-1][-1].state == m.state and _gap(_WITHIN, text, members[-1], [m]):
            members[-1].append(m)
        else:
            members.append([m])
    return members


def _without_apposition(text: str, run: list[list[Mention]], mentions: Sequence[Mention]) -> list[list[Mention]]:
    """A run without its first member where a comma parts it: "In Chad, Peru and Cuba met", "shelled Chad, Peru and Cuba said"."""
    start, end = run[0][0].start, run[-1][-1].end
    opening = _APART.fullmatch(text, 0, start) and text[end : end + 1] != ","
    reporting = any(m.end <= start for m in mentions) and _SAID.match(text, end)
    return run[1:] if opening or reporting else run


def _runs(text: str, members: Sequence[list[Mention]], fewest: int) -> Iterator[list[list[Mention]]]:
    """Runs of that many different states or more, set apart by commas and closed by "and"."""
    run: list[list[Mention]] = []
    for before, member in pairwise([[], *members, []]):
        gap = _gap(_BETWEEN, text, before, member)
        if run and gap and member[0].state not in {m[0].state for m in run}:
            run.append(member)
            closed = gap["separator"] != ", "
        else:
            closed = bool(run) and _LAST.match(text, _NAMES.match(text, run[-1][-1].end).end()) is not None
            if closed and len(run) >= fewest:  # "Peru, Chile, Cuba and others"
                yield run
            run, closed = [member] if member else [], False
        if closed:
            if len(run) >= fewest:
                yield run
            run = []


def _gap(pattern: re.Pattern, text: str, before: list[Mention], after: list[Mention]) -> re.Match | None:
    return pattern.fullmatch(text, before[-1].end, after[0].start) if before and after else None
