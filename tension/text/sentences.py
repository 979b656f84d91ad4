"""An article -> its sentences, with offsets.

A line break ends a sentence (headlines carry no full stop). A dateline in front and citations in brackets behind are left out of the
sentence: "TOKYO (Kyodo) -" and "(The Times of India)" name no actor. What is too long for one encoder pass is divided, never cut off.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from sentencex import get_sentence_boundaries

from tension.records import Article, Sentence

LONGEST = 900
_CITATION = re.compile(r"(?:\s*\((?:[^()]|\([^()]*\)){2,80}\))+\s*$")
_LONGEST_CITATION = 1000
_GLOSS = re.compile(r"\((?:[a-z]|[A-Z]{2,5}\)|[^()]*\d)")
_DATELINE = re.compile(
    r"^(?:[A-Z][\w.'’-]+[ ,/]{1,2}){1,5}"
    r"(?:(?:Jan|Feb|March|April|May|June|July|Aug|Sept|Oct|Nov|Dec)[a-z]*\.? \d{1,2}[ ,]*)?"
    r"(?:\([^()]{2,30}\) ?)?(?:--|[-–—]) "
)
_INNER_END = re.compile(r"[.!?…][\"'”’)]*\s+\S")
_MAY = re.compile(r"\bMay\.\s+(?=[\"“'‘(]?[A-Z])")  # the segmenter takes the month for an abbreviation
_TITLE = re.compile(r"\b(?:Ms|Amb|Adm)\.\s+$")  # and these for the end of a sentence
_BREAK = re.compile(r"[;:,.!?…]\s|\s")


def split_sentences(article: Article) -> Iterator[Sentence]:
    """Sentences of an article's text, numbered from 0 in order, each with its characters' place in the text."""
    number = 0
    for start, end in _lines(article.text):
        for first, last in _boundaries(article.text[start:end]):
            piece = _trim(article.text, start + first, start + last, dateline=first == 0)
            for a, b in _divide(article.text, *piece):
                yield Sentence(number, article.text[a:b], a, b)
                number += 1


def _lines(text: str) -> Iterator[tuple[int, int]]:
    for line in re.finditer(r"[^\n]+", text):
        yield line.span()


def _boundaries(line: str) -> Iterator[tuple[int, int]]:
    """Segments of one line; the segmenter is asked only where a sentence may end before the line does."""
    if not _INNER_END.search(line):
        yield 0, len(line)
        return
    start = end = 0
    for boundary in get_sentence_boundaries("en", line):
        end += len(boundary["text"])
        if _TITLE.search(line, start, end):
            continue
        yield from pairwise([start, *(may.end() for may in _MAY.finditer(line, start, end)), end])
        start = end
    if start < len(line):
        yield start, len(line)


def _trim(text: str, start: int, end: int, dateline: bool) -> tuple[int, int]:
    piece = text[start:end]
    last = len(piece.rstrip())
    citation = _CITATION.search(piece, max(0, last - _LONGEST_CITATION)) if piece.endswith(")", 0, last) else None
    if citation and _is_citation(piece[: citation.start()], citation.group()):
        end = start + citation.start()
    if dateline and (opening := _DATELINE.match(text[start : min(end, start + 120)])):
        start += opening.end()
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _is_citation(before: str, brackets: str) -> bool:
    """Brackets after a full stop name a source; inside the sentence they may gloss it: "the alliance (NATO)"."""
    return not before or before[-1] in ".!?…\"'”’" or not _GLOSS.search(brackets)


def _divide(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Pieces of at most `LONGEST` characters of a stretch without spaces at its ends, itself where it is short enough."""
    while end - start > LONGEST:
        cut = start + LONGEST
        for mark in _BREAK.finditer(text, start + LONGEST // 2, cut):
            cut = mark.end()
        yield start, start + len(text[start:cut].rstrip())
        start = next(place for place in range(cut, end) if not text[place].isspace())
    if end > start:
        yield start, end
