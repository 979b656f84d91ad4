"""Five-fold cross-validation of the relation model over the PLV training rows (folds by sentence).

    python benchmarks/relations_cv.py --shared ../shared

Each fold is trained from the base encoder through the single-pass path, with source and target spans given, on the other four folds; with
`--extra` also on our annotations and sentences and on the other labelled set. Predictions are scored by the shared evaluator.
"""

import argparse
import csv
import json
import random
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from common import write_result

from tension.ontology import ACTS, ROOTS
from tension.relations.asking import Pair, default_finder
from tension.relations.calibration import softmax
from tension.relations.examples import Example, labelled_set
from tension.relations.head import NONE
from tension.relations.train import Recipe, base_encoder, load_examples, train

FOLDS = 5
RECIPE = Recipe(epochs=8, batch=16, encoder_rate=6e-5, head_rate=6e-4, frozen_layers=1)
EXTRA_RECIPE = Recipe(epochs=4)


def folds_of(examples: list[Example], seed: int = 7) -> list[int]:
    """Fold of each example; rows of the same sentence share one."""
    texts = sorted({e.text for e in examples})
    random.Random(seed).shuffle(texts)
    fold = {text: i % FOLDS for i, text in enumerate(texts)}
    return [fold[e.text] for e in examples]


def predicted_roots(model, examples: list[Example]) -> list[str]:
    """Most probable root of each example's pair, supposing there is an event."""
    acts, _ = model.logits(
        [e.text for e in examples], [Pair(i, e.pairs[0].source, e.pairs[0].target) for i, e in enumerate(examples)]
    )
    p = softmax(acts[:, :NONE])
    by_root = {root: p[:, [i for i, act in enumerate(ACTS) if act.root == root]].sum(1) for root in ROOTS}
    return [max(ROOTS, key=lambda root: by_root[root][row]) for row in range(len(examples))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--extra", action="store_true", help="train each fold on the other sets too")
    parser.add_argument("--folds", type=int, default=FOLDS, help="run only the first of the five folds")
    arguments = parser.parse_args()
    gold = arguments.shared / "labelled" / "plv_train.csv"
    examples = list(labelled_set(gold, default_finder()))
    extra = [e for e in load_examples(arguments.shared)[0] if e.origin != "plv_train"] if arguments.extra else []
    fold_of, predictions = folds_of(examples), {}
    for fold in range(arguments.folds):
        rest = [e for e, f in zip(examples, fold_of, strict=True) if f != fold]
        held = [e for e, f in zip(examples, fold_of, strict=True) if f == fold]
        recipe = replace(EXTRA_RECIPE if extra else RECIPE, seed=fold)
        model = train(rest + extra, base_encoder(), recipe, report=lambda line: print(line, file=sys.stderr))
        predictions |= {e.uid: root for e, root in zip(held, predicted_roots(model, held), strict=True)}
    table = evaluate(arguments.shared / "evaluate" / "relations.py", gold, predictions)
    for level, row in table.items():
        print(f"{level:7s} n={row['n']:5d}  macro F1 {row['macro_f1']:6.2f}  accuracy {row['accuracy']:6.2f}")
    if arguments.folds == FOLDS:
        write_result("relations_cv" + "_extra" * bool(extra), table)


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
