"""Who faced whom in a period: states as points, dyads as lines (matplotlib and networkx, extra `[plot]`)."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tension.errors import InputError, MissingExtraError, OptionError
from tension.report.plots import unit_of
from tension.series.aggregate import check_series
from tension.series.stories import span_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_INK, _GREY = "#1a1a1a", "#6b6b6b"
_APART = 3.0  # drawn distance of states that no line connects, in lines


def network(series: pd.DataFrame, period: str, *, most: int = 40) -> "Figure":
    """The dyads of a period as a network: a line is thick where there are many stories and dark where they are tense.

    States that a line connects stand near each other; distances mean nothing else. Dashed lines are dyads with too few stories for a
    value.

    Parameters
    ----------
    series
        An undirected dyad series from `aggregate`.
    period
        A day, month, quarter or year as pandas reads it; cells that start in it are taken together, weighted by their stories.
    most
        Draw so many dyads, those with the most stories.

    Returns
    -------
    matplotlib Figure

    Raises
    ------
    InputError
        If the series is empty or directed, or has no cell in the period.
    MissingExtraError
        If matplotlib or networkx is not installed.

    Examples
    --------
    >>> import tension
    >>> events = tension.score(["Iran condemns Iraq.", "Iran shells Iraq.", "Iraq thanks Iran."], date="2019-08-08")
    >>> figure = network(tension.aggregate(events), "2019")
    >>> sorted(text.get_text() for text in figure.axes[0].texts)[:2]
    ['IRN', 'IRQ']
    """
    try:
        import networkx
        from matplotlib import colormaps
        from matplotlib.cm import ScalarMappable
        from matplotlib.colors import Normalize

        from tension.report.picture import Picture
    except ImportError as error:
        raise MissingExtraError.of("matplotlib and networkx", "plot") from error
    if most < 1:
        raise OptionError(f"most={most!r} must be at least 1")
    lines = _lines(check_series(series), period).nlargest(most, "n_stories")
    graph = networkx.Graph()
    for dyad in lines.index:
        graph.add_edge(*dyad.split("-"))
    at = networkx.kamada_kawai_layout(graph, dist=_distances(dict(networkx.all_pairs_shortest_path_length(graph))))
    low, high = lines["tension"].min(), lines["tension"].max()
    scale = ScalarMappable(Normalize(low, high if high > low else low + 1), colormaps["cividis_r"])
    figure = Picture(figsize=(8, 7), layout="constrained")
    axis = figure.subplots()
    for dyad, line in lines.sort_values("tension").iterrows():
        (x, y), (u, v) = (at[state] for state in dyad.split("-"))
        known = not np.isnan(line["tension"])
        width = 0.8 + 1.6 * np.log1p(line["n_stories"])
        style = (
            {"color": scale.to_rgba(line["tension"]), "linewidth": width}
            if known
            else {"color": _GREY, "ls": "--", "lw": 0.7}
        )
        axis.plot([x, u], [y, v], solid_capstyle="round", zorder=1, **style)
    for state, (x, y) in at.items():
        box = {"boxstyle": "round,pad=0.25", "facecolor": "white", "edgecolor": _INK, "linewidth": 0.8}
        axis.text(x, y, state, ha="center", va="center", fontsize=9, color=_INK, bbox=box, zorder=2)
    axis.margins(0.08)
    axis.set_axis_off()
    axis.set_title(period, loc="left", fontweight="bold")
    bar = figure.colorbar(scale, ax=axis, orientation="horizontal", pad=0.01, aspect=50, shrink=0.6)
    bar.set_label(unit_of(series.attrs) + "; thick = many stories", fontsize=8)
    bar.outline.set_visible(False)
    return figure


def _distances(steps: dict[str, dict[str, int]]) -> dict[str, dict[str, float]]:
    """Wanted distances of all states: growing ever more slowly with the lines between them."""
    return {a: {b: min(np.sqrt(reached.get(b, np.inf)), _APART) for b in steps} for a, reached in steps.items()}


def _lines(series: pd.DataFrame, period: str) -> pd.DataFrame:
    """Each dyad's stories in the period and its mean tension, weighted by them."""
    span = span_of(period)
    if series.empty:
        raise InputError("the series is empty: there is nothing to draw")
    dates = series.index.get_level_values("date")
    cells = series[(dates >= span.start_time) & (dates <= span.end_time) & (series["n_stories"] > 0)]
    if cells.empty:
        raise InputError(
            f"the series has no cell in {period}; it runs from {dates.min():%Y-%m-%d} to {dates.max():%Y-%m-%d}"
        )
    if cells.index.get_level_values("dyad").str.contains("->", regex=False).any():
        raise InputError("a network is drawn of undirected dyads; aggregate without directed=True")
    weighted = (cells["tension"] * cells["n_stories"]).groupby(level="dyad").sum(min_count=1)
    weight = cells["n_stories"].where(cells["tension"].notna()).groupby(level="dyad").sum()
    stories = cells.groupby(level="dyad")["n_stories"].sum()
    return pd.DataFrame({"n_stories": stories, "tension": weighted / weight.where(weight > 0)})
