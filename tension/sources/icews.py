"""ICEWS event files: tab separated with header, countries by name."""

from collections.abc import Collection, Iterable, Iterator

import pandas as pd

from tension.actors.gazetteer import Gazetteer
from tension.sources.cameo import clean_codes, coded_rows
from tension.sources.frame import Coded, Intensity, Options, Story, events_of
from tension.sources.layout import Layout
from tension.sources.states import namer
from tension.sources.tables import Block, Path, read_blocks
from tension.sources.values import bare

LAYOUT = Layout(
    "ICEWS",
    {
        "id": ("Event ID",),
        "day": ("Event Date",),
        "source": ("Source Country",),
        "target": ("Target Country",),
        "code": ("CAMEO Code",),
        "intensity": ("Intensity",),
        "report": ("Story ID",),
        "text": ("Event Sentence", "URL"),
    },
    ("id", "day", "source", "target", "code"),
)


def read_icews(
    path: Path | Iterable[Path],
    *,
    intensity: Intensity = "file",
    story: Story = "report",
    states: Collection[str] | None = None,
    gazetteer: Gazetteer | None = None,
) -> pd.DataFrame:
    """Events between states of ICEWS files.

    Event ids of ICEWS are not unique: rows that agree in id, sides, code and day are one event, others get an id of their own (`7#2`).

    Parameters
    ----------
    path
        A file or several, plain, zipped or gzipped.
    intensity, story, states
        As in `read_gdelt`; a report is a Story ID here.
    gazetteer
        Names of countries beyond those that are shipped; these go first.

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
    >>> path = Path(mkdtemp()) / "events.tab"
    >>> rows = ["Event ID\\tEvent Date\\tSource Country\\tCAMEO Code\\tIntensity\\tTarget Country",
    ...         "1\\t2019-01-24\\tRussian Federation\\t163\\t-8.0\\tCongo", "2\\t2019-01-24\\tChina\\t13y\\t-7.0\\tJapan"]
    >>> _ = path.write_text("\\n".join(rows))
    >>> events = read_icews(path)
    >>> events[["source", "target", "root", "intensity"]].values.tolist(), events.attrs["skipped"]["bad code"]
    ([['RUS', 'COG', 'COERCE', -8.0]], 1)

    References
    ----------
    Boschee et al. (2015), ICEWS Coded Event Data, Harvard Dataverse, doi:10.7910/DVN/28075.
    """
    options = Options(intensity, story, states)
    return events_of(_coded(read_blocks(path, LAYOUT), gazetteer), LAYOUT.name, options)


def _coded(blocks: Iterable[Block], gazetteer: Gazetteer | None) -> Iterator[Coded]:
    state = namer(gazetteer)
    seen: dict[str, set[str]] = {}
    for block in blocks:
        beside = seen.setdefault(block.file, set())
        beside.update(map(bare, block.rows["code"].unique()))
        codes = clean_codes(block.rows["code"], beside=beside)
        yield Coded(block, coded_rows(block.rows, codes, state), LAYOUT.name)
