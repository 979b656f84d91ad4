"""One self-contained HTML page about a dyad: its picture, its values, and the sentences behind them."""

import io
from html import escape

import pandas as pd

from tension.report.evidence import counted
from tension.report.plots import chosen_dyads, plot
from tension.series.aggregate import check_series

_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a}table{border-collapse:collapse;"
    "width:100%;font-size:13px}th,td{text-align:left;padding:.25rem .6rem;border-bottom:1px solid #ddd;vertical-align:top}"
    "td.n{text-align:right;font-variant-numeric:tabular-nums}svg{max-width:100%;height:auto}footer{color:#6b6b6b;font-size:12px}"
)
_SENTENCES = 40


def page(events: pd.DataFrame, series: pd.DataFrame, dyad: str) -> str:
    """HTML of one dyad's report; every text from outside is escaped and nothing is loaded from elsewhere.

    Parameters
    ----------
    events, series
        An events frame and the series aggregated from it.
    dyad
        A dyad of the series; its codes may stand in any order where both directions are one.

    Raises
    ------
    InputError
        If the dyad is not in the series or the events.
    MissingExtraError
        If matplotlib is not installed.

    Examples
    --------
    >>> import tension
    >>> events = tension.score(["Japan protests to China.", "China accuses Japan.", "China and Japan hold talks."], date="2013-05-01")
    >>> page(events, tension.aggregate(events), "CHN-JPN").startswith("<!doctype html>")
    True
    """
    (dyad,) = chosen_dyads(check_series(series), dyad, 1)
    picture = io.StringIO()
    plot(series, dyad).savefig(picture, format="svg")
    rows = counted(events, dyad, series.attrs)
    models = ", ".join(sorted(rows["model"].unique()))
    return (
        f"<!doctype html><html lang='en'><meta charset='utf-8'><title>{escape(dyad)}</title><style>{_STYLE}</style>"
        f"<h1>{escape(dyad)}</h1>{picture.getvalue()[picture.getvalue().index('<svg') :]}"
        f"<h2>Periods</h2>{_table(series.loc[dyad].reset_index())}"
        f"<h2>The {min(len(rows), _SENTENCES)} strongest of {len(rows)} events</h2>{_table(_strongest(rows))}"
        f"<footer>measure {escape(str(series.attrs.get('measure')))}, model {escape(models)}</footer></html>"
    )


def _strongest(rows: pd.DataFrame) -> pd.DataFrame:
    order = rows["intensity"].abs().sort_values(ascending=False, kind="stable").index[:_SENTENCES]
    return rows.loc[order, ["date", "source", "target", "root", "status", "intensity", "text"]]


def _table(frame: pd.DataFrame) -> str:
    head = "".join(f"<th>{escape(str(name))}</th>" for name in frame.columns)
    body = "".join("<tr>" + "".join(_cell(value) for value in row) + "</tr>" for row in frame.itertuples(index=False))
    return f"<table><tr>{head}</tr>{body}</table>"


def _cell(value: object) -> str:
    if isinstance(value, pd.Timestamp):
        return f"<td>{value.date()}</td>"
    if isinstance(value, float):
        return f"<td class='n'>{'' if value != value else f'{value:.2f}'}</td>"
    return f"<td>{escape(str(value))}</td>"
