"""How quickly and how small the pins of a map come at a million opportunities, beside the same of ten thousand.

Asks the app, as a phone's and a desktop's map do, for a city, a region and the country,
each moved about a little, with no filter and with some.
"""

import json
import math
import random
import sys
import time
from collections.abc import Iterator
from itertools import product
from typing import Any

from flask.testing import FlaskClient

from app import create_app
from benchmarks.figures import Figure, Of, Scale, alone, at_most, measured
from benchmarks.synthetic import spatialite
from settings import Settings, load_settings

MOST_MS = 50.0  # of 19 in 20
MOST_BYTES = 25_000
MOST_FEATURES = 300
ASKED = 30  # times on each screen
WARM_UP = 4
# Latitude, longitude and zoom.
VIEWS = {"a city": (51.5074, -0.1278, 12), "a region": (53.6, -1.9, 9), "the country": (54.5, -3.0, 6)}
SCREENS = {"phone": (360, 440), "desktop": (640, 600)}  # the map's width and height in pixels
FILTERS = {
    "everything": "",
    "jobs": "&kind=job",
    "workshops and courses, to take part in": "&kind=workshop&kind=course&layer=participate",
    "free": "&free=1",
    "at sixteen": "&age=16",
    "at weekends": "&time=weekend",
    "welding": "&q=welding",
}
BROWSER = {"Accept-Encoding": "gzip, deflate, br, zstd"}


def figures(scale: Scale) -> Iterator[Figure]:
    large, small = client(scale.largest), client(scale.town)
    for view in VIEWS:
        most_bytes = most_pins = 0
        for filters in FILTERS:
            numbers = range(scale.times(ASKED, least=6))
            asked = [path(number, view, screen, filters) for number, screen in product(numbers, SCREENS)]
            for each in asked[:WARM_UP]:
                ask(small, each)
                ask(large, each)
            # In turns, so that both have the same machine.
            beside, ours = zip(*((ask(small, each)[0], ask(large, each)) for each in asked), strict=True)
            most_bytes = max(most_bytes, *(size for _, size in ours))
            most_pins = max(most_pins, *(count_pins(large, each) for each in asked[-len(SCREENS) :]))
            yield measured(
                f"{view}: {filters}",
                [took for took, _ in ours],
                beside=(f"of {scale.town:,}", beside),
                goals=[at_most(MOST_MS, Of.P95)],
                size=scale.largest,
                database="SpatiaLite",
            )
        yield Figure(f"{view}, at most", most_bytes, "bytes", size=scale.largest, goals=(at_most(MOST_BYTES),))
        yield Figure(f"{view}, at most", most_pins, "pins", size=scale.largest, goals=(at_most(MOST_FEATURES),))


def client(size: int) -> FlaskClient:
    """A client of an app with so many opportunities."""
    gazetteer = load_settings().gazetteer_file
    url = spatialite(size)
    return create_app(
        Settings(_env_file=None, database_url=url, gazetteer_file=gazetteer, log_level="ERROR", rate_limit=0)
    ).test_client()


def ask(client: FlaskClient, path: str) -> tuple[float, int]:
    """Milliseconds and compressed bytes of an answer."""
    start = time.perf_counter()
    with client.get(path, headers=BROWSER) as answer:
        body = answer.data
    took = (time.perf_counter() - start) * 1000
    if answer.status_code != 200:
        raise RuntimeError(f"{path} was answered with {answer.status_code}")
    return took, len(body)


def count_pins(client: FlaskClient, path: str) -> int:
    answer: dict[str, Any] = json.loads(client.get(path).data)
    return len(answer["features"])


def path(number: int, view: str, screen: str, filters: str) -> str:
    """The question of a number, each about a part a little beside the others."""
    return f"/discover/pins?{place(random.Random(number), view, screen)}{FILTERS[filters]}"


def place(chance: random.Random, view: str, screen: str) -> str:
    """A part of the map around a view's middle, off by up to a quarter of its width."""
    latitude, longitude, zoom = VIEWS[view]
    width, height = SCREENS[screen]
    degrees = 360 / (256 * 2**zoom)  # a pixel's, eastwards
    upwards = degrees * math.cos(math.radians(latitude))
    longitude += degrees * width * chance.uniform(-0.25, 0.25)
    latitude += upwards * height * chance.uniform(-0.25, 0.25)
    west, east = longitude - degrees * width / 2, longitude + degrees * width / 2
    south, north = latitude - upwards * height / 2, latitude + upwards * height / 2
    return f"bbox={west:.5f},{south:.5f},{east:.5f},{north:.5f}&zoom={zoom}"


if __name__ == "__main__":
    sys.exit(alone(figures))
