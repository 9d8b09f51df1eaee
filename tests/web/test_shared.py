"""Two sites that share a real Redis count as one, and give each other's copies; without it each does for itself."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from app import create_app
from embeds import views
from embeds.last_good import FRESH_SECONDS, SHARED_SECONDS, Copy, LastGood
from settings import Settings
from tests.client import CheckedClient
from tests.conftest import GAZETTEER
from tests.redis_server import RedisServer, redis_server
from web.shared import Shared

MOST = 3
QUESTION = "/api/v1/geocode?q=PL1"
COPY = Copy("<p>“Welcome”</p>", ("https://college.example",), 7, "p { color: red }")


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with redis_server() as made:
        yield made


@pytest.fixture
def one_and_other(redis: RedisServer, tmp_path: Path) -> tuple[Flask, Flask]:
    """Two sites, neither of which has a database."""
    settings = Settings(
        _env_file=None,
        database_url=f"sqlite:///{tmp_path}/none.db",
        redis_url=redis.url,
        gazetteer_file=GAZETTEER,
        log_level="CRITICAL",
        rate_limit=MOST,
    )
    return create_app(settings), create_app(settings)


def statuses(*sites: Flask) -> list[int]:
    return [CheckedClient(site).get(QUESTION).status for site in sites]


def test_questions_are_counted_together(one_and_other: tuple[Flask, Flask], redis: RedisServer) -> None:
    one, other = one_and_other
    assert statuses(one, other, one, other, one) == [200, 200, 200, 429, 429]
    refused = CheckedClient(other).get(QUESTION)
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert refused.headers["RateLimit"].startswith('"address";r=0;t=')
    with redis.client() as client:
        (key,) = client.keys()
        assert key == "doorstep:rate:questions:127.0.0.1"
        assert 0 < client.ttl(key) <= 60
        client.delete(key)  # as it does after its minute
    assert statuses(one) == [200]


def test_what_is_left_counts_for_all_sites(one_and_other: tuple[Flask, Flask]) -> None:
    said = [CheckedClient(site).get(QUESTION).headers["RateLimit"] for site in one_and_other]
    assert [each.split(";")[1] for each in said] == ["r=2", "r=1"]


def test_while_redis_is_away_each_site_counts_for_itself(
    one_and_other: tuple[Flask, Flask], redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = one_and_other
    assert statuses(one, other) == [200, 200]
    redis.kill()
    assert statuses(one, one, one, one, other) == [200, 200, 200, 429, 200]
    redis.start()
    for site in one_and_other:
        monkeypatch.setattr(site.extensions["shared"]._circuit, "_clock", lambda: float("inf"))
    assert statuses(one, other, one, other) == [200, 200, 200, 429]


def test_it_is_said_once_that_redis_is_away(redis: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr("web.shared.log.warning", lambda event, **facts: said.append(event), raising=False)
    counts = Shared(redis.url)
    redis.kill()
    monkeypatch.setattr(counts._circuit, "_open_seconds", 0.0)
    assert [counts.count("a", 60) for _ in range(3)] == [None, None, None]
    redis.start()
    assert counts.count("a", 60) == (1, 60.0)
    assert said == ["redis is away", "redis is back"]
    counts.close()


def test_a_site_without_its_redis_is_ready_and_says_degraded(site_settings: Settings, redis: RedisServer) -> None:
    site = create_app(site_settings.model_copy(update={"redis_url": redis.url}))
    client = CheckedClient(site)
    assert json.loads(client.get("/readyz").text)["status"] == "ok"
    redis.kill()
    answer = client.get("/readyz")
    assert (answer.status, json.loads(answer.text)["status"]) == (200, "degraded")
    site.extensions["engine"].dispose()


def test_a_copy_of_one_site_is_given_by_another(redis: RedisServer) -> None:
    LastGood(shared=Shared(redis.url)).keep(("search", "near=PL1 2AA"), COPY)
    other = LastGood(shared=Shared(redis.url))
    assert other.fresh(("search", "near=PL1 2AA")) == COPY
    assert other.fresh(("search", "")) is None
    with redis.client() as client:
        assert "PL1" not in " ".join(client.keys())


def test_a_copy_of_another_site_is_fresh_for_a_minute_and_good_for_a_day(redis: RedisServer) -> None:
    LastGood(shared=Shared(redis.url)).keep("one", COPY)
    with redis.client() as client:
        (key,) = client.keys()
        assert client.ttl(key) == SHARED_SECONDS
        client.expire(key, SHARED_SECONDS - FRESH_SECONDS)  # as it is a minute later
    other = LastGood(shared=Shared(redis.url))
    assert other.fresh("one") is None
    assert other.find("one") == COPY


def test_a_site_whose_database_is_away_gives_what_another_has_kept(
    site_settings: Settings, redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = site_settings.model_copy(update={"redis_url": redis.url})
    page = "/embed/pathways/cook-for-a-living?near=PL1+2AA"
    one, other = create_app(settings), create_app(settings)
    first = CheckedClient(one).get(page)

    def fails() -> None:
        raise OperationalError("SELECT 1", {}, Exception("the server closed the connection"))

    monkeypatch.setitem(other.extensions, "sessions", fails)
    monkeypatch.setattr(views, "count_view", lambda widget, host: None)
    again = CheckedClient(other).get(page)
    assert (again.status, again.text) == (200, first.text)
    one.extensions["engine"].dispose()
