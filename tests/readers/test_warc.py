"""Web archives: which records are articles, and archives that are cut, damaged or bombs. The bytes are written by hand."""

import gzip
import io
import os
import sys
import time
import tracemalloc
import zlib

import pytest

from tension.readers.limits import DEFAULT, Limits
from tension.readers.streams import StreamError
from tension.readers.warc import read_warc
from tension.records import Skipped

BODY = "".join(
    f"<p>On day {n} the ministers of Norway and Kenya met in Oslo and spoke about fisheries.</p>" for n in range(6)
)
PAGE = f'<html lang="en"><head><title>Norway meets Kenya</title></head><body><article>{BODY}</article></body></html>'.encode()
HTML = b"Content-Type: text/html; charset=utf-8\r\n"
FETCHED = "2019-01-24T10:00:00Z"


def record(
    body: bytes = PAGE,
    headers: bytes = HTML,
    kind: str = "response",
    status: str = "200 OK",
    more: str = "",
    number: int = 1,
) -> bytes:
    http = f"HTTP/1.1 {status}\r\n".encode() + headers + b"\r\n" + body
    warc = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Date: {FETCHED}\r\nWARC-Record-ID: <urn:uuid:{number}>\r\n{more}"
        f"WARC-Target-URI: http://post.example/{number}\r\nContent-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(http)}\r\n\r\n"
    )
    return warc.encode() + http + b"\r\n\r\n"


class Pipe(io.RawIOBase):
    """A stream that cannot be sought and gives little at a time."""

    def __init__(self, data: bytes):
        self._data = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        return self._data.readinto(memoryview(buffer)[:5000])


def of(data: bytes, limits: Limits = DEFAULT) -> list:
    return list(read_warc(io.BufferedReader(Pipe(data)), "a.warc", limits))


def until_it_breaks(data: bytes, limits: Limits = DEFAULT) -> tuple[list, StreamError]:
    items: list = []
    records = read_warc(io.BufferedReader(Pipe(data)), "a.warc.gz", limits)
    with pytest.raises(StreamError) as caught:
        items.extend(records)
    return items, caught.value


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_pages_of_an_archive(pack):
    first, second = of(pack(record(kind="warcinfo")) + pack(record()) + pack(record(number=2)))
    assert first["text"].count("fisheries") == 6
    assert {key: value for key, value in first.items() if key != "text"} == {
        "id": "http://post.example/1",
        "date": FETCHED,
        "title": "Norway meets Kenya",
        "publisher": "post.example",
        "language": "en",
    }
    assert (second["id"], first.row, second.row) == ("http://post.example/2", 2, 3)


def test_what_the_page_says_counts_before_what_the_crawler_says():
    head = b'<head><link rel="canonical" href="/pact"><meta property="article:published_time" content="2019-01-23T23:30:00-05:00">'
    (item,) = of(record(PAGE.replace(b"<head>", head)))
    assert (item["id"], item["date"]) == ("http://post.example/pact", "2019-01-23T23:30:00-05:00")


def test_records_that_are_no_articles_are_passed_over():
    others = [
        record(kind="request"),
        record(kind="resource"),
        record(kind="metadata"),
        record(status="404 Not Found"),
        record(status="301 Moved Permanently"),
        record(b"\x89PNG", b"Content-Type: image/png\r\n"),
        record(headers=b""),
    ]
    (item,) = of(b"".join(others) + record(headers=b"Content-Type: application/xhtml+xml\r\n", number=9))
    assert (item["id"], item.row) == ("http://post.example/9", 8)


def test_the_charset_of_the_http_header_counts():
    page = PAGE.decode().replace("Oslo", "Москве").encode("cp1251")
    (item,) = of(record(page, b"Content-Type: text/html; charset=windows-1251\r\n"))
    assert "Москве" in item["text"]


@pytest.mark.parametrize("keep", [10, 150, 200, 202, 300, 500])
def test_a_plain_archive_that_is_cut(keep):
    first, last = of(record() + record(number=2)[:keep])
    assert first["id"] == "http://post.example/1"
    assert last == Skipped(2, last.id, last.reason, "damaged")
    assert "ends early" in last.reason


def test_a_cut_is_seen_in_records_that_are_no_articles_too():
    assert [item.cause for item in of(record(kind="request")[:-200])] == ["damaged"]


@pytest.mark.parametrize("keep", [20, 1000, -100])
def test_a_compressed_archive_that_is_cut(keep):
    noise = record(PAGE + b"<!--" + os.urandom(4000).hex().encode() + b"-->", number=2)
    items, error = until_it_breaks(gzip.compress(record()) + gzip.compress(noise)[:keep])
    assert [item["id"] for item in items] == ["http://post.example/1"]
    assert error.cause == "damaged"


