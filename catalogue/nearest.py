"""The nearest opportunities to a point, in exact geodesic order, by SQL of each database's own.

The venues within a growing circle are found through the spatial index, then
their opportunities; the circle begins where it likely holds enough, and grows until it does. Where only few in
the whole catalogue have the words, the skill, the badge or the provider that is
asked for, these lead the way instead. A search by words
orders by distance too, but counts a match as farther away the less of it is in
the title (`catalogue.fulltext.FACTORS`). Distances are on
the WGS 84 ellipsoid, by SpatiaLite's or PostGIS's own functions, which agree
with geopy's geodesic to far less than a millimetre. They are rounded to a
millimetre before they are compared, so that both databases break ties alike.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    CTE,
    ColumnElement,
    Double,
    Numeric,
    Select,
    String,
    and_,
    bindparam,
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

from catalogue.density import likely_radius_m
from catalogue.earth import Point, box_around
from catalogue.few import as_parameter, few, ids_in, offers_of
from catalogue.filters import KEPT_STATEMENTS, METRES_PER_MILE, Filters
from catalogue.fulltext import factor
from catalogue.models import Offer, Venue, opportunity_venue
from database.engine import dialect_of

NEXT_STREETS_M = 250.0  # the least circle
FIRST_RADIUS_M = 1_600.0  # where nobody knows how much there is: a small circle more costs less than one too large
SPARE = 10
FEW = 1_000  # so many are found wherever they are, and not by circles
GROWTH = 4.0
LEAST_GROWTH = 2.0
LAST_CIRCLE_M = 300_000.0
NEXT_DOOR_M = METRES_PER_MILE  # within which nothing is much nearer than anything else, when words are looked for
HALF_WAY_ROUND_M = 20_040_000.0
SIDES = ("west", "south", "east", "north")


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
    by_distance: bool = False,
) -> list[Hit]:
    """The nearest opportunities that have a venue and meet the filters.

    Args:
        located: where from.
        limit: at most so many hits.
        by_distance: by distance alone, words or not.

    Returns:
        Hits in order of distance, then id. An opportunity with several venues
        appears once, at its nearest (the lowest id among equals). Online and
        national opportunities never appear, nor does one that has ended. With
        words, the order is that of the distance plus `NEXT_DOOR_M`, times the
        factor of the match.
    """
    return [hit for _, hit in nearest_after(session, located, filters, limit, by_distance)]


def nearest_after(
    session: Session,
    located: Point,
    filters: Filters,
    limit: int,
    by_distance: bool = False,
    after: Key | None = None,
) -> list[tuple[Key, Hit]]:
    """As `nearest`, but each hit with its key in the order, and only those whose key is beyond `after`.

    Keys are (metres, id) by distance, else (metres that it counts as, metres, id).
    """
    found = nearest_found(session, located, filters, limit, by_distance, after)
    return [(_key(each, by_distance), each.hit) for each in found]


def nearest_found(
    session: Session,
    located: Point,
    filters: Filters,
    limit: int,
    by_distance: bool = False,
    after: Key | None = None,
) -> list[Found]:
    """As `nearest_after`, with what each is."""
    if limit < 1:
        return []
    ids = few(session, filters, FEW)
    if ids is not None and not ids:
        return []
    look = _Look(
        replace(filters.shape, box=None, venues_too_far=frozenset()),
        limit,
        by_distance,
        is_of_few=ids is not None,
        is_after=after is not None,
        is_in_box=filters.box is not None,
        is_too_far_known=bool(filters.venues_too_far),
    )
    values = _values(dialect_of(session), located, filters, ids, after)
    farthest = HALF_WAY_ROUND_M if filters.within_m is None else min(filters.within_m, HALF_WAY_ROUND_M)
    if ids is not None:
        return _within(session, look, values, located, farthest)
    likely = likely_radius_m(session, located, filters, limit) or FIRST_RADIUS_M
    radius = min(farthest, max(NEXT_STREETS_M, likely, after[-2] if after else 0))
    while True:
        found = _within(session, look, values, located, radius)
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
class _Look:
    """What a statement is made for, values aside: the order, and what is asked. `filters` have no box nor venues.

    `is_of_few` is whether the only ones that can be meant are known, by id; `is_once` whether each is looked for
    at its nearest venue only.
    """

    filters: Filters
    limit: int
    by_distance: bool
    is_of_few: bool
    is_after: bool
    is_in_box: bool
    is_too_far_known: bool
    is_once: bool = False

    @property
    def spare(self) -> int:
        """How many rows likely hold the limit: few have several venues."""
        return self.limit + self.limit // 4 + SPARE


def _within(session: Session, look: _Look, values: Mapping[str, Any], point: Point, radius_m: float) -> list[Found]:
    """The first of those within a circle: all, if fewer than the limit."""
    values = {**values, "radius_m": radius_m, **_edges("tree", box_around(point, radius_m))}
    if not look.is_after:
        nearest_first = _all(session, look, values)
        found = _once(nearest_first)[: look.limit]
        if len(found) == look.limit or len(nearest_first) < look.spare:
            return found
    return _once(_all(session, replace(look, is_once=True), values))


def _all(session: Session, look: _Look, values: Mapping[str, Any]) -> Sequence[Any]:
    """The rows of a statement about no objects of the session, which has nothing to do with them then."""
    session.flush()
    return session.connection().execute(_statement(dialect_of(session), look), values).all()


def _values(
    dialect: str, point: Point, filters: Filters, ids: Sequence[int] | None, after: Key | None
) -> dict[str, Any]:
    """The values that a statement's parameters stand for, but those of the circle."""
    values: dict[str, Any] = {"now": filters.now, "longitude": point.longitude, "latitude": point.latitude}
    if ids is not None:
        values["ids"] = as_parameter(dialect, ids)
    if filters.venues_too_far:
        values["too_far"] = as_parameter(dialect, sorted(filters.venues_too_far))
    if filters.box:
        box = filters.box
        values |= _edges("box", (box.west, box.south, box.east, box.north))
    return values | {f"after_{place}": number for place, number in enumerate(after or ())}


