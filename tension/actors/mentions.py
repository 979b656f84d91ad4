"""Who is named in a sentence: matches of the gazetteer -> mentions of states.

A full name of a leader makes the surname known for the rest of the article. Before that a surname counts only by office on the article's
day: behind a title ("President Bush" in 1990 and in 2004), before "administration", or bare where it is that of a head of state or
government and of no other state's leader, no common word or name, and no part of a longer name.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from tension.actors.gazetteer import KINDS, Alias, Gazetteer, Match, iso_day
from tension.records import Mention

_TITLE = re.compile(
    r"(?:President|Prime Minister|Premier|PM|Chancellor|Taoiseach|King|Queen|Emperor|Sultan|Emir|Crown Prince|Prince|Sheikh|"
    r"Ayatollah|Pope|Supreme Leader|Chairman|Colonel|General|Secretary of State|Secretary|Foreign Minister|Foreign Secretary|"
    r"Defen[cs]e Minister|Defen[cs]e Secretary|Minister|Vice President|Mr\.?|Mrs\.?|Ms\.?)\s$"
)
_GOVERNMENT = re.compile(r"(?:'s|’s)? (?:administration|government|cabinet)\b")
_HEADS = ("head_of_state", "head_of_government")
_COMMON = frozenset(
    "Ban Banda Berger Bird Brown Bruton Case Chance Clark Cook Cowen Davis Day Douglas Duke English Ford Gonzalez Grant Harris "
    "Hope Howard Johnson Jones Kennedy Key King Law Lee Li Long Lopez Major March Marshall Martin May Mitchell Moon Moore Noble "
    "Palmer Park Perez Price Rice Rivera Rose Santos Silva Singh Smith Thomas Thompson Williams Wilson Wright Young".split()
)
_CAPITALS = re.compile(r"[A-Z]{4,}")  # of a headline in capitals; "US" and "UAE" are written so anyway
_NAME_BEFORE = re.compile(r"[A-Z][\w.'’-]* $")
_NAME_AFTER = re.compile(r"(?: |-)[A-Z]")


@dataclass(frozen=True, slots=True)
class Place:
    """A disputed place named in a sentence, with the states that claim it and the one that holds it, '' where none does."""

    claimants: tuple[str, ...]
    start: int
    end: int
    held_by: str = ""


@dataclass(slots=True)
class People:
    """Surnames an article has made known, with the states of the persons."""

    known: dict[str, str] = field(default_factory=dict)

    def introduce(self, alias: Alias, gazetteer_surnames: Iterable[str]) -> None:
        for surname in gazetteer_surnames:
            self.known[surname] = alias.states[0]
        self.known[alias.full.rsplit(" ", 1)[-1]] = alias.states[0]


class MentionFinder:
    """Finds the states and places a sentence names, and on request the alliances and organisations.

    Examples
    --------
    >>> finder = MentionFinder(Gazetteer.default())
    >>> mentions, places = finder.find("Chinese ships near the Senkaku Islands worry Tokyo.", datetime(2019, 1, 24), People())
    >>> [m.state for m in mentions], places[0].claimants
    (['CHN', 'JPN'], ('CHN', 'JPN', 'TWN'))
    """

    def __init__(self, gazetteer: Gazetteer, organisations: bool = False):
        self._gazetteer = gazetteer
        self._left_out = () if organisations else ("organisation",)
        self._surnames: dict[str, set[str]] = {}
        for alias in gazetteer:
            if alias.kind == "surname":
                self._surnames.setdefault(alias.full, set()).add(alias.text)

    def find(self, text: str, date: datetime | None, people: People) -> tuple[list[Mention], list[Place]]:
        """Mentions and places of one sentence, in order; `people` learns the full names found."""
        mentions, places, day = [], [], iso_day(date)
        text = _CAPITALS.sub(lambda word: word.group().title(), text) if text.isupper() else text
        for match in self._gazetteer.find(text):
            alias = self._chosen(match, text, day, people)
            if alias is None:
                continue
            if alias.kind == "leader":
                people.introduce(alias, self._surnames.get(alias.full, ()))
            if alias.kind == "place":
                places.append(Place(alias.states, match.start, match.end, alias.held_by))
            elif (way := KINDS[alias.kind]) and alias.kind not in self._left_out:
                mentions += [Mention(state, match.start, match.end, way, alias.kind) for state in alias.states]
        return mentions, places

    def _chosen(self, match: Match, text: str, day: str, people: People) -> Alias | None:
        """The alias a match stands for on that day, or None."""
        for alias in match.aliases:
            if alias.kind != "surname" and alias.valid(day):
                return alias
        surnames = [alias for alias in match.aliases if alias.kind == "surname"]
        if not surnames:
            return None
        known = people.known.get(surnames[0].text)
        if known:
            return next((alias for alias in surnames if alias.states == (known,)), None)
        titled = _TITLE.search(text[max(0, match.start - 24) : match.start]) or _GOVERNMENT.match(text, match.end)
        if not titled and not _stands_alone(match, text):
            return None
        holders = [alias for alias in surnames if day and alias.valid(day)]
        if len({alias.states for alias in holders}) != 1:
            return None
        return next((alias for alias in holders if titled or alias.office in _HEADS), None)


def _stands_alone(match: Match, text: str) -> bool:
    """Whether a surname is no common word or name and no part of a longer name."""
    first = _NAME_BEFORE.search(text[max(0, match.start - 30) : match.start])
    return match.aliases[0].text not in _COMMON and not first and not _NAME_AFTER.match(text, match.end)
