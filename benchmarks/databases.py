"""The databases that the other parts share, built where they are not there, which takes some minutes once a week.

It has no time limit, and does not count towards the minutes of a run.
"""

import sys
from collections.abc import Iterator
from functools import partial

from benchmarks import points
from benchmarks.figures import Figure, Scale, alone, milliseconds, say
from benchmarks.points import OnPostgis
from benchmarks.synthetic import postgis, spatialite


def figures(scale: Scale) -> Iterator[Figure]:
    for size in scale.sizes:
        for database, ready in (("SpatiaLite", ready_on_spatialite), ("PostGIS", ready_on_postgis)):
            say(f"databases: {size:,} on {database}")
            seconds = milliseconds(partial(ready, size)) / 1000
            yield Figure("made ready", seconds, "s", size=size, database=database)


def ready_on_spatialite(size: int) -> None:
    points.beside(spatialite(size))


def ready_on_postgis(size: int) -> None:
    with postgis(size) as url, OnPostgis.opened(url):
        pass


if __name__ == "__main__":
    sys.exit(alone(figures))
