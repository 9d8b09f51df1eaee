"""The nearest opportunities to a point, in exact geodesic order. The only SQL that differs by database.

The venues within a growing circle are found through the spatial index, then
their opportunities; the circle grows until it holds enough. Where only few in
the whole catalogue have the words, the skill, the badge or the provider that is
asked for, these lead the way instead. A search by words
orders by distance too, but counts a match as farther away the less of it is in
the title (`catalogue.fulltext.FACTORS`). Distances are on
the WGS 84 ellipsoid, by SpatiaLite's or PostGIS's own functions, which agree
with geopy's geodesic to far less than a millimetre. They are rounded to a
millimetre before they are compared, so that both databases break ties alike.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from sqlalchemy import (
    CTE,
    ColumnElement,
    Double,
    Numeric,
    Select,
    String,
    and_,
    cast,
    column,
    func,
    literal,
    or_,
    select,
    table,
    type_coerce,
)
from sqlalchemy.orm import Session

from catalogue.few import among, few, offers_of
from catalogue.filters import METRES_PER_MILE, Filters
from catalogue.fulltext import factor
from catalogue.models import Offer, Venue, opportunity_venue

NEXT_STREETS_M = 250.0  # the first circle for no more than `A_PAGE`
FIRST_RADIUS_M = 1_600.0
A_PAGE = 50
SPARE = 10
FEW = 1_000  # so many are found wherever they are, and not by circles
GROWTH = 4.0
LEAST_GROWTH = 2.0
LAST_CIRCLE_M = 300_000.0
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


class Found(NamedTuple):
    """A hit, how far away it counts in the order in metres, and what it is."""

    counted_m: float
    hit: Hit
    kind: str
    layer: str
    cost_pence: int | None
    age_min: int | None
    age_max: int | None


# A hit's place in an order: the numbers that are compared, one after the other. The last is its opportunity's id.
Key = tuple[float, ...]


def nearest(
    session: Session,
    located: Point,
    filters: Filters,
    limit: int,
    first_radius_m: float | None = None,
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
    first_radius_m: float | None = None,
    by_distance: bool = False,
    after: Key | None = None,
) -> list[tuple[Key, Hit]]:
    """As `nearest`, but each hit with its key in the order, and only those whose key is beyond `after`.

    Keys are (metres, id) by distance, else (metres that it counts as, metres, id).
    """
    found = nearest_found(session, located, filters, limit, first_radius_m, by_distance, after)
    return [(_key(each, by_distance), each.hit) for each in found]


def nearest_found(
    session: Session,
    located: Point,
    filters: Filters,
    limit: int,
    first_radius_m: float | None = None,
    by_distance: bool = False,
    after: Key | None = None,
) -> list[Found]:
    """As `nearest_after`, with what each is."""
    if limit < 1:
        return []
    wanted = _Wanted(filters, few(session, filters, FEW), limit, by_distance, after)
    farthest = HALF_WAY_ROUND_M if filters.within_m is None else min(filters.within_m, HALF_WAY_ROUND_M)
    if wanted.few is not None:
        return _within(session, located, wanted, farthest)
    radius = first_radius_m or (FIRST_RADIUS_M if limit > A_PAGE else NEXT_STREETS_M)
    radius = min(farthest, max(radius, after[-2] if after else 0))
    while True:
        found = _within(session, located, wanted, radius)
        # What lies beyond the circle counts as at least so far away.
        is_full = len(found) == limit and (by_distance or found[-1].counted_m <= radius + NEXT_DOOR_M)
        if is_full or radius >= farthest:
            return found
        # Where there is little in a day's travel, one last look beats several that each begin again.
        radius = min(farthest, radius * _growth(len(found), limit)) if radius < LAST_CIRCLE_M else farthest


def _growth(found: int, limit: int) -> float:
    """How much wider the next circle is: as would do if there were as much everywhere, and some more."""
    return min(GROWTH, max(LEAST_GROWTH, math.sqrt(1.5 * limit / max(1, found))))


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is looked for. `few` are the only ones that can be, by id, if that is known."""

    filters: Filters
    few: Sequence[int] | None
    limit: int
    by_distance: bool
    after: Key | None


