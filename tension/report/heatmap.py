"""Many dyads at once: a grid of dyads by period, dark where tense (matplotlib, extra `[plot]`)."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tension.errors import MissingExtraError
from tension.report.plots import chosen_dyads, unit_of
from tension.series.aggregate import check_series, frequency_of
from tension.series.stories import PERIOD_STARTS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_EMPTY = "#ececec"
_LEAST_HEIGHT = 2.9  # inches; the colour bar's label is 2.5 long


def heatmap(series: pd.DataFrame, dyads: list[str] | None = None, *, most: int = 20) -> "Figure":
    """A grid of dyads by period: pale yellow for the least tense value drawn, dark blue for the tensest, grey where there is none.

    Lightness alone carries the value, so it reads in greyscale too. Dyads are ordered by their mean, the tensest on top.

    Parameters
    ----------
    series
        A dyad series from `aggregate`.
    dyads
        The dyads to show; None for the `most` with the most stories.
    most
        How many dyads when none are named.

    Returns
    -------
    matplotlib Figure

    Raises
    ------
    InputError
        If the series is empty or a dyad is not in it.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> import tension
    >>> lines = ["Iran condemns Iraq.", "Iraq shells Iran.", "Iran blames Iraq.", "Oman met Mali.", "Mali thanks Oman.", "Oman lauds Mali."]
    >>> figure = heatmap(tension.aggregate(tension.score(lines, date="2019-08-08")))
    >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
    ['IRN-IRQ', 'MLI-OMN']
    """
    try:
        from tension.report.picture import Picture
    except ImportError as error:
        raise MissingExtraError.of("matplotlib", "plot") from error
    rows = chosen_dyads(check_series(series), dyads, most)
    dates = series.index.get_level_values("date")
    periods = pd.date_range(dates.min(), dates.max(), freq=PERIOD_STARTS[frequency_of(series)], name="date")
    grid = series["tension"].unstack("date").reindex(index=rows, columns=periods)  # noqa: PD010
    grid = grid.loc[grid.mean(axis=1).sort_values(ascending=False, kind="stable").index]
    figure = Picture(figsize=(10, max(0.28 * len(grid) + 1.3, _LEAST_HEIGHT)), layout="constrained")
    axis = figure.subplots()
    axis.set_facecolor(_EMPTY)
    edges = periods.append(pd.DatetimeIndex([periods[-1] + pd.tseries.frequencies.to_offset(periods.freq)]))
    values = np.ma.masked_invalid(grid.to_numpy(float))
    mesh = axis.pcolormesh(edges, np.arange(len(grid) + 1), values, cmap="cividis_r", rasterized=True)
    axis.invert_yaxis()
    axis.set_yticks(np.arange(len(grid)) + 0.5, grid.index, fontsize=8)
    axis.tick_params(axis="y", length=0)
    axis.spines[:].set_visible(False)
    bar = figure.colorbar(mesh, ax=axis, pad=0.01, aspect=30)
    bar.set_label(unit_of(series.attrs), fontsize=8)
    bar.outline.set_visible(False)
    return figure
