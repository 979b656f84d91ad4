"""A store whose writers are killed: nothing lost, nothing doubled, it opens."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import sqlalchemy as sql
from clerk import Clerk
from nursery import rows

from tension.series.aggregate import aggregate
from tension.store.schema import articles, events, scored, texts
from tension.store.store import Store

KILLS = 200


def test_killed_at_200_random_moments(url, open_store, tmp_path):
    nursery = Path(__file__).with_name("nursery.py")
    done = subprocess.run(
        [sys.executable, nursery, url, str(KILLS), "1"], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    fed = rows(int(done.stdout))
    store = open_store(Clerk())
    while_killed = len(store.events())
    store.add(fed)
    with Store(tmp_path / "calm.db", Clerk()) as calm:
        calm.add(fed)
        columns = ["article_id", "source", "target", "root", "date", "text"]
        expected = calm.events()[columns].sort_values(columns, ignore_index=True)
    assert store.events()[columns].sort_values(columns, ignore_index=True).equals(expected)
    assert while_killed > 0
    pd.testing.assert_frame_equal(store.series("M"), aggregate(store.events(), "M"))
    counts = count(store)
    assert counts["articles"] == counts["scored"] == counts["texts"] == len({(row["id"], row["text"]) for row in fed})
    states = store.runs()["state"].value_counts()
    assert states["done"] >= 1
    assert states["killed"] > KILLS / 4
    assert "running" not in states


def count(store: Store) -> dict[str, int]:
    with store._engine.connect() as connection:
        return {
            table.name: connection.execute(sql.select(sql.func.count()).select_from(table)).scalar()
            for table in (articles, events, scored, texts)
        }
