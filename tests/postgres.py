"""A PostgreSQL cluster of the tests' own: in a temporary folder, on a socket only, gone afterwards."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FAST = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c listen_addresses="


def _bin() -> Path:
    """The folder of initdb: the newest of Debian's, or that of whatever stands on the path."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    if debian:
        return debian[-1].parent
    found = shutil.which("initdb")
    if found is None:
        raise RuntimeError("PostgreSQL is missing: run bin/system-packages test")
    return Path(found).resolve().parent


def _run(*command: str | Path, folder: Path) -> None:
    # initdb and postgres refuse to run as root.
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    subprocess.run([*as_user, *command], check=True, cwd=folder, stdout=subprocess.DEVNULL)


@contextmanager
def cluster() -> Iterator[str]:
    """Run a new cluster; gives the address of its server, to which `database(address, name)` adds a name."""
    with _folder() as folder:
        create(folder / "data")
        with running(folder / "data") as server:
            yield server


def create(data: Path) -> None:
    """Make the folder of a cluster, which `running` runs."""
    _run(_bin() / "initdb", "-D", data, "-U", "doorstep", "-A", "trust", "-E", "UTF8", "--no-sync", folder=data.parent)


@contextmanager
def running(data: Path, stop: str = "immediate") -> Iterator[str]:
    """Run a cluster that was made before; gives the address of its server.

    Args:
        stop: how it is stopped, as `pg_ctl stop --mode` has it: `fast`, if it is to be run again soon.
    """
    with _folder() as folder:
        _run(
            *(_bin() / "pg_ctl", "start", "-w", "-D", data, "-l", folder / "log", "-o", f"{FAST} -k {folder}"),
            folder=folder,
        )
        try:
            yield str(folder)
        finally:
            stop_running(data, stop)


def stop_running(data: Path, how: str = "immediate") -> None:
    """Stop the server of a cluster."""
    _run(_bin() / "pg_ctl", "stop", "-m", how, "-D", data, folder=data.parent)


@contextmanager
def _folder() -> Iterator[Path]:
    """A temporary folder in which the server may write. Short, as the paths of sockets must be."""
    folder = Path(tempfile.mkdtemp(prefix="doorstep-postgres-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def database(address: str, name: str) -> str:
    """The `DATABASE_URL` of one database of a cluster."""
    return f"postgresql+psycopg://doorstep@/{name}?host={address}"
