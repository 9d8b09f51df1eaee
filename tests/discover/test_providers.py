"""A provider's page."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import delete
from sqlalchemy.orm import Session

from catalogue import provider_queries
from catalogue.filters import Filters
from catalogue.models import Provider, Venue
from catalogue.seeds import read
from catalogue.words import Layer, Reach
from database.session import session as site_session
from discover.provider_pages import organization
from tests.catalogue.factories import opportunity, provider, venue
from tests.catalogue.pathways import Here, badge, counting, miles_north
from tests.client import Answer, CheckedClient

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
OFFERS = ".//li[@class]//h3/a"
PATH = "/providers/plymouth-neighbourhood-learning"


def links(page: Answer) -> list[str]:
    return [link.get("href") or "" for link in page.all(".//main//a")]


@pytest.fixture
def busy(site: Flask) -> Iterator[Provider]:
    """A provider with 45 opportunities at one venue and one online, in the site's database."""
    with site.app_context():
        made = provider(name="Busy <b>& Co", slug="busy", url="javascript:alert(1)", summary="</script><script>")
        spot = venue(50.37, -4.14, town="Plymouth")
        site_session().add_all([made, *(opportunity(spot, provider=made) for _ in range(45))])
        site_session().add(opportunity(provider=made, title="From home"))
        site_session().commit()
        yield made
        site_session().execute(delete(Provider).where(Provider.slug == "busy"))
        site_session().execute(delete(Venue).where(Venue.id == spot.id))
        site_session().commit()


def test_every_sample_provider_has_a_page(client: CheckedClient) -> None:
    for sample in read().providers:
        page = client.get(f"/providers/{sample.slug}")
        assert page.status == 200
        assert page.texts(".//h1") == [sample.name]
        assert sample.summary in page.texts(".//main//header/p")


def test_it_says_where_and_links_to_the_website(client: CheckedClient) -> None:
    page = client.get(PATH)
    assert "In Plymouth" in page.texts(".//main//header/p")
    (sample,) = (each for each in read().providers if each.slug == "plymouth-neighbourhood-learning")
    assert str(sample.url) in links(page)


def test_all_that_it_offers_is_there_online_too(client: CheckedClient) -> None:
    titles = {each.title for each in read().opportunities if each.provider == "plymouth-neighbourhood-learning"}
    for path in (PATH, f"{PATH}?near=PL1+2AA"):
        assert set(client.get(path).texts(OFFERS)) == titles


def test_with_a_place_the_nearest_come_first(client: CheckedClient) -> None:
    page = client.get(f"{PATH}?near=PL1+2AA")
    plates = [float(text.split(" ")[0]) for text in page.texts(".//li[@class]//p[@class='plate']")]
    assert len(plates) > 3
    assert plates == sorted(plates)
    assert not [link for link in links(page) if "2AA" in link]
    assert all("near=PL1" in link for link in links(page) if link.startswith("/opportunities/"))


def test_pages_of_twenty_lead_on_and_back(client: CheckedClient, busy: Provider) -> None:
    for near in ("", "near=PL1&"):
        pages = [client.get(f"/providers/busy?{near}page={number}") for number in (1, 2, 3)]
        assert [len(page.all(OFFERS)) for page in pages] == [20, 20, 6]
        assert f"/providers/busy?{near}page=2" in links(pages[0])
        assert f"/providers/busy?{near}page=1" not in links(pages[1])
        assert f"/providers/busy?{near}".rstrip("?&") in links(pages[1])
        assert f"/providers/busy?{near}page=4" not in links(pages[2])
        shown = [title for page in pages for title in page.texts(OFFERS)]
        assert len(set(shown)) == 46
        assert shown[-1] == "From home"


def test_pages_go_on_from_the_very_place_that_was_typed(client: CheckedClient, busy: Provider) -> None:
    first = client.get("/providers/busy?near=PL1+2AA")
    assert "/providers/busy?near=PL1+2AA&page=2" in links(first)
    second = client.get("/providers/busy?near=PL1+2AA&page=2")
    assert "/providers/busy?near=PL1+2AA" in links(second)
    assert all("2AA" not in link for link in links(second) if link.startswith("/opportunities/"))


def test_pages_end_where_searches_do(client: CheckedClient, busy: Provider) -> None:
    page = client.get("/providers/busy?page=50")
    assert page.status == 200
    assert "There is nothing further on." in page.text
    page = client.get("/providers/busy?page=51")
    assert page.status == 400
    assert "There is no page “51”" in page.text


def test_what_a_provider_writes_is_text_and_its_link_is_a_web_address(client: CheckedClient, busy: Provider) -> None:
    page = client.get("/providers/busy")
    assert page.texts(".//h1") == ["Busy <b>& Co"]
    assert "javascript:" not in page.text
    (data,) = page.all(".//script[@type='application/ld+json']")
    assert json.loads(data.text or "") == {
        "@context": "https://schema.org",
        "@type": "Organization",
        "name": "Busy <b>& Co",
        "description": "</script><script>",
    }


