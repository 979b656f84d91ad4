"""A sentence with stand-ins for its states: the first one named becomes Norway, the second Kenya, and so on.

The relation model reads sentences only so. It cannot judge by reputation, because it never learns which states are meant: the same words
about other states give the same answer. Only the spelling of a state changes, form for form ("Chinese" -> "Norwegian", "Beijing" ->
"Oslo", "Shanghai" -> "Bergen", "Xi" -> "Hansen"); organs, organisations, disputed places and all other words stay as they are. So does
Palestine: what its armed groups do counts as done by its side, unlike that of armed groups elsewhere, and the model has to know which it
reads about. Of a list of three or more states it reads the first two (`lists.py`).
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from operator import itemgetter

from tension.actors.gazetteer import LOCALITIES
from tension.actors.lists import StateList, state_lists
from tension.records import Candidate, Mention, Span

_FORMS = ("name", "adjective", "people", "capital", "city", "person")
_CAST = tuple(
    dict(zip(_FORMS, words.split(), strict=True))
    for words in (
        "Norway Norwegian Norwegians Oslo Bergen Hansen",
        "Kenya Kenyan Kenyans Nairobi Mombasa Weber",
        "Chile Chilean Chileans Santiago Valparaiso Costa",
        "Hungary Hungarian Hungarians Budapest Debrecen Novak",
        "Thailand Thai Thais Bangkok Phuket Keller",
        "Portugal Portuguese Portuguese Lisbon Porto Rossi",
        "Denmark Danish Danes Copenhagen Aarhus Jensen",
        "Peru Peruvian Peruvians Lima Arequipa Vargas",
    )
)
STAND_INS = len(_CAST)  # states of a text that get one
_FORM_OF = {
    "name": "name",
    "former": "name",
    "abbreviation": "name",
    "adjective": "adjective",
    "capital": "capital",
    "seat": "capital",
    "city": "city",
    "region": "city",
    "leader": "person",
    "surname": "person",
}
_KEPT = ("PSE",)
_ARTICLES = ("the ", "The ")
_WITHOUT_ARTICLE = ("adjective", "demonym", *LOCALITIES)  # "the" before them goes with the noun


@dataclass(frozen=True, slots=True)
class Recast:
    """A text in which stretches were replaced; `cuts` are (old start, old end, new start, new end) in order, `lists` were shortened."""

    text: str
    cuts: tuple[tuple[int, int, int, int], ...]
    lists: tuple[StateList, ...] = ()

    def span(self, old: Span) -> Span:
        """Where a stretch of the old text lies in the new one; one that touches a replaced stretch takes in the whole of it."""
        return self._moved(old[0], 2), self._moved(old[1], 3)

    def origin(self, new: Span) -> Span:
        """Where a stretch of the new text comes from in the old one, the inverse of `span`."""
        return Recast("", tuple((c, d, a, b) for a, b, c, d in self.cuts)).span(new)

    def sides(self, source: tuple[Span, ...], target: tuple[Span, ...]) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
        """Where to ask about two sides in the new text, given their spans in the old one; a listed side is asked about with its list."""
        for found in self.lists:
            source, target = found.told_of(source, target)
        return tuple(map(self.span, source)), tuple(map(self.span, target))

    def pair(self, candidate: Candidate) -> Candidate:
        """A candidate with its spans in the new text."""
        source, target = self.sides(candidate.source_spans, candidate.target_spans)
        return replace(candidate, source_spans=source, target_spans=target)

    def _moved(self, position: int, side: int) -> int:
        """Where a stretch begins (side 2 of a cut) or ends (side 3) that does so at a position of the old text."""
        begun = (bisect_right if side == 2 else bisect_left)(self.cuts, position, key=itemgetter(0))
        if not begun:
            return position
        cut = self.cuts[begun - 1]
        _, end, _, new_end = cut
        return cut[side] if position < end or (position == end and side == 3) else position + new_end - end


def recast(text: str, mentions: Iterable[Mention]) -> Recast:
    """The text with stand-ins for the states mentioned, the first eight of them.

    Examples
    --------
    >>> mentions = [Mention("CHN", 0, 7, "named", "adjective"), Mention("JPN", 28, 33, "metonym", "capital")]
    >>> recast("Chinese ships have provoked Tokyo.", mentions).text
    'Norwegian ships have provoked Nairobi.'

    Of "Peru, Chile and Cuba met" it gives "Norway and Kenya met"; `pair` and `sides` ask about Cuba with the others.
    """
    mentions = list(mentions)
    lists = state_lists(text, mentions)
    left_out = [found.rest for found in lists]
    stretches = sorted(
        chain(
            _renamed([m for m in mentions if not any(a <= m.start < b for a, b in left_out)], text),
            ((found.between, " and ") for found in lists),
            ((stretch, "") for stretch in left_out),
        )
    )
    parts, cuts, done, length = [], [], 0, 0
    for (first, end), word in stretches:
        start = max(done, first)
        parts += [text[done:start], word]
        length += start - done + len(word)
        cuts.append((start, end, length - len(word), length))
        done = end
    return Recast("".join([*parts, text[done:]]), tuple(cuts), tuple(lists))


def _renamed(mentions: Iterable[Mention], text: str) -> Iterator[tuple[Span, str]]:
    """The stretches that stand-ins take the place of, in order, with their words."""
    cast = _single(sorted(mentions, key=lambda m: (m.start, m.end)), text)
    role = {state: i for i, state in enumerate(dict.fromkeys(m.state for m, _ in cast))}
    for m, form in cast:
        if role[m.state] < STAND_INS:
            yield (m.start - 4 if _has_article(m, text) else m.start, m.end), _CAST[role[m.state]][form]


def _single(ordered: Sequence[Mention], text: str) -> list[tuple[Mention, str]]:
    """Mentions that a stand-in replaces, with the form; "the two Koreas" are two states and keep their name."""
    at = Counter((m.start, m.end) for m in ordered)
    forms = [(m, _form(m, text)) for m in ordered if at[m.start, m.end] == 1 and m.state not in _KEPT]
    return [(m, form) for m, form in forms if form]


def _has_article(mention: Mention, text: str) -> bool:
    """Whether "the" before a name or a seat ("the United States", "the Kremlin") goes with it."""
    return mention.kind not in _WITHOUT_ARTICLE and text[max(0, mention.start - 4) : mention.start] in _ARTICLES


def _form(mention: Mention, text: str) -> str | None:
    """Which of a stand-in's words takes a mention's place; None where it keeps its own."""
    if mention.kind == "demonym":
        return "people" if text[mention.end - 1] == "s" else "adjective"
    return _FORM_OF.get(mention.kind)
