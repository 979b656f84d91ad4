"""The command line: `tension score|series|embed|classify`.

Exit codes: 0 done; 1 failed while running; 2 the call or its input cannot be used; 3 done, but some records were rejected (each is
reported with its line or row).
"""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer
from tqdm import tqdm

from tension.errors import InputError, OptionError, TensionError
from tension.files import FrameWriter, check_rejects, read_frame, write_frame, write_rejects
from tension.readers.raw import read_records
from tension.records import Skipped

FAILED, UNUSABLE, REJECTS = 1, 2, 3
_SHOWN = 5

app = typer.Typer(
    help="Relations between states from news text: who acts on whom, how, and how tense it is over time.\n\n"
    "Exit codes: 0 done, 1 failed, 2 unusable call or input, 3 done but some records were rejected.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Source = Annotated[Path, typer.Argument(help="A .jsonl, .csv or .parquet file.", show_default=False)]
Out = Annotated[Path, typer.Option("--out", "-o", help="Where to write: .jsonl, .csv or .parquet.", show_default=False)]
Model = Annotated[str | None, typer.Option(help="A shipped model's name or a folder; the shipped default if left out.")]
Date = Annotated[str | None, typer.Option(help="Publication date (ISO 8601) of articles that carry none.")]
Rejects = Annotated[Path | None, typer.Option(help="Write the rejected records with their reasons here (.jsonl).")]


class _Records:
    """Records of a file: passes the good ones on, keeps the bad ones, and drives the progress bar."""

    def __init__(self, path: Path):
        self.rejected: list[Skipped] = []
        self._records, self._checked = read_records(path), False
        self._bar = tqdm(unit=" records", desc=path.name, file=sys.stderr, disable=not sys.stderr.isatty())

    def __iter__(self) -> Iterator[dict[str, Any]]:
        with self._bar:
            for record in self._records:
                self._bar.update()
                if isinstance(record, Skipped):
                    self.rejected.append(record)
                    continue
                if not self._checked and "text" not in record:
                    raise InputError(f"the input has no column 'text'; it has {', '.join(map(str, record)) or 'none'}")
                self._checked = True
                yield record


@app.command()
def score(
    source: Source,
    out: Out,
    date: Date = None,
    model: Model = None,
    rejects: Rejects = None,
    min_probability: Annotated[
        float | None, typer.Option(help="Probability from which a relation is an event; the model's own if left out.")
    ] = None,
    names: Annotated[
        Path | None,
        typer.Option(help="CSV with names of your own (alias,iso3,kind[,start,end]), added to the shipped ones."),
    ] = None,
    organisations: Annotated[
        str, typer.Option(help="Alliances and organisations: leave, actors (NATO, EU), or members (of the day).")
    ] = "leave",
    context: Annotated[
        bool, typer.Option(help='Let "the two countries" and one-sided acts take the article\'s pair.')
    ] = True,
    places: Annotated[bool, typer.Option(help="Let disputed places bring their claimants.")] = True,
    chunk: Annotated[int, typer.Option(help="Articles held in memory at a time.")] = 1000,
) -> None:
    """Find the events in articles (columns: text; optional id, date, title, publisher, language) and write the events frame."""
    from tension.actors.gazetteer import Gazetteer
    from tension.scorer import Scorer
    from tension.text.articles import publication_date

    check_rejects(rejects)
    publication_date(date)
    records = _Records(source)
    scorer = Scorer(
        model,
        gazetteer=Gazetteer.default().extended(names) if names else None,
        min_probability=min_probability,
        context=context,
        places=places,
        organisations=organisations,
    )
    with FrameWriter(out) as writer:
        for frame in scorer.stream(records, date, chunk=chunk):
            writer.write(frame)
        if not scorer.tally.articles:
            from tension.records import events_frame

            writer.write(events_frame({}))
    tally = scorer.tally
    _say(
        f"{tally.articles} articles, {tally.sentences} sentences, {tally.gated} with a pair of states, {tally.events} events -> {out}"
    )
    if tally.why_empty():
        _say(f"no events: {tally.why_empty()}")
    _finish([*records.rejected, *tally.skipped], rejects)


@app.command()
def series(
    source: Source,
    out: Out,
    freq: Annotated[str, typer.Option(help="D, W, M, Q or Y.")] = "M",
    measure: Annotated[str, typer.Option(help="net, logratio, conflict, cooperation, p90 or stock.")] = "net",
    directed: Annotated[bool, typer.Option(help="Keep CHN->JPN and JPN->CHN apart.")] = False,
    min_n: Annotated[int, typer.Option(help="Fewest stories for a value.")] = 3,
    plot: Annotated[Path | None, typer.Option(help="Also draw the busiest dyads (.png, .svg or .pdf).")] = None,
    dyad: Annotated[list[str] | None, typer.Option(help="Dyad to draw; may be given several times.")] = None,
    heatmap: Annotated[
        Path | None, typer.Option(help="Also draw the busiest dyads as a grid (.png, .svg or .pdf).")
    ] = None,
) -> None:
    """Aggregate an events file (from `tension score`) to one row per dyad and period."""
    from tension.report.plots import plot as draw
    from tension.series.aggregate import aggregate

    frame = aggregate(read_events(source), freq, measure=measure, directed=directed, min_n=min_n)
    write_frame(frame.reset_index(), out)
    if plot:
        draw(frame, dyad).savefig(plot, dpi=150)
    if heatmap:
        from tension.report.heatmap import heatmap as grid

        grid(frame, dyad).savefig(heatmap, dpi=150)
    _say(f"{len(frame)} dyad periods, {frame.index.get_level_values('dyad').nunique()} dyads -> {out}")


@app.command()
def embed(source: Source, out: Out, model: Model = None, rejects: Rejects = None) -> None:
    """Embed the column `text` of a file: one row per record, columns e0, e1, ..."""
    from tension.scorer import Scorer

    check_rejects(rejects)
    rows, rejected = _sentences(source)
    vectors = Scorer(model).embed(rows["text"].tolist())
    table = pd.DataFrame(vectors, columns=[f"e{i}" for i in range(vectors.shape[1])])
    table.insert(0, "id", rows["id"])
    write_frame(table, out)
    _say(f"{len(rows)} sentences, {vectors.shape[1]} dimensions -> {out}")
    _finish(rejected, rejects)


@app.command()
def classify(source: Source, out: Out, model: Model = None, rejects: Rejects = None) -> None:
    """Classify the column `text` of a file; with columns `source` and `target`, the relation between these spans."""
    from tension.scorer import Scorer

    check_rejects(rejects)
    rows, rejected = _sentences(source)
    spans = [rows[side].astype(str).tolist() if side in rows else None for side in ("source", "target")]
    table = Scorer(model).classify(rows["text"].tolist(), *spans)
    table.insert(0, "id", rows["id"])
    write_frame(table, out)
    _say(f"{len(rows)} sentences -> {out}")
    _finish(rejected, rejects)


def read_events(path: Path) -> pd.DataFrame:
    """An events file, as `tension score` writes it, as an events frame."""
    from tension.records import as_events, events_frame

    frame = read_frame(path)
    return as_events(frame) if len(frame.columns) else events_frame({})


def _sentences(path: Path) -> tuple[pd.DataFrame, list[Skipped]]:
    """Records with a text, which holds their source and target where they have these, and the others with their reason."""
    records, kept, bad = _Records(path), [], []
    for row, record in enumerate(records, start=1):
        text, sides = record.get("text"), [record[side] for side in ("source", "target") if side in record]
        name = str(record.get("id", f"row-{row}"))
        if not isinstance(text, str) or not text.strip():
            bad.append(Skipped(row, name, f"row {row} has no text"))
        elif len(sides) == 1 or any(str(side) not in text for side in sides):
            bad.append(Skipped(row, name, f"row {row}: its text does not hold both its source and its target"))
        else:
            kept.append(record | {"id": name})
    return pd.DataFrame(kept, columns=None if kept else ["id", "text"]), [*records.rejected, *bad]


def _finish(rejected: Iterable[Skipped], path: Path | None) -> None:
    """Report the rejected records and leave with the code that says there were some."""
    rejected = list(rejected)
    if path:
        write_rejects(rejected, path)
    for item in rejected[:_SHOWN]:
        _say(f"rejected: {item.reason}" + (f" (id {item.id})" if item.id else ""))
    if len(rejected) > _SHOWN:
        _say(f"... and {len(rejected) - _SHOWN} more rejected; --rejects FILE lists them all")
    if rejected:
        raise typer.Exit(REJECTS)


def _say(line: str) -> None:
    print(line, file=sys.stderr)


def main() -> None:
    """Entry point: errors of the package become one line on standard error and an exit code."""
    try:
        app()
    except (InputError, OptionError) as error:
        _say(f"tension: {error}")
        sys.exit(UNUSABLE)
    except TensionError as error:
        _say(f"tension: {error}")
        sys.exit(FAILED)
    except KeyboardInterrupt:
        _say("tension: stopped")
        sys.exit(130)


if __name__ == "__main__":
    main()
