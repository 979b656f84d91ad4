from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from conftest import event, frame_of
from scipy import stats

from tension.errors import DateError, InputError, MissingColumnError, OptionError
from tension.records import SERIES_DTYPES
from tension.series.aggregate import aggregate, compare_measures
from tension.series.changes import changes
from tension.series.compare import compare, lead_lag
from tension.series.explain import explain
from tension.series.smooth import decay, local_level, smooth


def story(name: str, intensity: float, date: str = "2019-01-24", **changes):
    conflict = intensity < 0
    root, quad = ("ACCUSE", "VCONF") if conflict else ("AGREE", "VCOOP")
    probabilities = {"p_conflict": float(conflict), "p_cooperation": float(not conflict)}
    values = {
        "story": name,
        "article_id": name,
        "intensity": intensity,
        "date": pd.Timestamp(date),
        "root": root,
        "quad": quad,
    }
    return event(**values, **probabilities, **changes)


def test_net_is_minus_the_mean_over_stories():
    series = aggregate(frame_of(story("a", -6.0), story("b", -3.0), story("c", 3.0)))
    cell = series.loc[("CHN-JPN", pd.Timestamp("2019-01-01"))]
    assert cell["tension"] == pytest.approx(2.0)
    assert cell["lower"] <= cell["tension"] <= cell["upper"]
    assert (cell["n_stories"], cell["n_events"], cell["conflict"], cell["cooperation"]) == (3, 3, 2, 1)


def test_the_frame_keeps_its_contract():
    series = aggregate(frame_of(story("a", -6.0), story("b", -3.0), story("c", 3.0)))
    assert {name: str(dtype) for name, dtype in series.dtypes.items()} == SERIES_DTYPES
    assert series.index.names == ["dyad", "date"]
    assert series.index.is_monotonic_increasing


def test_copies_and_sentences_of_one_story_weigh_one():
    rows = [story("a", -6.0), story("b", 3.0), story("c", 3.0)]
    copies = [story("a", -6.0) | {"article_id": f"copy{i}", "sentence": i} for i in range(50)]
    one, many = aggregate(frame_of(*rows)), aggregate(frame_of(*rows, *copies))
    assert one["tension"].iloc[0] == pytest.approx(many["tension"].iloc[0])
    assert many["n_stories"].iloc[0] == 3
    assert many["n_articles"].iloc[0] == 53


def test_thin_periods_are_nan_not_zero():
    series = aggregate(frame_of(story("a", -6.0), story("b", -6.0)))
    assert series[["tension", "lower", "upper"]].isna().all(axis=None)
    assert aggregate(frame_of(story("a", -6.0), story("b", -6.0)), min_n=2)["tension"].notna().all()


def test_directions():
    rows = [story(f"{i}", -3.0) for i in range(3)] + [story(f"x{i}", 5.0, source="JPN", target="CHN") for i in range(3)]
    assert aggregate(frame_of(*rows)).index.get_level_values("dyad").tolist() == ["CHN-JPN"]
    directed = aggregate(frame_of(*rows), directed=True)["tension"].droplevel("date")
    assert directed.to_dict() == pytest.approx({"CHN->JPN": 3.0, "JPN->CHN": -5.0})


def test_days_add_up_to_weeks_and_months():
    rng = np.random.default_rng(0)
    rows = [story(str(i), float(rng.choice([-6, -3, 5])), f"2019-02-{1 + i % 28:02d}") for i in range(200)]
    days, weeks, month = (aggregate(frame_of(*rows), freq) for freq in ("D", "W", "M"))
    for name in ("n_stories", "conflict", "cooperation"):
        assert days[name].sum() == weeks[name].sum() == month[name].sum()
    weighted = (days["intensity"] * days["n_stories"]).sum() / days["n_stories"].sum()
    assert weighted == pytest.approx(month["intensity"].iloc[0])
    assert set(weeks.index.get_level_values("date").day_of_week) == {0}


def test_the_interval_of_equal_stories_is_not_a_point():
    cell = aggregate(frame_of(*[story(str(i), -3.0) for i in range(3)])).iloc[0]
    assert cell["upper"] - cell["lower"] > 1
    assert aggregate(frame_of(story("a", -3.0)), min_n=1).iloc[0]["upper"] == 10


