"""What every benchmark writes: its figures, and the environment they were taken in."""

import json
import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

RESULTS = Path(__file__).resolve().parent / "results"


def environment() -> dict[str, str | int | None]:
    """Processor, cores, Python and the versions that matter."""
    processor = next((line.partition(":")[2].strip() for line in _cpuinfo() if line.startswith("model name")), platform.processor())
    return {"date": datetime.now(UTC).date().isoformat(), "processor": processor, "cores": os.cpu_count(), "system": platform.system(),
            "python": platform.python_version(), **{name: version(name) for name in ("numpy", "pandas", "torch", "transformers")}}


def _cpuinfo() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []


def write_result(name: str, figures: dict) -> Path:
    """Write figures and environment to results/<name>.json."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps({"environment": environment(), "figures": figures}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path
