"""How far one has to look for so many opportunities: from the sums that the map's pins are made of.

A guess, for the sums count what has ended until they are brought up to date, and nothing is spread evenly.
"""

import math
from functools import lru_cache

from sqlalchemy.orm import Session

from catalogue.filters import Filters
from catalogue.grid import Point, position
from catalogue.sums import BLOCK_LEVEL, PAIRS, column_name
from catalogue.words import Kind, Layer
from database.engine import dialect_of

LEVELS = (BLOCK_LEVEL, 12, 11, 9, 7)
ROUND_THE_EQUATOR_M = 40_075_017.0
SOME_MORE = 1.3  # so that the circle holds enough more often than not
_MARKS = {"sqlite": "?", "postgresql": "%s"}


def likely_radius_m(session: Session, point: Point, filters: Filters, number: int) -> float | None:
    """The radius in metres of a circle that likely holds so many of the kinds and layers that are asked for.

    None where there are no sums, or so few opportunities that they say nothing.
    """
    wanted = [each for level in LEVELS for each in _squares(point, level)]
    statement = _statement(dialect_of(session), filters.kinds, filters.layers)
    session.flush()
    found = session.connection().exec_driver_sql(statement, tuple(part for square in wanted for part in square))
    totals = {level: int(total) for level, total in found}
    for level in LEVELS:
        if totals.get(level, 0) >= number * SOME_MORE:
            side_m = 2 * ROUND_THE_EQUATOR_M * math.cos(math.radians(point.latitude)) / (1 << level)
            return side_m * math.sqrt(number * SOME_MORE / totals[level] / math.pi)
    return None


def _squares(point: Point, level: int) -> list[tuple[int, int, int]]:
    """The four squares of a level around the corner that is nearest to a point."""
    x, y = position(point.longitude, point.latitude, level)
    right, below = round(x), round(y)
    return [(level, column, row) for column in (right - 1, right) for row in (below - 1, below)]


@lru_cache(64)
def _statement(dialect: str, kinds: frozenset[Kind], layers: frozenset[Layer]) -> str:
    """The number in the squares of each level.

    As text, as every search begins with it: SQLAlchemy would take longer to put it together than it takes.
    """
    pairs = [pair for pair in PAIRS if (not layers or pair[0] in layers) and (not kinds or pair[1] in kinds)]
    number = " + ".join(column_name(*pair) for pair in pairs) if kinds or layers else "total"
    mark = _MARKS[dialect]
    squares = ", ".join([f"({mark}, {mark}, {mark})"] * 4 * len(LEVELS))
    # CROSS JOIN has SQLite begin with the squares.
    return (
        f"WITH square (l, c, r) AS (VALUES {squares}) SELECT l, sum({number}) FROM square CROSS JOIN cell_sum"  # noqa: S608  (ours)
        " WHERE level = l AND x = c AND y = r GROUP BY l"
    )
