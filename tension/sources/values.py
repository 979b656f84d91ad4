"""Columns of text -> states, days and numbers. Each distinct value is read once, so that a column of millions costs little."""

import re
from collections.abc import Callable

import numpy as np
import pandas as pd

_DAY = (
    r"^(\d{4})(-?)(\d{2})\2(\d{2})(?:(?:[01]\d|2[0-3])(?:[0-5]\d){2}|[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z?)?(?:\.0)?$"
)
_NUMBER = re.compile(r"([+-]?)\s*(\d+(?:\.\d*)?|\.\d+)")
_NOTHING = frozenset({"", "na", "nan", "null", "none", "-", "--", "---"})
LIMIT = 10.0


def bare(value: str) -> str:
    """A value without the spaces, tabs and quotes around it.

    >>> bare(' "042" ')
    '042'
    """
    return value.strip().strip('"').strip()


def by_value(column: pd.Series, meaning: Callable[[str], object]) -> np.ndarray:
    """What each value means, asked once per distinct value (`bare`).

    >>> by_value(pd.Series(["b", " a", "b"], dtype="str"), str.upper).tolist()
    ['B', 'A', 'B']
    """
    places, values = pd.factorize(column)
    meanings = np.empty(len(values), dtype=object)
    for i, value in enumerate(values):
        meanings[i] = meaning(bare(value))
    return meanings[places]


def is_nothing(column: pd.Series) -> np.ndarray:
    """Where a column has no value, or a word for none."""
    return by_value(column, lambda value: value.lower() in _NOTHING).astype(bool)


def days(column: pd.Series) -> np.ndarray:
    """Days written YYYYMMDD, YYYYMMDDHHMMSS or YYYY-MM-DD, with or without a time; NaT for anything else.

    Month and day are never guessed: 3/4/2019 is NaT.

    >>> days(pd.Series(["20190124", "2019-01-24 08:00:00", "20190230", "1/24/2019"], dtype="str")).astype(str).tolist()
    ['2019-01-24T00:00:00.000000', '2019-01-24T00:00:00.000000', 'NaT', 'NaT']
    """
    places, values = pd.factorize(column)
    parts = pd.Series([bare(value) for value in values], dtype="str").str.extract(_DAY)
    digits = parts[0] + parts[2] + parts[3]
    known = pd.to_datetime(digits, format="%Y%m%d", errors="coerce").astype("datetime64[us]").to_numpy()
    return known[places]


def numbers(column: pd.Series) -> np.ndarray:
    """Numbers between -10 and 10; NaN where there is none, infinity where a value is no such number.

    >>> numbers(pd.Series([" -2.0", "- 5", "", "n/a", "40"], dtype="str")).tolist()
    [-2.0, -5.0, nan, inf, inf]
    """
    return by_value(column, _number).astype(float)


def _number(value: str) -> float:
    if value.lower() in _NOTHING:
        return np.nan
    match = _NUMBER.fullmatch(value)
    number = float(match[1] + match[2]) if match else np.inf
    return number if abs(number) <= LIMIT else np.inf


def reports(column: pd.Series, pages_only: bool = False) -> np.ndarray:
    """Names of the reports a column cites; an id that is no URL gets a word before it, since it could else be taken for an event's id.

    With `pages_only` such a citation names no report.

    >>> reports(pd.Series(["https://a.example/1", "77", ""], dtype="str")).tolist()
    ['https://a.example/1', 'story 77', '']
    """
    cited = column.str.strip().str.strip('"')
    page = cited.str.lower().str.startswith("http") | cited.eq("")
    return cited.where(page, "" if pages_only else "story " + cited).to_numpy(object)
