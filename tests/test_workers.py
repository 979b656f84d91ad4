"""Several processes: the same frame as from one, errors that say what to do, and no process left behind."""

import pickle
import subprocess
import sys
from functools import partial

import pandas as pd
import pytest

import tension
from tension.errors import OptionError, WorkerError
from tension.workers import Workers

ARTICLES = [
    {"id": str(i), "date": f"2019-01-{1 + i % 28:02d}", "text": text}
    for i, text in enumerate(
        [
            "Kenya thanked Norway for its help.",
            "Norway condemned Chad. It had shelled Norwegian peacekeepers.",
            "It rained.",
            "Japan and China agreed to hold talks. The two countries will meet in Tokyo in June.",
            "",
        ]
        * 6
    )
]


@pytest.fixture(scope="module")
def crew():
    with tension.Scorer(device="cpu", workers=2) as scorer:
        yield scorer


def test_the_frame_is_that_of_one_process(crew, scorer):
    alone, together = scorer.score(ARTICLES), crew.score(ARTICLES)
    pd.testing.assert_frame_equal(together, alone, rtol=0, atol=1e-5)
    assert together.attrs["skipped"] == alone.attrs["skipped"]
    assert crew.tally.sentences == scorer.tally.sentences


def test_a_block_without_a_usable_article_is_empty(crew):
    assert crew.score(["", ""]).attrs["why_empty"].startswith("no article could be read")


def test_chunks_come_in_order(crew, scorer):
    parts = list(crew.stream(ARTICLES, chunk=4))
    assert len(parts) == 8
    pd.testing.assert_frame_equal(pd.concat(parts, ignore_index=True), scorer.score(ARTICLES), rtol=0, atol=1e-5)


def test_a_worker_that_is_ended_is_an_error_and_the_next_call_starts_anew(crew):
    crew.score(ARTICLES)
    for process in crew.workers._running:
        process.kill()
    with pytest.raises(WorkerError, match="fewer workers"):
        crew.score(ARTICLES)
    assert len(crew.score(ARTICLES))


def test_an_error_of_the_road_reaches_the_caller():
    with (
        tension.Scorer("no-such-model", workers=2) as scorer,
        pytest.raises(tension.TensionError, match="no-such-model"),
    ):
        scorer.score(ARTICLES)


def test_a_failure_in_a_worker_is_told_with_its_place():
    workers = Workers(1, partial(int, "x"))
    with pytest.raises(WorkerError, match="invalid literal"):
        workers.code([]).result()
    workers.close()


def test_closing_ends_the_processes():
    scorer = tension.Scorer(device="cpu", workers=2)
    scorer.score(ARTICLES)
    running = list(scorer.workers._running)
    scorer.close()
    assert running
    assert all(process.poll() is not None for process in running)


def test_a_script_needs_no_guard(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "import tension\nprint('begun')\n"
        "events = tension.Scorer(device='cpu', workers=2).score(['Kenya thanked Norway.', 'Norway thanked Kenya.'])\nprint(len(events))\n"
    )
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["begun", "2"]


def test_a_scorer_with_its_own_model_and_names_can_be_sent(scorer):
    names = tension.Gazetteer.default().extended([])
    assert pickle.loads(pickle.dumps(names)).fingerprint() == names.fingerprint()
    assert pickle.loads(pickle.dumps(tension.Gazetteer.default())) is tension.Gazetteer.default()
    with tension.Scorer(scorer.model, gazetteer=names, workers=2) as own:
        pd.testing.assert_frame_equal(own.score(ARTICLES), scorer.score(ARTICLES), rtol=0, atol=1e-5)


@pytest.mark.parametrize("options", [{"workers": 0}, {"threads": 0}])
def test_numbers_below_one_are_refused(options):
    with pytest.raises(OptionError, match="at least 1"):
        tension.Scorer(**options)
