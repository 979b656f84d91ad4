"""An article -> its sentences, with offsets.

A line break ends a sentence (headlines carry no full stop). A dateline in front and citations in brackets behind are left out of the
sentence: "TOKYO (Kyodo) -" and "(The Times of India)" name no actor. What is too long for one encoder pass is divided, never cut off.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from sentencex import segment

from tension.records import Article, Sentence, Span
from tension.text.boilerplate import tells_source
from tension.text.timewords import MONTH_NAME

LONGEST = 900
_BRACKET = r"\((?:[^()]|\([^()]*\)){2,80}\)"
_ONE_BRACKET = re.compile(_BRACKET)
_BRACKETS = re.compile(rf"{_BRACKET}(?:\s*{_BRACKET})*$")
_LONGEST_CITATION = 1000
_GLOSS = re.compile(r"\((?:[a-z]|[A-Z]{2,5}\)|[^()]*\d)")
_DATELINE = re.compile(
    r"(?P<place>(?:[A-Z][\w.'’-]+[ ,/]{1,2}){1,5}?)"
    r"(?P<day>(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day[ ,]*)?"
    rf"(?:(?:(?:{MONTH_NAME}) \d{{1,2}}|\d{{1,2}} (?:{MONTH_NAME}))(?:,? \d{{4}})?[ ,]*)?)"
    r"(?P<agency>\([^()]{2,30}\) ?)?(?:--|[-–—]) "
)
# shorter capitals are "USA", "UAE", "PRC"
_CAPITALS = re.compile(r"\b(?!(?:NATO|DPRK|USSR|ASEAN|BRICS|AUKUS|OPEC)\b)[A-Z]{4}")
_LONGEST_DATELINE = 120
_INNER_END = re.compile(r"[.!?…][\"'”’)]*\s+\S")
_MAY = re.compile(r"\bMay\.\s+(?=[\"“'‘(]?[A-Z])")  # the segmenter takes the month for an abbreviation
_TITLES = ("Ms.", "Amb.", "Adm.")  # and these for the end of a sentence
_BREAK = re.compile(r"[;:,.!?…]\s|\s")


def split_sentences(article: Article) -> Iterator[Sentence]:
    """Sentences of an article's text, numbered from 0 in order, each with its characters' place in the text."""
    text = article.text
    number = start = 0
    for line in text.split("\n"):
        for first, last in _boundaries(line):
            piece = _trim(text, start + first, start + last, dateline=first == 0)
            for a, b in _divide(text, *piece):
                yield Sentence(number, text[a:b], a, b)
                number += 1
        start += len(line) + 1


def _boundaries(line: str) -> Iterable[Span]:
    """Segments of one line; the segmenter is asked only where a sentence may end before the line does."""
    if not _INNER_END.search(line):
        return ((0, len(line)),)
    cuts, end = [0], 0
    for piece in segment("en", line):
        begin, end = end, end + len(piece)
        if "May." in piece:
            cuts += (may.end() for may in _MAY.finditer(line, begin, end))
        if not piece.rstrip().endswith(_TITLES):
            cuts.append(end)
    return pairwise(cuts if cuts[-1] == len(line) else [*cuts, len(line)])


def _trim(text: str, start: int, end: int, dateline: bool) -> Span:
    """A stretch without the dateline in front, the citation behind and the spaces at its ends."""
    piece = text[start:end].rstrip()
    if piece.endswith(")"):
        piece = _without_citation(piece)
    end = start + len(piece)
    piece = piece.lstrip()
    if dateline and (opening := _DATELINE.match(piece, 0, _LONGEST_DATELINE)) and _is_dateline(opening):
        piece = piece[opening.end() :].lstrip()
    return end - len(piece), end


def _is_dateline(opening: re.Match[str]) -> bool:
    """A day, an agency or capitals tell a dateline from "China - Japan's neighbour - protests"."""
    return bool(opening["day"] or opening["agency"] or _CAPITALS.search(opening["place"]))


def _without_citation(piece: str) -> str:
    """A stretch without the brackets at its end that name sources."""
    brackets = _BRACKETS.search(piece, max(0, len(piece) - _LONGEST_CITATION))
    end = len(piece)
    for bracket in reversed([*_ONE_BRACKET.finditer(piece, brackets.start())] if brackets else []):
        if not tells_source(bracket.group()):
            break
        end = bracket.start()
    before = piece[:end].rstrip()
    return before if _is_citation(before, piece[end:]) else piece


def _is_citation(before: str, brackets: str) -> bool:
    """Brackets after a full stop name a source; inside the sentence they may gloss it: "the alliance (NATO)"."""
    return not before or before[-1] in ".!?…\"'”’)" or not _GLOSS.search(brackets)


def _divide(text: str, start: int, end: int) -> Iterator[Span]:
    """Pieces of at most `LONGEST` characters of a stretch without spaces at its ends, itself where it is short enough."""
    while end - start > LONGEST:
        cut = start + LONGEST
        for mark in _BREAK.finditer(text, start + LONGEST // 2, cut):
            cut = mark.end()
        yield start, start + len(text[start:cut].rstrip())
        start = next(place for place in range(cut, end) if not text[place].isspace())
    if end > start:
        yield start, end
