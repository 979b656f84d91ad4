"""Bytes of a table -> its lines and how many fields each has, counted on whole blocks at once."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

from tension.errors import InputError

_NEWLINE, _QUOTE = ord("\n"), ord('"')


@dataclass(frozen=True, slots=True)
class Shape:
    """The lines of some bytes: where each ends, how many fields it has, and whether it is `full` (not blank)."""

    data: bytes
    ends: np.ndarray
    fields: np.ndarray
    full: np.ndarray

    def chosen(self, lines: np.ndarray) -> bytes:
        """The bytes of some of the lines."""
        if lines.all():
            return self.data
        bytes_of_lines = np.repeat(lines, np.diff(self.ends, prepend=-1))
        return np.frombuffer(self.data, np.uint8)[bytes_of_lines].tobytes()


def shape_of(data: bytes, separator: str, quoted: bool) -> Shape:
    """Ends and numbers of fields of the lines of `data`, which ends in a newline; within quotes nothing separates.

    >>> shape_of(b'a,b\\n"a,b"\\n\\n', ",", quoted=True).fields.tolist()
    [2, 1, 1]
    """
    signs = np.frombuffer(data, np.uint8)
    outside = _outside_quotes(signs) if quoted else True
    ends = np.flatnonzero((signs == _NEWLINE) & outside)
    separators = np.flatnonzero((signs == ord(separator)) & outside)
    fields = np.diff(np.searchsorted(separators, ends), prepend=0) + 1
    lengths = np.diff(ends, prepend=-1) - 1
    first = signs[np.maximum(ends - lengths, 0)]
    blank = (lengths == 0) | ((lengths == 1) & np.isin(first, (ord("\r"), ord(" "))))
    return Shape(data, ends, fields, ~blank)


def _outside_quotes(signs: np.ndarray) -> np.ndarray:
    """Whether an even number of quotes stands before each byte (the count may wrap around, its parity does not)."""
    return np.cumsum(signs == _QUOTE, dtype=np.uint8) % 2 == 0


def blocks_of(stream: BinaryIO, first: bytes, size: int, quoted: bool, file: str) -> Iterator[bytes]:
    """Whole lines, about `size` bytes at a time, each block ending in a newline; `first` is a line already taken.

    Raises
    ------
    InputError
        If a quote is opened and never closed.
    """
    rest = first + b"\n" if first else b""
    while piece := stream.read(size):
        rest += piece.replace(b"\0", b" ")
        if cut := _last_end(rest, quoted):
            yield rest[:cut]
            rest = rest[cut:]
    if not rest:
        return
    if quoted and rest.count(b'"') % 2:
        raise InputError(f"{file} opens a quote that is never closed, in or after: {rest[:60]!r}")
    yield rest if rest.endswith(b"\n") else rest + b"\n"


def _last_end(data: bytes, quoted: bool) -> int:
    """Behind the last newline that ends a line; 0 where there is none."""
    if not quoted:
        return data.rfind(b"\n") + 1
    signs = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero((signs == _NEWLINE) & _outside_quotes(signs))
    return int(ends[-1]) + 1 if len(ends) else 0
