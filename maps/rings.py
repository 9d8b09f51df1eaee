"""The map without JavaScript and on paper: numbered pins on rings of distance, north up."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from catalogue.earth import Point
from catalogue.filters import METRES_PER_MILE
from search.results import Stop, number_label

SIZE = 400.0
MIDDLE = SIZE / 2
OUTER_RADIUS = 170.0
PIN_RADIUS = 12.0
MOST_HIDDEN = 0.03  # of a pin's face, by another
RINGS = 4
STEPS_MILES = (0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 50, 100, 200)
EARTH_MILES = 3958.8

Spot = tuple[float, float]
"""Where something stands, in units of the drawing: to the right, and down."""


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

    @property
    def half_width(self) -> float:
        return max(PIN_RADIUS, 3.4 * len(self.label) + 6)

    @property
    def area(self) -> float:
        """Of its face, which is a box."""
        return 4 * self.half_width * PIN_RADIUS

    def overlap(self, other: "RingPin") -> float:
        """The area that its face shares with another's."""
        across = self.half_width + other.half_width - abs(self.x - other.x)
        down = 2 * PIN_RADIUS - abs(self.y - other.y)
        # No more than the whole of the narrower, where one lies in the other.
        across = min(across, 2 * self.half_width, 2 * other.half_width)
        return max(0.0, across) * max(0.0, down)


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
    spots = [spot(middle, mark.point, mark.distance_miles * units_per_mile) for mark in marks]
    return Rings(circles, _merge(spots, marks))


def _mark(stop: Stop) -> Mark:
    layers = {each.card.opportunity.layer.value for each in stop.cards}
    numbers = [each.number for each in stop.cards]
    layer = layers.pop() if len(layers) == 1 else ""
    return Mark(stop.venue, numbers, layer, stop.distance_m / METRES_PER_MILE)


def spot(located: Point, there: Point, radius: float) -> Spot:
    """Where something stands in the drawing that is `radius` units from the middle."""
    bearing = initial_bearing(located.latitude, located.longitude, there.latitude, there.longitude)
    return MIDDLE + radius * math.sin(bearing), MIDDLE - radius * math.cos(bearing)


def _merge(spots: Sequence[Spot], marks: Sequence[Mark]) -> list[RingPin]:
    """The pins of marks: those that would touch are one, and so are pins that would hide much of one another."""
    pins = [_pin([spots[each] for each in group], [marks[each] for each in group]) for group in _touching(spots)]
    while pair := _hidden(pins):
        one, other = pair
        rest = [pin for pin in pins if pin is not one and pin is not other]
        pins = [*rest, _joined(one, other)]
    return pins


def _touching(spots: Sequence[Spot]) -> list[list[int]]:
    """The numbers of the spots, those in one list whose pins touch, one after another if need be."""
    groups: list[list[int]] = []
    for number, here in enumerate(spots):
        near = [group for group in groups if any(math.dist(here, spots[each]) <= 2 * PIN_RADIUS for each in group)]
        groups = [group for group in groups if group not in near]
        groups.append(sorted([number, *(each for group in near for each in group)]))
    return groups


def _pin(spots: Sequence[Spot], members: Sequence[Mark]) -> RingPin:
    """The pin of marks, in the middle of where they stand: several at one place count there once."""
    places = set(spots)
    x, y = (sum(place[axis] for place in places) / len(places) for axis in (0, 1))
    layers = {mark.layer for mark in members}
    numbers = sorted(number for mark in members for number in mark.numbers)
    return RingPin(round(x, 1), round(y, 1), numbers, layers.pop() if len(layers) == 1 else "")


def _joined(one: RingPin, other: RingPin) -> RingPin:
    """One pin for two, nearer to the one with more numbers."""
    many, few = len(one.numbers), len(other.numbers)
    x, y = ((a * many + b * few) / (many + few) for a, b in ((one.x, other.x), (one.y, other.y)))
    layer = one.layer if one.layer == other.layer else ""
    return RingPin(round(x, 1), round(y, 1), sorted([*one.numbers, *other.numbers]), layer)


def _hidden(pins: Sequence[RingPin]) -> tuple[RingPin, RingPin] | None:
    """The two pins of which one hides most of the other, if any hides more than may be."""
    shares = [
        (pin.overlap(other) / min(pin.area, other.area), number, before)
        for number, pin in enumerate(pins)
        for before, other in enumerate(pins[:number])
    ]
    share, number, before = max(shares, default=(0.0, 0, 0))
    return (pins[number], pins[before]) if share > MOST_HIDDEN else None


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