def test_events_of_one_story_may_lie_in_two_periods():
    rows = [
        story("a", -3.0) | {"event_start": pd.Timestamp("2019-06-05"), "status": "planned"},
        story("a", -3.0) | {"sentence": 1},
    ]
    assert [date.month for _, date in aggregate(frame_of(*rows), by="event").index] == [1, 6]
    assert [date.month for _, date in aggregate(frame_of(*rows)).index] == [1]


def test_frames_read_back_from_csv_work(tmp_path):
    events = frame_of(*[story(str(i), -3.0, f"2019-0{1 + i % 3}-10") for i in range(9)])
    events.to_csv(tmp_path / "events.csv", index=False)
    series = aggregate(pd.read_csv(tmp_path / "events.csv"))
    pd.testing.assert_frame_equal(series, aggregate(events))
    series.reset_index().to_csv(tmp_path / "series.csv", index=False)
    back = pd.read_csv(tmp_path / "series.csv", parse_dates=["date"]).set_index(["dyad", "date"])
    with pytest.warns(UserWarning, match="does not tell its (measure|level)"):
        assert np.allclose(smooth(back)["level"], smooth(series)["level"])
    with pytest.raises(InputError, match="set_index"):
        smooth(pd.read_csv(tmp_path / "series.csv"))


def test_smoothing_invents_no_value():
    assert smooth(series_of([np.nan] * 3))["level"].isna().all()
    assert smooth(series_of([np.nan, 1.0, 2.0, 1.0]))["filtered"].isna().tolist() == [True, False, False, False]
    assert smooth(aggregate(frame_of())).empty
    assert changes(aggregate(frame_of())).empty


def test_an_added_later_article_moves_no_past_value():
    rows = [story(str(i), -3.0, f"2019-0{1 + i % 3}-10") for i in range(9)]
    before = aggregate(frame_of(*rows))
    after = aggregate(frame_of(*rows, *[story(f"n{i}", 9.5, "2019-04-01") for i in range(5)]))
    pd.testing.assert_frame_equal(before, after.loc[before.index])


def test_negated_and_historical_events_stay_out_by_default():
    rows = [
        story("a", -3.0),
        story("b", -3.0),
        story("c", -3.0),
        story("d", 9.0, status="historical"),
        story("e", 9.0, status="negated"),
    ]
    assert aggregate(frame_of(*rows))["n_stories"].iloc[0] == 3
    assert aggregate(frame_of(*rows), statuses=("occurred", "historical"))["n_stories"].iloc[0] == 4


def test_events_can_be_dated_by_their_own_time():
    rows = [story(str(i), -3.0, event_start=pd.Timestamp("2012-09-11")) for i in range(3)]
    assert aggregate(frame_of(*rows), by="event").index[0][1] == pd.Timestamp("2012-09-01")


def test_coverage_of_the_net_interval():
    rng, cells = np.random.default_rng(1), 600
    rows = []
    for cell in range(cells):
        for i in range(8):
            value = float(np.clip(rng.normal(-1, 2), -10, 10))
            rows.append(
                story(f"{cell}-{i}", value, str((pd.Timestamp("1960-01-01") + pd.DateOffset(months=cell)).date()))
            )
    series = aggregate(frame_of(*rows))
    hit = ((series["lower"] <= 1) & (series["upper"] >= 1)).mean()
    assert 0.87 <= hit <= 0.93


def test_logratio_ignores_volume():
    few = [story(f"{i}", -3.0) for i in range(30)] + [story(f"c{i}", 5.0) for i in range(10)]
    many = few + [row | {"story": row["story"] + "x"} for row in few]
    a, b = (aggregate(frame_of(*rows), measure="logratio")["tension"].iloc[0] for rows in (few, many))
    assert a == pytest.approx(np.log(30.5 / 10.5))
    assert abs(a - b) < 0.05


