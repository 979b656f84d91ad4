"""What tests share: golden tables, the example article, one scorer for the session."""

import csv
import json
from pathlib import Path

import pandas as pd
import pytest
from databases import open_store, server, url  # noqa: F401 - fixtures
from hypothesis import settings

import tension
from tension.records import EVENT_DTYPES, events_frame

settings.register_profile("repeatable", derandomize=True)
settings.load_profile("repeatable")  # new examples: pytest --hypothesis-profile default, and benchmarks/fuzz.py
ROOT = Path(__file__).resolve().parent.parent


def golden(name: str) -> list[dict[str, str]]:
    """Rows of a table under tests/golden/."""
    with (ROOT / "tests" / "golden" / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.fixture(scope="session")
def scorer() -> tension.Scorer:
    return tension.Scorer(device="cpu")


@pytest.fixture(scope="session")
def article() -> dict:
    return json.loads((ROOT / "seeds" / "japan_china_dialogue.json").read_text(encoding="utf-8"))


def event(**changes) -> dict:
    """One row of an events frame, with some values of one's own."""
    row = {
        "article_id": "a", "sentence": 0, "date": pd.Timestamp("2019-01-24"), "event_start": None, "event_end": None, "status": "occurred",
        "source": "CHN", "target": "JPN", "root": "ACCUSE", "quad": "VCONF", "p_cooperation": 0.0, "p_conflict": 1.0, "intensity": -3.0,
        "joint": False, "resolved": "named", "text": "China accuses Japan.", "start": 0, "end": 20, "story": "a", "model": "m 1",
    }  # fmt: skip
    return row | changes


def frame_of(*rows: dict) -> pd.DataFrame:
    """An events frame of rows."""
    return events_frame({name: [row[name] for row in rows] for name in EVENT_DTYPES})


def pytest_addoption(parser):
    parser.addoption(
        "--without-postgres", action="store_true", help="leave out the tests that start a PostgreSQL server"
    )
