"""`/robots.txt` and the sitemaps, as https://www.sitemaps.org/protocol.html has them."""

import re
from datetime import UTC, datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from flask import Flask

from app import create_app
from settings import FEATURED_PLACES, Settings
from tests.client import Answer, CheckedClient

NAMESPACE = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
SITE = "http://localhost"


def disallowed(robots: str, path: str) -> bool:
    """Whether one of the rules forbids a path: https://www.rfc-editor.org/rfc/rfc9309#section-2.2.3."""
    rules = [line.removeprefix("Disallow: ") for line in robots.splitlines() if line.startswith("Disallow: ")]
    return any(re.match(re.escape(rule).replace(r"\*", ".*"), path) for rule in rules)


def parsed(answer: Answer) -> ElementTree.Element:
    return ElementTree.fromstring(answer.text.encode())  # noqa: S314 -- our own


def addresses(client: CheckedClient, path: str, root: str = "urlset") -> list[str]:
    answer = client.get(path)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/xml; charset=utf-8"
    assert "max-age=3600" in answer.headers["Cache-Control"]
    tree = parsed(answer)
    assert tree.tag == f"{{{NAMESPACE['s']}}}{root}"
    found = [each.text or "" for each in tree.findall("*/s:loc", NAMESPACE)]
    assert len(found) == len(set(found)) == len(tree)
    assert all(address.startswith(f"{SITE}/") and len(address) < 2_048 for address in found)
    return [address.removeprefix(SITE) for address in found]


def parts(client: CheckedClient) -> list[str]:
    return addresses(client, "/sitemap.xml", "sitemapindex")


@pytest.mark.parametrize(
    ("path", "is_walked"),
    [
        ("/", True),
        ("/discover?near=PL1+2AA", True),
        ("/discover/map?near=PL1+2AA", True),
        ("/places/plymouth", True),
        ("/opportunities/1-welding?near=PL1", True),
        ("/static/css/base.css?v=1", True),
        ("/discover?near=PL1+2AA&kind=job", False),
        ("/discover/map?near=PL1&page=2", False),
        ("/discover/anywhere?near=PL1&page=2", False),
        ("/pathways/early-years/coverage", True),
        ("/pathways/early-years/coverage?district=PL1", False),
        ("/pathways/early-years/coverage.csv?district=PL1", False),
        ("/api/v1/opportunities?near=PL1", False),
    ],
)
def test_crawlers_walk_every_page_but_not_every_choice_of_a_search(
    client: CheckedClient, path: str, is_walked: bool
) -> None:
    robots = client.get("/robots.txt")
    assert robots.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert robots.text.startswith("User-agent: *\n")
    assert f"Sitemap: {SITE}/sitemap.xml" in robots.text.splitlines()
    assert disallowed(robots.text, path) is not is_walked


def test_the_sitemap_names_parts_that_are_all_there(client: CheckedClient) -> None:
    found = parts(client)
    assert found[0] == "/sitemap-pages.xml"
    assert {path.split("-")[1] for path in found[1:]} == {"pathways", "badges", "providers", "opportunities"}
    assert all(addresses(client, path) for path in found)


def test_every_address_of_the_sitemaps_is_a_page_that_crawlers_may_walk(site: Flask, client: CheckedClient) -> None:
    robots = client.get("/robots.txt").text
    plain = site.test_client()
    found = [path for part in parts(client) for path in addresses(client, part)]
    assert not [path for path in found if disallowed(robots, path)]
    assert {path: plain.get(path).status_code for path in found} == dict.fromkeys(found, 200)


def test_each_town_that_has_a_page_is_on_the_map_once(site_settings: Settings, client: CheckedClient) -> None:
    found = addresses(client, "/sitemap-pages.xml")
    assert sum(path.startswith("/places/") for path in found) == len(FEATURED_PLACES)
    assert {"/", "/pathways", "/badges", "/places/brighton-and-hove"} <= set(found)
    odd = site_settings.model_copy(update={"featured_places": ("Leeds", "leeds", "Nowheresby", "PL1")})
    found = addresses(CheckedClient(create_app(odd)), "/sitemap-pages.xml")
    assert found == ["/", "/pathways", "/badges", "/places/leeds"]


def test_each_opportunity_says_when_it_was_last_checked(client: CheckedClient) -> None:
    tree = parsed(client.get("/sitemap-opportunities-0.xml"))
    moments = [datetime.fromisoformat(each.text or "") for each in tree.findall("s:url/s:lastmod", NAMESPACE)]
    assert len(moments) == len(tree)
    assert all(moment.tzinfo and moment <= datetime.now(UTC) for moment in moments)


@pytest.mark.parametrize("name", ["opportunities-214747", "opportunities-999999999999", "opportunities--1", "venues-0"])
def test_a_part_that_holds_nothing_is_not_there(client: CheckedClient, name: str) -> None:
    assert client.get(f"/sitemap-{name}.xml").status == 404


def test_addresses_are_those_that_the_public_uses(site_settings: Settings) -> None:
    app = create_app(site_settings.model_copy(update={"public_url": "https://doorstep.example"}))
    client = CheckedClient(app)
    assert "Sitemap: https://doorstep.example/sitemap.xml" in client.get("/robots.txt").text.splitlines()
    for path in ("/sitemap.xml", "/sitemap-pages.xml", "/sitemap-pathways-0.xml"):
        tree = parsed(client.get(path))
        assert {urlsplit(each.text or "").netloc for each in tree.findall("*/s:loc", NAMESPACE)} == {"doorstep.example"}
    app.extensions["engine"].dispose()
