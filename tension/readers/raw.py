"""A file -> its records as they stand, under its own column names; what cannot be read is a `Skipped` with its place."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from tension.errors import InputError
from tension.readers import tables
from tension.readers.formats import check_head, known_format, parser_of
from tension.readers.limits import DEFAULT, Limits
from tension.readers.opening import LeftOut, Member, members
from tension.readers.streams import Bounded, CountedFile, StreamError
from tension.records import Skipped

_HEAD = 4096


def read_records(path: Path, limits: Limits = DEFAULT) -> Iterator[dict[str, Any] | Skipped]:
    """Records of a file, one at a time, as plain dicts; a record that cannot be read is a `Skipped` with its line or number.

    Raises
    ------
    InputError
        If the file is missing, has a suffix that is not known, or is not what its name says.
    """
    if not path.is_file():
        raise InputError(f"there is no file {path}")
    form = known_format(path.name, str(path))
    with path.open("rb") as file:
        check_head(file.read(_HEAD), form.packing or form.suffix, str(path))
    return _records(path, limits)


def header_of(path: Path, limits: Limits = DEFAULT) -> list[str]:
    """Column names of a CSV or TSV file; none for one of another kind, whose records bring their own."""
    form = known_format(path.name, str(path))
    if form.suffix not in (".csv", ".tsv"):
        return []
    with CountedFile(path) as file:
        (member,) = members(file, str(path), limits)
        return tables.header_of(member.stream, member.name, limits, "\t" if form.suffix == ".tsv" else ",")


def _records(path: Path, limits: Limits) -> Iterator[dict[str, Any] | Skipped]:
    with CountedFile(path) as file:
        for member in members(file, str(path), limits):
            if isinstance(member, Skipped):
                yield member
            elif not isinstance(member, LeftOut):
                for _, record in records_of(member, limits):
                    yield record if isinstance(record, Skipped) else dict(record)


def records_of(member: Member, limits: Limits) -> Iterator[tuple[int, Mapping[str, Any] | Skipped]]:
    """Numbered records of a member. Where its stream breaks off, what came before is kept and the last item is a `Skipped` that says so.

    Raises
    ------
    InputError
        If the member is not what its name says, or has no header.
    """
    row, stream, raw, told = 0, member.stream, member.stream.raw, False
    try:
        check_head(stream.peek(_HEAD)[:_HEAD], member.suffix, member.name)
        for record in parser_of(member.suffix)(stream, member.name, limits):
            row = record.row if isinstance(record, Skipped) else getattr(record, "row", row + 1)
            yield row, replace(record, source=member.name) if isinstance(record, Skipped) else record
    except StreamError as error:
        told = True
        yield row + 1, _broken(error, row, member.name)
    hidden = raw.error if isinstance(raw, Bounded) else None
    if hidden and not told:  # a parser of another package took it for the end
        yield row + 1, _broken(hidden, row, member.name)


def _broken(error: StreamError, row: int, name: str) -> Skipped:
    where = f"after row {row}" if row else "at its start"
    what = "ends early or is damaged" if error.cause == "damaged" else "is not read on"
    return Skipped(row + 1, "", f"the file {what} {where}: {error}", error.cause, name)
