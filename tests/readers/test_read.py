import gzip
import io
import json
import sys
import tempfile
import tracemalloc
import zipfile
import zlib
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

import tension
from tension.errors import DateError, InputError, MissingColumnError, OptionError
from tension.readers.limits import Limits
from tension.readers.read import read
from tension.records import Article, Skipped

ROWS = [
    {"id": "1", "date": "2019-01-24", "text": "Norway thanked Kenya for its help."},
    {"id": "2", "date": "2019-02-01", "text": "Kenya and Norway held talks in Nairobi."},
]


def lines(rows):
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def write(folder, name, data):
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)
    return folder / name


def traced(call):
    """What a call returns, and the most memory that Python held for it."""
    tracemalloc.start()
    try:
        return call(), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def inflated(data):
    """All that the beginning of a gzip file holds."""
    return zlib.decompressobj(31).decompress(data)


def zip_of(name, data):
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return sink.getvalue()


def table(suffix):
    sink = io.BytesIO()
    frame = pd.DataFrame(ROWS)
    if suffix == ".parquet":
        frame.to_parquet(sink)
    else:
        frame.to_csv(sink, index=False, sep="\t" if suffix == ".tsv" else ",")
    return sink.getvalue()


TABLES = {
    ".jsonl": lines(ROWS), ".ndjson": lines(ROWS), ".json": json.dumps(ROWS).encode(), ".csv": table(".csv"), ".tsv": table(".tsv"),
    ".parquet": table(".parquet"),
}  # fmt: skip
PACK = {"": bytes, ".gz": gzip.compress, ".zst": zstandard.compress}


@pytest.mark.parametrize("suffix", TABLES)
@pytest.mark.parametrize("packing", [*PACK, ".zip", ".gz.zip"])
def test_every_table_in_every_packing(suffix, packing, tmp_path):
    inner, zipped = packing.removesuffix(".zip"), packing.endswith(".zip")
    data = PACK[inner](TABLES[suffix])
    path = write(tmp_path, f"x{suffix}{packing}", zip_of(f"x{suffix}{inner}", data) if zipped else data)
    reading = read(path)
    first, second = reading
    assert first == Article("1", ROWS[0]["text"], datetime(2019, 1, 24), language="en")
    assert (second.id, second.date) == ("2", datetime(2019, 2, 1))
    assert (reading.articles, reading.counts, reading.notes) == (2, {}, [])
    assert reading.size == reading.position == path.stat().st_size


def test_the_front_door_is_read():
    assert tension.read is read


