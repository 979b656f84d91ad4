"""Parquet -> records, a few rows in memory at a time."""

import io
import tempfile
from collections.abc import Iterator
from typing import Any, BinaryIO

from tension.errors import InputError, MissingExtraError
from tension.readers.limits import Limits
from tension.readers.streams import StreamError
from tension.readers.tables import Record
from tension.records import Skipped

_ROWS = 64
_CHUNK = 1 << 20
_ON_DISK = 64  # a packed Parquet file is unpacked to disk, up to so many records' worth


def read_parquet(stream: BinaryIO, name: str, limits: Limits) -> Iterator[Record | Skipped]:
    """Rows of a Parquet file, numbered from 1; one that comes out of a packing is first written to a temporary file.

    Raises
    ------
    InputError
        If the file cannot be read as Parquet.
    """
    if stream.seekable():
        yield from _rows(stream, name, limits)
        return
    with tempfile.SpooledTemporaryFile(max_size=limits.record) as spool:
        size = 0
        while data := stream.read(_CHUNK):
            size += len(data)
            if size > _ON_DISK * limits.record:
                raise StreamError(
                    f"unpacked it is larger than {_ON_DISK * limits.record} bytes; unpack it first", "too large"
                )
            spool.write(data)
        spool.seek(0)
        yield from _rows(spool, name, limits)


def open_parquet(source: Any, name: str) -> Any:
    """A `pyarrow.parquet.ParquetFile` that reads its columns piece by piece."""
    pyarrow, parquet = pyarrow_packages()
    try:
        return parquet.ParquetFile(source, pre_buffer=False, buffer_size=_CHUNK)
    except (OSError, ValueError, pyarrow.ArrowException) as error:
        raise InputError(f"{name} cannot be read as Parquet: {error}") from error


def pyarrow_packages() -> tuple[Any, Any]:
    """`pyarrow` and `pyarrow.parquet`."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise MissingExtraError.of("pyarrow", "io") from error
    return pyarrow, parquet


def _rows(source: Any, name: str, limits: Limits) -> Iterator[Record | Skipped]:
    pyarrow, _ = pyarrow_packages()
    size = source.seek(0, io.SEEK_END)
    source.seek(0)
    file, given, row = open_parquet(source, name), 0, 0
    _check_said(file, size, limits)
    batches = file.iter_batches(batch_size=_ROWS, use_threads=False)
    while True:
        try:
            batch = next(batches, None)
        except (OSError, ValueError, pyarrow.ArrowException) as error:
            raise StreamError(str(error)) from error
        if batch is None:
            return
        given += batch.nbytes
        if given > limits.record and given > limits.ratio * size:
            raise StreamError(f"its rows give {given} bytes, more than {limits.ratio} for each of its own", "too large")
        for record in _records(batch, row, limits):
            row += 1
            yield record


def _check_said(file: Any, size: int, limits: Limits) -> None:
    """Refuse a file that says of itself that it is a bomb.

    Its row groups are asked and not their columns, for which pyarrow ends the process where what is said of them is damaged.
    """
    said = sum(file.metadata.row_group(i).total_byte_size for i in range(file.metadata.num_row_groups))
    if said > limits.record and said > limits.ratio * size:
        raise StreamError(f"its rows give {said} bytes, more than {limits.ratio} for each of its own", "too large")


def _records(batch: Any, before: int, limits: Limits) -> Iterator[Record | Skipped]:
    """Rows of a batch; a value that Python cannot hold, or one too large, costs its row alone."""
    for number in range(before + 1, before + 1 + batch.num_rows):
        one = batch.slice(number - before - 1, 1)
        if one.nbytes > limits.record:
            yield Skipped(number, "", f"row {number} is larger than {limits.record} bytes", "too large")
            continue
        try:
            (values,) = one.to_pylist()
        except (ValueError, ArithmeticError, NotImplementedError) as error:
            yield Skipped(number, "", f"row {number} cannot be read: {error}")
            continue
        yield Record(number, values)
