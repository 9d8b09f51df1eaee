"""The map: the same search, the same numbers, and no text that can run."""

import gzip
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import select

from catalogue.models import Opportunity, Provider, Venue
from database.session import session
from maps.rings import MIDDLE, OUTER_RADIUS
from search.results import number_label
from tests.client import Answer, CheckedClient, text_of
from web.script_json import script_json

HOSTILE_TEXTS = (
    *("title", "summary", "description", "how_to_apply", "accessibility", "cost_note", "level", "time_needed"),
    *("name", "address", "town"),
)
HOSTILE = '</script><script>alert(1)</script>${alert(2)}`"\'"onerror=<img src=x onerror=alert(3)>'
PLYMOUTH = "-4.3,50.3,-4,50.5"


def shows(page: Answer) -> dict[str, Any]:
    """What the page's own script is told to draw."""
    (element,) = page.all(".//div[@id='map_doorstep']")
    found: dict[str, Any] = json.loads(element.get("data-shows") or "")
    return found


def data(client: CheckedClient, path: str, **query: Any) -> dict[str, Any]:
    answer = client.get(f"{path}?{urlencode(query, doseq=True)}")
    assert answer.status == 200, answer.text
    found: dict[str, Any] = json.loads(answer.text)
    return found


def test_stops_carry_the_numbers_of_the_list(client: CheckedClient) -> None:
    page = client.get("/discover/map?near=PL1+2AA")
    in_list = [int(item.get("value") or 0) for item in page.all(".//ol[@id='hits']/li")]
    stops = shows(page)["stops"]
    assert sorted(number for stop in stops for number in stop["numbers"]) == in_list == list(range(1, 21))
    places = [(stop["latitude"], stop["longitude"], stop["name"]) for stop in stops]
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


def test_the_drawn_map_names_places_for_orientation(client: CheckedClient) -> None:
    for path in ("/discover/map?near=LS1+4DY", "/places/leeds"):
        assert client.get(path).texts(".//figure[@class='drawn rings']//{*}text[@class='town-name']"), path


def test_a_map_of_nowhere_is_a_question(client: CheckedClient) -> None:
    page = client.get("/discover/map?near=Nowheresby")
    assert page.status == 200
    assert "We do not know a place called" in page.text
    assert "map_doorstep" not in page.text
    assert "map-loader" not in page.text


def test_only_scripts_of_our_own_run_under_a_policy_that_is_always_the_same(client: CheckedClient) -> None:
    page = client.get("/discover/map?near=PL1+2AA")
    policy = page.headers["Content-Security-Policy"]
    scripts = page.all(".//script[@src]")
    assert scripts
    assert all((script.get("src") or "").startswith("/static/") for script in scripts)
    assert "unsafe" not in policy
    assert policy == client.get("/pathways").headers["Content-Security-Policy"]


def test_the_person_the_precision_and_the_radius_are_told(client: CheckedClient) -> None:
    exact = shows(client.get("/discover/map?near=PL1+2AA&within=2"))
    assert exact["here"]["name"] == "You are here: PL1 2AA"
    assert exact["here"]["radius_m"] == 100
    assert exact["ring"]["radius_m"] == pytest.approx(2 * 1609.344)
    rough = shows(client.get("/discover/map?near=PL1&within=2"))
    assert rough["here"]["radius_m"] > 500
    assert rough["ring"]["radius_m"] == pytest.approx(2 * 1609.344 + rough["here"]["radius_m"])
    assert shows(client.get("/discover/map?near=PL1&within=any"))["ring"] is None


# Pins


def test_pins_are_those_of_the_search_in_the_box(client: CheckedClient) -> None:
    every = data(client, "/discover/pins", bbox=PLYMOUTH, zoom=12)
    jobs = data(client, "/discover/pins", bbox=PLYMOUTH, zoom=12, kind="job", near="PL1 2AA")
    assert every["type"] == "FeatureCollection"
    assert every["counted"] == "exactly"
    assert every["said"] == f"{every['count']} on this part of the map"
    assert 0 < jobs["count"] < every["count"]
    for feature in every["features"]:
        longitude, latitude = feature["geometry"]["coordinates"]
        assert -4.3 <= longitude <= -4
        assert 50.3 <= latitude <= 50.5
        assert feature["properties"]["count"] >= 1
    assert data(client, "/discover/pins", bbox="1,52,1.1,52.1", zoom=12)["features"] == []


