"""`tension score|embed|classify|read`: files in, a table out; `tension export`: the encoder as a file."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

from tension.cli.common import (
    Backend,
    Columns,
    Context,
    Date,
    Defuse,
    Model,
    Names,
    Organisations,
    Out,
    Places,
    Precision,
    RejectsFile,
    Since,
    Source,
    Sources,
    Threads,
    Threshold,
    Until,
    Workers,
    app,
    check_apart,
    columns_of,
    finish,
    say,
    scorer_of,
)
from tension.errors import InputError
from tension.files import FrameWriter, write_frame
from tension.outputs import check_writable
from tension.progress import Progress
from tension.readers.raw import read_records
from tension.readers.read import read as read_articles
from tension.readers.reading import Reading
from tension.records import Article, Skipped
from tension.rejects import Rejects
from tension.text.articles import clean

_PIECE = 1000
_SIDES = ("source", "target")


@app.command()
def score(
    sources: Sources,
    out: Out,
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
    chunk: Annotated[int, typer.Option(help="Articles held in memory at a time.")] = 1000,
    profile: Annotated[bool, typer.Option(help="Say at the end where the time went.")] = False,
    defuse: Defuse = False,
) -> None:
    """Find the events in articles and write the events frame."""
    from tension.records import events_frame

    reading = read_articles(sources, columns=columns_of(column), date=date, since=since, until=until)
    check_apart((out, rejects), reading.paths)
    scorer = scorer_of(
        model, names, min_probability, organisations, context, places, precision, backend, workers, threads
    )
    with Rejects(rejects) as rejected, Progress(reading.size, "score") as bar, FrameWriter(out, defuse) as writer:
        for frame in scorer.stream(_good(reading, bar, rejected), chunk=chunk):
            writer.write(frame)
        if not scorer.tally.articles:
            writer.write(events_frame({}))
    tally = scorer.tally
    _notes(reading)
    say(
        f"{tally.articles} articles, {tally.sentences} sentences, {tally.gated} with a pair of states, {tally.events} events -> {out}"
    )
    if tally.why_empty():
        say(f"no events: {tally.why_empty()}")
    if profile:
        for stage, seconds, share in scorer.profile().itertuples(name=None):
            say(f"{stage:>8} {seconds:8.2f} s {share:6.1%}")
    finish(rejected)


@app.command()
def read(
    sources: Sources,
    out: Out,
    date: Date = None,
    since: Since = None,
    until: Until = None,
    column: Columns = None,
    rejects: RejectsFile = None,
    defuse: Defuse = False,
) -> None:
    """Read articles from files of any kind and write them as one table: what `score` would read."""
    reading = read_articles(sources, columns=columns_of(column), date=date, since=since, until=until)
    check_apart((out, rejects), reading.paths)
    piece: list[list[object]] = []
    with Rejects(rejects) as rejected, Progress(reading.size, "read") as bar, FrameWriter(out, defuse) as writer:
        for article in _good(reading, bar, rejected):
            piece.append([getattr(article, name) for name in Article.__slots__])
            if len(piece) == _PIECE:
                writer.write(_articles_frame(piece))
                piece = []
        if piece or not reading.articles:
            writer.write(_articles_frame(piece))
    _notes(reading)
    say(f"{reading.articles} articles -> {out}")
    finish(rejected)


def _articles_frame(rows: list[list[object]]) -> pd.DataFrame:
    dtypes = {name: "datetime64[us]" if name == "date" else "str" for name in Article.__slots__}
    return pd.DataFrame(rows, columns=list(dtypes)).astype(dtypes)


@app.command()
def embed(source: Source, out: Out, model: Model = None, rejects: RejectsFile = None, defuse: Defuse = False) -> None:
    """Embed the column `text` of a file: one row per record, columns e0, e1, ..."""
    from tension.scorer import Scorer

    def vectors(rows: list[dict[str, Any]]) -> pd.DataFrame:
        found = Scorer(model).embed([row["text"] for row in rows])
        return pd.DataFrame(found, columns=[f"e{i}" for i in range(found.shape[1])])

    table, rejected = _by_sentence(source, out, rejects, defuse, vectors)
    say(f"{len(table)} sentences, {len(table.columns) - 1} dimensions -> {out}")
    finish(rejected)


@app.command()
def export(
    out: Annotated[Path, typer.Option("--out", "-o", help="The file to write, .onnx.", show_default=False)],
    model: Model = None,
) -> None:
    """Write the encoder as an ONNX file, for use elsewhere: ids and mask in, token vectors out."""
    from tension.relations.graph import export as write
    from tension.relations.loading import load_encoder
    from tension.resources import model_path, verify_checksums

    folder = model_path(model)
    verify_checksums(folder)
    check_writable(out)
    write(load_encoder(folder), out)
    say(f"{folder.name} -> {out}")


@app.command()
def classify(
    source: Source, out: Out, model: Model = None, rejects: RejectsFile = None, defuse: Defuse = False
) -> None:
    """Classify the column `text` of a file; with columns `source` and `target`, the relation between these spans."""
    from tension.scorer import Scorer

    def classes(rows: list[dict[str, Any]]) -> pd.DataFrame:
        sided = bool(rows) and _is_sided(rows[0])
        spans = [[str(row[side]) for row in rows] if sided else None for side in _SIDES]
        return Scorer(model).classify([row["text"] for row in rows], *spans)

    table, rejected = _by_sentence(source, out, rejects, defuse, classes, sides=True)
    say(f"{len(table)} sentences -> {out}")
    finish(rejected)


def _by_sentence(
    source: Path,
    out: Path,
    rejects: Path | None,
    defuse: bool,
    made: Callable[[list[dict[str, Any]]], pd.DataFrame],
    sides: bool = False,
) -> tuple[pd.DataFrame, Rejects]:
    """Write a table with a row for each sentence of a file, after its id; the table, and what was rejected."""
    check_apart((out, rejects), (source,))
    with Rejects(rejects) as rejected:
        rows = _sentences(source, rejected, sides)
        table = made(rows)
        table.insert(0, "id", pd.Series([row["id"] for row in rows], dtype="str"))
        write_frame(table, out, defuse)
    return table, rejected


def _good(reading: Reading, bar: Progress, rejected: Rejects) -> Iterator[Article]:
    """The articles of a reading; the others are rejected, and the bar moves."""
    for item in bar.follow(reading):
        if isinstance(item, Skipped):
            rejected.write(item)
        else:
            yield item


def _notes(reading: Reading) -> None:
    for note in reading.notes:
        say(note)
    if reading.outside_window:
        say(f"{reading.outside_window} articles were published outside --since and --until")


def _sentences(path: Path, rejected: Rejects, sides: bool) -> list[dict[str, Any]]:
    """Records of a file with a text; where `sides` says so and the file has both, also with a source and a target that the text holds.

    The others are rejected.
    """
    records = list(read_records(path))
    texts = [record for record in records if not isinstance(record, Skipped)]
    if texts and not any("text" in record for record in texts):
        raise InputError(f"{path} has no column 'text'; it has {', '.join(map(str, texts[0])) or 'none'}")
    sided = sides and any(map(_is_sided, texts))
    kept = []
    for row, record in enumerate(records, start=1):
        if isinstance(record, Skipped):
            rejected.write(record)
            continue
        text, given = record.get("text"), record.get("id")
        name = f"row-{row}" if given is None else str(given)
        if not isinstance(text, str) or not clean(text).strip():
            rejected.write(Skipped(row, name, f"row {row} has no text", "no text"))
        elif sided and (reason := _unfit(record, text)):
            rejected.write(Skipped(row, name, f"row {row}{reason}"))
        else:
            kept.append(record | {"id": name, "text": clean(text)})
    return kept


def _is_sided(record: Mapping[str, Any]) -> bool:
    """Whether a record asks about a pair: `source` alone is a publisher."""
    return all(side in record for side in _SIDES)


def _unfit(record: Mapping[str, Any], text: str) -> str:
    """Why a text cannot be asked about its sides; empty where it can."""
    sides = [str(record.get(side) or "") for side in _SIDES]
    if not all(sides):
        return " has no source or no target, as other rows have"
    return "" if all(side in text for side in sides) else ": its text does not hold both its source and its target"
