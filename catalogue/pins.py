"""What a map shows of a part of the country: venues, gathered where they would lie on top of one another.

However wide the part is, no more than `MOST_PINS` come out and about as few rows are
read. Up to `EXACT` opportunities are counted one by one, whatever the search asks.
Where there are more the sums of `catalogue.sums` answer, which know kinds and layers:
counts are then as of the last indexing. What else a search asks they do not know;
unless its words or skills leave few enough to count, their numbers are the most there can be.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from catalogue.few import as_parameter, few, offers_of
from catalogue.filters import Filters
from catalogue.grid import FINEST_LEVEL, Box, Cells, cells, position
from catalogue.models import Offer, Venue
from catalogue.sums import BLOCK_LEVEL, COARSEST_LEVEL, PAIRS, cell_sum, column_name, number, venue_sum
from catalogue.words import Kind, Layer
from database.engine import dialect_of

MOST_PINS = 300
LEVELS_BELOW_TILES = 2  # a square of the grid is a quarter of a tile wide: 64 pixels
EXACT = 2_500
TOO_CLOSE = 0.85  # of a square's width: pins nearer than that would touch
Square = tuple[int, int]


class Counted(StrEnum):
    """How far numbers can be relied on."""

    EXACTLY = "exactly"
    ABOUT = "about"
    AT_MOST = "at-most"


@dataclass(slots=True)
class Pin:
    """One venue, or several that are close to one another on the map.

    `squares` are the columns and rows that it stands for, `count` the opportunities at its venues.
    `venue_id`, `name`, `kind` and `layer` are those of a single venue; the last two
    are None where it has several.
    """

    squares: list[Square]
    latitude: float
    longitude: float
    count: int
    venues: int
    venue_id: int | None = None
    name: str = ""
    kind: Kind | None = None
    layer: Layer | None = None


@dataclass(frozen=True, slots=True)
class Pins:
    """The pins of a box, their squares being of `level`; `count` opportunities in all, `counted` so far."""

    level: int
    pins: Sequence[Pin]
    count: int
    counted: Counted


def pins(session: Session, box: Box, zoom: int, filters: Filters) -> Pins:
    """The pins of a part of the map.

    Args:
        zoom: as web maps count it: the world is 256 pixels wide at 0, twice as wide at each next.
        filters: what to show; their distance and their box are left out of account.
    """
    filters = replace(filters, within_miles=None, box=None)
    level = _level(box, zoom)
    of = _of_venues if level > BLOCK_LEVEL else _of_squares
    summed = of(session, box, level, filters)
    most = sum(pin.count for pin in summed)
    # To count one by one all that is there is read, whatever its kind.
    offered = _offered(session, box, level) if filters.kinds or filters.layers else most
    asks_more = bool(filters.asked(dialect_of(session)).keys() - {"kind", "layer"})
    if offered <= EXACT:
        found, count, counted = *_one_by_one(session, box, level, filters), Counted.EXACTLY
    elif asks_more and (ids := few(session, filters, EXACT)) is not None:
        found, count, counted = *_one_by_one(session, box, level, filters, ids), Counted.EXACTLY
    else:
        found, count, counted = summed, most, Counted.AT_MOST if asks_more else Counted.ABOUT
    apart = _apart(found, level)
    _name(session, apart, filters)
    return Pins(level, apart, count, counted)


def at(
    session: Session, level: int, squares: Collection[Square], filters: Filters, limit: int
) -> list[tuple[int, int]]:
    """What is on offer in some squares of a level: (venue_id, opportunity_id), by venue, then by id."""
    sums = venue_sum.c
    rows = (
        select(sums.venue_id, Offer.opportunity_id)
        .join(Offer, Offer.venue_id == sums.venue_id)
        .where(or_(*(_in_square(level, *square) for square in squares)))
        .where(*replace(filters, within_miles=None, box=None).conditions(dialect_of(session), Offer))
        .order_by(sums.venue_id, Offer.opportunity_id)
        .limit(limit)
    )
    return [(venue_id, opportunity_id) for venue_id, opportunity_id in session.execute(rows)]


def _in_square(level: int, x: int, y: int) -> ColumnElement[bool]:
    up = FINEST_LEVEL - level
    blocks = [(edge << up) >> (FINEST_LEVEL - BLOCK_LEVEL) for edge in (x, x + 1, y, y + 1)]
    left, right, top, bottom = blocks
    sums = venue_sum.c
    return and_(
        sums.block_x.between(left, right),
        sums.block_y.between(top, bottom),
        sums.x.between(x << up, ((x + 1) << up) - 1),
        sums.y.between(y << up, ((y + 1) << up) - 1),
    )


def _level(box: Box, zoom: int) -> int:
    """The finest level that the zoom allows and that has no more squares in the box than there may be pins."""
    level = max(COARSEST_LEVEL, min(zoom + LEVELS_BELOW_TILES, FINEST_LEVEL))
    while level > COARSEST_LEVEL and cells(box, level).count > MOST_PINS:
        level -= 1
    return level


def _of_squares(session: Session, box: Box, level: int, filters: Filters) -> list[Pin]:
    """The sums of the squares that a box touches; those whose middle lies outside are left out."""
    sums = cell_sum.c
    count = number(cell_sum, filters.kinds, filters.layers)
    rows = select(sums.x, sums.y, sums.venues, sums.venue_id, sums.latitude, sums.longitude, count).where(
        *_touched(box, level), count > 0
    )
    found = (_summed(row) for row in session.execute(rows))
    return [pin for pin in found if box.holds(pin.longitude, pin.latitude)]


def _of_venues(session: Session, box: Box, level: int, filters: Filters) -> list[Pin]:
    """The sums of the venues in a box, by square."""
    sums = venue_sum.c
    count = number(venue_sum, filters.kinds, filters.layers)
    x, y = (each.op(">>")(FINEST_LEVEL - level) for each in (sums.x, sums.y))
    latitude, longitude = func.sum(sums.latitude), func.sum(sums.longitude)
    rows = (
        select(x, y, func.count(), func.min(sums.venue_id), latitude, longitude, func.sum(count))
        .where(*_in_box(box), count > 0)
        .group_by(x, y)
    )
    return [_summed(row) for row in session.execute(rows)]


def _summed(row: Any) -> Pin:
    x, y, venues, venue_id, latitude, longitude, count = row
    return Pin([(x, y)], latitude / venues, longitude / venues, count, venues, venue_id if venues == 1 else None)


def _offered(session: Session, box: Box, level: int) -> int:
    """How many opportunities of any kind there are in a box, by the sums."""
    if level > BLOCK_LEVEL:
        total = select(func.sum(venue_sum.c.total)).where(*_in_box(box))
    else:
        total = select(func.sum(cell_sum.c.total)).where(*_touched(box, level))
    return session.scalar(total) or 0


def _touched(box: Box, level: int) -> list[ColumnElement[bool]]:
    """That a square of a level is one that a box touches."""
    sums, squares = cell_sum.c, cells(box, level)
    return [sums.level == level, sums.x.in_(_columns(squares)), sums.y.between(squares.top, squares.bottom)]


def _in_box(box: Box) -> list[ColumnElement[bool]]:
    """That a venue lies in a box. By the columns of blocks first, each of which the index leads to."""
    sums, blocks = venue_sum.c, cells(box, BLOCK_LEVEL)
    return [
        sums.block_x.in_(_columns(blocks)),
        sums.block_y.between(blocks.top, blocks.bottom),
        sums.latitude.between(box.south, box.north),
        sums.longitude.between(box.west, box.east),
    ]


def _columns(touched: Cells) -> range:
    return range(touched.left, touched.right + 1)


@dataclass(slots=True)
class _Gathered:
    """What was counted one by one in a square."""

    opportunities: set[int] = field(default_factory=set)
    venues: dict[int, tuple[float, float]] = field(default_factory=dict)
    kinds: set[Kind] = field(default_factory=set)
    layers: set[Layer] = field(default_factory=set)

    def pin(self, square: Square) -> Pin:
        many = len(self.venues)
        latitude, longitude = (sum(each) / many for each in zip(*self.venues.values(), strict=True))
        found = Pin([square], latitude, longitude, len(self.opportunities), many)
        if many == 1:
            (found.venue_id,) = self.venues
            found.kind = next(iter(self.kinds)) if len(self.kinds) == 1 else None
            found.layer = next(iter(self.layers)) if len(self.layers) == 1 else None
        return found


def _one_by_one(
    session: Session, box: Box, level: int, filters: Filters, ids: Collection[int] | None = None
) -> tuple[list[Pin], int]:
    """The pins of what meets all that is asked, and how many opportunities that are. With `ids` only those are read."""
    sums, dialect = venue_sum.c, dialect_of(session)
    rows = (
        select(
            sums.x,
            sums.y,
            sums.venue_id,
            sums.latitude,
            sums.longitude,
            Offer.opportunity_id,
            Offer.kind,
            Offer.layer,
        )
        .join(Offer, Offer.venue_id == sums.venue_id)
        .where(*filters.conditions(dialect, Offer))
    )
    values: dict[str, Any] = {}
    if ids is None:
        rows = rows.where(*_in_box(box))
    else:
        # The few lead the way, not the index of the blocks.
        values["ids"] = as_parameter(dialect, ids)
        rows = offers_of(dialect, rows).where(
            sums.latitude.between(box.south, box.north),
            sums.longitude.between(box.west, box.east),
        )
    up = FINEST_LEVEL - level
    squares: dict[Square, _Gathered] = defaultdict(_Gathered)
    for x, y, venue_id, latitude, longitude, opportunity_id, kind, layer in session.execute(rows, values):
        square = squares[x >> up, y >> up]
        square.opportunities.add(opportunity_id)
        square.venues[venue_id] = latitude, longitude
        square.kinds.add(kind)
        square.layers.add(layer)
    everything = set().union(*(square.opportunities for square in squares.values()))
    return [gathered.pin(square) for square, gathered in squares.items()], len(everything)


def _apart(found: Iterable[Pin], level: int) -> list[Pin]:
    """The pins, those that would touch being one; where the one with the most opportunities is."""
    kept: dict[Square, Pin] = {}
    where: dict[Square, tuple[float, float]] = {}
    for pin in sorted(found, key=lambda pin: (-pin.count, pin.squares)):
        x, y = position(pin.longitude, pin.latitude, level)
        column, row = int(x), int(y)
        near = ((column + across, row + down) for across in (-1, 0, 1) for down in (-1, 0, 1))
        other = next(
            (at for at in near if at in kept and (where[at][0] - x) ** 2 + (where[at][1] - y) ** 2 < TOO_CLOSE**2), None
        )
        if other is None:
            kept[column, row], where[column, row] = pin, (x, y)
        else:
            kept[other] = _with(kept[other], pin)
    return list(kept.values())


def _with(pin: Pin, other: Pin) -> Pin:
    return Pin(
        pin.squares + other.squares, pin.latitude, pin.longitude, pin.count + other.count, pin.venues + other.venues
    )


def _name(session: Session, found: Sequence[Pin], filters: Filters) -> None:
    """Give single venues their names, and what they offer where that was summed."""
    single = {pin.venue_id: pin for pin in found if pin.venue_id is not None}
    rows = select(Venue.name, venue_sum).join(venue_sum, venue_sum.c.venue_id == Venue.id).where(Venue.id.in_(single))
    for row in session.execute(rows).mappings():
        pin = single[row["venue_id"]]
        pin.name = row["name"]
        if pin.kind is None and pin.layer is None:
            pairs = [pair for pair in PAIRS if row[column_name(*pair)] and _is_asked(pair, filters)]
            layers, kinds = {layer for layer, _ in pairs}, {kind for _, kind in pairs}
            pin.layer = layers.pop() if len(layers) == 1 else None
            pin.kind = kinds.pop() if len(kinds) == 1 else None


def _is_asked(pair: tuple[Layer, Kind], filters: Filters) -> bool:
    layer, kind = pair
    return (not filters.layers or layer in filters.layers) and (not filters.kinds or kind in filters.kinds)
