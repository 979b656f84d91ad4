"""Who "he", "the ministry" and "the premier" are: the state that the article let speak or act last.

Only a sentence's subject counts, where it opens the sentence ("The ministry summoned ...") or follows a quotation ("..., he said"), and
only in a sentence that does not name that state itself.
"""

import re

from tension.records import Mention

_OFFICE = (
    r"(?:(?:foreign|defen[cs]e|interior|trade|finance|economy|prime) )?"
    r"(?:ministry|minister|premier|president|chancellor|government|cabinet|embassy|parliament|army|navy|military|spokes(?:man|woman|person)|"
    r"leader|regime|administration|ambassador|envoy|diplomat|king|junta|statement|"
    r"official(?= (?:said|says|told|added|warned|who|declined)\b))"
)
_OPENING = r"(?:But|And|Later|Instead|However|Earlier|In \w+|On \w+|A day later|At the same time),? "
_IT = (
    r"[Ii]t(?! (?:is|was|ha[sd] been|w(?:ill|ould) be|remain(?:s|ed)|comes|came|took|seem(?:s|ed)|appear(?:s|ed)|rain(?:s|ed)|"
    r"snow(?:s|ed))\b)"
)
_SUBJECT = re.compile(
    rf"^(?:{_OPENING})?((?:He|She|he|she|{_IT}|(?:[Tt]he|[Ii]ts) {_OFFICE}|[Tt]he (?:country|kingdom|republic)))\b(?! of\b)"
)
_SPEAKER = re.compile(
    rf"[,?!.]['\"”’]+ ((?:he|she|the {_OFFICE})) (?:said|says|added|told|warned|wrote|declared|insisted)\b"
)


def anaphor(text: str, state: str | None, mentions: list[Mention]) -> Mention | None:
    """The mention of `state` by an office or a pronoun that is the sentence's subject; None where there is none or it is named anyway.

    Examples
    --------
    >>> anaphor("The ministry summoned the envoy.", "CHN", [])
    Mention(state='CHN', start=0, end=12, resolved='context', kind='anaphor')
    """
    if state is None or any(m.state == state for m in mentions):
        return None
    found = _SUBJECT.match(text) or _SPEAKER.search(text)
    if found is None or any(m.start <= found.end(1) + 2 for m in mentions):
        return None
    return Mention(state, *found.span(1), "context", "anaphor")
