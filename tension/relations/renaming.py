"""The same sentence among other states: the augmentation that keeps the model country-neutral."""

import random
from dataclasses import replace

from tension.actors.gazetteer import KINDS, Gazetteer, Match
from tension.records import Span
from tension.relations.examples import Example


class Renamer:
    """Replaces the states named in a sentence by others, name for name, adjective for adjective, leader for leader."""

    def __init__(self, gazetteer: Gazetteer):
        self._gazetteer = gazetteer
        self._forms: dict[str, dict[str, list[str]]] = {}
        for alias in gazetteer:
            if len(alias.states) == 1 and KINDS[alias.kind] and not alias.end:
                self._forms.setdefault(alias.states[0], {}).setdefault(alias.kind, []).append(alias.text)
        self._states = sorted(
            state for state, forms in self._forms.items() if {"name", "adjective", "capital"} <= forms.keys()
        )

    def rename(self, example: Example, rng: random.Random) -> Example:
        """The example with its states replaced; unchanged where a form has no counterpart."""
        matches = [
            m
            for m in self._gazetteer.find(example.text)
            if KINDS[m.aliases[0].kind] and len(m.aliases[0].states) == 1 and m.aliases[0].kind != "surname"
        ]
        states = list(dict.fromkeys(m.aliases[0].states[0] for m in matches))
        if not states or len(states) > len(self._states):
            return example
        new = dict(zip(states, rng.sample(self._states, len(states)), strict=True))
        forms = [self._forms[new[m.aliases[0].states[0]]].get(m.aliases[0].kind) for m in matches]
        if not all(forms):
            return example
        return _rewritten(example, matches, [rng.choice(f[:2]) for f in forms])


def _rewritten(example: Example, matches: list[Match], words: list[str]) -> Example:
    text, parts, last, shifts = example.text, [], 0, []
    for match, word in zip(matches, words, strict=True):
        parts += [text[last : match.start], word]
        last = match.end
        shifts.append((match.start, match.end, len(word)))
    parts.append(text[last:])

    def moved(position: int, is_end: bool) -> int:
        result = position
        for start, end, length in shifts:
            if position >= end:
                result += length - (end - start)
            elif position > start:
                return result - (position - start) + (length if is_end else 0)
        return result

    def spans(old: tuple[Span, ...]) -> tuple[Span, ...]:
        return tuple((moved(a, False), moved(b, True)) for a, b in old)

    pairs = tuple(replace(p, source=spans(p.source), target=spans(p.target)) for p in example.pairs)
    return replace(example, text="".join(parts), pairs=pairs)
