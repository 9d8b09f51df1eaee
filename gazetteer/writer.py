"""Writing the table of postcodes and places, whole or not at all, from whatever source.

Northern Ireland has no free data by unit: the middles of its districts stand in
`northern_ireland.csv`, rounded to 0.01 degrees. Each is the mean of the
positions in the Food Hygiene Rating Scheme's open data (July 2026, OGL v3),
moved in the widest districts to where the most of them lie within eight miles.
"""

import csv
import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from string import ascii_uppercase
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gazetteer import names
from gazetteer.table import FORMAT, METRES_PER_DEGREE, SCHEMA, GazetteerUnavailable, nearest_district

NORTHERN_IRELAND = Path(__file__).with_name("northern_ireland.csv")
MIN_LIVE_UNITS = 20  # fewer: a closed sector, or one that large organisations have to themselves
MIN_RADIUS_M = 60  # less: the post boxes of one building

Progress = Callable[[int, int], None]
"""Called with rows done and rows in all."""


class UnitRow(NamedTuple):
    """A full postcode, written `PL1 2AA`. Coordinates are WGS 84 degrees, both None where there are none."""

    postcode: str
    latitude: float | None
    longitude: float | None
    is_terminated: bool


class PlaceRow(NamedTuple):
    """A place with its main name, the others that it is known by, and its postcode district, if that is known."""

    name: str
    others: list[str]
    latitude: float
    longitude: float
    population: int
    district: str | None = None


UnitBatches = Iterable[tuple[list[UnitRow], int]]
"""Batches of units, each with the number of rows there will be in all, as far as that is known."""


class Counts(NamedTuple):
    """How many rows a table was written with."""

    units: int
    centres: int
    places: int


def write(
    path: Path,
    units: UnitBatches,
    places: Iterable[PlaceRow],
    progress: Progress = lambda _done, _total: None,
) -> Counts:
    """Write a whole table to `path`, replacing an older one only when the new one is complete.

    If it is interrupted, or a source raises, the old table stays as it was.

    Raises:
        GazetteerUnavailable: another process is writing the same table.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _alone(path):
        partial = path.with_name(path.name + ".partial")
        partial.unlink(missing_ok=True)
        counts = _write_partial(partial, units, places, progress)
        with partial.open("rb") as file:
            os.fsync(file.fileno())
        partial.replace(path)
    return counts


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Let no other process write this table at the same time. The lock goes with the process, however it ends."""
    with path.with_name(path.name + ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise GazetteerUnavailable(f"{path} is being written by another command: wait for it to end") from None
        yield


def _write_partial(partial: Path, units: UnitBatches, places: Iterable[PlaceRow], progress: Progress) -> Counts:
    connection = sqlite3.connect(partial)
    try:
        connection.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + SCHEMA)
        unit_count, centre_count = _write_units(connection, units, progress)
        place_count = _write_places(connection, places)
        connection.execute("INSERT INTO meta VALUES ('complete', ?)", (FORMAT,))
        connection.commit()
    finally:
        connection.close()
    return Counts(unit_count, centre_count, place_count)


