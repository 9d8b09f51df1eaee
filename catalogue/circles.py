"""How far to look: a radius that fits the place, and what wider circles would hold."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf, isinf

from sqlalchemy.orm import Session

from catalogue.earth import Point
from catalogue.filters import METRES_PER_MILE, Filters
from catalogue.nearest import Found, nearest_found
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
    return fitting(nearest_found(session, point, everything, ENOUGH))


def fitting(everything: Sequence[Found]) -> float:
    """The same, where it is known what is on offer: at least the nearest `ENOUGH` within the ladder, by distance."""
    if len(everything) < ENOUGH:
        return LADDER_MILES[-1]
    farthest_m = everything[ENOUGH - 1].hit.distance_m
    return next((miles for miles in LADDER_MILES if farthest_m <= miles * METRES_PER_MILE), LADDER_MILES[-1])


def around(
    session: Session,
    point: Point,
    filters: Filters,
    radius_miles: float,
    slack_miles: float = 0.0,
    also_miles: Sequence[float] = (),
) -> list[Found]:
    """Look around a point, at least as far as the ladder goes: the nearest `COUNT_BOUND`, by distance.

    Args:
        filters: without a distance.
        radius_miles: infinite for any distance.
        slack_miles: how much farther a search looks than it says, where its point is the middle of an area.
        also_miles: further radii that are to be counted.
    """
    reach = max(radius_miles, LADDER_MILES[-1], *also_miles) + slack_miles
    within = replace(filters, within_miles=None if isinf(reach) else reach)
    return nearest_found(session, point, within, COUNT_BOUND, by_distance=True)


def circles(
    session: Session,
    filters: Filters,
    found: Sequence[Found],
    radius_miles: float,
    slack_miles: float = 0.0,
    also_miles: Sequence[float] = (),
) -> list[Circle]:
    """How much lies within each circle: those of the ladder, the radius, the further ones and any distance.

    Args:
        found: what `around` found with the same radii.

    Returns:
        The circles, the smallest first.
    """
    distances = [each.hit.distance_m for each in found]
    ladder = sorted({*LADDER_MILES, *also_miles, radius_miles} - {inf})
    counted = [Circle(miles, bisect_right(distances, (miles + slack_miles) * METRES_PER_MILE)) for miles in ladder]
    # Where there are so many near, there are as many anywhere.
    anywhere = COUNT_BOUND if len(found) >= COUNT_BOUND else count_with_venue(session, filters)
    return [*counted, Circle(inf, anywhere)]


def wider(circles: Sequence[Circle], radius_miles: float) -> list[Circle]:
    """Of some circles, those beyond a radius that hold more than the one before; any distance is not among them."""
    held = next(circle.count for circle in circles if circle.miles == radius_miles)
    found = []
    for circle in circles:
        if circle.miles in LADDER_MILES and circle.miles > radius_miles and circle.count > held:
            found.append(circle)
            held = circle.count
    return found
