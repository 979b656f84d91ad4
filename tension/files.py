"""Frames in and out: JSONL, CSV and Parquet files of one table, written piece by piece."""

from pathlib import Path

import pandas as pd

from tension.errors import InputError
from tension.outputs import check_writable
from tension.readers.parquet import pyarrow_packages
from tension.readers.raw import header_of, read_records
from tension.records import Skipped, as_events, events_frame

FORMATS = (".jsonl", ".csv", ".parquet")


def read_frame(path: Path) -> pd.DataFrame:
    """A whole file as a frame; lines that cannot be read raise."""
    if path.suffix == ".parquet":
        read_records(path)
        try:
            return pyarrow_packages()[1].read_table(path).to_pandas()
        except (OSError, ValueError) as error:
            raise InputError(f"{path} cannot be read as Parquet: {error}") from error
    rows = []
    for record in read_records(path):
        if isinstance(record, Skipped):
            raise InputError(f"{path}: {record.reason}")
        rows.append(record)
    return pd.DataFrame(rows) if rows else pd.DataFrame(columns=header_of(path))


def read_events(path: Path) -> pd.DataFrame:
    """An events file, as `tension score` writes it, as an events frame."""
    frame = read_frame(path)
    return as_events(frame) if len(frame.columns) else events_frame({})


def _suffix(path: Path) -> str:
    if path.suffix not in FORMATS:
        raise InputError(f"{path} has the suffix {path.suffix or '(none)'}; known are {', '.join(FORMATS)}")
    return path.suffix


class FrameWriter:
    """Writes frames of the same columns to one file, piece by piece; the file appears under its name when all is written.

    Use as a context manager. On an error what was written so far stays beside it as `<name>.part`. Through a link the file it names is
    written. With `defuse` a .csv has an apostrophe before every text that a spreadsheet would run as a formula.
    """

    def __init__(self, path: Path, defuse: bool = False):
        self._suffix, self._path, self._defuse = _suffix(path), path.resolve(), defuse
        check_writable(self._path)
        self._part = self._path.with_name(self._path.name + ".part")
        self._pieces = 0
        self._parquet = None
        self._text = None

    def __enter__(self) -> "FrameWriter":
        if self._suffix != ".parquet":
            self._text = self._part.open("w", encoding="utf-8", newline="")
        else:
            pyarrow_packages()
        return self

    def write(self, frame: pd.DataFrame) -> None:
        if self._suffix == ".parquet":
            self._write_parquet(frame)
        elif self._suffix == ".csv":
            (_defused(frame) if self._defuse else frame).to_csv(
                self._text, index=False, header=not self._pieces, date_format="%Y-%m-%dT%H:%M:%S"
            )
        else:
            frame.to_json(self._text, orient="records", lines=True, date_format="iso", force_ascii=False)
        self._pieces += 1

    def _write_parquet(self, frame: pd.DataFrame) -> None:
        import pyarrow

        table = pyarrow.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata()
        if self._parquet is None:
            self._parquet = pyarrow_packages()[1].ParquetWriter(self._part, table.schema)
        self._parquet.write_table(table)

    def __exit__(self, kind: type | None, *_: object) -> None:
        for file in (self._text, self._parquet):
            if file is not None:
                file.close()
        if kind is None and self._part.exists():
            self._part.replace(self._path)


def write_frame(frame: pd.DataFrame, path: Path, defuse: bool = False) -> None:
    """Write one frame, its index left out."""
    with FrameWriter(path, defuse) as writer:
        writer.write(frame)


def _defused(frame: pd.DataFrame) -> pd.DataFrame:
    texts = frame.select_dtypes(["str", "object"])
    return frame.assign(
        **{name: column.str.replace(r"^(?=[=+\-@\t\r\n＝＋－＠])", "'", regex=True) for name, column in texts.items()}
    )
