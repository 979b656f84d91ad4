"""The command line: `tension score|series|embed|classify|read|update|rescore|watch|doctor`.

Exit codes: 0 done; 1 failed while running; 2 the call or its input cannot be used; 3 done, but some records were rejected (each is
reported with its place); 4 another run is writing to the store; 5 told to stop before the end (SIGTERM), what was done is kept;
130 interrupted (Ctrl-C), what was done is kept.
"""

from tension.cli.main import main

__all__ = ["main"]
