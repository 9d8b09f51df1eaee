"""The names of places on a drawn map, for people to know where they are."""

from collections.abc import Sequence
from dataclasses import dataclass

from catalogue.earth import Point
from catalogue.filters import METRES_PER_MILE
from gazetteer.table import Place, Table
from maps.rings import MIDDLE, OUTER_RADIUS, SIZE, RingPin, Rings, draw, miles_between, spot
from search.results import Stop

MOST_PLACES = 7
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
class Drawing:
    """A page of results around a point: its pins on rings, and the names of places between them."""

    rings: Rings
    places: Sequence[PlaceLabel]


def draw_results(table: Table, middle: Point, stops: Sequence[Stop]) -> Drawing:
    rings = draw(middle, stops)
    return Drawing(rings, place_names(table, middle, rings))


def place_names(table: Table, middle: Point, rings: Rings) -> list[PlaceLabel]:
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


def _label(middle: Point, place: Place, outermost: float, taken: Sequence[Box]) -> PlaceLabel | None:
    x, y = spot(middle, place, miles_between(middle, place) / outermost * OUTER_RADIUS)
    sides = (PlaceLabel(round(x, 1), round(y, 1), place.name, is_left) for is_left in (x > MIDDLE, x <= MIDDLE))
    return next((label for label in sides if _is_free(label.box, taken)), None)


def _is_free(box: Box, taken: Sequence[Box]) -> bool:
    left, top, right, bottom = box
    is_inside = left >= 0 and right <= SIZE and top >= 0 and bottom <= SIZE
    return is_inside and not any(_overlap(box, other) for other in taken)


def _overlap(one: Box, other: Box) -> bool:
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


def _around(pin: RingPin) -> Box:
    """What a pin covers, with the steps that it stands on."""
    half = max(14.0, 4.0 * len(pin.label) + 8)
    return pin.x - half, pin.y - 16, pin.x + half, pin.y + 26