def test_share_needs_its_denominator():
    rows = frame_of(*[story(f"{i}", -3.0) for i in range(5)])
    with pytest.raises(OptionError, match="volume"):
        aggregate(rows, measure="share")
    volume = pd.Series([50], index=pd.DatetimeIndex(["2019-01-01"]))
    cell = aggregate(rows, measure="share", volume=volume).iloc[0]
    assert cell["tension"] == pytest.approx(10.0)
    assert cell["lower"] < 10 < cell["upper"]
    with pytest.raises(OptionError, match="2019-01-01"):
        aggregate(rows, measure="share", volume=volume - 48)


def test_conflict_and_cooperation_on_their_own():
    events = frame_of(*[story(str(i), -6.0) for i in range(3)], story("x", 5.0))
    (conflict,), (cooperation,) = (aggregate(events, measure=m)["tension"] for m in ("conflict", "cooperation"))
    assert conflict == pytest.approx(25 * events["p_conflict"].sum(), rel=1e-3)
    assert cooperation == pytest.approx(-25 * events["p_cooperation"].sum(), rel=1e-3)


def test_p90_is_the_tense_tail_that_the_mean_hides():
    values = [3.0] * 17 + [-9.0] * 3
    cell = aggregate(frame_of(*[story(f"{i:02d}", y) for i, y in enumerate(values)]), measure="p90").iloc[0]
    assert cell["tension"] == pytest.approx(np.quantile([-v for v in values], 0.9, method="median_unbiased"))
    assert (
        cell["lower"] <= cell["tension"] <= 9.0 < cell["upper"] == 10.0
    )  # twenty stories bound no 90th percentile from above


@pytest.mark.parametrize("n", [4, 12, 30, 60])
def test_p90_intervals_hold_their_level(n):
    rng, rounds = np.random.default_rng(n), 250
    rows = [
        story(f"{r}-{i}", -float(rng.uniform(-10, 10)), f"{1700 + r}-01-10") for r in range(rounds) for i in range(n)
    ]
    cells = aggregate(frame_of(*rows), "Y", measure="p90")
    held = ((cells["lower"] <= 8.0) & (cells["upper"] >= 8.0)).mean()
    assert 0.86 <= held <= 0.95


def test_stock_accumulates_saturates_and_remembers():
    bad = [story(f"a{m:02d}-{i}", -10.0, f"20{m // 12 + 10}-{m % 12 + 1:02d}-05") for m in range(24) for i in range(6)]
    good = [story(f"g{i}", 10.0, "2012-01-05") for i in range(3)]
    stock = aggregate(frame_of(*bad, *good), measure="stock")["tension"]
    assert (np.diff(stock[:24]) > 0).all()
    assert 8.5 < stock.iloc[23] <= 9
    assert stock.iloc[24] < stock.iloc[23]
    first = 9 * (1 - (1 - 10 * 0.1 / 9) ** 6)
    assert stock.iloc[0] == pytest.approx(first, abs=1e-6)
    assert aggregate(frame_of(*bad[:72]), measure="stock")["tension"].tolist() == stock[:12].tolist()


def test_every_measure_points_the_same_way():
    rows = [story(f"w{i}", -8.0, "2019-01-10") for i in range(5)] + [
        story(f"p{i}", 5.0, "2019-02-10") for i in range(5)
    ]
    table = compare_measures(frame_of(*rows))
    assert (table.iloc[0, 1:] > table.iloc[1, 1:]).all()
    with_volume = compare_measures(frame_of(*rows), volume=pd.Series(50, pd.to_datetime(["2019-01-01", "2019-02-01"])))
    assert with_volume["share"].iloc[0] > with_volume["share"].iloc[1]


@pytest.mark.parametrize("measure", ["net", "logratio", "conflict", "cooperation", "p90", "stock"])
def test_a_value_lies_in_its_interval_and_no_events_give_no_rows(measure):
    rng = np.random.default_rng(2)
    rows = [story(str(i), float(rng.choice([-9, -4, 2, 6])), f"2019-0{1 + i % 5}-10") for i in range(60)]
    cells = aggregate(frame_of(*rows), measure=measure)
    assert ((cells["lower"] <= cells["tension"]) & (cells["tension"] <= cells["upper"])).all()
    assert aggregate(frame_of(), measure=measure).empty


