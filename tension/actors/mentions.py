"""Who is named in a sentence: matches of the gazetteer -> mentions of states.

A full name of a leader makes the surname known for the rest of the article; whose a surname is otherwise, `surnames.py` says.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tension.actors.gazetteer import KINDS, Alias, Gazetteer, Match, iso_day
from tension.actors.namesakes import is_namesake
from tension.actors.surnames import bearer, office_told
from tension.records import Mention

_IN_CAPITALS = re.compile(r"[^\W\d_]+")
_SMALL = ("OF", "AND", "THE")


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
        self._bare = frozenset(surname for each in self._surnames.values() for surname in each)
        self._abbreviations = frozenset(alias.text for alias in gazetteer if alias.text.isupper())

    def find(self, text: str, date: datetime | None, people: People) -> tuple[list[Mention], list[Place]]:
        """Mentions and places of one sentence, in order; `people` learns the full names found."""
        mentions, places, day = [], [], iso_day(date)
        text = self._in_small_letters(text) if text.isupper() else text
        matches = self._gazetteer.find(text)
        for place, match in enumerate(matches):
            alias = self._chosen(matches, place, text, day, people)
            if alias is None:
                continue
            if alias.kind == "leader":
                people.introduce(alias, self._surnames.get(alias.full, ()))
            if alias.kind == "place":
                places.append(Place(alias.states, match.start, match.end, alias.held_by))
            elif (way := KINDS[alias.kind]) and alias.kind not in self._left_out:
                end = match.end - (text[match.end - 1] == "-")
                mentions += [Mention(state, match.start, end, way, alias.kind) for state in alias.states]
        return mentions, places

    def _chosen(self, matches: list[Match], place: int, text: str, day: str, people: People) -> Alias | None:
        """The alias that one of the matches stands for on that day, or None."""
        match = matches[place]
        if match.aliases[0].text not in self._bare:
            return _named(match.aliases, text, day)
        surnames = [alias for alias in match.aliases if alias.kind == "surname"]
        known, office = people.known.get(surnames[0].text), office_told(match, text)
        named = _named([alias for alias in match.aliases if alias.kind != "surname"], text, day)
        if named and not known and not office:
            return named
        behind = any(before.end == match.start - 1 and not _of_person(before) for before in matches[max(0, place - 1) : place])
        joined = any(following.start == match.end + 1 for following in matches[place + 1 : place + 2])
        return bearer(surnames, match, text, day, known, office, behind, joined) or named

    def _in_small_letters(self, text: str) -> str:
        """A headline in capitals as a title is written; abbreviations stay."""

        def written(found: re.Match) -> str:
            word = found.group()
            if word in self._abbreviations:
                return word
            is_small = word in _SMALL or (word == "S" and text[found.start() - 1 : found.start()] in ("'", "’"))
            return word.lower() if is_small else word.capitalize()

        return _IN_CAPITALS.sub(written, text.replace("İ", "I"))


def _of_person(match: Match) -> bool:
    return any(KINDS[alias.kind] == "leader" for alias in match.aliases)


def _named(aliases: Sequence[Alias], text: str, day: str) -> Alias | None:
    """The first of these aliases that holds on that day, if it does not name something else."""
    for alias in aliases:
        if alias.valid(day):
            return None if is_namesake(alias.text, text) else alias
    return None
