"""POLECAT event files, coded by NGEC: tab separated with header, PLOVER event types and modes, ISO 3166-1 countries."""

import csv
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd

from tension.ontology import ROOTS, act_of
from tension.resources import data_path
from tension.sources.frame import Coded, Intensity, Options, Story, events_of
from tension.sources.layout import Layout
from tension.sources.states import state_of_code
from tension.sources.tables import Block, Path, read_blocks
from tension.sources.values import bare, by_value, is_nothing

LAYOUT = Layout(
    "POLECAT",
    {
        "id": ("Event ID",),
        "day": ("Event Date",),
        "source": ("Actor Country",),
        "target": ("Recipient Country",),
        "code": ("Event Type",),
        "mode": ("Event Mode",),
        "intensity": ("Intensity",),
        "added": ("Publication Date",),
        "text": ("Event Sentence", "URL"),
    },
    ("id", "day", "source", "target", "code"),
)
_APPEALS = ("assist", "meet")


def read_polecat(
    path: Path | Iterable[Path],
    *,
    intensity: Intensity = "file",
    story: Story = "report",
    states: Collection[str] | None = None,
) -> pd.DataFrame:
    """Events between states of POLECAT files.

    A side that lists several states (`USA;GBR`) makes an event of each pair. Where only the actor does and there is no recipient, as in
    meetings, each of its states faces every other. Skipped rows are counted after this. A REQUEST to assist or to meet is the polite appeal
    (VCOOP), any other a demand (VCONF).

    Parameters
    ----------
    path
        A file or several, plain, zipped or gzipped.
    intensity
        `file`: the column Intensity as given, the manual's score of type and mode where it is missing; `table`: that score throughout;
        `plover`: the values of this package. All -10..+10.
    story, states
        As in `read_gdelt`; the files name no report, so that each event is its own story.

    Returns
    -------
    DataFrame
        An events frame and its `attrs`, as in `read_gdelt`. `date` is the day of publication.

    Raises
    ------
    InputError, MissingColumnError, OptionError
        As in `read_gdelt`.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> path = Path(mkdtemp()) / "events.txt"
    >>> rows = ["Event ID\\tEvent Date\\tEvent Type\\tEvent Mode\\tActor Country\\tRecipient Country",
    ...         "a\\t2019-01-24\\tCONSULT\\tvisit\\tJPN;CHN\\tNone", "b\\t2019-01-24\\tREQUEST\\tassist\\tUKR\\tUSA"]
    >>> _ = path.write_text("\\n".join(rows))
    >>> read_polecat(path)[["source", "target", "quad", "intensity"]].values.tolist()
    [['JPN', 'CHN', 'VCOOP', 4.0], ['CHN', 'JPN', 'VCOOP', 4.0], ['UKR', 'USA', 'VCOOP', 0.5]]

    References
    ----------
    Halterman et al. (2023), PLOVER and POLECAT: A New Political Event Ontology and Dataset.
    """
    options = Options(intensity, story, states)
    return events_of(_coded(read_blocks(path, LAYOUT)), LAYOUT.name, options)


def _coded(blocks: Iterable[Block]) -> Iterator[Coded]:
    for block in blocks:
        given = _in_pairs(block.rows)
        roots = pd.Series(by_value(given["code"], _root), dtype="str")
        modes = by_value(given["mode"], _mode) if "mode" in given else ""
        acts = roots + "|" + modes
        judged = {
            "code": acts.where(roots.ne(""), ""),
            "root": roots,
            "quad": by_value(acts, _quad),
            "table": by_value(acts, _score).astype(float),
            "source": by_value(given["source"], state_of_code),
            "target": by_value(given["target"], state_of_code),
            "report": "",
        }
        yield Coded(replace(block, rows=given), pd.DataFrame(judged), LAYOUT.name)


def _in_pairs(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per ordered pair, where a side lists several states."""
    source, target = (rows[side].str.replace("|", ";", regex=False) for side in ("source", "target"))
    if not (source + target).str.contains(";", regex=False).any():
        return rows
    pairs = by_value(source + "|" + target.mask(is_nothing(target), ""), _pairs)
    many = rows.loc[np.repeat(rows.index, [len(pair) for pair in pairs])]
    flat = [pair for row in pairs for pair in row]
    return many.assign(source=[pair[0] for pair in flat], target=[pair[1] for pair in flat]).reset_index(drop=True)


def _pairs(sides: str) -> list[tuple[str, str]]:
    """Ordered pairs of two lists; of the first with itself where the second is empty."""
    sources, targets = ([bare(side) for side in half.split(";")] for half in sides.split("|", 1))
    if targets == [""] and len(sources) > 1:
        return [(source, target) for source in sources for target in sources if source != target] or [(sources[0], "")]
    return [(source, target) for source in sources for target in targets]


def _root(value: str) -> str:
    return value.upper() if value.upper() in ROOTS else ""


def _mode(value: str) -> str:
    return "-".join(value.lower().replace("_", " ").split())


def _quad(act: str) -> str:
    root, mode = act.split("|", 1)
    if root == "REQUEST":
        return act_of(root, "VCOOP" if mode in _APPEALS else "VCONF").quad
    return act_of(root).quad if root else ""


def _score(act: str) -> float:
    """The manual's score of an event type and mode; of the type where the mode has none."""
    root, mode = act.split("|", 1)
    scores = _scores()
    return scores.get((root, mode), scores.get((root, ""), np.nan))


@cache
def _scores() -> dict[tuple[str, str], float]:
    with data_path("ontology", "plover_modes.csv").open(encoding="utf-8", newline="") as lines:
        return {(row["root"], row["mode"]): float(row["score"]) for row in csv.DictReader(lines)}
