"""The commands that run by themselves, as cron runs them: exit codes, what is printed where, signals."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from clerk import Clerk

from tension.store.store import Store
from tension.update import update

ROWS = [
    {"id": "1", "date": "2013-05-01", "text": "China condemned Japan over the visit."},
    {"id": "2", "date": "2013-05-02", "text": "Japan condemned China over the patrols."},
    {"id": "3", "date": "2013-05-03", "text": "China and Japan held talks in Osaka."},
]


def run(*arguments, stdout=None, **options) -> subprocess.CompletedProcess:
    with open(stdout or os.devnull, "w") as file:
        return subprocess.run(
            [sys.executable, "-m", "tension.cli", *map(str, arguments)],
            stdout=file if stdout else subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120, check=False, **options,
        )  # fmt: skip


@pytest.fixture
def news(tmp_path):
    path = tmp_path / "news.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    return path


def test_an_update_is_quiet_and_says_all_in_one_line_of_json(news, tmp_path):
    store = tmp_path / "news.db"
    first = run("update", "--store", store, news, "--json")
    assert (first.returncode, first.stderr) == (0, "")
    summary = json.loads(first.stdout)
    assert (summary["state"], summary["articles"], summary["known"]) == ("done", 3, 0)
    assert summary["events"] >= 3
    again = run("update", "--store", store, news)
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    logged = run("update", "--store", store, news, "--log-level", "info", "--log-format", "json")
    assert [json.loads(line)["level"] for line in logged.stderr.splitlines()]
    assert "3 known" in logged.stderr
    series = run("series", store, "-o", tmp_path / "series.csv", "--min-n", "1")
    assert series.returncode == 0, series.stderr
    assert "CHN-JPN" in (tmp_path / "series.csv").read_text(encoding="utf-8")
    mistyped = run("series", store, "-o", tmp_path / "series.csv", "--dyad", "CHN-XXX")
    assert mistyped.stderr.startswith("the store has no event of CHN-XXX")
    told = run("explain", store, "CHN-JPN", "2013-05")
    assert told.returncode == 0, told.stderr
    assert len(told.stdout.splitlines()) == summary["events"]
    assert run("explain", store, "CHN-JPN", "").returncode == 2


def test_rejects_are_written_and_the_exit_code_is_3(news, tmp_path):
    with news.open("a", encoding="utf-8") as file:
        file.write('{"id": "4", "text": "China condemned Japan."}\n{broken\n')
    done = run("update", "--store", tmp_path / "news.db", news, "--rejects", tmp_path / "rejects.jsonl")
    assert done.returncode == 3
    rejects = [json.loads(line) for line in (tmp_path / "rejects.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["cause"] for row in rejects] == ["no date", "no record"]
    assert all(row["source"] == str(news) for row in rejects)


def test_another_run_exits_with_4_and_names_the_holder(news, tmp_path):
    with Store(tmp_path / "news.db", Clerk()) as store, store.run():
        done = run("update", "--store", tmp_path / "news.db", news)
    assert done.returncode == 4
    assert "being written to by process" in done.stderr


def test_the_store_may_come_from_the_environment_and_passwords_stay_in_it(news):
    done = run("update", news, env={"TENSION_STORE": "postgresql://me:s3cret@127.0.0.1:1/news", "PATH": ""})
    assert done.returncode == 1
    assert "no server answers" in done.stderr
    assert "s3cret" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["update", "--store", "{folder}/news.db", "{folder}/nowhere.csv"], "there is no file"),
        (["update", "--store", "{folder}/news.db", "{news}", "--column", "text"], "text=body"),
        (["update", "--store", "{folder}/news.db", "{news}", "--column", "words=body"], "words"),
        (["update", "{news}"], "--store"),
        (["update", "--store", "{folder}/st.jsonl", "{news}", "--rejects", "{folder}/st.jsonl"], "twice in this call"),
        (["series", "sqlite:///{folder}/st.jsonl", "-o", "{folder}/st.jsonl"], "twice in this call"),
        (["series", "{folder}/none.db", "-o", "{folder}/x.csv"], "no store"),
        (["watch", "--store", "{folder}/none.db"], "no store"),
    ],
)
def test_unusable_calls_say_what_to_do(arguments, message, news, tmp_path):
    done = run(*[a.format(news=news, folder=tmp_path) for a in arguments])
    assert done.returncode in (1, 2)
    assert message in done.stderr
    assert "Traceback" not in done.stderr


SLOW = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
sys.path.insert(0, {tests!r})
from clerk import Clerk
import tension.update, tension.cli.common, tension.cli.scheduled
class Slow(Clerk):
    def score(self, articles, stories=None):
        time.sleep(0.3)
        return super().score(articles, stories)
tension.update.BATCH = 5
tension.cli.scheduled.scorer_of = lambda *_: Slow()
from tension.cli import main
sys.argv[1:] = {arguments!r}
main()
"""


