"""`/api/v1/opportunities`: what the results page shows, as GeoJSON."""

import json
import re
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask

from api.views import description
from app import create_app
from catalogue.words import Kind, Layer, Reach, TimeOfWeek
from gazetteer.locate import Precision, Problem
from search.forms import MAX_AGE, MAX_MILES, MAX_PAGE, MAX_SKILLS, MAX_WORDS_LENGTH, Sort
from settings import Settings
from tests.client import Answer, CheckedClient, text_of
from web.open_data import FEEDS

ADDRESS = "/api/v1/opportunities"


def ask(client: CheckedClient, query: str, status: int = 200) -> dict[str, Any]:
    answer = client.get(f"{ADDRESS}?{query}")
    assert answer.status == status
    assert answer.headers["Content-Type"] == "application/geo+json"
    return read(answer)


def read(answer: Answer) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(answer.text)
    return found


def follow(client: CheckedClient, data: dict[str, Any]) -> list[dict[str, Any]]:
    """This page and all that come after it."""
    pages = [data]
    while "next" in pages[-1]:
        parts = urlsplit(pages[-1]["next"])
        assert (parts.scheme, parts.netloc) == ("http", "localhost")
        pages.append(ask(client, parts.query))
    return pages


@pytest.mark.parametrize(
    "query",
    [
        "near=PL1+2AA&sort=distance",
        "near=PL1+2AA&sort=soonest&within=any",
        "near=BT1+5GS&kind=job&kind=course&within=25",
        "near=Leeds&q=welding&within=any",
        "near=PL1&layer=engage&free=1&age=16",
    ],
)
def test_it_lists_what_the_page_lists_in_its_order(client: CheckedClient, query: str) -> None:
    page = client.get(f"/discover?{query}")
    links = [link.get("href") or "" for link in page.all(".//*[@id='hits']//h3//a")]
    shown = [urlsplit(link).path for link in links]
    data = ask(client, query)
    assert [urlsplit(each["properties"]["url"]).path for each in data["features"]] == shown != []
    assert re.search(rf"\b{data['count']} (within|at any)", text_of(page.all(".")[0]))


def test_a_feature_is_an_opportunity_at_its_nearest_venue(client: CheckedClient) -> None:
    data = ask(client, "near=PL1+2AA&sort=distance")
    assert data["type"] == "FeatureCollection"
    assert (data["near"]["label"], data["near"]["precision"]) == ("PL1 2AA", "unit")
    assert (data["page"], data["problems"], data["count_is_at_least"]) == (1, [], False)
    first = data["features"][0]
    longitude, latitude = first["geometry"]["coordinates"]
    assert -4.3 < longitude < -4.0
    assert 50.3 < latitude < 50.5
    said = first["properties"]
    assert (first["id"], said["number"], said["reach"]) == (said["id"], 1, "venue")
    assert said["venue"]["town"] == "Plymouth"
    assert said["url"].startswith(f"http://localhost/opportunities/{said['id']}-")
    assert client.get(said["url"].removeprefix("http://localhost")).status == 200


def test_distances_are_said_no_finer_than_the_place_is_known(client: CheckedClient) -> None:
    exact = [each["properties"] for each in ask(client, "near=PL1+2AA&within=any")["features"]]
    assert not any(each["distance_is_approximate"] for each in exact)
    assert any(each["distance_miles"] % 0.5 for each in exact)
    rough = [each["properties"] for each in ask(client, "near=PL1&within=any")["features"]]
    assert all(each["distance_is_approximate"] for each in rough)
    assert {each["distance_miles"] % 1 for each in rough} == {0}


def test_moments_have_their_offset(client: CheckedClient) -> None:
    found = [each["properties"] for each in ask(client, "near=PL1+2AA&sort=soonest&within=any")["features"]]
    starts = [datetime.fromisoformat(each["next_start"]) for each in found if each["next_start"]]
    assert starts
    assert all(start.utcoffset() is not None for start in starts)


def test_the_pages_follow_one_another_to_the_end(client: CheckedClient) -> None:
    pages = follow(client, ask(client, "near=PL1+2AA&within=any"))
    found = [each["properties"]["number"] for page in pages for each in page["features"]]
    assert [page["page"] for page in pages] == list(range(1, len(pages) + 1))
    assert found == list(range(1, pages[0]["count"] + 1))
    assert pages[0]["radius_miles"] is None
    ids = [each["id"] for page in pages for each in page["features"]]
    assert len(set(ids)) == len(ids)


def test_there_is_no_page_after_the_last_that_may_be_asked_for(site_settings: Settings) -> None:
    app = create_app(site_settings.model_copy(update={"page_size": 1}))
    data = ask(CheckedClient(app), f"near=PL1+2AA&within=any&page={MAX_PAGE}")
    assert data["count"] > MAX_PAGE
    assert "next" not in data
    app.extensions["engine"].dispose()


