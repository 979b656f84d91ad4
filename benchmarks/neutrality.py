"""Does a judgement hang on who is named, or on the sentences beside it? Contrast cases with other states, and in other batches.

    python benchmarks/neutrality.py

Every state of a sentence becomes another one, form for form (name for name, adjective for adjective, leader for leader).
"""

import argparse
import csv
import random
from pathlib import Path

import numpy as np
from common import write_result

import tension
from tension.actors.gazetteer import Gazetteer
from tension.actors.mentions import People
from tension.relations.asking import default_finder

SUITE = Path(__file__).resolve().parent.parent / "tests" / "golden" / "behaviour.tsv"
KINDS = ("name", "adjective", "capital", "demonym")
RENAMINGS = 3


def forms() -> dict[str, dict[str, str]]:
    """The usual word of each kind for every state that has them all."""
    found: dict[str, dict[str, str]] = {}
    for alias in Gazetteer.default():
        if alias.kind in KINDS and len(alias.states) == 1 and not alias.end:
            found.setdefault(alias.states[0], {}).setdefault(alias.kind, alias.text)
    return {state: words for state, words in found.items() if set(KINDS) <= words.keys() and state != "PSE"}


def renamed(text: str, sides: tuple[str, str], words: dict, rng: random.Random) -> tuple[str, str, str] | None:
    """The sentence and its sides with other states; None where a mention has no counterpart or Palestine is named."""
    mentions = default_finder().find(text, None, People())[0]
    if any(m.kind not in KINDS or m.state == "PSE" for m in mentions) or not mentions:
        return None
    states = list(dict.fromkeys(m.state for m in mentions))
    new = dict(zip(states, rng.sample(sorted(words), len(states)), strict=True))
    for m in reversed(mentions):
        old, word = text[m.start : m.end], words[new[m.state]][m.kind]
        text = text[: m.start] + word + text[m.end :]
        sides = tuple(side.replace(old, word) for side in sides)
    return (text, *sides) if all(side in text for side in sides) else None


def main() -> None:
    argparse.ArgumentParser(description=__doc__.partition("\n")[0]).parse_args()
    with SUITE.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    rng, words, scorer = random.Random(7), forms(), tension.Scorer()
    before, after = [], []
    for row in rows:
        for _ in range(RENAMINGS):
            if new := renamed(row["text"], (row["source"], row["target"]), words, rng):
                before.append((row["text"], row["source"], row["target"]))
                after.append(new)
    p, q = (scorer.classify(*map(list, zip(*asked, strict=True)))["p_conflict"].to_numpy() for asked in (before, after))
    alone = np.array([scorer.classify([t], [s], [o])["p_conflict"][0] for t, s, o in before[::RENAMINGS][:100]])
    figures = {
        "renamed_sentences": len(p),
        "changed_by_more_than_0.05": f"{100 * float((abs(p - q) > 0.05).mean()):.1f} %",
        "largest_change_by_renaming": round(float(abs(p - q).max()), 3),
        "largest_change_by_batch": float(abs(alone - p[::RENAMINGS][:100]).max()),
    }
    for name, value in figures.items():
        print(f"{name:28s} {value}")
    write_result("neutrality", figures)


if __name__ == "__main__":
    main()
