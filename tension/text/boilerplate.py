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
_NAME = r"(?:[A-Z0-9][^\s(),;]*|via|of|the|and|in|for)"
_CREDIT = re.compile(rf"[\s—–-]*(?:\({_NAME}(?:[ ,;/]+{_NAME})*\)[\s.,;:]*)+")


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
    return bool(_CREDIT.fullmatch(text))
