"""One opportunity's page."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import ColumnElement, delete, select

from catalogue.models import Badge, Occurrence, Opportunity, Provider
from catalogue.pathway_models import Pathway, Step, StepOption
from catalogue.seeds import read
from catalogue.words import DestinationKind, Kind, Layer, OptionKind, Reach
from database.session import session
from gazetteer.online import Found
from search.details import ages, is_web_address, keep_same_hours
from settings import UK_TIME
from tests.catalogue.factories import provider
from tests.client import CheckedClient, text_of
from tests.gazetteer.test_locate import Oracle


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
    assert re.search(r"(about|under) (1 mile|\d+ miles) from PL1", text_of(page.all(".//dl")[0]))


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


@contextmanager
def changed(site: Flask, condition: ColumnElement[bool], **values: Any) -> Iterator[str]:
    """The path of a sample that meets a condition, while its columns have these values."""
    with site.app_context():
        found = session().scalars(select(Opportunity).where(condition).order_by(Opportunity.id).limit(1)).one()
        path, before = f"/opportunities/{found.id}-{found.slug}", {name: getattr(found, name) for name in values}
        try:
            set_all(found, values)
            yield path
        finally:
            set_all(found, before)


def set_all(found: Opportunity, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(found, name, value)
    session().commit()


def ago(**span: float) -> datetime:
    return datetime.now(UTC) - timedelta(**span)


def has_venue() -> ColumnElement[bool]:
    return Opportunity.reach == Reach.VENUE


def test_one_that_has_ended_says_so_and_offers_no_way_in(client: CheckedClient, site: Flask) -> None:
    with changed(site, has_venue(), ends_at=ago(days=89)) as path:
        page = client.get(path)
        assert client.get(f"{path}.ics").status == 404
    assert page.status == 200
    assert "This has ended" in page.texts(".//p[@class='message']")[0]
    assert page.all(".//meta[@name='robots'][@content='noindex']")
    assert page.texts(".//section[@class='similar']/h2") == ["The nearest like it"]
    assert page.all(".//section[@class='similar']//li")
    for way_in in (".//a[@class='button']", ".//p[@class='calendar']", ".//script[@type='application/ld+json']"):
        assert not page.all(way_in)


def test_a_summary_that_is_the_title_again_is_not_shown(client: CheckedClient, site: Flask) -> None:
    with changed(site, has_venue(), title="Walking football", summary="Walking football") as path:
        page = client.get(path)
        cards = client.get("/discover?near=PL1+2AA&within=any&q=walking+football")
    assert not page.all(".//p[@class='in-short']")
    card = next(each for each in cards.all(".//ol[@id='hits']/li") if "Walking football" in text_of(each))
    assert text_of(card).count("Walking football") == 1


def test_after_90_days_it_is_gone_and_the_nearest_like_it_is_offered(client: CheckedClient, site: Flask) -> None:
    with changed(site, has_venue(), ends_at=ago(days=90, minutes=1)) as path:
        page = client.get(path)
    assert page.status == 410
    assert "its page is gone" in page.texts(".//p[@class='message']")[0]
    assert page.all(".//section[@class='similar']//li")
    assert page.all(".//meta[@name='robots'][@content='noindex']")


def test_one_that_ends_at_the_end_of_time_is_still_on(client: CheckedClient, site: Flask) -> None:
    with changed(site, has_venue(), ends_at=datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)) as path:
        assert client.get(path).status == 200
        assert client.get(f"{path}.ics").status == 200


@pytest.mark.parametrize("near", ["%00", "a%00b", "%EF%B7%90", "%F0%9F%BF%BF", "%01%1B", "x" * 6_000])
def test_what_must_not_stand_in_a_page_is_left_out_of_the_place(client: CheckedClient, near: str) -> None:
    path = first_link(client).split("?")[0]
    page = client.get(f"{path}?near={near}")
    assert page.status == 200
    assert not {"\0", "\x01", "\x1b", "\ufdd0", "\U0001ffff"} & set(page.text)


def test_a_place_that_only_the_online_geocoder_knows_is_measured_from_but_not_passed_on(
    client: CheckedClient, site: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = first_link(client).split("?")[0]
    # Far from every district, so that there is no rough name for it.
    monkeypatch.setitem(site.extensions, "online_geocoder", Oracle(Found(48.85, 2.35, "1 Rue X, Paris")))
    page = client.get(f"{path}?near=Nowheresby")
    assert "miles from 1 Rue X, Paris" in text_of(page.all(".//dl")[0])
    links = [link.get("href") or "" for link in page.all(".//a")]
    assert not [link for link in links if "near=" in link and not link.startswith("/discover/map?near=PL")]
    assert not page.all(".//p[@class='back']")


def test_of_very_many_pathways_a_few_are_named(client: CheckedClient, site: Flask) -> None:
    with changed(site, has_venue() & (Opportunity.kind == Kind.WORKSHOP)) as path, site.app_context():
        publisher = provider()
        session().add_all([workshops(publisher, number) for number in range(30)])
        session().commit()
        try:
            page = client.get(path)
        finally:
            session().execute(delete(Provider).where(Provider.id == publisher.id))
            session().commit()
    assert "It is a step of many pathways. Here are some." in page.texts(".//section[@class='memberships']/p")
    assert len(page.all(".//section[@class='memberships']//li")) == 12


def workshops(publisher: Provider, number: int) -> Pathway:
    """A pathway of which every workshop is the one step."""
    rule = StepOption(position=1, option_kind=OptionKind.RULE, rule_kind=Kind.WORKSHOP)
    return Pathway(
        slug=f"any-workshop-{number}",
        title="A workshop",
        summary="",
        destination_kind=DestinationKind.WORDS,
        destination="A workshop",
        provider=publisher,
        steps=[Step(position=1, slug="go", title="Go", asks_for="Go.", layer=Layer.PARTICIPATE, options=[rule])],
    )


def test_what_is_passed_on_says_nothing_of_the_person(client: CheckedClient) -> None:
    path = first_link(client).split("?")[0]
    page = client.get(f"{path}?near=PL1+2AA")
    whole = f"http://localhost{path}"
    assert page.all(".//link[@rel='canonical']")[0].get("href") == whole
    assert page.all(".//meta[@property='og:url']")[0].get("content") == whole
    shared = page.all(".//section[@class='share']")[0]
    assert shared.get("data-url") == whole
    assert all("PL1" not in (link.get("href") or "") for link in shared.iter("a"))


def test_a_preview_has_a_title_words_and_a_picture_that_is_there(client: CheckedClient, site: Flask) -> None:
    page = client.get(first_link(client))
    said = {meta.get("property"): meta.get("content") or "" for meta in page.all(".//meta[@property]")}
    assert said["og:title"] == page.texts(".//h1")[0]
    assert said["og:description"]
    assert said["og:site_name"] == "Doorstep"
    assert said["og:type"] == "website"
    with site.test_client().get(said["og:image"].removeprefix("http://localhost")) as picture:
        assert picture.mimetype == "image/png"
        assert len(picture.data) <= 40_000
    assert page.all(".//meta[@name='twitter:card'][@content='summary_large_image']")


def test_a_providers_text_cannot_leave_its_script(client: CheckedClient, site: Flask) -> None:
    text = "Bend</script><script>alert(1)</script><!-- metal & more"
    with changed(site, has_venue(), title=text, description=text) as path:
        page = client.get(path)
    data = json.loads(page.all(".//script[@type='application/ld+json']")[0].text or "")
    assert data["name"] == text
    assert page.texts(".//h1") == [text]


def test_a_place_that_is_not_known_is_said(client: CheckedClient) -> None:
    path = first_link(client).split("?")[0]
    page = client.get(f"{path}?near=ZZ99+9ZZ")
    assert page.status == 200
    assert "We do not know the postcode “ZZ99 9ZZ”" in page.texts(".//p[@id='near-problem']")[0]
    assert page.all(".//input[@id='near']")[0].get("value") == "ZZ99 9ZZ"


def test_without_a_place_it_asks_how_far_it_is(client: CheckedClient) -> None:
    path = first_link(client).split("?")[0]
    page = client.get(path)
    assert page.all(".//input[@id='near']")
    assert "Distances are from" in page.text
    assert "Distances are from" not in client.get(f"{path}?near=PL1").text
    assert not client.get(f"{path}?near=PL1").all(".//input[@id='near']")


def test_it_names_its_pathways_with_the_step_and_leads_there(client: CheckedClient, site: Flask) -> None:
    earns_a_step = Opportunity.badges.any(Badge.id.in_(select(StepOption.badge_id)))
    with changed(site, earns_a_step) as path:
        page = client.get(f"{path}?near=PL1")
    assert page.texts(".//h2[@id='pathways']") == ["Where can this take me?"]
    lines = page.all(".//section[@class='memberships']//li")
    assert lines
    for line in lines:
        assert re.search(r"Leads to: .+ Step \d+ of \d+: .+ Next: .+", text_of(line))
        assert re.fullmatch(r"/pathways/[a-z0-9-]+\?near=PL1", line.findall("div/a")[0].get("href") or "")


def test_it_says_when_it_was_checked_what_it_earns_and_how_to_get_in(client: CheckedClient, site: Flask) -> None:
    access = "Step-free from the car park."
    checked_at = datetime(2025, 11, 22, 12, tzinfo=UTC)
    with changed(site, Opportunity.badges.any(), accessibility=access, checked_at=checked_at) as path:
        page = client.get(path)
    assert access in page.text
    assert "Checked on Saturday 22 November 2025." in page.text
    assert page.all(".//ul[@class='badges']/li/div/a")
    with changed(site, has_venue(), accessibility=None) as path:
        assert "We have not been told about access." in client.get(path).text


def test_similar_ones_are_others(client: CheckedClient) -> None:
    path = first_link(client).split("?")[0]
    links = [link.get("href") for link in client.get(path).all(".//section[@class='similar']//h3/a")]
    assert links
    assert path not in links
    assert len(links) == len(set(links))


def test_a_link_that_is_no_web_address_is_left_out(client: CheckedClient, site: Flask) -> None:
    with changed(site, has_venue(), url="javascript:alert(1)") as path:
        page = client.get(path)
    assert "javascript:" not in page.text


@pytest.mark.parametrize(
    ("hours", "same"),
    [
        ([(18, 2)], False),
        ([(18, 2), (18, 2)], True),
        ([(18, 2), (19, 2)], False),
        ([(18, 2), (18, 1)], False),
        ([(23, 2), (23, 2)], False),
    ],
)
def test_hours_are_said_once_where_all_sittings_keep_them(hours: list[tuple[int, int]], same: bool) -> None:
    # A week apart across the end of summer time: the hours are those of the clock on the wall.
    days = (datetime(2026, 10, 19, tzinfo=UK_TIME), datetime(2026, 10, 26, tzinfo=UK_TIME))
    starts = [(day + timedelta(hours=hour), length) for day, (hour, length) in zip(days, hours, strict=False)]
    sittings = [Occurrence(starts_at=start, ends_at=start + timedelta(hours=length)) for start, length in starts]
    assert keep_same_hours(sittings) is same


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
        ("http://[", False),
        ("https://", False),
        (None, False),
    ],
)
def test_only_web_addresses_become_links(url: str | None, safe: bool) -> None:
    assert is_web_address(url) is safe
