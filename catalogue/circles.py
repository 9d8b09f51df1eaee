"""How far to look: a radius that fits the place, and what wider circles would hold."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf, isinf

from sqlalchemy.orm import Session

from catalogue.filters import METRES_PER_MILE, Filters
from catalogue.nearest import FIRST_RADIUS_M, Hit, Point, nearest
from catalogue.queries import COUNT_BOUND, count_with_venue

LADDER_MILES = (1.0, 2.0, 5.0, 10.0, 25.0, 50.0)
ENOUGH = 30  # a page and a half: something to choose from, and an end


@dataclass(frozen=True, slots=True)
class Circle:
    """A radius, and how many opportunities lie within it, counted to at most `COUNT_BOUND`."""

    miles: float
    count: int


def fitting_radius(session: Session, point: Point, filters: Filters) -> float:
    """The smallest radius of the ladder, in miles, within which there is enough to choose from.

    It follows from all that is on offer there, not from the filters of a search, so
    that it does not jump while they change: one mile in a dense city, the whole
    ladder in a place with little near.
    """
    everything = Filters(now=filters.now, within_miles=LADDER_MILES[-1])
    hits = nearest(session, point, everything, ENOUGH)
    if len(hits) < ENOUGH:
        return LADDER_MILES[-1]
    return next(miles for miles in LADDER_MILES if hits[-1].distance_m <= miles * METRES_PER_MILE)


def circles(
    session: Session,
    point: Point,
    filters: Filters,
    radius_miles: float,
    slack_miles: float = 0.0,
    first_radius_m: float = FIRST_RADIUS_M,
    also_miles: Sequence[float] = (),
) -> tuple[list[Hit], list[Circle]]:
    """Look around a point: what lies within a radius, and how much within each circle of the ladder.

    Args:
        filters: without a distance.
        radius_miles: infinite for any distance.
        slack_miles: how much farther a search looks than it says, where its point is the middle of an area.
        first_radius_m: the first circle to try, as for `nearest`.
        also_miles: further radii to count.

    Returns:
        The hits within the radius by distance, at most `COUNT_BOUND`; the circles,
        the smallest first: those of the ladder, the radius, the further ones and any distance.
    """
    reach = max(radius_miles, LADDER_MILES[-1], *also_miles) + slack_miles
    within = replace(filters, within_miles=None if isinf(reach) else reach)
    hits = nearest(session, point, within, COUNT_BOUND, first_radius_m, by_distance=True)
    inside = [hit for hit in hits if hit.distance_m <= (radius_miles + slack_miles) * METRES_PER_MILE]
    distances = [hit.distance_m for hit in hits]
    ladder = sorted({*LADDER_MILES, *also_miles, radius_miles} - {inf})
    counted = [Circle(miles, bisect_right(distances, (miles + slack_miles) * METRES_PER_MILE)) for miles in ladder]
    return inside, [*counted, Circle(inf, count_with_venue(session, filters))]


def wider(circles: Sequence[Circle], radius_miles: float) -> list[Circle]:
    """Of some circles, those beyond a radius that hold more than the one before; any distance is not among them."""
    held = next(circle.count for circle in circles if circle.miles == radius_miles)
    found = []
    for circle in circles:
        if circle.miles in LADDER_MILES and circle.miles > radius_miles and circle.count > held:
            found.append(circle)
            held = circle.count
    return found
