"""Web archives -> articles: the pages in WARC files such as those of CC-News."""

import gzip
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any, BinaryIO

from tension.errors import MissingExtraError
from tension.readers.documents import page, too_large
from tension.readers.limits import Limits
from tension.readers.markup import MarkupError
from tension.readers.streams import Bounded, StreamError
from tension.readers.tables import Record
from tension.records import Skipped

_PAGES = ("text/html", "application/xhtml+xml")
_PIECE = 64 * 1024
_GZIP = b"\x1f\x8b"


class _Source:
    """A stream as fastwarc wants one: it asks for no more than `read` and `tell`, but ends the process where it cannot tell."""

    def __init__(self, stream: Any):
        self._read = getattr(stream, "read1", stream.read)  # what stands before a break is given before the error
        self.count = 0

    def read(self, size: int = -1) -> bytes:
        data = self._read(size)
        self.count += len(data)
        return data

    def tell(self) -> int:
        return self.count


class _Counted(_Source):
    """The raw bytes of a compressed archive, put back together with those that were read to see that it is one."""

    def __init__(self, stream: BinaryIO, head: bytes):
        super().__init__(stream)
        self._head = head

    def read(self, size: int = -1) -> bytes:
        if self._head:
            data, self._head = self._head, b""
            self.count += len(data)
            return data
        return super().read(size)


class _Pieces:
    """Decompressed bytes as they come: what stands before a break is given before the error."""

    def __init__(self, file: gzip.GzipFile):
        self.read, self.close = file.read1, file.close


@dataclass(frozen=True, slots=True)
class _Cut:
    """The last record of a file that ends early."""

    address: str
    reason: str


def read_warc(stream: BinaryIO, name: str, limits: Limits) -> Iterator[Mapping[str, Any] | Skipped]:
    """Pages of a WARC file, compressed with gzip or not: its records of HTTP answers with status 200 and of type HTML or XHTML.

    Other records, which are no articles, are passed over. The id is the canonical address of the page, or else the one it was fetched
    from; the date is the one the page gives, or else that of the record, when it was fetched: news is crawled soon after it appears.
    A record longer than `limits.record` is skipped without being held.

    Raises
    ------
    StreamError
        If the stream breaks off or is a bomb.
    MissingExtraError
        If fastwarc is not installed.
    """
    try:
        from fastwarc.warc import ArchiveIterator, WarcRecordType
    except ImportError as error:
        raise MissingExtraError.of("fastwarc", "io") from error
    row = 0
    try:
        for row, record in enumerate(
            ArchiveIterator(_source(stream, limits), record_types=WarcRecordType.any_type, parse_http=False), 1
        ):
            item = _item(record, row, limits, is_answer=record.record_type == WarcRecordType.response)
            if isinstance(item, _Cut):
                yield Skipped(row, item.address, item.reason, "damaged")
                return
            if item is not None:
                yield item
    except StreamError:
        raise
    except (OSError, ValueError) as error:
        problem = "the rest of the file cannot be read" if row else "it is no web archive"
        yield Skipped(row + 1, "", f"{problem}: {error}", "damaged" if row else "unknown format")


def _source(stream: BinaryIO, limits: Limits) -> _Source:
    head = stream.read(len(_GZIP))
    raw = _Counted(stream, head)
    if head != _GZIP:
        return raw
    return _Source(Bounded(_Pieces(gzip.GzipFile(fileobj=raw, mode="rb")), lambda: raw.count, limits))


def _item(record: Any, row: int, limits: Limits, is_answer: bool) -> Record | Skipped | _Cut | None:
    """What a record gives: an article, or why not; None if it is none. It is read to its end, to see whether it has one."""
    address = (record.headers.get("WARC-Target-URI") or "").strip("<>")
    if not (record.headers.get("Content-Length") or "").strip().isdigit():
        return _Cut(address, f"record {row} has no length; the file ends early or is damaged there")
    try:
        record.parse_http(auto_decode="none")
    except StreamError:
        raise
    except OSError as error:
        return Skipped(row, address, f"the HTTP header of record {row} cannot be read: {error}", "damaged")
    is_page, length = is_answer and _is_page(record), record.content_length
    data, missing = _body(record.reader, length, keep=is_page and length <= limits.record)
    if missing:
        return _Cut(address, f"the file ends early, {missing} bytes before the end of record {row}")
    if not is_page:
        return None
    if length > limits.record:
        return too_large(limits, address, row)
    try:
        return Record(row, _article(record, data, address, limits))
    except MarkupError as error:
        return Skipped(row, address, str(error), error.cause)


