"""The nearest opportunities to a point, in exact geodesic order. The only SQL that differs by database.

The venues within a growing circle are found through the spatial index, then
their opportunities; the circle grows until it holds enough. A search by words
orders by distance too, but counts a match as farther away the less of it is in
the title (`catalogue.fulltext.FACTORS`). Distances are on
the WGS 84 ellipsoid, by SpatiaLite's or PostGIS's own functions, which agree
with geopy's geodesic to far less than a millimetre. They are rounded to a
millimetre before they are compared, so that both databases break ties alike.
"""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from sqlalchemy import (
    CTE,
    ColumnElement,
    Double,
    Numeric,
    Subquery,
    and_,
    cast,
    column,
    func,
    literal,
    or_,
    select,
    table,
)
from sqlalchemy.orm import Session

from catalogue.filters import METRES_PER_MILE, Asked, Filters
from catalogue.fulltext import matching
from catalogue.models import Opportunity, Venue, opportunity_venue
from catalogue.words import Reach

FIRST_RADIUS_M = 1_000.0
GROWTH = 4
LAST_CIRCLE_M = 64_000.0
NEXT_DOOR_M = METRES_PER_MILE  # within which nothing is much nearer than anything else, when words are looked for
HALF_WAY_ROUND_M = 20_040_000.0
METRES_PER_DEGREE_OF_LATITUDE = 110_500.0  # a little less than the least, at the equator
METRES_PER_DEGREE_OF_LONGITUDE = 111_000.0  # likewise, times the cosine of the latitude


class Point(Protocol):
    """Whatever has WGS 84 coordinates in degrees; `gazetteer.locate.Located` has."""

    @property
    def latitude(self) -> float: ...
    @property
    def longitude(self) -> float: ...


class Hit(NamedTuple):
    """An opportunity at its nearest venue, at a distance in metres. Without words, hits sort as `nearest` does."""

    distance_m: float
    opportunity_id: int
    venue_id: int


# A hit's place in an order: the numbers that are compared, one after the other. The last is its opportunity's id.
Key = tuple[float, ...]


def nearest(
    session: Session,
    located: Point,
    filters: Filters,
    limit: int,
    first_radius_m: float = FIRST_RADIUS_M,
    by_distance: bool = False,
) -> list[Hit]:
    """The nearest opportunities that have a venue and meet the filters.

    Args:
        located: where from.
        limit: at most so many hits.
        first_radius_m: the first circle to try, where it is known that a smaller one would not do.
        by_distance: by distance alone, words or not.

    Returns:
        Hits in order of distance, then id. An opportunity with several venues
        appears once, at its nearest (the lowest id among equals). Online and
        national opportunities never appear, nor does one that has ended. With
        words, the order is that of the distance plus `NEXT_DOOR_M`, times the
        factor of the match.
    """
    return [hit for _, hit in nearest_after(session, located, filters, limit, first_radius_m, by_distance)]


def nearest_after(
    session: Session,
    located: Point,
    filters: Filters,
    limit: int,
    first_radius_m: float = FIRST_RADIUS_M,
    by_distance: bool = False,
    after: Key | None = None,
) -> list[tuple[Key, Hit]]:
    """As `nearest`, but each hit with its key in the order, and only those whose key is beyond `after`.

    Keys are (metres, id) by distance, else (metres that it counts as, metres, id).
    """
    if limit < 1:
        return []
    if after:
        first_radius_m = max(first_radius_m, after[-2])
    farthest = HALF_WAY_ROUND_M if filters.within_m is None else min(filters.within_m, HALF_WAY_ROUND_M)
    radius = min(farthest, first_radius_m)
    while True:
        ranked = _within(session, located, filters, radius, limit, by_distance, after)
        # What lies beyond the circle counts as at least so far away.
        is_full = len(ranked) == limit and (by_distance or ranked[-1][0] <= radius + NEXT_DOOR_M)
        if is_full or radius >= farthest:
            return [(_key(counted_m, hit, by_distance), hit) for counted_m, hit in ranked]
        # Where there is little in a day's travel, one last look beats several that each begin again.
        radius = min(farthest, radius * GROWTH) if radius < LAST_CIRCLE_M else farthest


