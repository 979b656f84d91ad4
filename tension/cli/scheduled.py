"""`tension update|rescore|watch|doctor`: what runs by itself, and how it is looked after."""

import json
import signal
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from tension.cli.common import (
    FAILED,
    REJECTS,
    STOPPED,
    Backend,
    Columns,
    Context,
    Date,
    Model,
    Names,
    Organisations,
    Places,
    Precision,
    RejectsFile,
    Since,
    Sources,
    StoreUrl,
    Threads,
    Threshold,
    Until,
    Version,
    Workers,
    app,
    check_apart,
    columns_of,
    say,
    say_unseen,
    scorer_of,
    version_of,
)
from tension.cli.logs import Level, LogFormat, set_up
from tension.errors import OptionError

if TYPE_CHECKING:
    import pandas as pd

AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON on standard output.")]
Wait = Annotated[float, typer.Option(help="Seconds to wait for another run that is writing.")]


class _Stop:
    """Whether SIGTERM came; between batches it ends the run at once, while one is scored or written after it."""

    def __init__(self) -> None:
        self.told, self.busy = False, lambda: False

    def __call__(self, *_: object) -> bool:
        return self.told

    def handle(self, *_: object) -> None:
        self.told = True
        if not self.busy():
            sys.exit(STOPPED)


def _stopped_by_sigterm() -> _Stop:
    stop = _Stop()
    signal.signal(signal.SIGTERM, stop.handle)
    return stop


def _kept(store: str, dry_run: bool) -> str:
    """The URL of a store that outlives the run; for a dry run over none yet one in memory."""
    from tension.store.opening import file_of, url_of

    url = url_of(store)
    path = file_of(url)
    if url.get_backend_name() == "sqlite" and path is None:
        raise OptionError(f"--store {store} is in memory and would be lost at the end; name a file or a server")
    return "sqlite://" if dry_run and path is not None and not path.exists() else store


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
    precision: Precision = "auto",
    backend: Backend = "auto",
    workers: Workers = 1,
    threads: Threads = None,
    keep_texts: Annotated[bool, typer.Option(help="Keep the words of articles, to score them again later.")] = True,
    max_articles: Annotated[int | None, typer.Option(help="Most new articles of this run.", min=1)] = None,
    dry_run: Annotated[bool, typer.Option(help="Only count what is new: score and write nothing.")] = False,
    wait: Wait = 0.0,
    as_json: AsJson = False,
    log_level: Level = None,
    log_format: LogFormat = "text",
) -> None:
    """Add to a store what is new in some files. Safe to run again after any failure."""
    told = _stopped_by_sigterm()
    set_up(log_level, log_format)
    from tension.store.opening import file_of, url_of
    from tension.store.store import Store
    from tension.update import reading_of, take

    reading = reading_of(sources, columns_of(column), date, since, until)
    check_apart((rejects,), (*reading.paths, file_of(url_of(store))))
    scorer = scorer_of(
        model, names, min_probability, organisations, context, places, precision, backend, workers, threads
    )
    with Store(_kept(store, dry_run), scorer, keep_texts=keep_texts) as opened:
        told.busy = lambda: opened.busy
        done = take(opened, reading, max_articles=max_articles, dry_run=dry_run, rejects=rejects, wait=wait, stop=told)
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
    precision: Precision = "auto",
    backend: Backend = "auto",
    workers: Workers = 1,
    threads: Threads = None,
    wait: Wait = 0.0,
) -> None:
    """Score a store's articles again, with a new model or options; the old rows stay."""
    told = _stopped_by_sigterm()
    from tension.store.store import Store

    scorer = scorer_of(
        model, names, min_probability, organisations, context, places, precision, backend, workers, threads
    )
    with Store(store, scorer, wait=wait, must_exist=True) as opened:
        told.busy = lambda: opened.busy
        say(f"{opened.rescore(stop=told)} articles scored with {scorer.label}")
        left, lost = opened.left(), opened.lost()
    if lost:
        say(f"{lost} articles are left out, since their words were not kept; tension update from their files scores them")
    if left:
        say(f"{left} are left; run it again")
        raise typer.Exit(STOPPED)


@app.command()
def watch(
    store: StoreUrl,
    dyads: Annotated[
        list[str] | None,
        typer.Option("--dyads", "--dyad", help="CHN-JPN; may be given several times. All if left out."),
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
    model: Version = None,
    as_json: AsJson = False,
) -> None:
    """Print the dyads whose change alarm fired since the last watch."""
    from tension.store.store import Store
    from tension.store.watch import remember
    from tension.store.watch import watch as look

    with Store(store, must_exist=True) as opened:
        alarms = look(
            opened, dyads or None, freq=freq, measure=measure, directed=directed, baseline=baseline, false_alarm=false_alarm,
            min_n=min_n, name=name, peek=True, model=version_of(model),
        )  # fmt: skip
        say_unseen(alarms.attrs["unseen"], "store")
        if as_json:
            print(alarms.to_json(orient="records", date_format="iso", date_unit="s"))
        else:
            print(*_told(alarms), sep="\n", end="\n" * bool(len(alarms)))
        sys.stdout.flush()  # an alarm that reached nobody is told again
        if not peek:
            remember(opened, alarms)


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
    """Say on one page what is installed, and whether model and store are whole."""
    from tension.doctor import examine

    found = examine(store, model)
    print(json.dumps(found.as_dict(), indent=1, default=str) if as_json else found.as_text())
    if found.wrong:
        raise typer.Exit(FAILED)
