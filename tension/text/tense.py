"""Whether the words around an expression of time turn it to the future."""

import re

_FUTURE = re.compile(
    r"\b(?:will|would|shall|set (?:to|for)|slated|(?:re)?scheduled|plan(?:s|ned|ning)?|due|expected|is to|are to|to be held|upcoming|"
    r"ahead of|may|next)\b"
)
_INTENDED = re.compile(
    r"\b(?:agree[sd]?|invite[sd]?|urge[sd]?|ask(?:s|ed)?|propose[sd]?|vow(?:s|ed)?|pledge[sd]?|promise[sd]?|offer(?:s|ed)?|call(?:s|ed)?|"
    r"want(?:s|ed)?|hope[sd]?|intend(?:s|ed)?|prepare[sd]?|demand(?:s|ed)?)\b[^.;]{0,60}\b(?:to(?! (?:an?|the)\b)|for)\b[^.;]{0,60}$"
)
_FORWARD = re.compile(r"\b(?:until|till|by|starting|beginning|effective|extended)(?: \w+)?\s*$|\bto $", re.I)
_AHEAD = re.compile(
    r"(?:(?!\b(?:said|says|told|announced|reported|that)\b)[^.;:,]){0,50}\b(?:will|(?:is|are) (?:set |due )?to)\b"
)
_REPORTED = re.compile(r"\b(?:said|says|told|reported|announced)(?: on)?\s*$", re.I)
_REACH = 160  # characters before an expression; no pattern above looks further back
# a participle behind these is no past tense: "the failed talks", "is expelled"
_FREE = r"(?<!\ba )(?<!\ban )(?<!\bthe )(?<!\bits )(?<!\bhis )(?<!\bher )(?<!\btheir )(?<!\bbe )(?<!\bis )(?<!\bare )"
_TOLD = re.compile(
    rf"\b{_FREE}(?:(?!hundred|sacred)[a-z]+[^\We]ed(?! by\b)|agreed|freed|said|told|was|were|had|did|met|held|left|led|shot|struck|"
    r"hit|sent|took|began|fell|came|went|made|gave|saw|won|lost|broke|fought|flew|sank|brought|built|drew|fled|found|kept|ran|rose|sought|"
    r"sold|spoke|stole|threw|withdrew|wrote|became)\b"
)
_BOUNDARY = re.compile(
    r",(?=[^,]*$)|;|\b(?:(?:after|since|because|while|when|as)\b(?! \w+ed\b)|(?:who|which|that|where|whose)\b)"
)


def looks_forward(before: str, after: str) -> bool:
    """Whether the words around an expression turn it to the future; "the sources said Wednesday" dates the report, not the plan."""
    near = _own_clause(before[-_REACH:])
    after = after if before.strip() else after.removeprefix(",")  # "In July, the two will meet"
    forward = _FORWARD.search(near) or _FUTURE.search(near[-80:]) or _INTENDED.search(near) or _AHEAD.match(after)
    return bool(forward) and not _REPORTED.search(near)


def _own_clause(before: str) -> str:
    """What follows the last conjunction or comma behind which something is told as done: "may act after Kenya struck it on"."""
    for boundary in reversed([*_BOUNDARY.finditer(before)]):
        clause = before[boundary.end() :]
        if _TOLD.search(clause):
            return clause
    return before
