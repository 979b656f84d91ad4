"""Where the data tables and the models lie, in a checkout and in an installed wheel."""

import hashlib
import json
from pathlib import Path

from tension.errors import ModelDamagedError, ModelNotFoundError, TensionError

DEFAULT_MODEL = "tension-minilm"
CHECKSUMS = "checksums.json"
SETTINGS = "tension.json"
_PACKAGE = Path(__file__).resolve().parent


def _room(name: str) -> Path:
    for folder in (_PACKAGE / f"_{name}", _PACKAGE.parent / name):
        if folder.is_dir():
            return folder
    raise TensionError(f"the folder {name}/ is neither in the installed package nor beside it; reinstall tension")


def data_path(*parts: str) -> Path:
    """Path of a file under data/."""
    return _room("data").joinpath(*parts)


def model_path(model: str | Path | None = None) -> Path:
    """Folder of a model: the shipped default, a shipped model's name, or a path of the user's.

    Raises
    ------
    ModelNotFoundError
        If there is no such folder; the message lists the shipped models.
    """
    if model is None:
        model = DEFAULT_MODEL
    folder = Path(model)
    if folder.is_dir():
        return folder
    shipped = _room("models")
    if (shipped / str(model)).is_dir():
        return shipped / str(model)
    names = sorted(p.name for p in shipped.iterdir() if p.is_dir())
    raise ModelNotFoundError(
        f"no model {str(model)!r}: give a folder, or one of the shipped models: {', '.join(names) or 'none'}"
    )


def label_of(model: str | Path | None = None) -> str:
    """Name and version of a model, without loading it; a plain encoder has its folder's name and version 0.

    Raises
    ------
    ModelNotFoundError, ModelDamagedError
        If there is no such folder, or its settings cannot be read.
    """
    settings = model_path(model) / SETTINGS
    if not settings.is_file():
        return f"{settings.parent.name} 0"
    try:
        told = json.loads(settings.read_text(encoding="utf-8"))
        return f"{told['name']} {told['version']}"
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelDamagedError(
            f"{settings} cannot be read: {error}; reinstall tension or fetch the model again"
        ) from error


def sha256(path: Path) -> str:
    """Hexadecimal SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_checksums(folder: Path) -> None:
    """Record the SHA-256 of every file that loading the model reads."""
    read = (".safetensors", ".txt", "config.json", "tokenizer.json", "tension.json")
    names = sorted(p.name for p in folder.iterdir() if p.name.endswith(read))
    (folder / CHECKSUMS).write_text(
        json.dumps({name: sha256(folder / name) for name in names}, indent=1) + "\n", encoding="utf-8"
    )


def verify_checksums(folder: Path) -> None:
    """Compare the files of a model folder with its recorded checksums.

    Folders without a record (a plain Hugging Face directory) pass.

    Raises
    ------
    ModelNotFoundError
        If a recorded file is missing.
    ModelDamagedError
        If a file's checksum differs; the message names the file and both checksums.
    """
    record = folder / CHECKSUMS
    if not record.is_file():
        return
    for name, expected in json.loads(record.read_text(encoding="utf-8")).items():
        path = folder / name
        if not path.is_file():
            raise ModelNotFoundError(f"{path} is missing; reinstall tension or fetch the model again")
        found = sha256(path)
        if found != expected:
            raise ModelDamagedError(
                f"{path} is damaged: its SHA-256 is {found}, recorded is {expected}; reinstall tension or fetch the model again"
            )
