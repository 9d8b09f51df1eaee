"""The bare points say what the search says: without that they would be no measure for it."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from sqlalchemy.orm import Session

from benchmarks import points
from benchmarks.places import PLACES, Spot
from benchmarks.points import InRedis, OnPostgis, OnSpatialite
from benchmarks.synthetic import postgis, spatialite
from catalogue.filters import Filters
from catalogue.nearest import nearest
from catalogue.words import Kind
from database.engine import connect

COUNT = 300
ON_A_SPHERE = 0.006  # how far off it is to reckon on one
LONDON = Spot(51.5074, -0.1278)


@pytest.fixture
def folder() -> Iterator[Path]:
    """One that PostgreSQL's server may look into, as it may not into a test's own where root runs the tests."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def searched(url: str, filters: Filters) -> list[float]:
    engine = connect(url)
    with Session(engine) as session:
        found = [hit.distance_m for hit in nearest(session, LONDON, filters, points.LIMIT)]
    engine.dispose()
    return found


def once_each(found: Sequence[Sequence[Any]]) -> list[float]:
    """The distances of the points, without those of opportunities that came before at another venue."""
    nearest_of: dict[int, float] = {}
    for opportunity_id, distance_m in found:
        nearest_of.setdefault(opportunity_id, distance_m)
    return list(nearest_of.values())


@pytest.mark.parametrize("kind", [None, Kind.COURSE])
def test_an_r_tree_of_points_finds_what_the_search_finds(tmp_path: Path, kind: Kind | None) -> None:
    url = spatialite(COUNT, folder=tmp_path)
    tree = connect(points.beside(url))
    found = once_each(OnSpatialite(tree).nearest(kind, LONDON)())
    tree.dispose()
    filters = Filters(Filters.live().now, kinds=frozenset({kind} if kind else ()))
    assert len(found) > points.LIMIT - 5
    assert found == pytest.approx(searched(url, filters)[: len(found)], abs=0.002)


def test_one_radius_that_is_known_finds_the_same_as_the_best(tmp_path: Path) -> None:
    tree = connect(points.beside(spatialite(COUNT, folder=tmp_path)))
    bare = OnSpatialite(tree)
    assert bare.with_radius(LONDON, 3 * bare.best_radius_m(LONDON))() == bare.nearest(None, LONDON)()
    tree.dispose()


@pytest.mark.parametrize("kind", [None, Kind.COURSE])
def test_points_on_postgis_are_what_the_search_finds(folder: Path, kind: Kind | None) -> None:
    with postgis(COUNT, folder=folder) as url:
        with OnPostgis.opened(url) as table:
            found = once_each(table.nearest(kind, LONDON)())
        filters = Filters(Filters.live().now, kinds=frozenset({kind} if kind else ()))
        assert len(found) > points.LIMIT - 5
        assert found == pytest.approx(searched(url, filters)[: len(found)], rel=ON_A_SPHERE)


def test_redis_finds_the_points_in_a_circle(tmp_path: Path) -> None:
    url = spatialite(COUNT, folder=tmp_path)
    tree = connect(points.beside(url))
    bare = [distance_m for _, distance_m in OnSpatialite(tree).nearest(None, LONDON)()]
    tree.dispose()
    with points.redis_server() as client:
        in_redis = InRedis(client)
        in_redis.fill(points.all_of(url))
        within = [miles * points.METRES_PER_MILE for _, miles in in_redis.nearest(LONDON, 25)()]
    expected = [distance_m for distance_m in bare if distance_m < 25 * points.METRES_PER_MILE]
    assert within[: len(expected)] == pytest.approx(expected, rel=ON_A_SPHERE)


def test_every_place_has_its_corners_in_order() -> None:
    assert all(south < north and west < east for south, west, north, east in PLACES.values())
