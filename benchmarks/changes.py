"""What it costs that the catalogue remembers its changes, and how quickly it is given out as a feed.

Synthetic opportunities are loaded into an empty catalogue on each database, with the triggers of `catalogue.changes`
and without; then the RPDE feed is followed from its beginning to its end.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import psycopg
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from app import create_app
from benchmarks.figures import Baseline, Figure, Of, Scale, alone, at_least, at_most, measured
from benchmarks.synthetic import _today
from catalogue import seeds, synthetic
from database import migrate
from database.engine import connect
from gazetteer.table import Table
from settings import Settings, load_settings
from tests import postgres

COUNT = 20_000
ROUNDS = 2
MOST_LONGER = 1.25  # times the load without triggers
LEAST_PER_S = 500.0  # items of the feed: a page a second


def figures(scale: Scale) -> Iterator[Figure]:
    count = scale.times(COUNT, least=2_000)
    rounds = scale.times(ROUNDS, least=1)
    for name, databases in (("SpatiaLite", spatialite(rounds)), ("PostGIS", postgis(rounds))):
        with databases as urls:
            # In turns, for a machine that others use too is now faster and now slower.
            seconds = [load(url, count, has_triggers=bool(number % 2)) for number, url in enumerate(urls)]
            items_per_s, pages_ms = follow(urls[-1])
        without = Baseline("without", min(seconds[::2]))
        goals = (at_most(MOST_LONGER, Of.RATIO),)
        yield Figure("a load with what remembers changes", min(seconds[1::2]), "s", None, count, name, without, goals)
        goals = (at_least(LEAST_PER_S),)
        yield Figure("the feed of changes followed", items_per_s, "items / s", None, count, name, goals=goals)
        yield measured("a page of it", pages_ms, size=count, database=name)


@contextmanager
def spatialite(rounds: int) -> Iterator[list[str]]:
    """New databases, for each round one without triggers and one with them."""
    with tempfile.TemporaryDirectory() as folder:
        yield [f"sqlite:///{Path(folder) / str(number)}.db" for number in range(2 * rounds)]


@contextmanager
def postgis(rounds: int) -> Iterator[list[str]]:
    """The same on PostGIS."""
    names = [f"round_{number}" for number in range(2 * rounds)]
    with postgres.cluster() as server:
        with psycopg.connect(host=server, user="doorstep", dbname="postgres", autocommit=True) as connection:
            for name in names:
                connection.execute(f"CREATE DATABASE {name}".encode())
        yield [postgres.database(server, name) for name in names]


def load(url: str, count: int, has_triggers: bool) -> float:
    """Seconds to write them, and all that is derived from them, in one transaction."""
    table = Table(load_settings().gazetteer_file)
    spots = table.draw(synthetic.venues_for(count), Random(1).random)
    engine = connect(url)
    migrate.upgrade(engine)
    if not has_triggers:
        drop_triggers(engine)
    with Session(engine) as session:
        seeds.load(session, seeds.read(), _today())
        # SQLite works in this process, whose own time others on the machine do not lengthen.
        clock = time.perf_counter if engine.dialect.name == "postgresql" else time.process_time
        began = clock()
        synthetic.load(session, spots, count, 1, _today())
        session.commit()
        seconds = clock() - began
    engine.dispose()
    return seconds


def drop_triggers(engine: Engine) -> None:
    """Leave the changes out: what a catalogue that remembers none would do."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            named = "SELECT proname FROM pg_proc WHERE proname LIKE 'change\\_%'"
            for name in connection.scalars(text(named)).all():
                connection.execute(text(f"DROP FUNCTION {name}() CASCADE"))
            return
        named = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'change%'"
        for name in connection.scalars(text(named)).all():
            connection.execute(text(f"DROP TRIGGER {name}"))


def follow(url: str) -> tuple[float, list[float]]:
    """Items a second from the first page of the feed to the last, and the milliseconds of each page."""
    app = create_app(Settings(_env_file=None, database_url=url, log_level="ERROR", rate_limit=0))
    client, address = app.test_client(), "/api/v1/rpde/opportunities"
    items, took = 0, []
    while True:
        asked = time.perf_counter()
        with client.get(address) as answer:
            page = answer.get_json()
        took.append((time.perf_counter() - asked) * 1000)
        items += len(page["items"])
        if not page["items"]:
            break
        address = page["next"].removeprefix("http://localhost")
    app.extensions["engine"].dispose()
    return items / (sum(took) / 1000), took


if __name__ == "__main__":
    sys.exit(alone(figures))
