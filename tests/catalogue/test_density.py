"""How far one likely has to look."""

from datetime import UTC, datetime
from math import inf

import pytest
from sqlalchemy.orm import Session

from catalogue import sums
from catalogue.density import SOME_VENUES_MORE, likely_radius_m
from catalogue.filters import METRES_PER_MILE, Filters
from catalogue.nearest import nearest
from catalogue.words import Kind, Layer
from tests.catalogue.factories import opportunity, provider, venue
from tests.catalogue.test_nearest import HERE

LIVE = Filters(now=datetime(2026, 11, 22, 12, tzinfo=UTC))
STEP = 0.004  # degrees: 445 m northwards, 285 m eastwards


@pytest.fixture
def evenly(session: Session) -> Session:
    """Something at every corner of a grid of 60 by 60 around, and every ninth of it a job."""
    owner = provider()
    for row in range(-30, 30):
        for column in range(-30, 30):
            spot = venue(HERE.latitude + row * STEP, HERE.longitude + column * STEP)
            is_ninth = row % 3 == 0 and column % 3 == 0
            session.add(opportunity(spot, provider=owner, kind=Kind.JOB if is_ninth else Kind.COURSE))
    session.flush()
    sums.index(session)
    return session


@pytest.mark.parametrize(("number", "filters"), [(20, {}), (100, {}), (20, {"kinds": frozenset({Kind.JOB})})])
def test_where_things_are_spread_evenly_the_circle_holds_so_many_and_not_many_more(
    evenly: Session, number: int, filters: dict[str, frozenset[Kind]]
) -> None:
    asked = Filters(LIVE.now, **filters)  # type: ignore[arg-type]
    radius = likely_radius_m(evenly, HERE, asked, number) or inf
    within = Filters(LIVE.now, within_miles=radius / METRES_PER_MILE, **filters)  # type: ignore[arg-type]
    assert number <= len(nearest(evenly, HERE, within, 900)) < 2 * number + 2 * SOME_VENUES_MORE


def test_for_what_is_rarer_it_is_wider(evenly: Session) -> None:
    everything = likely_radius_m(evenly, HERE, LIVE, 20) or inf
    jobs = likely_radius_m(evenly, HERE, Filters(LIVE.now, kinds=frozenset({Kind.JOB})), 20) or inf
    assert 2.5 < jobs / everything < 3.5


def test_where_there_is_too_little_or_nothing_nobody_knows(evenly: Session) -> None:
    assert likely_radius_m(evenly, HERE, LIVE, 3_000) is None
    leading = Filters(LIVE.now, layers=frozenset({Layer.LEAD}), kinds=frozenset({Kind.EVENT}))
    assert likely_radius_m(evenly, HERE, leading, 1) is None


def test_without_sums_the_nearest_are_found_all_the_same(session: Session) -> None:
    spot = venue(HERE.latitude + STEP, HERE.longitude)
    row = opportunity(spot)
    session.add(row)
    session.flush()
    assert likely_radius_m(session, HERE, LIVE, 1) is None
    assert [hit.opportunity_id for hit in nearest(session, HERE, LIVE, 20)] == [row.id]
