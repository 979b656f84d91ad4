"""Which labelled sentences train, and which are kept out to calibrate."""

import json
import random
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

from tension.relations.asking import default_finder
from tension.relations.examples import (
    Example,
    annotated_lines,
    authored_articles,
    authored_pairs,
    authored_sentences,
    corpus_lines,
    interrupted,
    plain_articles,
    shortened,
)
from tension.resources import data_path

INTERRUPTIONS = 2
_NEIGHBOURS = 6
HELD_OUT = 10  # one line in ten of those drawn at random is never trained on, nor is any of validation.jsonl


def is_held_out(uid: str) -> bool:
    """Whether an annotated line is kept out of training, by its id alone."""
    return int(uid[:8], 16) % HELD_OUT == 0


def load_examples(shared: Path) -> tuple[list[Example], list[Example]]:
    """Training and held-out examples from data/ and from the shared corpora."""
    finder = default_finder()
    corpus = shared / "corpora" / "current_events.jsonl.gz"
    drawn = list(annotated_lines(data_path("annotations", "train.jsonl"), corpus, finder))
    training = [e for e in drawn if not is_held_out(e.uid)]
    for name in ("train_hard", "train_more", "train_localities"):
        training += annotated_lines(data_path("annotations", f"{name}.jsonl"), corpus, finder)
    for path in sorted(data_path("training").glob("authored_*.jsonl")):
        training += authored_sentences(path, finder)
    for path in sorted(data_path("training").glob("articles_*.jsonl")):
        rows = rows_of(path)
        training += authored_articles(rows, path.stem, finder)
        for turn in range(INTERRUPTIONS):
            strange = interrupted(rows, finder, random.Random(turn))
            training += authored_articles(strange, f"{path.stem}-interrupted-{turn}", finder)
        short = shortened(rows, finder, random.Random(INTERRUPTIONS))
        training += authored_articles(short, f"{path.stem}-shortened", finder)
    for path in sorted(data_path("training").glob("pairs_*.jsonl")):
        training += authored_pairs(path, finder)
    held_out = [e for e in drawn if is_held_out(e.uid)]
    held_out += annotated_lines(data_path("annotations", "validation.jsonl"), corpus, finder)
    return training, held_out


def plain_sentences(shared: Path, most: int = 10_000) -> list[str]:
    """Sentences as they are written, names and all: our own, and corpus lines."""
    own = [row["text"] for path in sorted(data_path("training").glob("authored_*")) for row in rows_of(path)]
    lines = _unmeasured(shared)
    return own + [line["text"] for line in lines[:: -(-len(lines) // most)]]


def plain_examples(shared: Path, known: Iterable[Example], most: int = 14_000, seed: int = 3) -> list[Example]:
    """Examples of corpus lines that no one labelled, alone and in articles of six neighbours in time; none that reads as one known."""
    lines, finder = _unmeasured(shared), default_finder()
    by_day = sorted(lines, key=lambda line: line["date"])
    parts = (by_day[i : i + _NEIGHBOURS] for i in range(0, len(by_day), _NEIGHBOURS))
    articles = (part[0] | {"text": "\n".join(line["text"] for line in part)} for part in parts)
    found = {example.text: example for example in plain_articles(chain(lines, articles), finder)}
    for example in known:
        found.pop(example.text, None)
    return random.Random(seed).sample(list(found.values()), min(most, len(found)))


def _unmeasured(shared: Path) -> list[dict]:
    """Corpus lines that are not annotated for measuring, by their ids."""
    names = ("gold_dev", "gold_test", "validation")
    measured = {row["uid"] for name in names for row in rows_of(data_path("annotations", f"{name}.jsonl"))}
    lines = corpus_lines(shared / "corpora" / "current_events.jsonl.gz")
    return [lines[uid] for uid in sorted(lines) if uid not in measured and not is_held_out(uid)]


def rows_of(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
