"""Whose a surname is: a leader's whom the article has introduced, or one's who is known by office on the article's day.

An office is told by a title ("President Bush" in 1990 and in 2004) or by "administration". Without them a surname counts bare where it is
that of a head of state or government and of no other state's leader, no common word or name, and no part of a longer name; so does it
behind "Mr", unless many bear it. Even an introduced one is no part of a longer name: after Boris Johnson, Ron Johnson is someone else.
"""

import re
from collections.abc import Sequence

from tension.actors.gazetteer import Alias, Match
from tension.text.language import is_english

_TITLE = re.compile(  # the group is the office that its bearers hold
    r"(?:(?P<vice_president>Vice[ -]President)"
    r"|(?P<head_of_state>President|King|Queen|Emperor|Sultan|Emir|Pope|Supreme Leader)"
    r"|(?P<head_of_government>Prime Minister|Premier|PM|Chancellor|Taoiseach|Chief Executive)"
    r"|(?P<foreign_minister>Foreign Minister|Foreign Secretary|Secretary of State)"
    r"|(?P<defence_minister>Defen[cs]e Minister|Defen[cs]e Secretary|Secretary of Defen[cs]e|Secretary of War)"
    r"|(?P<courtesy>Mr\.?|Mister|Mrs\.?|Ms\.?)|(?P<rank>General|Colonel)"
    r"|Crown Prince|Prince|Sheikh|Ayatollah|Chairman|Secretary|Minister)(?:-elect|-designate)?\s$"
)
_GOVERNMENT = re.compile(r"(?:'s|’s)? (?:[Aa]dministration|[Gg]overnment|[Cc]abinet)\b")
_TELLING_NONE = ("courtesy", "rank", "")
_HEADS = ("head_of_state", "head_of_government")
_COMMON = frozenset(
    "Ban Banda Berger Bird Brown Bruton Case Chance Clark Cook Cowen Davis Day Douglas Duke English Ford Gonzalez Grant Harris "
    "Hope Howard Johnson Jones Kennedy Key King Law Lee Li Long Lopez Major March Marshall Martin May Mitchell Moon Moore Noble "
    "Palmer Park Perez Price Rice Rivera Rose Santos Silva Singh Smith Thomas Thompson Williams Wilson Wright Young".split()
)
_BORNE_BY_MANY = frozenset(
    "Abbott Ahmed Ali Aziz Castro Chan Chen Choi Costa Cruz Diaz Garcia Gandhi Hassan Hernandez Hill Hussein Ibrahim Ito Khan Kim Kumar "
    "Lam Mahmoud Martinez Mendes Miller Mohamed Mohammed Morales Morrison Murphy Murray Nguyen Nielsen Omar Ortega Ortiz Petersen "
    "Rahman Ramos Rao Reid Reyes Rodriguez Rossi Roy Saleh Sanchez Sato Schmidt Scott Sharif Sharma Suzuki Tanaka Taylor Torres "
    "Turner Wang Watanabe Wong Yang Zhang".split()
)
_BEFORE = re.compile(r"((?:^|[.:;!?–—“‘\"(]\s?))?([A-Z][\w.'’-]*) $")
_AFTER = re.compile(r"([ -])([A-Z][\w'’]*)")
_LONGEST_BEFORE, _LONGEST_TITLE = 30, 32
_WEEKDAY = re.compile(r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day")
_DAY_OR_MONTH = re.compile(
    rf"{_WEEKDAY.pattern}|January|February|March|April|May|June|July|August|September|October|November|December"
)
_OTHER_BEARER = re.compile(
    r"(?:Admiral|Adviser|Advisor|Ambassador|Archbishop|Bishop|Candidate|Captain|Cardinal|Chief|Coach|Commander|Comrade|Cyclone|Democrat|"
    r"Deputy|Director|Doctor|Envoy|Father|Gov|Governor|Hurricane|Judge|Justice|Lady|Leader|Lieutenant|Lord|Major|Marshal|Mayor|Pastor|"
    r"Prof|Professor|Rep|Representative|Republican|Sen|Senator|Sergeant|Sir|Speaker|Spokesman|Spokeswoman|Typhoon)\.?"
)
_OPENING = re.compile(
    r"A|After|Although|And|As|Because|Before|But|By|Can|Could|Did|Does|For|Had|Has|How|However|If|Is|Later|Meanwhile|Or|Should|Since|So|"
    r"Then|Though|To|Until|Was|What|When|Where|Whether|While|Why|Will|With|Would|Yesterday|Yet"
)
_A_THING = re.compile(r"\b(?:[Tt]he|[Aa]|[Aa]n) $")
_IN_A_MONTH = re.compile(r"(?:\b(?:[Ii]n|[Ss]ince|[Uu]ntil|[Ll]ast|[Nn]ext|[Tt]his|[Ee]arly|[Ll]ate|[Mm]id)[ -]|\d(?:st|nd|rd|th)? )$")
_NUMBER_AFTER = re.compile(r" \d")
_SMALL_WORD = re.compile(
    r"\b(?!(?:with|from|over|into|amid|after|than|that|about|against|before|between|under|since|until|during|without)\b)[a-z]{4,}"
)
_CAPITALISED = re.compile(r"\b[A-Z]\w{3,}")
_FEWEST_CAPITALISED = 3
_NO_NAME = re.compile(
    r"[a-z]+(?:s|ed)|about|after|against|amid|and|as|at|but|by|could|cut|for|from|has|he|hit|if|in|into|is|it|may|met|not|of|on|or|over|"
    r"set|she|than|that|to|told|was|who|will|with|would"
)


def bearer(
    surnames: Sequence[Alias], match: Match, text: str, day: str, known: str | None, office: str, behind: bool, joined: bool
) -> Alias | None:
    """The leader whom a surname means in a sentence.

    Parameters
    ----------
    surnames
        Leaders of this surname.
    match, text, day
        Where it stands, in which sentence, and the ISO day of the article ('' where unknown).
    known
        The state of the bearer whom the article has introduced, if it has.
    office
        What `office_told` says.
    behind
        Whether a state or town stands directly before ("In Moscow Putin said").
    joined
        Whether another state or leader follows directly behind a hyphen ("Trump-Xi").

    Returns
    -------
    Alias or None
        None where it is not a leader's, or one cannot say whose.
    """
    if known:
        named = bool(office) or _means_the_known(match, text, behind, joined)
        return next((alias for alias in surnames if alias.states == (known,)), None) if named else None
    if office in _TELLING_NONE and not _stands_alone(match, text, behind, joined, office):
        return None
    holders = [alias for alias in surnames if day and alias.valid(day)]
    if len({alias.states for alias in holders}) > 1 and not _goes_on(match, text, joined):
        holders = [alias for alias in holders if alias.office == office]
    if len({alias.states for alias in holders}) != 1:
        return None
    return next((alias for alias in holders if office not in ("courtesy", "") or alias.office in _HEADS), None)


def office_told(match: Match, text: str) -> str:
    """The office that a surname's bearer is said to hold, as leaders.csv calls it; '' where none is told.

    It is "any" where the title fits several or "administration" follows, and "courtesy" or "rank" where it tells of none ("Mr", "General").
    """
    title = not _after_small_word(match, text) and _TITLE.search(text, max(0, match.start - _LONGEST_TITLE), match.start)
    if title:
        return title.lastgroup or "any"
    return "any" if _GOVERNMENT.match(text, match.end) else ""


def _stands_alone(match: Match, text: str, behind: bool, joined: bool, office: str) -> bool:
    """Whether a surname is no common word or name and no part of a longer name; behind "Mr" also none that many bear."""
    surname = match.aliases[0].text
    if surname in _COMMON or _goes_on(match, text, joined):
        return False
    return surname not in _BORNE_BY_MANY if office else behind or not _name_before(match, text)


def _means_the_known(match: Match, text: str, behind: bool, joined: bool) -> bool:
    """Whether a surname can be that of the person introduced: no part of another name, no month and no thing that is called so."""
    if (not behind and _name_before(match, text, known=True)) or _goes_on(match, text, joined):
        return False
    if match.aliases[0].text not in _COMMON:
        return True
    start = max(0, match.start - 8)
    a_month = match.aliases[0].text in ("May", "March") and (
        _IN_A_MONTH.search(text, start, match.start) or _NUMBER_AFTER.match(text, match.end)
    )
    return not a_month and not _A_THING.search(text, start, match.start)


def _name_before(match: Match, text: str, known: bool = False) -> bool:
    """Whether a first name or another part of a name stands before a surname, not a word that only opens the sentence, nor "Russia's"."""
    before = not _after_small_word(match, text) and _BEFORE.search(text, max(0, match.start - _LONGEST_BEFORE), match.start)
    if not before:
        return False
    opens, word = before.groups()
    if word.endswith(("'s", "’s")) or _DAY_OR_MONTH.fullmatch(word):
        return False
    if _OTHER_BEARER.fullmatch(word):
        return not known
    if opens is None and not _is_headline(text):
        return True
    is_common = match.aliases[0].text in _COMMON
    return not (_OPENING.fullmatch(word) or (not is_common and is_english(word.lower())))


def _after_small_word(match: Match, text: str) -> bool:
    """Whether the word before is in small letters, so that it is neither title nor name: most are."""
    words = text[max(0, match.start - _LONGEST_TITLE) : match.start].split()
    return bool(words) and words[-1].islower()


def _goes_on(match: Match, text: str, joined: bool) -> bool:
    """Whether a surname is followed by more of a name ("Trump Tower"), not by a weekday, another leader or the verb of a headline."""
    after = _AFTER.match(text, match.end)
    if not after:
        return False
    if after[1] == "-":
        return not joined
    return not (_WEEKDAY.fullmatch(after[2]) or (_is_headline(text) and _is_no_name(after[2].lower())))


def _is_no_name(word: str) -> bool:
    """Whether a word behind a surname in a headline is its verb or a small word, as far as its form tells."""
    return bool(_NO_NAME.fullmatch(word)) and is_english(word)


def _is_headline(text: str) -> bool:
    """Whether a sentence has all its words but small ones capitalised."""
    return not _SMALL_WORD.search(text) and len(_CAPITALISED.findall(text)) >= _FEWEST_CAPITALISED
