"""Several processes on one road: each codes blocks of articles, and the answers come back in the order of the blocks.

Workers are processes of their own that are spoken to through pipes. Unlike with `multiprocessing`, a caller's script is not run again in
each of them, so nothing has to be guarded by `if __name__ == "__main__"`.
"""

import os
import pickle
import signal
import subprocess
import sys
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any, BinaryIO

from tension.errors import TensionError, WorkerError
from tension.records import Article
from tension.road import Coded

Code = Callable[[Sequence[Article]], Coded]
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS")
_START = "import sys; sys.path[:] = sys.argv[1:]; from tension.workers import main; main()"  # imports from where the parent does
_ANSWER = b"\0tension answers\n"  # stands before each: what is printed as a process starts is none


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
        _spare_from_signals()
        environment = os.environ | {name: str(self._threads) for name in _THREADS}
        process = subprocess.Popen(
            [sys.executable, "-c", _START, *sys.path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
        )
        self._own.process = process
        self._running.append(process)
        _send(process.stdin, pickle.dumps(self._make))

    def _ask(self, articles: Sequence[Article]) -> Coded:
        process = self._own.process
        try:
            _send(process.stdin, articles)
            answer = _answer(process.stdout)
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            process.kill()
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


def _spare_from_signals() -> None:
    """Keep Ctrl-C and SIGTERM, which reach the whole group, from this thread and the processes it starts: the parent ends its workers."""
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))


def _send(to: BinaryIO, what: object) -> None:
    pickle.dump(what, to, pickle.HIGHEST_PROTOCOL)
    to.flush()


def _answer(answers: BinaryIO) -> object:
    """The next answer; what was printed before it is passed over."""
    while not (line := answers.readline()).endswith(_ANSWER):
        if not line:
            raise EOFError
    return pickle.load(answers)


def _all_sent(questions: BinaryIO) -> Iterator[Any]:
    """What the parent sends, until it has ended, be it in the middle of a question."""
    with suppress(EOFError, pickle.UnpicklingError):
        while True:
            yield pickle.load(questions)


def serve(questions: BinaryIO, answers: BinaryIO) -> None:
    """Answer until there are no more questions: first comes how to make what codes, then blocks of articles."""
    sent = _all_sent(questions)
    make = next(sent, b"")
    code: Code | None = None
    for articles in sent:
        try:
            code = code or pickle.loads(make)()
            answer: object = code(articles)
        except TensionError as error:
            answer = error
        except Exception:
            answer = traceback.format_exc()
        answers.write(_ANSWER)
        _send(answers, answer)


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # where signals cannot be blocked
    warnings.simplefilter("ignore")  # the parent tells its user
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not get among the answers
    with suppress(OSError), answers:  # the parent may have ended meanwhile
        serve(sys.stdin.buffer, answers)
