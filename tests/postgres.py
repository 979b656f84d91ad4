"""A PostgreSQL server of the tests' own: a new cluster in a temporary folder, reached by a socket there."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MISSING = (
    "the tests of the store run on PostgreSQL too, and no server is installed: apt-get install postgresql (or your system's package), "
    "put its bin folder on PATH, or leave these tests out by pytest --without-postgres"
)


def binaries() -> Path | None:
    """Where the server's programs lie: on PATH, or in Debian's folder, the newest first."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    versions = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    return next((path.parent for path in sorted(versions, key=lambda p: int(p.parts[-3]), reverse=True)), None)


@contextmanager
def server(safe: bool = False) -> Iterator[str]:
    """A running server; yields its URL with a place for the database's name. One that is not safe does not wait for the disk.

    A superuser's processes run as `postgres`: the server refuses to run as root.
    """
    programs = binaries()
    if programs is None:
        raise RuntimeError(MISSING)
    user = "postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
    folder = Path(tempfile.mkdtemp(prefix="tension-pg-", dir="/tmp"))  # a socket's path may have a hundred characters
    shutil.chown(folder, user)
    as_user = {"user": user, "check": True, "capture_output": True, "cwd": folder}
    try:
        subprocess.run(
            [programs / "initdb", "-D", folder / "data", "-U", "tension", "--auth=trust", "-E", "UTF8", "--no-sync"],
            **as_user,
        )
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync={'on' if safe else 'off'} -c max_connections=50"
        start = [programs / "pg_ctl", "-D", folder / "data", "-o", options, "-l", folder / "log", "-w", "start"]
        subprocess.run(start, **(as_user | {"capture_output": False, "stdout": subprocess.DEVNULL}))
        yield f"postgresql://tension@/{{name}}?host={folder}"
        subprocess.run([programs / "pg_ctl", "-D", folder / "data", "-m", "immediate", "stop"], **as_user)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
