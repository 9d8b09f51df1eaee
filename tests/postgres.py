"""A PostgreSQL cluster of the tests' own: in a temporary folder, on a socket only, gone afterwards."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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


@dataclass
class Server:
    """A server on a loopback port of its own. Its folder holds its data and its log."""

    folder: Path
    port: int

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        options = f"-c fsync=off -c full_page_writes=off -c listen_addresses=127.0.0.1 -p {self.port} -k {self.folder}"
        self._control("start", "-w", "-l", self.folder / "log", "-o", options)

    def kill(self) -> None:
        """End it without letting anybody finish, as a power cut does."""
        self._control("stop", "-m", "immediate")

    def promote(self) -> None:
        """Make a replica a primary; returns when it takes writes."""
        self._control("promote", "-w")

    def _control(self, *arguments: str | Path) -> None:
        _run(_bin() / "pg_ctl", *arguments, "-D", self.folder / "data", folder=self.folder)


@contextmanager
def servers() -> Iterator[tuple[Server, Server]]:
    """A primary and a replica that is to stream from it: `replicate` makes that one's data. Neither is started."""
    made = [Server(Path(tempfile.mkdtemp(prefix="doorstep-postgres-")), _free_port()) for _ in range(2)]
    try:
        for each in made:
            if os.geteuid() == 0:
                shutil.chown(each.folder, "postgres")
        new = ("-U", "doorstep", "-A", "trust", "-E", "UTF8", "--no-sync")
        _run(_bin() / "initdb", "-D", made[0].folder / "data", *new, folder=made[0].folder)
        yield made[0], made[1]
    finally:
        for each in made:
            if (each.folder / "data" / "postmaster.pid").exists():
                each.kill()
            shutil.rmtree(each.folder, ignore_errors=True)


def replicate(primary: Server, replica: Server) -> None:
    """Make a streaming replica as an operator does: https://www.postgresql.org/docs/current/app-pgbasebackup.html."""
    source = f"host=127.0.0.1 port={primary.port} user=doorstep"
    options = ("--checkpoint=fast", "--no-sync", "-R", "-X", "stream")
    _run(_bin() / "pg_basebackup", "-d", source, "-D", replica.folder / "data", *options, folder=replica.folder)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
