"""A search asks the database no more the more there is: so many statements, and each for a bounded number of rows."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from tests.client import HTMX

QUERY = "near=PL1+2AA"
FILTERED = f"{QUERY}&kind=workshop&kind=course&layer=participate&free=1&age=16&time=weekend&within=any"
WORDS = f"{QUERY}&q=weldin&sort=soonest"
PART = HTMX | {"HX-Target": "hits"}
# Each circle that grows is a statement: 1, 4, 16, 64 km and then the widest asked for, or up to half-way
# round the world, which is the ninth. So are the three that fill any number of cards.
#
#   any search       the radius that fits (up to 5), unless it is asked for; what lies in the widest circle (5, or 9);
#                    the count at any distance; those without a place (2) and how many
#   with choices     counts by everything but skills, and by skill (2)
#   the shelves      of each of four layers (5, and 5 more if there is nothing near); cards (3); pathways (3)
#   a list           cards (3); by soonest the moments they are sorted by (2)
#   words            what they may mean (up to 4 a word), and the circle again if it was full
#   nothing found    the nearest of all (9), its card (3)
#   a whole page     whether samples are loaded
MOST = {
    f"/discover?{QUERY}": 30,
    "/discover?near=57.5,-6.2": 46,  # on Skye, far from every sample
    f"/discover?{FILTERED}": 23,
    f"/discover?{WORDS}": 30,
    f"/discover/map?{QUERY}": 22,
    "/discover/anywhere": 4,
    f"/api/v1/opportunities?{QUERY}": 18,
    f"/api/v1/opportunities?{FILTERED}&facets=1": 22,
    "/api/v1/opportunities?elsewhere=1": 4,
}


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        found.append(" ".join(statement.split()))

    event.listen(app.extensions["engine"], "after_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(app.extensions["engine"], "after_cursor_execute", note)


@pytest.mark.parametrize("path", MOST)
def test_a_search_takes_few_statements(site: Flask, path: str) -> None:
    with statements(site) as found, site.test_client().get(path) as answer:
        assert answer.status_code == 200
    assert 0 < len(found) <= MOST[path]


@pytest.mark.parametrize("path", [*MOST, "/api/v1/pathways", "/sitemap.xml"])
def test_no_statement_reads_more_rows_because_there_are_more(site: Flask, path: str) -> None:
    with statements(site) as found, site.test_client().get(path) as answer:
        assert answer.status_code == 200
    assert found
    assert [statement for statement in found if not is_bounded(statement)] == []


def test_showing_more_takes_no_more_than_a_list(site: Flask) -> None:
    with statements(site) as page, site.test_client().get(f"/discover?{FILTERED}"):
        pass
    with statements(site) as part, site.test_client().get(f"/discover?{FILTERED}&page=2", headers=PART):
        pass
    assert len(part) < len(page)


def is_bounded(statement: str) -> bool:
    """Whether it has a limit, is for given ids, or gives sums: one row for all, or one for each sort there is."""
    bounds = (r" LIMIT \S+( OFFSET \S+)?$", r" WHERE \w+\.(\w+_)?id IN \(", r"^SELECT count\(", r" GROUP BY [^()]*$")
    return any(re.search(bound, statement) for bound in bounds)
