"""Tables in and out: JSONL, CSV and Parquet files of records, read and written piece by piece.

JSONL and CSV may be compressed with gzip when read (`.jsonl.gz`, `.csv.gz`).
"""

import csv
import gzip
import io
import json
import sys
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from tension.errors import InputError, MissingExtraError, OptionError
from tension.records import Skipped

FORMATS = (".jsonl", ".csv", ".parquet")
_MAGIC = {b"PAR1": "a Parquet file", b"\x1f\x8b": "a gzip file"}
_LONGEST_LINE = 64 * 1024 * 1024
csv.field_size_limit(min(sys.maxsize, 2**31 - 1))


def read_records(path: Path) -> Iterator[dict[str, Any] | Skipped]:
    """Records of a file, one at a time; a line that cannot be read is a `Skipped` with its number.

    Raises
    ------
    InputError
        If the file is missing, has another suffix than .jsonl, .csv (either also with .gz), .parquet, or is not what its name says.
    """
    if not path.is_file():
        raise InputError(f"there is no file {path}")
    compressed = path.suffix == ".gz"
    suffix = _suffix(path.with_suffix("") if compressed else path)
    with path.open("rb") as file:
        head = file.read(4096)
    said = "a gzip file" if compressed else "a Parquet file" if suffix == ".parquet" else "text"
    found = next(
        (what for magic, what in _MAGIC.items() if head.startswith(magic)), "text" if b"\0" not in head else "binary"
    )
    if head and found != said:
        raise InputError(f"{path} is {found}, and its name says {said}; rename it or convert it")
    return {".jsonl": _jsonl, ".csv": _csv, ".parquet": _parquet}[suffix](path)


def _open(path: Path) -> io.BufferedIOBase:
    return gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb")


def _suffix(path: Path) -> str:
    if path.suffix not in FORMATS:
        raise InputError(f"{path} has the suffix {path.suffix or '(none)'}; known are {', '.join(FORMATS)}")
    return path.suffix


def _lines(path: Path) -> Iterator[tuple[int, bytes] | Skipped]:
    """Numbered lines of a file; a compressed one that ends early ends in a `Skipped`."""
    with _open(path) as file:
        number = 0
        try:
            while line := file.readline(_LONGEST_LINE):
                number += 1
                yield number, line
        except (EOFError, OSError, zlib.error) as error:
            yield Skipped(number + 1, "", f"the file ends early or is damaged after line {number}: {error}")


def _jsonl(path: Path) -> Iterator[dict[str, Any] | Skipped]:
    for item in _lines(path):
        if isinstance(item, Skipped):
            yield item
            continue
        number, line = item
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
            yield Skipped(number, "", f"line {number} is not JSON: {error}")
            continue
        yield (
            record
            if isinstance(record, dict)
            else Skipped(number, "", f"line {number} is a JSON {type(record).__name__}, not an object")
        )


def _csv(path: Path) -> Iterator[dict[str, Any] | Skipped]:
    with _open(path) as file, io.TextIOWrapper(file, encoding="utf-8-sig", newline="", errors="replace") as lines:
        reader = csv.reader(lines, strict=True)
        header = next(reader, None)
        if not header or header[0].lstrip().startswith(("{", "[")):
            raise InputError(f"{path} has no CSV header line; is it JSON Lines? then name it .jsonl")
        try:
            for row in reader:
                if len(row) != len(header):
                    yield Skipped(
                        reader.line_num,
                        "",
                        f"line {reader.line_num} has {len(row)} fields, the header has {len(header)}",
                    )
                elif any("\ufffd" in value for value in row):
                    yield Skipped(reader.line_num, "", f"line {reader.line_num} is not UTF-8")
                else:
                    yield dict(zip(header, row, strict=True))
        except (csv.Error, EOFError, OSError, zlib.error) as error:
            yield Skipped(
                reader.line_num, "", f"the rest of the file, to line {reader.line_num}, cannot be read as CSV: {error}"
            )


