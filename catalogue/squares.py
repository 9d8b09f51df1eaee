"""Where an opportunity is, as words: the squares of the map that its venues lie in, for the index of words.

Among a million, a common word alone finds a hundred thousand: with the squares around a place it finds those that are
near. The squares are those of `catalogue.grid`, of a few levels, so that a few of one cover a circle of any size.
"""

from collections.abc import Collection, Iterable

from catalogue.earth import Point, box_around
from catalogue.grid import Box, cell, cells

LEVELS = (15, 13, 11, 9, 7)  # from some 700 metres across in Britain to some 180 kilometres
MOST_SQUARES = 36
NOWHERE = "nowhere"  # in the place of squares, for what is tied to no one place


def squares_of(points: Iterable[tuple[float, float]]) -> set[str]:
    """The squares of every level around some points, each a longitude and a latitude."""
    finest = {cell(longitude, latitude, LEVELS[0]) for longitude, latitude in points}
    return {_word(level, x >> (LEVELS[0] - level), y >> (LEVELS[0] - level)) for level in LEVELS for x, y in finest}


def covering(point: Point, radius_m: float) -> Collection[str] | None:
    """Squares that hold all within a circle, of the finest level of which few do; None if it is too large for any."""
    west, south, east, north = box_around(point, radius_m)
    for level in LEVELS:
        touched = cells(Box(west, south, east, north), level)
        if touched.count <= MOST_SQUARES:
            columns = range(touched.left, touched.right + 1)
            rows = range(touched.top, touched.bottom + 1)
            return [_word(level, x, y) for x in columns for y in rows]
    return None


def _word(level: int, x: int, y: int) -> str:
    return f"{level}x{x}y{y}"
