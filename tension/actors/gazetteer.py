"""Dated names of states, leaders and disputed places, compiled into one matcher.

The tables lie in data/actors/. Each row becomes an `Alias`; all aliases are found in one pass (Aho-Corasick), and of overlapping matches
the leftmost and longest wins, so "South China Sea" and "The Japan Times" shield the states inside them.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from itertools import chain
from pathlib import Path

from ahocorasick_rs import AhoCorasick, MatchKind

from tension.errors import InputError, MissingColumnError
from tension.resources import data_path
from tension.text.articles import content_id

# How an alias of each kind makes an actor known; None: it names none and shields what lies under it.
KINDS: dict[str, str | None] = {
    "name": "named",
    "former": "named",
    "adjective": "named",
    "demonym": "named",
    "abbreviation": "named",
    "organ": "organ",
    "capital": "metonym",
    "seat": "metonym",
    "city": "locality",
    "region": "locality",
    "leader": "leader",
    "surname": "leader",
    "place": "place",
    "organisation": "named",
    "shield": None,
}
LOCALITIES = ("city", "region")
_ELECTED, _LEAVING = timedelta(days=90), timedelta(days=31)
_REQUIRED = ("alias", "iso3", "kind")
_CODE, _DAY = re.compile(r"\w+"), re.compile(r"\d{4}-\d\d-\d\d")
_SAME_LENGTH = str.maketrans({"’": "'", "‘": "'", "\u00a0": " ", "\u2011": "-", "‐": "-"})


@dataclass(frozen=True, slots=True)
class Alias:
    """One way to write a state, a person or a place, and the days on which it means that.

    `start` and `end` are ISO dates, empty where open; `full` is the full name that a surname stands for, `office` its office; `held_by` is
    the state that holds a disputed place, where one does.
    """

    text: str
    states: tuple[str, ...]
    kind: str
    start: str = ""
    end: str = ""
    full: str = ""
    office: str = ""
    held_by: str = ""

    def valid(self, day: str) -> bool:
        """Whether the alias holds on an ISO day; an unknown day ('') is within every validity."""
        return not day or ((not self.start or self.start <= day) and (not self.end or day <= self.end))


@dataclass(frozen=True, slots=True)
class Match:
    """An alias's text found at the characters `start:end`, with every alias spelled so."""

    start: int
    end: int
    aliases: tuple[Alias, ...]


class Gazetteer:
    """Aliases compiled into one matcher.

    Examples
    --------
    >>> gazetteer = Gazetteer.default()
    >>> [match.aliases[0].states for match in gazetteer.find("The Kremlin protests to Tokyo.")]
    [('RUS',), ('JPN',)]
    """

    def __init__(self, aliases: Iterable[Alias]):
        spelled: dict[str, list[Alias]] = {}
        for alias in aliases:
            if not alias.text.strip():
                raise InputError(f"an alias of {'|'.join(alias.states)} is empty")
            if alias.kind not in KINDS:
                raise InputError(f"alias {alias.text!r} has the kind {alias.kind!r}; choose one of {', '.join(KINDS)}")
            spelled.setdefault(_plain(alias.text), []).append(alias)
        self._aliases = [tuple(group) for group in spelled.values()]
        self._matcher = AhoCorasick(list(spelled), matchkind=MatchKind.Standard)

    def __len__(self) -> int:
        return sum(map(len, self._aliases))

    def __iter__(self) -> Iterator[Alias]:
        return (alias for group in self._aliases for alias in group)

    def __reduce__(self) -> tuple:
        return (Gazetteer.default, ()) if self is Gazetteer.default() else (Gazetteer, (list(self),))

    def fingerprint(self) -> str:
        """Sixteen hexadecimal digits that name these aliases: equal where all are."""
        return content_id("\n".join(sorted(map(repr, self))))

    @classmethod
    def default(cls) -> "Gazetteer":
        """The gazetteer of the shipped tables, built once in a process."""
        return _default()

    @classmethod
    def from_csv(cls, path: str | Path) -> "Gazetteer":
        """A gazetteer of the user's own aliases alone, from a CSV (`alias,iso3,kind[,start,end]`); codes may be any word."""
        return cls(read_aliases(Path(path)))

    def extended(self, source: str | Path | Iterable[Alias]) -> "Gazetteer":
        """A new gazetteer with more aliases, which go before the own; from a CSV (`alias,iso3,kind[,start,end]`) or `Alias` values."""
        more = read_aliases(Path(source)) if isinstance(source, (str, Path)) else source
        return Gazetteer([*more, *self])

    def find(self, text: str) -> list[Match]:
        """Matches on word boundaries in order of the text; of those that overlap the leftmost, and of these the longest."""
        text = _plain(text)
        found = [
            (start, -end, pattern)
            for pattern, start, end in self._matcher.find_matches_as_indexes(text, overlapping=True)
            if not (start and text[start - 1].isalnum())
            and not (end < len(text) and text[end].isalnum() and text[end - 1].isalnum())
        ]
        matches, free = [], 0
        for start, end, pattern in sorted(found):
            if start >= free:
                free = -end
                matches.append(Match(start, free, self._aliases[pattern]))
        return matches


