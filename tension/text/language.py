"""Which language a text is written in.

English function words settle most English texts at once; py3langid is asked only about the rest. It is held to the languages news
agencies publish in, because over its full list it takes short English headlines for Nigerian Pidgin.
"""

import re
from functools import cache

_FUNCTION_WORDS = frozenset(
    "the of to in and a for on that with by as at is from has have was were be been its it after over are will an said "
    "his her their who which not but would than into against between about says".split()
)
_NEWS_LANGUAGES = (
    "ar bg bn cs da de el en es et fa fi fr he hi hr hu id it ja ka ko lt lv nl no pl pt ro ru sk sl sq sr sv sw th tl tr uk ur vi zh"
).split()
_SAMPLE = 2000
_ENOUGH = 0.15
_FEWEST_WORDS = 5
_LATIN_END = 0x250
_WORD = re.compile(r"[^\W\d_]+")


@cache
def _detector():
    import py3langid

    py3langid.set_languages(_NEWS_LANGUAGES)
    return py3langid


def language_of(text: str) -> str:
    """ISO 639-1 code of a text's language, judged on its first 2,000 characters.

    Capitalised words are left out, names say little about the language around them. Where fewer than five other words in Latin letters
    remain there is nothing to judge and the text is taken to be English.

    Examples
    --------
    >>> language_of("Japan and China hold talks in Beijing."), language_of("Japón y China se reunieron en Pekín para hablar de seguridad.")
    ('en', 'es')
    """
    words = [word for word in _WORD.findall(text[:_SAMPLE]) if not word[0].isupper()]
    latin = all(ord(word[0]) < _LATIN_END for word in words)
    if latin and len(words) < _FEWEST_WORDS:
        return "en"
    if sum(word in _FUNCTION_WORDS for word in words) >= _ENOUGH * len(words):
        return "en"
    return _detector().classify(" ".join(words))[0]
