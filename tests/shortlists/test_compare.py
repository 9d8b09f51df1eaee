"""Two to four things side by side, and what is said of bad addresses."""

import re

import pytest
from flask import Flask
from sqlalchemy import select

from catalogue.models import Opportunity
from database.session import session
from tests.catalogue.pathways import counting
from tests.client import CheckedClient

ROWS = ["What", "How far", "When", "Cost", "Ages", "Level", "Time", "Skills", "Leads to"]
PATHWAY = "pathway:cook-for-a-living"
STEP = "step:cook-for-a-living:feed-a-crowd"


@pytest.fixture
def some(site: Flask) -> list[str]:
    """Five courses at a venue, as forms write them."""
    with site.app_context():
        wanted = select(Opportunity.id).where(Opportunity.reach == "venue", Opportunity.kind == "course")
        return [f"item=opportunity:{number}" for number in session().scalars(wanted.order_by(Opportunity.id).limit(5))]


def test_everything_that_is_compared_stands_in_the_same_rows(client: CheckedClient, some: list[str]) -> None:
    page = client.get("/shortlist/compare?" + "&".join([*some[:3], "near=PL1+2AA"]))
    assert page.status == 200
    assert len(page.all(".//div[@class='beside']/article")) == 3
    assert page.texts(".//div[@class='beside']//dt") == ROWS * 3
    assert "from PL1 2AA" in page.text
    assert "noindex" in page.headers["X-Robots-Tag"]
    assert page.all(".//form[@role='search']//input[@type='hidden']")[0].get("value") == some[0].removeprefix("item=")


def test_pathways_and_steps_compare_too(client: CheckedClient, some: list[str]) -> None:
    page = client.get(f"/shortlist/compare?{some[0]}&item={PATHWAY}&item={STEP}")
    assert page.status == 200
    assert page.text.count("A job as a kitchen assistant or commis chef") == 2
    rows = [ROWS[0], "Where", *ROWS[2:]]
    assert page.texts(".//div[@class='beside']//dt") == rows * 3


def test_what_no_pathway_can_say_is_not_asked_of_pathways_alone(client: CheckedClient) -> None:
    page = client.get(f"/shortlist/compare?item={PATHWAY}&item={STEP}")
    assert page.texts(".//div[@class='beside']//dt") == ["What", "Steps", "Time", "Leads to"] * 2
    assert "Stand in a working kitchen" in page.text


def test_how_far_is_said_in_minutes_too(client: CheckedClient) -> None:
    cards = client.get("/discover?near=PL1+2AA&sort=distance").all(".//form[@class='keep']")
    first, second = (each.get("data-keep") or "" for each in cards[:2])
    client.post("/shortlist/add", data={"item": first})
    for path in (f"/shortlist/compare?item={first}&item={second}", "/shortlist?", "/shortlist/paper?"):
        page = client.get(f"{path}&near=PL1+2AA")
        assert re.search(r"miles from PL1 2AA, about \d+ minutes’ walk", page.text)


def test_of_more_than_four_the_first_four_stand_there(client: CheckedClient, some: list[str]) -> None:
    page = client.get("/shortlist/compare?" + "&".join(some))
    assert len(page.all(".//div[@class='beside']/article")) == 4
    assert "these are the first four" in page.text


@pytest.mark.parametrize("query", ["", "item=", "item=x&item=y", "item=opportunity:1", "item=pathway:a&item=pathway:b"])
def test_fewer_than_two_are_asked_for_anew(client: CheckedClient, query: str) -> None:
    page = client.get(f"/shortlist/compare?{query}")
    assert page.status == 400
    assert "Tick two, three or four things" in page.text


def test_ten_thousand_things_are_four(site: Flask, client: CheckedClient, some: list[str]) -> None:
    many = "&".join(f"item=opportunity:{number}" for number in range(1, 10_001))
    with counting(site.extensions["engine"]) as statements:
        page = client.get(f"/shortlist/compare?{many}")
    assert page.status in (200, 400)
    assert len(page.all(".//div[@class='beside']/article")) <= 4
    assert len(statements) <= 30