def test_skipped_records_say_their_file_row_and_cause(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    german = {
        "id": "g",
        "text": "Die Regierung hat gestern nach langen Verhandlungen einen neuen Vertrag unterzeichnet.",
    }
    rows = [ROWS[0], {"id": "e", "text": " "}, german, {"id": "d", "text": "Kenya waited.", "date": "soon"}]
    write(tmp_path, "news/a.jsonl", b"\n" + lines(rows) + b"{broken\n" + lines([{**ROWS[1], "text": "x" * 2000}]))
    write(tmp_path, "news/b.zip", zip_of("in/c.csv", b"id,text\n1\n2,Kenya thanked Norway.\n"))
    reading = read("news", limits=Limits(record=1000))
    skipped = [item for item in reading if isinstance(item, Skipped)]
    assert [(s.source, s.row, s.id, s.cause) for s in skipped] == [
        ("news/a.jsonl", 3, "e", "no text"),
        ("news/a.jsonl", 4, "g", "other language"),
        ("news/a.jsonl", 5, "d", "no date"),
        ("news/a.jsonl", 6, "", "no record"),
        ("news/a.jsonl", 7, "", "too large"),
        ("news/b.zip!in/c.csv", 2, "", "no record"),
    ]
    assert reading.articles == 2
    assert reading.counts.total() == 6


def test_a_file_that_cannot_be_used_raises_alone_and_is_skipped_among_others(tmp_path):
    bad = write(tmp_path, "bad.csv", b"a,b\n1,2\n")
    worse = write(tmp_path, "worse.csv", lines(ROWS))
    worst = write(tmp_path, "worst.jsonl", gzip.compress(lines(ROWS)))
    write(tmp_path, "good.jsonl", lines(ROWS))
    with pytest.raises(MissingColumnError, match="it has a, b"):
        list(read(bad))
    with pytest.raises(InputError, match=r"name it \.jsonl"):
        list(read(worse))
    with pytest.raises(InputError, match="is a gzip file"):
        list(read([worst]))
    reading = read(tmp_path)
    items = {item.source: item.cause for item in reading if isinstance(item, Skipped)}
    assert items == {str(bad): "no record", str(worse): "unknown format", str(worst): "unknown format"}
    assert reading.articles == 2


def test_guesses_are_told_once_for_each_kind_and_left_out_files_counted(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b", "c"):
        write(tmp_path, f"news/{name}.csv", b"body,published\nKenya thanked Norway.,2019-01-24\n")
    write(tmp_path, "news/d.jsonl", lines([{"content": "Kenya thanked Norway."}]))
    write(tmp_path, "news/e.pdf", b"")
    write(tmp_path, "news/f.zip", zip_of("g.docx", b""))
    reading = read("news")
    assert reading.notes == ["left out: 1 .pdf"]
    assert len(list(reading)) == 4
    assert reading.notes == [
        "news/a.csv and 2 more: text read from 'body', date from 'published'",
        "news/d.jsonl: text read from 'content'",
        "left out: 1 .pdf, 1 .docx",
    ]


def test_a_first_record_without_a_date_leaves_the_others_theirs(tmp_path):
    text = "Kenya thanked Norway."
    records = [{"body": text}, *({"body": text, "published": f"2019-01-0{day}"} for day in (2, 3))]
    path = write(tmp_path, "x.jsonl", lines(records))
    assert [item.date and item.date.day for item in read(path)] == [None, 2, 3]
    assert [item.date and item.date.day for item in read(path, since="2019-01-03")] == [None, 3]


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_first_row_without_a_date_leaves_the_column_to_the_others(suffix, tmp_path):
    rows = pd.DataFrame(
        {"body": "Kenya thanked Norway.", "published": [None, "2019-01-24"], "timestamp": ["2020-02-02", "2020-02-03"]}
    )
    path = tmp_path / f"x{suffix}"
    rows.to_csv(path, index=False) if suffix == ".csv" else rows.to_parquet(path)
    reading = read(path)
    assert [item.date for item in reading] == [None, datetime(2019, 1, 24)]
    assert reading.notes == [f"{path}: text read from 'body', date from 'published'"]


def test_columns_that_are_named(tmp_path):
    path = write(tmp_path, "x.csv", b"lead,text,when\nKenya thanked Norway.,no,2019-01-24\n")
    (article,) = read(path, columns={"text": "lead", "date": "when"})
    assert (article.text, article.date) == ("Kenya thanked Norway.", datetime(2019, 1, 24))
    with pytest.raises(MissingColumnError, match="no column 'wen'; it has lead, text, when"):
        list(read(path, columns={"date": "wen"}))
    with pytest.raises(OptionError, match="text, date"):
        read(path, columns={"lead": "text"})


def test_the_window_keeps_its_first_moment_and_not_its_last(tmp_path):
    dates = [
        "2018-12-31T23:59:59",
        "2019-01-01",
        "2018-12-31T22:00:00-05:00",
        "2019-12-31T20:00:00-05:00",
        "2020-01-01",
        None,
        "soon",
    ]
    path = write(
        tmp_path, "x.jsonl", lines([{"id": str(d), "date": d, "text": "Kenya thanked Norway."} for d in dates])
    )
    reading = read(path, since="2019", until="2020-01-01")
    items = list(reading)
    assert [item.date for item in items if isinstance(item, Article)] == [
        datetime(2019, 1, 1),
        datetime(2019, 1, 1, 3),
        None,
    ]
    assert (reading.outside_window, reading.counts) == (3, {"no date": 1})
    assert [a.id for a in read(path, since="2020-01-01", date="2020-05-05") if isinstance(a, Article)] == [
        "2019-12-31T20:00:00-05:00", "2020-01-01", "None",
    ]  # fmt: skip
    with pytest.raises(OptionError, match="is not after since"):
        read(path, since="2020", until="2020")
    with pytest.raises(DateError):
        read(path, since="then")


def test_standard_input_is_json_lines(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(lines(ROWS) + b"{\n"))))
    first, second, third = read("-")
    assert (first.id, second.id) == ("1", "2")
    assert (third.source, third.row) == ("-", 3)
    assert not sys.stdin.buffer.closed


def test_a_reading_is_iterated_once(tmp_path):
    reading = read(write(tmp_path, "x.jsonl", lines(ROWS)))
    assert reading.position == 0
    assert len(list(reading)) == 2
    with pytest.raises(InputError, match="once"):
        iter(reading)


def test_a_file_that_went_away_is_skipped(tmp_path):
    write(tmp_path, "a.jsonl", lines(ROWS))
    write(tmp_path, "b.jsonl", lines(ROWS))
    reading = read(tmp_path)
    (tmp_path / "a.jsonl").unlink()
    first, *rest = reading
    assert (first.cause, "cannot be read" in first.reason, len(rest)) == ("unknown format", True, 2)


@pytest.mark.parametrize("name", ["x.jsonl.gz", "x.jsonl.zst", "x.zip", "x.jsonl"])
def test_bombs_and_endless_lines_stay_in_bounded_memory(name, tmp_path):
    data = lines(ROWS) + b'{"text": "' + b"x" * (64 << 20)
    pack = {
        "x.jsonl.gz": gzip.compress,
        "x.jsonl.zst": zstandard.compress,
        "x.zip": lambda d: zip_of("x.jsonl", d),
        "x.jsonl": bytes,
    }
    path = write(tmp_path, name, pack[name](data))
    del data
    reading = read(path, limits=Limits(record=1 << 20))
    items, peak = traced(lambda: list(reading))
    assert [type(item) for item in items[:2]] == [Article, Article]
    assert {item.cause for item in items[2:]} == {"too large"}
    assert peak < 8 << 20


