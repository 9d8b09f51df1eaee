"""Nearest, against brute force with geopy's geodesic, on both databases."""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from geopy.distance import geodesic
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sqlalchemy import Engine, event, insert, select
from sqlalchemy.orm import Session

from catalogue.earth import box_around
from catalogue.filters import METRES_PER_MILE, Filters
from catalogue.geometry import point
from catalogue.models import Opportunity, Provider, Venue, opportunity_venue
from catalogue.nearest import Hit, nearest
from catalogue.words import Kind, Layer, Reach
from database import migrate
from database.engine import connect
from database.session import refresh_statistics
from tests.catalogue.factories import opportunity, venue
from tests.conftest import NewDatabase

VENUES = 20_000
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LIVE = Filters(now=NOW)


@dataclass(frozen=True)
class Here:
    latitude: float
    longitude: float


@dataclass(frozen=True)
class World:
    """A database of 20,000 venues with one opportunity each, and the same in memory."""

    session: Session
    positions: dict[int, tuple[float, float]]

    def brute_force(self, here: Here, limit: int) -> list[Hit]:
        """The nearest by geopy alone.

        A geodesic takes 80 microseconds, so only those are measured that can be
        among the nearest: distances on a sphere of the Earth's mean radius are
        within 0.6 % of the true ones.
        """
        numbers = np.array(list(self.positions))
        on_sphere = great_circle_m(here, np.radians(np.array(list(self.positions.values()))))
        bound = np.partition(on_sphere, limit - 1)[limit - 1] * 1.012 + 0.01
        hits = (
            Hit(round(geodesic((here.latitude, here.longitude), self.positions[number]).m, 3), number, number)
            for number in numbers[on_sphere <= bound].tolist()
        )
        return sorted(hits)[:limit]