@pytest.mark.parametrize(("sign", "code"), [(signal.SIGTERM, 5), (signal.SIGINT, 130)])
def test_a_signal_ends_a_run_cleanly_and_the_next_one_goes_on(sign, code, tmp_path):
    rows = [{"id": str(i), "date": "2013-05-01", "text": f"CHN ACCUSE JPN over matter {i} {i * i}"} for i in range(100)]
    news, path = tmp_path / "news.jsonl", tmp_path / "news.db"
    news.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    script = SLOW.format(
        tests=str(Path(__file__).resolve().parent), arguments=["update", "--store", str(path), str(news), "--json"]
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with process, Store(path, Clerk()) as store:
        try:
            wait_for(store, 10)
            process.send_signal(sign)
            out, err = process.communicate(timeout=30)
        finally:
            process.kill()
        assert process.returncode == code, err
        kept = len(store.events())
        assert 10 <= kept < 100
        assert kept % 5 == 0
        assert store.runs()["state"].iloc[-1] == "stopped"
        assert sign == signal.SIGINT or json.loads(out)["state"] == "stopped"
        assert update(store, news).articles == 100 - kept


def wait_for(store, articles):
    deadline = time.monotonic() + 30
    while len(store.runs()) == 0 or store.runs()["counts"].iloc[-1].get("articles", 0) < articles:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_watch_prints_alarms_once(tmp_path):
    path = tmp_path / "news.db"
    quiet = [
        {"id": f"{week}-{i}", "date": f"2013-{1 + week // 4:02d}-{1 + 7 * (week % 4):02d}",
         "text": f"CHN {'AGREE' if (week + i) % 4 else 'ACCUSE'} JPN over matter {week} {i} {week * i}"}
        for week in range(16) for i in range(3)
    ]  # fmt: skip
    loud = [
        {"id": f"w{i}", "date": "2013-05-02", "text": f"CHN ASSAULT JPN at place {i} {i * i * 7}"} for i in range(5)
    ]
    with Store(path) as store:  # read with the shipped model's name, which nothing here needs
        store.scorer = Clerk(store.scorer.label)
        store.add(quiet + loud)
    done = run("watch", "--store", path, "--dyads", "CHN-JPN", "--peek")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("CHN-JPN 2013-04-29: +5.00")
    alarms = json.loads(run("watch", "--store", path, "--dyads", "CHN-JPN", "--json").stdout)
    assert [(row["dyad"], row["n_stories"]) for row in alarms] == [("CHN-JPN", 5)]
    assert run("watch", "--store", path, "--dyads", "CHN-JPN", "--name", "full", stdout="/dev/full").returncode == 1
    assert run("watch", "--store", path, "--dyads", "CHN-JPN", "--name", "full").stdout.startswith(
        "CHN-JPN"
    )  # told again
    again = run("watch", "--store", path, "--dyads", "CHN-JPN")
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    mistyped = run("watch", "--store", path, "--dyads", "CHN-JPM")
    assert mistyped.returncode == 0
    assert "the store has no event of CHN-JPM" in mistyped.stderr
    assert run("watch", "--store", path, "--dyads", "IND-PAK").stderr == ""  # a quiet pair


def test_the_doctor_finds_what_is_wrong(news, tmp_path):
    path = tmp_path / "news.db"
    run("update", "--store", path, news)
    well = run("doctor", "--store", path)
    assert well.returncode == 0, well.stdout
    assert all(
        word in well.stdout for word in ("tension-minilm", "leaders known to", "sound", "600", "Nothing wrong found")
    )
    path.chmod(0o644)
    ill = json.loads(run("doctor", "--store", path, "--json").stdout)
    assert "chmod 600" in ill["wrong"][0]
    assert ill["store"]["articles"] == 3
    assert run("doctor", "--store", tmp_path / "none.db").returncode == 1


def test_a_damaged_store_is_told_from_a_whole_one(tmp_path):
    path = tmp_path / "news.db"
    rows = [{"id": str(i), "date": "2013-05-01", "text": f"CHN ACCUSE JPN over matter {i} " * 30} for i in range(400)]
    with Store(path, Clerk()) as store:
        store.add(rows)
    data = bytearray(path.read_bytes())
    data[40_000:200_000] = bytes(160_000)
    path.write_bytes(data)
    done = run("doctor", "--store", path)
    assert done.returncode == 1
    assert "recover" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_completion_can_be_installed():
    assert "--install-completion" in run("--help").stdout
