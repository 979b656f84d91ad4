"""The two example articles against their gold events, sentence by sentence.

    python benchmarks/article.py --shared ../shared

The article under seeds/ is our own retelling; the one it retells is read from the shared folder and known here by labels only.
"""

import argparse
import json
from pathlib import Path

from common import read_jsonl, run_evaluator, write_result

import tension
from tension.text.articles import read_articles
from tension.text.sentences import split_sentences

ROOT = Path(__file__).resolve().parent.parent


def articles(shared: Path) -> list[tuple[dict, Path]]:
    """Each article with its gold file."""
    retold = json.loads((ROOT / "seeds" / "japan_china_dialogue.json").read_text(encoding="utf-8"))
    text = (shared / "seeds" / "japan_china_security_dialogue.txt").read_text(encoding="utf-8")
    kyodo = {"id": "kyodo-2019-01-24", "date": "2019-01-24", "text": text}
    return [
        (retold, ROOT / "seeds" / "japan_china_dialogue.gold.jsonl"),
        (kyodo, ROOT / "data" / "annotations" / "kyodo_2019-01-24.jsonl"),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--model", help="another model folder; its figures are printed, not stored")
    arguments = parser.parse_args()
    scorer, figures = tension.Scorer(arguments.model), {}
    for article, gold_file in articles(arguments.shared):
        events = scorer.score(article)
        predictions = [{**row, "uid": f"{row['article_id']}:{row['sentence']}"} for row in events.to_dict("records")]
        texts = {f"{article['id']}:{s.index}": s.text for s in split_sentences(next(read_articles(article)))}
        gold = [row | {"date": article["date"], "text": texts[row["uid"]]} for row in read_jsonl(gold_file)]
        print(f"\n{article['id']}: {len(gold)} sentences, {len(events)} predicted events")
        for row in predictions:
            judged = f"{row['root']:9s} {row['status']:12s} {row['intensity']:+5.1f} {row['resolved']}"
            print(f"  {row['sentence']:2d} {row['source']}->{row['target']} {judged}")
        evaluator = arguments.shared / "evaluate" / "events.py"
        print(run_evaluator(evaluator, gold, predictions, "--errors", "20"))
        figures[article["id"]] = json.loads(run_evaluator(evaluator, gold, predictions, "--json"))
    if not arguments.model:
        write_result("article", figures)


if __name__ == "__main__":
    main()