def test_empty_periods_on_request():
    rows = [story(f"{i}", -3.0, f"2019-0{m}-05") for m in (1, 4) for i in range(m * 10, m * 10 + 3)]
    full = aggregate(frame_of(*rows), complete=True)
    assert full["n_stories"].tolist() == [3, 0, 0, 3]
    assert full["tension"].isna().tolist() == [False, True, True, False]


@pytest.mark.parametrize(("freq", "periods"), [("D", 426), ("W", 62), ("M", 15), ("Q", 6), ("Y", 2)])
def test_empty_periods_lie_between_each_dyads_first_and_last(freq, periods):
    days = {"JPN": ["2019-02-01", "2020-04-01"], "KOR": ["2020-06-09"], "USA": ["2018-01-01", "2018-01-02"]}
    rows = [story(f"{target}{day}", -3.0, day, target=target) for target in days for day in days[target]]
    some, full = (aggregate(frame_of(*rows), freq, min_n=1, complete=complete) for complete in (False, True))
    assert full.loc["CHN-JPN"].shape[0] == periods
    assert full.loc["CHN-KOR"].shape[0] == 1
    assert full.loc["CHN-USA"].equals(some.loc["CHN-USA"])
    assert full.index.is_monotonic_increasing
    assert full[full["n_stories"] > 0].equals(some)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"statuses": "occurred"}, "list or tuple"),
        ({"freq": "H"}, "D, W, M, Q, Y"),
        ({"measure": "tone"}, "net"),
        ({"by": "day"}, "event"),
        ({"statuses": ["done"]}, "planned"),
        ({"level": 90}, "0.9"),
    ],
)
def test_options_list_their_values(options, message):
    with pytest.raises(OptionError, match=message):
        aggregate(frame_of(story("a", -3.0)), **options)


def test_missing_columns_and_dates_are_named():
    with pytest.raises(MissingColumnError, match="story"):
        aggregate(frame_of(story("a", -3.0)).drop(columns="story"))
    with pytest.raises(DateError, match="date="):
        aggregate(frame_of(story("a", -3.0) | {"date": None}))


def test_no_events_give_an_empty_series():
    series = aggregate(frame_of())
    assert series.empty
    assert list(series.columns) == list(SERIES_DTYPES)


def series_of(values: list[float], reach: float = 1.0, dyad: str = "CHN-JPN") -> pd.DataFrame:
    index = pd.MultiIndex.from_product(
        [[dyad], pd.date_range("2010-01-01", periods=len(values), freq="MS")], names=["dyad", "date"]
    )
    x = np.array(values, float)
    frame = pd.DataFrame(dict.fromkeys(SERIES_DTYPES, 5.0), index=index).assign(
        tension=x, lower=x - reach, upper=x + reach
    )
    frame.attrs = {"freq": "M", "level": 0.9, "measure": "net"}
    return frame


def test_local_level_agrees_with_the_normal_equations():
    rng = np.random.default_rng(2)
    x, noise, drift = rng.normal(size=12), rng.uniform(0.5, 2, size=12), 0.4
    precision = np.diag(1 / noise)
    for t in range(11):
        precision[t : t + 2, t : t + 2] += np.array([[1, -1], [-1, 1]]) / drift
    expected, covariance = np.linalg.solve(precision, x / noise), np.linalg.inv(precision)
    _, smoothed, variance = local_level(x, noise, drift)
    assert np.allclose(smoothed, expected, atol=1e-4)
    assert np.allclose(variance, np.diag(covariance), atol=1e-4)


def test_smoothed_intervals_end_where_the_measure_does():
    series = series_of([2.0, 8.0, -3.0, *[np.nan] * 60, 4.0])
    series.attrs = {"freq": "M", "level": 0.9, "measure": "logratio"}
    unbounded = smooth(series)
    series.attrs = {**series.attrs, "measure": "net"}
    ended = smooth(series)
    assert unbounded["upper"].max() > 10
    assert ended["upper"].max() == 10
    assert unbounded["lower"].min() < -10
    assert ended["lower"].min() == -10
    assert ended["level"].notna().all()