def test_what_needs_no_place_is_listed_apart(client: CheckedClient) -> None:
    near = ask(client, "near=PL1+2AA&kind=online-learning")
    pages = follow(client, ask(client, "elsewhere=1&kind=online-learning"))
    found = [each for page in pages for each in page["features"]]
    assert len(found) == pages[0]["count"] == near["elsewhere_count"] > 0
    assert all(each["geometry"] is None and each["properties"]["venue"] is None for each in found)
    assert {each["properties"]["distance_miles"] for each in found} == {None}
    assert (pages[0]["near"], pages[0]["radius_miles"]) == (None, None)


def test_choices_are_counted_only_if_asked_for(client: CheckedClient) -> None:
    assert "facets" not in ask(client, "near=PL1+2AA")
    counted = ask(client, "near=PL1+2AA&kind=job&facets=1")
    assert counted["facets"]["total"] == counted["count"] + counted["elsewhere_count"]
    assert counted["facets"]["kinds"]["job"] == counted["facets"]["total"]
    assert len(counted["facets"]["kinds"]) > 1
    assert set(counted["facets"]["when"]) == {"today", "this-week", "weekend"}
    assert counted["facets"]["is_bounded"] is False


def test_the_next_page_is_asked_for_as_this_one(client: CheckedClient) -> None:
    data = ask(client, "near=PL1+2AA&within=any&facets=1&kind=event&kind=workshop&kind=course")
    query, cursor = urlsplit(data["next"]).query.rsplit("&", 1)
    assert query == "near=PL1+2AA&kind=event&kind=workshop&kind=course&within=any&facets=1"
    assert cursor.startswith("cursor=")


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("kind=nonsense", "nonsense"),
        ("skill=no-such-skill", "no-such-skill"),
        ("within=-3", "-3"),
        ("page=51", "51"),
        ("facets=yes", "yes"),
        ("elsewhere=true", "true"),
    ],
)
def test_a_bad_value_is_a_bad_request_with_the_rest_of_the_answer(
    client: CheckedClient, query: str, named: str
) -> None:
    data = ask(client, f"near=PL1+2AA&kind=job&{query}", 400)
    assert len(data["problems"]) == 1
    assert f"“{named}”" in data["problems"][0]
    assert {each["properties"]["kind"] for each in data["features"]} == {"job"}


def test_a_value_that_is_given_twice_is_no_answer(client: CheckedClient) -> None:
    answer = client.get(f"{ADDRESS}?near=PL1&near=Leeds")
    assert (answer.status, read(answer)) == (400, {"error": "Give “near” only once."})


@pytest.mark.parametrize(
    ("query", "status", "problem"),
    [
        ("near=plymuth", 404, "unknown-place"),
        ("", 400, "empty"),
        ("near=+", 400, "empty"),
        (f"near={'x' * 200}", 400, "too-long"),
        ("near=plymuth&kind=x", 400, "unknown-place"),
    ],
)
def test_a_place_that_is_none_says_why(client: CheckedClient, query: str, status: int, problem: str) -> None:
    answer = client.get(f"{ADDRESS}?{query}")
    data = read(answer)
    assert (answer.status, data["near"]["problem"]) == (status, problem)
    assert answer.headers["Content-Type"] == "application/json"
    assert data["error"].endswith(".")
    assert len(data["problems"]) == ("kind=x" in query)
    assert data["near"]["suggestions"] == (["Plymouth"] if "plymuth" in query else [])


def test_the_description_names_every_word_and_bound() -> None:
    """What is written by hand there and kept here: the two must not drift apart."""
    schemas = description()["components"]["schemas"]
    words = {"Kind": Kind, "Layer": Layer, "Reach": Reach, "TimeOfWeek": TimeOfWeek, "Problem": Problem}
    assert {name: schemas[name]["enum"] for name in words} == {name: list(each) for name, each in words.items()}
    assert schemas["Located"]["properties"]["precision"]["enum"] == list(Precision)
    asked = {each["name"]: each for each in description()["components"]["parameters"].values()}
    assert asked["sort"]["schema"]["enum"] == list(Sort)
    assert asked["age"]["schema"]["maximum"] == MAX_AGE
    assert asked["q"]["schema"]["maxLength"] == MAX_WORDS_LENGTH
    assert asked["skill"]["schema"]["maxItems"] == MAX_SKILLS
    assert asked["within"]["schema"]["anyOf"][0]["maximum"] == MAX_MILES
    assert asked["page"]["schema"]["maximum"] == MAX_PAGE


def test_every_route_of_the_api_is_described(site: Flask) -> None:
    routes = {rule.rule.replace("<slug>", "{slug}") for rule in site.url_map.iter_rules() if rule.rule[:5] == "/api/"}
    assert {path for path in description()["paths"] if path.startswith("/api/")} == routes
    assert set(description()["paths"]) - routes == set(FEEDS)
