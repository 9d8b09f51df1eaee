"""A pathway's stops: numbered, at their distance, joined in step order."""

import json
import math
from dataclasses import dataclass

import pytest
from flask import Flask, render_template
from geopy.distance import geodesic

from catalogue.words import Layer
from gazetteer.locate import Located, Precision
from gazetteer.table import Table
from maps.leaflet_data import of_stops
from maps.rings import MIDDLE, OUTER_RADIUS
from maps.stops import PathwayStop, StopsMap, stops_map
from tests.client import Answer, parse

HOSTILE = "</title><script>alert(1)</script>${alert(2)}`\"'"


@dataclass(frozen=True)
class At:
    latitude: float
    longitude: float


LEEDS = At(53.7974, -1.5438)
STOPS = [
    PathwayStop(1, Layer.ENGAGE, 53.8174, -1.5438, "Library"),
    PathwayStop(2, Layer.PARTICIPATE, 53.7974, -1.5138, "College"),
    PathwayStop(4, Layer.LEAD, 53.7774, -1.5638, HOSTILE),
]


def drawn(table: Table, stops: list[PathwayStop], origin: At | None) -> StopsMap:
    made = stops_map(table, stops, origin)
    assert made is not None
    return made


def test_stops_stand_at_their_distance_and_bearing_from_the_person(table: Table) -> None:
    made = drawn(table, STOPS, LEEDS)
    assert made.is_around_person
    outermost = made.rings.rings[-1].distance_miles
    for pin, stop in zip(sorted(made.rings.pins, key=lambda pin: pin.label), STOPS, strict=True):
        miles = math.hypot(pin.x - MIDDLE, pin.y - MIDDLE) / OUTER_RADIUS * outermost
        there = (stop.latitude, stop.longitude)
        assert miles == pytest.approx(geodesic((LEEDS.latitude, LEEDS.longitude), there).miles, rel=0.01)
    north, east, _ = (next(pin for pin in made.rings.pins if pin.label == label) for label in ("1", "2", "4"))
    assert north.y < MIDDLE
    assert east.x > MIDDLE


def test_the_line_goes_from_step_to_step(table: Table) -> None:
    made = drawn(table, STOPS[::-1], LEEDS)
    at = {pin.label: (pin.x, pin.y) for pin in made.rings.pins}
    assert made.line == [at["4"], at["2"], at["1"]]


def test_steps_at_one_door_share_a_pin_and_the_line_comes_back_to_it(table: Table) -> None:
    again = PathwayStop(3, Layer.DEMONSTRATE, STOPS[0].latitude, STOPS[0].longitude, "Library")
    made = drawn(table, [STOPS[0], STOPS[1], again], LEEDS)
    assert sorted(pin.label for pin in made.rings.pins) == ["1, 3", "2"]
    assert next(pin for pin in made.rings.pins if pin.label == "1, 3").layer == ""
    assert made.line[0] == made.line[2] != made.line[1]
    beside = drawn(table, [STOPS[0], PathwayStop(2, Layer.ENGAGE, STOPS[0].latitude, STOPS[0].longitude, "")], LEEDS)
    assert len(beside.line) == 1


def test_without_a_person_the_stops_are_in_the_middle(table: Table) -> None:
    made = drawn(table, STOPS, None)
    assert not made.is_around_person
    assert all(math.hypot(pin.x - MIDDLE, pin.y - MIDDLE) <= OUTER_RADIUS + 1 for pin in made.rings.pins)
    (alone,) = drawn(table, STOPS[:1], None).rings.pins
    assert (alone.x, alone.y) == (MIDDLE, MIDDLE)


def test_without_stops_there_is_no_map(table: Table) -> None:
    assert stops_map(table, [], LEEDS) is None


@pytest.mark.parametrize("origin", [LEEDS, None])
def test_the_drawing_names_its_stops_as_text(site: Flask, table: Table, origin: At | None) -> None:
    with site.test_request_context("/"):
        text = render_template("maps/_stops.html", drawing=drawn(table, STOPS, origin))
    page = Answer(200, None, text, parse(text))  # type: ignore[arg-type]
    names = page.texts(".//ol[@class='stop-names']/li")
    assert names == ["Library", "College", HOSTILE]
    assert page.texts(".//{*}text[@class='ring-number']") == ["1", "2", "4"]
    (line,) = page.all(".//{*}polyline")
    assert len((line.get("points") or "").split()) == 3
    assert not page.all(".//script")
    assert bool(page.all(".//{*}circle[@class='ring']")) is (origin is not None)
    assert bool(page.all(".//{*}path[@class='scale']")) is (origin is None)


def test_the_map_that_can_be_moved_has_the_same_stops_and_their_line(site: Flask, table: Table) -> None:
    person = Located(LEEDS.latitude, LEEDS.longitude, "LS1 4DY", Precision.UNIT)
    made = stops_map(table, STOPS, person)
    assert made is not None
    with site.test_request_context("/"):
        data = of_stops(made)
        text = render_template("maps/_stops.html", drawing=made, map_data=data)
    assert data["way"] == [(stop.latitude, stop.longitude) for stop in STOPS]
    assert [(each["numbers"], each["name"]) for each in data["stops"]] == [([s.number], s.name) for s in STOPS]
    assert data["here"]["name"] == "You are here: LS1 4DY"
    assert "pins" not in data
    page = Answer(200, None, text, parse(text))  # type: ignore[arg-type]
    (element,) = page.all(".//div[@id='map_doorstep']")
    assert json.loads(element.get("data-shows") or "")["stops"][2]["name"] == HOSTILE
    assert not page.all(".//script")
    (asking,) = page.all(".//button[@id='ask-for-map']")
    assert "hidden" in asking.attrib
