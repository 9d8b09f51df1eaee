"""`/api/v1/pathways`: all of them, and one with the ways to do each step."""

import json
from typing import Any

import pytest
from flask import Flask

from api.pathway_data import step
from catalogue import pathway_pages
from catalogue.models import Badge, Skill
from catalogue.pathway_answers import Answer, PassedOver, Why
from catalogue.pathway_models import Step
from catalogue.pathway_ways import Way
from catalogue.way_search import Found
from catalogue.words import Kind, Layer
from gazetteer.locate import Located, Precision
from tests.catalogue.factories import opportunity, provider
from tests.client import CheckedClient

ADDRESS = "/api/v1/pathways"


def ask(client: CheckedClient, path: str, status: int = 200) -> dict[str, Any]:
    answer = client.get(f"{ADDRESS}{path}")
    assert (answer.status, answer.headers["Content-Type"]) == (status, "application/json")
    found: dict[str, Any] = json.loads(answer.text)
    return found


def test_the_list_has_what_the_page_lists(client: CheckedClient) -> None:
    data = ask(client, "")
    page = client.get("/pathways")
    assert data["count"] == len(data["pathways"]) > 5
    assert "next" not in data
    for each in data["pathways"]:
        assert page.all(f".//a[@href='/pathways/{each['slug']}']"), each["slug"]
        assert each["url"] == f"http://localhost/pathways/{each['slug']}"
        assert [one["position"] for one in each["steps"]] == list(range(1, len(each["steps"]) + 1))


def test_a_page_beyond_the_last_is_empty_and_one_that_cannot_be_is_a_bad_request(client: CheckedClient) -> None:
    assert ask(client, "?page=2")["pathways"] == []
    data = ask(client, "?page=0", 400)
    assert (data["page"], len(data["problems"])) == (1, 1)
    assert data["pathways"] != []


def test_long_lists_are_paged(client: CheckedClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pathway_pages, "PAGE", 10)
    first, second = ask(client, ""), ask(client, "?page=2")
    assert "next" not in second
    assert ask(client, first["next"].removeprefix(f"http://localhost{ADDRESS}")) == second
    slugs = [each["slug"] for each in first["pathways"] + second["pathways"]]
    assert len(slugs) == len(set(slugs)) == first["count"]


def test_a_pathway_has_the_ways_to_do_each_step(client: CheckedClient) -> None:
    data = ask(client, "/become-an-electrician")
    skill = {"slug": "electrics", "name": "Electrical work"}
    assert data["destination"] == {"kind": "apprenticeship", "name": "An electrical apprenticeship", "skill": skill}
    assert data["skills"]
    assert not {"near", "within_miles"} & set(data)
    for each in data["steps"]:
        assert each["options"]
        assert "nearest" not in each
        assert all("near_count" not in option for option in each["options"])


def test_near_a_place_each_step_has_its_nearest(client: CheckedClient) -> None:
    data = ask(client, "/become-an-electrician?near=PL1+2AA")
    assert data["near"]["label"] == "PL1 2AA"
    nearest = [each["nearest"] for each in data["steps"] if each["nearest"]]
    assert nearest
    assert all(each["distance_miles"] is not None and each["url"].startswith("http://") for each in nearest)
    for each in data["steps"]:
        has_near = any(option["near_count"] for option in each["options"])
        assert has_near == (each["nearest"] is not None and not each["nearest_is_far"])


def test_near_a_place_the_destination_has_its_nearest_too(client: CheckedClient) -> None:
    there = ask(client, "/become-an-electrician?near=KT1")["destination"]
    assert (there["nearest"]["kind"], there["nearest_is_far"]) == ("apprenticeship", False)
    assert there["near_count"] == 1 + len(there["others"])
    in_words = ask(client, "/start-a-business?near=KT1")["destination"]
    assert in_words == {"kind": "words", "name": "A small business of your own that covers its costs", "skill": None}


def test_what_else_is_near_and_how_many_there_are_goes_by_the_distance(client: CheckedClient) -> None:
    near, wide = (ask(client, f"/work-outdoors-with-nature?near=PL1+2AA&within={miles}") for miles in ("1.5", "500"))
    assert (near["within_miles"], wide["within_miles"]) == (1.5, 500)
    for few, many in zip(near["steps"], wide["steps"], strict=True):
        assert few["near_count"] <= many["near_count"]
        shown = [each for each in (few["nearest"], *few["others"]) if each and not few["nearest_is_far"]]
        assert all(each["distance_miles"] <= 1.5 for each in shown)
        assert len(shown) == min(few["near_count"], 4)
        assert many["near_count_is_at_least"] == any(option["near_count"] == 10 for option in many["options"])
    assert any(each["nearest_is_far"] for each in near["steps"])
    assert not any(each["nearest_is_far"] for each in wide["steps"])