def test_memory_does_not_grow_with_the_file(tmp_path):
    row = json.dumps({"text": "Kenya thanked Norway for the grain. " * 100, "language": "en"}).encode() + b"\n"
    path = write(tmp_path, "x.jsonl.gz", gzip.compress(row * 4000, 1))
    number, peak = traced(lambda: sum(1 for _ in read(path)))
    assert number == 4000
    assert peak < 2 << 20


VALUES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.lists(st.integers(), max_size=2)
)
RECORDS = st.dictionaries(st.sampled_from(["text", "id", "date", "title", "language", "body", "é"]), VALUES, max_size=5)
JUNK = (
    st.binary(max_size=30)
    .map(lambda data: data.translate(bytes.maketrans(b"\n\0", b"  ")))
    .filter(lambda data: data.strip())
)


@settings(max_examples=150, deadline=None)
@given(st.lists(RECORDS.map(lambda r: json.dumps(r).encode()) | JUNK, max_size=12), st.sampled_from(list(PACK)))
def test_nothing_vanishes(junk, packing):
    with tempfile.TemporaryDirectory() as folder:
        data = b"\n".join([json.dumps(ROWS[0]).encode(), *junk])
        path = write(Path(folder), f"x.jsonl{packing}", PACK[packing](data))
        given_lines = sum(bool(line.strip()) for line in data.split(b"\n"))
        reading = read(path)
        items = list(reading)
    assert len(items) == given_lines == reading.articles + reading.counts.total()
    assert isinstance(items[0], Article)


MANY = lines(
    {"id": str(i), "text": f"Kenya thanked Norway {i * 2654435761 % 2**32} times.", "language": "en"}
    for i in range(300)
)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([".jsonl.gz", ".jsonl.zst", ".csv.gz", ".zip"]), st.floats(0.02, 0.999), st.booleans(), st.randoms()
)
def test_a_cut_or_spoilt_file_gives_what_it_holds_and_says_so(suffix, part, cut, chance):
    csv = b"id,text,language\n" + b"".join(
        b"%d,Kenya thanked Norway %d times.,en\n" % (i, chance.getrandbits(60)) for i in range(300)
    )
    data = {".jsonl.gz": gzip.compress(MANY), ".jsonl.zst": zstandard.ZstdCompressor(write_checksum=True).compress(MANY),
            ".csv.gz": gzip.compress(csv), ".zip": zip_of("x.jsonl", MANY)}[suffix]  # fmt: skip
    place = int(len(data) * part)
    data = data[:place] if cut else data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :]
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), "a.jsonl", lines(ROWS))
        write(Path(folder), f"b{suffix}", data)
        items = list(read(folder))[2:]
    fewest = max(0, inflated(data).count(b"\n") - ("csv" in suffix)) if cut and "gz" in suffix else 0
    articles = [item for item in items if isinstance(item, Article)]
    assert len(articles) == 300 or isinstance(items[-1], Skipped)
    if cut:
        assert items[-1].cause == "damaged"
        assert len(articles) >= fewest
        assert [article.id for article in articles] == [str(i) for i in range(len(articles))]


@pytest.mark.parametrize("mask", [0xFF, 0x01, 0x56])
def test_a_spoilt_list_of_files_hides_no_member(tmp_path, mask):
    data = zip_of("x.jsonl", lines(ROWS))
    write(tmp_path, "a.jsonl", lines(ROWS))
    for place in range(data.index(b"PK\x01\x02"), len(data)):
        (tmp_path / "b.zip").write_bytes(data[:place] + bytes([data[place] ^ mask]) + data[place + 1 :])
        items = list(read(tmp_path))[2:]
        assert len([item for item in items if isinstance(item, Article)]) == 2 or isinstance(items[-1], Skipped), place


def test_documents_are_articles_and_never_half_of_one(tmp_path):
    text = "Kenya thanked Norway for its help. " * 50
    write(tmp_path, "2019-01-24 thanks.txt", text.encode())
    write(tmp_path, "b.zip", zip_of("2019-02-01.txt", text.encode()))
    write(tmp_path, "c.txt.gz", gzip.compress(text.encode())[:-12])
    write(tmp_path, "d.txt.zst", zstandard.compress(text.encode() * 50))
    first, second, third, fourth = read(tmp_path, columns={"text": "body"}, limits=Limits(record=1 << 14))
    assert (first.text, first.date) == (text, datetime(2019, 1, 24))
    assert second.date == datetime(2019, 2, 1)
    assert second.text == text
    assert first.id != second.id  # the same words of another day
    assert (third.cause, fourth.cause) == ("damaged", "too large")
