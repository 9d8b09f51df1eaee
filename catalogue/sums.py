"""How many opportunities there are at each venue and in each square of the map, by layer and kind.

Two tables that follow from the others, so that a map of the whole country reads a few hundred rows however many
opportunities there are. `venue_sum` counts what a venue offers; `cell_sum` adds venues up on the levels of the grid
up to `BLOCK_LEVEL`. An opportunity that has ended is counted until the next `index` or `index_missing`;
a venue that loses one is marked by a trigger and counted anew then.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Double,
    ForeignKey,
    Index,
    Integer,
    Table,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from catalogue.grid import FINEST_LEVEL, cell
from catalogue.models import Offer, Venue, now, opportunity_venue
from catalogue.words import Kind, Layer
from database import bulk
from database.base import Base, UtcDateTime

BLOCK_LEVEL = 13  # squares of two to three kilometres in Britain
COARSEST_LEVEL = 2
BATCH = 500
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
PAIRS = [(layer, kind) for layer in Layer for kind in Kind]


@cache
def column_name(layer: Layer, kind: Kind) -> str:
    return f"{layer}_{kind}".replace("-", "_")


def _counts() -> list[Column[int]]:
    return [Column("total", Integer, nullable=False)] + [
        Column(column_name(layer, kind), Integer, nullable=False) for layer, kind in PAIRS
    ]


# `x` and `y` are the square on the finest level, `block_x` and `block_y` that on `BLOCK_LEVEL`. `stale_at` is when
# the first of what is counted ends.
venue_sum = Table(
    "venue_sum",
    Base.metadata,
    Column("venue_id", ForeignKey("venue.id", ondelete="CASCADE"), primary_key=True),
    Column("block_x", Integer, nullable=False),
    Column("block_y", Integer, nullable=False),
    Column("x", Integer, nullable=False),
    Column("y", Integer, nullable=False),
    Column("latitude", Double, nullable=False),
    Column("longitude", Double, nullable=False),
    Column("stale_at", UtcDateTime, index=True),
    *_counts(),
    Index("ix_venue_sum_block", "block_x", "block_y"),
)

# `latitude` and `longitude` are summed over the venues.
cell_sum = Table(
    "cell_sum",
    Base.metadata,
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("x", Integer, primary_key=True, autoincrement=False),
    Column("y", Integer, primary_key=True, autoincrement=False),
    Column("venues", Integer, nullable=False),
    Column("venue_id", Integer, nullable=False),
    Column("latitude", Double, nullable=False),
    Column("longitude", Double, nullable=False),
    *_counts(),
)


def number(table: Table, kinds: Collection[Kind], layers: Collection[Layer]) -> ColumnElement[int]:
    """How many of some kinds and layers a row counts; an empty collection is all."""
    if not kinds and not layers:
        return table.c.total
    wanted = [pair for pair in PAIRS if (not layers or pair[0] in layers) and (not kinds or pair[1] in kinds)]
    first, *others = (table.c[column_name(*pair)] for pair in wanted)
    return sum(others, start=first)


def index_missing(session: Session) -> int:
    """Count the venues that are not counted yet, or no longer rightly; how many those are. The caller commits."""
    wanted = uncounted(session)
    if wanted:
        count(session, wanted)
        add_up(session)
    return len(wanted)


def uncounted(session: Session) -> list[int]:
    """The ids of the venues that are not counted yet, or no longer rightly."""
    is_counted = select(venue_sum.c.venue_id)
    has_any = select(Offer.venue_id).where(Offer.venue_id == Venue.id, _is_to_come())
    missing = session.scalars(
        select(Venue.id).where(Venue.id.not_in(is_counted), has_any.correlate(Venue).exists())
    ).all()
    return sorted({*missing, *_stale(session)})


def total(session: Session) -> int:
    """How many opportunities are counted, each as often as it has venues."""
    return session.scalar(select(func.sum(cell_sum.c.total)).where(cell_sum.c.level == COARSEST_LEVEL)) or 0


def index(session: Session, ids: Collection[int] | None = None) -> None:
    """Bring the sums up to date with some opportunities as they now stand in the database, or with all.

    Whoever writes opportunities or their venues calls this and commits.
    """
    if ids is None:
        session.execute(delete(venue_sum))
        index_missing(session)
        return
    wanted = _stale(session)
    ordered = sorted(ids)
    for start in range(0, len(ordered), BATCH):
        batch = ordered[start : start + BATCH]
        link = opportunity_venue.c
        wanted.update(session.scalars(select(link.venue_id).where(link.opportunity_id.in_(batch)).distinct()))
    count(session, sorted(wanted))
    add_up(session)


def mark(session: Session, ids: Collection[int]) -> None:
    """Have the venues of some opportunities counted anew by the next `index` or `index_missing`.

    A venue that is not counted at all needs no mark.
    """
    ordered = sorted(ids)
    for start in range(0, len(ordered), BATCH):
        link = opportunity_venue.c
        some = ordered[start : start + BATCH]
        theirs = select(link.venue_id).where(bulk.among(session, link.opportunity_id, some))
        session.execute(update(venue_sum).where(venue_sum.c.venue_id.in_(theirs)).values(stale_at=LONG_AGO))


def _stale(session: Session) -> set[int]:
    return set(session.scalars(select(venue_sum.c.venue_id).where(venue_sum.c.stale_at <= now())))


def count(session: Session, venue_ids: Sequence[int]) -> None:
    """Count what some venues offer. It is to be added up after that."""
    for start in range(0, len(venue_ids), BATCH):
        batch = venue_ids[start : start + BATCH]
        session.execute(delete(venue_sum).where(venue_sum.c.venue_id.in_(batch)))
        if rows := _rows(session, batch):
            session.execute(insert(venue_sum), rows)


def _rows(session: Session, venue_ids: Sequence[int]) -> list[dict[str, Any]]:
    """The sums of some venues as rows; none of one that offers nothing."""
    counted = (
        select(Offer.venue_id, Offer.layer, Offer.kind, func.count(), func.min(Offer.ends_at))
        .where(Offer.venue_id.in_(venue_ids), _is_to_come())
        .group_by(Offer.venue_id, Offer.layer, Offer.kind)
    )
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    ends: dict[int, datetime] = {}
    for venue_id, layer, kind, many, first_end in session.execute(counted):
        counts[venue_id][column_name(layer, kind)] = many
        if first_end is not None:
            ends[venue_id] = min(first_end, ends.get(venue_id, first_end))
    spots = session.execute(select(Venue.id, Venue.longitude, Venue.latitude).where(Venue.id.in_(counts)))
    return [
        _place(longitude, latitude)
        | {"venue_id": venue_id, "stale_at": ends.get(venue_id), "total": sum(counts[venue_id].values())}
        | {column_name(*pair): counts[venue_id].get(column_name(*pair), 0) for pair in PAIRS}
        for venue_id, longitude, latitude in spots
    ]


def _is_to_come() -> ColumnElement[bool]:
    return or_(Offer.ends_at.is_(None), Offer.ends_at > now())


def _place(longitude: float, latitude: float) -> dict[str, Any]:
    x, y = cell(longitude, latitude, FINEST_LEVEL)
    up = FINEST_LEVEL - BLOCK_LEVEL
    return {"x": x, "y": y, "block_x": x >> up, "block_y": y >> up, "latitude": latitude, "longitude": longitude}


def add_up(session: Session) -> None:
    """Make the sums of the squares anew, each level from the one below: well under a second for a whole country."""
    session.execute(delete(cell_sum))
    of_venues = (venue_sum.c.block_x, venue_sum.c.block_y, func.count(), func.min(venue_sum.c.venue_id))
    _sum_into(session, BLOCK_LEVEL, of_venues, venue_sum)
    for level in range(BLOCK_LEVEL - 1, COARSEST_LEVEL - 1, -1):
        below = cell_sum.c
        of_cells = (below.x.op(">>")(1), below.y.op(">>")(1), func.sum(below.venues), func.min(below.venue_id))
        _sum_into(session, level, of_cells, cell_sum, below.level == level + 1)


def _sum_into(
    session: Session, level: int, head: Iterable[ColumnElement[Any]], source: Table, *which: ColumnElement[bool]
) -> None:
    x, y, venues, venue_id = head
    names = ["latitude", "longitude", "total", *(column_name(*pair) for pair in PAIRS)]
    sums = (func.sum(source.c[name]) for name in names)
    rows = select(literal(level, Integer), x, y, venues, venue_id, *sums).where(*which).group_by(x, y)
    session.execute(insert(cell_sum).from_select(["level", "x", "y", "venues", "venue_id", *names], rows))