def _parquet(path: Path) -> Iterator[dict[str, Any]]:
    parquet = _pyarrow_parquet()
    try:
        file = parquet.ParquetFile(path)
        for batch in file.iter_batches(batch_size=2000):
            yield from batch.to_pylist()
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read as Parquet: {error}") from error


def _pyarrow_parquet() -> Any:
    try:
        from pyarrow import parquet
    except ImportError as error:
        raise MissingExtraError.of("pyarrow", "io") from error
    return parquet


def read_frame(path: Path) -> pd.DataFrame:
    """A whole file as a frame; lines that cannot be read raise."""
    if path.suffix == ".parquet":
        read_records(path)
        try:
            return _pyarrow_parquet().read_table(path).to_pandas()
        except (OSError, ValueError) as error:
            raise InputError(f"{path} cannot be read as Parquet: {error}") from error
    rows = []
    for record in read_records(path):
        if isinstance(record, Skipped):
            raise InputError(f"{path}: {record.reason}")
        rows.append(record)
    return pd.DataFrame(rows) if rows else pd.DataFrame(columns=_header_of(path))


def _header_of(path: Path) -> list[str]:
    """Column names of a CSV without rows; none for JSON Lines."""
    if ".csv" not in path.suffixes:
        return []
    with _open(path) as file, io.TextIOWrapper(file, encoding="utf-8-sig", newline="") as lines:
        return next(csv.reader(lines), [])


class FrameWriter:
    """Writes frames of the same columns to one file, piece by piece; the file appears under its name when all is written.

    Use as a context manager. On an error what was written so far stays beside it as `<name>.part`.
    """

    def __init__(self, path: Path):
        self._suffix, self._path = _suffix(path), path
        if not path.parent.is_dir():
            raise InputError(f"there is no folder {path.parent}")
        self._part = path.with_name(path.name + ".part")
        self._pieces = 0
        self._parquet = None
        self._text = None

    def __enter__(self) -> "FrameWriter":
        if self._suffix != ".parquet":
            self._text = self._part.open("w", encoding="utf-8", newline="")
        else:
            _pyarrow_parquet()
        return self

    def write(self, frame: pd.DataFrame) -> None:
        if self._suffix == ".parquet":
            self._write_parquet(frame)
        elif self._suffix == ".csv":
            frame.to_csv(self._text, index=False, header=not self._pieces, date_format="%Y-%m-%dT%H:%M:%S")
        else:
            frame.to_json(self._text, orient="records", lines=True, date_format="iso", force_ascii=False)
        self._pieces += 1

    def _write_parquet(self, frame: pd.DataFrame) -> None:
        import pyarrow

        table = pyarrow.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata()
        if self._parquet is None:
            self._parquet = _pyarrow_parquet().ParquetWriter(self._part, table.schema)
        self._parquet.write_table(table)

    def __exit__(self, kind: type | None, *_: object) -> None:
        for file in (self._text, self._parquet):
            if file is not None:
                file.close()
        if kind is None and self._part.exists():
            self._part.replace(self._path)


def write_frame(frame: pd.DataFrame, path: Path) -> None:
    """Write one frame, its index left out."""
    with FrameWriter(path) as writer:
        writer.write(frame)


def check_rejects(path: Path | None) -> None:
    """Raise before any work where rejects could not be written."""
    if path and path.suffix != ".jsonl":
        raise OptionError(f"rejects are JSON Lines: name the file .jsonl, not {path.name}")
    if path and not path.parent.is_dir():
        raise InputError(f"there is no folder {path.parent}")


def write_rejects(skipped: Iterable[Skipped], path: Path) -> None:
    """Write the records that were not scored, with their row and reason, as JSON Lines."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(
            json.dumps({"row": s.row, "id": s.id, "reason": s.reason}, ensure_ascii=False) + "\n" for s in skipped
        )
