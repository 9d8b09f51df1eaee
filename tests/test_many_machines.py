"""A primary, a real streaming replica and two sites, as docs/scaling.md sets them up, and what becomes of them.

Nothing here can pass by accident: while the replica is told to wait with what it receives, it shows the old, and who
sees the new has read from the primary. The tests follow each other: the last leaves no primary.
"""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from threading import Event, Thread

import psycopg
import pytest
import requests
from sqlalchemy.orm import Session

from benchmarks.serving import serve
from catalogue.seeds import load, read
from database import migrate
from database.engine import connect
from settings import UK_TIME, Settings
from tests import postgres
from tests.conftest import GAZETTEER
from tests.postgres import Server

PATHWAY, STEP = "into-digital-marketing", "find-out-what-marketers-do-all-day"
PATIENCE_S = 30


@dataclass
class Country:
    """Two servers and the addresses of two sites."""

    primary: Server
    replica: Server
    sites: tuple[str, ...]


@pytest.fixture(scope="module")
def country() -> Iterator[Country]:
    with postgres.servers() as (primary, replica), ExitStack() as stack:
        primary.start()
        ask(primary, "CREATE DATABASE doorstep", name="postgres")
        engine = connect(f"postgresql+psycopg://doorstep@{primary.address}/doorstep")
        migrate.upgrade(engine)
        with Session(engine) as session:
            load(session, read(), datetime.now(UK_TIME).date())
            session.commit()
        engine.dispose()
        postgres.replicate(primary, replica)
        replica.start()
        settings = Settings(
            _env_file=None,
            database_url=f"postgresql://doorstep@{primary.address},{replica.address}/doorstep"
            "?target_session_attrs=read-write",
            gazetteer_file=GAZETTEER,
        )
        replica_url = f"postgresql://doorstep@{replica.address}/doorstep"
        sites = [stack.enter_context(serve(settings, DATABASE_REPLICA_URL=replica_url)) for _ in range(2)]
        yield Country(primary, replica, tuple(sites))


def ask(server: Server, statement: str, *values: object, name: str = "doorstep") -> list[tuple[object, ...]]:
    with psycopg.connect(
        host="127.0.0.1", port=server.port, user="doorstep", dbname=name, autocommit=True
    ) as connection:
        found = connection.execute(statement, values)
        return found.fetchall() if found.description else []


@contextmanager
def waiting(replica: Server) -> Iterator[None]:
    """Let the replica receive what is written and not show it."""
    ask(replica, "SELECT pg_wal_replay_pause()")
    until(lambda: ask(replica, "SELECT pg_get_wal_replay_pause_state()") == [("paused",)])
    try:
        yield
    finally:
        ask(replica, "SELECT pg_wal_replay_resume()")


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, "it has not come about"
        time.sleep(0.05)


def title(site: str, visitor: requests.Session | None = None) -> str:
    """The title of the first opportunity, as a site shows it to somebody."""
    page = (visitor or requests).get(f"{site}/opportunities/1-x", timeout=20)
    assert page.status_code == 200
    found = re.search("<h1[^>]*>(.*?)</h1>", page.text, re.S)
    assert found
    return found[1].strip()


def shows(site: str, text: str) -> bool:
    return title(site) == text


def write_title(server: Server, text: str) -> None:
    ask(server, "UPDATE opportunity SET title = %s WHERE id = 1", text)


def tick(site: str, visitor: requests.Session) -> int:
    form = {"step": STEP, "done": "yes"}
    address = f"{site}/pathways/{PATHWAY}/tick"
    return visitor.post(address, data=form, allow_redirects=False, timeout=20).status_code


def has_ticks(site: str, visitor: requests.Session) -> bool:
    page = visitor.get(f"{site}/progress", timeout=20)
    assert page.status_code == 200
    return "You have not ticked anything off yet" not in page.text


def status(site: str) -> str:
    said: str = requests.get(f"{site}/readyz", timeout=20).json()["status"]
    return said


def test_pages_come_from_the_replica_and_what_one_has_written_is_seen_at_once_everywhere(country: Country) -> None:
    here, there = country.sites
    before = title(here)
    visitor = requests.Session()
    with waiting(country.replica):
        write_title(country.primary, "Not replayed")
        assert [title(site) for site in country.sites] == [before, before]
        assert tick(here, visitor) == 303
        assert has_ticks(here, visitor)
        assert has_ticks(there, visitor)
        assert [title(site, visitor) for site in country.sites] == ["Not replayed", "Not replayed"]
        assert [title(site) for site in country.sites] == [before, before]
    for site in country.sites:
        until(partial(shows, site, "Not replayed"))


@contextmanager
def readers(sites: tuple[str, ...]) -> Iterator[list[int]]:
    """People who go on reading on both sites; gives the statuses that they have got so far."""
    got: list[int] = []
    is_over = Event()

    def go_on(site: str) -> None:
        while not is_over.is_set():
            for path in ("/discover?near=PL1+2AA", "/opportunities/1-x", f"/pathways/{PATHWAY}?near=PL1", "/readyz"):
                got.append(requests.get(f"{site}{path}", timeout=20).status_code)

    threads = [Thread(target=go_on, args=[site]) for site in sites]
    for thread in threads:
        thread.start()
    try:
        yield got
    finally:
        is_over.set()
        for thread in threads:
            thread.join()


def more(got: list[int], count: int) -> None:
    enough = len(got) + count
    until(lambda: len(got) >= enough)


def test_a_replica_that_is_killed_is_survived_and_taken_again(country: Country) -> None:
    with readers(country.sites) as got:
        more(got, 10)
        country.replica.kill()
        more(got, 20)
        assert {status(site) for site in country.sites} == {"degraded"}
        country.replica.start()
        until(lambda: {status(site) for site in country.sites} == {"ok"})
    assert set(got) == {200}
    with waiting(country.replica):
        before = title(country.sites[0])
        write_title(country.primary, "Back again")
        for site in country.sites:
            until(partial(shows, site, before))


def test_a_replica_that_is_promoted_takes_the_place_of_the_primary(country: Country) -> None:
    here, there = country.sites
    visitor = requests.Session()
    assert tick(here, visitor) == 303
    until(
        lambda: (
            ask(country.replica, "SELECT count(*) FROM progress")
            == ask(country.primary, "SELECT count(*) FROM progress")
        )
    )
    with readers(country.sites) as got:
        more(got, 8)
        country.primary.kill()
        more(got, 16)
        assert {status(site) for site in country.sites} == {"degraded"}
        late = requests.Session()
        assert tick(here, late) == 500
        assert not late.cookies
        country.replica.promote()
        until(lambda: tick(here, late) == 303)
        assert has_ticks(there, late)
        assert has_ticks(there, visitor)
        write_title(country.replica, "Written after the promotion")
        assert [title(site) for site in country.sites] == ["Written after the promotion"] * 2
        assert {status(site) for site in country.sites} == {"ok"}
    assert set(got) == {200}
