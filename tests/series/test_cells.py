"""What a cell counts: the order of rows, missing names, and other dyads change nothing; bounds hold their value."""

import numpy as np
import pandas as pd
import pytest
from conftest import event, frame_of

from tension.errors import InputError, OptionError
from tension.report.plots import plot
from tension.series.aggregate import aggregate
from tension.series.episodes import episodes
from tension.series.measures import MEASURES, PRIOR_VARIANCE
from tension.series.noise import noise_of

DOUBTFUL = {"p_conflict": 0.7, "p_cooperation": 0.3, "intensity": -1.2}


def story(name: str, day: str, **changes) -> dict:
    return event(story=name, article_id=name, date=pd.Timestamp(day), **changes)


@pytest.mark.parametrize("measure", [name for name in MEASURES if name != "share"])
def test_later_and_other_dyads_articles_move_no_past_value(measure):
    past = [story(f"a{i}", "2019-01-05", **DOUBTFUL) for i in range(4)]
    past += [story(f"b{i}", "2019-01-07", source="FRA", target="GBR", **DOUBTFUL) for i in range(4)]
    later = [story(f"c{i}", "2019-01-09", target="KOR", **DOUBTFUL) for i in range(3)]
    later += [story(f"d{i}", "2019-03-09", **DOUBTFUL) for i in range(3)]
    before = aggregate(frame_of(*past), measure=measure)
    after = aggregate(frame_of(*later, *past), measure=measure).loc[before.index]
    pd.testing.assert_frame_equal(before, after)


@pytest.mark.parametrize("measure", ["conflict", "cooperation", "p90", "net"])
def test_an_interval_holds_its_value_where_all_stories_agree(measure):
    for n in range(3, 41):
        series = aggregate(frame_of(*(story(f"s{i}", "2019-01-05") for i in range(n))), measure=measure)
        assert (series["lower"] <= series["tension"]).all(), n
        assert (series["tension"] <= series["upper"]).all(), n
        plot(series)


def test_the_stock_takes_stories_as_they_came():
    war = [story(f"z{i}", "2019-01-05", intensity=-9.0) for i in range(5)]
    aid = [
        story(f"a{i}", "2019-12-05", intensity=7.0, root="AID", quad="MCOOP", p_conflict=0.0, p_cooperation=1.0)
        for i in range(5)
    ]
    rows = frame_of(*aid, *war)
    months, year = (aggregate(rows, freq, measure="stock")["tension"] for freq in ("M", "Y"))
    assert year.iloc[-1] == pytest.approx(months.iloc[-1])


@pytest.mark.parametrize("name", ["story", "source", "target", "article_id"])
def test_an_event_without_a_name_is_refused(name):
    rows = frame_of(story("a", "2019-01-05"), story("b", "2019-01-05"))
    with pytest.raises(InputError, match=f"{name} is missing in row 1"):
        aggregate(rows.assign(**{name: rows[name].where(rows.index == 0)}))


def test_the_variance_of_a_clipped_interval_is_not_taken_for_precision():
    for n, least in ((1, PRIOR_VARIANCE), (2, 1.4), (3, 0.55)):
        series = aggregate(frame_of(*(story(f"s{i}", "2019-01-05", intensity=-9.0) for i in range(n))), min_n=1)
        assert noise_of(series, series.attrs).iloc[0] >= least


def test_each_article_counts_on_request():
    rows = frame_of(
        story("a", "2019-01-05"), story("a", "2019-01-05") | {"article_id": "copy"}, story("b", "2019-01-05")
    )
    by_story, by_article = (aggregate(rows, weights=unit) for unit in ("story", "article"))
    assert by_story["n_stories"].tolist() == [2]
    assert by_article["n_stories"].tolist() == [3]
    assert by_story["n_articles"].sum() / by_story["n_stories"].sum() == 1.5


def test_a_series_out_of_order_is_refused():
    rows = frame_of(story("a", "2019-01-05"), story("b", "2019-02-05"))
    with pytest.raises(InputError, match="in order"):
        plot(aggregate(rows, min_n=1)[::-1])


def test_placebos_are_fair_to_short_series():
    dyads, low = [f"A{i:02d}-B" for i in range(20)], 0
    index = pd.MultiIndex.from_product(
        [dyads, pd.date_range("2000-01-01", periods=3, freq="MS")], names=["dyad", "date"]
    )
    spans = pd.DataFrame({"dyad": dyads, "start": "2000-02-05", "end": "2000-02-20"})
    for seed in range(40):
        values = np.random.default_rng(seed).normal(size=len(index))
        frame = pd.DataFrame({"tension": values, "lower": values, "upper": values}, index=index)
        counts = dict.fromkeys(("n_articles", "n_stories", "n_events", "cooperation", "conflict", "intensity"), 5)
        low += episodes(frame.assign(**counts), spans, draws=10, placebos=50).attrs["p_value"] <= 0.1
    assert low <= 9  # four are expected; ten or more come once in 150 such tests


def test_episodes_need_both_ends():
    rows = aggregate(frame_of(story("a", "2019-01-05"), story("b", "2019-02-05")), min_n=1)
    for end in (None, "2018-01-01"):
        with pytest.raises(InputError, match="needs a start and an end"):
            episodes(rows, pd.DataFrame({"dyad": ["CHN-JPN"], "start": ["2019-01-01"], "end": [end]}))
    with pytest.raises(OptionError, match="placebos"):
        episodes(rows, pd.DataFrame({"dyad": ["CHN-JPN"], "start": ["2019-01-01"], "end": ["2019-01-02"]}), placebos=0)


def test_sure_acts_on_another_scale_leave_no_doubt():
    sure = {"p_conflict": 0.0, "p_cooperation": 1.0, "intensity": 7.0, "root": "AID", "quad": "MCOOP"}
    value = aggregate(frame_of(*(story(f"a{i}", "2019-01-05", **sure) for i in range(4))), measure="stock").iloc[0]
    assert value["lower"] == pytest.approx(value["upper"])
