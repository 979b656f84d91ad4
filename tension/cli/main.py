"""The entry point: errors of the package become one line on standard error and an exit code."""

import sys

from tension.cli import scheduled, scoring, series  # noqa: F401 - each adds its commands
from tension.cli.common import BUSY, FAILED, UNUSABLE, app, say
from tension.errors import InputError, OptionError, StoreBusyError, TensionError


def main() -> None:
    """Run the command line."""
    try:
        app()
    except (InputError, OptionError) as error:
        say(f"tension: {error}")
        sys.exit(UNUSABLE)
    except StoreBusyError as error:
        say(f"tension: {error}")
        sys.exit(BUSY)
    except TensionError as error:
        say(f"tension: {error}")
        sys.exit(FAILED)
    except KeyboardInterrupt:
        say("tension: stopped; what was done is kept")
        sys.exit(130)
    except BrokenPipeError:  # the reader of our output went away, as `head` does
        sys.stderr.close()
        sys.exit(FAILED)
