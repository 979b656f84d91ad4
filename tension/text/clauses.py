"""A sentence -> its clauses, where conjunctions that set one event beside another part them.

"They agreed to trade more, while China remains in a tariff dispute with the United States": two clauses, two pairs, two relations.
"""

import re
from itertools import pairwise

from tension.records import Span

_WHILE = r"while|whereas|although|though|even though|even as|just as"
_PART = re.compile(
    rf"[;,\s](?:(?<=;)|(?<=,)\s(?:{_WHILE}|but|as(?! well as\b)|yet)\b|(?<=\s)(?:{_WHILE}|(?:comes?|came|even) as)\b)\s?"
)
_OPENING = re.compile(r"^(?:While|Although|Though|Even as|As|Despite|After)\b[^,]{12,}?, ")
_FEWEST_WORDS = 3


def split_clauses(text: str) -> list[Span]:
    """Spans of a sentence's clauses in order, the whole sentence where nothing parts it; a piece of two words joins its neighbour.

    Examples
    --------
    >>> text = "Kenya thanked Oman, while Qatar accused Chad."
    >>> [text[start:end] for start, end in split_clauses(text)]
    ['Kenya thanked Oman, while ', 'Qatar accused Chad.']
    """
    cuts = [0]
    if opening := _OPENING.match(text):
        cuts.append(opening.end())
    cuts += [match.end() for match in _PART.finditer(text) if match.end() > cuts[-1]]
    if len(cuts) == 1:
        return [(0, len(text))]
    spans: list[Span] = []
    for start, end in pairwise([*cuts, len(text)]):
        pieces = (text[start:end], text[slice(*spans[-1])]) if spans else ()
        if any(len(piece.split()) < _FEWEST_WORDS for piece in pieces):
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return spans