def test_smoothing_widens_in_empty_periods_and_past_filtered_values_stay():
    values = [1, 2, 1, 2, np.nan, np.nan, np.nan, 5, 6, 5]
    level = smooth(series_of(values))
    width = (level["upper"] - level["lower"]).to_numpy()
    assert width[5] > width[1]
    assert width[5] > width[8]
    x = np.array([1.0, 2, 1, 2, 5])
    assert np.allclose(local_level(x, np.ones(5), 0.5)[0][:4], local_level(x[:4], np.ones(4), 0.5)[0])


def test_decay_halves_in_its_half_life():
    assert decay(np.array([1.0, np.nan, 0.0]), np.ones(3), 2.0)[-1] == pytest.approx(0.5 / 1.5)


def test_alarms_ring_at_the_stated_rate_and_at_a_jump():
    rng = np.random.default_rng(3)
    quiet = changes(series_of(list(rng.normal(size=4000))), false_alarm=0.02)
    tested = quiet["p_value"].notna()
    assert quiet.loc[tested, "alarm"].mean() == pytest.approx(0.02, abs=0.01)
    jump = changes(series_of([*rng.normal(size=24), 9.0]))
    assert jump["alarm"].iloc[-1]
    assert jump["deviation"].iloc[-1] > 5


def test_an_alarm_uses_only_the_past():
    values = list(np.random.default_rng(4).normal(size=30))
    short, long = changes(series_of(values[:20])), changes(series_of(values))
    pd.testing.assert_frame_equal(short, long.iloc[:20])


def test_compare_finds_a_copy_and_not_noise():
    rng = np.random.default_rng(5)
    parts = [series_of(list(rng.normal(size=20) + i), dyad=f"AAA-BB{chr(65 + i)}") for i in range(10)]
    series = pd.concat(parts)
    truth = series.reset_index()[["dyad", "date"]].assign(conflict=series["tension"].to_numpy() * 2)
    table = compare(series, truth, draws=50)
    assert table.loc[("tension", "pooled"), "rho"] == pytest.approx(1)
    assert table.loc[("tension", "within"), "lower"] > 0.95
    noise = compare(series, truth.assign(conflict=rng.normal(size=len(truth))), draws=50)
    low, high = noise.loc[("tension", "within"), ["lower", "upper"]]
    assert low < 0 < high
    expected = stats.spearmanr(series["tension"], truth["conflict"]).statistic
    assert table.loc[("tension", "pooled"), "rho"] == pytest.approx(expected)


def test_compare_without_common_cells_says_so():
    reference = pd.DataFrame({"dyad": ["AAA-BBB"], "date": ["1999-01-01"], "conflict": [1.0]})
    with pytest.raises(InputError, match="common"):
        compare(series_of([1, 2, 3]), reference)


def noisy(values: np.ndarray, dyad: str = "CHN-JPN") -> tuple[pd.DataFrame, pd.DataFrame]:
    """A dyad's series of random values, and a reference that holds half of them."""
    own, other = np.random.default_rng(6).normal(size=(2, len(values))) + values
    series = series_of(list(own), dyad=dyad)
    return series, series.reset_index()[["dyad", "date"]].assign(conflict=own + other)


def test_one_dyads_bounds_come_from_its_periods():
    series, reference = noisy(np.zeros(60))
    table = compare(series, reference, draws=200).loc["tension"]
    for kind in ("pooled", "within"):
        rho, low, high, n = table.loc[kind]
        assert low < rho < high
        assert 0.1 < high - low < 0.6
        assert n == 60
    assert table.loc["between", ["rho", "lower", "upper"]].isna().all()
    pd.testing.assert_frame_equal(table, compare(series, reference, draws=200).loc["tension"])


def test_too_few_periods_of_one_dyad_have_no_bounds():
    series, reference = noisy(np.zeros(7))
    table = compare(series, reference, draws=20)
    assert table.loc[("tension", "pooled"), "rho"] > 0
    assert table[["lower", "upper"]].isna().all(axis=None)


def test_draws_that_are_all_alike_are_no_bounds():
    series = series_of(list(np.random.default_rng(7).normal(size=20)))
    copy = series.reset_index()[["dyad", "date"]].assign(conflict=series["tension"].to_numpy())
    pooled = compare(series, copy, draws=20).loc[("tension", "pooled")]
    assert pooled["rho"] == pytest.approx(1)
    assert pooled[["lower", "upper"]].isna().all()


