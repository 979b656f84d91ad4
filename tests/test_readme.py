"""The README and the docstrings, executed: what they print is what they say."""

import contextlib
import doctest
import importlib
import io
import os
import re
import shlex
import subprocess
import sys

import pytest
from conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"```(\w*)\n(.*?)```", re.S)
MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for path in (ROOT / "tension").rglob("*.py")
    if ">>>" in path.read_text(encoding="utf-8")
)


@pytest.fixture
def in_copy(tmp_path, monkeypatch):
    """A folder in which the README's paths work and nothing of the checkout is touched."""
    (tmp_path / "seeds").symlink_to(ROOT / "seeds")
    (tmp_path / "out").mkdir()
    monkeypatch.chdir(tmp_path)


def test_every_example_runs_and_prints_what_it_shows(in_copy):
    blocks = BLOCK.findall(README)
    namespace: dict = {}
    checked = {"python": 0, "bash": 0}
    for (language, code), (_, shown) in zip(blocks, [*blocks[1:], ("", "")], strict=True):
        if language == "bash":
            _run(code)
        elif language == "python":
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                exec(compile(code, "README.md", "exec"), namespace)
            assert printed.getvalue().split() == shown.split(), code
        checked[language] = checked.get(language, 0) + 1
    assert (checked["python"], checked["bash"]) == (7, 2)
    assert os.path.getsize("out/series.png") > 10_000


def _run(commands: str) -> None:
    for line in commands.strip().splitlines():
        name, *arguments = shlex.split(line)
        assert name == "tension"
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "tension.cli", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        assert done.returncode == 0, line + done.stderr


@pytest.mark.parametrize("name", MODULES)
def test_docstring_examples(name):
    module = importlib.import_module(name)
    result = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE, extraglobs=_globals())
    assert result.attempted > 0
    assert result.failed == 0


def _globals() -> dict:
    from datetime import datetime

    import numpy as np
    import pandas as pd

    return {"datetime": datetime, "np": np, "pd": pd}


def test_the_tables_say_what_the_benchmarks_found():
    done = subprocess.run(
        [sys.executable, ROOT / "benchmarks" / "tables.py", "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
