"""Heatmap and network: what is drawn is what the frame holds."""

import numpy as np
import pandas as pd
import pytest
from conftest import event, frame_of

from tension.errors import InputError
from tension.report.heatmap import heatmap
from tension.report.interactive import interactive
from tension.report.network import network
from tension.series.aggregate import aggregate


def series(values: dict[str, list[float]]) -> pd.DataFrame:
    periods = len(next(iter(values.values())))
    index = pd.MultiIndex.from_product(
        [sorted(values), pd.date_range("2012-01-01", periods=periods, freq="MS")], names=["dyad", "date"]
    )
    x = np.concatenate([values[dyad] for dyad in sorted(values)])
    frame = pd.DataFrame({"tension": x, "lower": x - 1, "upper": x + 1}, index=index)
    return frame.assign(n_articles=6, n_stories=6, n_events=6, cooperation=0.0, conflict=0.0, intensity=0.0)


def test_heatmap_orders_by_mean_and_leaves_gaps():
    frame = series({"A-B": [1.0, 2, np.nan], "A-C": [5.0, np.nan, 6], "B-C": [-3.0, -2, -1]})
    axis = heatmap(frame.drop(("B-C", pd.Timestamp("2012-02-01")))).axes[0]
    assert [label.get_text() for label in axis.get_yticklabels()] == ["A-C", "A-B", "B-C"]
    drawn = axis.collections[0].get_array()
    assert drawn.mask.tolist() == [[False, True, False], [False, False, True], [False, True, False]]
    assert drawn[0, 2] == 6


def test_heatmap_of_an_unknown_dyad_says_so():
    with pytest.raises(InputError, match="not in the series"):
        heatmap(series({"A-B": [1.0]}), ["A-Z"])


@pytest.mark.parametrize("dyads", [1, 2, 3, 4, 5, 20])
def test_the_colour_bars_label_is_whole(dyads):
    frame = series({f"A-B{i:02d}": [1.0, 2.0] for i in range(dyads)})
    for measure in ("net", "cooperation"):
        frame.attrs = {"measure": measure}
        figure = heatmap(frame)
        figure.draw_without_rendering()
        label = figure.axes[1].yaxis.label.get_window_extent()
        assert 0 <= label.y0 < label.y1 <= figure.bbox.height


def test_network_of_an_empty_series_says_so():
    with pytest.raises(InputError, match="empty"):
        network(aggregate(frame_of()), "2019")


def test_network_has_a_line_for_each_dyad_dashed_without_a_value():
    figure = network(series({"A-B": [1.0, 2.0], "A-C": [5.0, 6.0], "B-C": [np.nan, np.nan]}), "2012")
    axis = figure.axes[0]
    assert sorted(text.get_text() for text in axis.texts) == ["A", "B", "C"]
    assert sorted(line.get_linestyle() for line in axis.lines) == ["-", "-", "--"]


def test_network_takes_the_cells_of_its_period_by_their_stories():
    frame = series({"A-B": [1.0, 4.0, 9.0], "A-C": [0.0, 0.0, 0.0], "B-C": [-5.0, -5.0, -5.0]})
    frame.loc[("A-B", "2012-01-01"), "n_stories"] = 18
    frame.loc[("A-C", "2012-01-01"), "tension"] = (18 * 1 + 6 * 4 + 6 * 9) / 10  # its mean is that of A-B by stories
    _, one, other = network(frame, "2012Q1").axes[0].lines
    assert one.get_color() == pytest.approx(other.get_color())
    assert one.get_linewidth() != other.get_linewidth()


@pytest.mark.parametrize(("period", "message"), [("soon", "no period"), ("1999", "no cell")])
def test_network_of_no_period_says_so(period, message):
    with pytest.raises(InputError, match=message):
        network(series({"A-B": [1.0]}), period)


def test_network_of_a_directed_series_says_so():
    with pytest.raises(InputError, match="undirected"):
        network(series({"A->B": [1.0]}), "2012")


def test_hovering_shows_the_evidence_escaped():
    rows = [event(story=str(i), article_id=str(i), text=f"<b>{i}</b> & so on", intensity=-float(i)) for i in range(5)]
    events = frame_of(*rows)
    figure = interactive(events, aggregate(events), "CHN-JPN")
    (text,) = figure.data[-1].text
    assert "&lt;b&gt;4&lt;/b&gt; &amp; so on" in text
    assert "<b>0</b>" not in text
    assert "5 stories" in text
    with pytest.raises(InputError, match="not in the series"):
        interactive(events, aggregate(events), "FRA-GBR")


def test_hovering_takes_a_dyad_in_any_order():
    events = frame_of(*[event(story=str(i), article_id=str(i)) for i in range(5)])
    either, one_way = aggregate(events), aggregate(events, directed=True)
    assert interactive(events, either, "JPN-CHN").to_dict() == interactive(events, either, "CHN-JPN").to_dict()
    assert interactive(events, one_way, "CHN->JPN").layout.title.text == "CHN->JPN"
    with pytest.raises(InputError, match="not in the series"):
        interactive(events, one_way, "JPN->CHN")


def test_a_picture_shows_itself_in_a_notebook():
    assert network(series({"A-B": [1.0]}), "2012")._repr_png_().startswith(b"\x89PNG")