def test_an_answer_of_pins_is_small_and_bounded(site: Flask) -> None:
    client = site.test_client()
    for zoom in (5, 8, 12, 19):
        path = f"/discover/pins?bbox=-9,49,3,61&zoom={zoom}"
        with client.get(path, headers={"Accept-Encoding": "gzip"}) as answer:
            assert answer.headers["Content-Encoding"] == "gzip"
            assert len(answer.data) <= 25_000
            assert len(json.loads(gzip.decompress(answer.data))["features"]) <= 300


def test_names_of_places_come_only_where_they_are_asked_for(client: CheckedClient) -> None:
    assert data(client, "/discover/pins", bbox=PLYMOUTH, zoom=12)["names"] == []
    names = data(client, "/discover/pins", bbox=PLYMOUTH, zoom=12, names=1)["names"]
    assert "Plymouth" in {each["name"] for each in names}
    assert len(names) <= 12


@pytest.mark.parametrize(
    "query",
    [
        "zoom=12",
        "bbox=&zoom=12",
        "bbox=1,2,3&zoom=12",
        "bbox=-4,50.5,-4.3,50.3&zoom=12",
        "bbox=-4.3,50.3,-4,50.5",
        "bbox=-4.3,50.3,-4,50.5&zoom=99",
        "bbox=-4.3,50.3,-4,50.5&zoom=-1",
        "bbox=-4.3,50.3,-4,50.5&zoom=1e1",
        "bbox=-200,50.3,-4,50.5&zoom=12",
        "bbox=nan,inf,1,2&zoom=12",
        "bbox=-4.3,50.3,-4,50.5&zoom=12&kind=nonsense",
        "bbox=-4.3,50.3,-4,50.5&zoom=12&skill=no-such-skill",
    ],
)
def test_a_box_or_a_zoom_that_cannot_be_is_refused_with_a_sentence(client: CheckedClient, query: str) -> None:
    answer = client.get(f"/discover/pins?{query}")
    assert answer.status == 400
    assert json.loads(answer.text)["error"].endswith(".")


def test_a_pin_opens_with_its_venues_and_what_is_on_offer_there(client: CheckedClient) -> None:
    pins = data(client, "/discover/pins", bbox=PLYMOUTH, zoom=16, kind="course")
    single = next(each["properties"] for each in pins["features"] if each["properties"]["venues"] == 1)
    found = data(
        client, "/discover/pins/at", level=pins["level"], square=single["squares"], near="PL1 2AA", kind="course"
    )
    (venue,) = found["venues"]
    assert venue["name"] == single["name"]
    assert venue["distance"].endswith("miles away")
    assert len(venue["items"]) == single["count"]
    assert all(item["said"].startswith("Course, ") for item in venue["items"])
    assert all("near=PL1" in item["url"] and "2AA" not in item["url"] for item in venue["items"])


def test_a_pin_of_very_much_leads_to_the_list(client: CheckedClient) -> None:
    pins = data(client, "/discover/pins", bbox="-9,49,3,61", zoom=5)
    crowd = max((each["properties"] for each in pins["features"]), key=lambda each: each["count"])
    found = data(client, "/discover/pins/at", level=pins["level"], square=crowd["squares"])
    assert sum(len(venue["items"]) for venue in found["venues"]) == 30
    assert all(venue["distance"] == "" for venue in found["venues"])
    page = client.get(found["more"])
    assert page.status == 200
    assert "In this part of the map" in page.text


@pytest.mark.parametrize("query", ["", "level=12", "level=12&square=1", "level=3&square=9.9", "level=99&square=1.1"])
def test_a_pin_that_cannot_be_is_refused_with_a_sentence(client: CheckedClient, query: str) -> None:
    answer = client.get(f"/discover/pins/at?{query}")
    assert answer.status == 400
    assert json.loads(answer.text)["error"].endswith(".")


def test_the_skeleton_is_folium_s_and_may_be_kept(client: CheckedClient) -> None:
    page = client.get("/discover/map?near=PL1+2AA")
    (frame,) = page.all(".//div[@class='map-frame']")
    *_, address = (frame.get("data-scripts") or "").split(" ")
    script = client.get(address)
    assert script.headers["Content-Type"].startswith("text/javascript")
    assert "max-age=86400" in script.headers["Cache-Control"]
    assert "L.map(" in script.text
    assert "doorstep.begin(map_doorstep);" in script.text
    assert "strict-origin-when-cross-origin" in script.text
    for theirs in ("jquery", "bootstrap", "awesome", "user-scalable", "http://"):
        assert theirs not in script.text.lower()


