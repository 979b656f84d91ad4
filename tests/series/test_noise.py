"""What chance alone makes of few stories: levels, bands and false alarms where nothing ever changes."""

import numpy as np
import pandas as pd
import pytest
from conftest import event, frame_of

from tension.errors import OptionError
from tension.report.plots import plot
from tension.series.aggregate import aggregate
from tension.series.changes import change_points
from tension.series.scaling import Scaling
from tension.series.shrink import shrink
from tension.series.smooth import smooth

MONTHS, DYADS = 60, 40
INTENSITIES, SHARES = (-9.0, -3.0, 2.5, 10.0), (0.25, 0.5, 0.15, 0.1)
TRUTH = {"net": 2.375, "conflict": 75.0, "cooperation": -25.0}


def sure(value: float, name: str, month: pd.Timestamp, target: str) -> dict:
    told = {"p_conflict": float(value < 0), "p_cooperation": float(value >= 0), "root": "ACCUSE" if value < 0 else "AGREE"}
    return event(target=target, story=name, article_id=name, date=month, intensity=value) | told


@pytest.fixture(scope="module")
def steady() -> pd.DataFrame:
    """Sure events of forty dyads, five stories a month, of which nothing but chance tells one month from another."""
    rng, rows = np.random.default_rng(0), []
    for dyad in range(DYADS):
        for month in pd.date_range("2000-01-01", periods=MONTHS, freq="MS"):
            drawn = rng.choice(INTENSITIES, 5, p=SHARES)
            rows += [sure(value, f"{dyad}-{month.date()}-{i}", month, f"A{dyad:02d}") for i, value in enumerate(drawn)]
    return frame_of(*rows)


@pytest.mark.parametrize("measure", list(TRUTH))
def test_few_stories_that_agree_by_chance_move_no_level(steady, measure):
    series = aggregate(steady, measure=measure)
    scale = series["tension"].std()
    level = smooth(series)
    assert abs(level["level"].mean() - TRUTH[measure]) < 0.1 * scale
    assert abs(shrink(series)["tension"].mean() - TRUTH[measure]) < 0.1 * scale
    held = ((level["lower"] <= TRUTH[measure]) & (TRUTH[measure] <= level["upper"])).mean()
    assert held > 0.75, held  # nominal 0.9; a dyad's months stand or fall together


@pytest.mark.parametrize("measure", ["net", "logratio", "conflict", "p90"])
def test_change_points_keep_their_rate_with_few_stories(steady, measure):
    found = change_points(aggregate(steady, measure=measure))
    assert found.index.get_level_values("dyad").nunique() <= 6  # two of forty are expected


def test_a_stock_has_no_change_points(steady):
    series = aggregate(steady.iloc[:50], measure="stock")
    with pytest.raises(OptionError, match="stock"):
        change_points(series)
    plot(series)


def test_levels_do_not_depend_on_the_unit():
    rng = np.random.default_rng(1)
    numbers = rng.poisson(np.repeat([6, 18], 24))
    months = pd.date_range("2015-01-01", periods=48, freq="MS")
    rows = [sure(-3.0, f"{i}-{k}", month, "JPN") for i, month in enumerate(months) for k in range(numbers[i])]
    volume = pd.Series(500_000, months)
    series = aggregate(frame_of(*rows), measure="share", volume=volume, min_n=1)
    index = Scaling.fit(series, ("2015", "2016")).apply(series)
    factor = (index["tension"] / series["tension"]).iloc[0]
    assert change_points(series).index.equals(change_points(index).index)
    assert len(change_points(series)) == 1
    for of in (smooth, shrink):
        plain, scaled = of(series), of(index)
        name = "level" if of is smooth else "tension"
        assert np.allclose(plain[name] * factor, scaled[name], rtol=0.02)
    assert smooth(series)["level"].iloc[-12:].mean() == pytest.approx(100 * 18 / 500_000, rel=0.15)


@pytest.mark.parametrize(("p", "n"), [(0.9, 8), (0.9, 12), (0.95, 12), (0.95, 20)])
@pytest.mark.parametrize(("measure", "least"), [("conflict", 0.85), ("logratio", 0.78)])  # nominal 0.9; counts come in steps
def test_the_interval_of_few_sure_stories_that_nearly_agree_holds(p, n, measure, least):
    rng, months = np.random.default_rng(2), pd.date_range("1950-01-01", periods=400, freq="MS")
    drawn = np.where(rng.random((len(months), n)) < p, -3.0, 3.0)
    rows = [sure(value, f"{i}-{k}", month, "JPN") for i, month in enumerate(months) for k, value in enumerate(drawn[i])]
    series = aggregate(frame_of(*rows), measure=measure)
    truth = 100 * p if measure == "conflict" else np.log(p / (1 - p))
    assert ((series["lower"] <= truth) & (truth <= series["upper"])).mean() > least


def test_the_volume_may_be_indexed_by_periods_or_times_of_a_zone():
    months = pd.date_range("2019-01-01", periods=2, freq="MS")
    rows = frame_of(*(sure(-3.0, f"{i}{k}", month, "JPN") for i, month in enumerate(months) for k in range(4)))
    indexes = months, months.tz_localize("UTC"), months.to_period("M"), months.strftime("%Y-%m-%d")
    shares = [aggregate(rows, measure="share", volume=pd.Series([40, 80], index))["tension"].tolist() for index in indexes]
    assert shares == [[10.0, 5.0]] * 4


def test_what_is_shrunk_stays_in_range():
    rng, months = np.random.default_rng(3), pd.date_range("2000-01-01", periods=24, freq="MS")
    drawn = np.where(rng.random((24, 4)) < 0.1, -3.0, 3.0)
    rows = [sure(value, f"{i}-{k}", month, "JPN") for i, month in enumerate(months) for k, value in enumerate(drawn[i])]
    for measure, low, high in (("conflict", 0, 100), ("cooperation", -100, 0)):
        drawn_in = shrink(aggregate(frame_of(*rows), measure=measure))
        assert (drawn_in["lower"].min() >= low, drawn_in["upper"].max() <= high) == (True, True)


def test_a_series_put_together_keeps_what_it_measures():
    dyads = [frame_of(*(sure(-3.0, f"{t}{i}", pd.Timestamp("2019-01-01"), t) for i in range(4))) for t in ("JPN", "KOR")]
    dyads[0] = pd.concat([dyads[0], dyads[0].iloc[:1].assign(article_id="a wire copy")])
    together = pd.concat([aggregate(part, measure="conflict", level=0.5) for part in dyads])
    assert (together.attrs["measure"], together.attrs["level"]) == ("conflict", 0.5)
