"""Episodes, lead and lag, change points: what is there is found, and nothing where there is nothing."""

import numpy as np
import pandas as pd
import pytest

from tension.errors import DateError, InputError, MissingColumnError, OptionError
from tension.series.changes import best_cuts, change_points
from tension.series.compare import lead_lag
from tension.series.episodes import episodes

RATE = 0.05
MANY = 300  # dyads without change: the share of false alarms has a standard error of 1.3 points


def frame_of(values: np.ndarray, dyads: list[str], variance: np.ndarray | None = None) -> pd.DataFrame:
    """A dyad series of (dyads, months) values whose intervals have the given variances, and as many stories as go with them."""
    index = pd.MultiIndex.from_product(
        [dyads, pd.date_range("2000-01-01", periods=values.shape[1], freq="MS")], names=["dyad", "date"]
    )
    variances = np.ones(values.size) if variance is None else variance.ravel()
    x, reach = values.ravel(), 1.645 * np.sqrt(variances)
    frame = pd.DataFrame({"tension": x, "lower": x - reach, "upper": x + reach}, index=index)
    counts = {
        "n_articles": 500,
        "n_stories": (500 / variances).round(),
        "n_events": 500,
        "cooperation": 0.0,
        "conflict": 0.0,
        "intensity": 0.0,
    }
    frame = frame.assign(**counts)
    frame.attrs = {"measure": "net", "freq": "M", "level": 0.9}
    return frame


def spans_of(dyads: list[str], start: str, end: str) -> pd.DataFrame:
    return pd.DataFrame({"dyad": dyads, "start": start, "end": end})


def test_tense_episodes_are_told_from_calm_ones():
    rng, dyads = np.random.default_rng(1), [f"A{i:02d}-B" for i in range(20)]
    calm = rng.normal(size=(20, 60))
    tense = calm.copy()
    tense[:, 24:30] += 2
    spans = spans_of(dyads, "2002-01-10", "2002-06-20")
    found = episodes(frame_of(tense, dyads), spans, draws=100, placebos=100)
    assert found["auc"]["tension"] > 0.85
    assert found["lower"]["tension"] > 0.75
    assert found.attrs["p_value"] < 0.02
    assert found[["n_episode", "n_other", "dyads"]].loc["tension"].tolist() == [120, 1080, 20]


def test_without_a_difference_placebos_do_as_well():
    dyads, low = [f"A{i:02d}-B" for i in range(20)], 0
    spans = spans_of(dyads, "2002-01-10", "2002-06-20")
    for seed in range(20):
        calm = frame_of(np.random.default_rng(seed).normal(size=(20, 60)), dyads)
        low += episodes(calm, spans, draws=10, placebos=50).attrs["p_value"] < 0.1
    assert low <= 6  # two are expected; seven or more come once in 400 such tests


def test_an_episode_touches_the_periods_it_lies_in():
    frame = frame_of(np.arange(12.0)[None], ["A-B"])
    one_day = episodes(frame, spans_of(["A-B"], "2000-12-31", "2000-12-31"), placebos=20)
    assert (one_day["auc"]["tension"], one_day["n_episode"]["tension"]) == (1.0, 1)
    across = episodes(frame, spans_of(["A-B"], "2000-01-31", "2000-02-01"), placebos=20)
    assert (across["auc"]["tension"], across["n_episode"]["tension"]) == (0.0, 2)


def test_episodes_of_other_dyads_or_times_say_so():
    frame = frame_of(np.arange(12.0)[None], ["A-B"])
    for spans in (spans_of(["A-C"], "2000-02-01", "2000-03-01"), spans_of(["A-B"], "1990-02-01", "1990-03-01")):
        with pytest.raises(InputError, match="in and out"):
            episodes(frame, spans)
    with pytest.raises(MissingColumnError, match="start"):
        episodes(frame, pd.DataFrame({"dyad": ["A-B"]}))


def test_one_dyads_bounds_come_from_its_periods():
    values = np.random.default_rng(9).normal(size=(1, 60))
    values[0, 24:36] += 1
    spans = spans_of(["A-B"], "2002-01-10", "2002-12-20")
    found = episodes(frame_of(values, ["A-B"]), spans, placebos=20).loc["tension"]
    assert found["lower"] < found["auc"] < found["upper"]
    assert 0.1 < found["upper"] - found["lower"] < 0.5


def test_one_dyads_bounds_hold_their_level():
    rng, rounds, held = np.random.default_rng(10), 150, 0
    spans = spans_of(["A-B"], "2002-01-10", "2002-12-20")
    for _ in range(rounds):
        found = episodes(frame_of(rng.normal(size=(1, 60)), ["A-B"]), spans, draws=60, placebos=1).loc["tension"]
        held += found["lower"] <= 0.5 <= found["upper"]
    assert held / rounds > 0.82  # 0.9 is expected, three standard errors are 0.075


