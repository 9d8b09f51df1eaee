"""Garbage is collected between requests only, and a worker with several threads lives on."""

import gc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from flask import Flask

from benchmarks.serving import serve
from settings import Settings
from web import garbage

THREADS = 4
PAGES = 80  # by each: without the rule Python 3.11 crashes within them


@pytest.fixture
def app() -> Flask:
    made = Flask(__name__)
    garbage.init_app(made)
    made.add_url_rule("/", view_func=litter)
    return made


@pytest.fixture
def _settled() -> Iterator[None]:
    garbage.settle()
    yield
    gc.enable()
    gc.unfreeze()


def litter() -> str:
    for _ in range(2 * garbage.MOST_YOUNG):
        ring: list[object] = []
        ring.append(ring)
    return str(gc.get_count()[0])


@pytest.mark.usefixtures("_settled")
def test_what_a_request_leaves_is_collected_after_it(app: Flask) -> None:
    client = app.test_client()
    for _ in range(3):
        assert int(client.get("/").text) > garbage.MOST_YOUNG
        assert gc.get_count()[0] < garbage.MOST_YOUNG


def test_where_the_collector_runs_by_itself_it_is_left_to_itself(app: Flask) -> None:
    asked: list[str] = []
    gc.callbacks.append(lambda phase, _: asked.append(phase))
    try:
        with app.test_request_context():
            gc.freeze()
            asked.clear()
        assert asked == []
    finally:
        gc.callbacks.pop()
        gc.unfreeze()


def test_a_worker_with_several_threads_answers_every_request(site_settings: Settings) -> None:
    with (
        serve(site_settings, LOG_LEVEL="ERROR", WEB_THREADS=str(THREADS)) as base,
        ThreadPoolExecutor(THREADS) as pool,
    ):
        assert set(pool.map(lambda _: pages(base), range(THREADS))) == {(200,) * PAGES}


def pages(base: str) -> tuple[int, ...]:
    with closing(HTTPConnection(urlsplit(base).netloc, timeout=60)) as connection:
        return tuple(page(connection) for _ in range(PAGES))


def page(connection: HTTPConnection) -> int:
    connection.request("GET", "/pathways", headers={"Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    answer.read()
    return answer.status
