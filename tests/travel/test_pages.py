"""Times on pages, and searches by time, on both databases: by the estimate, and by an engine."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask

from tests.client import Answer, CheckedClient, text_of
from tests.travel.conftest import Stub
from travel.router import router

CARD = ".//ol[@id='hits']/li"
NEAR = "/discover?near=PL1+2AA"
BOX = "box=-4.2,50.3,-4.1,50.4"


def ways(page: Answer) -> list[str]:
    """How long each card says that it takes."""
    last = page.texts(f"{CARD}//p[@class='facts']/span[last()]")
    return [each for each in last if "minute" in each]


def titles(page: Answer) -> list[str]:
    return page.texts(f"{CARD}//h3/a")


def everything(client: CheckedClient, path: str) -> list[str]:
    page = client.get(path)
    assert page.status == 200
    found = titles(page)
    more = [link.get("href") or "" for link in page.all(".//*[@id='more']/a") if text_of(link) == "Show more"]
    return found + (everything(client, more[0]) if more else [])


def number(text: str) -> int:
    return int(re.findall(r"\d+", text)[-1])


@contextmanager
def engine_at(site: Flask, url: str, modes: tuple[str, ...] = ("foot", "bike"), kind: str = "osrm") -> Iterator[None]:
    before = site.extensions["router"]
    site.extensions["router"] = router(kind, url, modes, 0.5)
    try:
        yield
    finally:
        site.extensions["router"] = before


def test_cards_say_a_walk_where_it_is_short_and_nothing_else(client: CheckedClient) -> None:
    page = client.get(f"{NEAR}&within=25&sort=distance")
    walks = [each for each in ways(page) if "walk" in each]
    assert walks[0] == "about 5 minutes’ walk"
    assert all(re.fullmatch(r"about (5|10|15|20|25|30) minutes’ walk", each) for each in walks)
    assert "by bike" not in " ".join(page.texts(CARD))
    assert len(walks) < len(titles(page)) + len(titles(client.get(f"{NEAR}&within=25&sort=distance&page=2")))


def test_from_the_middle_of_a_district_no_walk_is_said(client: CheckedClient) -> None:
    page = client.get("/discover?near=PL1&within=25&sort=distance")
    assert titles(page)
    assert ways(page) == []


@pytest.mark.parametrize(("by", "word"), [("foot", "on foot"), ("bike", "by bike")])
@pytest.mark.parametrize("minutes", [15, 30, 45, 60])
def test_a_time_becomes_a_radius_and_every_count_is_right(
    client: CheckedClient, minutes: int, by: str, word: str
) -> None:
    page = client.get(f"{NEAR}&minutes={minutes}&by={by}")
    found = everything(client, f"{NEAR}&minutes={minutes}&by={by}")
    assert f"{len(found)} within about {minutes} minutes {word}" in page.texts(".//p[@class='found']")[0]
    miles = minutes / 60 * (3 if by == "foot" else 10) / 1.3
    assert found == everything(client, f"{NEAR}&within={miles:.2f}&sort=distance")
    (chosen,) = page.all(".//select[@id='minutes']/option[@selected]")
    assert text_of(chosen) == f"{minutes} minutes ({len(found)})"
    for label in page.all(".//label[@class='choice']"):
        field = label.findall("input")[0]
        if field.get("name") == "by":
            there = everything(client, f"{NEAR}&minutes={minutes}&by={field.get('value')}")
            assert number(text_of(label)) == len(there)


def test_a_time_is_chosen_and_taken_off_and_gives_way_to_a_distance(client: CheckedClient) -> None:
    page = client.get(f"{NEAR}&minutes=30&by=bike&kind=workshop")
    off = {text_of(link): link.get("href") or "" for link in page.all(".//a[@class='off']")}
    assert "minutes" not in off["Remove Within 30 minutes by bike"]
    assert "minutes=30&by=bike" in off["Remove Workshops"]
    assert all("minutes" not in (ring.get("href") or "") for ring in page.all(".//nav[@class='how-far']/a"))
    hidden = {field.get("name"): field.get("value") for field in page.all(".//input[@type='hidden'][@form='where']")}
    assert (hidden["minutes"], hidden["by"]) == ("30", "bike")
    assert "minutes=30&by=bike" in (page.all(".//a[@class='button plain switch']")[0].get("href") or "")


def test_a_time_and_a_distance_must_both_be_met(client: CheckedClient) -> None:
    less = everything(client, f"{NEAR}&within=0.5&minutes=60")
    assert less == everything(client, f"{NEAR}&within=0.5&sort=distance")


def test_in_a_part_of_the_map_a_time_does_not_count_and_the_page_says_so(client: CheckedClient) -> None:
    page = client.get(f"{NEAR}&{BOX}&minutes=15")
    assert page.text.count("the time that the way takes does not count") == 1
    assert everything(client, f"{NEAR}&{BOX}&minutes=15") == everything(client, f"{NEAR}&{BOX}")
    assert not page.all(".//select[@name='minutes']")
    assert "Within 15 minutes" not in page.text
    (instead,) = [link for link in page.all(".//p[@class='note']/a") if text_of(link).startswith("Look within")]
    assert text_of(instead) == "Look within about 15 minutes on foot instead"
    assert instead.get("href") == f"{NEAR}&minutes=15"
    assert client.get(instead.get("href") or "").all(".//select[@name='minutes']")
    nowhere = client.get(f"/discover?{BOX}&minutes=15")
    assert "does not count" in nowhere.text
    assert "Look within" not in nowhere.text
    assert "does not count" not in client.get(f"{NEAR}&{BOX}").text


@pytest.mark.parametrize("path", ["/discover", "/discover/map", "/api/v1/opportunities"])
@pytest.mark.parametrize("query", ["minutes=20", "minutes=-15", "minutes=1e9", "minutes=30&by=car", "by=broom"])
def test_a_time_that_cannot_be_is_said(client: CheckedClient, path: str, query: str) -> None:
    page = client.get(f"{path}?near=PL1+2AA&{query}")
    assert page.status == 400
    assert ("not a number of minutes we can use" in page.text) == query.startswith("minutes=2") or "We can" in page.text


def test_the_map_and_the_api_take_a_time_too(client: CheckedClient) -> None:
    listed = everything(client, f"{NEAR}&minutes=30")
    assert titles(client.get("/discover/map?near=PL1+2AA&minutes=30")) == listed[:20]
    assert f'"count":{len(listed)},' in client.get("/api/v1/opportunities?near=PL1+2AA&minutes=30").text


def test_an_opportunity_says_walk_and_ride(client: CheckedClient) -> None:
    link = client.get(f"{NEAR}&sort=distance").all(f"{CARD}//h3/a")[0].get("href") or ""
    page = client.get(link.replace("near=PL1", "near=PL1+2AA"))
    assert "about 5 minutes’ walk, about 5 minutes by bike" in page.texts(".//ol[@class='venues']/li/p")[0]
    rough = client.get(link).texts(".//ol[@class='venues']/li/p")[0]
    assert "walk" not in rough
    assert "about 10 minutes by bike" in rough


def test_with_an_engine_what_takes_too_long_is_left_out_and_the_counts_know(
    site: Flask, client: CheckedClient, engine: Stub
) -> None:
    by_estimate = everything(client, f"{NEAR}&minutes=30")
    with engine_at(site, engine.url()):
        page = client.get(f"{NEAR}&minutes=30")
        found = everything(client, f"{NEAR}&minutes=30")
        assert 0 < len(found) < len(by_estimate)
        assert set(found) < set(by_estimate)
        assert f"{len(found)} within 30 minutes on foot" in page.texts(".//p[@class='found']")[0]
        assert "Times are from a route planner." in page.text
        assert all(int(each.split()[0]) <= 30 for each in ways(page))
        for chip in page.all(".//nav[@class='chips']/a")[1:]:
            answer = client.get(chip.get("href") or "")
            others = answer.texts(".//p[@class='found']/a")
            assert len(everything(client, chip.get("href") or "")) + (number(others[0]) if others else 0) == number(
                text_of(chip)
            )
        assert len(engine.asked) == 1


@pytest.mark.parametrize("how", ["slow", "error", "html", "short", "negative"])
def test_while_the_engine_is_slow_or_wrong_the_estimate_stands_in(
    site: Flask, client: CheckedClient, engine: Stub, how: str
) -> None:
    by_estimate = everything(client, f"{NEAR}&minutes=30")
    with engine_at(site, engine.url(how)):
        page = client.get(f"{NEAR}&minutes=30")
    assert titles(page) == by_estimate[:20]
    assert "Times are worked out from the distance, so they are rough." in page.text
    assert ways(page)[0].startswith("about")


def test_where_there_are_more_venues_than_may_be_asked_the_page_says_so(
    site: Flask, client: CheckedClient, engine: Stub
) -> None:
    with engine_at(site, engine.url()):
        site.extensions["router"].most = 2
        page = client.get(f"{NEAR}&minutes=60")
    assert "Times are from a route planner for the nearest 2 places, and worked out" in page.text
    assert len(engine.asked) == 1


def test_from_the_middle_of_an_area_the_engine_is_not_asked(site: Flask, client: CheckedClient, engine: Stub) -> None:
    with engine_at(site, engine.url()):
        assert client.get("/discover?near=PL1&minutes=30").status == 200
    assert engine.asked == []


def test_a_search_that_does_not_ask_about_time_never_waits_for_the_engine(
    site: Flask, client: CheckedClient, engine: Stub
) -> None:
    with engine_at(site, engine.url()):
        assert client.get(NEAR).status == client.get(f"{NEAR}&within=5&kind=job").status == 200
    assert engine.asked == []


def test_an_opportunity_has_the_engines_times_by_every_mode(site: Flask, client: CheckedClient, engine: Stub) -> None:
    link = client.get(f"{NEAR}&sort=distance").all(f"{CARD}//h3/a")[5].get("href") or ""
    with engine_at(site, engine.url(), ("foot", "bike", "transit"), "opentripplanner"):
        said = client.get(link.replace("near=PL1", "near=PL1+2AA")).texts(".//ol[@class='venues']/li/p")[0]
    assert re.search(r"PL1 \d+ minutes’ walk, \d+ minutes? by bike, \d+ minutes? by public transport$", said)
