"""Frozen parameters: later articles move no past value, and what was saved is applied again."""

import numpy as np
import pandas as pd
import pytest

from tension.errors import InputError, OptionError
from tension.records import SERIES_DTYPES
from tension.series.scaling import Scaling


def series_of(values: dict[str, list[float]], measure: str = "share") -> pd.DataFrame:
    rows = {
        (dyad, pd.Timestamp(f"{2001 + i}-01-01")): v for dyad, column in values.items() for i, v in enumerate(column)
    }
    index = pd.MultiIndex.from_tuples(rows, names=["dyad", "date"])
    tension = np.array(list(rows.values()))
    frame = pd.DataFrame(dict.fromkeys(SERIES_DTYPES, 5), index=index).astype(SERIES_DTYPES)
    frame = frame.assign(tension=tension, lower=tension - 1, upper=tension + 1)
    frame.attrs = {"measure": measure}
    return frame


def test_the_base_period_of_an_index_has_the_mean_100():
    scaled = Scaling.fit(series_of({"A-B": [2.0, 4.0, 9.0]}), ("2001", "2002")).apply(
        series_of({"A-B": [2.0, 4.0, 9.0]})
    )
    assert scaled["tension"].tolist() == pytest.approx([200 / 3, 400 / 3, 300])
    assert (scaled["upper"] - scaled["lower"]).tolist() == pytest.approx([200 / 3] * 3)


def test_later_values_move_no_past_value_and_saved_parameters_apply_again(tmp_path):
    short, long = series_of({"A-B": [2.0, 4.0, 9.0]}, "net"), series_of({"A-B": [2.0, 4.0, 9.0, 90.0]}, "net")
    scaling = Scaling.fit(short, ("2001", "2003"), "z")
    scaling.save(tmp_path / "scaling.json")
    again = Scaling.load(tmp_path / "scaling.json")
    assert again == scaling
    pd.testing.assert_frame_equal(scaling.apply(short), again.apply(long).iloc[:3])
    assert scaling.apply(short)["tension"].mean() == pytest.approx(0)


def test_dyads_outside_the_base_period_are_nan():
    scaled = Scaling.fit(series_of({"A-B": [2.0, 4.0]}), ("2001", "2002")).apply(
        series_of({"A-B": [2.0], "C-D": [1.0]})
    )
    assert scaled["tension"].isna().tolist() == [False, True]


def test_what_cannot_be_scaled_says_why(tmp_path):
    with pytest.raises(InputError, match="counts from 0"):
        Scaling.fit(series_of({"A-B": [-2.0, 1.0]}), ("2001", "2002"))
    with pytest.raises(InputError, match="between 1990 and 1991"):
        Scaling.fit(series_of({"A-B": [2.0]}), ("1990", "1991"))
    with pytest.raises(OptionError, match="index"):
        Scaling.fit(series_of({"A-B": [2.0]}), ("2001", "2001"), "rank")
    with pytest.raises(InputError, match="share"):
        Scaling.fit(series_of({"A-B": [2.0]}), ("2001", "2001")).apply(series_of({"A-B": [2.0]}, "net"))
    with pytest.raises(InputError, match="no scaling parameters"):
        Scaling.load(tmp_path / "none.json")
