"""Adds articles to a store in children that are killed at random moments. Run by test_kill.py: nursery.py URL KILLS SEED."""

import os
import random
import signal
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from clerk import Clerk

import tension.store.store as rooms

PER_KILL, SHORTEST = 20, 0.15
rooms.BATCH = 7


def rows(n: int) -> list[dict]:
    """Articles of which two of three tell an event, and every tenth corrects the one before it."""
    acts = ("CHN ACCUSE JPN", "USA AGREE GBR", "it rained on")
    return [
        {
            "id": f"a{i - (i % 10 == 9)}",
            "date": f"20{10 + i % 14}-0{1 + i % 9}-01",
            "text": f"{acts[i % 3]} matter {i // 10} of many",
        }
        for i in range(n)
    ]


def main(url: str, kills: int, seed: int) -> None:
    if url.startswith("postgresql"):
        import psycopg  # noqa: F401 - once here, not in every child
    rng, killed, n = random.Random(seed), 0, PER_KILL
    began = time.perf_counter()
    os.waitpid(born(url, n), 0)
    longest = max(SHORTEST, time.perf_counter() - began)  # on a busy machine a life takes longer
    while killed < kills:
        n += PER_KILL
        child = born(url, n)
        time.sleep(rng.uniform(0, longest))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        killed += os.WIFSIGNALED(status)
    print(n)


def born(url: str, n: int) -> int:
    """The process of a child that adds n articles to the store."""
    child = os.fork()
    if child:
        return child
    with rooms.Store(url, Clerk(), wait=60) as store:
        store.add(rows(n))
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
