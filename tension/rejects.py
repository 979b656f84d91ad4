"""Records that could not be used: counted by cause, the first kept to be shown, all written to a file on request."""

import json
from collections import Counter
from io import TextIOBase
from pathlib import Path

from tension.errors import OptionError
from tension.outputs import check_writable
from tension.records import Skipped

SHOWN = 5


class Rejects:
    """Takes rejected records one at a time; a context manager. The file, JSON Lines, takes the place of an earlier one at the end; after an
    error what there is stays beside it as `<name>.part`.

    Raises
    ------
    OptionError, InputError
        If the file is not named .jsonl, or its folder is not there.
    """

    def __init__(self, path: Path | None = None):
        if path and path.suffix != ".jsonl":
            raise OptionError(f"rejects are JSON Lines: name the file .jsonl, not {path.name}")
        if path:
            path = path.resolve()  # through a link the file it names is written
            check_writable(path)
        self.counts: Counter[str] = Counter()
        self.first: list[Skipped] = []
        self._path, self._file = path, None
        self._part = path.with_name(path.name + ".part") if path else None

    def write(self, item: Skipped) -> None:
        """Take a record with its file, row, cause and reason."""
        self.counts[item.cause] += 1
        if len(self.first) < SHOWN:
            self.first.append(item)
        if self._path:
            self._open()
            row = {"source": item.source, "row": item.row, "id": item.id, "cause": item.cause, "reason": item.reason}
            self._file.write(json.dumps(row, ensure_ascii=False) + "\n")

    def __enter__(self) -> "Rejects":
        return self

    def __exit__(self, kind: type | None, *_: object) -> None:
        if self._path and kind is None:
            self._open()
        if self._file:
            self._file.close()
            if kind is None:
                self._part.replace(self._path)

    def _open(self) -> None:
        if self._file is None:
            self._file: TextIOBase = self._part.open("w", encoding="utf-8", errors="backslashreplace")

    def __len__(self) -> int:
        return self.counts.total()

    def lines(self) -> list[str]:
        """The first of them in words, and how many more there are."""
        said = [f"rejected: {item.reason}" + (f" ({place})" if (place := _place(item)) else "") for item in self.first]
        more = len(self) - len(self.first)
        return [*said, f"... and {more} more rejected; --rejects FILE lists them all"] if more else said


def _place(item: Skipped) -> str:
    row = f"record {item.row}" if item.row else ""
    return ", ".join(part for part in (item.source, row, f"id {item.id}" if item.id else "") if part)
