"""The dyad frame goes into panel software as it is."""

import numpy as np
import pandas as pd
import pytest
from conftest import event, frame_of

from tension.series.aggregate import aggregate
from tension.series.shrink import shrink


@pytest.fixture(scope="module")
def series() -> pd.DataFrame:
    """Six dyads over two years; from 2016 on all of them are three points tenser."""
    rng, rows = np.random.default_rng(0), []
    for month in pd.date_range("2015-01-01", periods=24, freq="MS"):
        for target in ("JPN", "KOR", "PHL", "USA", "IND", "VNM"):
            for i in range(5):
                name = f"{target}-{month.date()}-{i}"
                value = float(np.clip(rng.normal(2 - 3 * (month.year == 2016), 2), -10, 10))
                rows.append(event(target=target, story=name, article_id=name, date=month, intensity=value))
    return aggregate(frame_of(*rows))


def test_a_panel_regression_takes_the_series_as_it_is(series):
    from linearmodels import PanelOLS

    panel = series.assign(later=(series.index.get_level_values("date") >= "2016").astype(float))
    fitted = PanelOLS.from_formula("tension ~ later + EntityEffects", panel, weights=panel["n_stories"]).fit(
        cov_type="clustered", cluster_entity=True
    )
    assert fitted.params["later"] == pytest.approx(3, abs=0.4)


def test_so_does_a_regression_by_formula(series):
    from statsmodels.formula.api import wls

    fitted = wls(
        "tension ~ C(dyad) + (date >= '2016')", series.reset_index(), weights=series["n_stories"].to_numpy()
    ).fit()
    assert fitted.params.iloc[-1] == pytest.approx(3, abs=0.4)


def test_shrinking_draws_thin_cells_in_and_leaves_sure_ones(series):
    thin = series.copy()
    first = thin.index[0]
    thin.loc[first, ["tension", "lower", "upper", "n_stories"]] = [9.0, -10.0, 10.0, 1]
    drawn = shrink(thin)
    moved = (drawn["tension"] - thin["tension"]).abs()
    assert moved[first] > 3
    assert moved.drop(first).median() < 0.6
    before, after = (frame["upper"] - frame["lower"] for frame in (thin, drawn))
    assert after[first] < 0.5 * before[first]
    assert after.drop(first).mean() < 0.9 * before.drop(first).mean()
    assert after.drop(first).max() < 1.6 * after.drop(first).min()  # all rest on five stories, whatever these few agreed on
    assert shrink(thin.iloc[:2]).equals(thin.iloc[:2])
