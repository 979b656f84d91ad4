"""The wheel holds what it must, and scores a sentence in an empty environment with the network off."""

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT

NO_NETWORK = """
import socket
def refuse(*arguments, **options):
    raise OSError("no network in this test")
socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
import tension, tension.resources
assert "_data" in str(tension.resources.data_path("actors")), tension.resources.data_path("actors")
events = tension.score("Japan condemned North Korea for the launch.", date="2017-08-29")
print(*events.loc[0, ["source", "target", "quad"]])
"""


@pytest.fixture(scope="session")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)],
        check=True,
        capture_output=True,
    )
    (path,) = folder.glob("*.whl")
    return path


def _tracked(folder: str) -> set[str]:
    listed = subprocess.run(["git", "ls-files", folder], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return set(listed.splitlines())


def test_every_tracked_file_of_the_package_is_in_the_wheel(wheel):
    held = set(zipfile.ZipFile(wheel).namelist())
    wanted = _tracked("tension") | {f"tension/_{name}" for folder in ("data", "models") for name in _tracked(folder)}
    assert wanted - held == set()


def test_the_wheel_scores_a_sentence_in_an_empty_environment_without_network(wheel, tmp_path):
    venv.create(tmp_path / "env", with_pip=True)
    python = tmp_path / "env" / "bin" / "python"
    install = [
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "-c",
        ROOT / "constraints.txt",
        wheel,
    ]
    subprocess.run(list(map(str, install)), check=True, capture_output=True, timeout=900)
    environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
    environment.pop("PYTHONPATH", None)
    done = subprocess.run(
        [str(python), "-c", NO_NETWORK], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["JPN", "PRK", "VCONF"]
