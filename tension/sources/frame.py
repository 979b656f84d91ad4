"""Rows that a format has coded -> the events frame, with a count of what was left out and why."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from tension.errors import OptionError
from tension.ontology import act_of
from tension.records import events_frame, validate_events
from tension.sources.tables import Block
from tension.sources.values import LIMIT, by_value, days, is_nothing, numbers

Intensity = Literal["file", "table", "plover"]
Story = Literal["report", "event"]
INTENSITIES: tuple[str, ...] = ("file", "table", "plover")
STORIES: tuple[str, ...] = ("report", "event")

# Why a row is no event here; a row counts under the first that holds.
REASONS: tuple[str, ...] = (
    "bad row",  # fewer or more fields than the others
    "bad date",  # no day of the event, or a day that cannot be read
    "bad code",  # no code of the ontology, or one that could be two
    "no root",  # CAMEO 01 and 02, which PLOVER leaves out
    "no state",  # a side that is no state: a region, an organisation, nobody
    "domestic",  # both sides in one state
    "bad number",  # an intensity that is no number from -10 to 10
    "other state",  # a side that was not asked for by `states=`
    "not root event",  # with `root_only=True`, what the report mentions only in passing
    "duplicate",  # the same event again: id, sides, code and day
)
_TABLE_DIGITS = 0.05  # tables give one decimal
_SAME = ["id", "source", "target", "code", "day"]


@dataclass(frozen=True, slots=True)
class Options:
    """What all readers may be asked."""

    intensity: str = "file"
    story: str = "report"
    states: Collection[str] | None = None

    def __post_init__(self) -> None:
        for name, allowed in (("intensity", INTENSITIES), ("story", STORIES)):
            if getattr(self, name) not in allowed:
                raise OptionError.of(name, getattr(self, name), allowed)
        if isinstance(self.states, str):
            raise OptionError(f"states={self.states!r} must be a list or set of codes, such as ('CHN', 'JPN')")


@dataclass(frozen=True, slots=True)
class Coded:
    """A block and what its format makes of it.

    `rows` has code, root, quad, table (the published intensity), source, target and report, '' where there is none; `passing` marks rows
    that are no root events.
    """

    block: Block
    rows: pd.DataFrame
    model: str
    passing: np.ndarray | None = None


def events_of(coded: Iterable[Coded], source: str, options: Options) -> pd.DataFrame:
    """The events frame of coded blocks; `attrs` has `source`, `skipped`, `off_table` and, where it is empty, `why_empty`."""
    counted = [_kept(one, options) for one in coded]
    skipped = {reason: sum(counts[reason] for _, counts in counted) for reason in REASONS}
    if not counted:
        return _stamped(events_frame({}), source, skipped, 0)
    rows = pd.concat([rows for rows, _ in counted], ignore_index=True)
    again = rows.duplicated(_SAME) & rows["id"].ne("")
    skipped |= {"duplicate": int(again.sum())}
    rows = rows[~again].reset_index(drop=True)
    models = rows["model"].unique()
    name = models[0] if len(models) == 1 else source
    return _stamped(_frame(rows, options.story), name, skipped, int(rows["off_table"].sum()))


def _stamped(frame: pd.DataFrame, source: str, skipped: dict[str, int], off_table: int) -> pd.DataFrame:
    frame.attrs = {"source": source, "skipped": skipped, "off_table": off_table}
    if frame.empty:
        why = [f"{reason}: {n}" for reason, n in skipped.items() if n]
        frame.attrs["why_empty"] = (
            f"no row is an event between two states ({', '.join(why) or 'the files hold no row'})"
        )
    return validate_events(frame)


def _kept(coded: Coded, options: Options) -> tuple[pd.DataFrame, Counter]:
    """The events of a block, and how many rows were left out for each reason."""
    rows, given = coded.rows, coded.block.rows
    day, added, unread = _dates(given)
    own = _own(given, options)
    first = _first_reason(_reasons(coded, unread, own, options.states), len(rows))
    keep = first == len(REASONS)
    counts = Counter(
        {reason: int((first == i).sum()) for i, reason in enumerate(REASONS)} | {"bad row": coded.block.bad}
    )
    piece = {name: rows[name][keep] for name in ("code", "source", "target", "root", "quad", "report")} | {
        "id": _ids(given["id"])[keep],
        "day": day[keep],
        "date": added[keep],
        "intensity": _intensities(rows, own, options.intensity)[keep],
        "off_table": (np.abs(own - rows["table"].to_numpy()) > _TABLE_DIGITS)[keep],
        "text": given["text"].str.strip()[keep] if "text" in given else "",
        "model": coded.model,
    }
    return pd.DataFrame(piece).reset_index(drop=True), counts


def _own(given: pd.DataFrame, options: Options) -> np.ndarray:
    """The file's own intensities; NaN where it has none or they are not wanted."""
    wanted = "intensity" in given and options.intensity == "file"
    return numbers(given["intensity"]) if wanted else np.full(len(given), np.nan)


