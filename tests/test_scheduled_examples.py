"""The examples of scheduled runs, run: the script for cron, the commands of the systemd units, the Airflow DAG."""

import configparser
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from clerk import Clerk
from conftest import ROOT

from tension.store.store import Store

FOLDER = ROOT / "examples" / "scheduled"
ROWS = [
    {"id": "1", "date": "2013-05-01", "text": "China condemned Japan over the visit."},
    {"id": "2", "date": "2013-05-02", "text": "Japan condemned China over the patrols."},
    {"id": "3", "text": "China and Japan held talks in Osaka."},
]
SETTING = re.compile(r'^(\w+)="(.*)"$', re.M)


@pytest.fixture
def settings(tmp_path):
    """The settings of tension.env with folders of the test's own, and the news: two articles, one record without a date."""
    (tmp_path / "news").mkdir()
    lines = [json.dumps(row) + "\n" for row in ROWS]
    (tmp_path / "news" / "a.jsonl").write_text("".join(lines), encoding="utf-8")
    shipped = dict(SETTING.findall((FOLDER / "tension.env").read_text(encoding="utf-8")))
    places = {"TENSION_STORE": "news.db", "NEWS": "news", "REJECTS": "rejects", "LOGS": "log"}
    assert set(shipped) == {*places, "WATCH"}
    return shipped | {name: str(tmp_path / place) for name, place in places.items()}


@pytest.fixture
def programs(tmp_path):
    """A folder for PATH with this project's `tension` and a `mail` that keeps what it is given."""
    folder = tmp_path / "bin"
    folder.mkdir()
    script(folder / "tension", f'exec "{sys.executable}" -m tension.cli "$@"')
    script(folder / "mail", f'cat >"{tmp_path}/mail"')
    return folder


def script(path: Path, *lines: str) -> None:
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]), encoding="utf-8")
    path.chmod(0o755)


def environment(programs, **more: str) -> dict[str, str]:
    return {"PATH": f"{programs}:/usr/bin:/bin", "PYTHONPATH": str(ROOT), **more}


def hourly(tmp_path, settings, programs) -> tuple[list, dict]:
    """Command and options of a run of the script, as cron starts it."""
    (tmp_path / "my.env").write_text("".join(f'{k}="{v}"\n' for k, v in settings.items()), encoding="utf-8")
    command = [FOLDER / "hourly.sh", tmp_path / "my.env"]
    return command, {"env": environment(programs, TMPDIR=str(tmp_path)), "text": True}


def run_hourly(tmp_path, settings, programs) -> subprocess.CompletedProcess:
    command, options = hourly(tmp_path, settings, programs)
    return subprocess.run(command, capture_output=True, timeout=120, check=False, **options)


def logged(settings) -> list[tuple[str, str]]:
    """Exit code and counts of each line of update.log, all of which begin with a date."""
    lines = Path(settings["LOGS"], "update.log").read_text(encoding="utf-8").splitlines()
    return [re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ exit (\d+) (.*)", line).groups() for line in lines]


def test_the_script_adds_once_tells_of_rejects_once_and_leaves_a_held_store_alone(tmp_path, settings, programs):
    first = run_hourly(tmp_path, settings, programs)
    rejects = Path(settings["REJECTS"], "rejects.jsonl")
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout == f"records that cannot be used: 1; see {rejects}\n"
    assert json.loads(rejects.read_text(encoding="utf-8"))["cause"] == "no date"
    again = run_hourly(tmp_path, settings, programs)
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    with Store(settings["TENSION_STORE"], Clerk()) as store, store.lock.hold():
        held = run_hourly(tmp_path, settings, programs)
    assert (held.returncode, held.stdout, held.stderr) == (0, "", "")
    assert [code for code, _ in logged(settings)] == ["3", "3", "4"]
    counts = [json.loads(line) for _, line in logged(settings)[:2]]
    assert [(c["articles"], c["known"], c["rejected"]) for c in counts] == [
        (2, 0, {"no date": 1}),
        (0, 2, {"no date": 1}),
    ]
    assert rejects.stat().st_size > 0
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith("tmp.")) == []


