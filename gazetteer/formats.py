"""The layouts of postcode files: which one a file has, and what a row of it says.

- ONSPD and NSPL (Office for National Statistics) have a header: until August 2025
  `pcd,pcd2,pcds,dointr,doterm,…,lat,long`, then `pcd7,pcd8,pcds,…`. The
  eastings of Northern Ireland are on the Irish Grid, so only `lat` and `long` are read.
- `Postcode,lat,long` is the short form of these: all of it is live.
- Code-Point Open (Ordnance Survey) has ten columns without a header, on the
  British National Grid.
"""

import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec

from gazetteer import postcode
from gazetteer.postcode import Part
from gazetteer.table import GazetteerUnavailable
from gazetteer.writer import UnitRow

Position = tuple[float | None, float | None, bool]
"""Latitude and longitude (or northing and easting in metres), both None where there are none; terminated or not."""

CODE_POINT_WIDTH = 10
UNLOCATED = (99.999999, 0.0)  # both together: a longitude of 0 alone is on the meridian
SOUTH, NORTH, WEST, EAST = 49.0, 61.0, -9.0, 2.0  # from Jersey to Shetland, from St Kilda to Lowestoft
GRID_WIDTH, GRID_HEIGHT = 700_000, 1_300_000  # metres of the British National Grid
NOT_NUMBERS = "coordinates that are not numbers"
_WRITTEN = re.compile(rf"{postcode.OUTWARD} {postcode.INWARD}")
_COLUMNS = {
    "postcode": ("pcds", r"pcd\d", "pcd", "postcode"),
    "latitude": ("lat", "latitude"),
    "longitude": ("long", "lon", "lng", "longitude"),
    "terminated": ("doterm",),
}


class Refused(Exception):
    """A row that cannot be kept. The message is the reason, the same for every row that shares it."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How the rows of a file are read.

    Attributes:
        postcode: the number of the column with the postcode.
        width: how many columns a whole row has.
        skip: how many lines stand before the first row.
        position: what a row says; raises `Refused`.
        finish: makes WGS 84 degrees of the positions of many rows.
    """

    postcode: int
    width: int
    skip: int
    position: Callable[[list[str]], Position]
    finish: Callable[[list[UnitRow]], list[UnitRow]]


def detect(head: Sequence[str]) -> Layout | None:
    """The layout of a file by its first lines, or None if it has none that is known here.

    Raises `GazetteerUnavailable` if it is Code-Point Open and `pyproj` is not installed.
    """
    rows = [_row(line) for line in head]
    filled = [number for number, row in enumerate(rows) if row]
    if not filled:
        return None
    if any(_is_code_point(row) for row in rows):
        return Layout(0, CODE_POINT_WIDTH, 0, _grid_position, _grid_conversion())
    first = filled[0]
    columns = {meaning: _column(rows[first], patterns) for meaning, patterns in _COLUMNS.items()}
    code, latitude, longitude = columns["postcode"], columns["latitude"], columns["longitude"]
    if code is None or latitude is None or longitude is None:
        return None
    position = _degrees_position(latitude, longitude, columns["terminated"])
    return Layout(code, len(rows[first]), first + 1, position, lambda units: units)


def unit_postcode(text: str) -> str:
    """The postcode of a row, written `PL1 2AA`. Raises `Refused` if it is none."""
    if _WRITTEN.fullmatch(text):
        return text
    for reading in postcode.readings(text):
        if reading.part is Part.UNIT:
            return reading.text
    if postcode.without_place(text):
        raise Refused("has no place on the map")
    raise Refused("not a postcode")


def _row(line: str) -> list[str]:
    try:
        return next(csv.reader([line]))
    except csv.Error:
        return []


def _column(header: list[str], patterns: tuple[str, ...]) -> int | None:
    """Where a column is: the first pattern that any name matches, the first name that matches it."""
    names = [name.strip().casefold() for name in header]
    for pattern in patterns:
        for number, name in enumerate(names):
            if re.fullmatch(pattern, name):
                return number
    return None


def _degrees_position(latitude: int, longitude: int, terminated: int | None) -> Callable[[list[str]], Position]:
    def position(row: list[str]) -> Position:
        is_terminated = terminated is not None and _is_terminated(row[terminated])
        if not row[latitude].strip() and not row[longitude].strip():
            return None, None, is_terminated
        try:
            north, east = float(row[latitude]), float(row[longitude])
        except ValueError:
            raise Refused(NOT_NUMBERS) from None
        if (north, east) == UNLOCATED:
            return None, None, is_terminated
        if not (SOUTH <= north <= NORTH and WEST <= east <= EAST):
            raise Refused("coordinates outside the United Kingdom and its islands")
        return north, east, is_terminated

    return position


def _is_terminated(month: str) -> bool:
    month = month.strip()
    if month and not re.fullmatch(r"[0-9]{6}", month):
        raise Refused("a date of termination that is not yyyymm")
    return bool(month)


def _is_code_point(row: list[str]) -> bool:
    if len(row) != CODE_POINT_WIDTH or not re.fullmatch(r"[1-9]0", row[1]):
        return False
    try:
        unit_postcode(row[0])
        _grid_position(row)
    except Refused:
        return False
    return True


def _grid_position(row: list[str]) -> Position:
    """Northing and easting of a row of Code-Point Open. Quality 90 means that it has none."""
    try:
        quality, easting, northing = int(row[1]), float(row[2]), float(row[3])
    except ValueError:
        raise Refused(NOT_NUMBERS) from None
    if quality == 90 or (easting, northing) == (0, 0):
        return None, None, False
    if not (0 <= easting <= GRID_WIDTH and 0 <= northing <= GRID_HEIGHT):
        raise Refused("coordinates outside the British National Grid")
    return northing, easting, False


def _grid_conversion() -> Callable[[list[UnitRow]], list[UnitRow]]:
    """What turns northings and eastings into degrees, many at once: right to about 2 m, without OS's grid of shifts."""
    if find_spec("pyproj") is None:
        raise GazetteerUnavailable(
            "Code-Point Open needs the package pyproj: run `pip install --require-hashes -r requirements/gazetteer.txt`"
        )
    # Never in a process that has SpatiaLite loaded, which this command has not: two PROJs crash at its end.
    from pyproj import Transformer

    to_degrees = Transformer.from_crs("EPSG:27700", "EPSG:4326", always_xy=True)

    def finish(units: list[UnitRow]) -> list[UnitRow]:
        located = [unit for unit in units if unit.latitude is not None]
        unlocated = [unit for unit in units if unit.latitude is None]
        longitudes, latitudes = to_degrees.transform(
            [unit.longitude for unit in located], [unit.latitude for unit in located]
        )
        placed = zip(located, latitudes, longitudes, strict=True)
        return [UnitRow(unit.postcode, north, east, unit.is_terminated) for unit, north, east in placed] + unlocated

    return finish
