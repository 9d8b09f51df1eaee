"""The page of results through gunicorn, with one worker: beside the same HTML from constants, and beside a town's.

The constants are what a search found for each postcode before the first question was timed: a bare view renders the
same templates from them, with nothing to look up.
"""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from functools import partial
from http.client import HTTPConnection
from itertools import cycle
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any
from urllib.parse import quote_plus, urlsplit

from sqlalchemy import event

from app import create_app
from benchmarks.figures import Figure, Of, Scale, alone, at_least, at_most, in_turns, measured, say
from benchmarks.serving import serve
from benchmarks.synthetic import postgis, spatialite
from gazetteer.table import Table
from settings import Settings, load_settings

POSTCODES = 120
CONNECTIONS = 2
ROUNDS = 7
ROUND_S = 2.0
SHORT_ROUND_S = 1.0  # in the quick run
TIMED = 240
TIMED_S = 25.0
LEAST_SHARE = 0.5
MOST_TIMES = 1.3
HEADERS = {"Accept": "text/html", "Accept-Encoding": "gzip, deflate, br, zstd"}


def figures(scale: Scale) -> Iterator[Figure]:
    postcodes = _postcodes(scale.times(POSTCODES))
    with ExitStack() as stack:
        many, town = (
            stack.enter_context(serve(_settings(size), LOG_LEVEL="ERROR")) for size in (scale.largest, scale.town)
        )
        constants = stack.enter_context(
            serve(
                _settings(scale.largest),
                app="benchmarks.constant_page:app()",
                LOG_LEVEL="ERROR",
                POSTCODES=",".join(postcodes),
            )
        )
        yield _rate(scale, many, constants, postcodes)
        yield _time(scale, many, town, postcodes)
    yield _in_database(scale, "SpatiaLite", spatialite(scale.largest), postcodes)
    with postgis(scale.largest) as url:
        yield _in_database(scale, "PostGIS", url, postcodes)


def _rate(scale: Scale, ours: str, bare: str, postcodes: list[str]) -> Figure:
    say("page: answers a second")
    seconds = ROUND_S if scale.share == 1 else SHORT_ROUND_S
    rates = [
        (_answers_a_second(ours, postcodes, seconds), _answers_a_second(bare, postcodes, seconds))
        for _ in range(scale.times(ROUNDS, 3))
    ]
    mine, other = zip(*rates, strict=True)
    return measured(
        "page of results, one worker",
        mine,
        "/ s",
        beside=("the same HTML from constants", other),
        goals=[at_least(LEAST_SHARE, Of.RATIO)],
        size=scale.largest,
        database="SpatiaLite",
    )


def _time(scale: Scale, many: str, town: str, postcodes: list[str]) -> Figure:
    say("page: beside a town's")
    with closing(_connect(many)) as first, closing(_connect(town)) as second:
        asked = [each for each, _ in zip(cycle(postcodes), range(scale.times(TIMED)), strict=False)]
        pairs = ((partial(_get, first, each), partial(_get, second, each)) for each in [*postcodes[:5], *asked])
        ours, beside = in_turns(pairs, TIMED_S)
    return measured(
        "page of results, first to last byte",
        ours,
        beside=(f"of {scale.town:,}", beside),
        goals=[at_most(MOST_TIMES, Of.RATIO), at_most(MOST_TIMES, Of.P95_RATIO)],
        size=scale.largest,
        database="SpatiaLite",
    )


def _in_database(scale: Scale, database: str, url: str, postcodes: list[str]) -> Figure:
    """How long a page waits for its statements, without a server: for whoever reckons how many processors they need."""
    say(f"page: its statements on {database}")
    app = create_app(_settings_of(url))
    client, waited = app.test_client(), [0.0]

    def begin(_connection: Any, _cursor: Any, _statement: str, _values: Any, context: Any, _many: bool) -> None:
        context.begun = perf_counter()

    def end(_connection: Any, _cursor: Any, _statement: str, _values: Any, context: Any, _many: bool) -> None:
        waited[0] += perf_counter() - context.begun

    event.listen(app.extensions["engine"], "before_cursor_execute", begin)
    event.listen(app.extensions["engine"], "after_cursor_execute", end)
    pages, statements = [], []
    for postcode in [*postcodes[:5], *postcodes]:
        waited[0], begun = 0.0, perf_counter()
        with client.get(f"/discover?near={quote_plus(postcode)}") as answer:
            answer.get_data()
        pages.append((perf_counter() - begun) * 1000)
        statements.append(waited[0] * 1000)
    app.extensions["engine"].dispose()
    return measured(
        "of a page of results, its statements",
        statements[5:],
        beside=("the whole page", pages[5:]),
        size=scale.largest,
        database=database,
    )


def _answers_a_second(base: str, postcodes: list[str], seconds: float) -> float:
    start = perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        done = list(
            pool.map(lambda number: _until(start + seconds, base, postcodes[number::CONNECTIONS]), range(CONNECTIONS))
        )
    return sum(done) / (perf_counter() - start)


def _until(end: float, base: str, postcodes: list[str]) -> int:
    got = 0
    with closing(_connect(base)) as connection:
        for postcode in cycle(postcodes):
            if perf_counter() > end:
                return got
            _get(connection, postcode)
            got += 1
    return got


def _get(connection: HTTPConnection, postcode: str) -> None:
    connection.request("GET", f"/discover?near={quote_plus(postcode)}", headers=HEADERS)
    answer = connection.getresponse()
    answer.read()
    if answer.status != 200:
        raise RuntimeError(f"a search near {postcode} was answered with {answer.status}")


def _connect(base: str) -> HTTPConnection:
    return HTTPConnection(urlsplit(base).netloc, timeout=60)


def _postcodes(count: int) -> list[str]:
    """Real postcodes, each as likely as any other: most in towns."""
    table = Table(load_settings().gazetteer_file)
    return list(dict.fromkeys(each[0] for each in table.draw(count, Random(3).random)))


def _settings(size: int) -> Settings:
    return _settings_of(spatialite(size))


def _settings_of(url: str) -> Settings:
    return Settings(
        _env_file=None,
        database_url=url,
        gazetteer_file=Path(load_settings().gazetteer_file),
        log_level="ERROR",
        rate_limit=0,
    )


if __name__ == "__main__":
    sys.exit(alone(figures))
