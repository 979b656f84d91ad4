"""A dyad's timeline with the sentences behind each value on hover (plotly, extra `[plot]`)."""

from html import escape
from textwrap import wrap
from typing import TYPE_CHECKING

import pandas as pd

from tension.errors import MissingExtraError
from tension.report.evidence import counted
from tension.report.plots import chosen_dyads, unit_of
from tension.series.aggregate import check_series, frequency_of
from tension.series.smooth import smooth
from tension.series.stories import dyad_of, period_of

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_SENTENCES, _WIDTH = 3, 80
_INK, _GREY, _BAND = "#1a1a1a", "#6b6b6b", "rgba(160,160,160,0.35)"


def interactive(events: pd.DataFrame, series: pd.DataFrame, dyad: str) -> "Figure":
    """A timeline to move over: each point shows its value, its number of stories and its strongest sentences.

    Parameters
    ----------
    events, series
        An events frame and the series aggregated from it.
    dyad
        A dyad of the series; its codes may stand in any order where both directions are one.

    Returns
    -------
    plotly Figure
        `show()` it in a notebook, or `write_html(path, include_plotlyjs=True)` for a page that loads nothing.

    Raises
    ------
    InputError
        If the dyad is not in the series or the events.
    MissingExtraError
        If plotly is not installed.

    Examples
    --------
    >>> import tension
    >>> events = tension.score(["Japan protests to China.", "China accuses Japan.", "China and Japan hold talks."], date="2013-05-01")
    >>> figure = interactive(events, tension.aggregate(events), "CHN-JPN")
    >>> "Japan protests to China." in figure.data[-1].text[0]
    True
    """
    try:
        from plotly.graph_objects import Figure, Scatter
    except ImportError as error:
        raise MissingExtraError.of("plotly", "plot") from error
    (dyad,) = chosen_dyads(check_series(series), dyad, 1)
    part = series.loc[[dyad]]
    part.attrs = series.attrs
    level = smooth(part).droplevel("dyad")
    known = part[part["tension"].notna()].droplevel("dyad")
    evidence = _evidence(events, dyad, frequency_of(series), series.attrs)
    reach = {"array": known["upper"] - known["tension"], "arrayminus": known["tension"] - known["lower"]}
    figure = Figure(
        [
            Scatter(x=level.index, y=level["upper"], mode="lines", line_width=0, hoverinfo="skip", showlegend=False),
            Scatter(
                x=level.index, y=level["lower"], mode="lines", line_width=0, hoverinfo="skip", fill="tonexty", fillcolor=_BAND,
                name="local level, interval",
            ),
            Scatter(x=level.index, y=level["level"], mode="lines", line_color=_INK, hoverinfo="skip", name="local level"),
            Scatter(
                x=known.index, y=known["tension"], mode="markers", marker={"color": _GREY, "size": 6}, name="period's value",
                error_y={"type": "data", "symmetric": False, "thickness": 0.7, "width": 0, "color": _GREY, **reach},
                text=[_hover(date, row, evidence) for date, row in known.iterrows()], hovertemplate="%{text}<extra></extra>",
            ),
        ]
    )  # fmt: skip
    figure.update_layout(
        title=dyad,
        template="simple_white",
        yaxis_title=unit_of(series.attrs),
        hoverlabel_align="left",
    )
    return figure


def _evidence(events: pd.DataFrame, dyad: str, freq: str, attrs: dict) -> dict[pd.Timestamp, list[str]]:
    """The strongest different sentences of each period, of the events that the series counts."""
    rows = counted(events, dyad, attrs)
    if attrs.get("weights") == "article":
        rows = rows.assign(story=rows["article_id"])
    period = period_of(rows, dyad_of(rows, "->" in dyad), freq, attrs.get("by", "publication"))
    rows = rows.assign(period=period, strength=rows["intensity"].abs())
    rows = rows.sort_values("strength", ascending=False, kind="stable").drop_duplicates(["period", "text"])
    return {period: list(group["text"][:_SENTENCES]) for period, group in rows.groupby("period")}


def _hover(date: pd.Timestamp, row: pd.Series, evidence: dict[pd.Timestamp, list[str]]) -> str:
    head = f"<b>{date:%Y-%m-%d}</b>  {row['tension']:.1f} ({row['lower']:.1f} to {row['upper']:.1f}), {int(row['n_stories'])} stories"
    sentences = ("<br>".join(map(escape, wrap(text, _WIDTH))) for text in evidence.get(date, []))
    return "<br><br>".join([head, *sentences])
