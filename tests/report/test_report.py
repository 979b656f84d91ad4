import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from conftest import event, frame_of

from tension.errors import InputError
from tension.report.page import page
from tension.report.plots import plot
from tension.series.aggregate import aggregate


@pytest.fixture(scope="module")
def events() -> pd.DataFrame:
    rng, rows = np.random.default_rng(0), []
    for month in pd.date_range("2015-01-01", periods=30, freq="MS"):
        for i in range(6):
            for source in ("CHN", "USA"):
                name = f"{source}-{month.date()}-{i}"
                value = float(rng.choice([-6, -3, 2.5]))
                rows.append(event(source=source, story=name, article_id=name, date=month, intensity=value))
    return frame_of(*rows)


def test_a_panel_for_each_dyad_with_labelled_units(events):
    figure = plot(aggregate(events))
    titles = [axis.get_title(loc="left") for axis in figure.axes]
    assert titles[::2] == ["CHN-JPN", "JPN-USA"]
    assert figure.axes[0].get_ylabel() == "tension"
    assert figure.axes[1].get_ylabel() == "stories"
    assert any("conflictual" in text.get_text() for text in figure.axes[0].texts)


def test_a_picture_is_written(events, tmp_path):
    plot(aggregate(events), "CHN-JPN").savefig(tmp_path / "x.png")
    assert (tmp_path / "x.png").stat().st_size > 5000


def test_what_cannot_be_drawn_says_why(events):
    with pytest.raises(InputError, match=r"FRA-GBR.*CHN-JPN"):
        plot(aggregate(events), "FRA-GBR")
    with pytest.raises(InputError, match="empty"):
        plot(aggregate(frame_of()))


def test_a_page_is_self_contained_and_escapes_what_it_quotes(events):
    events = events.assign(text="<script>alert(1)</script> China & Japan")
    html = page(events, aggregate(events), "CHN-JPN")
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert 'src="http' not in html
    with pytest.raises(InputError, match="FRA-GBR"):
        page(events, aggregate(events), "FRA-GBR")


def test_a_page_lists_the_events_that_its_series_counts():
    counted = [event(story=f"a{i}", article_id=f"a{i}") for i in range(30)]
    denied = [event(story=f"b{i}", article_id=f"b{i}", status="negated", intensity=-9.0) for i in range(45)]
    events = frame_of(*counted, *denied)
    html = page(events, aggregate(events), "CHN-JPN")
    assert "The 30 strongest of 30 events" in html
    assert "negated" not in html
    both = page(events, aggregate(events, statuses=("occurred", "negated")), "CHN-JPN")
    assert "The 40 strongest of 75 events" in both
    assert both.count("<td>negated</td>") == 40


def test_a_page_takes_a_dyad_in_any_order(events):
    html = page(events, aggregate(events), "JPN-CHN")
    assert "<h1>CHN-JPN</h1>" in html
    assert "<h1>CHN-&gt;JPN</h1>" in page(events, aggregate(events, directed=True), "CHN->JPN")


def test_plotting_needs_no_display():
    code = "import sys; import tension; tension.plot; import tension.report.heatmap; assert 'matplotlib' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