def _within(
    session: Session,
    point: Point,
    filters: Filters,
    radius_m: float,
    limit: int,
    by_distance: bool,
    after: Key | None,
) -> list[tuple[float, Hit]]:
    """The first hits of those within a circle, each with how far away it counts: all, if fewer than the limit."""
    near = near_opportunities(session, point, filters, radius_m)
    by_place = (near.c.distance_m, near.c.opportunity_id)
    order = by_place if by_distance else (near.c.counted_m, *by_place)
    statement = (
        select(near.c.counted_m, near.c.distance_m, near.c.opportunity_id, near.c.venue_id)
        .where(near.c.rank == 1, *([_is_beyond(order, after)] if after else []))
        .order_by(*order)
        .limit(limit)
    )
    return [
        (float(counted_m), Hit(float(distance_m), opportunity, venue))
        for counted_m, distance_m, opportunity, venue in session.execute(statement)
    ]


def _key(counted_m: float, hit: Hit, by_distance: bool) -> Key:
    by_place = (hit.distance_m, hit.opportunity_id)
    return by_place if by_distance else (counted_m, *by_place)


def _is_beyond(order: Sequence[ColumnElement[Any]], after: Key) -> ColumnElement[bool]:
    """That a row comes after a key in an order: in its first column, or where that is equal in the rest."""
    (column, *others), (value, *rest) = order, after
    # As a double: where the database counts exactly, the number we have must be the one that it gave.
    number = cast(column, Double)
    if not others:
        return number > value
    return or_(number > value, and_(number == value, _is_beyond(others, tuple(rest))))


def near_opportunities(session: Session, point: Point, filters: Filters, radius_m: float) -> Subquery:
    """Those within a circle that meet the filters, at each of their venues.

    Returns:
        (opportunity_id, venue_id, distance_m, counted_m, rank): `counted_m` is how far
        away it counts for the order; `rank` is 1 at its nearest venue.
    """
    near = _venues_near(session, point, radius_m, _in_box(filters))
    factor: ColumnElement[Any] = literal(1.0)
    asked = filters.asked(session)
    found = matching(session, filters.words) if filters.words else None
    if found is not None:
        factor = cast(found.c.factor, Double)
        del asked[Asked.WORDS]  # the join says it
    distance = cast(near.c.distance_m, Double)
    rows = (
        select(
            Opportunity.id.label("opportunity_id"),
            near.c.venue_id,
            near.c.distance_m,
            ((distance + NEXT_DOOR_M) * factor).label("counted_m"),
            func.row_number()
            .over(partition_by=Opportunity.id, order_by=(near.c.distance_m, near.c.venue_id))
            .label("rank"),
        )
        .select_from(near)
        .join(opportunity_venue, opportunity_venue.c.venue_id == near.c.venue_id)
        .join(Opportunity, Opportunity.id == opportunity_venue.c.opportunity_id)
    )
    if found is not None:
        rows = rows.join(found, found.c.opportunity_id == Opportunity.id)
    if filters.venues_too_far:
        rows = rows.where(near.c.venue_id.not_in(sorted(filters.venues_too_far)))
    return rows.where(
        near.c.distance_m <= radius_m, Opportunity.reach == Reach.VENUE, filters.is_open(), *asked.values()
    ).subquery()


# What `_distance_spatialite` and `_distance_postgis` say. Of hundreds of ids, over and over, SQLAlchemy takes longer to
# read the statement than the database to answer it. Where the point is stays a parameter, and so out of logs.
_DISTANCES = {
    "sqlite": "round(ST_Distance(location, MakePoint(?, ?, 4326), 1), 3)",
    "postgresql": "round(CAST(ST_Distance(geography(location), geography(ST_SetSRID(ST_MakePoint(%s, %s), 4326)))"
    " AS NUMERIC), 3)",
}


