"""How far to look: a radius that fits the place, and what wider circles would hold."""

from bisect import bisect_right
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from catalogue.filters import METRES_PER_MILE, Filters
from catalogue.nearest import Point, nearest
from catalogue.queries import COUNT_BOUND

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


def wider_circles(
    session: Session, point: Point, filters: Filters, radius_miles: float, slack_miles: float = 0.0
) -> list[Circle]:
    """The circles of the ladder beyond a radius that hold more than the one before, with their counts.

    `slack_miles` is how much farther a search looks than it says, where its point is the middle of an area.
    """
    wider = [miles for miles in LADDER_MILES if miles > radius_miles]
    if not wider:
        return []
    hits = nearest(session, point, replace(filters, within_miles=wider[-1] + slack_miles), COUNT_BOUND)
    distances = [hit.distance_m for hit in hits]
    known = bisect_right(distances, (radius_miles + slack_miles) * METRES_PER_MILE)
    found = []
    for miles in wider:
        count = bisect_right(distances, (miles + slack_miles) * METRES_PER_MILE)
        if count > known:
            found.append(Circle(miles, count))
            known = count
    return found
