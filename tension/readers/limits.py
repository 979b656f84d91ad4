"""What a reader takes at most, so that memory is bounded whatever a file holds."""

from dataclasses import dataclass

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of reading.

    `record`: bytes of one record: a line, a text, a page, a feed. `ratio`: bytes that a compressed file may give for each of its own, once
    it gave more than one record's worth; news text gives 3 to 30, a bomb a thousand.
    """

    record: int = 16 * _MIB
    ratio: int = 250


DEFAULT = Limits()
