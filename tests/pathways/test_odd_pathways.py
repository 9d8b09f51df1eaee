"""Pathways that are odd: what cannot be done, what leads on, and questions that make no sense."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from catalogue import derived
from catalogue.models import Opportunity
from catalogue.seeds import read
from catalogue.words import Kind
from database.session import session
from tests.catalogue.factories import opportunity, provider, venue
from tests.catalogue.pathways import named, pathway, rule, skill, step
from tests.client import CheckedClient, text_of

STEPS = ".//ol[@class='steps']/li[@id]"
LEADING = "live-events-and-music"


@pytest.fixture
def odd_one(site: Flask) -> Iterator[str]:
    """The slug of a pathway whose steps cannot be done: nothing fits, it is over, it is full, its badge is gone."""
    with site.app_context():
        there = venue(50.3712, -4.1425, name="Odd Hall")
        curator = provider(slug="odd-curator")
        over = opportunity(there, title="Over already", ends_at=datetime(2020, 1, 1, tzinfo=UTC), provider=curator)
        full = opportunity(there, title="Full house", is_full=True, provider=curator)
        unheard = skill("unheard-of")
        made = pathway(
            step(rule(skill=unheard)),
            step(named(over)),
            step(named(full), rule(kind=Kind.WORKSHOP)),
            step(),
            slug="odd",
        )
        made.provider = curator
        session().add(made)
        session().flush()
        derived.index(session(), [over.id, full.id])
        session().commit()
        try:
            yield "odd"
        finally:
            for row in (curator, unheard, there):
                session().delete(row)
            session().commit()


def test_what_cannot_be_done_is_said_and_why(client: CheckedClient, odd_one: str) -> None:
    steps = [text_of(each) for each in client.get(f"/pathways/{odd_one}?near=PL1+2AA").all(STEPS)]
    assert "Nothing does this step just now. Look again in a few weeks." in steps[0]
    assert "“Over already” is over." in steps[1]
    assert "Nothing does this step just now." in steps[1]
    assert re.search(r"“Full house”, .* miles away, is full just now\. The next nearest that counts:", steps[2])
    assert "mi away" in steps[2]
    assert "Nothing does this step just now." in steps[3]
    assert client.get(f"/pathways/{odd_one}").status == 200


def test_what_is_full_is_said_so_and_not_offered(site: Flask, client: CheckedClient, odd_one: str) -> None:
    found = client.get("/discover?near=PL1+2AA&q=Full+house&sort=distance")
    assert "Full house" not in found.texts(".//main//h3/a")
    with site.app_context():
        full = session().scalars(select(Opportunity).where(Opportunity.title == "Full house")).one()
        address = f"/opportunities/{full.id}-{full.slug}"
    page = client.get(address)
    assert "This is full just now." in page.text
    assert "The nearest like it" in page.texts(".//h2")


def test_what_leads_on_is_shown_as_cards(client: CheckedClient) -> None:
    (sample,) = (each for each in read().pathways.pathways if each.leads_on and each.slug == LEADING)
    page = client.get(f"/pathways/{LEADING}?near=PL1+2AA&within=10")
    titles = {each.slug: each.title for each in read().pathways.pathways}
    links = page.all(".//section[@class='stack leads-on']//h3/a")
    assert [text_of(link) for link in links] == sorted(titles[slug] for slug in sample.leads_on)
    assert any(
        "within=10" in (link.get("href") or "") for link in page.all(".//section[@class='stack leads-on']//h3/a")
    )


def test_how_far_one_would_go_is_kept_and_said(client: CheckedClient) -> None:
    page = client.get("/pathways/cook-for-a-living?near=PL1+2AA&within=5&like=cooking")
    (chosen,) = page.all(".//nav[@class='how-far']/a[@aria-current='true']")
    assert text_of(chosen) == "5 miles"
    assert "There is nothing within 5 miles of PL1 2AA." in page.text
    hidden = {each.get("name"): each.get("value") for each in page.all(".//form[@id='where']//input[@type='hidden']")}
    assert hidden == {"within": "5", "like": "cooking"}
    assert page.texts(".//p[@class='totals']")


@pytest.mark.parametrize("query", ["goal=fame", "like=No+Slug", "within=x", "page=0", "aim=1", "skill=%00", "page=9"])
def test_odd_questions_get_a_page_that_says_so(client: CheckedClient, query: str) -> None:
    status = 200 if query == "page=9" else 400
    assert client.get(f"/pathways?near=PL1&{query}").status == status
    assert client.get(f"/pathways/cook-for-a-living?near=PL1&{query}").status == status
