"""JSON Lines, JSON, CSV and TSV -> records with the number of their line, one in memory at a time."""

import csv
import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from tension.errors import InputError
from tension.readers.limits import Limits
from tension.readers.streams import StreamError
from tension.records import Skipped

_CHUNK = 65536
_WHOLE = 4  # a .json file is held whole, up to so many records' worth
_AFTER_RETURN = re.compile(r"(?<=\r)(?!\n|$)")
_BOM = b"\xef\xbb\xbf"
_NOT_JSON = (ValueError, RecursionError)


class Record(dict):
    """A record that knows its row: its line, or its number where there are no lines."""

    __slots__ = ("row",)

    def __init__(self, row: int, values: Any):
        super().__init__(values)
        self.row = row


def read_jsonl(stream: BinaryIO, name: str, limits: Limits) -> Iterator[Record | Skipped]:
    """Objects of a JSON Lines file; a line longer than `limits.record` is passed over without holding it."""
    number = 0
    while line := stream.readline(limits.record + 1):
        number += 1
        if len(line) > limits.record:
            yield Skipped(number, "", f"line {number} is longer than {limits.record} bytes", "too large")
            while not line.endswith(b"\n") and line:
                line = stream.readline(_CHUNK)
        elif line.strip():
            yield _object(number, line)


def _object(number: int, line: bytes) -> Record | Skipped:
    try:
        value = json.loads(line)
    except _NOT_JSON as error:
        return Skipped(number, "", f"line {number} is not JSON: {error}")
    if not isinstance(value, dict):
        return Skipped(number, "", f"line {number} is a JSON {type(value).__name__}, not an object")
    return Record(number, value)


def read_json(stream: BinaryIO, name: str, limits: Limits) -> Iterator[Record | Skipped]:
    """The objects of a JSON array, or one object; the file is held whole.

    Raises
    ------
    InputError
        If the file is not JSON.
    """
    data = stream.read(_WHOLE * limits.record + 1)
    if len(data) > _WHOLE * limits.record:
        reason = f"a .json file is held whole, and this one is longer than {_WHOLE * limits.record} bytes; make it JSON Lines (.jsonl)"
        yield Skipped(1, "", reason, "too large")
        return
    try:
        value = json.loads(data)
    except _NOT_JSON as error:
        raise InputError(f"{name} is not one JSON value: {error}; is it JSON Lines? then name it .jsonl") from error
    del data
    for number, item in enumerate(value if isinstance(value, list) else [value], start=1):
        if isinstance(item, dict):
            yield Record(number, item)
        else:
            yield Skipped(number, "", f"item {number} is a JSON {type(item).__name__}, not an object")


def read_csv(stream: BinaryIO, name: str, limits: Limits) -> Iterator[Record | Skipped]:
    """Rows of a CSV file with a header line."""
    return _rows(stream, name, limits, ",")


def read_tsv(stream: BinaryIO, name: str, limits: Limits) -> Iterator[Record | Skipped]:
    """Rows of a file of tab-separated values with a header line, quoted as CSV is."""
    return _rows(stream, name, limits, "\t")


def header_of(stream: BinaryIO, name: str, limits: Limits, delimiter: str = ",") -> list[str]:
    """Column names of a CSV file."""
    return _header(csv.reader(_Lines(stream, limits), delimiter=delimiter, strict=True), name)


class _Lines:
    """Lines of a CSV file as text. It knows how many bytes the row took so far and whether they were UTF-8."""

    def __init__(self, stream: BinaryIO, limits: Limits):
        self._stream, self._limit = stream, limits.record
        self.new_row()

    def new_row(self) -> None:
        self.held, self.utf8 = 0, True

    def __iter__(self) -> Iterator[str]:
        first = True
        while line := self._stream.readline(self._limit + 1):
            self.held += len(line)
            if self.held > self._limit:
                raise StreamError(
                    f"a row is longer than {self._limit} bytes; it and the rest of the file are left out", "too large"
                )
            text = self._decoded(line.removeprefix(_BOM) if first else line)
            first = False
            yield from _AFTER_RETURN.split(text) if "\r" in text else (text,)

    def _decoded(self, line: bytes) -> str:
        try:
            return line.decode("utf-8")
        except UnicodeDecodeError:
            self.utf8 = False
            return line.decode("utf-8", "replace")


def _header(reader: Any, name: str) -> list[str]:
    try:
        header = next(reader, None)
    except csv.Error as error:
        raise InputError(f"the header line of {name} cannot be read as CSV: {error}") from error
    if not header or header[0].lstrip().startswith(("{", "[")):
        raise InputError(f"{name} has no CSV header line; is it JSON Lines? then name it .jsonl")
    if twice := sorted({column for column in header if column and header.count(column) > 1}):
        raise InputError(f"{name} has more than one column {twice[0]!r}; rename the others")
    return header


def _rows(stream: BinaryIO, name: str, limits: Limits, delimiter: str) -> Iterator[Record | Skipped]:
    csv.field_size_limit(limits.record)
    lines = _Lines(stream, limits)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    header = _header(reader, name)
    while True:
        number = reader.line_num + 1
        lines.new_row()
        try:
            row = next(reader, None)
        except csv.Error as error:
            reason = (
                f"from line {number} on the file cannot be read as CSV: {error}; that row and the rest are left out"
            )
            yield Skipped(number, "", reason)
            return
        if row is None:
            return
        if row:
            yield _record(number, row, header, lines.utf8)


def _record(number: int, row: list[str], header: list[str], utf8: bool) -> Record | Skipped:
    if len(row) != len(header):
        return Skipped(number, "", f"line {number} has {len(row)} fields, the header has {len(header)}")
    if not utf8:
        return Skipped(number, "", f"line {number} is not UTF-8")
    return Record(number, zip(header, row, strict=True))
