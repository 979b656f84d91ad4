"""`tension update|rescore|watch|doctor`: what runs by itself, and how it is looked after."""

import json
import signal
import threading
from typing import TYPE_CHECKING, Annotated

import typer

from tension.cli.common import (
    FAILED,
    REJECTS,
    STOPPED,
    Columns,
    Context,
    Date,
    Model,
    Names,
    Organisations,
    Places,
    RejectsFile,
    Since,
    Sources,
    StoreUrl,
    Threshold,
    Until,
    app,
    columns_of,
    say,
    scorer_of,
)  # fmt: skip
from tension.cli.logs import Level, LogFormat, set_up

if TYPE_CHECKING:
    import pandas as pd

AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON on standard output.")]
Wait = Annotated[float, typer.Option(help="Seconds to wait for another run that is writing.")]


@app.command()
def update(
    sources: Sources,
    store: StoreUrl,
    date: Date = None,
    since: Since = None,
    until: Until = None,
    column: Columns = None,
    model: Model = None,
    rejects: RejectsFile = None,
    min_probability: Threshold = None,
    names: Names = None,
    organisations: Organisations = "leave",
    context: Context = True,
    places: Places = True,
    keep_texts: Annotated[bool, typer.Option(help="Keep the words of articles, to score them again later.")] = True,
    max_articles: Annotated[int | None, typer.Option(help="Most new articles of this run.", min=1)] = None,
    dry_run: Annotated[bool, typer.Option(help="Only count what is new: score and write nothing.")] = False,
    wait: Wait = 0.0,
    as_json: AsJson = False,
    log_level: Level = None,
    log_format: LogFormat = "text",
) -> None:
    """Add to a store what is new in some files: for cron, systemd timers and Airflow. Safe to run again after any failure."""
    from tension.store.store import Store
    from tension.update import update as run

    set_up(log_level, log_format)
    told = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: told.set())
    scorer = scorer_of(model, names, min_probability, organisations, context, places)
    with Store(store, scorer, keep_texts=keep_texts) as opened:
        done = run(
            opened, sources, columns=columns_of(column), date=date, since=since, until=until, max_articles=max_articles,
            dry_run=dry_run, rejects=rejects, wait=wait, stop=told.is_set,
        )  # fmt: skip
    if as_json:
        print(done.as_json())
    if done.state == "stopped":
        raise typer.Exit(STOPPED)
    if done.rejected:
        raise typer.Exit(REJECTS)


@app.command()
def rescore(
    store: StoreUrl,
    model: Model = None,
    min_probability: Threshold = None,
    names: Names = None,
    organisations: Organisations = "leave",
    context: Context = True,
    places: Places = True,
    wait: Wait = 0.0,
) -> None:
    """Score the articles kept in a store with a new model or other options; the rows of the old ones stay."""
    from tension.store.store import Store

    scorer = scorer_of(model, names, min_probability, organisations, context, places)
    with Store(store, scorer, wait=wait, must_exist=True) as opened:
        say(f"{opened.rescore()} articles scored with {scorer.label}")


@app.command()
def watch(
    store: StoreUrl,
    dyads: Annotated[
        list[str] | None, typer.Option("--dyads", help="CHN-JPN; may be given several times. All if left out.")
    ] = None,
    freq: Annotated[str, typer.Option(help="D, W, M, Q or Y.")] = "W",
    measure: Annotated[str, typer.Option(help="net, logratio, conflict, cooperation, p90 or stock.")] = "net",
    directed: Annotated[bool, typer.Option(help="Keep CHN->JPN and JPN->CHN apart.")] = False,
    baseline: Annotated[int, typer.Option(help="Number of earlier periods that are compared with.")] = 12,
    false_alarm: Annotated[float, typer.Option(help="Probability of an alarm in a period without change.")] = 0.01,
    min_n: Annotated[int, typer.Option(help="Fewest stories for a value.")] = 3,
    name: Annotated[
        str, typer.Option(help="Watches of different names tell their alarms apart from each other.")
    ] = "default",
    peek: Annotated[bool, typer.Option(help="Leave no trace: the next watch tells the same.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print the dyads whose change alarm fired since the last watch; nothing where none did."""
    from tension.store.store import Store
    from tension.store.watch import watch as look

    with Store(store, must_exist=True) as opened:
        alarms = look(
            opened, dyads or None, freq=freq, measure=measure, directed=directed, baseline=baseline, false_alarm=false_alarm,
            min_n=min_n, name=name, peek=peek,
        )  # fmt: skip
    if as_json:
        print(json.dumps(json.loads(alarms.to_json(orient="records", date_format="iso", date_unit="s"))))
    else:
        for line in _told(alarms):
            print(line)


def _told(alarms: "pd.DataFrame") -> list[str]:
    return [
        f"{row.dyad} {row.date:%Y-%m-%d}: {row.tension:+.2f} ({row.lower:+.2f} to {row.upper:+.2f}, {row.n_stories} stories), usual "
        f"{row.expected:+.2f}, {row.deviation:+.1f} standard deviations, p {row.p_value:.2g}"
        for row in alarms.itertuples()
    ]


@app.command()
def doctor(
    store: Annotated[
        str | None, typer.Option("--store", envvar="TENSION_STORE", help="Also look at this store.")
    ] = None,
    model: Model = None,
    as_json: AsJson = False,
) -> None:
    """Say versions, model, tables, device and the store's health on one page; exit code 1 where something is wrong."""
    from tension.doctor import examine

    found = examine(store, model)
    print(json.dumps(found.as_dict(), indent=1, default=str) if as_json else found.as_text())
    if found.wrong:
        raise typer.Exit(FAILED)
