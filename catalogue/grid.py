"""The grid that pins are gathered on: the squares of web maps, each a quarter of one on the level above.

https://wiki.openstreetmap.org/wiki/Slippy_map_tilenames: on level 0 one square is the
world in the web Mercator projection, on each next level there are four times as many.
"""

import math
from collections.abc import Collection
from dataclasses import dataclass

FINEST_LEVEL = 22
METRES_PER_DEGREE = 111_700.0  # of either, a little more than the most there are
MOST_NORTHERN = 85.05  # degrees: the projection is a square that ends about here


@dataclass(frozen=True, slots=True)
class Box:
    """A part of the map, its edges in degrees of WGS 84, west of the date line's far side: `west` < `east`."""

    west: float
    south: float
    east: float
    north: float

    @property
    def latitude(self) -> float:
        """That of the middle."""
        return (self.south + self.north) / 2

    @property
    def longitude(self) -> float:
        return (self.west + self.east) / 2

    @property
    def reach_m(self) -> float:
        """A distance in metres from the middle that no point of the box is beyond."""
        least = 0.0 if self.south < 0 < self.north else min(abs(self.south), abs(self.north))
        across = (self.east - self.west) / 2 * math.cos(math.radians(least))
        return math.hypot(across, (self.north - self.south) / 2) * METRES_PER_DEGREE

    def holds(self, longitude: float, latitude: float) -> bool:
        return self.west <= longitude <= self.east and self.south <= latitude <= self.north


@dataclass(frozen=True, slots=True)
class Cells:
    """The squares of a level that a box touches: columns `left` to `right`, rows `top` to `bottom`, all included."""

    level: int
    left: int
    top: int
    right: int
    bottom: int

    @property
    def count(self) -> int:
        return (self.right - self.left + 1) * (self.bottom - self.top + 1)


def position(longitude: float, latitude: float, level: int) -> tuple[float, float]:
    """Where a point is on a level, eastwards and southwards, in widths of its squares."""
    size = 1 << level
    northing = math.asinh(math.tan(math.radians(min(MOST_NORTHERN, max(-MOST_NORTHERN, latitude)))))
    return (longitude + 180) / 360 * size, (1 - northing / math.pi) / 2 * size


def cell(longitude: float, latitude: float, level: int) -> tuple[int, int]:
    """The column and row of the square around a point; rows go southwards."""
    last = (1 << level) - 1
    x, y = position(longitude, latitude, level)
    return min(last, max(0, math.floor(x))), min(last, max(0, math.floor(y)))


def cells(box: Box, level: int) -> Cells:
    left, top = cell(box.west, box.north, level)
    right, bottom = cell(box.east, box.south, level)
    return Cells(level, left, top, right, bottom)


def box_of(level: int, squares: Collection[tuple[int, int]]) -> Box:
    """The least box that holds some squares of a level, each its column and row."""
    size = 1 << level
    columns, rows = zip(*squares, strict=True)
    west, east = (each / size * 360 - 180 for each in (min(columns), max(columns) + 1))
    north, south = (
        math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * each / size)))) for each in (min(rows), max(rows) + 1)
    )
    return Box(west, south, east, north)
