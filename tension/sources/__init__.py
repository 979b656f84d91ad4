"""Other people's event files -> the events frame, so that their series and ours are made the same way.

from tension.sources import read_gdelt

series = tension.aggregate(read_gdelt("20190124.export.CSV.zip"), freq="D")
"""

from collections.abc import Iterable
from typing import Literal

import pandas as pd

from tension.errors import OptionError
from tension.sources.gdelt import read_gdelt
from tension.sources.icews import read_icews
from tension.sources.phoenix import read_phoenix
from tension.sources.polecat import read_polecat
from tension.sources.tables import Path

__all__ = ["read", "read_gdelt", "read_icews", "read_phoenix", "read_polecat"]

Format = Literal["gdelt", "icews", "polecat", "phoenix"]
READERS = {"gdelt": read_gdelt, "icews": read_icews, "polecat": read_polecat, "phoenix": read_phoenix}


def read(path: Path | Iterable[Path], format: Format, **options: object) -> pd.DataFrame:
    """The events of one or more files of a format; `options` are those of its reader.

    Raises
    ------
    OptionError
        If the format is not known.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> path = Path(mkdtemp()) / "events.tab"
    >>> rows = ["Event ID\\tEvent Date\\tSource Country\\tCAMEO Code\\tIntensity\\tTarget Country",
    ...         "1\\t2019-01-24\\tChina\\t111\\t-2.0\\tJapan"]
    >>> _ = path.write_text("\\n".join(rows))
    >>> read(path, "icews")[["source", "target", "root"]].values.tolist()
    [['CHN', 'JPN', 'ACCUSE']]
    """
    if format not in READERS:
        raise OptionError.of("format", format, READERS)
    return READERS[format](path, **options)
