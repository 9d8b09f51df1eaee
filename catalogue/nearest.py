"""The nearest opportunities to a point, in exact geodesic order, by SQL of each database's own.

The venues within a growing circle are found through the spatial index, then their opportunities; the circle begins
where it likely holds enough, and grows until it does. Where only few in the whole catalogue have the words, the skill,
the badge, the provider or a sitting on the days that are asked for, these lead the way instead, and so do those that
have the words in the squares of the map around the circle, unless they are very many. A search by words orders by
distance too, but counts a match as farther away the less of it is in the title (`catalogue.matching.FACTORS`).
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from catalogue.density import likely_radius_m
from catalogue.earth import Point, box_around
from catalogue.few import as_parameter, few
from catalogue.filters import Filters
from catalogue.matching import Query, count_within, ids_within, parameters
from catalogue.nearest_rows import NEXT_DOOR_M, SIDES, Look, statement
from catalogue.squares import covering
from database.engine import dialect_of
from database.plain import plain_rows

NEXT_STREETS_M = 250.0  # the least circle
FIRST_RADIUS_M = 1_600.0  # where nobody knows how much there is: a small circle more costs less than one too large
FEW = 1_000  # so many are found wherever they are, and not by circles
FEW_NEAR = 20_000  # so many that have the words around a circle are looked at, and not all else in it
GROWTH = 4.0
LEAST_GROWTH = 2.0
# Where words are looked for: to count those that have them costs little, to look at each that has them much.
WORDS_GROWTH = 8.0
LEAST_WORDS_GROWTH = 1.3
LAST_CIRCLE_M = 300_000.0
HALF_WAY_ROUND_M = 20_040_000.0


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
    look = Look(
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
    if filters.words:
        radius = _radius_of_words(session, filters.words, located, limit, radius, farthest)
    while True:
        found = _around(session, look, values, located, radius)
        # What lies beyond the circle counts as at least so far away.
        is_full = len(found) == limit and (by_distance or found[-1].counted_m <= radius + NEXT_DOOR_M)
        if is_full or radius >= farthest:
            return found
        if radius >= LAST_CIRCLE_M:
            # Where there is little in a day's travel, one last look beats several that each begin again.
            radius = farthest
        elif filters.words:
            # Nothing that is farther away than the last counts comes before it.
            wanted = found[-1].counted_m if len(found) == limit else HALF_WAY_ROUND_M
            radius = min(farthest, wanted, radius * max(LEAST_WORDS_GROWTH, _growth(len(found), limit)))
        else:
            radius = min(farthest, radius * max(LEAST_GROWTH, _growth(len(found), limit)))


def _radius_of_words(
    session: Session, words: Query, point: Point, limit: int, radius_m: float, farthest_m: float
) -> float:
    """The radius, or one so much larger that enough have the words in the squares around it: the words' own index says
    so at once.
    """
    while radius_m < farthest_m and (squares := covering(point, radius_m)):
        held = count_within(session, words, squares, 2 * limit)
        if held == 2 * limit:
            break
        radius_m = min(farthest_m, radius_m * max(LEAST_WORDS_GROWTH, _growth(held, 2 * limit, WORDS_GROWTH)))
    return radius_m


def _growth(found: int, limit: int, most: float = GROWTH) -> float:
    """How much wider the next circle is: as would do if there were as much everywhere, and some more."""
    return min(most, math.sqrt(1.5 * limit / max(1, found)))


def _around(session: Session, look: Look, values: Mapping[str, Any], point: Point, radius_m: float) -> list[Found]:
    """As `_within`, by the words around the circle, if there are any."""
    words = look.filters.words
    squares = covering(point, radius_m) if words else None
    if not words or not squares:
        return _within(session, look, values, point, radius_m)
    dialect = dialect_of(session)
    values = {**values, **parameters(dialect, words, squares)}
    ids = ids_within(session, words, squares, FEW_NEAR + 1)
    if len(ids) <= FEW_NEAR:
        look = replace(look, is_of_few=True, has_words=True)
        values["ids"] = as_parameter(dialect, ids)
    return _within(session, look, values, point, radius_m)


def _within(session: Session, look: Look, values: Mapping[str, Any], point: Point, radius_m: float) -> list[Found]:
    """The first of those within a circle: all, if fewer than the limit."""
    values = {**values, "radius_m": radius_m, **_edges("tree", box_around(point, radius_m))}
    if not look.is_after:
        nearest_first = _all(session, look, values)
        found = _once(nearest_first)[: look.limit]
        if len(found) == look.limit or len(nearest_first) < look.spare:
            return found
    return _once(_all(session, replace(look, is_once=True), values))


def _all(session: Session, look: Look, values: Mapping[str, Any]) -> Sequence[Any]:
    return plain_rows(session, statement(dialect_of(session), look), values)


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


def _once(rows: Iterable[Any]) -> list[Found]:
    """Each opportunity of some rows where it stands first."""
    found: dict[int, Found] = {}
    for counted_m, distance_m, number, venue_id, kind, layer, cost_pence, age_min, age_max, *_ in rows:
        if number not in found:
            hit = Hit(float(distance_m), number, venue_id)
            found[number] = Found(float(counted_m), hit, kind, layer, cost_pence, age_min, age_max)
    return list(found.values())


def _key(found: Found, by_distance: bool) -> Key:
    by_place = (found.hit.distance_m, found.hit.opportunity_id)
    return by_place if by_distance else (found.counted_m, *by_place)
