"""What is installed, what it knows and whether it is whole: one page, for a person or a bug report."""

import importlib.metadata
import platform
import shutil
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tension import __version__
from tension.actors.gazetteer import table_rows
from tension.errors import TensionError
from tension.resources import data_path, label_of, model_path, verify_checksums

_CORE = ("torch", "transformers", "tokenizers", "numpy", "pandas", "SQLAlchemy", "sentencex", "ahocorasick_rs", "rensa")
_EXTRAS = {
    "io": ("pyarrow", "trafilatura", "fastwarc", "feedparser", "zstandard"),
    "plot": ("matplotlib", "networkx", "plotly"),
    "postgres": ("psycopg",),
}
_LITTLE = 1 << 30


@dataclass(frozen=True, slots=True)
class Examination:
    """Findings by heading, and what is wrong, in words."""

    findings: Mapping[str, Mapping[str, object]]
    wrong: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, object]:
        return {**self.findings, "wrong": self.wrong}

    def as_text(self) -> str:
        """One page."""
        lines = []
        for heading, rows in self.findings.items():
            lines += [heading, *(f"  {name:<22} {value}" for name, value in rows.items()), ""]
        return "\n".join(
            [*lines, *(f"WRONG: {said}" for said in self.wrong)] if self.wrong else [*lines, "Nothing wrong found."]
        )


def examine(store: str | Path | None = None, model: str | Path | None = None) -> Examination:
    """Versions, model and checksums, device, tables and their date, extras; and of a store its health.

    Parameters
    ----------
    store
        A URL or path; it is only read, after its tables are brought up to date where an older version made them.
    model
        A model's name or folder; None for the shipped default.

    Examples
    --------
    >>> found = examine()
    >>> found.findings["tension"]["model"].split()[0], found.wrong
    ('tension-minilm', [])
    """
    wrong: list[str] = []
    findings = {
        "tension": {"version": __version__, **_model(model, wrong), **_tables()},
        "machine": _machine(),
        "packages": {name: _installed(name) for name in _CORE},
        "extras": {f"[{extra}]": ", ".join(f"{n} {_installed(n)}" for n in names) for extra, names in _EXTRAS.items()},
    }
    if store is not None:
        try:
            findings["store"] = _store(store, model, wrong)
        except TensionError as error:
            wrong.append(str(error))
    return Examination(findings, wrong)


def _model(model: str | Path | None, wrong: list[str]) -> dict[str, object]:
    try:
        folder = model_path(model)
        verify_checksums(folder)
        return {"model": label_of(model), "model folder": folder, "checksums": "right"}
    except TensionError as error:
        wrong.append(str(error))
        return {"model": str(model), "checksums": "see below"}


def _tables() -> dict[str, object]:
    """The day up to which the table of leaders knows who came to office, and how many terms it has."""
    starts = [row["start"] for row in table_rows(data_path("actors", "leaders.csv"), ("start",))]
    return {"leaders known to": max(starts), "terms of office": len(starts)}


def _machine() -> dict[str, object]:
    import torch

    from tension.relations.encoder import resolve_device
    from tension.relations.precision import resolve_precision

    device = resolve_device("auto")
    return {
        "python": platform.python_version(),
        "system": platform.platform(terse=True),
        "device": str(device),
        "precision": str(resolve_precision("auto", device)).removeprefix("torch."),
        "threads": torch.get_num_threads(),
    }


def _installed(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _store(url: str | Path, model: str | Path | None, wrong: list[str]) -> dict[str, object]:
    from tension.scorer import Scorer
    from tension.store.health import health
    from tension.store.opening import file_of, shown
    from tension.store.store import Store

    with Store(url, Scorer(model), must_exist=True) as store:
        found = {"url": shown(store.url), **health(store, wrong)}
        path = file_of(store.url)
        return found | (_file(path, wrong) if path else {})


def _file(path: Path, wrong: list[str]) -> dict[str, object]:
    mode, free = stat.S_IMODE(path.stat().st_mode), shutil.disk_usage(path.resolve().parent).free
    if mode & 0o077:
        wrong.append(f"{path} can be read by others (mode {mode:o}); chmod 600 {path} if its articles are private")
    if free < _LITTLE:
        wrong.append(f"the disk of {path} has only {free / 1e6:,.0f} MB left")
    return {"size": f"{path.stat().st_size / 1e6:,.1f} MB", "mode": f"{mode:o}", "disk left": f"{free / 1e9:,.0f} GB"}
