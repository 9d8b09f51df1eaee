"""The map without JavaScript and on paper: numbered pins on rings of distance, north up."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shapely import Point as Dot
from shapely import unary_union

from catalogue.filters import METRES_PER_MILE
from catalogue.nearest import Point
from search.results import Stop, number_label

SIZE = 400.0
MIDDLE = SIZE / 2
OUTER_RADIUS = 170.0
PIN_RADIUS = 12.0
RINGS = 4
STEPS_MILES = (0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 50, 100, 200)
EARTH_MILES = 3958.8


@dataclass(frozen=True, slots=True)
class Ring:
    """A circle around the middle. `radius` is in units of the drawing."""

    radius: float
    distance_miles: float


@dataclass(frozen=True, slots=True)
class Mark:
    """Something to draw at a point: its numbers in ascending order, its layer (empty for several), how far it is."""

    point: Point
    numbers: Sequence[int]
    layer: str
    distance_miles: float


@dataclass(frozen=True, slots=True)
class RingPin:
    """One or more marks that would touch in the drawing, at `x` and `y` in its units.

    `layer` is empty where theirs differ.
    """

    x: float
    y: float
    numbers: Sequence[int]
    layer: str

    @property
    def label(self) -> str:
        return number_label(self.numbers)


@dataclass(frozen=True, slots=True)
class Rings:
    """A drawing `SIZE` units wide and high, with the person in the middle."""

    rings: Sequence[Ring]
    pins: Sequence[RingPin]
    size: float = SIZE
    middle: float = MIDDLE
    pin_radius: float = PIN_RADIUS


def draw(located: Point, stops: Iterable[Stop], least_miles: float = 0.0) -> Rings:
    """Place the stops of a page around where the person is, as `around` does."""
    return around(located, [_mark(stop) for stop in stops], least_miles)


def around(middle: Point, marks: Sequence[Mark], least_miles: float = 0.0) -> Rings:
    """Place marks around a point, each at its true distance and bearing.

    Marks that would lie on top of one another become one pin with all their numbers.
    The outermost ring is at least `least_miles` away.
    """
    farthest = max(least_miles, *(mark.distance_miles for mark in marks), 0.0)
    step = next((step for step in STEPS_MILES if step * RINGS >= farthest), math.ceil(farthest / RINGS))
    units_per_mile = OUTER_RADIUS / (step * RINGS)
    circles = [Ring(number * step * units_per_mile, number * step) for number in range(1, RINGS + 1)]
    dots = [Dot(spot(middle, mark.point, mark.distance_miles * units_per_mile)) for mark in marks]
    return Rings(circles, _merge(dots, marks))


def _mark(stop: Stop) -> Mark:
    layers = {each.card.opportunity.layer.value for each in stop.cards}
    numbers = [each.number for each in stop.cards]
    layer = layers.pop() if len(layers) == 1 else ""
    return Mark(stop.venue, numbers, layer, stop.distance_m / METRES_PER_MILE)


def spot(located: Point, there: Point, radius: float) -> tuple[float, float]:
    """Where something stands in the drawing that is `radius` units from the middle."""
    bearing = initial_bearing(located.latitude, located.longitude, there.latitude, there.longitude)
    return MIDDLE + radius * math.sin(bearing), MIDDLE - radius * math.cos(bearing)


def _merge(dots: list[Dot], marks: Sequence[Mark]) -> list[RingPin]:
    blob = unary_union([dot.buffer(PIN_RADIUS) for dot in dots])
    pins = []
    for part in getattr(blob, "geoms", [blob]):
        members = [mark for dot, mark in zip(dots, marks, strict=True) if part.covers(dot)]
        if members:
            numbers = sorted(number for mark in members for number in mark.numbers)
            layer = members[0].layer if len({mark.layer for mark in members}) == 1 else ""
            pins.append(RingPin(round(part.centroid.x, 1), round(part.centroid.y, 1), numbers, layer))
    return pins


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


def miles_between(here: Point, there: Point) -> float:
    """On a sphere, which is near enough for where something stands in a drawing.

    https://en.wikipedia.org/wiki/Haversine_formula
    """
    north, other_north = math.radians(here.latitude), math.radians(there.latitude)
    east = math.radians(there.longitude - here.longitude)
    half = math.sin((other_north - north) / 2) ** 2 + math.cos(north) * math.cos(other_north) * math.sin(east / 2) ** 2
    return 2 * EARTH_MILES * math.asin(math.sqrt(half))
