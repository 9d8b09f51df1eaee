"""What it costs that the catalogue remembers its changes, and how quickly it is given out as a feed.

`python -m benchmarks.changes [COUNT]` loads so many synthetic opportunities, twenty thousand if none is said, into
an empty catalogue on each database, with the triggers of `catalogue.changes` and without, the better of two; then
follows the RPDE feed from its beginning to its end. Prints a table; each goal is marked met or missed, and the command
ends with 1 if one is.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import psycopg
from rich.console import Console
from rich.table import Table as Grid
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from app import create_app
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


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    grid = Grid(title=f"{count:,} opportunities", title_justify="left")
    for heading in ("database", "load without, s", "with, s", "times", "", "feed, items/s", "slowest page, ms", ""):
        grid.add_column(heading)
    is_met = True
    for name, databases in (("SpatiaLite", spatialite()), ("PostGIS", postgis())):
        with databases as urls:
            # In turns, for a machine that others use too is now faster and now slower.
            seconds = [load(url, count, has_triggers=bool(number % 2)) for number, url in enumerate(urls)]
            without, with_them = min(seconds[::2]), min(seconds[1::2])
            per_s, slowest_ms = follow(urls[-1])
        times = with_them / without
        goals = times <= MOST_LONGER, per_s >= LEAST_PER_S
        is_met = is_met and all(goals)
        said = ["met" if goal else "missed" for goal in goals]
        numbers = f"{without:.1f}", f"{with_them:.1f}", f"{times:.2f}"
        grid.add_row(name, *numbers, said[0], f"{per_s:,.0f}", f"{slowest_ms:.0f}", said[1])
    Console().print(grid)
    sys.exit(0 if is_met else 1)


@contextmanager
def spatialite() -> Iterator[list[str]]:
    """New databases, for each round one without triggers and one with them."""
    with tempfile.TemporaryDirectory() as folder:
        yield [f"sqlite:///{Path(folder) / str(number)}.db" for number in range(2 * ROUNDS)]


@contextmanager
def postgis() -> Iterator[list[str]]:
    """The same on PostGIS."""
    names = [f"round_{number}" for number in range(2 * ROUNDS)]
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


def follow(url: str) -> tuple[float, float]:
    """Items a second from the first page of the feed to the last, and the milliseconds of the slowest page."""
    app = create_app(Settings(_env_file=None, database_url=url, log_level="ERROR", rate_limit=0))
    client, address = app.test_client(), "/api/v1/rpde/opportunities"
    items, slowest, began = 0, 0.0, time.perf_counter()
    while True:
        asked = time.perf_counter()
        with client.get(address) as answer:
            page = answer.get_json()
        slowest = max(slowest, time.perf_counter() - asked)
        items += len(page["items"])
        if not page["items"]:
            break
        address = page["next"].removeprefix("http://localhost")
    app.extensions["engine"].dispose()
    return items / (time.perf_counter() - began), slowest * 1000


if __name__ == "__main__":
    main()
