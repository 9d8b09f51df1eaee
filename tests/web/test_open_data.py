"""What is there for programs: who may read it, how long it is kept, and how often one may ask."""

import json
from collections.abc import Iterator
from datetime import datetime, tzinfo

import pytest
from flask import Flask

from app import create_app
from settings import Settings
from tests.client import CheckedClient
from web import open_data
from web.rates import Rate

NEAR = "near=PL1+2AA&within=5"
OPEN = [
    f"/api/v1/opportunities?{NEAR}",
    "/api/v1/pathways",
    "/api/v1/pathways/become-an-electrician?near=PL1",
    "/api/v1/pathways/become-an-electrician.jsonld",
    "/api/v1/geocode?q=PL1",
    "/api/v1/openapi.json",
    "/api/v1/rpde/opportunities",
    f"/discover.atom?{NEAR}",
    f"/discover.ics?{NEAR}",
    f"/discover.csv?{NEAR}",
]


class Clock:
    """A clock that is set by hand, in seconds."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limited(site_settings: Settings, clock: Clock) -> Iterator[Flask]:
    """A site of which one may ask twice a minute."""
    app = create_app(site_settings.model_copy(update={"rate_limit": 2}))
    app.extensions[open_data._RATE] = Rate(2, clock)
    yield app
    app.extensions["engine"].dispose()


@pytest.mark.parametrize("path", OPEN)
@pytest.mark.parametrize("encoding", ["identity", "br"])
def test_who_has_it_already_is_told_so(site: Flask, path: str, encoding: str) -> None:
    headers, asked = {"Accept-Encoding": encoding}, site.test_client()
    with asked.get(path, headers=headers) as first:
        assert first.status_code == 200
        etag = first.headers["ETag"]
        assert "max-age=" in first.headers["Cache-Control"]
    with asked.get(path, headers=headers | {"If-None-Match": etag}) as again:
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["Access-Control-Allow-Origin"] == "*"
    with asked.get(path, headers=headers | {"If-None-Match": '"another"'}) as other:
        assert other.status_code == 200


def test_it_is_still_the_same_a_while_later(site: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where there is a next page: when it was asked for is not in that address."""
    path = "/api/v1/opportunities?near=PL1+2AA&within=any"
    with site.test_client().get(path) as first:
        assert "next" in (first.get_json(force=True) or {})
        mark = first.headers["ETag"]

    class Later(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Later":
            return cls.fromtimestamp(datetime.now(tz).timestamp() + 3, tz)

    monkeypatch.setattr("search.find.datetime", Later)
    with site.test_client().get(path, headers={"If-None-Match": mark}) as again:
        assert again.status_code == 304


@pytest.mark.parametrize("path", OPEN)
def test_only_the_head_may_be_asked_for(site: Flask, path: str) -> None:
    with site.test_client().get(path) as whole, site.test_client().head(path) as head:
        assert (head.status_code, head.data) == (200, b"")
        for name in ("Content-Type", "ETag", "Cache-Control", "Access-Control-Allow-Origin"):
            assert head.headers[name] == whole.headers[name], name


@pytest.mark.parametrize("path", OPEN)
def test_a_browser_that_asks_first_is_told_what_its_scripts_may(site: Flask, path: str) -> None:
    asking = {"Origin": "https://other.example", "Access-Control-Request-Method": "GET"}
    with site.test_client().options(path, headers=asking) as answer:
        assert answer.status_code == 200
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "GET" in answer.headers["Access-Control-Allow-Methods"]
        assert "If-None-Match" in answer.headers["Access-Control-Allow-Headers"]
    with site.test_client().get(path, headers=asking) as answer:
        assert {"ETag", "RateLimit", "Retry-After"} <= set(answer.headers["Access-Control-Expose-Headers"].split(", "))


def test_an_error_is_not_kept(client: CheckedClient) -> None:
    for path in ("/api/v1/opportunities?near=Nowheresby", f"/api/v1/opportunities?{NEAR}&kind=x", "/api/v1/nothing"):
        headers = client.get(path).headers
        assert "ETag" not in headers
        assert "Cache-Control" not in headers


def test_every_answer_says_how_often_one_may_still_ask(limited: Flask, clock: Clock) -> None:
    client = CheckedClient(limited)
    first = client.get("/api/v1/geocode?q=PL1").headers
    assert first["RateLimit-Policy"] == '"address";q=2;w=60'
    assert first["RateLimit"] == '"address";r=1;t=60'
    clock.now += 10
    assert client.get("/discover.atom?near=PL1").headers["RateLimit"] == '"address";r=0;t=50'
    assert "RateLimit" not in client.get("/discover?near=PL1").headers


def test_who_asks_too_often_waits_and_may_then_again(limited: Flask, clock: Clock) -> None:
    client = CheckedClient(limited)
    for _ in range(2):
        assert client.get("/api/v1/nothing").status == 404
    refused = client.get("/api/v1/geocode?q=PL1")
    assert (refused.status, refused.headers["Retry-After"]) == (429, "60")
    assert refused.headers["Cache-Control"] == "no-store"
    assert refused.headers["Access-Control-Allow-Origin"] == "*"
    assert json.loads(refused.text)["error"].startswith("You have asked very often.")
    said = client.get("/discover.ics?near=PL1")
    assert (said.status, said.headers["Content-Type"]) == (429, "text/plain; charset=utf-8")
    # Neither pages nor questions of browsers are counted, nor is anybody else.
    assert client.get("/").status == 200
    assert limited.test_client().options("/api/v1/geocode").status_code == 200
    assert client.get("/api/v1/geocode?q=PL1", environ_overrides={"REMOTE_ADDR": "203.0.113.9"}).status == 200
    clock.now += 60
    assert client.get("/api/v1/geocode?q=PL1").status == 200


def test_without_a_limit_nothing_is_said_of_one(client: CheckedClient) -> None:
    assert "RateLimit" not in client.get("/api/v1/geocode?q=PL1").headers
