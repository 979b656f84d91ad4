"""GDELT event files, version 1 (57 columns, 58 since April 2013) and version 2 (61 columns)."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from tension.sources.cameo import clean_codes, coded_rows
from tension.sources.frame import Coded, Intensity, Options, Story, events_of
from tension.sources.layout import Layout, plain
from tension.sources.states import state_of_code
from tension.sources.tables import Block, Path, read_blocks
from tension.sources.values import by_value


def _actor(number: int) -> tuple[str, ...]:
    ends = ("Code", "Name", "CountryCode", "KnownGroupCode", "EthnicCode", "Religion1Code", "Religion2Code")
    return tuple(f"Actor{number}{end}" for end in (*ends, "Type1Code", "Type2Code", "Type3Code"))


def _place(whose: str, second: bool) -> tuple[str, ...]:
    ends = (
        "Type",
        "FullName",
        "CountryCode",
        "ADM1Code",
        *(("ADM2Code",) if second else ()),
        "Lat",
        "Long",
        "FeatureID",
    )
    return tuple(f"{whose}Geo_{end}" for end in ends)


def _columns(second: bool) -> tuple[str, ...]:
    """Columns in the order of the codebook, up to DATEADDED; `second`: of version 2."""
    event = ("IsRootEvent", "EventCode", "EventBaseCode", "EventRootCode", "QuadClass", "GoldsteinScale")
    counts = ("NumMentions", "NumSources", "NumArticles", "AvgTone")
    places = [name for whose in ("Actor1", "Actor2", "Action") for name in _place(whose, second)]
    first = ("GLOBALEVENTID", "SQLDATE", "MonthYear", "Year", "FractionDate")
    return (*first, *_actor(1), *_actor(2), *event, *counts, *places, "DATEADDED")


LAYOUT = Layout(
    "GDELT",
    {
        "id": ("GLOBALEVENTID",),
        "day": ("SQLDATE", "Day"),
        "source": ("Actor1CountryCode",),
        "target": ("Actor2CountryCode",),
        "code": ("EventCode",),
        "root": ("EventRootCode",),
        "intensity": ("GoldsteinScale",),
        "is_root": ("IsRootEvent",),
        "added": ("DATEADDED",),
        "text": ("SOURCEURL",),
    },
    ("id", "day", "source", "target", "code"),
    {57: _columns(False), 58: (*_columns(False), "SOURCEURL"), 61: (*_columns(True), "SOURCEURL")},
)


def read_gdelt(
    path: Path | Iterable[Path],
    *,
    intensity: Intensity = "file",
    story: Story = "report",
    states: Collection[str] | None = None,
    root_only: bool = False,
) -> pd.DataFrame:
    """Events between states of GDELT event files.

    Parameters
    ----------
    path
        A file or several: tab separated without header as GDELT publishes them, plain, zipped or gzipped; or an export with the codebook's
        column names.
    intensity
        `file`: GoldsteinScale as given, the published table where it is missing; `table`: the table throughout; `plover`: the values
        of this package, on which the events of `tension.score` lie too. All -10..+10.
    story
        `report`: events from one web page are one story; `event`: each is its own.
    states
        Only events of which both sides are among these states.
    root_only
        Only what GDELT marks as a root event, which it found in the lead of the report.

    Returns
    -------
    DataFrame
        An events frame. `date` is the day added, `event_start` and `event_end` the day of the event, `text` the URL. `attrs`: `source`;
        `skipped`, rows left out by reason (`tension.sources.frame.REASONS`); `off_table`, events whose own intensity is not the
        table's.

    Raises
    ------
    InputError, MissingColumnError, OptionError
        If a file is missing, damaged or no such file, lacks a column, or an option is outside its list.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> path = Path(mkdtemp()) / "export.csv"
    >>> _ = path.write_text('''GLOBALEVENTID,SQLDATE,Actor1CountryCode,Actor2CountryCode,EventCode,EventRootCode,GoldsteinScale
    ... 1,20190124,CHN,JPN,112,11,-2.0
    ... 2,20190124,CHN,JPN,036,03,4.0
    ... 3,20190124,CHN,EUR,036,03,4.0''')
    >>> events = read_gdelt(path)
    >>> events[["source", "target", "root", "intensity"]].values.tolist(), events.attrs["skipped"]["no state"]
    ([['CHN', 'JPN', 'ACCUSE', -2.0], ['CHN', 'JPN', 'AGREE', 4.0]], 1)

    References
    ----------
    Leetaru and Schrodt (2013), GDELT: Global Data on Events, Location and Tone.
    """
    options = Options(intensity, story, states)
    layout = replace(LAYOUT, required=(*LAYOUT.required, "is_root")) if root_only else LAYOUT
    return events_of(_coded(read_blocks(path, layout), root_only), LAYOUT.name, options)


def _coded(blocks: Iterable[Block], root_only: bool) -> Iterator[Coded]:
    for block in blocks:
        given = block.rows
        codes = clean_codes(given["code"], given.get("root"))
        # other citations than pages, such as "BBC Monitoring", are shared by thousands of events
        rows = coded_rows(given, codes, state_of_code, cited="text", pages_only=True)
        yield Coded(block, rows, _version(block), _passing(given) if root_only else None)


def _passing(given: pd.DataFrame) -> np.ndarray:
    """Which rows are not marked as root events."""
    return ~by_value(given["is_root"], lambda flag: flag == "1").astype(bool)


def _version(block: Block) -> str:
    """GDELT 2.0 has a second administrative division and the time of day at which an event was added."""
    if any(plain(name).endswith("adm2code") for name in block.names):
        return "GDELT 2.0"
    if "added" not in block.rows:
        return "GDELT"
    return "GDELT 2.0" if np.any(block.rows["added"].str.strip().str.len() == 14) else "GDELT 1.0"
