"""Where benchmarks look: a dense city, a town, and where there is little."""

from random import Random
from typing import NamedTuple

# Corners of a part of the map: south, west, north, east.
PLACES = {
    "London": (51.48, -0.20, 51.54, -0.05),
    "Plymouth": (50.36, -4.18, 50.42, -4.08),
    "mid Wales": (52.1, -3.7, 52.6, -3.2),
    "the Highlands": (57.3, -5.4, 58.4, -4.4),
}


class Spot(NamedTuple):
    """WGS 84 degrees."""

    latitude: float
    longitude: float


def spot(chance: Random, place: str) -> Spot:
    """Somewhere in a place."""
    south, west, north, east = PLACES[place]
    return Spot(round(chance.uniform(south, north), 5), round(chance.uniform(west, east), 5))
