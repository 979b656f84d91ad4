"""The entry point: whatever goes wrong becomes one line on standard error and an exit code."""

import io
import os
import sys

from tension.cli import articles, scheduled, series
from tension.cli.common import BUSY, FAILED, INTERRUPTED, UNUSABLE, app, say
from tension.errors import (
    InputError,
    ModelNotFoundError,
    OptionError,
    StoreBusyError,
    StoreNotFoundError,
    TensionError,
)

COMMANDS = (articles, scheduled, series)  # each adds its own to `app` when it is imported
_UNUSABLE = (InputError, OptionError, ModelNotFoundError, StoreNotFoundError)


def main() -> None:
    """Run the command line."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # as standard error: what a terminal cannot show stops nothing
    try:
        app()
    except SystemExit as done:
        if done.code == INTERRUPTED:
            say("tension: interrupted; what was done is kept")
        raise
    except KeyboardInterrupt:
        say("tension: interrupted; what was done is kept")
        sys.exit(INTERRUPTED)
    except _UNUSABLE as error:
        _leave(error, UNUSABLE)
    except StoreBusyError as error:
        _leave(error, BUSY)
    except TensionError as error:
        _leave(error, FAILED)
    except OSError as error:
        _leave(
            f"{error.filename or 'a file'}: {error.strerror or error}; check the path, its permissions and free space",
            FAILED,
        )
    except Exception as error:
        if os.environ.get("TENSION_DEBUG"):
            raise
        _leave(
            f"{type(error).__name__}: {error}; this is a mistake of ours: please report it, with TENSION_DEBUG=1 set",
            FAILED,
        )


def _leave(error: object, code: int) -> None:
    say(f"tension: {error}")
    sys.exit(code)
