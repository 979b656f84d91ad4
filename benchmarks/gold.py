"""Events found in hand-annotated news lines: the shared evaluator on the development or the test half of the gold.

    python benchmarks/gold.py --shared ../shared [--half dev] [--errors 20]

Nothing is tuned on the test half; its errors are not listed. Some lines tell a dozen events (four states that meet), so the
intervals of F1 come from drawing whole lines anew.
"""

import argparse
import json
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np
from common import read_jsonl, run_evaluator, write_result

import tension
from tension.relations.examples import corpus_lines

GOLD = Path(__file__).resolve().parent.parent / "data" / "annotations"


DRAWS, LEVEL = 500, 0.9


def intervals(evaluator: Path, gold: list[dict], predictions: list[dict]) -> dict[str, list[float]]:
    """90 % intervals of F1 at each level, by a bootstrap over lines (seed fixed)."""
    spec = spec_from_file_location("evaluator", evaluator)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    found: dict[str, list[dict]] = {}
    for row in predictions:
        found.setdefault(row["uid"], []).append(row)
    rng, tables = np.random.default_rng(0), []
    for _ in range(DRAWS):
        drawn = dict(enumerate(gold[i] for i in rng.integers(len(gold), size=len(gold))))
        tables.append(module.score(drawn, {place: found.get(row["uid"], []) for place, row in drawn.items()}))
    return {
        level: [
            round(float(np.quantile([t[level]["f1"] for t in tables], q)), 1)
            for q in (0.5 - LEVEL / 2, 0.5 + LEVEL / 2)
        ]
        for level in module.LEVELS
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--half", choices=("dev", "test"), default="test")
    parser.add_argument("--errors", type=int, default=0, help="list the first wrong lines (development half only)")
    parser.add_argument("--model", help="another model folder; its figures are printed, not stored")
    arguments = parser.parse_args()
    labels = {row["uid"]: row for row in read_jsonl(GOLD / f"gold_{arguments.half}.jsonl")}
    lines = corpus_lines(arguments.shared / "corpora" / "current_events.jsonl.gz", set(labels))
    gold = [labels[uid] | {"date": line["date"], "text": line["text"]} for uid, line in lines.items()]
    events = tension.Scorer(arguments.model).score(
        [{"id": row["uid"], "date": row["date"], "text": row["text"]} for row in gold]
    )
    predictions = [{**row, "uid": row["article_id"]} for row in events.to_dict("records")]
    evaluator = arguments.shared / "evaluate" / "events.py"
    shown = ("--errors", str(arguments.errors)) if arguments.errors and arguments.half == "dev" else ()
    print(f"{arguments.half} half: {len(gold)} lines")
    print(run_evaluator(evaluator, gold, predictions, *shown))
    bounds = intervals(evaluator, gold, predictions)
    print("90 % intervals of F1:", "  ".join(f"{level} {low}-{high}" for level, (low, high) in bounds.items()))
    if not arguments.model:
        figures = json.loads(run_evaluator(evaluator, gold, predictions, "--json"))
        write_result(f"gold_{arguments.half}", figures | {"f1_intervals": bounds})


if __name__ == "__main__":
    main()
