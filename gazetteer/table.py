"""The built table of postcodes and places: its shape, and reading from it.

A SQLite file that is only ever read while the site runs. `gazetteer.writer`
makes it, and may replace it at any time.
"""

import math
import os
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from readiness import NotReady

SCHEMA = """
CREATE TABLE unit (
    postcode TEXT PRIMARY KEY, latitude REAL, longitude REAL, is_terminated INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE centre (
    code TEXT PRIMARY KEY, part TEXT NOT NULL, latitude REAL NOT NULL, longitude REAL NOT NULL,
    radius_m INTEGER NOT NULL, live_units INTEGER NOT NULL, is_label INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX centre_label ON centre (latitude) WHERE is_label;
CREATE TABLE place (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, district TEXT, latitude REAL NOT NULL, longitude REAL NOT NULL,
    population INTEGER NOT NULL
);
CREATE TABLE place_name (
    key TEXT, place_id INTEGER REFERENCES place, is_main INTEGER NOT NULL, PRIMARY KEY (key, place_id)
) WITHOUT ROWID;
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
FORMAT = "2"
PEOPLE_PER_SQUARE_METRE = 0.003
METRES_PER_DEGREE = 111_200
WIDEST_PLACE_M = 8_000  # who types London knows that it is wide, and wants its middle
UNKNOWN_PLACE_RADIUS_M = 1_600  # a part of a town, mostly
LEAST_DISTRICT_M = 100
BEYOND_M = 8_000  # past nine in ten of its addresses, how far a district may still lend its name


class GazetteerUnavailable(NotReady):
    """The table cannot be used. The message is one line that says what to do."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A full postcode. Coordinates are WGS 84 degrees, or None where the source holds none."""

    latitude: float | None
    longitude: float | None
    is_terminated: bool


class Drawn(NamedTuple):
    """A full postcode in use, where it is, and the largest town of its district, or nothing if that has none."""

    postcode: str
    latitude: float
    longitude: float
    town: str


