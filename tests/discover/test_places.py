"""The pages of towns."""

import re

import pytest
from flask import Flask

from catalogue.slugs import slug_of
from settings import FEATURED_PLACES
from tests.client import CheckedClient, text_of


@pytest.mark.parametrize("name", FEATURED_PLACES)
def test_every_town_of_the_front_page_has_a_page(client: CheckedClient, name: str) -> None:
    links = {text_of(link): link.get("href") or "" for link in client.get("/").all(".//ul[@class='towns']//a")}
    page = client.get(links[name])
    assert page.status == 200
    assert page.texts(".//h1") == [name]
    assert page.texts(".//section/div/h2") == ["Pathways", "Engage", "Participate", "Demonstrate", "Lead"]


def test_the_map_has_the_numbers_of_the_cards(client: CheckedClient) -> None:
    page = client.get("/places/plymouth")
    numbers = sorted(int(item.get("value") or 0) for item in page.all(".//ol[@class='row']/li"))
    assert numbers == list(range(1, len(numbers) + 1))
    drawn = [text_of(each) for each in page.all(".//*[@class='ring-number']")]
    assert drawn
    shown: set[int] = set()
    for label in drawn:
        for part in label.split(", "):
            first, _, last = part.partition("–")
            shown.update(range(int(first), int(last or first) + 1))
    assert shown == set(numbers)


def test_its_counts_lead_to_as_many(client: CheckedClient) -> None:
    page = client.get("/places/plymouth")
    for link in page.all(".//ul[@class='tally']//a"):
        answer = client.get(link.get("href") or "")
        chips = answer.all(".//nav[@class='chips']/a[@aria-current='true']")
        assert answer.status == 200
        assert text_of(link).split()[-1] in text_of(chips[0]) or "layer=" in (link.get("href") or "")


def test_any_town_of_the_country_has_one(client: CheckedClient) -> None:
    page = client.get("/places/kings-lynn")
    assert page.status == 200
    assert page.texts(".//h1") == ["King's Lynn"]


@pytest.mark.parametrize("slug", ["wales", "nowheresby", "pl1-2aa", "pl1", "plymuth", "%00", "x" * 500, "50.37,-4.14"])
def test_what_is_no_town_is_not_found(client: CheckedClient, slug: str) -> None:
    assert client.get(f"/places/{slug}").status == 404


def test_another_way_to_write_it_leads_to_the_one_address(client: CheckedClient) -> None:
    answer = client.get("/places/PLYMOUTH")
    assert answer.status == 301
    assert answer.headers["Location"] == "/places/plymouth"


@pytest.mark.parametrize(
    ("slug", "address"),
    [
        ("caerdydd", "/places/cardiff"),
        # Larger places are known so too, but these are called so.
        ("high-barnet", "/places/high-barnet-en5"),
        ("waterfoot", "/places/waterfoot-g76"),
        ("llansawel", "/places/llansawel-sa19"),
    ],
)
def test_another_name_leads_to_the_place(client: CheckedClient, slug: str, address: str) -> None:
    answer = client.get(f"/places/{slug}")
    assert (answer.status, answer.headers["Location"]) == (301, address)
    assert client.get(address).status == 200


def test_a_plate_in_a_town_says_the_district_but_beyond_it_the_distance(client: CheckedClient) -> None:
    plymouth = client.get("/places/plymouth").texts(".//ol[@class='row']//p[@class='plate']")
    assert plymouth
    assert all(re.fullmatch(r"PL\d{1,2}", said) for said in plymouth)
    search = client.get("/discover?near=Plymouth").texts(".//ul[@class='row']//p[@class='plate']")
    assert any(said.endswith("away") for said in search)
    assert not any("PL" in said for said in search)


def test_what_is_printed_to_be_handed_on_does_not_say_from_where(client: CheckedClient) -> None:
    card = client.get("/discover?near=PL1+2AA&kind=workshop").all(".//ol[@id='hits']/li//h3/a")[0].get("href") or ""
    own = [
        "/places/plymouth",
        "/pathways",
        "/pathways/coach-a-sport",
        "/providers/good-turn-network",
        card.split("?")[0],
    ]
    for path in own:
        (said,) = client.get(f"{path}?near=PL1+2AA").texts(".//p[@class='paper']")
        assert said.startswith(f"Printed from http://localhost{path} on ")
    (said,) = client.get("/discover?near=PL1+2AA").texts(".//p[@class='paper']")
    assert "near=PL1+2AA" in said


def test_a_town_with_nothing_near_says_so(client: CheckedClient, site: Flask) -> None:
    page = client.get("/places/lerwick")
    assert page.status == 200
    assert "We know of nothing within 50 miles." in page.text
    assert page.all(".//ul[@class='street nearest']/li")


@pytest.mark.parametrize(
    ("name", "slug"),
    [("Brighton and Hove", "brighton-and-hove"), ("King’s Lynn", "kings-lynn"), ("Ynys Môn", "ynys-mon"), ("–", "")],
)
def test_slugs(name: str, slug: str) -> None:
    assert slug_of(name) == slug
