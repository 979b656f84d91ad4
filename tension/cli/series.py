"""`tension series|explain`: events to one row per dyad and period, and what such a row is made of."""

from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from tension.cli.common import (
    Out,
    Since,
    Until,
    Version,
    app,
    check_apart,
    check_pictures,
    plain,
    say,
    say_unseen,
    version_of,
)
from tension.errors import OptionError
from tension.files import read_events, write_frame

Events = Annotated[
    str,
    typer.Argument(help="An events file from `tension score`, or a store: its URL or .db file.", show_default=False),
]
AsOf = Annotated[str | None, typer.Option(help="Of a store: what was known on this day.")]
_STORES = (".db", ".sqlite", ".sqlite3")
_SHOWN = 20  # events of a period that are printed; a file gets them all


@app.command()
def series(
    events: Events,
    out: Out,
    freq: Annotated[str, typer.Option(help="D, W, M, Q or Y.")] = "M",
    measure: Annotated[
        str,
        typer.Option(help="net, logratio, conflict, cooperation, p90 or stock."),
    ] = "net",
    directed: Annotated[bool, typer.Option(help="Keep CHN->JPN and JPN->CHN apart.")] = False,
    min_n: Annotated[int, typer.Option(help="Fewest stories for a value.")] = 3,
    since: Since = None,
    until: Until = None,
    as_of: AsOf = None,
    model: Version = None,
    plot: Annotated[Path | None, typer.Option(help="Also draw the busiest dyads (.png, .svg or .pdf).")] = None,
    dyad: Annotated[
        list[str] | None,
        typer.Option("--dyad", "--dyads", help="CHN-JPN; may be given several times. All if left out."),
    ] = None,
    heatmap: Annotated[
        Path | None, typer.Option(help="Also draw the busiest dyads as a grid (.png, .svg or .pdf).")
    ] = None,
) -> None:
    """Aggregate an events file or a store to one row per dyad and period."""
    check_pictures(plot, heatmap)
    check_apart((out, plot, heatmap), (_file_of(events),))
    options = {"measure": measure, "directed": directed, "min_n": min_n}
    stored = _is_store(events, as_of, model)
    if stored:
        frame = _of_store(events, freq, dyad, since, until, as_of, options | {"model": version_of(model)})
    else:
        frame = _of_file(Path(events), freq, dyad, since, until, options)
    if dyad:
        from tension.store.watch import unseen_of

        say_unseen(unseen_of(dyad, set(frame.index.unique("dyad"))), "store" if stored else "file")
    write_frame(frame.reset_index(), out)
    drawn = list(frame.index.unique("dyad")) if dyad else None
    if plot:
        from tension.report.plots import plot as draw

        draw(frame, drawn).savefig(plot, dpi=150)
    if heatmap:
        from tension.report.heatmap import heatmap as grid

        grid(frame, drawn).savefig(heatmap, dpi=150)
    say(f"{len(frame)} dyad periods, {frame.index.get_level_values('dyad').nunique()} dyads -> {out}")


@app.command()
def explain(
    events: Events,
    dyad: Annotated[str, typer.Argument(help='CHN-JPN, or "CHN->JPN" (quoted) for one direction.', show_default=False)],
    period: Annotated[str, typer.Argument(help="2012-09-18, 2012-09, 2012Q3 or 2012.", show_default=False)],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Write them all here (.jsonl, .csv or .parquet); else print some."),
    ] = None,
    as_of: AsOf = None,
    model: Version = None,
) -> None:
    """Which events a dyad's `net` in a period is made of, and how much each story raised or lowered it."""
    from tension.series.explain import explain as explained

    if out:
        check_apart((out,), (_file_of(events),))
    rows = explained(_dyad_events(events, dyad, as_of, model), dyad, period)
    if out:
        write_frame(rows, out)
        say(f"{len(rows)} events of {dyad} in {period} -> {out}")
        return
    for row in rows.head(_SHOWN).itertuples():
        told = " ".join(row.text.split())
        share = "all" if pd.isna(row.contribution) else f"{row.contribution:+.2f}"  # of a single story there is no rest
        print(plain(f"{share:>6}  {row.date:%Y-%m-%d}  {row.source}->{row.target} {row.root}  {told}"))
    if len(rows) > _SHOWN:
        say(f"{len(rows) - _SHOWN} more of {len(rows)} events; --out writes them all")


def _is_store(events: str, as_of: str | None, model: str | None) -> bool:
    """Whether the events are in a store; an OptionError where a file is given options that only a store can follow."""
    if "://" in events or events.endswith(_STORES):
        return True
    if as_of or model:
        raise OptionError(
            "--as-of and --model are for stores: an events file does not know when its articles came, nor other versions"
        )
    return False


def _file_of(events: str) -> Path | None:
    """The file that the events are in; None for a server."""
    if "://" not in events:
        return Path(events)
    from tension.store.opening import file_of, url_of

    return file_of(url_of(events))


def _dyad_events(events: str, dyad: str, as_of: str | None, model: str | None) -> pd.DataFrame:
    if not _is_store(events, as_of, model):
        return read_events(Path(events))
    from tension.store.store import Store

    with Store(events, must_exist=True) as store:
        return store.events(dyad, as_of=as_of, model=version_of(model))


def _of_store(
    url: str, freq: str, dyads: list[str] | None, since: str | None, until: str | None, as_of: str | None, options: dict
) -> pd.DataFrame:
    from tension.store.store import Store

    with Store(url, must_exist=True) as store:
        return store.series(freq, dyads, since=since, until=until, as_of=as_of, **options)


def _of_file(
    path: Path,
    freq: str,
    dyads: list[str] | None,
    since: str | None,
    until: str | None,
    options: dict,
) -> pd.DataFrame:
    from tension.series.aggregate import aggregate
    from tension.series.stories import of_dyads
    from tension.text.articles import publication_date

    events = read_events(path)
    first, end = publication_date(since), publication_date(until)
    if first and end and first >= end:
        raise OptionError(f"--until {until} is not after --since {since}")
    if first:
        events = events[events["date"] >= first]
    if end:
        events = events[events["date"] < end]
    return aggregate(of_dyads(events, dyads) if dyads else events, freq, **options)
