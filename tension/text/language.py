"""Which language a text is written in.

A list of English words settles nearly all English texts at once; py3langid is asked about the rest, and reads its model only then. It is
held to the languages news agencies publish in, because over its full list it takes short English headlines for Nigerian Pidgin.
"""

import csv
import re
from functools import cache

from tension.resources import data_path

_NEWS_LANGUAGES = (
    "ar bg bn cs da de el en es et fa fi fr he hi hr hu id it ja ka ko lt lv nl no pl pt ro ru sk sl sq sr sv sw th tl tr uk ur vi zh"
).split()
_SAMPLE = 2000
_ENOUGH = 1 / 3
_FEW_WORDS, _FEWEST_WORDS = 5, 2
_LATIN_END = 0x250
_WORD = re.compile(r"(?<![\w-])[^\W\d_]{2,}")  # after a hyphen a name may go on: "Ban Ki-moon"


@cache
def _english() -> tuple[frozenset[str], frozenset[str]]:
    """Words that tell English, and English words that other languages write as well, like "as", "is" and "in"."""
    with data_path("languages", "english.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    shared = frozenset(row["word"] for row in rows if row["elsewhere"] == "1")
    return frozenset(row["word"] for row in rows) - shared, shared


def is_english(word: str) -> bool:
    """Whether a word in small letters is on the list, be it one that other languages write as well."""
    return any(word in words for words in _english())


@cache
def _detector():
    import py3langid

    py3langid.set_languages(_NEWS_LANGUAGES)
    return py3langid


def language_of(text: str) -> str:
    """ISO 639-1 code of a text's language, judged on its first 2,000 characters.

    Capitalised words are left out, names say little about the language around them. Where fewer than two other words in Latin letters
    remain there is nothing to judge and the text is taken to be English.

    Examples
    --------
    >>> language_of("Japan and China hold talks in Beijing."), language_of("Japón y China se reunieron en Pekín para hablar de seguridad.")
    ('en', 'es')
    """
    words = [word for word in _WORD.findall(text[:_SAMPLE]) if not word[0].isupper()]
    latin = all(ord(word[0]) < _LATIN_END for word in words)
    few = latin and len(words) < _FEW_WORDS
    if _are_english(words, few):
        return "en"
    return _detector().classify(text[:_SAMPLE] if few else " ".join(words))[0]


def _are_english(words: list[str], few: bool) -> bool:
    """Whether a third of the words that tell a language tell English; of few words one, and where none tells or there are not two, yes."""
    english, shared = _english()
    telling = [word for word in words if word not in shared]
    told = sum(word in english for word in telling)
    if few:
        return told > 0 or not telling or len(words) < _FEWEST_WORDS
    return bool(telling) and told >= _ENOUGH * len(telling)
