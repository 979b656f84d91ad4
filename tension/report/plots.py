"""Pictures of a dyad series (matplotlib, extra `[plot]`)."""

from typing import TYPE_CHECKING

import pandas as pd

from tension.errors import InputError, MissingExtraError, OptionError
from tension.series.aggregate import check_series, frequency_of
from tension.series.changes import change_points, changes
from tension.series.names import dyads_of, undirected
from tension.series.smooth import smooth

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

UNITS = {
    "net": "tension (−10 cooperative … +10 conflictual)",
    "logratio": "log ratio of conflict to cooperation",
    "share": "conflict stories, % of all published",
    "conflict": "conflict stories, % of the dyad's own",
    "cooperation": "− cooperative stories, % of the dyad's own",
    "p90": "90th percentile of tension (−10 … +10)",
    "stock": "accumulated tension (−9 … +9)",
}
_INK, _GREY, _PALE = "#1a1a1a", "#6b6b6b", "#d4d4d4"


def plot(series: pd.DataFrame, dyads: str | list[str] | None = None, *, most: int = 4) -> "Figure":
    """Timelines of tension, one panel per dyad.

    Points are the periods' values with their intervals, the line is the local level with its band. A ring marks a period outside the
    dyad's own baseline, a dotted line one from which its level is another. The bars below count stories. Readable without colour.

    Parameters
    ----------
    series
        A dyad series from `aggregate`.
    dyads
        One or more dyads; None for the `most` with the most stories.
    most
        How many dyads to draw when none are named.

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
    >>> events = tension.score(["Japan protests to China.", "China accuses Japan.", "China and Japan hold talks."], date="2013-05-01")
    >>> figure = tension.plot(tension.aggregate(events))
    >>> [axis.get_title(loc="left") for axis in figure.axes[::2]]
    ['CHN-JPN']
    """
    try:
        from tension.report.picture import Picture
    except ImportError as error:
        raise MissingExtraError.of("matplotlib", "plot") from error
    chosen = chosen_dyads(check_series(series), dyads, most)
    figure = Picture(figsize=(9, 2.9 * len(chosen) + 0.3), layout="constrained")
    axes = figure.subplots(2 * len(chosen), 1, squeeze=False, sharex=True, height_ratios=[4, 1] * len(chosen))[:, 0]
    for dyad, upper, lower in zip(chosen, axes[::2], axes[1::2], strict=True):
        part = series.loc[[dyad]]
        part.attrs = series.attrs
        _timeline(upper, dyad, part)
        _counts(lower, part)
    handles = {
        label: handle for axis in axes[::2] for handle, label in zip(*axis.get_legend_handles_labels(), strict=True)
    }
    axes[0].legend(handles.values(), handles.keys(), loc="best", fontsize=7, frameon=False)
    return figure


def unit_of(attrs: dict) -> str:
    """What the values of a series with these attributes are measured in."""
    if "scaling" in attrs:
        return f"{attrs.get('measure', 'tension')}, {attrs['scaling']}"
    return UNITS[attrs["measure"]] if "measure" in attrs else "tension"


def chosen_dyads(series: pd.DataFrame, dyads: str | list[str] | None, most: int) -> list[str]:
    """The dyads named, or the `most` with the most stories; an error where one is not in the series or `most` is below 1."""
    if most < 1:
        raise OptionError(f"most={most!r} must be at least 1")
    known = series.groupby(level="dyad")["n_stories"].sum().sort_values(ascending=False, kind="stable")
    if known.empty:
        raise InputError("the series is empty: there is nothing to draw")
    named = [dyad if "->" in dyad else undirected(dyad) for dyad in dyads_of(dyads)]
    chosen = named or list(known.index[:most])
    for dyad in chosen:
        if dyad not in known.index:
            raise InputError(
                f"{dyad!r} is not in the series; the dyads with most stories are {', '.join(known.index[:8])}"
            )
    return chosen


def _timeline(axis: "Axes", dyad: str, part: pd.DataFrame) -> None:
    dates = part.index.get_level_values("date")
    level = smooth(part).droplevel("dyad")
    axis.axhline(0, color=_PALE, linewidth=1, zorder=0)
    axis.fill_between(
        level.index, level["lower"].to_numpy(float), level["upper"].to_numpy(float), color=_PALE, linewidth=0, alpha=0.8
    )
    axis.plot(level.index, level["level"], color=_INK, linewidth=1.5, label="local level and its interval")
    known = part["tension"].notna().to_numpy()
    values = part[known]
    reach = [values["tension"] - values["lower"], values["upper"] - values["tension"]]
    axis.errorbar(
        dates[known],
        values["tension"],
        yerr=reach,
        fmt="o",
        markersize=2.5,
        color=_GREY,
        ecolor=_GREY,
        elinewidth=0.5,
        alpha=0.8,
        label=f"period's value, {part.attrs.get('level', 0.9):.0%} interval",
    )
    _alarms(axis, part)
    _turns(axis, part)
    axis.set_title(dyad, loc="left", fontweight="bold")
    axis.set_ylabel("tension" if part.attrs.get("measure", "net") == "net" else part.attrs["measure"])
    axis.text(
        1.0,
        1.02,
        unit_of(part.attrs),
        transform=axis.transAxes,
        ha="right",
        fontsize=8,
        color=_GREY,
    )
    axis.spines[["top", "right"]].set_visible(False)


def _alarms(axis: "Axes", part: pd.DataFrame) -> None:
    rung = part[changes(part)["alarm"].to_numpy()]["tension"].droplevel("dyad")
    if len(rung):
        style = {"linestyle": "", "marker": "o", "markersize": 8, "markerfacecolor": "none", "markeredgecolor": _INK}
        axis.plot(rung.index, rung, label="outside the dyad's baseline", **style)


def _turns(axis: "Axes", part: pd.DataFrame) -> None:
    if part.attrs.get("measure") == "stock":  # it has no level to leave
        return
    for number, (_, date) in enumerate(change_points(part).index):
        label = "the level changes" if number == 0 else None
        axis.axvline(date, color=_INK, linewidth=0.9, linestyle=":", zorder=0.5, label=label)


def _counts(axis: "Axes", part: pd.DataFrame) -> None:
    width = {"D": 1, "W": 6, "M": 25, "Q": 80, "Y": 320}[frequency_of(part)]
    axis.bar(part.index.get_level_values("date"), part["n_stories"], width=width, color=_GREY, align="edge")
    axis.set_ylabel("stories")
    axis.spines[["top", "right"]].set_visible(False)