STUB = """
case $1 in
update)
    for word; do case $word in *.jsonl) : >"$word" ;; esac; done
    echo '{"state": "stub"}'
    echo "a message" >&2
    exit %d
    ;;
watch) echo "CHN-JPN 2013-04-29: +5.00 $*" ;;
esac
"""
ALARM = "CHN-JPN 2013-04-29: +5.00 watch --dyads CHN-JPN --dyads IND-PAK\n"


@pytest.mark.parametrize(
    ("code", "leaves", "printed", "said"),
    [(0, 0, ALARM, "a message\n"), (1, 1, "", "a message\n"), (2, 2, "", "a message\n"), (3, 0, ALARM, "a message\n"),
     (4, 0, "", ""), (5, 0, "", ""), (137, 137, "", "a message\n")],
)  # fmt: skip
def test_each_exit_code_of_an_update_has_its_way_out(code, leaves, printed, said, tmp_path, settings, programs):
    script(programs / "tension", STUB % code)
    done = run_hourly(tmp_path, settings, programs)
    assert (done.returncode, done.stdout, done.stderr) == (leaves, printed, said)
    assert logged(settings) == [(str(code), '{"state": "stub"}')]
    alarms = Path(settings["LOGS"], "alarms.log")
    assert (alarms.read_text(encoding="utf-8") if alarms.exists() else "") == printed


def test_a_script_that_is_told_to_stop_tells_the_update_and_waits_for_it(tmp_path, settings, programs):
    loop = f'trap "sleep 0.2; exit 5" TERM; : >"{tmp_path}/begun"; while :; do sleep 0.05; done'
    script(programs / "tension", loop)
    command, options = hourly(tmp_path, settings, programs)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options) as process:
        deadline = time.monotonic() + 20
        while not (tmp_path / "begun").exists():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=20)
    assert (process.returncode, out) == (0, "")
    assert logged(settings) == [("5", "")]


def test_the_crontab_starts_the_script_and_has_tension_on_its_path():
    lines = [
        line for line in (FOLDER / "crontab").read_text(encoding="utf-8").splitlines() if line[:1] not in ("", "#")
    ]
    *assignments, entry = lines
    *when, command = entry.split(maxsplit=5)
    assert when == ["7", "*", "*", "*", "*"]
    words = shlex.split(command)
    assert (words[:3], len(words)) == (["nice", "-n", "10"], 4)
    example = FOLDER / Path(words[3]).name
    assert os.access(example, os.X_OK)
    assert dict(line.split("=", 1) for line in assignments)["PATH"].split(":")[0] == str(Path(words[3]).parent)


def unit(name: str) -> configparser.ConfigParser:
    parsed = configparser.ConfigParser(interpolation=None, delimiters="=", strict=True)
    parsed.optionxform = str
    parsed.read(FOLDER / name, encoding="utf-8")
    return parsed


def command_of(line: str, values: dict[str, str]) -> list[str]:
    """The words of an ExecStart line as systemd makes them: ${NAME} within a word, $NAME alone as words, $$ a dollar."""
    words = []
    for word in shlex.split(line):
        alone = re.fullmatch(r"\$(\w+)", word)
        if alone:
            words += values[alone[1]].split()
        else:
            words.append(re.sub(r"\$\$|\$\{?(\w+)\}?", lambda m: "$" if m[0] == "$$" else values[m[1]], word))
    return words


def start(line: str, settings, programs) -> subprocess.CompletedProcess:
    program, *arguments = command_of(line.replace("/opt/tension/bin/tension", f"{programs}/tension"), settings)
    return subprocess.run(
        [program, *arguments], env=environment(programs, **settings), capture_output=True, text=True, timeout=120, check=False
    )  # fmt: skip


def test_the_units_start_commands_that_run(tmp_path, settings, programs):
    update, watch = unit("tension-update.service"), unit("tension-watch.service")
    Path(settings["REJECTS"]).mkdir()  # as StateDirectory= does
    assert "tension/rejects" in update["Service"]["StateDirectory"].split()
    assert update["Unit"]["OnSuccess"] == "tension-watch.service"
    done = start(update["Service"]["ExecStart"], settings, programs)
    assert str(done.returncode) in update["Service"]["SuccessExitStatus"].split(), done.stderr
    assert json.loads(done.stdout)["articles"] == 2
    assert Path(settings["REJECTS"], "rejects.jsonl").stat().st_size > 0
    looked = start(watch["Service"]["ExecStart"], settings, programs)
    assert (looked.returncode, looked.stdout, looked.stderr) == (0, "", "")