def venue_distances(session: Session, point: Point, venue_ids: Sequence[int]) -> dict[int, float]:
    """The distance in metres to each of some venues, by venue id."""
    if not venue_ids:
        return {}
    session.flush()
    distance = _DISTANCES[session.get_bind().dialect.name]
    some = ", ".join(f"{each:d}" for each in venue_ids)
    statement = f"SELECT id, {distance} FROM venue WHERE id IN ({some})"  # noqa: S608  (numbers only)
    found = session.connection().exec_driver_sql(statement, (float(point.longitude), float(point.latitude)))
    return {venue_id: float(metres) for venue_id, metres in found}


def _in_box(filters: Filters) -> list[ColumnElement[bool]]:
    """That a venue lies in the box, if the search has one."""
    if filters.box is None:
        return []
    west, south, east, north = filters.box.west, filters.box.south, filters.box.east, filters.box.north
    return [Venue.longitude.between(west, east), Venue.latitude.between(south, north)]


def _venues_near(session: Session, point: Point, radius_m: float, also: Sequence[ColumnElement[bool]]) -> CTE:
    """The venues in a circle, and perhaps a few outside it: (venue_id, distance_m to the millimetre)."""
    if session.get_bind().dialect.name == "postgresql":
        return _venues_near_postgis(point, radius_m, also)
    return _venues_near_spatialite(point, radius_m, also)


def _distance_postgis(point: Point) -> ColumnElement[Any]:
    return func.round(cast(func.ST_Distance(func.geography(Venue.location), _here_postgis(point)), Numeric), 3)


def _here_postgis(point: Point) -> ColumnElement[Any]:
    return func.geography(func.ST_SetSRID(func.ST_MakePoint(float(point.longitude), float(point.latitude)), 4326))


def _venues_near_postgis(point: Point, radius_m: float, also: Sequence[ColumnElement[bool]]) -> CTE:
    here = _here_postgis(point)
    # The very expression that is indexed: a cast with a type modifier would not be.
    there = func.geography(Venue.location)
    return (
        select(Venue.id.label("venue_id"), _distance_postgis(point).label("distance_m"))
        .where(func.ST_DWithin(there, here, radius_m + 1), *also)
        .cte("near")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )


def _distance_spatialite(point: Point) -> ColumnElement[Any]:
    here = func.MakePoint(float(point.longitude), float(point.latitude), 4326)
    # The third argument makes it metres on the ellipsoid instead of degrees.
    return func.round(func.ST_Distance(Venue.location, here, 1), 3)


def _venues_near_spatialite(point: Point, radius_m: float, also: Sequence[ColumnElement[bool]]) -> CTE:
    tree = table("idx_venue_location", *map(column, ("pkid", "xmin", "xmax", "ymin", "ymax")))
    west, south, east, north = box_around(point, radius_m)
    in_box: ColumnElement[bool] = and_(
        tree.c.xmin <= east, tree.c.xmax >= west, tree.c.ymin <= north, tree.c.ymax >= south
    )
    return (
        select(Venue.id.label("venue_id"), _distance_spatialite(point).label("distance_m"))
        .select_from(tree)
        .join(Venue, Venue.id == tree.c.pkid)
        .where(in_box, *also)
        .cte("near")
        .prefix_with("MATERIALIZED", dialect="sqlite")
    )


def box_around(point: Point, radius_m: float) -> tuple[float, float, float, float]:
    """A box (west, south, east, north in degrees) that holds every point within a radius.

    Near a pole or the date line it goes all the way round. The R*Tree keeps
    32-bit numbers but rounds them outwards, so that nothing in the box is missed.
    """
    up = radius_m / METRES_PER_DEGREE_OF_LATITUDE
    south, north = point.latitude - up, point.latitude + up
    least_cosine = math.cos(math.radians(min(90.0, max(abs(south), abs(north)))))
    across = radius_m / (METRES_PER_DEGREE_OF_LONGITUDE * least_cosine) if least_cosine > 0.01 else 360.0
    west, east = point.longitude - across, point.longitude + across
    if west < -180 or east > 180:
        west, east = -180.0, 180.0
    return west, south, east, north
