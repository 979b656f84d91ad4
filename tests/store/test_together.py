"""A writer and readers at once, in processes of their own: readers see whole batches, nobody fails."""

import subprocess
import sys
import time
from pathlib import Path

from clerk import Clerk

BATCHES, SIZE = 40, 25
WRITER = """
import sys
sys.path.insert(0, {tests!r})
from clerk import Clerk
from tension.store.batches import batches
from tension.store.store import Store
from tension.text.articles import read_articles
store = Store({url!r}, Clerk())
with store.run() as run:
    for batch in range({batches}):
        text = "CHN ACCUSE JPN over matter {{}} {{}} of many "
        day = f"2013-05-{{1 + batch % 28:02d}}"
        rows = [{{"id": f"{{batch}}-{{i}}", "date": day, "text": text.format(batch, i) * 20}} for i in range({size})]
        for part in batches(read_articles(rows), print, 500):
            store.add_batch(part, run)
"""


def test_readers_see_whole_batches_while_a_run_writes(url, open_store):
    reader = open_store(Clerk())
    tests = str(Path(__file__).resolve().parent.parent)
    code = WRITER.format(tests=tests, url=url, batches=BATCHES, size=SIZE)
    writer = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True)
    seen, deadline = [], time.monotonic() + 60
    while writer.poll() is None and time.monotonic() < deadline:
        events = reader.events("CHN-JPN")
        per_batch = events["article_id"].str.split("-").str[0].value_counts()
        assert (per_batch == SIZE).all()
        seen.append(len(events))
    assert writer.wait(timeout=60) == 0, writer.stderr.read()
    writer.stderr.close()
    assert seen == sorted(seen)
    assert len(set(seen)) > 3
    assert len(reader.events()) == BATCHES * SIZE