def _is_page(record: Any) -> bool:
    headers = record.http_headers
    return headers is not None and headers.status_code == 200 and (record.http_content_type or "").lower() in _PAGES


def _body(reader: Any, length: int, keep: bool) -> tuple[bytes, int]:
    """The rest of a record, if it is to be kept, and how many bytes of it are missing."""
    pieces, missing = [], length
    while missing > 0 and (piece := reader.read(min(missing, _PIECE))):
        missing -= len(piece)
        if keep:
            pieces.append(piece)
    return b"".join(pieces), missing


def _article(record: Any, data: bytes, address: str, limits: Limits) -> dict[str, Any]:
    if truncated := record.headers.get("WARC-Truncated"):
        raise MarkupError(f"the crawler did not fetch all of the page (WARC-Truncated: {truncated})")
    headers = record.http_headers
    if "chunked" in (headers.get("Transfer-Encoding") or "").lower():
        data = _joined(data)
    data = _unpacked(data, (headers.get("Content-Encoding") or "").strip().lower(), limits.record)
    found = page(data, record.http_charset or "", address)
    fetched = record.headers.get("WARC-Date")
    return {"id": address} | ({"date": fetched} if fetched else {}) | found


def _joined(data: bytes) -> bytes:
    """A chunked body in one piece; one that is not chunked after all, as crawlers leave it, as it stands."""
    pieces, start = [], 0
    while True:
        end = data.find(b"\r\n", start, start + 100)
        try:
            size = int(data[start:end].split(b";")[0], 16) if end >= 0 else -1
        except ValueError:
            size = -1
        if size < 0 or end + 2 + size > len(data):
            if pieces:
                raise MarkupError("the chunks of the page are damaged")
            return data
        if size == 0:
            return b"".join(pieces)
        pieces.append(data[end + 2 : end + 2 + size])
        start = end + 2 + size + 2


def _unpacked(data: bytes, encoding: str, most: int) -> bytes:
    """A body without its content encoding, up to `most` bytes; one that crawlers left unpacked as it stands."""
    try:
        if encoding in ("gzip", "x-gzip") and data.startswith(_GZIP):
            found = _inflated(data, zlib.MAX_WBITS | 16, most)
        elif encoding == "deflate":
            found = _inflated(data, zlib.MAX_WBITS if data[:1] == b"\x78" else -zlib.MAX_WBITS, most)
        elif encoding == "br":
            found = _unbrotlied(data, most)
        elif encoding in ("", "identity", "gzip", "x-gzip", "none", "utf-8"):
            return data
        else:
            raise MarkupError(f"the content encoding {encoding} is not known", "unknown format")
    except (zlib.error, EOFError, OSError, ValueError) as error:
        if isinstance(error, MarkupError):
            raise
        raise MarkupError(f"the page cannot be unpacked from {encoding}: {error}") from error
    if len(found) > most:
        raise MarkupError(f"the page unpacks from {encoding} to more than {most} bytes", "too large")
    return found


def _inflated(data: bytes, window: int, most: int) -> bytes:
    packed = zlib.decompressobj(window)
    found = packed.decompress(data, most + 1)
    if not packed.eof and len(found) <= most:
        raise EOFError("it ends early")
    return found


def _unbrotlied(data: bytes, most: int) -> bytes:
    from fastwarc.stream_io import BrotliReader

    reader, pieces, size = BrotliReader(BytesIO(data)), [], 0
    while size <= most and (piece := reader.read(min(_PIECE, most + 1 - size))):
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces)