def test_the_mail_of_the_readme_has_the_alarms_and_is_not_sent_without(tmp_path, settings, programs):
    (block,) = re.findall(r"```ini\n(.*?)```", (FOLDER / "README.md").read_text(encoding="utf-8"), re.S)
    line = block.strip().splitlines()[-1].strip().removeprefix("ExecStart=")
    script(programs / "tension", ":")
    quiet = start(line, settings, programs)
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")
    assert not (tmp_path / "mail").exists()
    script(programs / "tension", STUB % 0)
    assert start(line, settings, programs).returncode == 0
    assert (tmp_path / "mail").read_text(encoding="utf-8") == ALARM


def test_the_units_share_their_settings_and_their_guards():
    update, watch, timer = unit("tension-update.service"), unit("tension-watch.service"), unit("tension-update.timer")
    assert timer["Timer"]["OnCalendar"]
    own = {
        "ExecStart",
        "SuccessExitStatus",
        "TimeoutStopSec",
        "IOSchedulingClass",
        "StateDirectory",
        "SyslogIdentifier",
    }
    assert {k: v for k, v in update["Service"].items() if k not in own} == {
        k: v for k, v in watch["Service"].items() if k not in own
    }


class Node:
    """A task's call: its function, what it is given, and which calls come before it."""

    def __init__(self, function, arguments):
        self.function, self.arguments = function, arguments
        self.before = [a for a in arguments if isinstance(a, Node)]

    def __rshift__(self, other):
        other.before.append(self)
        return other

    def result(self, results: dict):
        """Run what comes before, then this; every call once."""
        for node in self.before:
            node.result(results)
        if self not in results:
            results[self] = self.function(*[results[a] if isinstance(a, Node) else a for a in self.arguments])
        return results[self]


def airflow(version: int, calls: list, options: dict, pythons: list) -> dict[str, ModuleType]:
    """A stand-in for Airflow, as far as the example needs it, with the names of version 2 or 3."""

    def task(function):
        def call(*arguments):
            calls.append(Node(function, arguments))
            return calls[-1]

        return call

    def external_python(python, expect_airflow):
        pythons.append((python, expect_airflow))
        return task

    task.external_python = external_python

    def dag(**given):
        options.update(given)
        return lambda function: function

    name = {2: "airflow.decorators", 3: "airflow.sdk"}[version]
    modules = {"airflow": ModuleType("airflow"), name: ModuleType(name)}
    modules["airflow"].__path__ = []
    vars(modules[name]).update(vars(SimpleNamespace(dag=dag, task=task)))
    return modules


@pytest.mark.parametrize("version", [2, 3])
def test_the_dag_runs_its_tasks_in_order(version, tmp_path, settings, monkeypatch):
    calls, options, pythons = [], {}, []
    for name in [name for name in sys.modules if name.partition(".")[0] == "airflow"]:
        monkeypatch.delitem(sys.modules, name)
    for name, module in airflow(version, calls, options, pythons).items():
        monkeypatch.setitem(sys.modules, name, module)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("TENSION_PYTHON", sys.executable)
    Path(settings["REJECTS"]).mkdir()
    path = FOLDER / "airflow_dag.py"
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), {"__name__": "airflow_dag"})
    assert pythons == [(sys.executable, False)] * 2
    assert (options["max_active_runs"], options["catchup"]) == (1, False)
    assert options["default_args"]["retries"] > 0
    update, watch, notify = calls
    results: dict = {}
    told = notify.result(results)
    assert [node.function.__name__ for node in results] == ["update", "watch", "notify"]
    assert (results[update]["articles"], results[update]["rejected"]) == (2, {"no date": 1})
    assert results[watch] == []
    assert told == ["records that cannot be used, by cause: {'no date': 1}"]
    assert update.function()["known"] == 2
    alarm = {"dyad": "CHN-JPN", "date": "2013-04-29T00:00:00Z", "tension": 5.0, "expected": -1.5}
    assert notify.function({"rejected": {}}, [alarm]) == ["CHN-JPN 2013-04-29: +5.00, usual -1.50"]
