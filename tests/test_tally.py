"""Where the time went: the stages of a run add up to what it took, also where threads share the work."""

import time

import pytest

from tension.tally import Tally


def test_threads_share_the_time_that_passed_by_what_they_note():
    tally, parts = Tally(), [Tally(), Tally()]
    for part, seconds in zip(parts, (3.0, 1.0), strict=True):
        part.seconds.update({"encode": seconds, "judge": 1.0})
    began = time.perf_counter()
    with tally.shared() as noted:
        time.sleep(0.05)
        noted += parts
    assert 0.05 <= tally.seconds.total() <= time.perf_counter() - began
    assert tally.seconds["encode"] == pytest.approx(2 * tally.seconds["judge"])


def test_nothing_noted_is_no_time():
    tally = Tally()
    with tally.shared():
        pass
    assert not tally.seconds
