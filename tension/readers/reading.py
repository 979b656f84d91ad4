"""One pass over files: the articles in them, and the account of everything else."""

import io
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from tension.errors import DateError, InputError, MissingColumnError
from tension.readers.columns import renamed
from tension.readers.formats import HEADED, TABLES
from tension.readers.limits import Limits
from tension.readers.opening import LeftOut, Member, members
from tension.readers.places import Place, Places, listed
from tension.readers.raw import records_of
from tension.readers.streams import CountedFile
from tension.records import Article, Skipped
from tension.text.articles import article_of, publication_date, undated


@dataclass(frozen=True, slots=True)
class Options:
    """How to read: columns that were named, date of undated articles, window of dates, bounds."""

    named: Mapping[str, str]
    date: datetime | None
    since: datetime | None
    until: datetime | None
    limits: Limits
    must_date: bool = False


class Reading:
    """Articles and skipped records of files, to be iterated once, and while that goes on their account.

    Attributes
    ----------
    articles
        Number of articles so far.
    counts
        Number of skipped records so far, by cause.
    outside_window
        Number of articles left out so far because of their date.
    size
        Bytes of all files.
    """

    def __init__(self, found: Places, options: Options):
        self.articles, self.outside_window = 0, 0
        self.counts: Counter[str] = Counter()
        self.size = sum(place.size for place in found.files)
        self._found, self._options = found, options
        self._left_out = Counter(found.left_out)
        self._guesses: dict[str, tuple[str, int]] = {}
        self._begun, self._before, self._current = False, 0, 0
        self._file: CountedFile | None = None

    @property
    def position(self) -> int:
        """Bytes of the files read so far, at most `size`."""
        return self._before + min(self._file.count if self._file else 0, self._current)

    @property
    def paths(self) -> list[Path]:
        """The files that are read."""
        return [place.path for place in self._found.files if place.path]

    @property
    def notes(self) -> list[str]:
        """What was guessed and left out so far: one message for each set of columns, one for files of other suffixes."""
        notes = [
            f"{first}{f' and {number - 1} more' if number > 1 else ''}: {note}"
            for note, (first, number) in self._guesses.items()
        ]
        return [*notes, f"left out: {listed(self._left_out)}"] if self._left_out else notes

    def __iter__(self) -> Iterator[Article | Skipped]:
        if self._begun:
            raise InputError("a reading is iterated once; call read again")
        self._begun = True
        return self._counted()

    def _counted(self) -> Iterator[Article | Skipped]:
        for item in self._items():
            if isinstance(item, Skipped):
                self.counts[item.cause] += 1
            else:
                self.articles += 1
            yield item

    def _items(self) -> Iterator[Article | Skipped]:
        yield from self._found.skipped
        for place in self._found.files:
            try:
                yield from self._place(place)
            except OSError as error:
                yield self._unusable(InputError(f"{place.name} cannot be read: {error}"), place.name)
            except InputError as error:
                yield self._unusable(error, place.name)
            self._before, self._current, self._file = self._before + place.size, 0, None

    def _unusable(self, error: InputError, name: str) -> Skipped:
        """A file that cannot be read at all: an error where it was the only one, else skipped."""
        if self._found.alone:
            raise error
        return Skipped(
            0, "", str(error), "no record" if isinstance(error, MissingColumnError) else "unknown format", name
        )

    def _place(self, place: Place) -> Iterator[Article | Skipped]:
        if place.path is None:
            with CountedFile(sys.stdin.buffer) as file:
                yield from self._member(Member(place.name, ".jsonl", io.BufferedReader(file)))
            return
        self._current = place.size
        with CountedFile(place.path) as self._file:
            for member in members(self._file, place.name, self._options.limits):
                if isinstance(member, LeftOut):
                    self._left_out[member.suffix] += 1
                elif isinstance(member, Skipped):
                    yield member
                else:
                    yield from self._member(member)

    def _member(self, member: Member) -> Iterator[Article | Skipped]:
        records = records_of(member, self._options.limits)
        if member.suffix in TABLES:
            headed = member.suffix in HEADED
            records = renamed(records, self._options.named, member.name, self._tell, headed)
        try:
            for row, record in records:
                if isinstance(record, Skipped):
                    yield record
                elif self._is_outside(record):
                    self.outside_window += 1
                else:
                    item = article_of(row, record, self._options.date)
                    if self._options.must_date and isinstance(item, Article) and item.date is None:
                        item = undated(row, item)
                    yield replace(item, source=member.name) if isinstance(item, Skipped) else item
        except InputError as error:
            yield self._unusable(error, member.name)

    def _tell(self, name: str, note: str) -> None:
        first, number = self._guesses.get(note, (name, 0))
        self._guesses[note] = first, number + 1

    def _is_outside(self, record: Mapping[str, Any]) -> bool:
        """Whether a record has a date, and one outside the window; looked at first, because judging the language takes longer."""
        since, until = self._options.since, self._options.until
        if since is None and until is None:
            return False
        try:
            published = publication_date(record.get("date")) or self._options.date
        except DateError:
            return False
        return published is not None and not (
            (since is None or since <= published) and (until is None or published < until)
        )