def _edges(name: str, edges: tuple[float, float, float, float]) -> dict[str, float]:
    """The edges of a box as values of parameters."""
    return {f"{name}_{side}": edge for side, edge in zip(SIDES, edges, strict=True)}


@lru_cache(maxsize=KEPT_STATEMENTS)
def _statement(dialect: str, look: _Look) -> Select[Any]:
    """The statement of a look: it takes longer to put together than a small town takes to search."""
    rows = _offers(dialect, look)
    if not look.is_once and not look.is_after:
        return rows.order_by(*_order(rows.selected_columns, look)).limit(look.spare)
    place = func.row_number().over(
        partition_by=Offer.opportunity_id, order_by=(rows.selected_columns.distance_m, Offer.venue_id)
    )
    near = rows.add_columns(place.label("place")).subquery()
    order = _order(near.c, look)
    statement = select(near).where(near.c.place == 1).order_by(*order).limit(look.limit)
    return statement.where(_is_beyond(order)) if look.is_after else statement


def _once(rows: Iterable[Any]) -> list[Found]:
    """Each opportunity of some rows where it stands first."""
    found: dict[int, Found] = {}
    for counted_m, distance_m, number, venue_id, kind, layer, cost_pence, age_min, age_max, *_ in rows:
        if number not in found:
            hit = Hit(float(distance_m), number, venue_id)
            found[number] = Found(float(counted_m), hit, kind, layer, cost_pence, age_min, age_max)
    return list(found.values())


def _order(columns: Any, look: _Look) -> list[ColumnElement[Any]]:
    by_place = [columns.distance_m, columns.opportunity_id]
    # The last tells venues apart that are equally far.
    return [
        *([] if look.by_distance else [columns.counted_m]),
        *by_place,
        *([] if look.is_after else [columns.venue_id]),
    ]


def _key(found: Found, by_distance: bool) -> Key:
    by_place = (found.hit.distance_m, found.hit.opportunity_id)
    return by_place if by_distance else (found.counted_m, *by_place)


