"""Databases with the samples and very many synthetic opportunities, for benchmarks to share.

`python -m benchmarks.synthetic 1000000` builds one in SpatiaLite, if it is not there, and prints its address.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime
from pathlib import Path
from random import Random

import psycopg
from alembic.script import ScriptDirectory
from psycopg.sql import SQL, Identifier
from sqlalchemy.orm import Session

from catalogue import seeds, synthetic
from database import migrate
from database.engine import connect
from gazetteer.table import Table
from settings import ROOT, UK_TIME, load_settings
from tests import postgres

BENCH = ROOT / "instance" / "bench"


def spatialite(count: int, seed: int = 1, folder: Path = BENCH) -> str:
    """The address of a SpatiaLite database with so many synthetic opportunities, built unless it is there.

    It is built anew when the number, the seed, the generator or the newest migration
    is another, and in every week, for dates count from the day of building. What
    stands in its place is then removed. Whoever writes to it spoils it for others.

    Raises:
        NotReady: there is no gazetteer, or no SpatiaLite.
        ValueError: so many cannot be made.
    """
    synthetic.check_count(count)
    folder.mkdir(parents=True, exist_ok=True)
    wanted = folder / f"{_stem(count, seed)}-{_version(_today())}.db"
    with (folder / f"{_stem(count, seed)}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # a second benchmark waits for the first one's
        if not wanted.exists():
            for old in folder.glob(f"{_stem(count, seed)}-*"):
                old.unlink()
            partial = wanted.with_suffix(".partial")
            build(f"sqlite:///{partial}", count, seed)
            partial.replace(wanted)
    return f"sqlite:///{wanted}"


@contextmanager
def postgis(count: int, seed: int = 1, folder: Path = BENCH) -> Iterator[str]:
    """The address of a PostGIS database with the same, which is kept too; its server runs meanwhile."""
    with postgis_of([count], seed, folder) as (url,):
        yield url


@contextmanager
def postgis_of(counts: Sequence[int], seed: int = 1, folder: Path = BENCH) -> Iterator[list[str]]:
    """The addresses of several on one server, which nobody else has meanwhile.

    Where root runs this the server runs as `postgres`, who must be able to reach the folder.
    """
    for count in counts:
        synthetic.check_count(count)
    folder.mkdir(parents=True, exist_ok=True)
    data = folder / "postgis" / "data"
    with (folder / "postgis.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (data / "postmaster.pid").exists():
            with suppress(subprocess.CalledProcessError):  # whoever had it was killed, or the machine was
                postgres.stop_running(data)
        if not (data / "PG_VERSION").exists():
            data.parent.mkdir(exist_ok=True)
            if os.geteuid() == 0:
                shutil.chown(data.parent, "postgres")
            postgres.create(data)
        with postgres.running(data, stop="fast") as server:
            yield [_on_server(server, count, seed) for count in counts]


def _on_server(server: str, count: int, seed: int) -> str:
    """The address of a database on a server, built unless it is there, as `spatialite` says of files."""
    stem = _stem(count, seed) + "-"
    wanted, partial = stem + _version(_today()), stem + "partial"
    with psycopg.connect(host=server, user="doorstep", dbname="postgres", autocommit=True) as connection:
        there = {name for (name,) in connection.execute("SELECT datname FROM pg_database")}
        if wanted not in there:
            for old in there:
                if old.startswith(stem):
                    connection.execute(SQL("DROP DATABASE {}").format(Identifier(old)))
            connection.execute(SQL("CREATE DATABASE {}").format(Identifier(partial)))
            build(postgres.database(server, partial), count, seed)
            with psycopg.connect(host=server, user="doorstep", dbname=partial, autocommit=True) as built:
                built.execute("VACUUM ANALYZE")  # or the server does some time later, in the middle of a measurement
            connection.execute(SQL("ALTER DATABASE {} RENAME TO {}").format(Identifier(partial), Identifier(wanted)))
    return postgres.database(server, wanted)


def build(url: str, count: int, seed: int) -> None:
    """Make the tables at an address and fill them with the samples and the synthetic opportunities of today."""
    table = Table(load_settings().gazetteer_file)
    table.check()
    spots = table.draw(synthetic.venues_for(count), Random(seed).random)
    engine = connect(url)
    try:
        migrate.upgrade(engine)
        with Session(engine) as session:
            seeds.load(session, seeds.read(), _today())
            synthetic.load(session, spots, count, seed, _today())
            session.commit()
    finally:
        engine.dispose()


def _stem(count: int, seed: int) -> str:
    return f"synthetic-{count}-seed{seed}"


def _version(today: date) -> str:
    """What makes a database that was built of other value: generator, migration, week."""
    head = ScriptDirectory.from_config(migrate.config()).get_current_head()
    year, week, _ = today.isocalendar()
    return f"v{synthetic.VERSION}-{head}-{year}w{week:02}"


def _today() -> date:
    return datetime.now(UK_TIME).date()


if __name__ == "__main__":
    sys.stdout.write(f"{spatialite(int(sys.argv[1]))}\n")
