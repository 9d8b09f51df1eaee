"""Pages that are asked for again: who has one is told that it holds, and nobody is shown another person's."""

import re

import pytest
from flask import Flask

from tests.client import HTMX, CheckedClient
from web.security import BACK_SCRIPT, _digest

FOR_ALL = "public, max-age=0, s-maxage=60"
FOR_ONE = "private, no-cache"
OF_ALL = [
    "/",
    "/badges",
    "/badges/first-aid-basics",
    "/discover",
    "/discover/anywhere",
    "/pathways",
    "/pathways/cook-for-a-living",
    "/places/plymouth",
    "/providers/plumbline-skills-trust",
    "/sources",
]
OF_ONE = [
    "/badges?near=PL1+2AA",
    "/discover?near=PL1+2AA",
    "/discover?near=Nowheresby",
    "/discover/map?near=PL1+2AA",
    "/pathways/cook-for-a-living?near=PL1+2AA",
]


def an_opportunity(client: CheckedClient) -> str:
    (first, *_) = client.get("/discover?near=PL1+2AA&sort=distance").all(".//h3/a")
    return (first.get("href") or "").partition("?")[0]


def vary(headers: dict[str, str]) -> set[str]:
    return {each.strip() for each in headers["Vary"].split(",")}


@pytest.mark.parametrize("path", [*OF_ALL, *OF_ONE])
@pytest.mark.parametrize("encoding", ["identity", "br"])
def test_who_has_a_page_is_told_that_it_holds(site: Flask, path: str, encoding: str) -> None:
    headers, asked = {"Accept-Encoding": encoding}, site.test_client()
    with asked.get(path, headers=headers) as first:
        assert first.status_code == 200
        mark = first.headers["ETag"]
        assert mark.startswith("W/")
    with asked.get(path, headers=headers | {"If-None-Match": mark}) as again:
        assert (again.status_code, again.data) == (304, b"")
        # What a browser then takes for the headers of the page that it has: its policy above all.
        for name in ("ETag", "Cache-Control", "Content-Security-Policy", "Vary"):
            assert again.headers[name] == first.headers[name]
    with asked.get(path, headers=headers | {"If-None-Match": 'W/"another"'}) as other:
        assert other.status_code == 200


@pytest.mark.parametrize("path", ["/discover/map.js", "/robots.txt", "/sitemap.xml", "/sitemap-opportunities-0.xml"])
def test_so_is_who_has_what_seldom_changes(client: CheckedClient, path: str) -> None:
    first = client.get(path)
    assert "max-age=" in first.headers["Cache-Control"]
    assert client.get(path, headers={"If-None-Match": first.headers["ETag"]}).status == 304


@pytest.mark.parametrize("path", OF_ALL)
def test_a_page_that_says_nothing_of_who_asks_may_be_shared_for_a_minute(client: CheckedClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["Cache-Control"] == FOR_ALL
    assert {"Cookie", "HX-Request", "HX-Target", "Accept-Encoding"} <= vary(dict(headers))


def test_so_may_an_opportunity_but_not_with_where_somebody_is(client: CheckedClient) -> None:
    path = an_opportunity(client)
    assert client.get(path).headers["Cache-Control"] == FOR_ALL
    assert client.get(f"{path}?near=PL1+2AA").headers["Cache-Control"] == FOR_ONE


@pytest.mark.parametrize("path", OF_ONE)
def test_what_says_where_somebody_is_is_kept_by_their_browser_only(client: CheckedClient, path: str) -> None:
    assert client.get(path).headers["Cache-Control"] == FOR_ONE


def test_a_part_of_a_page_is_never_shared(client: CheckedClient) -> None:
    for path in ("/discover", "/discover?near=PL1+2AA"):
        page, part = client.get(path), client.get(path, headers=HTMX)
        assert part.headers["Cache-Control"] == FOR_ONE
        assert part.headers["ETag"] != page.headers["ETag"]


@pytest.mark.parametrize("path", ["/nothing-here", "/discover?near=PL1+2AA&kind=nonsense", "/embed/nothing"])
def test_what_went_wrong_is_not_marked(client: CheckedClient, path: str) -> None:
    headers = client.get(path).headers
    assert "ETag" not in headers
    assert "Cache-Control" not in headers


def test_with_a_list_a_page_is_kept_by_nobody_and_the_one_without_does_not_hold(client: CheckedClient) -> None:
    path = "/discover?near=PL1+2AA&sort=distance"
    before = client.get(path)
    (button, *_) = before.all(".//form[@class='keep']/button")
    assert client.post("/shortlist/add", data={"item": button.get("value")}).status == 303
    after = client.get(path, headers={"If-None-Match": before.headers["ETag"]})
    assert (after.status, after.headers["Cache-Control"]) == (200, "private, no-store")
    assert "ETag" not in after.headers
    assert after.all(".//a[@id='shortlist-link']")


def test_with_a_tick_a_pathway_is_kept_by_nobody_and_the_one_without_does_not_hold(client: CheckedClient) -> None:
    path = "/pathways/cook-for-a-living"
    before = client.get(path)
    (step, *_) = before.all(".//form[@class='tick']/input[@name='step']")
    assert client.post(f"{path}/tick", data={"step": step.get("value"), "done": "yes"}).status == 303
    after = client.get(path, headers={"If-None-Match": before.headers["ETag"]})
    assert (after.status, after.headers["Cache-Control"]) == (200, "private, no-store")
    assert after.all(".//form[@class='tick done']")


@pytest.mark.parametrize("path", [*OF_ALL, *OF_ONE])
def test_nothing_in_a_page_changes_from_one_answer_to_the_next(client: CheckedClient, path: str) -> None:
    assert client.get(path).text == client.get(path).text


def test_the_one_script_in_a_page_is_let_in_by_its_content(client: CheckedClient) -> None:
    page = client.get("/discover?near=PL1+2AA")
    (script,) = [each for each in page.all(".//script") if not each.get("src")]
    assert script.text == BACK_SCRIPT
    allowed = re.search(r"script-src ([^;]+)", page.headers["Content-Security-Policy"])
    assert allowed
    assert allowed[1] == f"'self' {_digest(BACK_SCRIPT)}"
