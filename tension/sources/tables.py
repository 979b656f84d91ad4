"""Event files, zipped, gzipped or plain -> blocks of rows as text, whose shape was checked before they are read.

A row with too few or too many fields is left out and counted, so that no value slips into the column beside its own.
"""

import csv
import gzip
import io
import os
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path as FilePath
from typing import BinaryIO

import pandas as pd

from tension.errors import InputError
from tension.sources.layout import Layout, plain
from tension.sources.lines import Shape, blocks_of, shape_of

Path = str | os.PathLike[str]
_BLOCK = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Block:
    """Some rows of a file, one column of text per field of the layout; `bad` rows had the wrong number of fields."""

    file: str
    names: tuple[str, ...]
    rows: pd.DataFrame
    bad: int


@dataclass(frozen=True, slots=True)
class _Table:
    """How a table is written: its columns, where each field of the layout stands among them, and what separates them."""

    file: str
    names: tuple[str, ...]
    places: dict[str, int]
    separator: str
    quoted: bool

    @property
    def last(self) -> range:
        """The columns that separators at the end of a line make."""
        return range(max(len(self.names) - 2, 0), len(self.names))


def read_blocks(paths: Path | Iterable[Path], layout: Layout, size: int = _BLOCK) -> Iterator[Block]:
    """The rows of one or more files, about `size` bytes at a time.

    Raises
    ------
    InputError
        If a file is missing, damaged or of another format.
    MissingColumnError
        If a file lacks a column.
    """
    for path in [paths] if isinstance(paths, (str, os.PathLike)) else paths:
        for name, open_table in _tables(FilePath(path)):
            try:
                with _opened(name, open_table) as stream:
                    yield from _blocks_of_table(name, stream, layout, size)
            except (EOFError, OSError, zlib.error, zipfile.BadZipFile) as error:
                raise InputError(f"{name} ends early or is damaged: {error}") from error


def _tables(path: FilePath) -> Iterator[tuple[str, Callable[[], BinaryIO]]]:
    """Name and opener of each table that a file holds, told by its first bytes and not by its suffix."""
    if not path.is_file():
        raise InputError(f"there is no file {path}")
    with path.open("rb") as file:
        head = file.read(4)
    if not head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        yield str(path), partial(gzip.open if head.startswith(b"\x1f\x8b") else open, path, "rb")
    else:
        with _zip(path) as archive:
            for member in archive.namelist():
                if not member.endswith("/") and not member.startswith("__MACOSX"):
                    yield f"{path}/{member}", partial(archive.open, member)


@contextmanager
def _zip(path: FilePath) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise InputError(f"{path} is damaged or no zip file: {error}") from error
    with archive:
        yield archive


def _opened(name: str, open_table: Callable[[], BinaryIO]) -> BinaryIO:
    try:
        return open_table()
    except RuntimeError as error:  # zipfile's word for encryption, and for ways of packing that it does not know
        raise InputError(f"{name} cannot be unpacked: {error}; unpack it with another program and give what is in it") from error


def _blocks_of_table(file: str, stream: BinaryIO, layout: Layout, size: int) -> Iterator[Block]:
    first = _first_line(stream, file)
    if not first:
        return
    separator = max("\t,;", key=first.count)
    quoted = separator != "\t" or first.startswith('"')
    cells = _cells_of_line(first, separator, quoted, file)
    header = layout.is_header(cells)
    table = None
    for data in blocks_of(stream, b"" if header else first.encode(), size, quoted, file):
        shape = shape_of(data, separator, quoted)
        if table is None:
            widths = Counter(shape.fields[shape.full].tolist())
            names = _columns(file, layout, cells if header else None, widths)
            table = _Table(file, names, layout.places(names, file), separator, quoted)
        yield _block(table, shape)
    if table is None:
        layout.places(cells, file)


def _first_line(stream: BinaryIO, file: str) -> str:
    """The first line that is not blank, without byte order mark; '' where there is none."""
    for line in stream:
        if b"\0" in line:
            raise InputError(f"{file} is binary or UTF-16; save it as UTF-8 text")
        text = line.decode("utf-8-sig", errors="replace").rstrip("\r\n")
        if text.strip():
            return text
    return ""


def _cells_of_line(line: str, separator: str, quoted: bool, file: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator, quoting=_quoting(quoted)))
    except csv.Error as error:
        advice = "; save it with line feeds, not carriage returns, at the end of lines" if "\r" in line else ""
        raise InputError(f"the first line of {file} cannot be read: {error}{advice}") from error


def _quoting(quoted: bool) -> int:
    return csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE


def _columns(file: str, layout: Layout, header: list[str] | None, widths: Counter) -> tuple[str, ...]:
    """Names of the columns as the rows have them: a header may hold stray separators, rows may end in some.

    Raises
    ------
    InputError
        If no row has as many fields as the header, or as the format.
    """
    if header is None:
        candidates = list(layout.headless.values())
    else:
        written = tuple(cell.strip() for cell in header)
        named = tuple(name for name in written if plain(name))
        candidates = [written, named, (*named, ""), (*named, "", "")]
    best = max(candidates, key=lambda names: widths[len(names)])
    if widths and not widths[len(best)]:
        usual = widths.most_common(1)[0][0]
        wanted = " or ".join(str(len(names)) for names in candidates[: 1 if header else None])
        whose = "its header" if header else f"a {layout.name} file without header"
        raise InputError(f"the rows of {file} have {usual} fields, and {whose} has {wanted}")
    return best


def _block(table: _Table, shape: Shape) -> Block:
    good = shape.full & (shape.fields == len(table.names))
    data = shape.chosen(good)
    nameless = [place for place in table.last if not plain(table.names[place])]
    read = sorted({*table.places.values(), *nameless})
    cells = _cells(table, data, read) if data else pd.DataFrame(columns=read, dtype="str")
    if len(cells) != good.sum():
        raise InputError(f"{table.file}: {good.sum()} rows came out as {len(cells)}; does it hold stray quotes?")
    for place in nameless:
        if cells[place].str.strip().ne("").any():
            raise InputError(
                f"{table.file} has values in column {place + 1}, which has no name; is its header too short?"
            )
    rows = pd.DataFrame({what: cells[place] for what, place in table.places.items()})
    return Block(table.file, table.names, rows, int((shape.full & ~good).sum()))


def _cells(table: _Table, data: bytes, read: list[int]) -> pd.DataFrame:
    """The columns `read` of some lines, which all have as many fields as the table has names."""
    try:
        return pd.read_csv(
            io.BytesIO(data),
            sep=table.separator,
            header=None,
            names=list(range(len(table.names))),
            usecols=read,
            dtype="str",
            na_filter=False,
            quoting=_quoting(table.quoted),
            lineterminator="\n",
            encoding="utf-8",
            encoding_errors="replace",
            skip_blank_lines=False,
            low_memory=False,
        )
    except pd.errors.ParserError as error:
        raise InputError(f"{table.file} cannot be read: {error}") from error
