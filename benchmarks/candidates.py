"""The road from text to candidate dyads, on one core: sentences a second, the tables' load time, and what each step takes.

    python benchmarks/candidates.py --shared ../shared

A sentence counts from the article's text on: segmentation, states, places, clauses, document context, pairs. The median of five passes.
"""

import argparse
import gzip
import json
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path

from common import write_result

from tension.actors.discourse import Discourse
from tension.actors.dyads import clause_candidates
from tension.actors.gazetteer import Gazetteer
from tension.actors.mentions import MentionFinder, People
from tension.records import Article
from tension.text.articles import read_articles
from tension.text.sentences import split_sentences

LOAD = """
import time
from tension.actors import gazetteer, mentions
began = time.perf_counter()
mentions.MentionFinder(gazetteer.Gazetteer.default())
print(time.perf_counter() - began)
"""


PASSES = 5


def one_pass(articles: list[Article], finder: MentionFinder) -> tuple[int, int, int, float, float]:
    """Sentences, ordered pairs, sentences with pairs, seconds of segmentation, seconds in all."""
    number = pairs = gated = 0
    segmenting, began = 0.0, time.perf_counter()
    for article in articles:
        opened = time.perf_counter()
        sentences = list(split_sentences(article))
        segmenting += time.perf_counter() - opened
        people, discourse = People(), Discourse()
        for sentence in sentences:
            mentions, places = finder.find(sentence.text, article.date, people)
            clauses = clause_candidates(sentence.text, mentions, places, discourse)
            discourse.read(sentence.text, mentions)
            pairs, gated = pairs + sum(len(c.pairs) for c in clauses), gated + bool(clauses)
        number += len(sentences)
    return number, pairs, gated, segmenting, time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--lines", type=int, default=30_000)
    arguments = parser.parse_args()
    with gzip.open(arguments.shared / "corpora" / "current_events.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in islice(lines, arguments.lines)]
    read = read_articles({"id": r["id"], "date": r["date"], "text": r["text"]} for r in rows)
    articles = [article for article in read if isinstance(article, Article)]
    finder = MentionFinder(Gazetteer.default())
    passes = [one_pass(articles, finder) for _ in range(PASSES)]
    number, pairs, gated, segmenting, took = sorted(passes, key=lambda found: found[-1])[PASSES // 2]
    loads = sorted(float(subprocess.check_output([sys.executable, "-c", LOAD], text=True)) for _ in range(5))
    figures = {
        "lines": len(articles),
        "sentences": number,
        "sentences_with_pairs": gated,
        "ordered_pairs": pairs,
        "sentences_per_second": round(number / took),
        "segmentation_share": round(segmenting / took, 2),
        "tables_load_seconds": round(loads[2], 3),
    }
    for name, value in figures.items():
        print(f"{name:22s} {value}")
    write_result("candidates", figures)


if __name__ == "__main__":
    main()
