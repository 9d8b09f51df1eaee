"""One opportunity's page."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from catalogue.models import Opportunity
from catalogue.seeds import read
from database.session import session
from discover.details import ages, is_web_address
from tests.client import CheckedClient, text_of


def first_link(client: CheckedClient) -> str:
    page = client.get("/discover?near=PL1+2AA&kind=workshop")
    return page.all(".//ol[@id='hits']/li//h3/a")[0].get("href") or ""


def test_every_sample_has_a_page(client: CheckedClient, site: Flask) -> None:
    with site.app_context():
        rows = session().execute(select(Opportunity.id, Opportunity.slug, Opportunity.title)).all()
    assert len(rows) == len(read().opportunities)
    for number, slug, title in rows:
        page = client.get(f"/opportunities/{number}-{slug}")
        assert page.status == 200
        assert page.texts(".//h1") == [title]


def test_a_card_leads_to_its_page_and_back(client: CheckedClient) -> None:
    page = client.get(first_link(client))
    back = page.all(".//p[@class='back']/a")[0]
    assert text_of(back) == "What else is near PL1"
    assert back.get("href") == "/discover?near=PL1"
    assert re.search(r"(about|under) \d+ miles from PL1", text_of(page.all(".//dl")[0]))


def test_an_old_slug_leads_to_the_new_one(client: CheckedClient) -> None:
    number = first_link(client).split("/")[2].split("-")[0]
    answer = client.get(f"/opportunities/{number}-old-name?near=PL1")
    assert answer.status == 301
    assert answer.headers["Location"].endswith("?near=PL1")
    assert client.get(answer.headers["Location"]).status == 200


@pytest.mark.parametrize(
    "path", ["/opportunities/987654-nothing", "/opportunities/x-y", "/opportunities/99999999999999999999-x"]
)
def test_what_does_not_exist_is_not_found(client: CheckedClient, path: str) -> None:
    page = client.get(path)
    assert page.status == 404
    assert "There is nothing at this address" in page.text


def test_one_that_has_ended_says_so_and_offers_no_way_in(client: CheckedClient, site: Flask) -> None:
    with site.app_context():
        found = session().scalars(select(Opportunity).where(Opportunity.url.is_not(None)).limit(1)).one()
        number, slug, before = found.id, found.slug, found.ends_at
        found.ends_at = datetime.now(UTC) - timedelta(days=1)
        session().commit()
        page = client.get(f"/opportunities/{number}-{slug}")
        found.ends_at = before
        session().commit()
    assert "This has ended" in page.text
    assert not page.all(".//a[@class='button']")


@pytest.mark.parametrize(
    ("youngest", "oldest", "words"),
    [
        (16, 24, "16 to 24"),
        (18, None, "18 and over"),
        (None, 11, "Up to 11"),
        (None, None, ""),
        (0, None, "0 and over"),
    ],
)
def test_ages_in_words(site: Flask, youngest: int | None, oldest: int | None, words: str) -> None:
    with site.test_request_context():
        assert ages(youngest, oldest) == words


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://a.example/x", True),
        ("http://a.example", True),
        ("javascript:alert(1)", False),
        ("data:x", False),
        (None, False),
    ],
)
def test_only_web_addresses_become_links(url: str | None, safe: bool) -> None:
    assert is_web_address(url) is safe