def test_what_stands_before_a_break_of_the_stream_is_read():
    class Breaking(Pipe):
        def readinto(self, buffer) -> int:
            size = super().readinto(buffer)
            if not size:
                raise StreamError("the file cannot be read on")
            return size

    items: list = []
    stream = io.BufferedReader(Breaking(record() + record(number=2)[:300]))
    with pytest.raises(StreamError, match="cannot be read on"):
        items.extend(read_warc(stream, "a.warc", DEFAULT))
    assert [item["id"] for item in items] == ["http://post.example/1"]


def test_damage_in_the_middle():
    first, last = of(record() + b"garbage garbage\r\n\r\n" + record())
    assert (first.row, last.row, last.cause) == (1, 2, "damaged")
    (item,) = of(record().replace(b"Content-Length: ", b"Content-Longth: "))
    assert item.cause == "damaged"


def test_what_is_no_archive():
    assert [item.cause for item in of(b"Norway waits. " * 50)] == ["unknown format"]
    assert of(b"") == []


def test_a_page_without_an_article_is_skipped_and_the_rest_goes_on():
    skipped, item = of(record(b"<html><body><nav>x</nav></body></html>") + record(number=2))
    assert (skipped.row, skipped.id, skipped.cause) == (1, "http://post.example/1", "no text")
    assert item["id"] == "http://post.example/2"


def test_an_overlong_http_header_is_skipped():
    skipped, item = of(record(headers=HTML + b"X: " + b"y" * 100_000 + b"\r\n") + record(number=2))
    assert (skipped.cause, item.row) == ("damaged", 2)


def test_a_page_that_was_not_fetched_whole_is_skipped():
    (item,) = of(record(more="WARC-Truncated: length\r\n"))
    assert item.cause == "damaged"
    assert "WARC-Truncated: length" in item.reason


def test_a_record_that_is_too_large_is_not_held():
    data = record(PAGE + b" " * 30_000_000) + record(number=2)
    stream = io.BufferedReader(io.BytesIO(data))
    tracemalloc.start()
    skipped, item = read_warc(stream, "a.warc", Limits(record=1_000_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (skipped.cause, skipped.id, item["id"]) == ("too large", "http://post.example/1", "http://post.example/2")
    assert peak < 15_000_000


def brotli(data: bytes) -> bytes:
    from fastwarc.stream_io import BrotliWriter

    class Kept(io.BytesIO):
        def close(self) -> None:
            pass

    packed = Kept()
    writer = BrotliWriter(packed)
    writer.write(data)
    writer.close()
    return packed.getvalue()


PACKINGS = {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli}


@pytest.mark.parametrize("encoding", PACKINGS)
def test_content_encodings(encoding):
    headers = HTML + f"Content-Encoding: {encoding}\r\n".encode()
    packed = PACKINGS[encoding](PAGE)
    good, cut, bomb, last = of(
        record(packed, headers)
        + record(packed[: len(packed) // 2], headers)
        + record(PACKINGS[encoding](b"a" * 20_000_000), headers)
        + record(number=4),
        Limits(record=1_000_000),
    )
    assert good["text"].count("fisheries") == 6
    assert cut.cause == "damaged"
    assert bomb.cause == "too large"
    assert last["id"] == "http://post.example/4"


def test_encodings_that_the_crawler_undid_or_that_nobody_knows():
    plain, unknown = of(
        record(headers=HTML + b"Content-Encoding: gzip\r\n") + record(headers=HTML + b"Content-Encoding: xz\r\n")
    )
    assert plain["text"].count("fisheries") == 6
    assert unknown.cause == "unknown format"


def test_chunked_bodies():
    headers = HTML + b"Transfer-Encoding: chunked\r\n"
    chunks = b"%x;a=b\r\n%s\r\n%x\r\n%s\r\n" % (100, PAGE[:100], len(PAGE) - 100, PAGE[100:])
    whole, undone, cut = of(record(chunks + b"0\r\n\r\n", headers) + record(PAGE, headers) + record(chunks, headers))
    assert whole["text"] == undone["text"]
    assert isinstance(cut, Skipped)
    assert cut.cause == "damaged"


@pytest.mark.parametrize("kind", ["response", "metadata"])
def test_a_compressed_bomb_ends_the_file(kind):
    begun = time.perf_counter()
    data = gzip.compress(record(b"a" * 50_000_000, kind=kind))
    items, error = until_it_breaks(gzip.compress(record()) + data, Limits(record=1_000_000))
    assert len(items) == 1
    assert error.cause == "too large"
    assert time.perf_counter() - begun < 5


def test_fastwarc_is_asked_for_by_name(monkeypatch):
    monkeypatch.setitem(sys.modules, "fastwarc.warc", None)
    with pytest.raises(ImportError, match=r"this needs fastwarc: pip install 'tension\[io\]'"):
        of(record())
