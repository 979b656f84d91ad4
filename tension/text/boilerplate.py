"""Lines in which a publication speaks of itself ("By subscribing, you can help us") or of its sources ("(Reuters), (AP via The Age)")."""

import re

_ITSELF = re.compile(
    r"\bsubscri(?:be|bing|bers?|ptions?)\b|"
    r"\bsign(?:ing)? up (?:for|to) (?:our|the|a|your) (?:[\w'’-]+ ){0,3}(?:newsletters?|briefings?|alerts?|app)\b|"
    r"\bour (?:newsletters?|journalism|coverage|readers|reporting|app)\b|"
    r"\ball rights reserved\b|©|"
    r"^\W*(?:read (?:more|also)|click here|follow us|share this|advertisement|sign up)\b",
    re.I,
)
_BRACKETS = re.compile(r"[\s—–-]*(?:\((?:[^()]|\([^()]*\))+\)[\s.,;:]*)+")
_BRACKET = re.compile(r"\((?:[^()]|\([^()]*\))+\)")
_WORD = re.compile(r"[^\s(),;/\[\]]+")
_AMONG_NAMES = frozenset(
    "via vis of the and in for with on by from to at an de la le les el en y et du des da do del della di al und "
    "news website site online press release magazine page agency results highlights pictures photos video commentary "
    "registration subscription required reporting writing editing additional compiled inputs".split()
)


def speaks_of_itself(text: str) -> bool:
    """Whether a sentence is such a line, by its words alone: where it names no state it tells of none.

    Examples
    --------
    >>> speaks_of_itself("By subscribing, you can help us get the story right.")
    True
    """
    return bool(_ITSELF.search(text))


def names_sources(text: str) -> bool:
    """Whether a sentence only says who reported what stands before it.

    Examples
    --------
    >>> names_sources("(Reuters), (AP via The Age)."), names_sources("(The talks were called off later.)")
    (True, False)
    """
    return bool(_BRACKETS.fullmatch(text)) and all(tells_source(bracket) for bracket in _BRACKET.findall(text))


def tells_source(bracket: str) -> bool:
    """Whether one pair of brackets holds one word, or names and the words that stand among those of newspapers, but nothing told."""
    words = [word for word in _WORD.findall(bracket) if any(map(str.isalnum, word))]
    return len(words) == 1 or (bool(words) and all(word in _AMONG_NAMES or _is_name(word) for word in words))


def _is_name(word: str) -> bool:
    """A word with a capital or a digit ("iNews"), or an address ("news.com.au")."""
    return word != word.lower() or any(map(str.isdigit, word)) or "." in word.strip(".")
