"""Phoenix event files: the daily ones (tab separated, 26 columns, no header) and the historical ones (CSV with header)."""

from collections.abc import Collection, Iterable, Iterator

import pandas as pd

from tension.sources.cameo import clean_codes, coded_rows
from tension.sources.frame import Coded, Intensity, Options, Story, events_of
from tension.sources.layout import Layout
from tension.sources.states import state_of_code
from tension.sources.tables import Block, Path, read_blocks

_SIDE = ("Full", "Entity", "Role", "Attribute")
_DAILY = (
    *("EventID", "Date", "Year", "Month", "Day"),
    *(f"{side}Actor{part}" for side in ("Source", "Target") for part in _SIDE),
    *("EventCode", "EventRootCode", "PentaClass", "GoldsteinScale", "Issues"),
    *("Lat", "Lon", "LocationName", "StateName", "CountryCode", "SentenceID", "URLs", "NewsSources"),
)
LAYOUT = Layout(
    "Phoenix",
    {
        "id": ("EventID", "eid"),
        "day": ("Date", "story_date"),
        "year": ("Year",),
        "month": ("Month",),
        "monthday": ("Day",),
        "source": ("SourceActorEntity", "source_root"),
        "target": ("TargetActorEntity", "target_root"),
        "code": ("EventCode", "code"),
        "root": ("EventRootCode", "root_code"),
        "intensity": ("GoldsteinScale", "goldstein"),
        "report": ("URLs", "aid"),
        "text": ("URLs",),
    },
    ("id", "day", "source", "target", "code", "root"),
    {len(_DAILY): _DAILY},
)


def read_phoenix(
    path: Path | Iterable[Path],
    *,
    intensity: Intensity = "file",
    story: Story = "report",
    states: Collection[str] | None = None,
) -> pd.DataFrame:
    """Events between states of Phoenix files.

    The Goldstein values that the Phoenix pipeline writes come from the scale of 2007, whose numbering is not that of the codes beside them:
    codes 016, 022, 124, 163, 165 and 166 have the value of another act. They are kept as given; `attrs["off_table"]` counts such rows, and
    `intensity="table"` puts them right.

    Parameters
    ----------
    path
        A file or several, plain, zipped or gzipped.
    intensity, story, states
        As in `read_gdelt`; a report is what the column URLs holds, or an article's `aid`.

    Returns
    -------
    DataFrame
        An events frame and its `attrs`, as in `read_gdelt`. `date` is the day of the event: the files have no other.

    Raises
    ------
    InputError, MissingColumnError, OptionError
        As in `read_gdelt`.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> path = Path(mkdtemp()) / "events.csv"
    >>> _ = path.write_text('''eid,story_date,source_root,target_root,code,root_code,goldstein
    ... 1,2019-01-24,USA,CUB,163,16,-6.5''')
    >>> read_phoenix(path)["intensity"].tolist(), read_phoenix(path, intensity="table")["intensity"].tolist()
    ([-6.5], [-8.0])

    References
    ----------
    Althaus, Bajjalieh, Carter, Peyton and Shalmon (2017), Cline Center Historical Phoenix Event Data.
    """
    options = Options(intensity, story, states)
    return events_of(_coded(read_blocks(path, LAYOUT)), LAYOUT.name, options)


def _coded(blocks: Iterable[Block]) -> Iterator[Coded]:
    for block in blocks:
        codes = clean_codes(block.rows["code"], block.rows["root"])
        yield Coded(block, coded_rows(block.rows, codes, state_of_code), LAYOUT.name)
