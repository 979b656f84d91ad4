"""The whole of a news archive in one command each: scored into Parquet, aggregated to monthly dyads, four pairs drawn by year.

    python benchmarks/corpus.py --shared ../shared

Runs `tension score` on a tenth of the archive and on all of it, as processes of their own, and records lines per second, peak memory (which
must not grow with the file) and the events found; then `tension series`. The frames stay in out/, figures and pictures go to results/.
"""

import argparse
import gzip
from pathlib import Path

import pandas as pd
from common import RESULTS, run_tension, write_result

import tension
from tension.files import read_events

PAIRS = ("CHN-JPN", "IND-PAK", "RUS-UKR", "CHN-USA")
OUT = Path("out")


def tenth_of(archive: Path, path: Path) -> int:
    """Every tenth line of the archive as a file of its own; the number of lines of the whole."""
    with gzip.open(archive, "rb") as lines, path.open("wb") as part:
        for number, line in enumerate(lines):
            if number % 10 == 0:
                part.write(line)
    return number + 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    arguments = parser.parse_args()
    OUT.mkdir(exist_ok=True)
    archive = arguments.shared / "corpora" / "current_events.jsonl.gz"
    lines = tenth_of(archive, OUT / "tenth.jsonl")
    part_seconds, part_memory = run_tension("score", OUT / "tenth.jsonl", "-o", OUT / "tenth.parquet")
    seconds, memory = run_tension("score", archive, "-o", OUT / "corpus_events.parquet")
    run_tension("series", OUT / "corpus_events.parquet", "-o", OUT / "corpus_series.parquet", "--freq", "M")
    events = read_events(OUT / "corpus_events.parquet")
    years = tension.aggregate(events, "Y")
    for pair in PAIRS:
        tension.plot(years, pair).savefig(RESULTS / f"corpus_{pair}.png", dpi=110)
    series = pd.read_parquet(OUT / "corpus_series.parquet")
    figures = {
        "lines": lines, "seconds": round(seconds), "lines_per_second": round(lines / seconds), "peak_memory_mb": round(memory),
        "tenth": {"seconds": round(part_seconds), "peak_memory_mb": round(part_memory)}, "events": len(events),
        "articles_with_events": int(events["article_id"].nunique()), "stories": int(events["story"].nunique()),
        "by_quad": events["quad"].value_counts().to_dict(), "by_status": events["status"].value_counts().to_dict(),
        "dyad_months": len(series), "dyads": int(series["dyad"].nunique()),
        "busiest": events.groupby([events[["source", "target"]].min(axis=1), events[["source", "target"]].max(axis=1)])["story"].nunique()
        .nlargest(12).rename(lambda pair: pair, level=0).pipe(lambda s: {"-".join(pair): int(n) for pair, n in s.items()}),
    }  # fmt: skip
    print(write_result("corpus", figures).read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
