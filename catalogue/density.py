"""How far one has to look for so many opportunities: from the sums that the map's pins are made of.

A guess, for the sums count what has ended until they are brought up to date, and nothing is spread evenly.
"""

import math
from functools import lru_cache

from sqlalchemy.orm import Session

from catalogue.earth import Point
from catalogue.filters import Filters
from catalogue.grid import position
from catalogue.sums import BLOCK_LEVEL, cell_sum, number
from catalogue.words import Kind, Layer
from database.engine import dialect_of

LEVELS = (BLOCK_LEVEL, 12, 11, 9, 7)
ROUND_THE_EQUATOR_M = 40_075_017.0
# So that the circle holds enough more often than not: what is offered stands in heaps, at venues.
SOME_MORE = 1.3
SOME_VENUES_MORE = 100
_MARKS = {"sqlite": "?", "postgresql": "%s"}


def likely_radius_m(session: Session, point: Point, filters: Filters, wanted: int) -> float | None:
    """The radius in metres of a circle that likely holds so many of the kinds and layers that are asked for.

    None where there are no sums, or so few opportunities that they say nothing.
    """
    enough = wanted * SOME_MORE + SOME_VENUES_MORE
    dialect = dialect_of(session)
    session.flush()
    connection = session.connection()
    statement = _statement(dialect, filters.kinds, filters.layers)
    squares = tuple(edge for level in LEVELS for edge in _squares(point, level))
    totals = dict(zip(LEVELS, connection.exec_driver_sql(statement, squares).one(), strict=True))
    for level in LEVELS:
        total = float(totals[level] or 0)
        if total >= enough:
            side_m = 2 * ROUND_THE_EQUATOR_M * math.cos(math.radians(point.latitude)) / (1 << level)
            return side_m * math.sqrt(enough / total / math.pi)
    return None


def _squares(point: Point, level: int) -> tuple[int, int, int, int]:
    """The first and the last column and row of the four squares of a level around the corner nearest to a point."""
    x, y = position(point.longitude, point.latitude, level)
    right, below = round(x), round(y)
    return right - 1, right, below - 1, below


@lru_cache(64)
def _statement(dialect: str, kinds: frozenset[Kind], layers: frozenset[Layer]) -> str:
    """The number in the squares of each level, which are parameters.

    As text, as every search begins with it: SQLAlchemy would take longer to put it together than it takes.
    """
    mark, counted = _MARKS[dialect], number(cell_sum, kinds, layers)
    inside = f"x IN ({mark}, {mark}) AND y IN ({mark}, {mark})"
    totals = (f"(SELECT sum({counted}) FROM cell_sum WHERE level = {level} AND {inside})" for level in LEVELS)  # noqa: S608  (ours)
    return f"SELECT {', '.join(totals)}"
