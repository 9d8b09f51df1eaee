"""The nearest of very many bare points, as fast as each store alone can say it: what a search is measured against.

The points are those of all that a search can find, an opportunity at two venues being two of them. They know their
kind and nothing else: no words, no dates, no order among equals.
"""

import fcntl
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import redis
from sqlalchemy import Engine, make_url

from benchmarks.places import Spot
from catalogue.earth import METRES_PER_DEGREE_OF_LATITUDE, box_around
from database.engine import connect

LIMIT = 20
METRES_PER_MILE = 1609.344
KEY = "points"
BATCH = 10_000
Ask = Callable[[], Sequence[Any]]
"""Asks a store for the 20 nearest points."""

FOUND = """
    SELECT opportunity.id, opportunity.kind, venue.location
    FROM {schema}opportunity
    JOIN {schema}opportunity_venue ON opportunity_venue.opportunity_id = opportunity.id
    JOIN {schema}venue ON venue.id = opportunity_venue.venue_id
    WHERE opportunity.reach = 'venue' AND NOT opportunity.is_full
      AND (opportunity.ends_at IS NULL OR opportunity.ends_at > CURRENT_TIMESTAMP)
    ORDER BY venue.id, opportunity.id
"""


def beside(catalogue: str) -> str:
    """The address of a database with the points of a SpatiaLite catalogue and their R*Tree; made unless it is there.

    It stands beside the catalogue, and holds what was open when it was made: a few of them may have ended since.
    """
    file = Path(catalogue.removeprefix("sqlite:///"))
    wanted = file.with_name(f"points-of-{file.name}")
    stem = file.name.partition("-v")[0]
    with wanted.with_name(f"points-of-{stem}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not wanted.exists():
            for old in file.parent.glob(f"points-of-{stem}-*"):
                old.unlink()
            partial = wanted.with_suffix(".partial")
            _make(file, partial)
            partial.replace(wanted)
    return f"sqlite:///{wanted}"


def all_of(catalogue: str) -> Iterator[tuple[int, float, float]]:
    """The points of a SpatiaLite catalogue as (id, longitude, latitude)."""
    engine = connect(beside(catalogue))
    with engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT id, ST_X(location), ST_Y(location) FROM point")
        yield from map(tuple, found)
    engine.dispose()


def _make(catalogue: Path, file: Path) -> None:
    engine = connect(f"sqlite:///{file}")
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode = DELETE")  # one file, which can be renamed
        connection.exec_driver_sql("ATTACH ? AS catalogue", (str(catalogue),))
        for statement in (
            "SELECT InitSpatialMetaData(1, 'WGS84_ONLY')",  # where ST_Distance reads what the ellipsoid is
            "CREATE TABLE point (id INTEGER PRIMARY KEY, opportunity_id INTEGER, kind TEXT, location BLOB)",
            f"INSERT INTO point (opportunity_id, kind, location) {FOUND.format(schema='catalogue.')}",
            "CREATE VIRTUAL TABLE tree USING rtree(id, west, east, south, north)",
            "INSERT INTO tree SELECT id, ST_X(location), ST_X(location), ST_Y(location), ST_Y(location) FROM point",
        ):
            connection.exec_driver_sql(statement)
        connection.commit()
    engine.dispose()


class OnSpatialite:
    """One statement over an R*Tree of points, with exact distances on the ellipsoid of all that lie in a box.

    An R*Tree cannot be asked for the nearest, only for what lies in a box. So the statement needs a radius that holds
    20, and is given the best there is: the distance of the twentieth itself, which is found beforehand and does not
    count, though nobody who asks knows it. `with_radius` takes one that is known: it must hold 20 wherever one asks.
    What the best would take is shown beside a search, and the known one is what a search has to be as fast as.
    """

    def __init__(self, engine: Engine) -> None:
        self._connection = engine.raw_connection()

    def nearest(self, kind: str | None, spot: Spot) -> Ask:
        return self.with_radius(spot, self.best_radius_m(spot, kind), kind)

    def with_radius(self, spot: Spot, radius_m: float, kind: str | None = None) -> Ask:
        west, south, east, north = box_around(spot, radius_m)
        # CROSS JOIN keeps SQLite to this order.
        statement = f"""
            SELECT opportunity_id, ST_Distance(location, MakePoint(?, ?, 4326), 1) AS distance_m
            FROM tree CROSS JOIN point ON point.id = tree.id
            WHERE west <= ? AND east >= ? AND south <= ? AND north >= ? {"" if kind is None else "AND kind = ?"}
            ORDER BY distance_m LIMIT {LIMIT}
        """  # noqa: S608  (our own)
        values = (spot.longitude, spot.latitude, east, west, north, south, *([] if kind is None else [kind]))
        cursor = self._connection.cursor()

        def ask() -> Sequence[Any]:
            cursor.execute(statement, values)
            return cursor.fetchall()

        return ask

    def best_radius_m(self, spot: Spot, kind: str | None = None) -> float:
        """The distance of the twentieth, rounded up to the next millimetre or so."""
        radius = 100.0
        while len(found := self.with_radius(spot, radius, kind)()) < LIMIT or found[-1][1] > radius:
            if radius > METRES_PER_DEGREE_OF_LATITUDE * 180:
                break  # there are fewer than 20
            radius *= 1.5
        return float(found[-1][1]) + 0.001


class OnPostgis:
    """The bare `ORDER BY geog <-> point LIMIT 20` over a table of points with a GiST index, made unless it is there.

    PostGIS reckons `<->` on a sphere, which is up to half a percent off: a search, which must be exact, does more.
    """

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    @classmethod
    @contextmanager
    def opened(cls, url: str) -> Iterator["OnPostgis"]:
        address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True, options="-c jit=off") as connection:
            if connection.execute("SELECT to_regclass('bench.point')").fetchone() == (None,):
                cls._make(connection)
            yield cls(connection)

    @staticmethod
    def _make(connection: psycopg.Connection) -> None:
        with connection.transaction():
            connection.execute("CREATE SCHEMA IF NOT EXISTS bench")
            found = FOUND.format(schema="")
            made = f"SELECT id AS opportunity_id, kind, geography(location) AS geog FROM ({found}) AS found"  # noqa: S608
            connection.execute(f"CREATE TABLE bench.point AS {made}".encode())
            connection.execute("CREATE INDEX ON bench.point USING gist (geog)")
        connection.execute("VACUUM ANALYZE bench.point")

    def nearest(self, kind: str | None, spot: Spot) -> Ask:
        here = "ST_SetSRID(ST_MakePoint(%(longitude)s, %(latitude)s), 4326)::geography"
        statement = (
            f"SELECT opportunity_id, geog <-> {here} AS distance_m FROM bench.point "  # noqa: S608  (our own)
            f"{'' if kind is None else 'WHERE kind = %(kind)s'} ORDER BY geog <-> {here} LIMIT {LIMIT}"
        ).encode()
        values = spot._asdict() | ({} if kind is None else {"kind": kind})
        return lambda: self._connection.execute(statement, values).fetchall()


