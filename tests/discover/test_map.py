"""The map: the same search, the same numbers, and no text that can run."""

import json
import re
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from catalogue.models import Opportunity, Provider, Venue
from database.session import session
from maps.rings import MIDDLE, OUTER_RADIUS
from search.results import number_label
from tests.client import Answer, CheckedClient, text_of
from web.script_json import script_json

TEXTS = ("title", "summary", "description", "name", "address", "town")
HOSTILE = "</script><script>alert(1)</script>${alert(2)}`\"'><img src=x onerror=alert(3)>"


def pins(page: Answer) -> list[dict[str, object]]:
    """The pins as the page's own script hands them over."""
    (data,) = re.findall(r"doorstep\.pins\(map_doorstep, (\{.*\})\);", page.text)
    found: list[dict[str, object]] = json.loads(data)["pins"]
    return found


def test_pins_carry_the_numbers_of_the_list(client: CheckedClient) -> None:
    page = client.get("/discover/map?near=PL1+2AA")
    in_list = {
        int(item.get("value") or 0): text_of(item.find(".//h3/a"))  # type: ignore[arg-type]
        for item in page.all(".//ol[@id='hits']/li")
    }
    on_map = {item["number"]: item["title"] for pin in pins(page) for item in pin["items"]}  # type: ignore[attr-defined]
    assert on_map == in_list
    for pin in pins(page):
        assert pin["label"] == number_label([item["number"] for item in pin["items"]])  # type: ignore[attr-defined]


def test_there_is_one_pin_a_venue(client: CheckedClient) -> None:
    page = client.get("/discover/map?near=PL1+2AA")
    places = [(pin["latitude"], pin["longitude"], pin["venue"]) for pin in pins(page)]
    assert len(places) == len(set(places)) < 20


def test_the_list_and_the_map_are_the_same_search(client: CheckedClient) -> None:
    query = "near=PL1+2AA&kind=course&within=30"
    in_list, on_map = client.get(f"/discover?{query}"), client.get(f"/discover/map?{query}")
    titles = ".//ol[@id='hits']/li//h3/a"
    assert on_map.texts(titles) == in_list.texts(titles)
    assert f"/discover/map?{query}".replace("&", "&amp;") in in_list.text
    assert f"/discover?{query}".replace("&", "&amp;") in on_map.text


@pytest.mark.parametrize(
    ("numbers", "label"), [([3], "3"), ([1, 2, 3], "1–3"), ([1, 3], "1, 3"), ([1, 2, 5, 7, 8], "1–2, 5, 7–8"), ([], "")]
)
def test_a_pin_is_numbered_as_briefly_as_it_can_be(numbers: list[int], label: str) -> None:
    assert number_label(numbers) == label


def test_the_drawn_map_has_every_number_inside_its_rings(client: CheckedClient) -> None:
    page = client.get("/discover/map?near=PL1+2AA")
    labels = page.texts(".//figure[@class='drawn rings']//{*}text[@class='ring-number']")
    numbers: list[int] = []
    for part in ", ".join(labels).split(", "):
        first, _, last = part.partition("–")
        numbers += range(int(first), int(last or first) + 1)
    assert sorted(numbers) == list(range(1, 21))
    for pin in page.all(".//figure[@class='drawn rings']//{*}text[@class='ring-number']"):
        x, y = float(pin.get("x") or 0), float(pin.get("y") or 0)
        assert (x - MIDDLE) ** 2 + (y - MIDDLE) ** 2 <= (OUTER_RADIUS + 1) ** 2


def test_a_map_of_nowhere_is_a_question(client: CheckedClient) -> None:
    page = client.get("/discover/map?near=Nowheresby")
    assert page.status == 200
    assert "We do not know a place called" in page.text
    assert "L.map" not in page.text


def test_only_scripts_with_the_page_s_nonce_run(client: CheckedClient) -> None:
    page = client.get("/discover/map?near=PL1+2AA")
    policy = page.headers["Content-Security-Policy"]
    (nonce,) = re.findall(r"'nonce-([^']+)'", policy)
    scripts = page.all(".//script")
    assert scripts
    assert {script.get("nonce") for script in scripts} == {nonce}
    assert "unsafe" not in policy
    assert nonce not in client.get("/discover/map?near=PL1+2AA").headers["Content-Security-Policy"]


@pytest.fixture
def hostile(site: Flask) -> Iterator[None]:
    """Every text of the nearest opportunity to PL1 2AA, its venue and its provider made as bad as can be."""
    with site.app_context():
        nearest = select(Opportunity).join(Opportunity.venues).where(Venue.postcode.startswith("PL4 8")).limit(1)
        opportunity = session().scalars(nearest).one()
        rows: list[Opportunity | Provider | Venue] = [opportunity, opportunity.provider, opportunity.venues[0]]
        kept = [
            {
                name: getattr(row, name)
                for name in ("title", "summary", "description", "name", "address", "town")
                if hasattr(row, name)
            }
            for row in rows
        ]
        for row, texts in zip(rows, kept, strict=True):
            for name in texts:
                setattr(row, name, HOSTILE)
        session().commit()
        yield
        for row, texts in zip(rows, kept, strict=True):
            for name, text in texts.items():
                setattr(row, name, text)
        session().commit()


@pytest.mark.usefixtures("hostile")
def test_text_from_providers_stays_text(client: CheckedClient) -> None:
    for path in ("/discover?near=PL1+2AA&sort=distance", "/discover/map?near=PL1+2AA"):
        page = client.get(path)
        assert HOSTILE in page.texts(".//ol[@id='hits']/li//h3/a"), path
        assert HOSTILE not in page.text
        assert not page.all(".//img")
    scripts = [text_of(script) for script in client.get("/discover/map?near=PL1+2AA").all(".//script")]
    assert not any("alert(1)</script>" in script or "<img" in script for script in scripts)


def test_json_in_a_script_cannot_end_it() -> None:
    text = script_json({"text": HOSTILE + "<!--\u2028"})
    assert not set(text) & set("<>&\u2028")
    assert json.loads(text)["text"] == HOSTILE + "<!--\u2028"
