"""Starting again for the next person, as the server does its part."""

from http.cookies import SimpleCookie

import pytest
from flask import Flask

from pathways import progress_pages
from shortlists import mine
from tests.client import CheckedClient, text_of
from web import anonymous_key


def test_every_page_of_results_leads_there(client: CheckedClient) -> None:
    for path in ("/discover?near=PL1", "/discover/map?near=PL1", "/discover?near=Nowheresby"):
        (link,) = client.get(path).all(".//form[@id='where']//a[@href='/start-again']")
        assert text_of(link) == "Start again"


def test_it_says_what_goes_before_it_does(client: CheckedClient) -> None:
    page = client.get("/start-again")
    assert page.headers["Cache-Control"] == "no-store"
    (form,) = page.all(".//form")
    assert (form.get("action"), form.get("method")) == ("/start-again", "post")
    assert "only its private link" not in page.text
    client.set_cookie("progress", "0" * 32)
    assert "only its private link" in client.get("/start-again").text


def test_every_cookie_of_ours_goes_and_none_of_another_site_under_the_same_domain(site: Flask) -> None:
    client = site.test_client()
    for name in ("progress", "shortlist", "councils_sign_in"):
        client.set_cookie(name, "0" * 32)
    with client.post("/start-again") as answer:
        assert (answer.status_code, answer.headers["Location"]) == (303, "/")
        # Its "cookies" would reach as far as the registrable domain.
        assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
        assert answer.headers["Cache-Control"] == "no-store"
        gone = SimpleCookie("; ".join(answer.headers.getlist("Set-Cookie")))
        assert set(gone) == anonymous_key.NAMES == {"progress", "shortlist"}
        assert all((each.value, each["max-age"], each["path"]) == ("", "0", "/") for each in gone.values())
    assert client.get_cookie("progress") is client.get_cookie("shortlist") is None
    assert client.get_cookie("councils_sign_in")


def test_the_cookies_of_every_module_are_known() -> None:
    assert {progress_pages.COOKIE, mine.COOKIE} == anonymous_key.NAMES


@pytest.mark.parametrize("path", ["/", "/pathways", "/shortlist", "/progress", "/places/plymouth"])
def test_the_foot_of_every_page_leads_there_too(client: CheckedClient, path: str) -> None:
    (link,) = client.get(path).all(".//footer//a[@href='/start-again']")
    assert text_of(link) == "Make room for the next person"


def test_another_site_cannot_start_us_again(site: Flask) -> None:
    client = site.test_client()
    client.set_cookie("progress", "0" * 32)
    with client.post("/start-again", headers={"Sec-Fetch-Site": "cross-site"}) as answer:
        assert answer.status_code == 403
        assert "Clear-Site-Data" not in answer.headers
    assert client.get_cookie("progress")


@pytest.mark.parametrize("path", ["/discover", "/discover/map"])
def test_filters_stay_while_the_place_changes(client: CheckedClient, path: str) -> None:
    chosen = "kind=workshop&layer=participate&skill=welding&free=1&age=16&time=weekend&within=25&minutes=60&by=bike"
    page = client.get(f"{path}?near=PL1+2AA&{chosen}&sort=soonest")
    sent = [(f.get("name"), f.get("value")) for f in page.all(".//input[@form='where']")]
    assert sent == [tuple(pair.split("=")) for pair in f"{chosen}&sort=soonest".split("&")]
