"""A file that is to be written."""

import os
from pathlib import Path

from tension.errors import InputError


def check_writable(path: Path) -> None:
    """Raise before any work where a file could not be written.

    Raises
    ------
    InputError
        If its folder is not there or may not be written to, or it is a folder itself.
    """
    if not path.parent.is_dir():
        raise InputError(f"there is no folder {path.parent}")
    if path.is_dir() or not os.access(path.parent, os.W_OK):
        raise InputError(f"{path} is a folder, or its folder may not be written to")
