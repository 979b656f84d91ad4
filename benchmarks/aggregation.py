"""Millions of event rows aggregated to monthly dyads: seconds, peak memory, and whether cost grows linearly.

    python benchmarks/aggregation.py [--millions 1 3 10]

Each size runs in a process of its own. The rows are drawn at random (60 states, 20 years, one story in three told by two articles);
making them is not timed.
"""

import argparse
import json
import resource
import subprocess
import sys
import time

import numpy as np
import pandas as pd
from common import write_result

from tension.memory import return_freed_memory
from tension.ontology import ROOTS, quad_of
from tension.series.aggregate import aggregate


def random_events(n: int, seed: int = 0) -> pd.DataFrame:
    """An events frame of n rows."""
    rng = np.random.default_rng(seed)
    states = np.array([f"{chr(65 + i % 26)}{chr(65 + i // 26)}A" for i in range(60)])
    source = rng.integers(60, size=n)
    target = (source + 1 + rng.integers(59, size=n)) % 60
    root, day = rng.integers(len(ROOTS), size=n), rng.integers(20 * 365, size=n)
    article = np.arange(n)
    story = np.where(article % 4 == 1, article - 1, article)
    copied = article % 4 == 1
    for column in (source, target, root, day):
        column[copied] = column[story[copied]]
    conflict = rng.random(n, dtype=np.float32)
    dates = (np.datetime64("2004-01-01") + day).astype("datetime64[us]")
    constant = {"status": "occurred", "resolved": "named", "text": "", "model": "m 1"}
    columns = {
        "article_id": pd.array(article.astype("U8"), dtype="str"),
        "sentence": np.zeros(n, "int32"),
        "date": dates,
        "event_start": np.full(n, np.datetime64("NaT"), "datetime64[us]"),
        "event_end": np.full(n, np.datetime64("NaT"), "datetime64[us]"),
        "source": pd.array(states[source], dtype="str"),
        "target": pd.array(states[target], dtype="str"),
        "root": pd.array(np.array(ROOTS)[root], dtype="str"),
        "quad": pd.array(np.array([quad_of(r) for r in ROOTS])[root], dtype="str"),
        "p_cooperation": 1 - conflict,
        "p_conflict": conflict,
        "intensity": (5 - 10 * conflict).astype("float32"),
        "joint": np.zeros(n, bool),
        "start": np.zeros(n, "int32"),
        "end": np.zeros(n, "int32"),
        "story": pd.array(story.astype("U8"), dtype="str"),
    } | {name: pd.array(np.repeat(value, n), dtype="str") for name, value in constant.items()}
    return pd.DataFrame(columns)


def measured(n: int) -> dict[str, float]:
    """Seconds and memory of one aggregation in this process, the rows themselves told apart."""
    events = random_events(n)
    return_freed_memory()
    rows = events.memory_usage(deep=True).sum()
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    series = aggregate(events, "M")
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"rows": n, "seconds": round(seconds, 2), "seconds_per_million": round(seconds / n * 1e6, 2),
            "peak_memory_mb": round(peak / 1024),
            "peak_before_mb": round(held / 1024), "rows_mb": round(rows / 2**20),
            "dyad_months": len(series)}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--millions", type=float, nargs="+", default=[1, 3, 10])
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(measured(arguments.one)))
        return
    runs = []
    for millions in arguments.millions:
        command = [sys.executable, __file__, "--one", str(int(millions * 1e6))]
        runs.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
        print(runs[-1], flush=True)
    write_result("aggregation", {"runs": runs})


if __name__ == "__main__":
    main()
