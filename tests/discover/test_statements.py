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
# A look for the nearest asks first how much there is around (1). Each circle that grows from there is a statement, by
# half at least and at most fourfold, up to 64 km and then to the widest.
# What has no place is read in up to 8 parts, in the order of their kinds and ends. So are the three that fill any
# number of cards.
#
#   any search       what lies in the widest circle (7); the count at any distance; those without a place (8); with
#                    filters the radius that fits (9) and whether few have what is asked for (2)
#   with choices     those without a place; who has a skill and who a sitting (2); sittings; skills (3)
#   without          how many have no place
#   the shelves      cards (3); pathways (3)
#   a list           cards (3); by soonest the moments they are sorted by (2)
#   words            what they may mean (up to 4 a word), and the circle again if it was full
#   nothing found    the nearest of all (9), its card (3)
#   a whole page     whether samples are loaded
MOST = {
    f"/discover?{QUERY}": 19,
    "/discover?near=57.5,-6.2": 39,  # on Skye, far from every sample
    f"/discover?{FILTERED}": 33,
    f"/discover?{WORDS}": 35,
    f"/discover/map?{QUERY}": 17,
    "/discover/anywhere": 9,
    f"/api/v1/opportunities?{QUERY}": 13,
    f"/api/v1/opportunities?{FILTERED}&facets=1": 32,
    "/api/v1/opportunities?elsewhere=1": 9,
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
    bounds = (
        r" LIMIT \S+( OFFSET \S+)?$",
        r" WHERE \w+\.(\w+_)?id IN \(",
        r"^SELECT (\(SELECT )?(count|sum)\(",
        r" GROUP BY [^()]*$",
    )
    return any(re.search(bound, statement) for bound in bounds)