class InRedis:
    """`GEOSEARCH` in a circle, the 20 nearest with their distances."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client

    def fill(self, points: Iterator[tuple[int, float, float]]) -> None:
        """Put in points of (id, longitude, latitude)."""
        while batch := [value for _, (name, *at) in zip(range(BATCH), points, strict=False) for value in (*at, name)]:
            self._client.geoadd(KEY, batch)

    def nearest(self, spot: Spot, miles: float) -> Ask:
        def ask() -> Sequence[Any]:
            found: Sequence[Any] = self._client.geosearch(
                KEY,
                longitude=spot.longitude,
                latitude=spot.latitude,
                radius=miles,
                unit="mi",
                sort="ASC",
                count=LIMIT,
                withdist=True,
            )
            return found

        return ask


@contextmanager
def redis_server() -> Iterator[redis.Redis]:
    """A Redis of our own, on a socket, gone afterwards."""
    program = shutil.which("redis-server")
    if program is None:
        raise RuntimeError("Redis is missing: run bin/system-packages test")
    with tempfile.TemporaryDirectory(prefix="doorstep-redis-") as folder:
        socket = Path(folder) / "socket"
        command = [program, "--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", folder]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603  (our own)
        client = redis.Redis(unix_socket_path=str(socket))
        try:
            _wait_for(client)
            yield client
        finally:
            client.close()
            server.terminate()
            server.wait(10)


def _wait_for(client: redis.Redis) -> None:
    for _ in range(200):
        try:
            client.ping()
        except redis.ConnectionError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("Redis did not answer in 10 seconds")
