"""Who is named in a sentence: matches of the gazetteer -> mentions of states.

A full name of a leader makes the surname known for the rest of the article. A surname alone counts only then, or behind a title of an
office that a person of this name held on the article's day ("President Bush" in 1990 and in 2004), or before "administration".
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tension.actors.gazetteer import KINDS, Alias, Gazetteer, Match, iso_day
from tension.records import Mention, Sentence

_TITLE = re.compile(
    r"(?:President|Prime Minister|Premier|PM|Chancellor|Taoiseach|King|Queen|Emperor|Sultan|Emir|Crown Prince|Prince|Sheikh|Ayatollah|Pope|"
    r"Supreme Leader|Chairman|Colonel|General|Secretary of State|Secretary|Foreign Minister|Foreign Secretary|Defen[cs]e Minister|"
    r"Defen[cs]e Secretary|Minister|Vice President|Mr\.?|Mrs\.?|Ms\.?)\s$"
)
_GOVERNMENT = re.compile(r"(?:'s|’s)? (?:administration|government|cabinet)\b")
_GRACE = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Place:
    """A disputed place named in a sentence, with the states that claim it."""

    claimants: tuple[str, ...]
    start: int
    end: int


@dataclass(slots=True)
class People:
    """Surnames an article has made known, with the states of the persons."""

    known: dict[str, str] = field(default_factory=dict)

    def introduce(self, alias: Alias, gazetteer_surnames: Iterable[str]) -> None:
        for surname in gazetteer_surnames:
            self.known[surname] = alias.states[0]
        self.known[alias.full.rsplit(" ", 1)[-1]] = alias.states[0]


class MentionFinder:
    """Finds the states and places a sentence names.

    Examples
    --------
    >>> finder = MentionFinder(Gazetteer.default())
    >>> mentions, places = finder.find("Chinese ships near the Senkaku Islands worry Tokyo.", datetime(2019, 1, 24), People())
    >>> [m.state for m in mentions], places[0].claimants
    (['CHN', 'JPN'], ('CHN', 'JPN', 'TWN'))
    """

    def __init__(self, gazetteer: Gazetteer):
        self._gazetteer = gazetteer
        self._surnames: dict[str, set[str]] = {}
        for alias in gazetteer:
            if alias.kind == "surname":
                self._surnames.setdefault(alias.full, set()).add(alias.text)

    def find(self, text: str, date: datetime | None, people: People) -> tuple[list[Mention], list[Place]]:
        """Mentions and places of one sentence, in order; `people` learns the full names found."""
        mentions, places = [], []
        for match in self._gazetteer.find(text):
            alias = self._chosen(match, text, date, people)
            if alias is None:
                continue
            if alias.kind == "leader":
                people.introduce(alias, self._surnames.get(alias.full, ()))
            if alias.kind == "place":
                places.append(Place(alias.states, match.start, match.end))
            elif way := KINDS[alias.kind]:
                mentions += [Mention(state, match.start, match.end, way) for state in alias.states]
        return mentions, places

    def _chosen(self, match: Match, text: str, date: datetime | None, people: People) -> Alias | None:
        """The alias a match stands for on that day, or None."""
        day = iso_day(date)
        surnames = [alias for alias in match.aliases if alias.kind == "surname"]
        valid = [alias for alias in match.aliases if alias.kind != "surname" and alias.valid(day)]
        if valid:
            return valid[0]
        if not surnames:
            return None
        known = people.known.get(surnames[0].text)
        if known:
            return next((alias for alias in surnames if alias.states == (known,)), None)
        if _TITLE.search(text[max(0, match.start - 24) : match.start]) or _GOVERNMENT.match(text, match.end):
            return _office_holder(surnames, text, date)
        return None


def _office_holder(surnames: list[Alias], text: str, date: datetime | None) -> Alias | None:
    """Who of that surname was in office on the day: one state, or the one whose name stands in the sentence."""
    if date is None:
        holders = surnames
    else:
        early, late = iso_day(date - _GRACE), iso_day(date + _GRACE)
        holders = [a for a in surnames if (not a.start or a.start <= late) and (not a.end or early <= a.end)]
    states = {alias.states for alias in holders}
    return holders[0] if len(states) == 1 else None


def find_all(
    finder: MentionFinder, sentences: Iterable[Sentence], date: datetime | None
) -> list[tuple[Sentence, list[Mention], list[Place]]]:
    """Mentions and places of an article's sentences, read in order."""
    people = People()
    return [(sentence, *finder.find(sentence.text, date, people)) for sentence in sentences]
