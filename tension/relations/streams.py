"""Several batches at once on a processor: no core waits for another, and what a batch needs stays in one core's cache."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

import torch

Item = TypeVar("Item")
Result = TypeVar("Result")

_MOST = 8  # what is not a product runs under Python's lock
_AHEAD = 2  # results that may wait to be taken, for each stream


def in_streams(work: Callable[[Item], Result], items: Sequence[Item], threads: int) -> Iterator[Result]:
    """What `work` makes of each item under inference, in order, some of them at once; `threads` is how many torch may use in all.

    Where there is one thread or one item, the caller's thread does the work.
    """
    streams = min(threads, len(items), _MOST)
    if streams < 2:
        yield from map(work, items)
        return
    ready = Barrier(streams + 1)
    pool = ThreadPoolExecutor(streams, "tension-stream", _start, (threads // streams, ready))
    try:
        waiting = _started(pool, ready, work, items[:streams])
        torch.set_num_threads(threads)  # the last to say so decides for all threads that start later
        for item in items[streams:]:
            waiting.append(pool.submit(_inferred, work, item))
            if len(waiting) > streams * _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _started(
    pool: ThreadPoolExecutor, ready: Barrier, work: Callable[[Item], Result], items: Sequence[Item]
) -> deque[Future[Result]]:
    """An item for each stream, all of which have started; where one cannot, none waits on.

    Only then may the barrier be broken: a thread that wakes late from an open one would take itself for broken, and its pool never end.
    """
    try:
        waiting = deque(pool.submit(_inferred, work, item) for item in items)
        ready.wait()
    except BaseException:
        ready.abort()
        raise
    return waiting


def _start(threads: int, ready: Barrier) -> None:
    torch.get_num_threads()  # a thread's first use of torch sets what is set for all
    torch.set_num_threads(threads)
    ready.wait()


def _inferred(work: Callable[[Item], Result], item: Item) -> Result:
    with torch.inference_mode():  # each thread has its own
        return work(item)
