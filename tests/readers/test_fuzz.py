"""Files of every format, spoilt in every way: an article or a reason for each record, or an error of ours; never another, nor silence."""

import gzip
import io
import json
import tempfile
import zipfile
from pathlib import Path
from typing import get_args

import pandas as pd
import pyarrow as pa
import pytest
import zstandard
from counting import rows_in
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from tension.errors import TensionError
from tension.readers.limits import Limits
from tension.readers.read import read
from tension.records import Article, Cause, Skipped

ROWS = [
    {"id": "1", "date": "2019-01-24T23:30:00-05:00", "text": "Norway thanked Kenya for its help."},
    {"id": "2", "date": None, "text": 'Qatar said: "We met Oman",\nand left.'},
    {"id": "é\u202e\u0301", "date": "0000-01-01", "text": "Kenya and\u200b Norway met in Nairobi."},
]
PAGE = (
    '<html lang="en"><head><meta charset="utf-8"><meta property="article:published_time" content="2019-01-24"><title>Thanks</title>'
    '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Thanks", "articleBody": "Norway thanked Kenya."}</script>'
    "</head><body><article><p>Norway thanked Kenya on Thursday for its help with the grain that it had sent by ship to the port in the "
    "north.</p><p>They will meet again next week, the ministers said &amp; left.</p></article></body></html>"
)
FEED = (
    '<rss version="2.0"><channel><title>The Post</title><item><guid>1</guid><title>AT&T thanks</title><pubDate>Thu, 24 Jan 2019 10:00:00 '
    "GMT</pubDate><description>Norway thanked &lt;b&gt;Kenya&lt;/b&gt;.</description></item><item><title>Talks</title></item></channel>"
    "</rss>"
)


def archived_page():
    answer = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{PAGE}"
    return (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://news.example/1\r\nWARC-Date: 2019-01-25T00:00:00Z\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(answer)}\r\n\r\n{answer}\r\n\r\n"
    ).encode() * 2


def parquet_table(rows=ROWS):
    sink = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(rows), sink)
    return sink.getvalue()


SEEDS = {
    "jsonl": "".join(json.dumps(row) + "\n" for row in ROWS).encode(), "json": json.dumps(ROWS).encode(),
    "csv": pd.DataFrame(ROWS).to_csv(index=False).encode(), "tsv": pd.DataFrame(ROWS).to_csv(index=False, sep="\t").encode(),
    "txt": "\n".join(row["text"] for row in ROWS).encode(), "html": PAGE.encode(), "rss": FEED.encode(), "warc": archived_page(),
    "parquet": parquet_table(),
}  # fmt: skip


def zipped(data, name="x.jsonl"):
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
        archive.writestr(f"in/{name}.gz", gzip.compress(data))
    return sink.getvalue()


ODD = '\u202e"\u0301\u200b'.encode()
PACK = {"gz": gzip.compress, "zst": zstandard.compress, "zip": zipped}


@st.composite
def edits(draw):
    """A change to bytes: one that a bad disk, a broken transfer, an editor or a careless join makes."""
    part, more = draw(st.floats(0, 1)), draw(st.floats(0, 1))
    kind = draw(st.sampled_from("cut tail double flip put drop cr crlf utf-16 cp1252 bom join huge".split()))
    put = draw(st.binary(max_size=6) | st.sampled_from([b"\xed\xa0\x80", b"\xff\xfe", b"\0", b"\xc3", b"]]>", ODD]))

    def edit(data):
        first, last = sorted((int(part * len(data)), int(more * len(data))))
        changed = {
            "cut": lambda: data[:first], "tail": lambda: data[first:], "double": lambda: data[:last] + data[first:],
            "flip": lambda: data[:first] + bytes(b ^ 1 << last % 8 for b in data[first : first + 1]) + data[first + 1 :],
            "put": lambda: data[:first] + put + data[first:], "drop": lambda: data[:first] + data[last:],
            "cr": lambda: data.replace(b"\n", b"\r"), "crlf": lambda: data.replace(b"\n", b"\r\n"),
            "utf-16": lambda: data[:first] + data[first:].decode("utf-8", "replace").encode("utf-16"),
            "cp1252": lambda: data.decode("utf-8", "replace").encode("cp1252", "replace"), "bom": lambda: b"\xef\xbb\xbf" + data,
            "join": lambda: data + data, "huge": lambda: data[:first] + b"x" * 5000 + data[first:],
        }  # fmt: skip
        return changed[kind]()

    return edit


def changed(data, changes):
    for change in changes:
        data = change(data)
    return data


def checked(name, data):
    """What reading a file gives; None where it raised an error of ours."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(data)
        reading, items = read(path, limits=Limits(record=4096)), []
        try:
            for item in reading:
                assert 0 <= reading.position <= reading.size
                items.append(item)
        except TensionError:
            return None
        assert reading.position <= reading.size == len(data)
    assert len(items) == reading.articles + reading.counts.total()
    for item in items:
        assert isinstance(item, (Article, Skipped))
        if isinstance(item, Article):
            assert item.text.strip()
            assert item.text.encode("utf-8")
            assert item.id
        else:
            assert item.reason
            assert item.cause in get_args(Cause)
            assert item.source.startswith(str(path))
    return items


def records(name, data):
    """Records that a file holds, counted apart from the readers; None where there is no other way than theirs."""
    if name == "jsonl":
        return sum(bool(line.strip()) or len(line) >= 4096 for line in data.split(b"\n"))
    if name in ("txt", "html"):
        return 1
    if name not in ("csv", "tsv") or max(map(len, data.split(b"\n"))) > 2048:
        return None
    return rows_in(data, "\t" if name == "tsv" else ",")


@settings(max_examples=800, deadline=None)
@given(st.sampled_from(sorted(SEEDS)), st.lists(edits(), min_size=1, max_size=4))
def test_a_spoilt_file_is_told_record_by_record(name, changes):
    data = changed(SEEDS[name], changes)
    items, number = checked(f"x.{name}", data), records(name, data)
    assert items is None or number is None or len(items) == number


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(sorted(SEEDS)), st.sampled_from([*PACK, ""]), st.lists(edits(), max_size=2), st.sampled_from(sorted(PACK)),
       st.lists(edits(), max_size=2))  # fmt: skip
def test_packings_swapped_nested_and_spoilt_are_told(name, packing, before, said, after):
    data = changed(SEEDS[name], before)
    data = zipped(data, f"x.{name}") if packing == "zip" else PACK.get(packing, bytes)(data)
    items = checked("x.zip" if said == "zip" else f"x.{name}.{said}", changed(data, after))
    if packing == said and not before and not after:
        assert any(isinstance(item, Article) for item in items)


def test_a_member_whose_name_is_lost_is_said_to_be_damaged():
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("x", b"nothing")
        archive.writestr("y.jsonl", SEEDS["jsonl"])
        archive.infolist()[0].filename = ""
    items = checked("x.zip", sink.getvalue())
    assert items[0].cause == "damaged"
    assert (items[0].cause, type(items[1])) == ("damaged", Article)
    assert len(items) == len(ROWS) + 1


@pytest.mark.parametrize("byte", range(256))
def test_a_parquet_footer_with_a_wrong_byte_does_not_end_the_process(byte):
    """Footers say for each column how its values are spread, and pyarrow ends the process over some that are wrong."""
    data = bytearray(SEEDS["parquet"])
    start = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    place = start + (len(data) - 8 - start) * byte // 256
    data[place] ^= 1 << byte % 8
    checked("x.parquet", bytes(data))
