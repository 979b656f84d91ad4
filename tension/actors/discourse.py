"""What an article has said so far: whom it is about, who acted last, and its last words about states."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from tension.actors.gazetteer import LOCALITIES
from tension.records import Before, Mention

_LEAD_WEIGHT = 2.0
_TWICE = 2.0  # named twice, or in the lead
_MOST, _CHIEF, _MORE_THAN_PASSING = 0.55, 0.33, 0.2  # shares of an article's namings of states
_LONGEST_VENUE = 24
_VENUE = re.compile(r"\b(?:in|at|near|outside|around|via)\s(?:the |downtown |central |nearby )?$", re.I)


@dataclass(slots=True)
class Discourse:
    """How often an article has named each state, which acted last, and its last sentences."""

    weights: dict[str, float] = field(default_factory=dict)  # sentences that name it, the first to name any double
    subject: str | None = None  # the state named first in the last sentence that named any, be it not by a town
    said: tuple[Before, ...] = ()  # the last sentence, and ahead of it the last one before it that named a state
    led: bool = False  # whether a state was named otherwise than by a town

    def shares(self) -> dict[str, float]:
        """Of all namings of states so far the share of each, the largest first, the earlier state of equals."""
        total = sum(self.weights.values())
        return {s: self.weights[s] / total for s in sorted(self.weights, key=self.weights.__getitem__, reverse=True)}

    @property
    def active(self) -> tuple[str, str] | None:
        """The pair the article is about: the two states named most, if they make up most of its namings; None where there is none."""
        first_two = [*self.shares().items()][:2]
        if len(first_two) < 2 or sum(share for _, share in first_two) < _MOST or first_two[1][1] < _MORE_THAN_PASSING:
            return None
        return first_two[0][0], first_two[1][0]

    def partners(self, side: Collection[str]) -> list[str]:
        """Whom the side that a sentence names may face: the article's main states, where all of it is new there only the chief ones."""
        least = _MORE_THAN_PASSING if any(state in self.weights for state in side) else _CHIEF
        others = [other for other, share in self.shares().items() if other not in side and share >= least]
        return others[:1] + [other for other in others[1:2] if self.weights[other] >= _TWICE]

    def read(self, text: str, mentions: Iterable[Mention]) -> None:
        """Take a sentence into account; a capital, town or region that is only a venue counts for no state."""
        mentions = tuple(mentions)
        if self.said and text == self.said[-1].text:  # a title that the text repeats
            return
        self.said = (*_last_naming(self.said), Before(text, mentions))
        if not mentions:
            return
        acting = [m for m in mentions if not _is_venue(m, text)]
        by_name = [m.state for m in acting if m.kind not in LOCALITIES]
        self.subject = next(iter(by_name), self.subject)
        weight = _LEAD_WEIGHT if by_name and not self.led else 1.0
        self.led = self.led or bool(by_name)
        for state in dict.fromkeys(m.state for m in acting):
            self.weights[state] = self.weights.get(state, 0.0) + (weight if state in by_name else 1.0)


def _last_naming(said: tuple[Before, ...]) -> list[Before]:
    """The last sentence that names a state; by more than a town, if any does."""
    naming = [sentence for sentence in said if sentence.mentions]
    if len(naming) < 2:
        return naming
    return ([s for s in naming if any(m.kind not in LOCALITIES for m in s.mentions)] or naming)[-1:]


def _is_venue(mention: Mention, text: str) -> bool:
    if mention.resolved not in ("metonym", "locality"):
        return False
    return bool(_VENUE.search(text, max(0, mention.start - _LONGEST_VENUE), mention.start))