@pytest.mark.parametrize("within", ["0", "501", "any", "near", "-1"])
def test_a_distance_that_is_none_is_a_bad_request(client: CheckedClient, within: str) -> None:
    data = ask(client, f"/become-an-electrician?near=PL1&within={within}", 400)
    assert data == {"error": "Give “within” as miles, from 0.01 to 500."}


@pytest.mark.parametrize("path", ["?page=", "?page=+", "/become-an-electrician?within="])
def test_an_empty_number_is_a_bad_request(client: CheckedClient, path: str) -> None:
    assert "or leave it out" in ask(client, path, 400)["error"]


def test_groups_say_how_many_of_their_steps_are_needed(client: CheckedClient) -> None:
    data = ask(client, "/into-film-production")
    assert data["groups"] == [{"number": 1, "needed": 2}]
    assert [each["group"] for each in data["steps"]] == [None, 1, 1, 1, None, None, None, None, None]


def test_it_says_what_it_leads_on_to(client: CheckedClient) -> None:
    url = "http://localhost/pathways/become-an-electrician"
    assert ask(client, "/into-construction")["leads_on"] == [
        {"slug": "become-an-electrician", "title": "Become an electrician", "url": url}
    ]
    assert ask(client, "/start-a-business")["leads_on"] == []


def test_what_is_passed_over_says_why(site: Flask) -> None:
    place = Located(50.37, -4.14, "PL1", Precision.DISTRICT, radius_m=1_000)
    passed = PassedOver(opportunity(id=5, provider=provider(), title="Full", slug="full"), Why.FULL, 5_000.0)
    with site.test_request_context():
        data = step(Answer(Step(), [], passed_over=[passed]), place)
    (found,) = data["passed_over"]
    assert found["opportunity"]["id"] == 5
    assert (found["why"], found["distance_miles"], found["distance_is_approximate"]) == ("full", 3, True)


@pytest.mark.parametrize(("near", "status"), [("Nowheresby", 404), ("", 400), ("x" * 101, 400)])
def test_a_place_that_is_none_says_why(client: CheckedClient, near: str, status: int) -> None:
    data = ask(client, f"/become-an-electrician?near={near}", status)
    assert data["near"]["found"] is False
    assert data["error"]


@pytest.mark.parametrize("slug", ["no-such-pathway", "%00", "é", "x" * 3_000])
def test_a_pathway_that_is_not_there_is_not_found(client: CheckedClient, slug: str) -> None:
    assert ask(client, f"/{slug}", 404) == {"error": "There is nothing at this address."}


def test_each_sort_of_option_says_what_it_asks_for(site: Flask) -> None:
    skill, owner = Skill(slug="welding", name="Welding"), provider(slug="owner", name="Owner")
    badge = Badge(slug="badge", name="Badge", layer=Layer.LEAD)
    named = opportunity(id=5, provider=owner, title="Named", slug="named", kind=Kind.COURSE)
    ways = [
        Way(badge=badge),
        Way(opportunity=named),
        Way(kinds=(Kind.JOB, Kind.COURSE), provider=owner),
        Way(layer=Layer.ENGAGE, skill=skill),
    ]
    with site.test_request_context():
        data = step(Answer(Step(), [Found(way) for way in ways]), None)
    rule: dict[str, Any] = {"type": "rule", "kinds": [], "layer": None, "skill": None, "provider": None}
    url = "http://localhost/opportunities/5-named"
    assert data["options"] == [
        {
            "type": "badge",
            "slug": "badge",
            "name": "Badge",
            "layer": "lead",
            "url": "http://localhost/badges/badge",
        },
        {"type": "opportunity", "id": 5, "title": "Named", "kind": "course", "url": url},
        rule | {"kinds": ["job", "course"], "provider": {"name": "Owner", "slug": "owner"}},
        rule | {"layer": "engage", "skill": {"slug": "welding", "name": "Welding"}},
    ]
