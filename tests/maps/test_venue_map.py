"""The drawn map of an opportunity: true distances and bearings, and names that do not lie on top of anything."""

import itertools
import math

import pytest
from geopy.distance import geodesic
from sqlalchemy.orm import Session

from catalogue import queries
from catalogue.models import Opportunity, Venue
from catalogue.words import Kind
from gazetteer.locate import Located, Precision
from gazetteer.table import Table
from maps.rings import MIDDLE, OUTER_RADIUS, SIZE
from maps.venue_map import VenueMap, venue_map
from tests.catalogue.factories import opportunity, venue

PLYMOUTH = (50.3714, -4.1422)
LEEDS = (53.7974, -1.5438)
TOWNS = {
    "Plymouth": PLYMOUTH,
    "Leeds": LEEDS,
    "Beckenham": (51.4087, -0.0253),
    "Lerwick": (60.1545, -1.149),
}


@pytest.fixture
def drawn(session: Session, table: Table) -> "Draw":
    return Draw(session, table)


class Draw:
    """Draws the map of an opportunity at some points: `drawn(None, point, point)`."""

    def __init__(self, session: Session, table: Table) -> None:
        self.session = session
        self.table = table

    def __call__(self, person: tuple[float, float] | None, *doors: tuple[float, float]) -> VenueMap:
        one = opportunity(*(venue(*door) for door in doors), kind=Kind.EVENT)
        self.session.add(one)
        self.session.flush()
        self.session.expire_all()
        return self.draw(one, person)

    def draw(self, one: Opportunity, person: tuple[float, float] | None) -> VenueMap:
        located = Located(*person, "somewhere", Precision.UNIT) if person else None
        middle: Located | Venue = located or one.venues[0]
        return venue_map(self.table, located, one, queries.distances(self.session, middle, one))


def test_without_a_person_the_first_door_is_in_the_middle(drawn: Draw) -> None:
    made = drawn(None, PLYMOUTH)
    assert not made.is_around_person
    assert [(pin.x, pin.y, pin.label) for pin in made.rings.pins] == [(MIDDLE, MIDDLE, "1")]
    assert made.rings.rings[-1].distance_miles == 2


def test_a_door_stands_where_it_is_seen_from_the_person(drawn: Draw) -> None:
    door = (50.3814, -4.1422)  # due north
    made = drawn(PLYMOUTH, door)
    assert made.is_around_person
    (pin,) = made.rings.pins
    units_per_mile = OUTER_RADIUS / made.rings.rings[-1].distance_miles
    assert pin.x == pytest.approx(MIDDLE, abs=0.2)
    assert (MIDDLE - pin.y) / units_per_mile == pytest.approx(geodesic(PLYMOUTH, door).miles, abs=0.01)


def test_doors_have_the_numbers_of_the_list(drawn: Draw) -> None:
    made = drawn(PLYMOUTH, (50.3814, -4.1422), (50.3714, -4.1222))
    assert sorted(pin.label for pin in made.rings.pins) == ["1", "2"]


@pytest.mark.parametrize("town", TOWNS)
def test_names_of_places_are_inside_and_apart(drawn: Draw, town: str) -> None:
    made = drawn(None, TOWNS[town])
    boxes = [place.box for place in made.places]
    for left, top, right, bottom in boxes:
        assert min(left, top) >= 0
        assert max(right, bottom) <= SIZE
    for one, other in itertools.combinations(boxes, 2):
        assert one[2] < other[0] or other[2] < one[0] or one[3] < other[1] or other[3] < one[1]


def test_places_stand_at_their_distance(drawn: Draw, table: Table) -> None:
    made = drawn(None, LEEDS)
    holbeck = next(place for place in made.places if place.name == "Holbeck")
    there = next(iter(table.places("holbeck")))
    miles = math.hypot(holbeck.x - MIDDLE, holbeck.y - MIDDLE) / OUTER_RADIUS * made.rings.rings[-1].distance_miles
    assert miles == pytest.approx(geodesic(LEEDS, (there.latitude, there.longitude)).miles, abs=0.02)
    assert holbeck.y > MIDDLE  # south of the middle


def test_from_far_away_it_shows_the_large_places_between(drawn: Draw) -> None:
    made = drawn(LEEDS, PLYMOUTH)
    names = {place.name for place in made.places}
    assert "London" in names or "Birmingham" in names
    assert len(made.places) <= 7
