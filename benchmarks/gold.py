"""Events found in hand-annotated news lines: the shared evaluator on the development or the test half of the gold.

    python benchmarks/gold.py --shared ../shared [--half dev] [--errors 20]

Nothing is tuned on the test half; its errors are not listed.
"""

import argparse
import json
from pathlib import Path

from common import read_jsonl, run_evaluator, write_result

import tension
from tension.relations.examples import corpus_lines

GOLD = Path(__file__).resolve().parent.parent / "data" / "annotations"


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
    if not arguments.model:
        write_result(f"gold_{arguments.half}", json.loads(run_evaluator(evaluator, gold, predictions, "--json")))


if __name__ == "__main__":
    main()