def _plain(text: str) -> str:
    """The text with straight apostrophes, plain spaces and hyphens, character for character."""
    return text if text.isascii() else text.translate(_SAME_LENGTH)


@cache
def _default() -> Gazetteer:
    tables = (read_aliases(data_path("actors", name)) for name in ("names.csv", "seats.csv", "localities.csv"))
    people = sorted(_people(), key=lambda alias: bool(alias.end))  # where no day is known, who holds office today goes first
    return Gazetteer([*chain.from_iterable(tables), *_shields(), *people, *_places()])


def table_rows(path: Path, required: tuple[str, ...]) -> Iterator[dict[str, str]]:
    """Rows of a CSV with the required columns; an InputError where it is missing, a MissingColumnError where one of them is."""
    if not path.is_file():
        raise InputError(f"there is no file {path}")
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.reader(lines)
        header = next(reader, [])
        if missing := [name for name in required if name not in header]:
            raise MissingColumnError(
                f"{path} needs the column(s) {', '.join(missing)}; it has {', '.join(header) or 'none'}"
            )
        try:
            for row in filter(None, reader):
                yield dict(zip(header, row, strict=False))
        except (UnicodeDecodeError, csv.Error) as error:
            raise InputError(f"{path} cannot be read as CSV in UTF-8: {error}") from error


def read_aliases(path: Path) -> Iterator[Alias]:
    """Aliases of a CSV with the columns `alias,iso3,kind` and optionally `start,end`; several states are joined by `|`.

    Raises
    ------
    InputError
        If a row lacks a cell, a code is empty or holds a hyphen, or a day is not written as 2019-01-24.
    """
    for number, row in enumerate(table_rows(path, _REQUIRED), 1):
        cells = {name: cell.strip() for name, cell in row.items()}
        states, days = cells.get("iso3", "").split("|"), (cells.get("start", ""), cells.get("end", ""))
        if wrong := _wrong_with(cells, states, days):
            raise InputError(f"row {number} of {path} {wrong}")
        yield Alias(cells["alias"], tuple(states), cells["kind"], *days)


def _wrong_with(cells: dict[str, str], states: list[str], days: Iterable[str]) -> str:
    """What keeps the cells of a row from being an alias; '' where nothing does."""
    if empty := [name for name in _REQUIRED if not cells.get(name)]:
        return f"has nothing under {', '.join(empty)}"
    if strange := [state for state in states if not _CODE.fullmatch(state)]:
        return f"has the code {strange[0]!r}; a code is letters, digits and underscores, several are joined by |"
    if strange := [day for day in days if day and not _DAY.fullmatch(day)]:
        return f"has the day {strange[0]!r}; write it as 2019-01-24"
    return ""


def _shields() -> Iterator[Alias]:
    for row in table_rows(data_path("actors", "not_actors.csv"), ("phrase",)):
        yield Alias(row["phrase"], (), "shield")
    for row in table_rows(data_path("actors", "organisations.csv"), ("org", "alias")):
        yield Alias(row["alias"], (row["org"],), "organisation")


def _people() -> Iterator[Alias]:
    """Names of leaders, from three months before a term, when they are elected or named, to a month after it."""
    for row in table_rows(
        data_path("actors", "leaders.csv"), ("name", "surname", "also", "iso3", "office", "start", "end")
    ):
        spellings = [name for name in (row["name"], *row["also"].split("|")) if name]
        full = [name for name in spellings if " " in name or "-" in name]
        short = sorted({row["surname"], *spellings} - {"", *full})
        term = _shifted(row["start"], -_ELECTED), _shifted(row["end"], _LEAVING)
        for kind, names in (("leader", full), ("surname", short)):
            for name in names:
                yield Alias(name, (row["iso3"],), kind, *term, row["name"], row["office"])


def _shifted(day: str, by: timedelta) -> str:
    return (date.fromisoformat(day) + by).isoformat() if day else ""


def _places() -> Iterator[Alias]:
    for row in table_rows(data_path("actors", "places.csv"), ("alias", "claimants", "held_by")):
        yield Alias(row["alias"], tuple(row["claimants"].split("|")), "place", held_by=row["held_by"])


def iso_day(moment: datetime | None) -> str:
    """The day of a moment as `Alias.valid` compares it; '' for none."""
    return moment.date().isoformat() if moment else ""
