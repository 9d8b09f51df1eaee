"""How far to look."""

from datetime import UTC, datetime
from math import inf

import pytest
from sqlalchemy.orm import Session

from catalogue.circles import ENOUGH, LADDER_MILES, Circle, around, circles, fitting_radius, wider
from catalogue.filters import METRES_PER_MILE, Filters
from catalogue.words import Kind
from tests.catalogue.factories import opportunity, provider, venue
from tests.catalogue.test_nearest import HERE

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MILE_NORTH = 0.01447  # degrees of latitude here


def put(session: Session, miles: float, many: int, kind: Kind = Kind.COURSE) -> None:
    spot, owner = venue(HERE.latitude + miles * MILE_NORTH, HERE.longitude), provider()
    session.add_all([opportunity(spot, provider=owner, kind=kind) for _ in range(many)])
    session.flush()


@pytest.mark.parametrize(("miles", "radius"), [(0.1, 1), (0.9, 1), (1.5, 2), (4.9, 5), (24, 25), (49, 50), (80, 50)])
def test_the_radius_is_the_first_that_holds_enough(session: Session, miles: float, radius: float) -> None:
    put(session, 0.05, ENOUGH - 1)
    put(session, miles, 1)
    assert fitting_radius(session, HERE, Filters(now=NOW)) == radius


def test_the_radius_does_not_follow_the_filters(session: Session) -> None:
    put(session, 0.5, ENOUGH)
    assert fitting_radius(session, HERE, Filters(now=NOW, kinds=frozenset({Kind.JOB}))) == 1


def test_with_nothing_near_it_is_the_widest(session: Session) -> None:
    assert fitting_radius(session, HERE, Filters(now=NOW)) == LADDER_MILES[-1]


def test_circles_have_exact_counts_and_the_wider_ones_are_those_that_hold_more(session: Session) -> None:
    put(session, 0.5, 2, Kind.JOB)
    put(session, 4, 3, Kind.JOB)
    put(session, 4, 9, Kind.COURSE)
    put(session, 40, 1, Kind.JOB)
    put(session, 70, 1, Kind.JOB)
    jobs = Filters(now=NOW, kinds=frozenset({Kind.JOB}))
    found = around(session, HERE, jobs, 1)
    assert [round(each.hit.distance_m / METRES_PER_MILE, 1) for each in found] == [0.5, 0.5, 4.0, 4.0, 4.0, 40.0]
    counted = circles(session, jobs, found, 1)
    assert [(circle.miles, circle.count) for circle in counted] == [
        (1, 2), (2, 2), (5, 5), (10, 5), (25, 5), (50, 6), (inf, 7),
    ]  # fmt: skip
    assert wider(counted, 1) == [Circle(5, 5), Circle(50, 6)]
    assert wider(counted, 5) == [Circle(50, 6)]
    assert wider(counted, 50) == []


def test_any_distance_and_one_of_ones_own_are_circles_too(session: Session) -> None:
    put(session, 70, 3)
    live = Filters(now=NOW)
    assert circles(session, live, around(session, HERE, live, 50), 50)[-1] == Circle(inf, 3)
    for radius in (inf, 72.5):
        found = around(session, HERE, live, radius)
        assert len(found) == 3
        assert Circle(radius, 3) in circles(session, live, found, radius)


def test_from_the_middle_of_an_area_a_circle_reaches_as_much_farther(session: Session) -> None:
    put(session, 2.4, 1)
    live = Filters(now=NOW)
    found = around(session, HERE, live, 2, slack_miles=0.5)
    assert circles(session, live, found, 2)[1] == Circle(2, 0)
    assert circles(session, live, found, 2, slack_miles=0.5)[1] == Circle(2, 1)