# A part of the map


def test_results_of_a_part_of_the_map_are_inside_it_in_order_from_its_middle(client: CheckedClient) -> None:
    box = "-4.15,50.36,-4.1,50.4"
    answer = json.loads(client.get(f"/api/v1/opportunities?box={box}").text)
    assert 0 < answer["count"] < 30
    for feature in answer["features"]:
        longitude, latitude = feature["geometry"]["coordinates"]
        assert -4.15 <= longitude <= -4.1
        assert 50.36 <= latitude <= 50.4
    distances = [feature["properties"]["distance_miles"] for feature in answer["features"]]
    assert distances == sorted(distances)
    assert answer["near"]["source"] == "map"
    assert (answer["near"]["longitude"], answer["near"]["latitude"]) == pytest.approx((-4.125, 50.38))
    titles = [feature["properties"]["title"] for feature in answer["features"]]
    for path in ("/discover", "/discover/map"):
        page = client.get(f"{path}?near=PL1+2AA&box={box}")
        assert page.status == 200
        assert page.texts(".//ol[@id='hits']/li//h3/a") == titles
        assert "In this part of the map" in page.text
        assert f"{answer['count']} in the part of the map shown" in page.text
        assert "Distances are from the middle of this part of the map." in page.text
        assert not page.all(".//nav[@class='how-far']")


def test_a_part_of_the_map_is_kept_by_filters_and_given_up_for_a_place(client: CheckedClient) -> None:
    box = "-4.15,50.36,-4.1,50.4"
    page = client.get(f"/discover/map?near=PL1+2AA&box={box}&kind=course")
    (kept,) = page.all(".//input[@form='filter-form'][@name='box']")
    assert kept.get("value") == box
    assert not page.all(".//input[@form='where'][@name='box']")
    assert "Remove This part of the map" in page.texts(".//a[@class='off']")
    told = shows(page)
    assert told["box"] == [-4.15, 50.36, -4.1, 50.4]
    assert told["ring"] is None
    assert told["here"]["name"] == "You are here: PL1 2AA"
    assert "box" not in told["area"]
    assert "box" not in told["pins"]
    assert shows(client.get(f"/discover/map?box={box}"))["here"] is None


def test_an_empty_part_of_the_map_says_so_and_shows_nothing_from_elsewhere(client: CheckedClient) -> None:
    page = client.get("/discover/map?near=PL1+2AA&box=-1,57,-0.9,57.1")
    assert page.status == 200
    assert "We found nothing that fits in this part of the map." in page.text
    assert "The nearest there is" not in page.text
    assert not page.all(".//ol[@id='hits']")


@pytest.mark.parametrize("box", ["1", "-4.1,50.4,-4.15,50.36", "a,b,c,d", "0,0,400,1"])
def test_a_part_that_cannot_be_is_left_out_with_a_sentence(client: CheckedClient, box: str) -> None:
    page = client.get(f"/discover/map?near=PL1+2AA&box={box}")
    assert page.status == 400
    assert f"“{box}” is not a part of the map that we can use, so it was left out." in page.texts(
        ".//p[@class='message']"
    )
    assert len(page.all(".//ol[@id='hits']/li")) == 20


# Text from providers


@pytest.fixture
def hostile(site: Flask) -> Iterator[None]:
    """Every text of the nearest opportunity to PL1 2AA, its venue and its provider made as bad as can be."""
    with site.app_context():
        nearest = select(Opportunity).join(Opportunity.venues).where(Venue.postcode.startswith("PL4 8")).limit(1)
        opportunity = session().scalars(nearest).one()
        rows: list[Opportunity | Provider | Venue] = [opportunity, opportunity.provider, opportunity.venues[0]]
        kept = [{name: getattr(row, name) for name in HOSTILE_TEXTS if hasattr(row, name)} for row in rows]
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
    page = client.get("/discover/map?near=PL1+2AA")
    assert not any("alert" in text_of(script) for script in page.all(".//script"))
    assert HOSTILE in {stop["name"] for stop in shows(page)["stops"]}


def test_json_in_a_script_cannot_end_it() -> None:
    text = script_json({"text": HOSTILE + "<!--\u2028"})
    assert not set(text) & set("<>&\u2028")
    assert json.loads(text)["text"] == HOSTILE + "<!--\u2028"
