"""A whole source on a server with awkward habits: each ends with a clear line, what was stored stays, and it mends."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import select
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from catalogue.models import Opportunity
from catalogue.source_models import Outcome, Source, SourceMark, SourceRun, State
from feeds.fetching import Fetcher
from feeds.places import placer
from feeds.refresh import refresh
from gazetteer.table import Table
from tests.feeds.awkward_server import (
    AwkwardServer,
    Clock,
    Habit,
    Wire,
    answer,
    endless,
    gzip_bomb,
    huge,
    in_turn,
    redirect,
    resets,
    silent,
    status,
    trickling,
)
from tests.feeds.made import NOW

TLS = httpx2.create_ssl_context()
PAGES = 3


@pytest.fixture
def server() -> Iterator[AwkwardServer]:
    with AwkwardServer() as running:
        yield running


def page(server: AwkwardServer, number: int, day: int = 12) -> Habit:
    """A page of one session, or after the last an empty one whose next is itself."""
    items = []
    if number < PAGES:
        session = {
            "@context": "https://openactive.io/",
            "type": "Event",
            "id": f"https://sports.example/events/{number}",
            "name": f"Football {number}",
            "organizer": {"type": "Organization", "name": "Plymouth Sports"},
            "location": {
                "type": "Place",
                "name": "Central Park",
                "address": {"type": "PostalAddress", "postalCode": "PL2 3DG", "addressLocality": "Plymouth"},
            },
            "startDate": f"2027-02-{day}T18:00:00Z",
            "endDate": f"2027-02-{day}T19:00:00Z",
        }
        items = [{"state": "updated", "kind": "Event", "id": number, "modified": 100 + number, "data": session}]
    following = min(number + 1, PAGES)
    body = {"items": items, "next": server.url(f"/feed?afterChangeNumber={following}"), "license": "CC BY 4.0"}
    return answer(json.dumps(body).encode(), "application/json")


def serve(server: AwkwardServer, third: Habit | None = None) -> None:
    """All pages as they should be, but perhaps for the third."""

    def one(wire: Wire) -> None:
        number = int(wire.asked.target.partition("=")[2] or 0)
        habit = third if third and number == PAGES - 1 else page(server, number)
        habit(wire)

    server.habits["/feed"] = one


class Reader:
    """The source, read as the command reads it but for the clock."""

    def __init__(self, session: Session, table: Table, server: AwkwardServer) -> None:
        self.session = session
        self.clock = Clock()
        self._place = placer(table)
        self.source = Source(
            slug="sports", name="Sports", format="openactive", address=server.url("/feed"), may_be_private=True
        )
        session.add(self.source)
        session.commit()

    def read(self, days: int = 0) -> SourceRun:
        engine = self.session.get_bind().engine
        assert isinstance(engine, Engine)
        with Fetcher(
            user_agent="Doorstep tests",
            allow_private=True,
            ssl_context=TLS,
            clock=self.clock,
            sleep=self.clock.sleep,
            rand=self.clock.rand,
            timeout_seconds=0.3,
        ) as fetcher:
            return refresh(self.session, engine, self.source, self._place, fetcher, NOW + timedelta(days=days))

    def titles(self) -> list[str]:
        return sorted(self.session.scalars(select(Opportunity.title)))


@pytest.fixture
def reader(session: Session, table: Table, server: AwkwardServer) -> Reader:
    return Reader(session, table, server)


def test_a_feed_is_read_to_its_end_and_gone_on_with(reader: Reader, server: AwkwardServer, session: Session) -> None:
    serve(server)
    run = reader.read()
    assert (run.outcome, run.message, run.new) == (Outcome.DONE, "", PAGES)
    assert reader.titles() == ["Football 0", "Football 1", "Football 2"]
    assert session.scalar(select(SourceMark.value)) == server.url(f"/feed?afterChangeNumber={PAGES}")
    server.asked.clear()
    assert reader.read().read == 0
    assert [asked.target for asked in server.asked] == [f"/feed?afterChangeNumber={PAGES}"]


AWKWARD: dict[str, tuple[Any, str]] = {
    "silent": (silent, "stopped answering"),
    "slow without end": ("trickling", "still not done after 60 seconds"),
    "429 for ever": (status(429), "429"),
    "500 for ever": (status(500), "500"),
    "resets": (resets, "connection"),
    "broken JSON": (answer(b'{"items": [{', "application/json"), "JSON"),
    "not JSON": (answer(b"<html>Sign in</html>", "text/html"), "JSON"),
    "no items": (answer(b"{}", "application/json"), "items"),
    "2 GB": (huge(2048, announced=False), "larger than"),
    "endless": (endless, "larger than"),
    "gzip bomb": (gzip_bomb(64), "as only a trap would"),
    "to a private address": (redirect("http://169.254.169.254/latest"), "169.254.169.254"),
    "to a file": (redirect("file:///etc/passwd"), "file"),
    "in a circle": ("circle", "circle"),
    "to another page that was read": ("loop", "goes round in a loop"),
}


@pytest.mark.parametrize("name", AWKWARD)
def test_what_a_server_does_on_page_3_costs_nothing_and_is_said(
    reader: Reader, server: AwkwardServer, session: Session, name: str
) -> None:
    habit, said = AWKWARD[name]
    third = f"/feed?afterChangeNumber={PAGES - 1}"
    if habit == "trickling":
        habit = trickling(lambda: reader.clock.sleep(10))
    elif habit == "circle":
        habit = redirect(server.url(third))
    elif habit == "loop":
        body = {"items": [{"state": "deleted", "kind": "Event", "id": 99, "modified": 1}], "next": server.url("/feed")}
        habit = answer(json.dumps(body).encode(), "application/json")
    serve(server, habit)
    run = reader.read()
    assert run.outcome is Outcome.FAILED
    assert said in run.message, run.message
    assert "\n" not in run.message
    assert reader.source.state is State.FAILING
    assert reader.titles() == ["Football 0", "Football 1"]
    # It goes on from where it was, once the server behaves.
    serve(server)
    server.asked.clear()
    again = reader.read()
    assert (again.outcome, again.message) == (Outcome.DONE, "")
    assert reader.titles() == ["Football 0", "Football 1", "Football 2"]
    if name != "to another page that was read":
        assert server.asked[0].target == third


def test_a_server_that_stumbles_is_tried_again(reader: Reader, server: AwkwardServer) -> None:
    good = page(server, PAGES - 1)
    # The server counts what is asked of a path: the third page is the third request.
    serve(server, in_turn(good, good, status(500), status(429, Retry_After="7"), good))
    assert reader.read().outcome is Outcome.DONE
    assert len(reader.clock.slept) == 2
    assert reader.clock.slept[1] >= 7


def test_a_feed_without_end_is_left_at_a_bound(
    reader: Reader, server: AwkwardServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feeds.rpde.MOST_PAGES", 20)

    def more(wire: Wire) -> None:
        number = int(wire.asked.target.partition("=")[2] or 0)
        item = {"state": "deleted", "kind": "Event", "id": number, "modified": number}
        body = {"items": [item], "next": server.url(f"/feed?afterChangeNumber={number + 1}")}
        answer(json.dumps(body).encode(), "application/json")(wire)

    server.habits["/feed"] = more
    run = reader.read()
    assert run.outcome is Outcome.FAILED
    assert "pages" in run.message
    assert len(server.asked) == 20


def test_what_changes_is_read_again(reader: Reader, server: AwkwardServer, session: Session) -> None:
    serve(server)
    reader.read()
    changed = {
        "type": "Event",
        "id": "https://sports.example/events/1",
        "name": "Walking football",
        "organizer": {"type": "Organization", "name": "Plymouth Sports"},
        "location": {"type": "Place", "name": "Central Park", "address": {"postalCode": "PL2 3DG"}},
        "startDate": "2027-02-20T18:00:00Z",
        "endDate": "2027-02-20T19:00:00Z",
    }
    news = [
        {"state": "updated", "kind": "Event", "id": 1, "modified": 200, "data": changed},
        {"state": "deleted", "kind": "Event", "id": 2, "modified": 201},
    ]

    def go_on(wire: Wire) -> None:
        items = news if wire.asked.target.endswith(f"={PAGES}") else []
        body = {"items": items, "next": server.url("/feed?afterChangeNumber=9")}
        answer(json.dumps(body).encode(), "application/json")(wire)

    server.habits["/feed"] = go_on
    run = reader.read(days=1)
    assert (run.outcome, run.changed, run.gone) == (Outcome.DONE, 1, 1)
    found = dict(session.execute(select(Opportunity.title, Opportunity.ends_at)).all())
    assert set(found) == {"Football 0", "Walking football", "Football 2"}
    assert found["Football 2"] == NOW + timedelta(days=1)
