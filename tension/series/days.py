"""Dates as others write them -> days as the series write them."""

import pandas as pd
from pandas.api.types import is_numeric_dtype

from tension.errors import DateError


def days_of(values: pd.Series | pd.Index, what: str, *, last: bool = False) -> pd.DatetimeIndex:
    """Dates, times, periods or their text as days in UTC without a time zone.

    Parameters
    ----------
    values
        (n,): dates or times (without a zone they are taken to be UTC), periods, or text that pandas reads as dates, all written alike.
    what
        What holds them, for the message of the error: "the column 'date' of a reference".
    last
        Whether a period stands for its last day rather than its first.

    Returns
    -------
    DatetimeIndex
        (n,): midnights in microseconds; NaT where a value is missing.

    Raises
    ------
    DateError
        If a value is no date; a number is none.

    Examples
    --------
    >>> quarters = pd.period_range("2012Q1", periods=2, freq="Q")
    >>> days_of(quarters, "the index").strftime("%Y-%m-%d").tolist()
    ['2012-01-01', '2012-04-01']
    >>> days_of(quarters, "the index", last=True).strftime("%Y-%m-%d").tolist()
    ['2012-03-31', '2012-06-30']
    >>> days_of(pd.Index(["2012-01-01T02:00+09:00"]), "the index").strftime("%Y-%m-%d").tolist()
    ['2011-12-31']
    """
    given = pd.Index(values).infer_objects()
    if isinstance(given, pd.PeriodIndex):
        return _midnights(given.to_timestamp(how="end" if last else "start"))
    days = pd.to_datetime(given, utc=True, errors="coerce")
    strange = given.notna() & (days.isna() | is_numeric_dtype(given))
    if strange.any():
        raise DateError(
            f"{what} holds {given[strange].tolist()[0]!r}, which is no date; write every day like 2012-09-18"
        )
    return _midnights(days.tz_localize(None))


def _midnights(times: pd.DatetimeIndex) -> pd.DatetimeIndex:
    return times.normalize().as_unit("us")
