"""A file -> its members: itself, decompressed while reading, or each file of a zip archive, without extracting."""

import io
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

from tension.readers.formats import ARCHIVE, PACKINGS, Format, check_head, format_of, known_format
from tension.readers.limits import Limits
from tension.readers.streams import Bounded, CountedFile, decompressed
from tension.records import Skipped

_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the others cannot be decompressed in bounded pieces
_ENCRYPTED = 0x1
_UNREADABLE = (
    zipfile.BadZipFile,
    OSError,
    ValueError,
    NotImplementedError,
    RuntimeError,
    EOFError,
    struct.error,
    zlib.error,
)
_HEAD = 4096


@dataclass(frozen=True, slots=True)
class Member:
    """A stream of records: its name for messages, its format's suffix, its bytes; to be read before the next member is asked for."""

    name: str
    suffix: str
    stream: io.BufferedReader


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file that is no news: the suffix it has."""

    suffix: str


def members(file: CountedFile, name: str, limits: Limits) -> Iterator[Member | Skipped | LeftOut]:
    """The members of an opened file of a known format.

    Raises
    ------
    InputError
        If the suffix is not known, or the file is not what its name says.
    """
    form = known_format(name, name)
    buffered = io.BufferedReader(file)
    check_head(buffered.peek(_HEAD), form.packing or form.suffix, name)
    if form.packing == ARCHIVE:
        yield from _archived(file, buffered, name, limits)
    else:
        yield Member(name, form.suffix, _unpacked(buffered, form, file, limits))


def _unpacked(stream: BinaryIO, form: Format, file: CountedFile, limits: Limits) -> io.BufferedReader:
    """A stream without its packing; that of .warc.gz stays, because each of its records is a gzip member of its own."""
    if form.packing in PACKINGS and (form.suffix, form.packing) != (".warc", ".gz"):
        return decompressed(stream, form.packing, lambda: file.count, limits)
    return stream


def _archived(file: CountedFile, stream: BinaryIO, name: str, limits: Limits) -> Iterator[Member | Skipped | LeftOut]:
    try:
        archive = zipfile.ZipFile(stream)
    except _UNREADABLE as error:
        yield Skipped(
            0,
            "",
            f"{name} cannot be read as a zip archive, whose list of files is at its end: {error}",
            "damaged",
            name,
        )
        return
    with archive:
        for info in sorted(archive.infolist(), key=lambda info: info.filename):
            if damage := _damage(archive, info, f"{name}!{info.filename}"):
                yield damage
            elif not info.filename.endswith("/"):  # `is_dir` fails where the name is empty
                yield from _member(archive, info, file, name, limits)


def _damage(archive: zipfile.ZipFile, info: zipfile.ZipInfo, full: str) -> Skipped | None:
    """What is wrong with a member whatever its name says: a name spoilt in the list of files could hide news."""
    try:
        archive.open(info).close()
    except zipfile.BadZipFile as error:
        return _unopened(full, error)
    except _UNREADABLE:
        return None  # encrypted or packed by a method unknown here, which matters only where the name is one of news
    return None


def _unopened(full: str, error: Exception) -> Skipped:
    return Skipped(0, "", f"{full} cannot be opened: {error}", "damaged", full)


def _member(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, file: CountedFile, name: str, limits: Limits
) -> Iterator[Member | Skipped | LeftOut]:
    inside, full = info.filename.replace("\\", "/"), f"{name}!{info.filename}"
    parts, form = PurePosixPath(inside).parts, format_of(inside)
    if (
        inside.startswith("/")
        or re.match("[A-Za-z]:", inside)
        or ".." in parts
        or stat.S_ISLNK(info.external_attr >> 16)
    ):
        yield Skipped(0, "", f"{full} leads out of its archive", "outside", full)
    elif any(part.startswith((".", "__MACOSX")) for part in parts):
        yield LeftOut("hidden")
    elif form is None and PurePosixPath(inside).suffix.lower() not in PACKINGS:
        yield LeftOut(PurePosixPath(inside).suffix.lower())
    elif form is None or form.packing == ARCHIVE:
        yield Skipped(0, "", f"{full} is an archive in an archive; unpack it first", "unknown format", full)
    elif info.flag_bits & _ENCRYPTED:
        yield Skipped(0, "", f"{full} is encrypted; decrypt it first", "unknown format", full)
    elif info.compress_type not in _METHODS:
        yield Skipped(
            0,
            "",
            f"{full} is compressed with method {info.compress_type}; pack it anew with Deflate",
            "unknown format",
            full,
        )
    else:
        yield from _content(archive, info, form, file, full, limits)


def _content(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, form: Format, file: CountedFile, full: str, limits: Limits
) -> Iterator[Member | Skipped]:
    try:
        opened = archive.open(info)
    except _UNREADABLE as error:
        yield _unopened(full, error)
        return
    stream = io.BufferedReader(Bounded(opened, lambda: file.count, limits))
    with stream:
        yield Member(full, form.suffix, _unpacked(stream, form, file, limits))
