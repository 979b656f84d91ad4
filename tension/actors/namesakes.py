"""Names of states that other places bear: beside Texas and Ohio Georgia is one of the United States."""

import re
from functools import cache

from tension.actors.gazetteer import table_rows
from tension.resources import data_path


def is_namesake(name: str, text: str) -> bool:
    """Whether a state's name means another place in a sentence.

    Examples
    --------
    >>> is_namesake("Georgia", "Voters in Ohio and Georgia queued."), is_namesake("Georgia", "Georgia closed the border.")
    (True, False)
    """
    if name not in _beside():
        return False
    namesake, state = _beside()[name]
    return bool(namesake.search(text)) and not state.search(text)


@cache
def _beside() -> dict[str, tuple[re.Pattern, re.Pattern]]:
    """By name the words beside which it means a namesake of the state, and those beside which it means the state all the same."""
    words: dict[str, dict[str, list[str]]] = {}
    for row in table_rows(data_path("actors", "namesakes.csv"), ("alias", "beside", "means")):
        words.setdefault(row["alias"], {}).setdefault(row["means"], []).append(row["beside"])
    return {name: (_any_of(each["namesake"]), _any_of(each["state"])) for name, each in words.items()}


def _any_of(words: list[str]) -> re.Pattern:
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\b")
