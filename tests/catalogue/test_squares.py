"""Squares of the map as words, and searches by words that go through them, on both databases."""

from collections.abc import Iterator
from random import Random

import pytest
from geopy.distance import distance as geodesic
from geopy.point import Point as GeoPoint
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update
from sqlalchemy.orm import Session

from catalogue import derived, matching, nearest, queries
from catalogue.filters import Filters
from catalogue.geometry import point
from catalogue.grid import Box
from catalogue.matching import Query
from catalogue.models import Venue
from catalogue.nearest import nearest_after
from catalogue.squares import MOST_SQUARES, covering, squares_of
from catalogue.words import Kind
from database import migrate
from database.engine import connect
from tests.catalogue.factories import opportunity, provider, venue
from tests.catalogue.test_nearest import Here
from tests.conftest import NewDatabase

LIVE = Filters.live()
WELDING = Query((frozenset({"weld"}),))
WELDING_OUTDOORS = Query((frozenset({"weld"}), frozenset({"outdoor", "garden"})))
MANY = 400


@given(
    latitude=st.floats(-84, 84),
    longitude=st.floats(-180, 180),
    bearing=st.floats(0, 360),
    radius_m=st.floats(1, 300_000),
    part=st.floats(0, 1),
)
def test_what_lies_in_a_circle_lies_in_a_square_that_covers_it(
    latitude: float, longitude: float, bearing: float, radius_m: float, part: float
) -> None:
    covered = covering(Here(latitude, longitude), radius_m)
    inside = geodesic(meters=part * radius_m).destination(GeoPoint(latitude, longitude), bearing)
    if covered is not None:
        assert 0 < len(covered) <= MOST_SQUARES
        assert not squares_of([(inside.longitude, inside.latitude)]).isdisjoint(covered)


@pytest.mark.parametrize("radius_m", [1, 250, 5_000, 60_000, 300_000])
def test_every_circle_in_britain_that_is_searched_step_by_step_is_covered(radius_m: float) -> None:
    for latitude in (49.9, 54.0, 60.8):
        assert covering(Here(latitude, -3.0), radius_m)


def test_a_circle_round_the_world_is_not_covered() -> None:
    assert covering(Here(54.0, -3.0), 20_000_000) is None


@pytest.fixture(scope="module")
def country(new_database: NewDatabase) -> Iterator[Session]:
    """Some hundred opportunities in ten towns and anywhere in Britain, each at one venue or several, or at none."""
    dice = Random(14)
    towns = [(dice.uniform(50.5, 57.5), dice.uniform(-4.5, 0.5)) for _ in range(10)]
    engine = connect(new_database("squares"))
    migrate.upgrade(engine)
    with Session(engine) as session:
        college = provider(name="College")
        for number in range(MANY):
            latitude, longitude = dice.choice(towns) if number % 3 else (dice.uniform(50, 58), dice.uniform(-5, 1))
            spots = [
                venue(dice.gauss(latitude, 0.05), dice.gauss(longitude, 0.08))
                for _ in range(dice.choice((0, 1, 1, 1, 3)))
            ]
            session.add(
                opportunity(
                    *spots,
                    provider=college,
                    title=dice.choice(("Welding", "Gardening", "Outdoor welding", "Sewing")),
                    summary=dice.choice(("Weld a gate.", "Work outdoors.", "Sit and sew.")),
                    kind=dice.choice((Kind.COURSE, Kind.WORKSHOP)),
                )
            )
        session.flush()
        derived.index(session)
        session.commit()
        yield session
    engine.dispose()


@pytest.mark.parametrize("few_near", [nearest.FEW_NEAR, 3], ids=["by the words", "by the circle"])
@pytest.mark.parametrize("by_distance", [True, False])
@pytest.mark.parametrize("words", [WELDING, WELDING_OUTDOORS], ids=["one word", "two"])
def test_through_squares_is_found_what_is_found_without(
    country: Session, monkeypatch: pytest.MonkeyPatch, words: Query, by_distance: bool, few_near: int
) -> None:
    """Where few have the words in the whole country all of them are measured, which is what squares are to give too."""
    dice = Random(15)
    for _ in range(12):
        here = Here(dice.uniform(50, 58), dice.uniform(-5, 1))
        box = Box(here.longitude - 1, here.latitude - 0.5, here.longitude + 1, here.latitude + 1)
        filters = Filters(
            LIVE.now,
            words=words,
            kinds=frozenset(dice.choice(([], [Kind.COURSE]))),
            within_miles=dice.choice((None, 2.0, 30.0)),
            box=dice.choice((None, box)),
        )
        limit = dice.choice((1, 5, 40, 500))
        expected = nearest_after(country, here, filters, limit, by_distance)
        after = expected[len(expected) // 2][0] if expected else None
        rest = nearest_after(country, here, filters, limit, by_distance, after)
        with monkeypatch.context() as patched:
            patched.setattr(nearest, "FEW", 0)
            patched.setattr(nearest, "FEW_NEAR", few_near)
            assert nearest_after(country, here, filters, limit, by_distance) == expected
            assert nearest_after(country, here, filters, limit, by_distance, after) == rest


def test_counts_go_through_words_and_not_through_all_there_is(
    country: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    filters = Filters(LIVE.now, words=WELDING)
    everywhere, without = queries.count_with_venue(country, filters), queries.count_without_venue(country, filters)
    assert everywhere > 100
    assert without == len(queries.without_venue(country, filters, MANY)) > 10
    monkeypatch.setattr(queries, "COUNT_BOUND", 20)
    assert queries.count_with_venue(country, filters) == 20


def test_a_venue_that_moves_is_found_where_it_is(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearest, "FEW", 0)
    before, after = Here(50.37, -4.14), Here(55.95, -3.19)
    moved = venue(before.latitude, before.longitude)
    weld = opportunity(moved, title="Welding")
    session.add(weld)
    derived.index(session)
    near = Filters(LIVE.now, words=WELDING, within_miles=1.0)
    assert [hit.opportunity_id for hit in nearest.nearest(session, before, near, 5)] == [weld.id]
    session.execute(update(Venue).where(Venue.id == moved.id).values(location=point(after.latitude, after.longitude)))
    derived.index(session, [weld.id])
    assert nearest.nearest(session, before, near, 5) == []
    assert [hit.opportunity_id for hit in nearest.nearest(session, after, near, 5)] == [weld.id]


def test_counted_are_those_in_the_squares_up_to_a_bound(session: Session) -> None:
    here = Here(50.37, -4.14)
    door = venue(here.latitude, here.longitude)
    session.add_all([*(opportunity(door, title="Welding") for _ in range(5)), opportunity(door, title="Sewing")])
    session.add(opportunity(venue(here.latitude + 1, here.longitude), title="Welding"))
    derived.index(session)
    squares = covering(here, 1_000)
    assert squares
    assert matching.count_within(session, WELDING, squares, 10) == 5
    assert matching.count_within(session, WELDING, squares, 3) == 3
    assert len(matching.ids_within(session, WELDING, squares, 10)) == 5
    assert len(matching.ids_within(session, WELDING, (), 10)) == 6
