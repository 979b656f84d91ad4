import contextlib
import gzip

import pytest

from tension.errors import InputError
from tension.readers import raw
from tension.readers.raw import read_records
from tension.records import Skipped

GOOD = '{"id": "a", "text": "Japan met China."}\n'


def test_a_broken_line_is_reported_with_its_number_and_the_rest_is_read(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_bytes(
        GOOD.encode() + b'{"id": "b", "te\n' + b"\n" + b'["list"]\n' + b'{"id": "\xff\xfe"}\n' + GOOD.encode()
    )
    records = list(read_records(path))
    assert [type(r) for r in records] == [dict, Skipped, Skipped, Skipped, dict]
    assert [r.row for r in records if isinstance(r, Skipped)] == [2, 4, 5]
    assert "line 2" in records[1].reason
    assert "list" in records[2].reason


def test_a_short_csv_line_is_reported(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text('id,text\na,"one, two"\nb\nc,three\n', encoding="utf-8")
    records = list(read_records(path))
    assert records[0] == {"id": "a", "text": "one, two"}
    assert records[1].row == 3
    assert records[2]["text"] == "three"


def test_an_unclosed_quote_is_reported(tmp_path):
    (tmp_path / "x.csv").write_text('id,text\n1,"China condemned Japan.\n2,b\n3,c\n', encoding="utf-8")
    (record,) = read_records(tmp_path / "x.csv")
    assert "cannot be read as CSV" in record.reason


def test_text_that_is_not_utf8_is_reported(tmp_path):
    (tmp_path / "x.csv").write_bytes("id,text\n1,Curaçao\n2,b\n".encode("latin-1"))
    assert [type(r) for r in read_records(tmp_path / "x.csv")] == [Skipped, dict]


def test_a_truncated_gzip_file_gives_what_it_holds_and_says_so(tmp_path):
    rows = "".join(f'{{"text": "{i} {hash(str(i))}"}}\n' for i in range(5000))
    (tmp_path / "x.jsonl.gz").write_bytes(gzip.compress(rows.encode())[:-2000])
    records = list(read_records(tmp_path / "x.jsonl.gz"))
    assert len(records) > 1000
    assert "ends early" in records[-1].reason


def test_gzip_is_read(tmp_path):
    (tmp_path / "x.jsonl.gz").write_bytes(gzip.compress(GOOD.encode() * 2))
    (tmp_path / "x.csv.gz").write_bytes(gzip.compress(b"id,text\na,b\n"))
    assert len(list(read_records(tmp_path / "x.jsonl.gz"))) == 2
    assert list(read_records(tmp_path / "x.csv.gz")) == [{"id": "a", "text": "b"}]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.parquet", GOOD.encode(), "is text"),
        ("x.jsonl", b"PAR1" + b"\x00" * 50, "a Parquet file"),
        ("x.jsonl", gzip.compress(GOOD.encode() * 50), "a gzip file"),
        ("x.jsonl.gz", GOOD.encode(), "is text"),
        ("x.jsonl", b"\x00\x01", "binary"),
        ("x.csv", GOOD.encode(), "JSON Lines"),
        ("x.csv", b"", "header"),
        ("x.docx", b"x", r"\.jsonl, \.csv, \.parquet"),
        ("x.parquet", b"PAR1 then rubbish", "cannot be read as Parquet"),
    ],
)
def test_a_file_that_is_not_what_its_name_says(name, content, message, tmp_path):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message):
        list(read_records(tmp_path / name))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"no file .*nowhere"):
        read_records(tmp_path / "nowhere.jsonl")


def test_a_break_that_a_parser_takes_for_the_end_is_told(tmp_path, monkeypatch):
    def deaf(stream, name, limits):
        with contextlib.suppress(InputError):
            yield {"text": stream.read().decode()}
        yield {"text": "the rest"}

    monkeypatch.setattr(raw, "parser_of", lambda suffix: deaf)
    (tmp_path / "x.txt.gz").write_bytes(gzip.compress(GOOD.encode())[:-3])
    first, second = read_records(tmp_path / "x.txt.gz")
    assert first == {"text": "the rest"}
    assert (second.row, second.cause, second.source) == (2, "damaged", str(tmp_path / "x.txt.gz"))