def great_circle_m(here: Here, positions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Haversine distances to rows of (latitude, longitude) in radians."""
    latitude, longitude = math.radians(here.latitude), math.radians(here.longitude)
    up = np.sin((positions[:, 0] - latitude) / 2) ** 2
    across = np.sin((positions[:, 1] - longitude) / 2) ** 2
    return 2 * 6_371_009 * np.arcsin(np.sqrt(up + np.cos(latitude) * np.cos(positions[:, 0]) * across))


@pytest.fixture(scope="module")
def world(new_database: NewDatabase) -> Iterator[World]:
    engine = connect(new_database("world"))
    migrate.upgrade(engine)
    with Session(engine) as session:
        yield World(session, fill(session))
    engine.dispose()


def fill(session: Session) -> dict[int, tuple[float, float]]:
    """Half the venues in twenty towns, half anywhere in the United Kingdom, and some at the same spot."""
    dice = random.Random(2026)
    towns = [(dice.uniform(50.1, 58.5), dice.uniform(-5.5, 1.2)) for _ in range(20)]
    positions: dict[int, tuple[float, float]] = {}
    for number in range(1, VENUES + 1):
        if number % 50 == 0:
            positions[number] = positions[number - 1]
        elif number % 2:
            latitude, longitude = dice.choice(towns)
            positions[number] = (round(dice.gauss(latitude, 0.03), 6), round(dice.gauss(longitude, 0.05), 6))
        else:
            positions[number] = (round(dice.uniform(49.9, 60.8), 6), round(dice.uniform(-8.2, 1.8), 6))
    session.execute(insert(Provider).values(id=1, slug="p", name="P", summary="", is_sample=False))
    common = {"slug": "o", "provider_id": 1, "title": "O", "summary": "", "description": "", "reach": Reach.VENUE}
    session.execute(
        insert(Venue),
        [
            {"id": n, "slug": f"v{n}", "name": "V", "address": "", "town": "", "postcode": "", "location": point(*at)}
            for n, at in positions.items()
        ],
    )
    session.execute(
        insert(Opportunity),
        [common | {"id": n, "key": f"k{n}", "kind": Kind.COURSE, "layer": Layer.ENGAGE} for n in positions],
    )
    session.execute(insert(opportunity_venue), [{"opportunity_id": n, "venue_id": n} for n in positions])
    refresh_statistics(session)
    session.commit()
    return positions


def agree(found: list[Hit], expected: list[Hit]) -> None:
    assert [hit.opportunity_id for hit in found] == [hit.opportunity_id for hit in expected]
    for hit, wanted in zip(found, expected, strict=True):
        assert abs(hit.distance_m - wanted.distance_m) < 1.0


def agree_but_for_ties(found: list[Hit], expected: list[Hit]) -> None:
    """From a pole or the far side, many are equally far to the millimetre, and rounding decides between them."""
    assert [hit.distance_m for hit in found] == pytest.approx([hit.distance_m for hit in expected], abs=0.002)


def test_500_random_points_agree_with_brute_force(world: World) -> None:
    dice = random.Random(500)
    for _ in range(500):
        here = Here(dice.uniform(49.9, 60.8), dice.uniform(-8.2, 1.8))
        agree(nearest(world.session, here, LIVE, 20), world.brute_force(here, 20))


@given(
    latitude=st.one_of(st.floats(-90, 90), st.sampled_from([-90.0, 90.0, 0.0])),
    longitude=st.one_of(st.floats(-180, 180), st.sampled_from([-180.0, 180.0, 0.0])),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_points_anywhere_on_earth_agree_with_brute_force(world: World, latitude: float, longitude: float) -> None:
    here = Here(latitude, longitude)
    agree_but_for_ties(nearest(world.session, here, LIVE, 5), world.brute_force(here, 5))


@given(st.floats(49.9, 60.8), st.floats(-8.2, 1.8), st.integers(1, 30))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_fewer_are_the_first_of_more(world: World, latitude: float, longitude: float, size: int) -> None:
    here = Here(latitude, longitude)
    assert nearest(world.session, here, LIVE, size) == nearest(world.session, here, LIVE, 60)[:size]


def test_standing_on_a_venue_gives_it_first_at_no_distance(world: World) -> None:
    here = Here(*world.positions[50])
    found = nearest(world.session, here, LIVE, 2)
    # Venues 49 and 50 are at one spot: the lower id comes first.
    assert [(hit.distance_m, hit.opportunity_id) for hit in found] == [(0.0, 49), (0.0, 50)]


def test_within_a_radius_gives_all_of_it_and_no_more(world: World) -> None:
    here = Here(*world.positions[1])
    found = nearest(world.session, here, Filters(now=NOW, within_miles=3), 10_000)
    near = [
        number
        for number, position in world.positions.items()
        if geodesic((here.latitude, here.longitude), position).m <= 3 * METRES_PER_MILE
    ]
    assert sorted(hit.opportunity_id for hit in found) == near
    assert found == sorted(found)


@given(st.floats(-90, 90), st.floats(-180, 180), st.floats(0, 360), st.floats(1, 2_000_000))
@settings(max_examples=300, deadline=None)
def test_the_box_holds_the_circle(latitude: float, longitude: float, bearing: float, radius_m: float) -> None:
    west, south, east, north = box_around(Here(latitude, longitude), radius_m)
    edge = geodesic(meters=radius_m).destination((latitude, longitude), bearing)
    assert south <= edge.latitude <= north
    assert west <= edge.longitude <= east or (west, east) == (-180.0, 180.0)


HERE = Here(50.37, -4.14)


def ids(session: Session, filters: Filters = LIVE, limit: int = 10) -> list[int]:
    return [hit.opportunity_id for hit in nearest(session, HERE, filters, limit)]


def test_an_opportunity_with_several_venues_appears_once_at_its_nearest(session: Session) -> None:
    near, far = venue(50.371, -4.14), venue(50.40, -4.14)
    session.add_all([far, near, made := opportunity(far, near)])
    session.flush()
    found = nearest(session, HERE, LIVE, 10)
    assert [(hit.opportunity_id, hit.venue_id) for hit in found] == [(made.id, near.id)]


def test_one_that_has_ended_never_appears(session: Session) -> None:
    spot = venue(50.371, -4.14)
    session.add_all(
        [
            opportunity(spot, ends_at=NOW - timedelta(seconds=1)),
            opportunity(spot, ends_at=NOW),
            still := opportunity(spot, ends_at=NOW + timedelta(seconds=1)),
            always := opportunity(spot),
        ]
    )
    session.flush()
    assert ids(session) == sorted([still.id, always.id])


def test_online_and_national_ones_are_not_among_the_near(session: Session) -> None:
    session.add_all([opportunity(reach=Reach.ONLINE), opportunity(reach=Reach.NATIONAL)])
    # One that is online although its provider has an office.
    session.add(opportunity(venue(50.371, -4.14), reach=Reach.ONLINE))
    session.flush()
    assert ids(session) == []


def test_kinds_and_layers_narrow(session: Session) -> None:
    spot = venue(50.371, -4.14)
    job = opportunity(spot, kind=Kind.JOB, layer=Layer.DEMONSTRATE)
    talk = opportunity(spot, kind=Kind.EVENT, layer=Layer.ENGAGE)
    session.add_all([job, talk])
    session.flush()
    assert ids(session, Filters(now=NOW, kinds=frozenset({Kind.JOB}))) == [job.id]
    assert ids(session, Filters(now=NOW, layers=frozenset({Layer.ENGAGE}))) == [talk.id]
    assert ids(session, Filters(now=NOW, kinds=frozenset({Kind.JOB, Kind.EVENT}))) == [job.id, talk.id]
    assert ids(session, Filters(now=NOW, kinds=frozenset({Kind.COURSE}))) == []


def test_asking_for_none_gives_none(session: Session) -> None:
    assert nearest(session, HERE, LIVE, 0) == []


def test_a_venue_keeps_its_coordinates(session: Session) -> None:
    session.add(venue(50.3712345, -4.1412345, slug="kept"))
    session.flush()
    session.expire_all()
    kept = session.scalars(select(Venue).where(Venue.slug == "kept")).one()
    assert (kept.latitude, kept.longitude) == pytest.approx((50.3712345, -4.1412345), abs=1e-12)


def test_the_search_goes_through_the_spatial_index(world: World, engine: Engine, dialect: str) -> None:
    if dialect == "postgis":
        return  # its planner's choice is looked at where there is enough to choose from, in benchmarks
    compiled = []
    connection = world.session.connection()

    def keep(_c: object, _cursor: object, statement: str, parameters: object, *_rest: object) -> None:
        compiled.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", keep)
    nearest(world.session, HERE, LIVE, 20)
    event.remove(connection, "before_cursor_execute", keep)
    statement, parameters = compiled[-1]
    plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]  # type: ignore[arg-type]
    assert any("idx_venue_location VIRTUAL TABLE INDEX" in line for line in plan), plan
    assert not any(line.startswith(("SCAN venue", "SCAN opportunity")) for line in plan), plan


def test_where_one_venue_takes_too_long_the_next_counts(session: Session) -> None:
    near, farther = venue(50.371, -4.142), venue(50.4, -4.142)
    both, only = opportunity(near, farther), opportunity(near)
    session.add_all([both, only])
    session.flush()
    here, without = Here(50.37, -4.142), Filters(now=NOW, venues_too_far=frozenset({near.id}))
    assert [(hit.opportunity_id, hit.venue_id) for hit in nearest(session, here, without, 5)] == [(both.id, farther.id)]
    assert {hit.opportunity_id for hit in nearest(session, here, LIVE, 5)} == {both.id, only.id}
