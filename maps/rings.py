"""The map without JavaScript and on paper: numbered pins on rings of distance, north up."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from shapely import Point as Dot
from shapely import unary_union
from shapely.geometry.base import BaseGeometry

from catalogue.filters import METRES_PER_MILE
from catalogue.nearest import Point
from search.results import NumberedCard, Stop, number_label

SIZE = 400.0
MIDDLE = SIZE / 2
OUTER_RADIUS = 170.0
PIN_RADIUS = 12.0
RINGS = 4
STEPS_MILES = (0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 50, 100, 200)


@dataclass(frozen=True, slots=True)
class Ring:
    """A circle around the middle. `radius` is in units of the drawing."""

    radius: float
    distance_miles: float


@dataclass(frozen=True, slots=True)
class RingPin:
    """One or more stops that would touch in the drawing, at `x` and `y` in its units."""

    x: float
    y: float
    label: str
    layer: str


@dataclass(frozen=True, slots=True)
class Rings:
    """A drawing `SIZE` units wide and high, with the person in the middle."""

    rings: Sequence[Ring]
    pins: Sequence[RingPin]
    size: float = SIZE
    middle: float = MIDDLE
    pin_radius: float = PIN_RADIUS


def draw(located: Point, stops: Sequence[Stop], least_miles: float = 0.0) -> Rings:
    """Place the stops of a page around where the person is, each at its true distance and bearing.

    Stops that would lie on top of one another become one pin with all their numbers.
    The outermost ring is at least `least_miles` away.
    """
    farthest = max(least_miles, *(stop.distance_m / METRES_PER_MILE for stop in stops), 0.0)
    step = next((step for step in STEPS_MILES if step * RINGS >= farthest), math.ceil(farthest / RINGS))
    units_per_mile = OUTER_RADIUS / (step * RINGS)
    circles = [Ring(number * step * units_per_mile, number * step) for number in range(1, RINGS + 1)]
    points = [_point(located, stop, units_per_mile) for stop in stops]
    return Rings(circles, _merge(points, stops))


def _point(located: Point, stop: Stop, units_per_mile: float) -> Dot:
    return Dot(spot(located, stop.venue, stop.distance_m / METRES_PER_MILE * units_per_mile))


def spot(located: Point, there: Point, radius: float) -> tuple[float, float]:
    """Where something stands in the drawing that is `radius` units from the middle."""
    bearing = initial_bearing(located.latitude, located.longitude, there.latitude, there.longitude)
    return MIDDLE + radius * math.sin(bearing), MIDDLE - radius * math.cos(bearing)


def _merge(points: list[Dot], stops: Sequence[Stop]) -> list[RingPin]:
    blob = unary_union([point.buffer(PIN_RADIUS) for point in points])
    pins = []
    for part in getattr(blob, "geoms", [blob]):
        members = [stop for point, stop in zip(points, stops, strict=True) if part.covers(point)]
        if members:
            pins.append(_pin(part, members))
    return pins


def _pin(part: BaseGeometry, members: list[Stop]) -> RingPin:
    cards: list[NumberedCard] = [card for stop in members for card in stop.cards]
    return RingPin(
        round(part.centroid.x, 1),
        round(part.centroid.y, 1),
        number_label(sorted(card.number for card in cards)),
        cards[0].card.opportunity.layer.value,
    )


def initial_bearing(latitude: float, longitude: float, to_latitude: float, to_longitude: float) -> float:
    """The direction in which to set out, in radians clockwise from north, on a sphere.

    https://en.wikipedia.org/wiki/Great-circle_navigation#Course. The ellipsoid would differ by at most 0.2 degrees.
    """
    start, end = math.radians(latitude), math.radians(to_latitude)
    across = math.radians(to_longitude - longitude)
    return math.atan2(
        math.sin(across) * math.cos(end),
        math.cos(start) * math.sin(end) - math.sin(start) * math.cos(end) * math.cos(across),
    )