@pytest.mark.parametrize(
    ("values", "end"),
    [
        (np.random.default_rng(11).normal(size=24), "2000-03-20"),
        (np.random.default_rng(11).normal(size=24), "2001-10-20"),
        (np.arange(24.0), "2000-06-20"),
        (np.zeros(24), "2000-06-20"),
    ],
    ids=["few inside", "few outside", "wholly apart", "constant"],
)
def test_one_dyad_that_tells_too_little_has_no_bounds(values, end):
    found = episodes(frame_of(values[None], ["A-B"]), spans_of(["A-B"], "2000-01-10", end), placebos=20)
    assert found.loc["tension", ["lower", "upper"]].isna().all()
    assert found.notna().loc["tension", "auc"]
    assert found.loc["placebo"].notna().all()


def test_spans_may_name_dyads_and_days_their_own_way():
    frame = frame_of(np.random.default_rng(12).normal(size=(2, 24)), ["CHN-IND", "CHN-JPN"])
    plain = spans_of(["CHN-IND", "CHN-JPN"], "2000-03-01", "2000-08-31")
    expected = episodes(frame, plain, draws=20, placebos=20)
    assert expected["dyads"]["tension"] == 2
    days = plain.assign(start=pd.to_datetime(plain["start"]), end=pd.to_datetime(plain["end"]))
    for spans in (
        plain.assign(dyad=["CHN-IND", "JPN-CHN"]),
        days.assign(start=days["start"].dt.tz_localize("UTC"), end=days["end"].dt.tz_localize("UTC")),
        days.assign(start=days["start"].dt.to_period("M"), end=days["end"].dt.to_period("M")),
    ):
        pd.testing.assert_frame_equal(episodes(frame, spans, draws=20, placebos=20), expected)
    with pytest.raises(DateError, match="column 'end' of the episodes holds 'soon'"):
        episodes(frame, plain.assign(end=["2000-08-31", "soon"]))


def test_lead_and_lag_peak_where_the_reference_follows():
    rng, dyads = np.random.default_rng(2), ["A-B", "A-C", "B-C"]
    values = rng.normal(size=(3, 80))
    frame = frame_of(values, dyads)
    later = frame["tension"].groupby(level="dyad").shift(2).rename("conflict").reset_index()
    table = lead_lag(frame, later, most=3)
    assert table["rho"].idxmax() == 2
    assert table["rho"][2] == pytest.approx(1)
    assert abs(table["rho"][0]) < 0.2


def test_change_points_keep_their_false_alarm_rate():
    rng = np.random.default_rng(3)
    variance = rng.uniform(0.3, 2, size=(MANY, 80))
    frame = frame_of(
        rng.normal(size=variance.shape) * np.sqrt(variance), [f"A{i:03d}-B" for i in range(MANY)], variance
    )
    alarmed = change_points(frame, false_alarm=RATE).index.get_level_values("dyad").nunique() / MANY
    assert 0.005 < alarmed < RATE + 0.035


def test_a_level_that_moved_twice_is_cut_twice():
    rng = np.random.default_rng(4)
    values = np.concatenate([rng.normal(size=30), rng.normal(4, 1, size=20), rng.normal(-2, 1, size=30)])
    found = change_points(frame_of(values[None], ["A-B"]))
    assert [f"{date:%Y-%m}" for _, date in found.index] == ["2002-07", "2004-03"]
    assert found["before"].iloc[1] == pytest.approx(found["after"].iloc[0])
    assert change_points(frame_of(np.zeros((1, 4)), ["A-B"])).empty


def test_cuts_are_the_best_ones():
    x = np.random.default_rng(5).normal(size=9)
    weight = np.random.default_rng(6).uniform(0.5, 2, size=9)

    def cost(cuts: list[int]) -> float:
        parts = [slice(a, b) for a, b in zip([0, *cuts], [*cuts, 9], strict=True)]
        spread = sum((weight[p] * (x[p] - np.average(x[p], weights=weight[p])) ** 2).sum() for p in parts)
        return spread + 0.4 * len(cuts)

    every = [[], *([i] for i in range(2, 8)), *([i, j] for i in range(2, 8) for j in range(i + 2, 8))]
    every += [[2, 4, 6], [2, 4, 7], [2, 5, 7], [3, 5, 7]]
    assert best_cuts(x, weight, 0.4, 2) == min(every, key=cost)


@pytest.mark.parametrize(("option", "value"), [("false_alarm", 0.0), ("shortest", 1)])
def test_options_out_of_range_say_so(option, value):
    with pytest.raises(OptionError, match=option):
        change_points(frame_of(np.zeros((1, 9)), ["A-B"]), **{option: value})
