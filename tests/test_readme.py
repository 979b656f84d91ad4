"""The README and the docstrings, executed: what they print is what they say."""

import contextlib
import doctest
import importlib
import io
import os
import re
import shlex
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


def test_every_example_prints_what_it_shows(in_copy):
    blocks = BLOCK.findall(README)
    namespace: dict = {}
    checked = 0
    for (language, code), (_, shown) in zip(blocks, [*blocks[1:], ("", "")], strict=True):
        if language != "python":
            continue
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, "README.md", "exec"), namespace)
        assert printed.getvalue().split() == shown.split(), code
        checked += 1
    assert checked == 6


def test_the_command_line_examples_run(in_copy):
    import subprocess

    (commands,) = [code for language, code in BLOCK.findall(README) if language == "bash"]
    for line in commands.strip().splitlines():
        name, *arguments = shlex.split(line)
        assert name == "tension"
        command, environment = (
            [sys.executable, "-m", "tension.cli", *arguments],
            {**os.environ, "PYTHONPATH": str(ROOT)},
        )
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        assert done.returncode == 0, done.stderr
    assert os.path.getsize("out/series.png") > 10_000


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
