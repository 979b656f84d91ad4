"""Batches that run at once come back in order, and nothing of it is left behind."""

import threading
import time

import pytest
import torch

from tension.relations import streams
from tension.relations.streams import in_streams


@pytest.fixture(autouse=True)
def _same_threads():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def test_results_come_in_the_order_of_the_items():
    def work(item: int) -> int:
        time.sleep(0.002 * (item % 3))
        return item * item

    assert list(in_streams(work, range(40), 4)) == [n * n for n in range(40)]


@pytest.mark.parametrize(("items", "threads"), [(0, 4), (1, 4), (7, 1)])
def test_where_nothing_can_run_at_once_the_caller_works(items, threads):
    assert set(in_streams(lambda _: threading.current_thread(), range(items), threads)) <= {threading.current_thread()}


@pytest.mark.parametrize(("threads", "each"), [(2, 1), (6, 1), (40, 5)])
def test_the_threads_are_shared_out_and_each_stream_infers(threads, each):
    found = list(in_streams(lambda _: (torch.get_num_threads(), torch.is_inference_mode_enabled()), range(30), threads))
    assert set(found) == {(each, True)}


def test_threads_that_start_later_have_as_many_as_before():
    torch.set_num_threads(3)
    list(in_streams(str, range(9), 3))
    seen = []
    thread = threading.Thread(target=lambda: seen.append(torch.get_num_threads()))
    thread.start()
    thread.join()
    assert seen == [3] == [torch.get_num_threads()]


def test_an_error_reaches_the_caller_and_the_rest_is_left_undone():
    done = []

    def work(item: int) -> None:
        if item == 3:
            raise ValueError("three")
        done.append(item)

    with pytest.raises(ValueError, match="three"):
        list(in_streams(work, range(1000), 2))
    assert len(done) < 20
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("tension-stream")]


def test_a_stream_that_cannot_start_leaves_nothing_waiting(monkeypatch):
    start, started = threading.Thread.start, []

    def reluctant(thread: threading.Thread) -> None:
        if thread.name.startswith("tension-stream") and started:
            raise RuntimeError("can't start new thread")
        started.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", reluctant)
    with pytest.raises(RuntimeError, match="new thread"):
        list(in_streams(str, range(10), 3))


def test_few_results_wait_to_be_taken():
    begun = []
    results = in_streams(begun.append, range(100), 2)
    next(results)
    time.sleep(0.05)
    assert len(begun) < 10
    results.close()


class LateBarrier(threading.Barrier):
    """A barrier from which one of the streams wakes long after it has opened."""

    broken = 0

    def _wait(self, timeout):
        self._cond.wait_for(lambda: self._state != 0, timeout)
        if threading.current_thread().name == "tension-stream_1":
            self._cond.release()
            time.sleep(0.2)
            self._cond.acquire()
        LateBarrier.broken += self._state < 0
        return super()._wait(timeout)


def test_a_stream_that_wakes_after_the_work_is_done_finds_nothing_broken(monkeypatch):
    monkeypatch.setattr(streams, "Barrier", LateBarrier)
    assert list(in_streams(str, range(6), 4)) == ["0", "1", "2", "3", "4", "5"]
    assert not LateBarrier.broken
