"""A pathway on a drawn map: its steps as numbered stops, joined by a line in step order.

For the page of a pathway:

    drawing = stops_map(table, stops, located)         # None without stops
    {% if drawing %}{% include "maps/_stops.html" %}{% endif %}

with css/drawn-map.css among its styles. The template reads `drawing` and, if it is given, `map_data`: with

    map_data = maps.leaflet_data.of_stops(drawing)

css/map.css among the styles and js/map-loader.js among the scripts it also offers a map that can be moved, for
which Leaflet is fetched only once somebody asks.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from catalogue.earth import Point
from catalogue.words import Layer
from gazetteer.table import Table
from maps.place_names import PlaceLabel, place_names
from maps.rings import Mark, RingPin, Rings, around, miles_between

LEAST_MILES = 1.0


@dataclass(frozen=True, slots=True)
class PathwayStop:
    """A step of a pathway and where it is done. `number` is the step's, `name` what stands there, such as a venue.

    Coordinates are WGS 84 degrees.
    """

    number: int
    layer: Layer
    latitude: float
    longitude: float
    name: str


@dataclass(frozen=True, slots=True)
class StopsMap:
    """A drawing of stops.

    The person is in the middle, with rings of distance; without one the middle is that of the stops, and a
    scale says how far is far. `line` are the points of the line, in units of the drawing and in step order.
    """

    stops: Sequence[PathwayStop]
    origin: Point | None
    rings: Rings
    line: Sequence[tuple[float, float]]
    places: Sequence[PlaceLabel]

    @property
    def is_around_person(self) -> bool:
        return self.origin is not None


@dataclass(frozen=True, slots=True)
class _Middle:
    latitude: float
    longitude: float


def stops_map(table: Table, stops: Sequence[PathwayStop], origin: Point | None) -> StopsMap | None:
    """Draw the stops of a pathway, at least one, or else None.

    Args:
        table: where the names of places come from.
        stops: in step order; a step that has no place is left out of them.
        origin: where the person is; None if that is not known.
    """
    if not stops:
        return None
    middle = origin or _middle(stops)
    marks = [Mark(stop, [stop.number], stop.layer.value, miles_between(middle, stop)) for stop in stops]
    rings = around(middle, marks, LEAST_MILES)
    return StopsMap(stops, origin, rings, _line(stops, rings.pins), place_names(table, middle, rings))


def _middle(stops: Sequence[PathwayStop]) -> _Middle:
    latitudes, longitudes = [stop.latitude for stop in stops], [stop.longitude for stop in stops]
    return _Middle((min(latitudes) + max(latitudes)) / 2, (min(longitudes) + max(longitudes)) / 2)


def _line(stops: Sequence[PathwayStop], pins: Sequence[RingPin]) -> list[tuple[float, float]]:
    """From pin to pin as the steps go; one after another at the same pin are one point."""
    at = {number: (pin.x, pin.y) for pin in pins for number in pin.numbers}
    points = [at[stop.number] for stop in stops]
    return [point for before, point in zip([None, *points], points, strict=False) if point != before]
