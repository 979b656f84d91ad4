"""Files, folders, globs and standard input -> the files to read, and what was left out on the way."""

import glob
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from tension.errors import InputError
from tension.readers.formats import ARCHIVE, KNOWN, format_of, known_format
from tension.records import Skipped

Sources: TypeAlias = str | os.PathLike | Iterable[str | os.PathLike]

STDIN = "-"
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://", re.I)
_HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class Place:
    """A file to read, under the name its source gave it; without a path it is standard input."""

    name: str
    path: Path | None = None
    size: int = 0


@dataclass(slots=True)
class Places:
    """The files to read, in order; links that were not followed; files left out, by suffix; whether one file was named and no more."""

    files: list[Place] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    alone: bool = False


def places(sources: Sources, must_match: bool = True) -> Places:
    """The distinct files that sources name, sorted by path.

    Parameters
    ----------
    sources
        A file, a folder (searched through and through for files of known suffixes; hidden ones stay out), a glob such as
        ``news/2019-*.csv.gz``, "-" for JSON Lines on standard input, or a list of these.
    must_match
        Whether an empty folder and a glob without a match raise.

    Raises
    ------
    InputError
        If a source is missing or matches nothing that can be read, is an address, or is a file whose suffix is not known.
    """
    one = isinstance(sources, (str, bytes, os.PathLike)) or not isinstance(sources, Iterable)
    given = [sources] if one else list(sources)
    if not given:
        raise InputError("no source is given: name a file, a folder, a glob, or - for standard input")
    found, named = Places(), []
    for source in given:
        if not isinstance(source, (str, os.PathLike)):
            raise InputError(f"a source is the path of a file or a folder, a glob or '-', not {type(source).__name__}")
        named.append(_add(found, os.fspath(source), must_match))
    distinct = {os.path.realpath(place.path) if place.path else STDIN: place for place in reversed(found.files)}
    files = sorted(distinct.values(), key=lambda place: (place.path is None, place.path or Path()))
    alone = len(files) == 1 and all(named) and not files[0].name.lower().endswith(ARCHIVE)
    return Places(files, found.skipped, found.left_out, alone)


def _add(found: Places, source: str, must_match: bool) -> bool:
    """Add what a source names; whether it names one file."""
    if not source.strip():
        raise InputError("a source is empty; name a file, a folder, a glob, or - for standard input")
    if _ADDRESS.match(source):
        raise InputError(f"tension reads files; download {source} first")
    path = Path(source).expanduser()
    if source == STDIN:
        found.files.append(Place(STDIN))
    elif path.is_dir():
        _add_all(found, _walk(path), f"in the folder {path}", must_match)
    elif path.is_file():
        known_format(path.name, source)
        found.files.append(_place(path))
    elif matches := sorted(glob.glob(str(path), recursive=True)):
        _add_all(found, _matched(matches), f"among the matches of {source}", must_match)
    elif must_match or not glob.has_magic(source):
        raise InputError(f"there is no file, folder or match of {source}")
    return source == STDIN or path.is_file()


def _place(path: Path) -> Place:
    return Place(str(path), path, path.stat().st_size)


def _add_all(found: Places, items: Iterable[Place | Skipped | str], where: str, must_match: bool) -> None:
    before, left_out = len(found.files) + len(found.skipped), Counter[str]()
    for item in items:
        if isinstance(item, Place):
            found.files.append(item)
        elif isinstance(item, Skipped):
            found.skipped.append(item)
        else:
            left_out[item] += 1
    if must_match and len(found.files) + len(found.skipped) == before:
        only = f", only {listed(left_out)}" if left_out else ""
        raise InputError(f"there is nothing to read {where}{only}; known are {KNOWN}")
    found.left_out.update(left_out)


def _matched(matches: list[str]) -> Iterator[Place | Skipped | str]:
    """Files that a glob matches, and those of the folders it matches, unless it goes into these itself."""
    entered = {folder for path in matches for folder in Path(path).parents}
    for path in map(Path, matches):
        if path.is_dir():
            yield from _walk(path) if path not in entered else ()
        elif path.is_file() and format_of(path.name):
            yield _place(path)
        else:
            yield path.suffix.lower()


def listed(left_out: Counter[str]) -> str:
    """Numbers of files by suffix, in words.

    >>> listed(Counter({".pdf": 2, "": 1}))
    '2 .pdf, 1 without suffix'
    """
    return ", ".join(f"{n} {suffix or 'without suffix'}" for suffix, n in left_out.most_common())


def _walk(folder: Path) -> Iterator[Place | Skipped | str]:
    """Files of a folder; for one left out its suffix."""
    root, closed = os.path.realpath(folder), []
    for where, folders, files in os.walk(folder, onerror=closed.append):
        for name in sorted(folders):
            path = Path(where, name)
            if path.is_symlink() and not name.startswith(".") and _outside(path, root):
                yield _outside_skipped(path)
        yield from [_HIDDEN for name in folders if name.startswith(".")]
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            yield _file(Path(where, name), root)
    for error in closed:
        yield Skipped(
            0, "", f"the folder {error.filename} cannot be opened: {error.strerror}", source=str(error.filename)
        )


def _file(path: Path, root: str) -> Place | Skipped | str:
    if path.name.startswith("."):
        return _HIDDEN
    if format_of(path.name) is None:
        return path.suffix.lower()
    if path.is_symlink() and _outside(path, root):
        return _outside_skipped(path)
    if not path.is_file():
        return Skipped(0, "", f"{path} is not a regular file, or a link to nothing", "unknown format", str(path))
    return _place(path)


def _outside(path: Path, root: str) -> bool:
    return os.path.commonpath([root, os.path.realpath(path)]) != root


def _outside_skipped(path: Path) -> Skipped:
    return Skipped(0, "", f"{path} is a link that leads out of the folder; name what it leads to", "outside", str(path))
