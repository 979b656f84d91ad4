"""Twenty articles of our own, annotated sentence by sentence: events whose sides must be known from the article, and all others.

    python benchmarks/articles.py --shared ../shared [--half dev]

The first ten articles are the development half, the last ten the test half.
"""

import argparse
import json
from pathlib import Path

from common import read_jsonl, run_evaluator, write_result

import tension

SEEDS = Path(__file__).resolve().parent.parent / "seeds"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--half", choices=("dev", "test"), default="test")
    parser.add_argument("--model", help="another model folder; its figures are printed, not stored")
    parser.add_argument("--errors", type=int, default=0, help="list the first wrong sentences (development half only)")
    arguments = parser.parse_args()
    articles = read_jsonl(SEEDS / "articles.jsonl")
    articles = articles[:10] if arguments.half == "dev" else articles[10:]
    ids = {article["id"] for article in articles}
    gold = [row for row in read_jsonl(SEEDS / "articles.gold.jsonl") if row["uid"].partition(":")[0] in ids]
    events = tension.Scorer(arguments.model).score(articles)
    text_of = {f"{row.article_id}:{row.sentence}": row.text for row in events.itertuples()}
    gold = [row | {"text": text_of.get(row["uid"], "")} for row in gold]
    predictions = [{**row, "uid": f"{row['article_id']}:{row['sentence']}"} for row in events.to_dict("records")]
    evaluator, figures = arguments.shared / "evaluate" / "events.py", {}
    shown = ("--errors", str(arguments.errors)) if arguments.errors and arguments.half == "dev" else ()
    for name, rows, found in (("all", gold, predictions), ("context", *only_context(gold, predictions))):
        print(f"{arguments.half} half, {name} events, {len(rows)} sentences")
        print(run_evaluator(evaluator, rows, found, *(shown if name == "all" else ())))
        figures[name] = json.loads(run_evaluator(evaluator, rows, found, "--json"))
    if not arguments.model:
        write_result(f"articles_{arguments.half}", figures)


def only_context(gold: list[dict], predictions: list[dict]) -> tuple[list[dict], list[dict]]:
    """The gold events that need the article, the others made optional; and the predictions resolved by context or place."""
    rows = [
        row | {"events": [e | {"optional": e["optional"] or not e["context"]} for e in row["events"]]} for row in gold
    ]
    return rows, [p for p in predictions if p["resolved"] in ("context", "place")]


if __name__ == "__main__":
    main()
