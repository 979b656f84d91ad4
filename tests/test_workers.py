"""Several processes: the same frame as from one, errors that say what to do, and no process left behind."""

import pickle
import signal
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


@pytest.fixture
def one_that_fails():
    workers = Workers(1, partial(int, "x"))
    yield workers
    workers.close()


def failing(workers: Workers) -> None:
    """Have a worker answer, in words that are not those of one that ended."""
    with pytest.raises(WorkerError, match="invalid literal"):
        workers.code([]).result()


def test_a_failure_in_a_worker_is_told_with_its_place(one_that_fails):
    failing(one_that_fails)


class Signalled(subprocess.Popen):
    """A process that the group's signals reach as it starts."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        for sign in (signal.SIGINT, signal.SIGTERM):
            self.send_signal(sign)


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="signals cannot be blocked")
def test_signals_to_the_group_end_no_worker(one_that_fails, monkeypatch):
    monkeypatch.setattr("tension.workers.subprocess.Popen", Signalled)
    failing(one_that_fails)
    for sign in (signal.SIGINT, signal.SIGTERM):
        one_that_fails._running[0].send_signal(sign)
    failing(one_that_fails)


def test_a_worker_runs_nothing_of_the_current_folder(one_that_fails, tmp_path, monkeypatch):
    for name in ("pickle", "queue", "signal"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(7)\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    failing(one_that_fails)


def test_what_is_printed_as_a_worker_starts_is_no_answer(one_that_fails, tmp_path, monkeypatch):
    (tmp_path / "sitecustomize.py").write_text("print('hello')\nprint('no end of line', end='', flush=True)\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    failing(one_that_fails)
    failing(one_that_fails)


def test_a_worker_whose_parent_is_gone_ends_in_silence():
    script = (
        "import os, time; from functools import partial; from tension.workers import Workers\n"
        "workers = Workers(1, partial(eval, '__import__(\"time\").sleep'))\n"
        "workers.code(0).result(); workers.code(1); time.sleep(0.3); os._exit(0)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


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
