"""Articles of our own, annotated sentence by sentence: events whose sides must be known from the article, and all others.

    python benchmarks/articles.py --shared ../shared [--half dev | --half kept-out | --half leads]

Of the twenty articles under seeds/ the first ten are the development half, the last ten the test half. Under data/validation are more that
are kept out of training: eighty-five harder ones, and eighty-six leads, articles of two to four sentences of which only the first names
both states and tells who did what to whom. What the article adds is set by all these and by the development half.
"""

import argparse
import json
from pathlib import Path

from common import read_jsonl, run_evaluator, write_result

import tension
from tension.actors.mentions import People
from tension.ontology import ACTS, STATUSES
from tension.relations.asking import default_finder
from tension.relations.examples import GoldEvent
from tension.resources import data_path
from tension.text.articles import publication_date

KEPT_OUT = {"kept-out": "articles", "leads": "leads"}  # files under data/validation
SEEDS = Path(__file__).resolve().parent.parent / "seeds"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--half", choices=("dev", "test", *KEPT_OUT), default="test")
    parser.add_argument("--model", help="another model folder; its figures are printed, not stored")
    parser.add_argument("--errors", type=int, default=0, help="list the first wrong sentences (not of the test half)")
    arguments = parser.parse_args()
    articles, gold = kept_out(arguments.half) if arguments.half in KEPT_OUT else half_of_seeds(arguments.half)
    events = tension.Scorer(arguments.model).score(articles)
    text_of = {f"{row.article_id}:{row.sentence}": row.text for row in events.itertuples()}
    gold = [row | {"text": text_of.get(row["uid"], "")} for row in gold]
    predictions = [{**row, "uid": f"{row['article_id']}:{row['sentence']}"} for row in events.to_dict("records")]
    evaluator, figures = arguments.shared / "evaluate" / "events.py", {}
    shown = ("--errors", str(arguments.errors)) if arguments.errors and arguments.half != "test" else ()
    for name, rows, found in (("all", gold, predictions), ("context", *only_context(gold, predictions))):
        print(f"{arguments.half} half, {name} events, {len(rows)} sentences")
        print(run_evaluator(evaluator, rows, found, *(shown if name == "all" else ())))
        figures[name] = json.loads(run_evaluator(evaluator, rows, found, "--json"))
    if not arguments.model:
        write_result(f"articles_{arguments.half.replace('-', '_')}", figures)


def half_of_seeds(half: str) -> tuple[list[dict], list[dict]]:
    """Articles under seeds/ and the labels of their sentences."""
    articles = read_jsonl(SEEDS / "articles.jsonl")
    articles = articles[:10] if half == "dev" else articles[10:]
    ids = {article["id"] for article in articles}
    return articles, [row for row in read_jsonl(SEEDS / "articles.gold.jsonl") if row["uid"].partition(":")[0] in ids]


def kept_out(half: str) -> tuple[list[dict], list[dict]]:
    """Articles under data/validation and the labels of their sentences; an event needs the article where not both sides are named."""
    articles, gold = [], []
    for number, row in enumerate(read_jsonl(data_path("validation", f"{KEPT_OUT[half]}.jsonl"))):
        people, date, uid = People(), publication_date(row["date"]), f"{half}-{number}"
        articles.append({"id": uid, "date": row["date"], "text": "\n".join(s["text"] for s in row["sentences"])})
        for place, sentence in enumerate(row["sentences"]):
            named = {m.state for m in default_finder().find(sentence["text"], date, people)[0]}
            events = [_gold(GoldEvent.parse(event), named) for event in sentence["events"]]
            gold.append({"uid": f"{uid}:{place}", "events": sorted(events, key=lambda e: not e["optional"])})
    return articles, gold


def _gold(event: GoldEvent, named: set[str]) -> dict:
    act = ACTS[event.act]
    return {
        "source": event.source,
        "target": event.target,
        "root": act.root,
        "quad": act.quad,
        "status": STATUSES[event.status],
        "optional": event.optional,
        "context": not {event.source, event.target} <= named,
    }


def only_context(gold: list[dict], predictions: list[dict]) -> tuple[list[dict], list[dict]]:
    """The gold events that need the article, the others made optional; and the predictions resolved by context or place."""
    rows = [
        row | {"events": [e | {"optional": e["optional"] or not e["context"]} for e in row["events"]]} for row in gold
    ]
    return rows, [p for p in predictions if p["resolved"] in ("context", "place")]


if __name__ == "__main__":
    main()
