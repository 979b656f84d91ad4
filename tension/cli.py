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
from tension.files import FrameWriter, read_frame, read_records, write_frame, write_rejects
from tension.records import EVENT_DTYPES, Skipped

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
    """Articles of a file for the scorer: passes good records on, keeps the bad ones, and drives the progress bar."""

    def __init__(self, path: Path, needed: str = "text"):
        self.rejected: list[Skipped] = []
        self._records, self._needed, self._checked = read_records(path), needed, False
        self._bar = tqdm(unit=" records", desc=path.name, file=sys.stderr, disable=not sys.stderr.isatty())

    def __iter__(self) -> Iterator[dict[str, Any]]:
        with self._bar:
            for number, record in enumerate(self._records, start=1):
                self._bar.update()
                if isinstance(record, Skipped):
                    self.rejected.append(record)
                    continue
                self._check_first(record)
                yield record | ({} if record.get("id") else {"id": f"row-{number}"})

    def _check_first(self, record: dict[str, Any]) -> None:
        if not self._checked and self._needed not in record:
            raise InputError(
                f"the input has no column {self._needed!r}; it has {', '.join(map(str, record)) or 'none'}"
            )
        self._checked = True


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
    chunk: Annotated[int, typer.Option(help="Articles held in memory at a time.")] = 2000,
) -> None:
    """Find the events in articles (columns: text; optional id, date, title, publisher, language) and write the events frame."""
    from tension.scorer import Scorer

    records, scorer = _Records(source), Scorer(model, min_probability=min_probability)
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
    measure: Annotated[str, typer.Option(help="net or logratio.")] = "net",
    directed: Annotated[bool, typer.Option(help="Keep CHN->JPN and JPN->CHN apart.")] = False,
    min_n: Annotated[int, typer.Option(help="Fewest stories for a value.")] = 3,
    plot: Annotated[Path | None, typer.Option(help="Also draw the busiest dyads (.png, .svg or .pdf).")] = None,
    dyad: Annotated[list[str] | None, typer.Option(help="Dyad to draw; may be given several times.")] = None,
) -> None:
    """Aggregate an events file (from `tension score`) to one row per dyad and period."""
    from tension.report.plots import plot as draw
    from tension.series.aggregate import aggregate

    frame = aggregate(_events_of(source), freq, measure=measure, directed=directed, min_n=min_n)
    write_frame(frame.reset_index(), out)
    if plot:
        draw(frame, dyad).savefig(plot, dpi=150)
    _say(f"{len(frame)} dyad periods, {frame.index.get_level_values('dyad').nunique()} dyads -> {out}")


@app.command()
def embed(source: Source, out: Out, model: Model = None, rejects: Rejects = None) -> None:
    """Embed the column `text` of a file: one row per record, columns e0, e1, ..."""
    from tension.scorer import Scorer

    rows, rejected = _sentences(source)
    vectors = Scorer(model).embed([row["text"] for row in rows])
    table = pd.DataFrame(vectors, columns=[f"e{i}" for i in range(vectors.shape[1])])
    table.insert(0, "id", [str(row["id"]) for row in rows])
    write_frame(table, out)
    _say(f"{len(rows)} sentences, {vectors.shape[1]} dimensions -> {out}")
    _finish(rejected, rejects)


@app.command()
def classify(source: Source, out: Out, model: Model = None, rejects: Rejects = None) -> None:
    """Classify the column `text` of a file; with columns `source` and `target`, the relation between these spans."""
    from tension.scorer import Scorer

    rows, rejected = _sentences(source)
    spans = (
        [[str(row[side]) for row in rows] for side in ("source", "target")]
        if rows and {"source", "target"} <= rows[0].keys()
        else [None, None]
    )
    table = Scorer(model).classify([row["text"] for row in rows], *spans)
    table.insert(0, "id", [str(row["id"]) for row in rows])
    write_frame(table, out)
    _say(f"{len(rows)} sentences -> {out}")
    _finish(rejected, rejects)


def _events_of(path: Path) -> pd.DataFrame:
    """An events file as an events frame."""
    from tension.records import require_columns, validate_events

    frame = read_frame(path)
    require_columns(frame, tuple(EVENT_DTYPES), f"{path}, as an events file,")
    for name, dtype in EVENT_DTYPES.items():
        if dtype.startswith("datetime"):
            frame[name] = pd.to_datetime(frame[name].replace("", None), utc=True).dt.tz_localize(None)
        elif dtype == "bool":
            frame[name] = frame[name].map({"True": True, "False": False, True: True, False: False})
        frame[name] = frame[name].astype(dtype)
    return validate_events(frame)


def _sentences(path: Path) -> tuple[list[dict[str, Any]], list[Skipped]]:
    """Records with a text, and those without."""
    records, kept, empty = _Records(path), [], []
    for row, record in enumerate(records, start=1):
        good = isinstance(record["text"], str) and record["text"].strip()
        kept.append(record) if good else empty.append(Skipped(row, str(record["id"]), "no text"))
    return kept, [*records.rejected, *empty]


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
