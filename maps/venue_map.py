"""A small drawn map of where an opportunity is: its doors on rings of distance, among the names of places."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalogue.filters import METRES_PER_MILE
from catalogue.models import Opportunity
from catalogue.nearest import Point
from catalogue.queries import Card
from gazetteer.table import Place, Table
from maps.rings import MIDDLE, OUTER_RADIUS, SIZE, RingPin, Rings, draw, spot
from search.results import NumberedCard, Stop

LEAST_MILES = 1.0
LEAST_MILES_AROUND_A_DOOR = 2.0
MOST_PLACES = 7
EARTH_MILES = 3958.8
CHARACTER_WIDTH = 7.0  # of a label, in units of the drawing, generously
LABEL_HEIGHT = 16.0
DOT_GAP = 6.0
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class PlaceLabel:
    """A place's dot, in units of the drawing, and its name, to the right of the dot or to its left."""

    x: float
    y: float
    name: str
    is_left: bool

    @property
    def text_x(self) -> float:
        return round(self.x + (-DOT_GAP if self.is_left else DOT_GAP), 1)

    @property
    def box(self) -> Box:
        """What its text and dot cover: left, top, right, bottom."""
        width = DOT_GAP + CHARACTER_WIDTH * len(self.name)
        left, right = (self.x - width, self.x + 3) if self.is_left else (self.x - 3, self.x + width)
        return left, self.y - LABEL_HEIGHT / 2, right, self.y + LABEL_HEIGHT / 2


@dataclass(frozen=True, slots=True)
class VenueMap:
    """A drawing with the person in the middle, or else the first of the doors."""

    rings: Rings
    places: Sequence[PlaceLabel]
    is_around_person: bool


def venue_map(
    table: Table, person: Point | None, opportunity: Opportunity, distances_miles: Mapping[int, float]
) -> VenueMap:
    """Draw where an opportunity with venues is.

    Args:
        table: where the names of places come from.
        person: where the person is, in the middle; None for the first venue.
        opportunity: with its venues, which are numbered in their order.
        distances_miles: how far each venue is from the middle, by id.
    """
    middle: Point = person or opportunity.venues[0]
    least = LEAST_MILES if person else LEAST_MILES_AROUND_A_DOOR
    rings = draw(middle, _stops(opportunity, distances_miles), least)
    return VenueMap(rings, _labels(table, middle, rings), person is not None)


def _stops(opportunity: Opportunity, distances_miles: Mapping[int, float]) -> list[Stop]:
    return [
        Stop(venue, [NumberedCard(number, Card(opportunity, None, venue, distances_miles[venue.id] * METRES_PER_MILE))])
        for number, venue in enumerate(opportunity.venues, start=1)
        # One that was taken away meanwhile has no distance.
        if venue.id in distances_miles
    ]


def _labels(table: Table, middle: Point, rings: Rings) -> list[PlaceLabel]:
    """The largest places in the drawing whose names cover neither a pin, nor the middle, nor one another."""
    outermost = rings.rings[-1].distance_miles
    taken = [_around(pin) for pin in rings.pins]
    taken += [(MIDDLE - 12, MIDDLE - 12, MIDDLE + 12, MIDDLE + 12)]
    # The arrow to the north stands at the top, the distances below the middle.
    taken += [(MIDDLE - 10, 0, MIDDLE + 10, 18)]
    taken += [(MIDDLE - 22, MIDDLE + ring.radius - 8, MIDDLE + 22, MIDDLE + ring.radius + 8) for ring in rings.rings]
    found: list[PlaceLabel] = []
    reach_m = outermost * MIDDLE / OUTER_RADIUS * METRES_PER_MILE
    for place in table.places_around(middle.latitude, middle.longitude, reach_m):
        label = _label(middle, place, outermost, taken)
        if label and len(found) < MOST_PLACES:
            found.append(label)
            taken.append(label.box)
    return found


def _label(middle: Point, place: Place, outermost: float, taken: list[Box]) -> PlaceLabel | None:
    x, y = spot(middle, place, _miles(middle, place) / outermost * OUTER_RADIUS)
    sides = (PlaceLabel(round(x, 1), round(y, 1), place.name, is_left) for is_left in (x > MIDDLE, x <= MIDDLE))
    return next((label for label in sides if _is_free(label.box, taken)), None)


def _is_free(box: Box, taken: list[Box]) -> bool:
    left, top, right, bottom = box
    is_inside = left >= 0 and right <= SIZE and top >= 0 and bottom <= SIZE
    return is_inside and not any(_overlap(box, other) for other in taken)


def _overlap(one: Box, other: Box) -> bool:
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


def _around(pin: RingPin) -> Box:
    half = max(14.0, 4.0 * len(pin.label) + 8)
    return pin.x - half, pin.y - 16, pin.x + half, pin.y + 16


def _miles(here: Point, there: Point) -> float:
    """On a sphere, which is near enough for where a name stands: https://en.wikipedia.org/wiki/Haversine_formula."""
    north, other_north = math.radians(here.latitude), math.radians(there.latitude)
    east = math.radians(there.longitude - here.longitude)
    half = math.sin((other_north - north) / 2) ** 2 + math.cos(north) * math.cos(other_north) * math.sin(east / 2) ** 2
    return 2 * EARTH_MILES * math.asin(math.sqrt(half))