def _within(session: Session, point: Point, wanted: _Wanted, radius_m: float) -> list[Found]:
    """The first of those within a circle: all, if fewer than the limit."""
    if wanted.few is not None and not wanted.few:
        return []
    rows = _offers(session, point, wanted, radius_m)
    # Few have several venues. Where so many are not enough, each is asked for at its nearest only.
    spare = wanted.limit + wanted.limit // 4 + SPARE
    if not wanted.after:
        nearest_first = _all(session, rows.order_by(*_order(rows.selected_columns, wanted)).limit(spare))
        found = _once(nearest_first)[: wanted.limit]
        if len(found) == wanted.limit or len(nearest_first) < spare:
            return found
    place = func.row_number().over(
        partition_by=Offer.opportunity_id, order_by=(rows.selected_columns.distance_m, Offer.venue_id)
    )
    near = rows.add_columns(place.label("place")).subquery()
    order = _order(near.c, wanted)
    statement = select(near).where(near.c.place == 1).order_by(*order).limit(wanted.limit)
    if wanted.after:
        statement = statement.where(_is_beyond(order, wanted.after))
    return _once(_all(session, statement))


def _all(session: Session, statement: Select[Any]) -> Sequence[Any]:
    """The rows of a statement about no objects of the session, which has nothing to do with them then."""
    session.flush()
    return session.connection().execute(statement).all()


def _once(rows: Iterable[Any]) -> list[Found]:
    """Each opportunity of some rows where it stands first."""
    found: dict[int, Found] = {}
    for counted_m, distance_m, number, venue_id, kind, layer, cost_pence, age_min, age_max, *_ in rows:
        if number not in found:
            hit = Hit(float(distance_m), number, venue_id)
            found[number] = Found(float(counted_m), hit, kind, layer, cost_pence, age_min, age_max)
    return list(found.values())


def _order(columns: Any, wanted: _Wanted) -> list[ColumnElement[Any]]:
    by_place = [columns.distance_m, columns.opportunity_id]
    # The last tells venues apart that are equally far.
    return [
        *([] if wanted.by_distance else [columns.counted_m]),
        *by_place,
        *([] if wanted.after else [columns.venue_id]),
    ]


def _key(found: Found, by_distance: bool) -> Key:
    by_place = (found.hit.distance_m, found.hit.opportunity_id)
    return by_place if by_distance else (found.counted_m, *by_place)


def _is_beyond(order: Sequence[ColumnElement[Any]], after: Key) -> ColumnElement[bool]:
    """That a row comes after a key in an order: in its first column, or where that is equal in the rest."""
    (column, *others), (value, *rest) = order, after
    # As a double: where the database counts exactly, the number we have must be the one that it gave.
    number = cast(column, Double)
    if not others:
        return number > value
    return or_(number > value, and_(number == value, _is_beyond(others, tuple(rest))))


def _offers(session: Session, point: Point, wanted: _Wanted, radius_m: float) -> Select[Any]:
    """Those within a circle that meet the filters, at each of their venues, as the columns of `Found`.

    `counted_m` is how far away it counts for the order.
    """
    filters = wanted.filters
    only = None if wanted.few is None else among(session, wanted.few)
    near = _venues_near(session, point, radius_m, _in_box(filters), only)
    counts: ColumnElement[Any] = literal(1.0)
    if filters.words and not wanted.by_distance:
        counts = cast(factor(session, filters.words, Offer.opportunity_id), Double)
    asked = filters.asked(session, Offer)
    rows = (
        select(
            ((cast(near.c.distance_m, Double) + NEXT_DOOR_M) * counts).label("counted_m"),
            near.c.distance_m,
            Offer.opportunity_id,
            Offer.venue_id,
            type_coerce(Offer.kind, String).label("kind"),
            type_coerce(Offer.layer, String).label("layer"),
            Offer.cost_pence,
            Offer.age_min,
            Offer.age_max,
        )
        .select_from(near)
        # Where few lead the way, SQLite is not to look for each of them at each venue.
        .join(Offer, near.c.venue_id == (Offer.venue_id if wanted.few is None else Offer.venue_id + 0))
    )
    if wanted.few is not None:
        rows = offers_of(session, rows, wanted.few)
    if filters.venues_too_far:
        rows = rows.where(near.c.venue_id.not_in(sorted(filters.venues_too_far)))
    return rows.where(near.c.distance_m <= radius_m, filters.is_open(Offer), *asked.values())


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


def _venues_near(
    session: Session,
    point: Point,
    radius_m: float,
    also: Sequence[ColumnElement[bool]],
    only: Select[int] | None = None,
) -> CTE:
    """The venues in a circle, and perhaps some outside it: (venue_id, distance_m to the millimetre).

    With `only`, a choice of opportunities, only theirs.
    """
    is_postgres = session.get_bind().dialect.name == "postgresql"
    if only is not None:
        theirs = select(opportunity_venue.c.venue_id).where(opportunity_venue.c.opportunity_id.in_(only))
        distance = _distance_postgis(point) if is_postgres else _distance_spatialite(point)
        venues = select(Venue.id.label("venue_id"), distance.label("distance_m")).where(Venue.id.in_(theirs), *also)
        return venues.cte("near").prefix_with("MATERIALIZED")
    if is_postgres:
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
