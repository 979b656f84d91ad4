"""What a scoring run met, and where its time went."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields

from tension.records import Skipped

STAGES = ("read", "pairs", "tokenise", "encode", "judge", "code", "stories")


@dataclass(slots=True)
class Tally:
    """What a scoring run met: the reasons an empty or thin result is so.

    `seconds` says how long each stage took, in all processes together: `read` articles; `pairs`, from sentences to candidate pairs;
    `tokenise`, `encode`, `judge`, the model; `code`, the rows of the frame; `stories`, which articles tell the same.
    """

    articles: int = 0
    undated: int = 0
    sentences: int = 0
    with_states: int = 0
    gated: int = 0
    clauses: int = 0
    pairs: int = 0
    encoded: int = 0
    tokens: int = 0
    truncated: int = 0
    events: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    seconds: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Count the time of what is done within to a stage."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] += time.perf_counter() - began

    @contextmanager
    def shared(self) -> "Iterator[list[Tally]]":
        """Count the time of what is done within by several threads at once, to each stage its share of what they note in the list."""
        parts: list[Tally] = []
        began = time.perf_counter()
        try:
            yield parts
        finally:
            taken = time.perf_counter() - began
            seconds = sum((part.seconds for part in parts), Counter())
            for stage, own in seconds.items():
                self.seconds[stage] += taken * own / seconds.total()

    def add(self, other: "Tally") -> None:
        """Take over what a part of the run met; what was skipped is noted where articles are read."""
        for name in (one.name for one in fields(self) if one.type is int):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.seconds.update(other.seconds)

    def why_empty(self) -> str:
        """Why a run found no event, in words; '' where it found some."""
        if self.events:
            return ""
        if not self.articles:
            return f"no article could be read: {self.skipped[0].reason}" if self.skipped else "there was no article"
        undated = "; articles without a date name no leaders" if self.undated else ""
        if not self.with_states:
            return f"no state is named in {self.sentences} sentence(s){undated}"
        if not self.gated:
            return f"{self.with_states} sentence(s) name a state, none names or implies a pair of states{undated}"
        return f"{self.gated} sentence(s) name or imply a pair of states, none is judged to state an event between them"
