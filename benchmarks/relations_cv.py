"""The relation model on the PLV training rows, source and target given: without having seen one of them, and in five-fold cross-validation.

    python benchmarks/relations_cv.py --shared ../shared [--from-base]

The shipped model is trained without any of these rows. They have no status: what is planned or fails has other roots there. So there are
three figures: the model as it is, its statuses told as roots (`as_shipped`); the same model trained on with our own pairs told in that
coding, still without any PLV row (`no_plv_row_seen`); and that model trained on with the rows of four folds, the mean of three runs'
weights, and asked about the fifth (`five_fold`; by sentence, read whole, through the same single pass). `--from-base` trains each fold
from the base encoder on PLV rows alone, as the published supervised systems are. Predictions are scored by the shared evaluator.
"""

import argparse
import csv
import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
from common import write_result

from tension.ontology import ACT_INDEX, ACTS, ROOTS, STATUSES
from tension.relations.asking import Pair, default_finder
from tension.relations.averaging import mean_of
from tension.relations.calibration import softmax
from tension.relations.examples import Example, authored_pairs, labelled_set
from tension.relations.head import NONE
from tension.relations.huggingface import HuggingFaceEncoder
from tension.relations.model import RelationModel
from tension.relations.train import Recipe, base_encoder, train
from tension.resources import data_path

FOLDS, RUNS = 5, 3
CODED = {root: {root} for root in ROOTS if root not in ("CONCEDE", "RETREAT")} | {"YIELD": {"CONCEDE", "RETREAT"}}
FROM_BASE = Recipe(epochs=8, batch=16, encoder_rate=6e-5, head_rate=6e-4, frozen_layers=1)
OWN_PAIRS = Recipe(epochs=2, batch=16, encoder_rate=5e-5, head_rate=2.5e-4, anchor=0.0, averaged=0.99)
FROM_OURS = Recipe(epochs=6, batch=16, encoder_rate=8e-5, head_rate=4e-4, anchor=0.0, averaged=0.98)


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


def told_as(act: int, status: int) -> int:
    """The act by which a coding without status tells an act of a status.

    Cooperation to come is AGREE there, material conflict to come THREATEN, on a condition or not, and cooperation that fails REJECT.
    """
    is_ahead, fails = STATUSES[status] in ("planned", "hypothetical"), STATUSES[status] == "negated"
    if ACTS[act].cooperative and (is_ahead or fails):
        return ACT_INDEX["REJECT" if fails else "AGREE"]
    return ACT_INDEX["THREATEN"] if is_ahead and ACTS[act].quad == "MCONF" else act


def without_status(acts: np.ndarray, statuses: np.ndarray) -> np.ndarray:
    """Probabilities of acts, (n, 17), and of statuses, (n, 5) -> of acts in a coding without status."""
    found = np.zeros_like(acts)
    for act, status in product(range(len(ACTS)), range(len(STATUSES))):
        found[:, told_as(act, status)] += acts[:, act] * statuses[:, status]
    return found


def own_pairs() -> Iterator[Example]:
    """Our own sentences about actors of any kind, told without status; those without an event and conflicts that fail are left out."""
    for path in sorted(data_path("training").glob("pairs_*.jsonl")):
        for example in authored_pairs(path, default_finder()):
            pair = example.pairs[0]
            acts = pair.label[0][0] - {NONE}
            if acts and not (STATUSES[pair.status] == "negated" and not any(ACTS[a].cooperative for a in acts)):
                told = frozenset(told_as(act, pair.status) for act in acts)
                yield replace(example, pairs=(replace(pair, label=((told, 1.0),), status=None),))


def report(line: str) -> None:
    print(line, file=sys.stderr)


def trained_on(model: RelationModel, examples: list[Example], recipe: Recipe) -> RelationModel:
    """A model's weights trained on; the model itself stays as it is."""
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        encoder, head = HuggingFaceEncoder.from_pretrained(Path(folder)), RelationModel.from_pretrained(folder).head
    return train(examples, encoder, recipe, report=report, head=head.requires_grad_(True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--from-base", action="store_true", help="train each fold on PLV rows alone")
    parser.add_argument("--folds", type=int, default=FOLDS, help="how many of the five folds to run; 0 for none")
    parser.add_argument("--model", help="another model folder; its figures are printed, not stored")
    arguments = parser.parse_args()
    gold, evaluator = arguments.shared / "labelled" / "plv_train.csv", arguments.shared / "evaluate" / "relations.py"
    examples = list(labelled_set(gold, default_finder()))
    figures, start = {}, None
    if not arguments.from_base:
        start = RelationModel.from_pretrained(arguments.model)
        figures["as_shipped"] = evaluate(evaluator, gold, predicted_roots(start, examples, knows_coding=False))
        start = trained_on(start, list(own_pairs()), OWN_PAIRS)
        figures["no_plv_row_seen"] = evaluate(evaluator, gold, predicted_roots(start, examples, knows_coding=True))
    fold_of, predictions = folds_of(examples), {}
    for fold in range(arguments.folds):
        rest = [e for e, f in zip(examples, fold_of, strict=True) if f != fold]
        held = [e for e, f in zip(examples, fold_of, strict=True) if f == fold]
        if start is None:
            model = train(rest, base_encoder(), replace(FROM_BASE, seed=fold), report=report)
        else:
            seeds = range(fold * RUNS, fold * RUNS + RUNS)
            model = mean_of([trained_on(start, rest, replace(FROM_OURS, seed=seed)) for seed in seeds])
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
