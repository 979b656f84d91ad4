import io
import json
import tracemalloc

import pyarrow as pa
import pytest
from pyarrow import parquet

from tension.errors import InputError
from tension.readers.limits import DEFAULT, Limits
from tension.readers.parquet import read_parquet
from tension.readers.streams import StreamError
from tension.readers.tables import read_csv, read_json, read_jsonl, read_tsv
from tension.records import Skipped

SMALL = Limits(record=100)
MIB = Limits(record=1 << 20)


def read(parser, data, limits=DEFAULT):
    stream = io.BufferedReader(io.BytesIO(data)) if isinstance(data, bytes) else data
    return list(parser(stream, "x", limits))


def rows(items):
    return [(item.row, item.cause if isinstance(item, Skipped) else dict(item)) for item in items]


@pytest.mark.parametrize(
    ("parser", "data", "expected"),
    [
        (read_jsonl, b'{"a": 1}\n\n{"a": 2}', [(1, {"a": 1}), (3, {"a": 2})]),
        (read_jsonl, b'\xef\xbb\xbf{"a": 1}\r\n', [(1, {"a": 1})]),
        (read_jsonl, b'{"a": ' + b"9" * 5000 + b"}\n{}\n", [(1, "no record"), (2, {})]),
        (read_jsonl, b"[" * 200_000 + b"\n{}\n", [(1, "no record"), (2, {})]),
        (read_json, b'[{"a": 1}, 2, {"a": 3}]', [(1, {"a": 1}), (2, "no record"), (3, {"a": 3})]),
        (read_json, b'{"a": 1}', [(1, {"a": 1})]),
        (read_csv, b"a,b\n1,2\n\n3,4\n", [(2, {"a": "1", "b": "2"}), (4, {"a": "3", "b": "4"})]),
        (
            read_csv,
            b'\xef\xbb\xbfa,b\r\n"1\r\nx",2\r\n3,4',
            [(2, {"a": "1\r\nx", "b": "2"}), (4, {"a": "3", "b": "4"})],
        ),
        (read_csv, b"a,b\r1,2\r3,4\r", [(2, {"a": "1", "b": "2"}), (3, {"a": "3", "b": "4"})]),
        (read_csv, "a\nx\ufffd\n".encode() + b"\xff\ny\n", [(2, {"a": "x\ufffd"}), (3, "no record"), (4, {"a": "y"})]),
        (read_csv, b'a\n1\n"2\n3\n', [(2, {"a": "1"}), (3, "no record")]),
        (read_tsv, b'a\tb\n1,5\t"x\ty"\n', [(2, {"a": "1,5", "b": "x\ty"})]),
    ],
)
def test_records_and_their_rows(parser, data, expected):
    assert rows(read(parser, data)) == expected


@pytest.mark.parametrize(
    ("parser", "data", "message"),
    [
        (read_json, b'{"a": 1}\n{"a": 2}\n', "name it .jsonl"),
        (read_csv, b"a,a\n1,2\n", "more than one column 'a'"),
        (read_csv, b'"a\n1,2\n', "header line"),
        (read_csv, b"", "no CSV header"),
        (read_parquet, b"PAR1", "cannot be read as Parquet"),
    ],
)
def test_what_is_no_table_raises(parser, data, message):
    with pytest.raises(InputError, match=message):
        read(parser, data)


def test_a_long_line_is_passed_over_and_the_next_read():
    long = json.dumps({"text": "x" * 200}).encode()
    assert rows(read(read_jsonl, b"{}\n" + long + b"\n{}\n" + long, SMALL)) == [
        (1, {}), (2, "too large"), (3, {}), (4, "too large"),
    ]  # fmt: skip


@pytest.mark.parametrize("row", [b"x" * 200 + b",1\n", b'"x\n' + b'","x\n' * 50 + b'"\n'])
def test_a_long_row_ends_a_csv_file(row):
    found = []
    with pytest.raises(StreamError, match="longer than 100 bytes") as caught:
        found.extend(read_csv(io.BytesIO(b"a,b\n1,2\n" + row + b"3,4\n"), "x", SMALL))
    assert rows(found) == [(2, {"a": "1", "b": "2"})]
    assert caught.value.cause == "too large"


def test_a_json_file_that_is_too_large_advises_lines():
    (item,) = read(read_json, b"[" + b'{"a": 1},' * 99 + b"{}]", SMALL)
    assert (item.cause, ".jsonl" in item.reason) == ("too large", True)


class Endless(io.RawIOBase):
    """Forty million bytes without a line break, then one."""

    def __init__(self, start: bytes, size: int = 40_000_000):
        self._left, self._start = size, start

    def readable(self):
        return True

    def readinto(self, buffer):
        if self._start:
            data, self._start = self._start, b""
        else:
            data = b"x" * min(len(buffer), self._left) if self._left else b""
            self._left -= len(data)
            data = data[:-1] + b"\n" if data and not self._left else data
        buffer[: len(data)] = data
        return len(data)


@pytest.mark.parametrize(
    ("parser", "start"), [(read_jsonl, b'{"text": "'), (read_csv, b'text\n"'), (read_json, b'["'), (read_csv, b"")]
)
def test_an_endless_line_is_never_held(parser, start):
    stream = io.BufferedReader(Endless(start))
    tracemalloc.start()
    try:
        causes = [item.cause for item in parser(stream, "x", MIB)]
    except StreamError as error:
        causes = [error.cause]
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert causes == ["too large"]
    assert peak < (12 if parser is read_json else 8) << 20


def table(**columns):
    sink = io.BytesIO()
    parquet.write_table(pa.table(columns), sink, compression="zstd")
    return sink.getvalue()


class Pipe(io.BytesIO):
    def seekable(self):
        return False

    def seek(self, *_):
        raise OSError("a pipe")


@pytest.mark.parametrize("kind", [io.BytesIO, Pipe])
def test_parquet_rows_are_numbered_and_a_packed_file_is_spooled(kind):
    data = table(text=[str(i) for i in range(200)], n=list(range(200)))
    items = read(read_parquet, kind(data))
    assert rows(items) == [(i + 1, {"text": str(i), "n": i}) for i in range(200)]
    if kind is Pipe:
        with pytest.raises(StreamError, match="unpack it first"):
            read(read_parquet, kind(data), Limits(record=8))


def test_a_parquet_row_that_cannot_be_read_costs_itself_alone():
    texts = pa.array([b"good", b"\xff\xfe", b"g" * 300, b"good"]).cast(pa.binary())
    bad = pa.Array.from_buffers(pa.string(), 4, texts.buffers())
    assert rows(read(read_parquet, io.BytesIO(table(text=bad)), Limits(record=200))) == [
        (1, {"text": "good"}), (2, "no record"), (3, "too large"), (4, {"text": "good"}),
    ]  # fmt: skip


@pytest.mark.parametrize("texts", [["x" * 4_000_000, "y"], ["same text " * 100] * 20_000])
def test_a_parquet_bomb_is_not_read_on(texts):
    with pytest.raises(StreamError) as caught:
        read(read_parquet, io.BytesIO(table(text=texts)), MIB)
    assert caught.value.cause == "too large"


def test_a_damaged_parquet_page_is_told():
    data = bytearray(table(text=[f"{i} {i * 2654435761 % 2**32}" for i in range(5000)]))
    data[2000:3000] = bytes(1000)
    with pytest.raises(StreamError) as caught:
        read(read_parquet, io.BytesIO(bytes(data)))
    assert caught.value.cause == "damaged"
