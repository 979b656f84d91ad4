"""What the commands share: the application, exit codes, options, and how they speak."""

import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tension import __version__
from tension.errors import OptionError
from tension.outputs import check_writable
from tension.rejects import Rejects

if TYPE_CHECKING:
    from tension.scorer import Scorer

FAILED, UNUSABLE, REJECTS, BUSY, STOPPED, INTERRUPTED = 1, 2, 3, 4, 5, 130
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")

app = typer.Typer(
    help="Relations between states from news text: who acts on whom, how, and how tense it is over time.\n\n"
    "Exit codes: 0 done, 1 failed, 2 unusable call or input, 3 done but some records were rejected, 4 another run is writing to the "
    "store, 5 told to stop before the end, 130 interrupted.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

_PICTURES = (".png", ".svg", ".pdf")
_FORMATS = (
    ".jsonl, .ndjson, .json, .csv, .tsv, .parquet, .txt, .html, .htm, .xhtml, .rss, .atom, .xml, .warc; each also .gz, .zst or "
    "in a .zip; - for JSON Lines on standard input"
)
Sources = Annotated[list[str], typer.Argument(help=f"Files, folders or globs of {_FORMATS}.", show_default=False)]
Source = Annotated[Path, typer.Argument(help="A .jsonl, .csv or .parquet file.", show_default=False)]
Out = Annotated[Path, typer.Option("--out", "-o", help="Where to write: .jsonl, .csv or .parquet.", show_default=False)]
Model = Annotated[str | None, typer.Option(help="A shipped model's name or a folder; the shipped default if left out.")]
Date = Annotated[str | None, typer.Option(help="Publication date (ISO 8601) of articles that carry none.")]
Since = Annotated[str | None, typer.Option(help="Leave out what was published before this date.")]
Until = Annotated[str | None, typer.Option(help="Leave out what was published on or after this date.")]
Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--column", help="Our name=yours, such as text=body; may be given several times. Guessed if left out."
    ),
]
RejectsFile = Annotated[
    Path | None, typer.Option("--rejects", help="Write the rejected records with their place and reason here (.jsonl).")
]
Defuse = Annotated[bool, typer.Option(help="In a .csv, put ' before cells a spreadsheet would take for formulas.")]
Threshold = Annotated[
    float | None, typer.Option(help="Probability from which a relation is an event; the model's own if left out.")
]
Names = Annotated[
    Path | None,
    typer.Option(help="CSV with names of your own (alias,iso3,kind[,start,end]), added to the shipped ones."),
]
Organisations = Annotated[
    str, typer.Option(help="Alliances and organisations: leave, actors (NATO, EU), or members (of the day).")
]
Context = Annotated[bool, typer.Option(help='Let "the two countries" and one-sided acts take the article\'s pair.')]
Places = Annotated[bool, typer.Option(help="Let disputed places bring their claimants.")]
Precision = Annotated[
    str, typer.Option(help="Number format of the model: auto (bfloat16 where the device has it), float32 or bfloat16.")
]
Backend = Annotated[
    str, typer.Option(help="What runs the encoder: auto (torch), or with the extra fast openvino or onnxruntime.")
]
Workers = Annotated[int, typer.Option(help="Processes that score at once.", min=1)]
Threads = Annotated[int | None, typer.Option(help="Threads of each process; all processors if left out.", min=1)]
StoreUrl = Annotated[
    str,
    typer.Option(
        "--store",
        envvar="TENSION_STORE",
        help="sqlite:///news.db, postgresql://user@host/name, or the path of an SQLite file.",
        show_default=False,
    ),
]

Version = Annotated[
    str | None,
    typer.Option(
        "--model",
        help="The version to read, by its model's name or its number (tension doctor); the latest run's if left out.",
    ),
]


def version_of(given: str | None) -> str | int | None:
    """A version's number, or its model's name."""
    return int(given) if given and given.isdigit() else given


def _print_version(asked: bool) -> None:
    if asked:
        print(f"tension {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Options of the program itself."""


def plain(line: str) -> str:
    """A line without the control characters that a file may smuggle into a terminal."""
    return _CONTROL.sub(lambda found: repr(found[0])[1:-1], line)


def say(line: str) -> None:
    """A line to the person who looks on; standard output is for data."""
    if sys.stderr:
        print(plain(line), file=sys.stderr)


def say_unseen(dyads: Iterable[str], where: str) -> None:
    """Tell of dyads without an event that are written wrongly: a pair of states may be quiet."""
    from tension.series.names import sides_of
    from tension.sources.states import state_of_code

    for dyad in dyads:
        if any(state_of_code(side) != side for side in sides_of(dyad)):
            say(f"the {where} has no event of {dyad}, and not both of its codes are states'")


def check_apart(outputs: Iterable[Path | None], inputs: Iterable[Path | None] = ()) -> None:
    """Raise before any work where one output would overwrite another, or what is read.

    Raises
    ------
    OptionError
        The message names the file.
    """
    taken = {path.resolve() for path in filter(None, inputs)}
    for path in filter(None, outputs):
        if path.resolve() in taken:
            raise OptionError(f"{path} is read or written twice in this call; write to another file")
        taken.add(path.resolve())


def check_pictures(*paths: Path | None) -> None:
    """Raise before any work where a picture could not be written."""
    for path in filter(None, paths):
        if path.suffix not in _PICTURES:
            raise OptionError(f"{path} is no picture; name it {', '.join(_PICTURES)}")
        check_writable(path)


def columns_of(given: list[str] | None) -> Mapping[str, str] | None:
    """`text=body` -> {"text": "body"}."""
    pairs = [item.partition("=") for item in given or ()]
    for name, sign, theirs in pairs:
        if not (name and sign and theirs):
            raise OptionError(f"--column {name}{sign}{theirs} is no mapping; write our name=yours, such as text=body")
    return {name: theirs for name, _, theirs in pairs} or None


def scorer_of(
    model: str | None,
    names: Path | None,
    min_probability: float | None,
    organisations: str,
    context: bool,
    places: bool,
    precision: str,
    backend: str,
    workers: int,
    threads: int | None,
) -> "Scorer":
    """The scorer that the options of `score` and `update` describe."""
    from tension.actors.gazetteer import Gazetteer
    from tension.scorer import Scorer

    return Scorer(
        model,
        gazetteer=Gazetteer.default().extended(names) if names else None,
        min_probability=min_probability,
        context=context,
        places=places,
        organisations=organisations,
        precision=precision,
        backend=backend,
        workers=workers,
        threads=threads,
    )


def finish(rejected: Rejects) -> None:
    """Report the rejected records and leave with the code that says there were some."""
    for line in rejected.lines():
        say(line)
    if len(rejected):
        raise typer.Exit(REJECTS)
