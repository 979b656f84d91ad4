"""Several processes on one road: each codes blocks of articles, and the answers come back in the order of the blocks.

Workers are processes of their own (`python -m tension.workers`) that are spoken to through pipes. Unlike with `multiprocessing`, a caller's
script is not run again in each of them, so nothing has to be guarded by `if __name__ == "__main__"`.
"""

import os
import pickle
import signal
import subprocess
import sys
import threading
import traceback
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import BinaryIO

from tension.errors import TensionError, WorkerError
from tension.records import Article
from tension.road import Coded

Code = Callable[[Sequence[Article]], Coded]
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS")


class Workers:
    """Processes that code blocks of articles.

    Parameters
    ----------
    number
        How many.
    make
        Makes what codes a block, in each of them; a function that pickle finds again by its name.
    threads
        Threads of each; None shares the processors out.
    """

    def __init__(self, number: int, make: Callable[[], Code], threads: int | None = None):
        self._make = make
        self._threads = threads or max(1, processors() // number)
        self._running: list[subprocess.Popen] = []
        self._own = threading.local()
        self._pool = ThreadPoolExecutor(number, "tension-worker", self._start)

    def code(self, articles: Sequence[Article]) -> "Future[Coded]":
        """Have a block coded by the next worker that is free."""
        return self._pool.submit(self._ask, articles)

    def close(self) -> None:
        """End the processes; what they are at is lost."""
        for process in self._running:
            process.kill()
        self._pool.shutdown(wait=True, cancel_futures=True)
        for process in self._running:
            process.wait()
            process.stdin.close(), process.stdout.close()
        self._running.clear()

    def _start(self) -> None:
        environment = os.environ | {name: str(self._threads) for name in _THREADS}
        process = subprocess.Popen(
            [sys.executable, "-m", "tension.workers"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
        )
        self._own.process = process
        self._running.append(process)
        _send(process.stdin, (sys.path, pickle.dumps(self._make)))

    def _ask(self, articles: Sequence[Article]) -> Coded:
        process = self._own.process
        try:
            _send(process.stdin, articles)
            answer = pickle.load(process.stdout)
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            raise WorkerError(
                f"a worker process ended with code {process.wait()} before it had answered; where memory is short, use fewer workers"
            ) from error
        if isinstance(answer, TensionError):
            raise answer
        if isinstance(answer, str):
            raise WorkerError(f"a worker process failed:\n{answer}")
        return answer


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _send(to: BinaryIO, what: object) -> None:
    pickle.dump(what, to, pickle.HIGHEST_PROTOCOL)
    to.flush()


def serve(questions: BinaryIO, answers: BinaryIO) -> None:
    """Answer until there are no more questions: first comes how to make what codes, then blocks of articles."""
    sys.path[:], make = pickle.load(questions)
    code: Code | None = None
    while True:
        try:
            articles = pickle.load(questions)
        except EOFError:
            return
        try:
            code = code or pickle.loads(make)()
            answer: object = code(articles)
        except TensionError as error:
            answer = error
        except Exception:
            answer = traceback.format_exc()
        _send(answers, answer)


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent, which ends its workers
    warnings.simplefilter("ignore")  # the parent tells its user
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not get among the answers
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