def test_an_organization_has_its_website() -> None:
    described = organization(Provider(name="Us", url="https://us.example/", summary=""))
    assert described["url"] == "https://us.example/"
    assert "description" not in described


def test_its_pathways_and_badges_are_there(client: CheckedClient) -> None:
    page = client.get("/providers/good-turn-network?near=PL1+2AA")
    pathways = [each for each in read().pathways.pathways if each.provider == "good-turn-network"]
    assert page.texts(".//li[@class='pathway-card']//h3") == sorted(each.title for each in pathways)
    assert f"/pathways/{pathways[0].slug}?near=PL1" in links(page)
    badges = page.texts(".//ul[@class='badges']/li")
    for each in read().pathways.badges:
        is_theirs = each.provider == "good-turn-network"
        assert (f"{each.name} {each.summary}" in badges) == is_theirs
        assert (f"/badges/{each.slug}?near=PL1" in links(page)) == is_theirs


def test_a_bad_place_is_said_beside_the_form(client: CheckedClient) -> None:
    page = client.get(f"{PATH}?near=ZZ9+9ZZ")
    assert page.status == 200
    assert page.texts(".//p[@id='near-problem']")[0].startswith("We do not know the postcode “ZZ9 9ZZ”.")
    assert page.all(OFFERS)


def test_a_provider_that_does_not_exist_is_not_found(client: CheckedClient) -> None:
    assert client.get("/providers/nobody").status == 404


def test_the_page_names_its_own_address(client: CheckedClient) -> None:
    page = client.get(f"{PATH}?near=PL1")
    assert page.all(".//link[@rel='canonical']")[0].get("href") == f"http://localhost{PATH}"


def test_those_that_end_soonest_come_first_and_ended_ones_not_at_all(session: Session) -> None:
    theirs = provider()
    spot = venue(50.37, -4.14)
    always = opportunity(spot, provider=theirs)
    soon = opportunity(spot, provider=theirs, ends_at=NOW + timedelta(days=1))
    later = opportunity(provider=theirs, reach=Reach.ONLINE, ends_at=NOW + timedelta(days=2))
    ended = opportunity(spot, provider=theirs, ends_at=NOW - timedelta(days=1))
    session.add_all([always, soon, later, ended, opportunity(spot)])
    session.flush()
    asked = Filters(NOW, provider_id=theirs.id)
    found = provider_queries.offers_soonest(session, asked, 10)
    assert [card.opportunity for card in found] == [soon, later, always]
    assert [card.venue for card in found] == [spot, None, spot]
    assert [card.opportunity for card in provider_queries.offers_soonest(session, asked, 1, skip=1)] == [later]


def test_the_nearest_come_before_those_without_a_place_on_every_page(session: Session) -> None:
    theirs = provider()
    placed = [opportunity(miles_north(miles), provider=theirs) for miles in (3, 1, 2)]
    placeless = [opportunity(provider=theirs, ends_at=NOW + timedelta(days=days)) for days in (1, 2)]
    session.add_all([*placed, *placeless])
    session.flush()
    asked = Filters(NOW, provider_id=theirs.id)
    order = [placed[1], placed[2], placed[0], *placeless]
    for limit in (1, 2, 3, 10):
        for skip in range(6):
            found = provider_queries.offers_near(session, Here(), asked, limit, skip)
            assert [card.opportunity for card in found] == order[skip : skip + limit], (limit, skip)


def test_towns_are_those_of_what_is_on_offer_now(session: Session) -> None:
    theirs = provider()
    first, second, past = (venue(50.37, -4.14, town=town) for town in ("Saltash", "Plymouth", "Leeds"))
    session.add_all(
        [
            opportunity(first, second, provider=theirs),
            opportunity(second, venue(50.37, -4.14), provider=theirs),
            opportunity(past, provider=theirs, ends_at=NOW - timedelta(days=1)),
        ]
    )
    session.flush()
    assert provider_queries.towns(session, Filters(NOW, provider_id=theirs.id)) == ["Plymouth", "Saltash"]


def test_badges_come_by_name_in_a_bounded_number(session: Session) -> None:
    made = [badge(f"b-{name}", name=name, layer=Layer.LEAD) for name in "ba"]
    for each in made:
        each.provider = made[0].provider
    session.add_all([*made, badge("other")])
    session.flush()
    assert [each.name for each in provider_queries.badges(session, made[0].provider.id, 9)] == ["a", "b"]
    assert len(provider_queries.badges(session, made[0].provider.id, 1)) == 1


def test_a_page_costs_the_same_however_much_is_on_offer(site: Flask, client: CheckedClient, busy: Provider) -> None:
    with counting(site.extensions["engine"]) as statements:
        client.get("/providers/busy")
    # Whether samples are loaded; the provider; what it offers, with the venues; its towns; pathways; badges.
    assert len(statements) == 7, statements
