"""How long until something happens: `import tension`, and the first score of one sentence, process start included.

python benchmarks/startup.py
"""

import statistics
import subprocess
import sys
import time

from common import write_result

RUNS = 5
COMMANDS = {
    "python": "pass",
    "import tension": "import tension",
    "first score": "import tension; assert len(tension.score('Japan condemned North Korea.', date='2017-08-29'))",
}


def seconds(code: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - began


def main() -> None:
    for code in COMMANDS.values():
        seconds(code)
    figures = {name: round(statistics.median(seconds(code) for _ in range(RUNS)), 3) for name, code in COMMANDS.items()}
    for name, value in figures.items():
        print(f"{name:15s} {value:6.2f} s (median of {RUNS})")
    write_result("startup", {"median_seconds": figures, "runs": RUNS})


if __name__ == "__main__":
    main()
