"""CAMEO codes as files hold them -> codes one can trust, with root, quad and intensity.

CAMEO was renumbered after its 2007 scale was published: 163 was "halt negotiations" and became "impose embargo", 016 "empathetic comment"
and became "deny responsibility". A scale must therefore be read with the numbering it was made for; both are in data/ontology.
"""

import csv
import re
from collections.abc import Callable, Collection
from functools import cache
from typing import Literal

import numpy as np
import pandas as pd

from tension.errors import InputError, OptionError
from tension.ontology import cameo_quad, cameo_root
from tension.resources import data_path
from tension.sources.values import by_value, reports

CameoScale = Literal["gdelt", "keds2007"]
SCALES: tuple[str, ...] = ("gdelt", "keds2007")


def is_cameo(code: str) -> bool:
    """Whether a code is one of CAMEO's, under either numbering."""
    return code in _scales()


def cameo_intensity(code: str, scale: CameoScale = "gdelt") -> float:
    """Intensity of a CAMEO code, -10..+10; a code the scale leaves out has that of the code above it.

    Parameters
    ----------
    code
        A code with its leading zero.
    scale
        `gdelt` for codes in the numbering of today (GDELT, ICEWS, PETRARCH), `keds2007` for that of 2007.

    Raises
    ------
    InputError
        If the code is not CAMEO's.

    Examples
    --------
    >>> cameo_intensity("016"), cameo_intensity("016", "keds2007")
    (-2.0, 3.4)
    """
    if scale not in SCALES:
        raise OptionError.of("scale", scale, SCALES)
    if not is_cameo(code):
        raise InputError(f"{code!r} is not a CAMEO code")
    table = _scales()
    values = (table[code[:length]][SCALES.index(scale)] for length in (4, 3, 2) if code[:length] in table)
    return next(value for value in values if value is not None)


@cache
def _scales() -> dict[str, tuple[float | None, ...]]:
    with data_path("ontology", "cameo_scales.csv").open(encoding="utf-8", newline="") as lines:
        return {
            row["code"]: tuple(float(row[scale]) if row[scale] else None for scale in SCALES)
            for row in csv.DictReader(lines)
        }


def clean_codes(codes: pd.Series, roots: pd.Series | None = None, beside: Collection[str] = ()) -> pd.Series:
    """Codes with the leading zero that a spreadsheet took; '' for what is no CAMEO code or could be two.

    A bare 10 is the demand, or 010 without its zero. The column of root codes tells which, and without it the other codes do: where
    42 stands for 042, 10 is 010; where 042 stands, 10 is 10; where neither does, it is left out. `beside` are codes of the same file
    that are not in the column.

    >>> clean_codes(pd.Series(["042", "36", "190", "13y", "---"], dtype="str")).tolist()
    ['042', '036', '190', '', '']
    >>> clean_codes(pd.Series(["10", "10"], dtype="str"), pd.Series(["1", "10"], dtype="str")).tolist()
    ['010', '10']
    """
    bare_codes = pd.Series(by_value(codes, _digits), dtype="str")
    if roots is not None:
        both = pd.Series(by_value(roots, _digits), dtype="str").str.zfill(2) + "|" + bare_codes
        return pd.Series(by_value(both, _with_root), dtype="str")
    distinct = {*bare_codes.unique(), *map(_digits, beside)}
    padded = any(code.startswith("0") and is_cameo(code) for code in distinct)
    stripped = any(not is_cameo(code) and is_cameo("0" + code) for code in distinct)

    def meant(code: str) -> str:
        readings = [reading for reading in (code, "0" + code) if is_cameo(reading)]
        if len(readings) == 2:
            return code if padded and not stripped else "0" + code if stripped and not padded else ""
        return readings[0] if readings else ""

    return pd.Series(by_value(bare_codes, meant), dtype="str")


def _digits(value: str) -> str:
    """The value if it is digits, also as a spreadsheet writes them (42.0); else ''."""
    value = re.sub(r"\.0+$", "", value)
    return value if value.isascii() and value.isdigit() else ""


def _with_root(both: str) -> str:
    root, _, code = both.partition("|")
    readings = (reading for reading in (code, "0" + code) if reading.startswith(root) and is_cameo(reading))
    return next(readings, "")


def judged(codes: pd.Series) -> pd.DataFrame:
    """Root, quad and `table` intensity of clean codes; '' and NaN where there is none.

    >>> judged(pd.Series(["036", "163", "010"], dtype="str")).values.tolist()
    [['AGREE', 'VCOOP', 4.0], ['COERCE', 'MCONF', -8.0], ['', '', 0.0]]
    """
    return pd.DataFrame(
        {
            "root": by_value(codes, lambda code: (code and cameo_root(code)) or ""),
            "quad": by_value(codes, lambda code: (code and cameo_quad(code)) or ""),
            "table": by_value(codes, lambda code: cameo_intensity(code) if code else np.nan).astype(float),
        }
    )


def coded_rows(
    rows: pd.DataFrame, codes: pd.Series, state: Callable[[str], str], cited: str = "report", pages_only: bool = False
) -> pd.DataFrame:
    """What a CAMEO format makes of its rows, as `Coded` wants them: the column `cited` names the report where the file has it."""
    sides = {side: by_value(rows[side], state) for side in ("source", "target")}
    report = reports(rows[cited], pages_only) if cited in rows else ""
    return judged(codes).assign(code=codes, report=report, **sides)
