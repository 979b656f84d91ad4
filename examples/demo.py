"""The main job on real input: articles in, events, dyad series, a CSV and a picture out.

    python examples/demo.py [ARTICLES.jsonl|.csv|.parquet]

Without a file: the example article and the dated lines under seeds/.
"""

import json
import sys
from itertools import chain
from pathlib import Path

import pandas as pd

import tension
from tension.readers.raw import read_records
from tension.records import Skipped

SEEDS = Path(__file__).resolve().parent.parent / "seeds"
OUT = Path("out")
SHOWN = ["date", "sentence", "source", "target", "root", "status", "intensity", "resolved", "text"]


def articles(path: str | None):
    """Records of the user's file, or the example article and the sample lines."""
    if path is None:
        return chain(
            [json.loads((SEEDS / "japan_china_dialogue.json").read_text(encoding="utf-8"))],
            read_records(SEEDS / "sample_lines.jsonl"),
        )
    return read_records(Path(path))


def readable(records):
    """Records without the lines that could not be read, which are reported."""
    for record in records:
        if isinstance(record, Skipped):
            print(f"skipped: {record.reason}", file=sys.stderr)
        else:
            yield record


def main() -> None:
    OUT.mkdir(exist_ok=True)
    scorer = tension.Scorer()
    events = scorer.score(readable(articles(sys.argv[1] if len(sys.argv) > 1 else None)))
    if events.empty:
        sys.exit(f"no events: {events.attrs['why_empty']}")
    with pd.option_context("display.width", 200, "display.max_columns", 20, "display.max_colwidth", 60):
        print(f"\nEvents ({len(events)}; the first 25)\n")
        print(events[SHOWN].head(25).to_string(index=False))
        series = tension.aggregate(events, freq="Y")
        print("\nDyad series by year (tension: -10 cooperative .. +10 conflictual, 90 % interval)\n")
        print(series[series["tension"].notna()].round(2).head(40).to_string())
    events.to_csv(OUT / "events.csv", index=False)
    series.reset_index().to_csv(OUT / "series.csv", index=False)
    tension.plot(series).savefig(OUT / "tension.png", dpi=150)
    print(f"\nwritten: {OUT / 'events.csv'}, {OUT / 'series.csv'}, {OUT / 'tension.png'}")
    for item in events.attrs["skipped"]:
        print(f"skipped row {item['row']}: {item['reason']}", file=sys.stderr)


if __name__ == "__main__":
    main()
