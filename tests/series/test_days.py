"""Dates however others write them are days in UTC; what is none is named."""

import datetime

import pandas as pd
import pytest

from tension.errors import DateError
from tension.series.days import days_of

DAY = "2012-03-01"
WRITTEN = [
    ["2012-03-01"],
    ["2012-03"],
    ["2012-03-01T18:00"],
    ["2012-03-01T18:00-05:00"],
    [datetime.date(2012, 3, 1)],
    [pd.Timestamp("2012-03-01 18:00")],
    [pd.Timestamp("2012-03-01 18:00", tz="UTC")],
    [pd.Timestamp("2012-02-29 20:00", tz="America/New_York")],
    pd.PeriodIndex(["2012-03"], freq="M"),
    pd.Series([pd.Period("2012-03", "M")], dtype=object),
    pd.Categorical(["2012-03-01"]),
]


@pytest.mark.parametrize("written", WRITTEN, ids=lambda written: f"{type(written).__name__} {written[0]!r}")
def test_dates_of_every_kind_are_days(written):
    (day,) = days_of(pd.Series(written), "the column 'date'")
    assert day == pd.Timestamp(DAY)
    assert days_of(pd.Index(written), "the index").dtype == "datetime64[us]"


def test_a_period_ends_with_its_last_day():
    for freq, last in (("D", "2012-03-01"), ("W-SUN", "2012-03-04"), ("M", "2012-03-31"), ("Y", "2012-12-31")):
        assert days_of(pd.PeriodIndex([DAY], freq=freq), "the index", last=True) == [pd.Timestamp(last)]


@pytest.mark.parametrize("strange", ["soon", "2012-13-01", "", 2012, 2012.5, True])
def test_what_is_no_date_is_named(strange):
    with pytest.raises(DateError, match=rf"the column 'date' holds {strange!r}"):
        days_of(pd.Series([strange]), "the column 'date'")


@pytest.mark.parametrize("missing", [[None], [float("nan")], [pd.NaT], []])
def test_what_is_missing_stays_missing(missing):
    assert days_of(pd.Series(missing), "the column 'date'").isna().all()


def test_one_strange_value_among_dates_is_named():
    with pytest.raises(DateError, match="holds 'soon'"):
        days_of(pd.Series(["2012-03-01", None, "soon"]), "the column 'date'")
