"""What every benchmark writes: its figures, and the environment they were taken in."""

import csv
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Literal

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


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure that must not get worse: its path in the results, which way is better, and by how much of itself it may vary."""

    path: str
    better: Literal["higher", "lower"]
    tolerance: float

    def worse(self, before: dict, now: dict) -> str:
        """What got worse, in words; '' where nothing did or one of the two lacks the figure."""
        old, new = _at(before, self.path), _at(now, self.path)
        if old is None or new is None:
            return ""
        change = (old - new if self.better == "higher" else new - old) / max(abs(old), 1e-12)
        return f"{self.path}: {old} before, {new} now" if change > self.tolerance else ""


def _at(figures: dict, path: str) -> float | None:
    for name in path.split("."):
        figures = figures.get(name) if isinstance(figures, dict) else None
    return figures


def write_result(name: str, figures: dict, gate: Sequence[Figure] = (), accept: bool = False) -> Path:
    """Write figures and environment to results/<name>.json; where a figure of the gate got worse, exit with 1 and leave the file."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    before = json.loads(path.read_text(encoding="utf-8"))["figures"] if path.is_file() else {}
    worse = [told for figure in gate if (told := figure.worse(before, figures))]
    if worse and not accept:
        sys.exit("worse than the committed results:\n" + "\n".join(worse))
    path.write_text(
        json.dumps({"environment": environment(), "figures": figures}, indent=1, ensure_ascii=False) + "\n",
        encoding="utf-8",
    )
    return path


def run_tension(*arguments: object) -> tuple[float, float]:
    """Run the command line; wall seconds and the peak memory of its process in MB.

    A small process starts it: the peak of a child counts what its parent held when it was started.
    """
    starter = (
        "import resource, subprocess, sys; code = subprocess.run(sys.argv[1:]).returncode; "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024); sys.exit(code)"
    )
    command = [sys.executable, "-m", "tension.cli", *map(str, arguments)]
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", starter, *command], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode not in (0, 3):  # 3: done, some lines rejected
        sys.exit(f"{' '.join(command)} ended with {done.returncode}")
    return time.perf_counter() - began, float(done.stdout.splitlines()[-1])


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
