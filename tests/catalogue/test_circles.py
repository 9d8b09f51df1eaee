"""How far to look."""

from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session

from catalogue.circles import ENOUGH, LADDER_MILES, Circle, fitting_radius, wider_circles
from catalogue.filters import Filters
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


def test_wider_circles_are_those_that_hold_more_with_exact_counts(session: Session) -> None:
    put(session, 0.5, 2, Kind.JOB)
    put(session, 4, 3, Kind.JOB)
    put(session, 4, 9, Kind.COURSE)
    put(session, 40, 1, Kind.JOB)
    jobs = Filters(now=NOW, kinds=frozenset({Kind.JOB}))
    assert wider_circles(session, HERE, jobs, 1) == [Circle(5, 5), Circle(50, 6)]
    assert wider_circles(session, HERE, jobs, 5) == [Circle(50, 6)]
    assert wider_circles(session, HERE, jobs, 50) == []
