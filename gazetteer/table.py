"""The built table of postcodes and places: its shape, and reading from it.

A SQLite file that is only ever read while the site runs. `gazetteer.writer`
makes it, and may replace it at any time.
"""

import math
import os
import sqlite3
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from readiness import NotReady

SCHEMA = """
CREATE TABLE unit (
    postcode TEXT PRIMARY KEY, latitude REAL, longitude REAL, is_terminated INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE centre (
    code TEXT PRIMARY KEY, part TEXT NOT NULL, latitude REAL NOT NULL, longitude REAL NOT NULL,
    radius_m INTEGER NOT NULL, is_inhabited INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX centre_district ON centre (latitude) WHERE part = 'district' AND is_inhabited;
CREATE TABLE place (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, district TEXT, latitude REAL NOT NULL, longitude REAL NOT NULL,
    population INTEGER NOT NULL
);
CREATE TABLE place_name (
    key TEXT, place_id INTEGER REFERENCES place, is_main INTEGER NOT NULL, PRIMARY KEY (key, place_id)
) WITHOUT ROWID;
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""
FORMAT = "1"
PEOPLE_PER_SQUARE_METRE = 0.003


class GazetteerUnavailable(NotReady):
    """The table cannot be used. The message is one line that says what to do."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A full postcode. Coordinates are WGS 84 degrees, or None where the source holds none."""

    latitude: float | None
    longitude: float | None
    is_terminated: bool


@dataclass(frozen=True, slots=True)
class Centre:
    """The middle of a postcode sector, district or area; nine in ten of its addresses lie within `radius_m`."""

    latitude: float
    longitude: float
    radius_m: int


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
        return int(math.sqrt(self.population / (math.pi * PEOPLE_PER_SQUARE_METRE)))


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
        try:
            row = self._one("SELECT value FROM meta WHERE name = 'complete'")
        except sqlite3.DatabaseError:
            row = None
        if row is None or row[0] != FORMAT:
            raise GazetteerUnavailable(
                f"The gazetteer {self.path} is incomplete or of another version: run `flask gazetteer build`"
            )

    def unit(self, postcode: str) -> Unit | None:
        """The full postcode, written `PL1 2AA`, or None if the table has never heard of it."""
        row = self._one("SELECT latitude, longitude, is_terminated FROM unit WHERE postcode = ?", postcode)
        return Unit(row[0], row[1], bool(row[2])) if row else None

    def centre(self, code: str) -> Centre | None:
        """The middle of a sector (`PL1 2`), district (`PL1`) or area (`PL`), or None if there is none."""
        row = self._one("SELECT latitude, longitude, radius_m FROM centre WHERE code = ?", code)
        return Centre(*row) if row else None

    def places(self, key: str) -> list[Place]:
        """The places of a name as `gazetteer.names.key` gives it, main or other; the most populous first."""
        rows = self._connection().execute(
            "SELECT name, district, latitude, longitude, population FROM place_name JOIN place ON id = place_id"
            " WHERE key = ? ORDER BY population DESC, is_main DESC, id",
            (key,),
        )
        return [Place(*row) for row in rows]

    def names(self) -> list[str]:
        """Every name of a place, as `gazetteer.names.key` gives it; read once and kept, about 15,000."""
        if self._names is None:
            self._names = [row[0] for row in self._connection().execute("SELECT DISTINCT key FROM place_name")]
        return self._names

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
        if connection is not None:
            connection.close()
        # Immutable: no locks and no look for a journal. The file is replaced whole, never changed.
        connection = sqlite3.connect(f"{self.path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
        self._local.connection, self._local.file = connection, file
        self._names = None
        return connection


def _identity(name: str) -> tuple[int, int] | None:
    """What changes when a file is replaced, or None where there is none."""
    try:
        status = os.stat(name)  # noqa: PTH116 -- half the time of Path.stat, and this runs at every look-up
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_mtime_ns


def nearest_district(connection: sqlite3.Connection, latitude: float, longitude: float) -> str | None:
    """The inhabited postcode district whose middle is nearest, or None if there is none within about half a degree."""
    row = connection.execute(
        "SELECT code FROM centre WHERE part = 'district' AND is_inhabited AND latitude BETWEEN ?1 - 0.5 AND ?1 + 0.5"
        " AND longitude BETWEEN ?2 - 0.8 AND ?2 + 0.8"
        # A degree of longitude is about 0.6 of one of latitude here: 0.36 squared.
        " ORDER BY (latitude - ?1) * (latitude - ?1) + 0.36 * (longitude - ?2) * (longitude - ?2) LIMIT 1",
        (latitude, longitude),
    ).fetchone()
    return row[0] if row else None