def test_the_only_dyad_with_enough_periods_is_drawn_in_time():
    (long, of_long), (short, of_short) = noisy(np.zeros(60)), noisy(np.zeros(2), "AAA-BBB")
    table = compare(pd.concat([short, long]), pd.concat([of_short, of_long]), draws=100).loc["tension"]
    assert table.loc["within", "upper"] - table.loc["within", "lower"] > 0.1
    assert table.loc["within", "n"] == 60


def test_one_dyads_bounds_hold_their_level():
    rng, rounds, held = np.random.default_rng(8), 100, 0
    series = series_of([0.0] * 24)
    reference = series.reset_index()[["dyad", "date"]]
    for _ in range(rounds):
        own, other = rng.normal(size=(2, 24))
        table = compare(series.assign(tension=own), reference.assign(conflict=other), draws=40)
        held += table.loc[("tension", "pooled"), "lower"] <= 0 <= table.loc[("tension", "pooled"), "upper"]
    assert held / rounds > 0.75  # 0.86 is expected, three standard errors are 0.10


def test_references_may_name_dyads_and_dates_their_own_way():
    series, reference = noisy(np.zeros(12))
    expected = compare(series, reference, draws=10)
    for dates in (
        reference["date"].dt.tz_localize("UTC"),
        reference["date"].dt.to_period("M"),
        reference["date"].dt.strftime("%Y-%m-%d"),
    ):
        pd.testing.assert_frame_equal(compare(series, reference.assign(date=dates), draws=10), expected)
        assert lead_lag(series, reference.assign(date=dates))["n"][0] == 12
    pd.testing.assert_frame_equal(compare(series, reference.assign(dyad="JPN-CHN"), draws=10), expected)
    both = pd.concat([reference, reference.assign(dyad="JPN-CHN")])
    with pytest.raises(InputError, match="several values"):
        compare(series, both)
    with pytest.raises(DateError, match="column 'date' of the reference holds 2012"):
        compare(series, reference.assign(date=2012))


def test_a_directed_dyad_is_no_other_ones_reference():
    series, reference = noisy(np.zeros(12), "CHN->JPN")
    assert compare(series, reference, draws=10)["n"].iloc[0] == 12
    with pytest.raises(InputError, match="common"):
        compare(series, reference.assign(dyad="JPN->CHN"))


def test_explain_gives_weights_and_leave_one_out():
    rows = frame_of(story("a", -9.0), story("b", 2.5), story("b", 2.5) | {"sentence": 1}, story("c", 2.5, "2019-02-01"))
    table = explain(rows, "CHN-JPN", "2019-01")
    assert table["weight"].sum() == pytest.approx(1)
    assert table["story"].tolist() == ["a", "b", "b"]
    with_all = -(-9.0 + 2.5) / 2
    assert table["contribution"].iloc[0] == pytest.approx(with_all - (-2.5))
    with pytest.raises(InputError, match="no event"):
        explain(rows, "CHN-JPN", "2018-01")


def test_explain_counts_a_story_where_aggregate_does():
    rows = frame_of(
        story("a", -3.0, "2019-01-31"),
        story("a", -3.0, "2019-02-01") | {"article_id": "copy"},
        story("b", 2.5, "2019-02-02"),
    )
    assert set(explain(rows, "CHN-JPN", "2019-02")["story"]) == {"b"}
    assert len(explain(pd.concat([rows, rows]), "CHN-JPN", "2019-01")) == 4
    with pytest.raises(InputError, match="no period"):
        explain(rows, "CHN-JPN", "soon")


def test_explain_covers_what_aggregate_counts():
    rows = frame_of(*[story(str(i), -3.0, f"2019-01-{i + 1:02d}T18:00") for i in range(31)])
    assert len(explain(rows, "CHN-JPN", "2019-01")) == aggregate(rows)["n_stories"].iloc[0] == 31
    assert all(a >= b for a, b in pairwise(explain(rows, "CHN->JPN", "2019")["weight"]))
