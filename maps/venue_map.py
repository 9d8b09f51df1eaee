"""A small drawn map of where an opportunity is: its doors on rings of distance, among the names of places."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalogue.earth import Point
from catalogue.filters import METRES_PER_MILE
from catalogue.models import Opportunity
from catalogue.queries import Card
from gazetteer.table import Table
from maps.place_names import PlaceLabel, place_names
from maps.rings import Rings, draw
from search.results import NumberedCard, Stop

LEAST_MILES = 1.0
LEAST_MILES_AROUND_A_DOOR = 2.0


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
    return VenueMap(rings, place_names(table, middle, rings), person is not None)


def _stops(opportunity: Opportunity, distances_miles: Mapping[int, float]) -> list[Stop]:
    return [
        Stop(venue, [NumberedCard(number, Card(opportunity, None, venue, distances_miles[venue.id] * METRES_PER_MILE))])
        for number, venue in enumerate(opportunity.venues, start=1)
        # One that was taken away meanwhile has no distance.
        if venue.id in distances_miles
    ]
