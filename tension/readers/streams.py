"""Bytes of a file that may be compressed, hostile or cut short: counted, bounded, and loud where they break off."""

import gzip
import io
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from tension.errors import InputError, MissingExtraError
from tension.readers.limits import Limits
from tension.records import Cause

_BITE = 128  # bytes of zstd at a time, so that a bomb opens by at most 4 MiB before its ratio is looked at
_DAMAGE = (EOFError, OSError, ValueError, zlib.error, zipfile.BadZipFile, NotImplementedError)


class StreamError(InputError):
    """A stream cannot be read on; the reader makes a `Skipped` of it, with this cause."""

    def __init__(self, reason: str, cause: Cause = "damaged"):
        super().__init__(reason)
        self.cause: Cause = cause


class CountedFile(io.RawIOBase):
    """A file opened for reading that knows how many of its bytes were read; reading them again counts again."""

    def __init__(self, file: Path | BinaryIO):
        self._owned = isinstance(file, Path)
        self._file: Any = file.open("rb", buffering=0) if isinstance(file, Path) else file
        self._read = getattr(self._file, "read1", self._file.read)  # standard input gives what has come so far
        self.count = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._file.seekable()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._read(len(buffer)) or b""
        except OSError as error:
            raise StreamError(f"the file cannot be read on: {error}") from error
        self.count += len(data)
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if self._owned:
            self._file.close()
        super().close()


class Bounded(io.RawIOBase):
    """What a compressed stream gives, up to `limits.ratio` bytes for each of its own once it gave more than one record's worth.

    `used` tells how many compressed bytes were read so far.
    """

    def __init__(self, inner: Any, used: Callable[[], int], limits: Limits):
        self._inner, self._used, self._limits = inner, used, limits
        self._read = getattr(inner, "read1", inner.read)  # `read` loses what comes before a break
        self._start, self._given = used(), 0
        self.error: StreamError | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self.error is None:
            try:
                data = self._read(len(buffer))
                self._check(len(data))
            except StreamError as error:
                self.error = error
            except _DAMAGE as error:
                self.error = StreamError(str(error) or type(error).__name__)
        if self.error is not None:
            raise self.error
        buffer[: len(data)] = data
        return len(data)

    def _check(self, more: int) -> None:
        self._given += more
        spent = self._used() - self._start + io.DEFAULT_BUFFER_SIZE  # so much may have been read ahead before the start
        if self._given > self._limits.record and self._given > self._limits.ratio * spent:
            raise StreamError(
                f"it gives {self._given} bytes for the first {spent} of its own, more than {self._limits.ratio} for each; text does not "
                "pack so well, a bomb does",
                "too large",
            )

    def close(self) -> None:
        self._inner.close()
        super().close()


class _Zstandard:
    """Zstandard frames one after another. The package's own stream reader takes a frame that was cut for a whole one."""

    def __init__(self, source: BinaryIO):
        try:
            import zstandard
        except ImportError as error:
            raise MissingExtraError.of("zstandard", "io") from error
        self._source, self._package = source, zstandard
        self._frame: Any = None
        self._input, self._output = b"", io.BytesIO()

    def read(self, size: int) -> bytes:
        while not (data := self._output.read(size)):
            bite = self._input or self._source.read(_BITE)
            if not bite and self._frame is not None:
                raise EOFError("the compressed data end before their last frame does")
            if not bite:
                break
            self._output = io.BytesIO(self._decompressed(bite))
        return data

    def _decompressed(self, bite: bytes) -> bytes:
        if self._frame is None:
            self._frame = self._package.ZstdDecompressor().decompressobj()
        try:
            data = self._frame.decompress(bite)
        except self._package.ZstdError as error:
            raise OSError(str(error)) from error
        self._input = self._frame.unused_data if self._frame.eof else b""
        if self._frame.eof:
            self._frame = None
        return data

    def close(self) -> None:
        self._source.close()


def decompressed(stream: BinaryIO, packing: str, used: Callable[[], int], limits: Limits) -> io.BufferedReader:
    """The content of a .gz or .zst stream."""
    inner = _Zstandard(stream) if packing == ".zst" else gzip.GzipFile(fileobj=stream, mode="rb")
    return io.BufferedReader(Bounded(inner, used, limits))
