"""Whether a store is whole, as `doctor` tells it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from clerk import Clerk

from tension.store.health import health
from tension.store.store import Store

ROWS = [{"id": str(i), "date": f"2013-05-{1 + i:02d}", "text": f"CHN ACCUSE JPN over matter {i} {i * i}"} for i in range(5)]
CAREFUL = {"min_probability": 0.99}
KILLED = """
import os, signal, sys
sys.path.insert(0, {tests!r})
from clerk import Clerk
from tension.store.store import Store
class Dying(Clerk):
    def score(self, articles, stories=None):
        os.kill(os.getpid(), signal.SIGKILL)
Store({url!r}, Dying()).add([{row!r}])
"""


def wrong_with(store: Store) -> list[str]:
    wrong = []
    health(store, wrong)
    return wrong


def test_a_store_scored_with_options_is_whole(open_store):
    open_store(Clerk(**CAREFUL)).add(ROWS)
    assert wrong_with(open_store(Clerk())) == []
    (said,) = wrong_with(open_store(Clerk("clerk 2")))
    assert said.startswith('5 of the kept articles are not scored by clerk 2 {"min_probability": 0.99}: tension rescore with these')
    open_store(Clerk("clerk 2", **CAREFUL)).rescore()
    assert wrong_with(open_store(Clerk("clerk 2"))) == []


def test_articles_without_words_that_a_new_model_cannot_score_are_told(open_store):
    open_store(Clerk(), keep_texts=False).add(ROWS[:3])
    open_store(Clerk()).add(ROWS[3:])
    second = open_store(Clerk("clerk 2"))
    assert second.rescore() == 2
    (said,) = wrong_with(second)
    assert said.startswith("3 articles are not scored by clerk 2, and their words were not kept: tension update from their files")
    second.add(ROWS)
    assert wrong_with(second) == []


def test_an_empty_store_is_whole(open_store):
    assert wrong_with(open_store(Clerk())) == []


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_a_killed_run_is_told_from_a_running_one(url, open_store):
    script = KILLED.format(tests=str(Path(__file__).resolve().parent.parent), url=url, row=ROWS[0])
    assert subprocess.run([sys.executable, "-c", script], timeout=120, check=False).returncode == -signal.SIGKILL
    store = open_store(Clerk(), wait=20)
    wait_until_free(store)
    assert wrong_with(store) == ["the last run is killed; the same update goes on where it stopped"]
    with open_store(Clerk(), wait=20).run():
        found = health(store, wrong := [])
    assert found["last run"].startswith("running")
    assert f"process {os.getpid()}" in found["writer"]
    assert wrong == []


def wait_until_free(store: Store) -> None:
    """A server takes a moment to see that a session is gone."""
    with store.lock.hold(20):
        pass
