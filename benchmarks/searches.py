"""What a page of results asks of the catalogue, at every size and on both databases: counts, shelves, a list.

Each stands beside the same among ten thousand, asked in turns at the same spots: a search of the whole country must
cost what it costs for a town.
"""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from itertools import product
from random import Random

from sqlalchemy.orm import Session

from app import create_app
from benchmarks.figures import Figure, Of, Scale, alone, at_most, in_turns, measured, say
from benchmarks.nearest import PLACES, opened
from benchmarks.places import Spot, spot
from benchmarks.synthetic import postgis_of, spatialite
from catalogue.facets import facets
from catalogue.filters import Filters
from catalogue.words import Kind
from gazetteer.table import Table
from search import days
from search.days import Soon
from search.find import AGES, find
from search.forms import SearchRequest
from settings import Settings, load_settings

MILES = 5.0  # of what is counted
PAGE_SIZE = 20
MOST_TIMES = 1.3  # the time among ten thousand, as for the whole page
SPOTS = 30
SECONDS = 1.0
Search = Callable[[Session, Spot], object]


def figures(scale: Scale) -> Iterator[Figure]:
    files = [spatialite(size) for size in scale.sizes]
    settings = load_settings()
    table = Table(settings.gazetteer_file)
    app = create_app(
        Settings(_env_file=None, database_url=files[0], gazetteer_file=settings.gazetteer_file, log_level="ERROR")
    )
    with postgis_of(scale.sizes) as urls, app.test_request_context():
        for database, addresses in (("SpatiaLite", files), ("PostGIS", urls)):
            say(f"searches on {database}")
            with ExitStack() as stack:
                sessions = {
                    size: stack.enter_context(Session(stack.enter_context(opened(url))))
                    for size, url in zip(scale.sizes, addresses, strict=True)
                }
                for size, place in product(scale.sizes, PLACES):
                    for what, search in searches(table).items():
                        ours, beside = took(search, sessions, size, spots(scale, place), scale.town)
                        yield measured(
                            f"{place}, {what}",
                            ours,
                            beside=(f"of {scale.town:,}", beside) if beside else None,
                            goals=[at_most(MOST_TIMES, Of.RATIO)] if size == scale.largest else (),
                            size=size,
                            database=database,
                        )


def took(
    search: Search, sessions: Mapping[int, Session], size: int, at: Sequence[Spot], town: int
) -> tuple[list[float], list[float]]:
    """Milliseconds of a search among so many, and among a town's where that is fewer, at the same spots."""
    ours, other = sessions[size], sessions[town]
    if size <= town:
        return in_turns(((partial(search, ours, each), lambda: None) for each in [at[0], *at]), SECONDS)[0], []
    return in_turns(((partial(search, ours, each), partial(search, other, each)) for each in [at[0], *at]), SECONDS)


def searches(table: Table) -> dict[str, Search]:
    return {
        "counts beside the choices": count,
        "shelves": partial(look, table, SearchRequest(), with_choices=False),
        "shelves and counts": partial(look, table, SearchRequest(), with_choices=True),
        "a list of courses, and counts": partial(
            look, table, SearchRequest(kinds=frozenset({Kind.COURSE})), with_choices=True
        ),
        "a list for a word, and counts": partial(look, table, SearchRequest(q="welding"), with_choices=True),
    }


def count(session: Session, at: Spot) -> object:
    now = datetime.now(UTC)
    spans = {soon.value: days.span(soon, now) for soon in Soon}
    return facets(session, at, Filters(now, within_miles=MILES), AGES, spans)


def look(table: Table, wanted: SearchRequest, session: Session, at: Spot, with_choices: bool) -> object:
    asked = wanted.with_near(f"{at.latitude},{at.longitude}")
    found = find(session, table, asked, PAGE_SIZE, with_choices=with_choices)
    session.expunge_all()  # the next request has a session of its own
    return found


def spots(scale: Scale, place: str) -> list[Spot]:
    chance = Random(2)
    return [spot(chance, place) for _ in range(scale.times(SPOTS, least=4))]


if __name__ == "__main__":
    sys.exit(alone(figures))