@dataclass(frozen=True, slots=True)
class Centre:
    """The middle of a postcode sector, district or area; nine in ten of its addresses lie within `radius_m`."""

    latitude: float
    longitude: float
    radius_m: int
    is_terminated: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A town, village or part of a town. `district` is the postcode district nearest to its middle."""

    name: str
    district: str | None
    latitude: float
    longitude: float
    population: int

    @property
    def radius_m(self) -> int:
        """How far from its middle a place of so many people may reach: a disc of 3,000 people a square kilometre.

        An estimate of our own, good enough for what it is for: how finely to say distances.
        """
        if not self.population:
            return UNKNOWN_PLACE_RADIUS_M
        return min(WIDEST_PLACE_M, int(math.sqrt(self.population / (math.pi * PEOPLE_PER_SQUARE_METRE))))


class Table:
    """Look-ups in the built table. Safe to share between threads; each has a connection of its own.

    A file that is put in the place of the old one is taken up at the next look-up.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._name = str(path)
        self._local = threading.local()
        self._names: list[str] | None = None

    def check(self) -> None:
        """Raise `GazetteerUnavailable` unless the table is there, whole, and of this version's format."""
        if not self.path.exists():
            raise GazetteerUnavailable(f"The gazetteer {self.path} is missing: run `flask gazetteer build`")
        if not _is_complete(self._connection()):
            raise GazetteerUnavailable(
                f"The gazetteer {self.path} is incomplete or of another version: run `flask gazetteer build`"
            )

    def unit(self, postcode: str) -> Unit | None:
        """The full postcode, written `PL1 2AA`, or None if the table has never heard of it."""
        row = self._one("SELECT latitude, longitude, is_terminated FROM unit WHERE postcode = ?", postcode)
        return Unit(row[0], row[1], bool(row[2])) if row else None

    def centre(self, code: str) -> Centre | None:
        """The middle of a sector (`PL1 2`), district (`PL1`) or area (`PL`), or None if there is none."""
        row = self._one("SELECT latitude, longitude, radius_m, live_units = 0 FROM centre WHERE code = ?", code)
        return Centre(row[0], row[1], row[2], bool(row[3])) if row else None

    def places(self, key: str) -> list[Place]:
        """The places of a name as `gazetteer.names.key` gives it, main or other; the most populous first."""
        rows = self._connection().execute(
            "SELECT name, district, latitude, longitude, population FROM place_name JOIN place ON id = place_id"
            " WHERE key = ? ORDER BY population DESC, is_main DESC, id",
            (key,),
        )
        return [Place(*row) for row in rows]

    def places_around(self, latitude: float, longitude: float, radius_m: float) -> list[Place]:
        """The places in a box that holds a circle, the most populous first. Reads every place: under a millisecond."""
        up = radius_m / METRES_PER_DEGREE
        across = up / max(0.1, math.cos(math.radians(latitude)))
        rows = self._connection().execute(
            "SELECT name, district, latitude, longitude, population FROM place"
            " WHERE latitude BETWEEN ? AND ? AND longitude BETWEEN ? AND ? ORDER BY population DESC, id",
            (latitude - up, latitude + up, longitude - across, longitude + across),
        )
        return [Place(*row) for row in rows]

    def districts_around(self, latitude: float, longitude: float, radius_m: float) -> list[str]:
        """The postcode districts in use that have their middles within a circle, the nearest first.

        Without those that are one firm's own, which have next to no width.
        """
        up = radius_m / METRES_PER_DEGREE
        across = up / max(0.1, math.cos(math.radians(latitude)))
        rows = self._connection().execute(
            "SELECT code, latitude, longitude FROM centre WHERE part = 'district' AND live_units"
            " AND radius_m >= ? AND latitude BETWEEN ? AND ? AND longitude BETWEEN ? AND ?",
            (LEAST_DISTRICT_M, latitude - up, latitude + up, longitude - across, longitude + across),
        )
        # On so small a circle the Earth is flat.
        east = math.cos(math.radians(latitude))
        away = [
            (math.hypot(row[1] - latitude, (row[2] - longitude) * east) * METRES_PER_DEGREE, row[0]) for row in rows
        ]
        return [code for metres, code in sorted(away) if metres <= radius_m]

    def districts_of(self, area: str) -> list[str]:
        """The postcode districts in use of an area such as `PL`, in the order of their numbers, likewise."""
        rows = self._connection().execute(
            "SELECT code FROM centre WHERE part = 'district' AND live_units AND radius_m >= ? AND code GLOB ?",
            (LEAST_DISTRICT_M, f"{area}[0-9]*"),
        )
        return sorted((row[0] for row in rows), key=lambda code: (len(code), code))

    def size(self) -> int:
        """How many full postcodes there are. Reads them all: for commands, not for pages."""
        return int(self._one("SELECT count(*) FROM unit")[0])  # type: ignore[index]  # a count is always a row

    def draw(self, count: int, random: Callable[[], float]) -> list[Drawn]:
        """Full postcodes in use, each as likely as any other and again at every draw. Reads them all: a second.

        Args:
            random: the next number from 0 up to 1, as `random.Random.random` gives it; asked once a draw.

        Raises:
            GazetteerUnavailable: the table has no postcode that is in use.
        """
        live = "FROM unit WHERE NOT is_terminated AND latitude IS NOT NULL"
        total = int(self._one(f"SELECT count(*) {live}")[0])  # type: ignore[index]  # a count is always a row
        if not total:
            raise GazetteerUnavailable(
                f"The gazetteer {self.path} has no postcodes in use: run `flask gazetteer build`"
            )
        numbers = [int(random() * total) for _ in range(count)]
        wanted = set(numbers)
        rows = enumerate(self._connection().execute(f"SELECT postcode, latitude, longitude {live} ORDER BY postcode"))
        towns = dict(
            self._connection().execute("SELECT district, name FROM place WHERE district <> '' ORDER BY population, id")
        )
        drawn = {
            number: Drawn(postcode, latitude, longitude, towns.get(postcode.split(" ")[0], ""))
            for number, (postcode, latitude, longitude) in rows
            if number in wanted
        }
        return [drawn[number] for number in numbers]

    def names(self) -> list[str]:
        """Every name of a place, as `gazetteer.names.key` gives it; read once and kept, about 15,000."""
        connection = self._connection()
        found = self._names
        if found is None:
            found = self._names = [row[0] for row in connection.execute("SELECT DISTINCT key FROM place_name")]
        return found

    def nearest_district(self, latitude: float, longitude: float) -> str | None:
        """The postcode district around a point; see `nearest_district`."""
        return nearest_district(self._connection(), latitude, longitude)

    def _one(self, statement: str, *values: object) -> tuple[Any, ...] | None:
        found: tuple[Any, ...] | None = self._connection().execute(statement, values).fetchone()
        return found

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        # Looked at before the file is opened: if it is replaced in between, it is opened once more.
        file = _identity(self._name)
        if connection is not None and file in (self._local.file, None):
            return connection
        # Immutable: no locks and no look for a journal. The file is replaced whole, never changed.
        opened = sqlite3.connect(f"{self.path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
        if connection is not None and not _is_complete(opened):
            # Something else was put in its place: the table that is open goes on serving.
            opened.close()
            return connection
        if connection is not None:
            connection.close()
        self._local.connection, self._local.file = opened, file
        self._names = None
        return opened


def _is_complete(connection: sqlite3.Connection) -> bool:
    try:
        row = connection.execute("SELECT value FROM meta WHERE name = 'complete'").fetchone()
    except sqlite3.Error:
        return False
    return row is not None and row[0] == FORMAT


def _identity(name: str) -> tuple[int, int] | None:
    """What changes when a file is replaced, or None where there is none."""
    try:
        status = os.stat(name)  # noqa: PTH116 -- half the time of Path.stat, and this runs at every look-up
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_mtime_ns


def nearest_district(connection: sqlite3.Connection, latitude: float, longitude: float) -> str | None:
    """The postcode district around a point, or None far from every address, at sea or abroad.

    It is the district of the nearest inhabited sector: districts' own middles are
    too far apart to tell. Northern Ireland has districts only.
    """
    metres_east = METRES_PER_DEGREE * math.cos(math.radians(latitude))
    # In London there are two thousand so near: only the nearest is worth bringing here.
    nearest: tuple[str, float, float] | None = connection.execute(
        """
        SELECT code, radius_m, north * north + east * east FROM (
          SELECT code, radius_m, (latitude - ?1) * ?3 AS north, (longitude - ?2) * ?4 AS east FROM centre
          WHERE is_label AND latitude BETWEEN ?1 - 0.5 AND ?1 + 0.5 AND longitude BETWEEN ?2 - 0.8 AND ?2 + 0.8
        ) ORDER BY 3, 2, 1 LIMIT 1
        """,
        (latitude, longitude, METRES_PER_DEGREE, metres_east),
    ).fetchone()
    if nearest is None:
        return None
    code, radius_m, square = nearest
    return code.split(" ")[0] if math.sqrt(square) <= radius_m + BEYOND_M else None
