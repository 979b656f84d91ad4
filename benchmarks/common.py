"""What every benchmark writes: its figures, and the environment they were taken in."""

import csv
import json
import os
import platform
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

RESULTS = Path(__file__).resolve().parent / "results"


def environment() -> dict[str, str | int | None]:
    """Processor, cores, Python and the versions that matter."""
    processor = next(
        (line.partition(":")[2].strip() for line in _cpuinfo() if line.startswith("model name")), platform.processor()
    )
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "processor": processor,
        "cores": os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
        **{name: version(name) for name in ("numpy", "pandas", "torch", "transformers")},
    }


def _cpuinfo() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []


def write_result(name: str, figures: dict) -> Path:
    """Write figures and environment to results/<name>.json."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(
        json.dumps({"environment": environment(), "figures": figures}, indent=1, ensure_ascii=False) + "\n",
        encoding="utf-8",
    )
    return path


def run_evaluator(evaluator: Path, gold: list[dict], predictions: list[dict], *options: str) -> str:
    """Output of the shared events evaluator on gold rows (`uid`, `events`) and predicted rows (`uid`, `source`, `target`, ...).

    Where a line has two events of one pair and pole ("threatens to strike": the threat, and optionally the strike), the evaluator compares
    the status of the last; core events are therefore put after optional ones.
    """
    gold = [row | {"events": sorted(row["events"], key=lambda event: not event["optional"])} for row in gold]
    with tempfile.TemporaryDirectory() as folder:
        gold_file, predicted_file = Path(folder) / "gold.jsonl", Path(folder) / "predicted.csv"
        gold_file.write_text("".join(json.dumps(row) + "\n" for row in gold), encoding="utf-8")
        with predicted_file.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, ["uid", "source", "target", "root", "quad", "status"], extrasaction="ignore")
            writer.writeheader()
            writer.writerows(predictions)
        command = [sys.executable, str(evaluator), str(gold_file), str(predicted_file), *options]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def read_jsonl(path: Path) -> list[dict]:
    """Objects of a JSON Lines file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