def kept_places(path: Path) -> list[PlaceRow]:
    """The places of a table that was written earlier, to write them again. Other names come back as their keys."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    try:
        others: dict[int, list[str]] = {}
        for number, key in connection.execute("SELECT place_id, key FROM place_name WHERE NOT is_main"):
            others.setdefault(number, []).append(key)
        rows = connection.execute("SELECT id, name, latitude, longitude, population, district FROM place ORDER BY id")
        return [PlaceRow(row[1], others.get(row[0], []), *row[2:]) for row in rows]
    finally:
        connection.close()


def _write_units(connection: sqlite3.Connection, units: UnitBatches, progress: Progress) -> tuple[int, int]:
    """Copy the units, fastest in the order of their postcodes, and write the middles of what holds them."""
    groups = _Groups()
    count = 0
    for rows, total in units:
        connection.executemany("INSERT INTO unit VALUES (?, ?, ?, ?)", rows)
        groups.add(rows)
        count += len(rows)
        progress(count, total)
    # Where the source has units of Northern Ireland, their middles are better than the file's.
    centres = {centre[0]: centre for centre in (*_northern_ireland(), *groups.centres())}
    connection.executemany("INSERT INTO centre VALUES (?, ?, ?, ?, ?, ?, ?)", centres.values())
    return count, len(centres)


CentreRow = tuple[str, str, float, float, int, int, bool]
"""Code, part, latitude, longitude, radius in metres, live units, and whether it may lend its name to a point."""


class _Groups:
    """Collects the positions of units, to find the middles of sectors, districts and areas."""

    def __init__(self) -> None:
        self._sectors: list[str] = []
        self._positions: list[tuple[float, float]] = []
        self._live: list[bool] = []

    def add(self, rows: list[UnitRow]) -> None:
        for postcode, latitude, longitude, is_terminated in rows:
            if latitude is not None and longitude is not None:
                self._sectors.append(postcode[:-2])
                self._positions.append((latitude, longitude))
                self._live.append(not is_terminated)

    def centres(self) -> Iterator[CentreRow]:
        """A row a sector, district and area: the mean of its live units, or of all if none is live."""
        sectors, index = np.unique(np.array(self._sectors), return_inverse=True)
        positions = np.array(self._positions)
        live = np.array(self._live)
        parts = (("sector", str), ("district", _district), ("district", _short_district), ("area", _area))
        for part, code_of in parts:
            codes, code_of_sector = np.unique([code_of(sector) for sector in sectors], return_inverse=True)
            group = code_of_sector[index]
            order = np.argsort(group, kind="stable")
            bounds = np.searchsorted(group[order], np.arange(len(codes) + 1))
            for number, code in enumerate(codes):
                members = order[bounds[number] : bounds[number + 1]]
                alive = members[live[members]]
                middle = _middle(positions[alive if len(alive) else members])
                is_label = part == "sector" and len(alive) >= MIN_LIVE_UNITS and middle[2] >= MIN_RADIUS_M
                yield (str(code), part, *middle, len(alive), is_label)


def _district(sector: str) -> str:
    return sector.split(" ")[0]


def _short_district(sector: str) -> str:
    """`SW1` for all of SW1A to SW1Y: people leave the letter out. Other districts have no shorter form."""
    district = _district(sector)
    return district.rstrip(ascii_uppercase) if district[-1].isalpha() else district


def _area(sector: str) -> str:
    return sector[:2] if sector[1].isalpha() else sector[0]


def _middle(positions: NDArray[np.float64]) -> tuple[float, float, int]:
    """The mean of (latitude, longitude) rows, and the metres within which nine in ten of them lie."""
    latitude, longitude = positions.mean(axis=0)
    north = (positions[:, 0] - latitude) * METRES_PER_DEGREE
    east = (positions[:, 1] - longitude) * METRES_PER_DEGREE * np.cos(np.radians(latitude))
    return round(float(latitude), 6), round(float(longitude), 6), int(np.quantile(np.hypot(north, east), 0.9))


def _northern_ireland() -> Iterator[CentreRow]:
    districts = []
    with NORTHERN_IRELAND.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            position = (float(row["latitude"]), float(row["longitude"]))
            districts.append(position)
            yield (row["district"], "district", *position, int(row["radius_m"]), MIN_LIVE_UNITS, True)
    yield ("BT", "area", *_middle(np.array(districts)), MIN_LIVE_UNITS, False)


def _write_places(connection: sqlite3.Connection, places: Iterable[PlaceRow]) -> int:
    count = 0
    for number, (name, others, latitude, longitude, population, known) in enumerate(places, start=1):
        district = known or nearest_district(connection, latitude, longitude)
        connection.execute(
            "INSERT INTO place VALUES (?, ?, ?, ?, ?, ?)", (number, name, district, latitude, longitude, population)
        )
        keys = {names.key(other): False for other in others} | {names.key(name): True}
        connection.executemany(
            "INSERT INTO place_name VALUES (?, ?, ?)", [(key, number, is_main) for key, is_main in keys.items() if key]
        )
        count = number
    return count