def _reasons(
    coded: Coded, unread: np.ndarray, own: np.ndarray, states: Collection[str] | None
) -> dict[str, np.ndarray]:
    """Per reason, the rows it speaks against."""
    source, target = coded.rows["source"], coded.rows["target"]
    reasons = {
        "bad date": unread,
        "bad code": coded.rows["code"].eq(""),
        "no root": coded.rows["root"].eq(""),
        "no state": source.eq("") | target.eq(""),
        "domestic": source.eq(target),
        "bad number": np.abs(own) > LIMIT,
    }
    if states is not None:
        reasons["other state"] = ~(source.isin(states) & target.isin(states))
    if coded.passing is not None:
        reasons["not root event"] = coded.passing
    return reasons


def _dates(given: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Day of the event, day it was added (of the event where the file has none), and where either cannot be read."""
    if {"year", "month", "monthday"} <= set(given):
        month, monthday = (given[name].str.strip().str.zfill(2) for name in ("month", "monthday"))
        day = days(given["year"].str.strip() + "-" + month + "-" + monthday)
    else:
        day = days(given["day"])
    if "added" not in given:
        return day, day, np.isnat(day)
    added, silent = days(given["added"]), is_nothing(given["added"])
    return day, np.where(silent, day, added), np.isnat(day) | (np.isnat(added) & ~silent)


def _ids(column: pd.Series) -> pd.Series:
    """Ids without spaces and quotes; '' for one that a spreadsheet wrote as 8.7E+08, since others share it."""
    ids = column.str.strip().str.strip('"').str.strip()
    return ids.mask(ids.str.contains("E+", regex=False, case=False), "")


def _first_reason(reasons: dict[str, np.ndarray], n: int) -> np.ndarray:
    """For each of `n` rows the place in `REASONS` of the first that speaks against it; their number where none does."""
    against = [np.asarray(reasons.get(reason, np.zeros(n)), dtype=bool) for reason in REASONS]
    return np.select(against, range(len(REASONS)), default=len(REASONS))


def _intensities(rows: pd.DataFrame, own: np.ndarray, wanted: str) -> np.ndarray:
    if wanted == "plover":
        acts = rows["root"] + "|" + rows["quad"]
        return by_value(acts, lambda act: act_of(*act.split("|")).plover if act != "|" else np.nan).astype(float)
    return np.where(np.isnan(own), rows["table"], own)


def _frame(rows: pd.DataFrame, story: str) -> pd.DataFrame:
    n = len(rows)
    ids = _unique(rows["id"])
    cooperative = rows["quad"].str.endswith("COOP").to_numpy(float)
    columns = {
        name: rows[name].to_numpy()
        for name in ("date", "source", "target", "root", "quad", "intensity", "text", "model")
    }
    columns |= {
        "article_id": ids,
        "sentence": np.zeros(n),
        "event_start": rows["day"].to_numpy(),
        "event_end": rows["day"].to_numpy(),
        "status": np.full(n, "occurred", object),
        "p_cooperation": cooperative,
        "p_conflict": 1 - cooperative,
        "joint": np.zeros(n, bool),
        "resolved": np.full(n, "named", object),
        "start": np.zeros(n),
        "end": rows["text"].str.len().to_numpy(),
        "story": ids if story == "event" else np.where(rows["report"].eq(""), ids, rows["report"]),
    }
    return events_frame(columns)


def _unique(ids: pd.Series) -> np.ndarray:
    """Ids of which each stands once: the second row of 7 is 7#2, a row without id is named by its place."""
    nth = ids.groupby(ids, sort=False).cumcount() + 1
    unique = ids.mask(nth > 1, ids + "#" + nth.astype("str"))
    return unique.mask(ids.eq(""), "row " + pd.Series(ids.index + 1).astype("str")).to_numpy(object)
