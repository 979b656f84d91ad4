"""Country codes and country names of event files -> the project's codes of states."""

import csv
from collections.abc import Callable
from functools import cache

from tension.actors.gazetteer import Gazetteer
from tension.resources import data_path

# CAMEO's codes that are not those of ISO 3166-1, and codes that ISO has withdrawn. Regions (EUR, AFR, SEA) are no states.
_OTHER_CODES = {
    "BAG": "IRQ",
    "BUR": "MMR",
    "GZS": "PSE",
    "IMY": "IMN",
    "KOS": "XKX",
    "KSV": "XKX",
    "MTN": "MNE",
    "PAL": "PSE",
    "ROM": "ROU",
    "TMP": "TLS",
    "WSB": "PSE",
    "XKK": "XKX",
    "ZAR": "COD",
}
# Names that a list of countries uses otherwise than the news: beside "Democratic Republic of Congo", "Congo" is Brazzaville.
_LISTED_NAMES = {"congo": "COG"}
_KINDS = ("name", "former", "abbreviation")


def state_of_code(code: str) -> str:
    """State of a three-letter code, CAMEO's or ISO 3166-1's; '' for regions, organisations and anything else.

    >>> state_of_code("ROM"), state_of_code("jpn"), state_of_code("EUR")
    ('ROU', 'JPN', '')
    """
    code = _OTHER_CODES.get(code.upper(), code.upper())
    return code if code in _states() else ""


def namer(gazetteer: Gazetteer | None = None) -> Callable[[str], str]:
    """A function from the name of a country, as a list has it, to its state; '' for anything else.

    Names of `gazetteer`, where given, go first; then the shipped names, whole and whatever their dates.

    >>> state = namer()
    >>> state("Russian Federation"), state("Congo"), state("Korea, Republic of"), state("European Union")
    ('RUS', 'COG', 'KOR', '')
    """
    own = _names(gazetteer) if gazetteer else {}
    listed = _names(Gazetteer.default()) | _official() | _LISTED_NAMES | own

    return lambda name: next((listed[spelling] for spelling in _spellings(name) if spelling in listed), "")


def _spellings(name: str) -> tuple[str, ...]:
    """A name as it stands, and with what follows its comma before it: "Korea, Republic of"."""
    name = " ".join(name.casefold().split())
    before, _, after = name.partition(", ")
    return tuple(spelling.removeprefix("the ") for spelling in (name, f"{after} {before}"))


def _names(gazetteer: Gazetteer) -> dict[str, str]:
    return {
        alias.text.casefold(): alias.states[0] for alias in gazetteer if alias.kind in _KINDS and len(alias.states) == 1
    }


@cache
def _states() -> dict[str, str]:
    with data_path("actors", "states.csv").open(encoding="utf-8", newline="") as lines:
        return {row["iso3"]: row["name"] for row in csv.DictReader(lines)}


def _official() -> dict[str, str]:
    return {name.casefold(): code for code, name in _states().items()}
