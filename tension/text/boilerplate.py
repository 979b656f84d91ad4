"""Lines in which a publication speaks of itself to its readers ("By subscribing, you can help us")."""

import re

_ITSELF = re.compile(
    r"\bsubscri(?:be|bing|bers?|ptions?)\b|"
    r"\bsign(?:ing)? up (?:for|to) (?:our|the|a|your) (?:[\w'’-]+ ){0,3}(?:newsletters?|briefings?|alerts?|app)\b|"
    r"\bour (?:newsletters?|journalism|coverage|readers|reporting|app)\b|"
    r"\ball rights reserved\b|©|"
    r"^\W*(?:read (?:more|also)|click here|follow us|share this|advertisement|sign up)\b",
    re.I,
)


def speaks_of_itself(text: str) -> bool:
    """Whether a sentence is such a line, by its words alone: where it names no state it tells of none.

    Examples
    --------
    >>> speaks_of_itself("By subscribing, you can help us get the story right.")
    True
    """
    return bool(_ITSELF.search(text))
