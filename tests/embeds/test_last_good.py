"""Widgets are given again from memory for a minute, and for as long as the database is away."""

from unittest.mock import patch

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from catalogue import pathway_pages
from embeds import views
from embeds.last_good import FRESH_SECONDS, Copy, LastGood
from tests.client import CheckedClient

PAGE = "/embed/pathways/cook-for-a-living?near=PL1+2AA"
A, B, C = (Copy(name, ()) for name in "abc")


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(site: Flask, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Empty copies, whose age goes by this clock."""
    made = Clock()
    monkeypatch.setitem(site.extensions, "last_good", LastGood(clock=made))
    return made


def gone(monkeypatch: pytest.MonkeyPatch, site: Flask) -> None:
    """Take the database away."""

    def fails() -> None:
        raise OperationalError("SELECT 1", {}, Exception("the server closed the connection"))

    monkeypatch.setitem(site.extensions, "sessions", fails)
    monkeypatch.setattr(views, "count_view", lambda widget, host: None)


def test_a_copy_is_fresh_for_a_minute_and_kept_for_longer() -> None:
    clock = Clock()
    copies = LastGood(clock=clock)
    copies.keep("one", A)
    assert copies.fresh("one") == copies.find("one") == A
    clock.now += FRESH_SECONDS
    assert copies.fresh("one") is None
    assert copies.find("one") == A
    assert copies.fresh("other") is copies.find("other") is None


def test_the_copy_that_was_asked_for_longest_ago_goes_first() -> None:
    copies = LastGood(most=2)
    copies.keep("a", A)
    copies.keep("b", B)
    copies.find("a")
    copies.keep("c", C)
    assert [copies.find(name) for name in "abc"] == [A, None, C]


def test_within_a_minute_the_same_is_given_without_reading_it_again(client: CheckedClient, clock: Clock) -> None:
    first = client.get(PAGE)
    with patch.object(pathway_pages, "pathway", side_effect=AssertionError("read again")):
        assert client.get(PAGE).text == first.text
    clock.now += FRESH_SECONDS
    with patch.object(pathway_pages, "pathway", return_value=None):
        assert client.get(PAGE).status == 404


def test_while_the_database_is_away_the_last_good_copy_is_given_and_says_of_which_day(
    site: Flask, client: CheckedClient, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = client.get(PAGE)
    gone(monkeypatch, site)
    for age in (0, FRESH_SECONDS, 1_000_000):
        clock.now += age
        again = client.get(PAGE)
        assert (again.status, again.text) == (200, first.text)
        assert again.headers["ETag"] == first.headers["ETag"]
        assert "Checked on" in again.text
        assert "frame-ancestors *" in again.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", [PAGE, "/embed/opportunities?provider=plumbline-skills-trust", "/embed/go/pathway/1"])
def test_without_a_copy_a_small_page_says_to_try_again(
    site: Flask, client: CheckedClient, clock: Clock, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    gone(monkeypatch, site)
    page = client.get(path)
    assert page.status == 503
    assert "We cannot look this up just now." in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Retry-After"] == "60"
    assert "X-Frame-Options" not in page.headers


def test_what_was_mistyped_takes_no_place(site: Flask, client: CheckedClient, clock: Clock) -> None:
    for query in ("near=Nowheresby", "near=PL1&accent=javascript:"):
        client.get(f"/embed/pathways/cook-for-a-living?{query}")
    assert not site.extensions["last_good"]._copies
