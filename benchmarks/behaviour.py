"""Contrast cases where words mislead: is the pole between two named spans right? By group, with the failures.

python benchmarks/behaviour.py
"""

import argparse
import csv
from pathlib import Path

import pandas as pd
from common import write_result

import tension

SUITE = Path(__file__).resolve().parent.parent / "tests" / "golden" / "behaviour.tsv"
POLES = {"p_cooperation": "coop", "p_conflict": "conf", "p_none": "none"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--model", help="another model folder; its figures are printed, not stored")
    parser.add_argument("--failures", type=int, default=0, help="list the first failures")
    arguments = parser.parse_args()
    with SUITE.open(encoding="utf-8", newline="") as lines:
        rows = pd.DataFrame(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    scorer = tension.Scorer(arguments.model)
    judged = scorer.classify(rows["text"], rows["source"], rows["target"])
    event = judged["p_none"] <= 1 - scorer.model.settings.min_probability
    pole = judged[["p_cooperation", "p_conflict"]].idxmax(axis=1).map(POLES)
    rows["found"] = pole.where(event, "none")
    rows["right"] = rows["found"] == rows["expected"]
    table = rows.groupby("group")["right"].agg(["mean", "size"])
    print(table.assign(mean=(100 * table["mean"]).round(1)).to_string())
    given_event = rows.loc[rows["expected"] != "none", "right"].mean()
    print(f"all {100 * rows['right'].mean():.1f} % of {len(rows)}; given an event {100 * given_event:.1f} %")
    for row in rows[~rows["right"]].head(arguments.failures).itertuples():
        print(f"{row.group}: {row.source} -> {row.target} is {row.expected}, found {row.found}: {row.text}")
    if not arguments.model:
        figures = {"right": round(100 * rows["right"].mean(), 1), "n": len(rows)}
        write_result("behaviour", figures | {"by_group": (100 * table["mean"]).round(1).to_dict()})


if __name__ == "__main__":
    main()
