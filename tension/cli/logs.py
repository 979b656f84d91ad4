"""Logs of scheduled runs, on standard error: lines of text, or of JSON."""

import json
import logging
import sys
import time
from enum import StrEnum
from typing import Annotated

import typer

from tension.cli.common import plain


class Levels(StrEnum):
    """How much is said."""

    debug = "debug"
    info = "info"
    warning = "warning"
    error = "error"


class Formats(StrEnum):
    """How it is said."""

    text = "text"
    json = "json"


Level = Annotated[Levels | None, typer.Option(help="How much is logged; info on a terminal, else warning.")]
LogFormat = Annotated[Formats, typer.Option(help="Log lines as text or as JSON.")]


class _Text(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return plain(super().format(record))


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {"time": self.formatTime(record, self.datefmt), "level": record.levelname.lower(), "logger": record.name}
        return json.dumps(line | {"message": record.getMessage()}, ensure_ascii=False)


def set_up(level: Levels | None, kind: Formats) -> None:
    """Send what the package logs to standard error."""
    chosen = level or (Levels.info if sys.stderr and sys.stderr.isatty() else Levels.warning)
    formatter = _Json() if kind == Formats.json else _Text("%(asctime)s %(levelname)s %(name)s: %(message)s")
    formatter.datefmt, formatter.converter = "%Y-%m-%dT%H:%M:%SZ", time.gmtime
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    logger = logging.getLogger("tension")
    logger.handlers[:] = [handler]
    logger.setLevel(chosen.upper())
