"""Distances on the WGS 84 ellipsoid in metres, to the millimetre, by SpatiaLite's or PostGIS's own functions.

They agree with geopy's geodesic to far less than a millimetre, and are rounded to one before they are compared, so
that both databases break ties alike.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Double, Numeric, bindparam, cast, func
from sqlalchemy.orm import Session

from catalogue.earth import Point
from catalogue.models import Venue
from database.engine import dialect_of


def distance(dialect: str) -> ColumnElement[Any]:
    """How far a venue is from the point of the parameters `longitude` and `latitude`."""
    return _distance_postgis() if dialect == "postgresql" else _distance_spatialite()


def parameter(name: str) -> ColumnElement[Any]:
    """A parameter that is a number."""
    return bindparam(name, type_=Double)


def _distance_postgis() -> ColumnElement[Any]:
    return func.round(cast(func.ST_Distance(func.geography(Venue.location), here_postgis()), Numeric), 3)


def here_postgis() -> ColumnElement[Any]:
    return func.geography(func.ST_SetSRID(func.ST_MakePoint(parameter("longitude"), parameter("latitude")), 4326))


def _distance_spatialite() -> ColumnElement[Any]:
    here = func.MakePoint(parameter("longitude"), parameter("latitude"), 4326)
    # The third argument makes it metres on the ellipsoid instead of degrees.
    return func.round(func.ST_Distance(Venue.location, here, 1), 3)


# What `_distance_spatialite` and `_distance_postgis` say. Of hundreds of ids, over and over, SQLAlchemy takes longer to
# read the statement than the database to answer it. Where the point is stays a parameter, and so out of logs.
_DISTANCES = {
    "sqlite": "round(ST_Distance(location, MakePoint(?, ?, 4326), 1), 3)",
    "postgresql": "round(CAST(ST_Distance(geography(location), geography(ST_SetSRID(ST_MakePoint(%s, %s), 4326)))"
    " AS NUMERIC), 3)",
}


def venue_distances(session: Session, point: Point, venue_ids: Sequence[int]) -> dict[int, float]:
    """The distance in metres to each of some venues, by venue id."""
    if not venue_ids:
        return {}
    session.flush()
    distance = _DISTANCES[dialect_of(session)]
    some = ", ".join(f"{each:d}" for each in venue_ids)
    statement = f"SELECT id, {distance} FROM venue WHERE id IN ({some})"  # noqa: S608  (numbers only)
    found = session.connection().exec_driver_sql(statement, (float(point.longitude), float(point.latitude)))
    return {venue_id: float(metres) for venue_id, metres in found}
