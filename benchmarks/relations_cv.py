"""The relation model on the PLV training rows, source and target given: without having seen one of them, and in five-fold cross-validation.

    python benchmarks/relations_cv.py --shared ../shared [--from-base]

The shipped model is trained without any of these rows; its figures on all of them are those of another data set, which has no status: what
is planned or fails has other roots there. For the folds (by sentence, read whole) its weights are trained on with the rows of the other
four, through the same single pass. `--from-base` trains each fold from the base encoder on PLV rows alone, as the published supervised
systems are. Predictions are scored by the shared evaluator.
"""

import argparse
import copy
import csv
import json
import random
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from common import write_result

from tension.ontology import ACT_INDEX, ACTS, ROOTS, STATUSES
from tension.relations.asking import Pair, default_finder
from tension.relations.calibration import softmax
from tension.relations.examples import Example, labelled_set
from tension.relations.head import NONE
from tension.relations.huggingface import HuggingFaceEncoder
from tension.relations.model import RelationModel
from tension.relations.train import Recipe, base_encoder, train
from tension.resources import model_path

FOLDS = 5
CODED = {root: {root} for root in ROOTS if root not in ("CONCEDE", "RETREAT")} | {"YIELD": {"CONCEDE", "RETREAT"}}
FROM_BASE = Recipe(epochs=8, batch=16, encoder_rate=6e-5, head_rate=6e-4, frozen_layers=1)
FROM_OURS = Recipe(epochs=5, batch=16, encoder_rate=4e-5, head_rate=2e-4, averaged=0.98)


def folds_of(examples: list[Example], seed: int = 7) -> list[int]:
    """Fold of each example; rows of the same sentence share one."""
    texts = sorted({e.text for e in examples})
    random.Random(seed).shuffle(texts)
    fold = {text: i % FOLDS for i, text in enumerate(texts)}
    return [fold[e.text] for e in examples]


def predicted_roots(model: RelationModel, examples: list[Example], knows_coding: bool) -> dict[str, str]:
    """Most probable root of each example's pair, by its id, supposing there is an event; a status tells it to a model new to the coding."""
    acts, statuses = model.logits(
        [e.text for e in examples], [Pair(i, e.pairs[0].source, e.pairs[0].target) for i, e in enumerate(examples)]
    )
    p = softmax(acts[:, :NONE])
    p = p if knows_coding else without_status(p, softmax(statuses))
    sums = {root: p[:, [i for i, act in enumerate(ACTS) if act.root in roots]].sum(1) for root, roots in CODED.items()}
    return {e.uid: max(sums, key=lambda root: sums[root][row]) for row, e in enumerate(examples)}


def without_status(acts: np.ndarray, statuses: np.ndarray) -> np.ndarray:
    """Probabilities of acts, (n, 17), where the coding has no status: it has other acts for what is planned or does not come about.

    Cooperation to come is AGREE there, material conflict to come THREATEN, on a condition or not, and cooperation that fails REJECT.
    """
    planned, hypothetical, negated = (statuses[:, [STATUSES.index(s)]] for s in ("planned", "hypothetical", "negated"))
    ahead, friendly = planned + hypothetical, np.array([act.cooperative for act in ACTS])
    forceful = np.array([act.quad == "MCONF" for act in ACTS])
    found = acts * (1 - ahead * (friendly | forceful) - negated * friendly)
    for root, moved in (("AGREE", ahead * friendly), ("THREATEN", ahead * forceful), ("REJECT", negated * friendly)):
        found[:, ACT_INDEX[root]] += (acts * moved).sum(axis=1)
    return found


def fold_model(examples: list[Example], fold: int, shipped: str | None, from_base: bool) -> RelationModel:
    """A model trained on a fold's training rows, from the base encoder or from the shipped weights."""

    def report(line: str) -> None:
        print(line, file=sys.stderr)

    if from_base:
        return train(examples, base_encoder(), replace(FROM_BASE, seed=fold), report=report)
    head = copy.deepcopy(RelationModel.from_pretrained(shipped).head)
    encoder = HuggingFaceEncoder.from_pretrained(model_path(shipped))
    return train(examples, encoder, replace(FROM_OURS, seed=fold), report=report, head=head)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--from-base", action="store_true", help="train each fold on PLV rows alone")
    parser.add_argument("--folds", type=int, default=FOLDS, help="how many of the five folds to run; 0 for none")
    parser.add_argument("--model", help="another model folder; its figures are printed, not stored")
    arguments = parser.parse_args()
    gold, evaluator = arguments.shared / "labelled" / "plv_train.csv", arguments.shared / "evaluate" / "relations.py"
    examples = list(labelled_set(gold, default_finder()))
    figures = {}
    if not arguments.from_base:
        unseen = predicted_roots(RelationModel.from_pretrained(arguments.model), examples, knows_coding=False)
        figures["no_plv_row_seen"] = evaluate(evaluator, gold, unseen)
    fold_of, predictions = folds_of(examples), {}
    for fold in range(arguments.folds):
        rest = [e for e, f in zip(examples, fold_of, strict=True) if f != fold]
        held = [e for e, f in zip(examples, fold_of, strict=True) if f == fold]
        model = fold_model(rest, fold, arguments.model, arguments.from_base)
        predictions |= predicted_roots(model, held, knows_coding=True)
    if predictions:
        figures["five_fold"] = evaluate(evaluator, gold, predictions)
    for name, table in figures.items():
        for level, row in table.items():
            print(
                f"{name:16s} {level:7s} n={row['n']:5d}  macro F1 {row['macro_f1']:6.2f}  accuracy {row['accuracy']:6.2f}"
            )
    if arguments.folds == FOLDS and not arguments.model:
        write_result("relations_cv" + "_from_base" * arguments.from_base, figures)


def evaluate(evaluator: Path, gold: Path, predictions: dict[str, str]) -> dict:
    """Scores of the predictions by the shared evaluator, over the rows that have one."""
    with tempfile.TemporaryDirectory() as folder:
        rows = [row for row in csv.DictReader(gold.open(encoding="utf-8", newline="")) if row["uid"] in predictions]
        for name, table in (
            ("gold", rows),
            ("predicted", [{"uid": uid, "pred_root": root} for uid, root in predictions.items()]),
        ):
            with (Path(folder) / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, list(table[0]))
                writer.writeheader()
                writer.writerows(table)
        command = [sys.executable, str(evaluator), f"{folder}/gold.csv", f"{folder}/predicted.csv", "--json"]
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


if __name__ == "__main__":
    main()
