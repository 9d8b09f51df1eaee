"""Databases with the samples and very many synthetic opportunities, for benchmarks to share.

`python -m benchmarks.synthetic 1000000` builds one, if it is not there, and prints its address.
"""

import fcntl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from random import Random

import psycopg
from alembic.script import ScriptDirectory
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
def postgis(count: int, seed: int = 1) -> Iterator[str]:
    """The address of a PostGIS database with the same, in a cluster of its own that is gone afterwards."""
    synthetic.check_count(count)
    with postgres.cluster() as server:
        with psycopg.connect(host=server, user="doorstep", dbname="postgres", autocommit=True) as connection:
            connection.execute("CREATE DATABASE synthetic")
        url = postgres.database(server, "synthetic")
        build(url, count, seed)
        yield url


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
