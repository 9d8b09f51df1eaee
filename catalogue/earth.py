"""Points on the Earth, and boxes that hold all within a distance of one."""

import math
from typing import Protocol

METRES_PER_DEGREE_OF_LATITUDE = 110_500.0  # a little less than the least, at the equator
METRES_PER_DEGREE_OF_LONGITUDE = 111_000.0  # likewise, times the cosine of the latitude


class Point(Protocol):
    """Whatever has WGS 84 coordinates in degrees; `gazetteer.locate.Located` has."""

    @property
    def latitude(self) -> float: ...
    @property
    def longitude(self) -> float: ...


def box_around(point: Point, radius_m: float) -> tuple[float, float, float, float]:
    """A box (west, south, east, north in degrees) that holds every point within a radius.

    Near a pole or the date line it goes all the way round. The R*Tree keeps
    32-bit numbers but rounds them outwards, so that nothing in the box is missed.
    """
    up = radius_m / METRES_PER_DEGREE_OF_LATITUDE
    south, north = point.latitude - up, point.latitude + up
    least_cosine = math.cos(math.radians(min(90.0, max(abs(south), abs(north)))))
    across = radius_m / (METRES_PER_DEGREE_OF_LONGITUDE * least_cosine) if least_cosine > 0.01 else 360.0
    west, east = point.longitude - across, point.longitude + across
    if west < -180 or east > 180:
        west, east = -180.0, 180.0
    return west, south, east, north