def _is_beyond(order: Sequence[ColumnElement[Any]], place: int = 0) -> ColumnElement[bool]:
    """That a row comes after a key in an order: in its first column, or where that is equal in the rest."""
    (column, *others), value = order, _number(f"after_{place}")
    # As a double: where the database counts exactly, the number we have must be the one that it gave.
    number = cast(column, Double)
    if not others:
        return number > value
    return or_(number > value, and_(number == value, _is_beyond(others, place + 1)))


def _offers(dialect: str, look: _Look) -> Select[Any]:
    """Those within a circle that meet the filters, at each of their venues, as the columns of `Found`.

    `counted_m` is how far away it counts for the order.
    """
    filters = look.filters
    near = _venues_near(dialect, look)
    counts: ColumnElement[Any] = literal(1.0)
    if filters.words and not look.by_distance:
        counts = cast(factor(dialect, filters.words, Offer.opportunity_id), Double)
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
        .join(Offer, near.c.venue_id == (Offer.venue_id + 0 if look.is_of_few else Offer.venue_id))
    )
    if look.is_of_few:
        rows = offers_of(dialect, rows)
    if look.is_too_far_known:
        rows = rows.where(near.c.venue_id.not_in(ids_in(dialect, "too_far")))
    return rows.where(near.c.distance_m <= _number("radius_m"), *filters.conditions(dialect, Offer))


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
    distance = _DISTANCES[dialect_of(session)]
    some = ", ".join(f"{each:d}" for each in venue_ids)
    statement = f"SELECT id, {distance} FROM venue WHERE id IN ({some})"  # noqa: S608  (numbers only)
    found = session.connection().exec_driver_sql(statement, (float(point.longitude), float(point.latitude)))
    return {venue_id: float(metres) for venue_id, metres in found}


def _venues_near(dialect: str, look: _Look) -> CTE:
    """The venues in a circle, and perhaps some outside it: (venue_id, distance_m to the millimetre).

    Where few can be meant, only theirs.
    """
    distance = _distance_postgis() if dialect == "postgresql" else _distance_spatialite()
    venues = select(Venue.id.label("venue_id"), distance.label("distance_m"))
    if look.is_of_few:
        link = opportunity_venue.c
        venues = venues.where(Venue.id.in_(select(link.venue_id).where(link.opportunity_id.in_(ids_in(dialect)))))
    elif dialect == "postgresql":
        # The very expression that is indexed: a cast with a type modifier would not be.
        venues = venues.where(func.ST_DWithin(func.geography(Venue.location), _here_postgis(), _number("radius_m") + 1))
    else:
        tree = table("idx_venue_location", *map(column, ("pkid", "xmin", "xmax", "ymin", "ymax")))
        west, south, east, north = (_number(f"tree_{side}") for side in SIDES)
        venues = (
            venues.select_from(tree)
            .join(Venue, Venue.id == tree.c.pkid)
            .where(tree.c.xmin <= east, tree.c.xmax >= west, tree.c.ymin <= north, tree.c.ymax >= south)
        )
    if look.is_in_box:
        west, south, east, north = (_number(f"box_{side}") for side in SIDES)
        venues = venues.where(Venue.longitude.between(west, east), Venue.latitude.between(south, north))
    return venues.cte("near").prefix_with("MATERIALIZED")


def _number(name: str) -> ColumnElement[Any]:
    """A parameter that is a number."""
    return bindparam(name, type_=Double)


def _distance_postgis() -> ColumnElement[Any]:
    return func.round(cast(func.ST_Distance(func.geography(Venue.location), _here_postgis()), Numeric), 3)


def _here_postgis() -> ColumnElement[Any]:
    return func.geography(func.ST_SetSRID(func.ST_MakePoint(_number("longitude"), _number("latitude")), 4326))


def _distance_spatialite() -> ColumnElement[Any]:
    here = func.MakePoint(_number("longitude"), _number("latitude"), 4326)
    # The third argument makes it metres on the ellipsoid instead of degrees.
    return func.round(func.ST_Distance(Venue.location, here, 1), 3)
