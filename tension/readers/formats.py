"""Which suffixes are read, by which parser, and whether a file's first bytes fit its name."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import PurePosixPath
from typing import Any, BinaryIO, TypeAlias

from tension.errors import InputError
from tension.readers.limits import Limits
from tension.records import Skipped

Parser: TypeAlias = Callable[[BinaryIO, str, Limits], Iterator[Mapping[str, Any] | Skipped]]

_PARSERS = {
    ".jsonl": ("tables", "read_jsonl"),
    ".csv": ("tables", "read_csv"),
    ".parquet": ("parquet", "read_parquet"),
    ".ndjson": ("tables", "read_jsonl"),
    ".json": ("tables", "read_json"),
    ".tsv": ("tables", "read_tsv"),
    ".txt": ("documents", "read_text"),
    ".html": ("documents", "read_html"),
    ".htm": ("documents", "read_html"),
    ".xhtml": ("documents", "read_html"),
    ".rss": ("feeds", "read_feed"),
    ".atom": ("feeds", "read_feed"),
    ".xml": ("feeds", "read_feed"),
    ".warc": ("warc", "read_warc"),
}
TABLES = (".jsonl", ".csv", ".parquet", ".ndjson", ".json", ".tsv")
HEADED = (".csv", ".tsv", ".parquet")
SUFFIXES = tuple(_PARSERS)
PACKINGS = (".gz", ".zst")
ARCHIVE = ".zip"
KNOWN = f"{', '.join(SUFFIXES)}, each also with {' or '.join(PACKINGS)}, and {ARCHIVE}"

_MAGIC = {
    b"PAR1": "a Parquet file",
    b"\x1f\x8b": "a gzip file",
    b"\x28\xb5\x2f\xfd": "a Zstandard file",
    b"PK\x03\x04": "a zip archive",
    b"PK\x05\x06": "a zip archive",
    b"\xff\xfe": "text in UTF-16",
    b"\xfe\xff": "text in UTF-16",
}
_SAID = {".parquet": "a Parquet file", ".gz": "a gzip file", ".zst": "a Zstandard file", ARCHIVE: "a zip archive"}
_STRAY = 0.01  # a text may hold a NUL here and there, which costs its line; a binary file holds many
# Documents say their own encoding, UTF-16 among them.
_DOCUMENTS = frozenset(".html .htm .xhtml .rss .atom .xml .txt".split())


@dataclass(frozen=True, slots=True)
class Format:
    """What a name says: the suffix of the records ('' for an archive) and the packing around them ('' for none)."""

    suffix: str
    packing: str = ""


def format_of(name: str) -> Format | None:
    """The format that a name says, without regard to case; None for an unknown one.

    >>> format_of("News.CSV.gz")
    Format(suffix='.csv', packing='.gz')
    """
    parts = [part.lower() for part in PurePosixPath(name).suffixes]
    last, before = parts[-1] if parts else "", parts[-2] if len(parts) > 1 else ""
    if last == ARCHIVE:
        return Format("", ARCHIVE)
    if last in PACKINGS:
        return Format(before, last) if before in _PARSERS else None
    return Format(last) if last in _PARSERS else None


def known_format(name: str, shown: str) -> Format:
    """The format that a name says; `InputError` with the known ones where it says none of them."""
    form = format_of(name)
    if form is None:
        raise InputError(f"{shown} has the suffix {PurePosixPath(name).suffix or '(none)'}; known are {KNOWN}")
    return form


def parser_of(suffix: str) -> Parser:
    """The parser of a suffix, its module loaded now."""
    module, function = _PARSERS[suffix]
    return getattr(import_module(f"tension.readers.{module}"), function)


def check_head(head: bytes, suffix: str, name: str) -> None:
    """Raise `InputError` where the first bytes of a file are of another kind than its suffix or packing says."""
    said = _SAID.get(suffix, "text")
    plain = "text" if head.count(0) <= _STRAY * len(head) else "binary"
    found = next((what for magic, what in _MAGIC.items() if head.startswith(magic)), plain)
    if suffix == ".warc" or (suffix in _DOCUMENTS and found in ("text in UTF-16", "binary")):
        return
    if suffix == ".zst" and head[1:4] == b"\x2a\x4d\x18":  # a skippable frame may come first
        return
    if head and found != said:
        raise InputError(f"{name} is {found}, and its name says {said}; rename it or convert it")
