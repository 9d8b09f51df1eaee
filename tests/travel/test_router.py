"""Asking a routing engine: real HTTP to a process that answers as OSRM and OpenTripPlanner do."""

import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from math import inf
from typing import Any

import pytest
import structlog
from pydantic import ValidationError
from structlog.testing import capture_logs

import travel.router
from circuit import FAILURES_TO_OPEN, OPEN_SECONDS, Circuit, Remembered
from settings import ROOT, UK_TIME, Settings
from tests.travel.conftest import Stub
from travel.engines import ENGINES, next_weekday
from travel.estimate import Mode
from travel.router import Router, router

TIMEOUT_SECONDS = 0.5
SLACK_SECONDS = 3.0  # far less than the slow engine would take


@dataclass(frozen=True)
class Spot:
    latitude: float
    longitude: float


HERE = Spot(50.371234, -4.142345)
THERE = [Spot(50.38, -4.14), Spot(50.37, -4.10), Spot(49.9, -6.3)]


class Clock:
    """A time that tests move by hand, in seconds."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    before = structlog.get_config()
    structlog.reset_defaults()
    monkeypatch.setattr(travel.router, "log", structlog.get_logger())
    with capture_logs() as entries:
        yield entries
    structlog.configure(**before)


def asking(url: str, kind: str = "osrm", clock: Clock | None = None, modes: str = "foot bike car") -> Router:
    ask, most = ENGINES[kind]
    named = [Mode(mode) for mode in modes.split()]
    return Router(ask, url, named, TIMEOUT_SECONDS, most, clock or time.monotonic)


def test_one_table_says_how_long_it_takes_to_each_place(engine: Stub) -> None:
    near, farther, nowhere = asking(engine.url()).seconds(HERE, THERE, Mode.FOOT)
    assert near is not None
    assert farther is not None
    assert 1_200 < near < 1_600 < 4_000 < farther < 4_500
    assert nowhere == inf
    assert len(engine.asked) == 1


def test_the_engine_learns_where_a_person_is_to_a_hundred_metres_and_nothing_else(engine: Stub) -> None:
    asking(engine.url()).seconds(HERE, THERE[:1], Mode.BIKE)
    assert engine.asked == [
        "GET /good/table/v1/bike/-4.14200,50.37100;-4.14000,50.38000?sources=0&annotations=duration "
    ]


def test_what_is_known_is_not_asked_again_from_anywhere_in_those_hundred_metres(engine: Stub) -> None:
    asked = asking(engine.url())
    first = asked.seconds(HERE, THERE, Mode.FOOT)
    assert asked.seconds(Spot(50.37141, -4.14189), THERE[:2], Mode.FOOT) == first[:2]
    assert len(engine.asked) == 1
    asked.seconds(HERE, [*THERE, Spot(50.5, -4.0)], Mode.FOOT)
    assert engine.asked[1].count(";") == 1


def test_each_mode_may_have_an_address_of_its_own(engine: Stub) -> None:
    found = asking(f"{engine.url()}/routed-{{mode}}", modes="foot car").by_mode(HERE, THERE[:1])
    assert list(found) == [Mode.FOOT, Mode.CAR]
    assert [line.split("/table/")[0] for line in engine.asked] == ["GET /good/routed-foot", "GET /good/routed-car"]


def test_a_mode_that_the_engine_does_not_know_is_not_asked(engine: Stub) -> None:
    assert asking(engine.url()).seconds(HERE, THERE, Mode.TRANSIT) == [None, None, None]
    assert engine.asked == []


def test_no_more_than_a_hundred_places_are_asked_at_once(engine: Stub) -> None:
    many = [Spot(50.3 + number / 1_000, -4.1) for number in range(130)]
    found = asking(engine.url()).seconds(HERE, many, Mode.FOOT)
    assert [each is None for each in found] == [False] * 100 + [True] * 30
    assert engine.asked[0].count(";") == 100


@pytest.mark.parametrize(
    "how",
    [
        "html",
        "list",
        "empty",
        "nan",
        "error",
        "busy",
        "toobig",
        "moved",
        "short",
        "rows",
        "negative",
        "words",
        "slow",
        "endless",
    ],
)
def test_an_engine_that_is_slow_or_wrong_says_nothing_and_costs_no_more_than_the_time_out(
    engine: Stub, logged: list[Any], how: str
) -> None:
    started = time.monotonic()
    assert asking(engine.url(how)).seconds(HERE, THERE, Mode.FOOT) == [None, None, None]
    assert time.monotonic() - started < TIMEOUT_SECONDS + SLACK_SECONDS
    (entry,) = logged
    assert entry["event"] == "routing engine failed"
    assert "50.37" not in str(entry)
    assert len(engine.asked) == 1


def test_an_engine_that_is_down_says_nothing(logged: list[Any]) -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        assert asking(url).seconds(HERE, THERE, Mode.FOOT) == [None, None, None]
    assert logged[0]["error"] == "ConnectionError"


def test_places_without_a_way_are_infinitely_far(engine: Stub) -> None:
    assert asking(engine.url("nulls")).seconds(HERE, THERE, Mode.FOOT) == [inf, inf, inf]


def test_a_slow_engine_delays_a_page_once_however_many_modes_it_is_asked_about(engine: Stub) -> None:
    found = asking(engine.url("slow")).by_mode(HERE, THERE[:1])
    assert found == {Mode.FOOT: [None], Mode.BIKE: [None], Mode.CAR: [None]}
    assert len(engine.asked) == 1


def test_an_engine_that_fails_is_left_alone_for_a_while_and_then_tried_once(engine: Stub) -> None:
    clock = Clock()
    failing = asking(engine.url("error"), clock=clock)
    for _ in range(FAILURES_TO_OPEN + 2):
        failing.seconds(HERE, THERE, Mode.FOOT)
    assert len(engine.asked) == FAILURES_TO_OPEN
    clock.now += OPEN_SECONDS + 1
    for _ in range(2):
        failing.seconds(HERE, THERE, Mode.FOOT)
    assert len(engine.asked) == FAILURES_TO_OPEN + 1


def test_a_trial_that_succeeds_closes_the_circuit() -> None:
    clock = Clock()
    circuit = Circuit(clock)
    assert [circuit.failed() for _ in range(FAILURES_TO_OPEN)] == [False, False, True]
    assert not circuit.may_ask()
    clock.now += OPEN_SECONDS
    assert circuit.may_ask()
    assert not circuit.may_ask()
    circuit.succeeded()
    assert circuit.may_ask()


def test_the_answer_unused_for_longest_is_forgotten() -> None:
    answers: Remembered[str, int] = Remembered(2)
    for number, key in enumerate("ab"):
        answers.keep(key, number)
    assert answers.get("a") == 0
    answers.keep("c", 2)
    assert [answers.get(key) for key in "abc"] == [0, None, 2]


def test_opentripplanner_gives_the_shortest_plan_to_each_place(engine: Stub) -> None:
    asked = asking(engine.url(), "opentripplanner", modes="foot transit")
    foot, transit = asked.by_mode(HERE, THERE).values()
    assert transit[0] is not None
    assert foot[0] is not None
    assert 100 < transit[0] < 300 < 1_200 < foot[0] < 1_600
    assert transit[2] == foot[2] == inf
    assert [line.split()[1] for line in engine.asked] == ["/good/otp/gtfs/v1"] * 2
    assert engine.asked[1].count("transitOnly: true") == 3


@pytest.mark.parametrize("how", ["errors", "html", "error", "slow", "list"])
def test_opentripplanner_may_be_wrong_too(engine: Stub, how: str) -> None:
    asked = asking(engine.url(how), "opentripplanner", modes="transit")
    assert asked.seconds(HERE, THERE, Mode.TRANSIT) == [None, None, None]


def test_public_transport_is_asked_for_the_next_weekday_at_nine() -> None:
    friday = datetime(2026, 12, 4, 22, 30, tzinfo=UK_TIME)
    assert next_weekday(friday) == datetime(2026, 12, 7, 9, tzinfo=UK_TIME)
    assert next_weekday(datetime(2026, 12, 7, 1, tzinfo=UK_TIME)) == datetime(2026, 12, 8, 9, tzinfo=UK_TIME)


def test_without_an_address_there_is_no_engine() -> None:
    assert router("osrm", "", ("foot",), 1) is None


def test_a_site_without_an_engine_never_loads_requests() -> None:
    program = "import sys, travel.router; sys.exit('requests' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"routing_url": "osrm.example:5000"}, "give a scheme, a host and at most a path"),
        ({"routing_url": "http://osrm.example/?key=1"}, "give a scheme, a host and at most a path"),
        (
            {"routing_url": "http://osrm.example", "routing_modes": ("foot", "transit")},
            "OSRM knows no public transport",
        ),
        ({"routing_kind": "valhalla"}, "Input should be 'osrm' or 'opentripplanner'"),
        ({"routing_modes": ("broom",)}, "Input should be 'foot', 'bike', 'car' or 'transit'"),
    ],
)
def test_a_setting_that_cannot_be_is_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(message)):
        Settings(_env_file=None, **values)


def test_an_address_may_end_in_a_slash() -> None:
    assert (
        Settings(_env_file=None, routing_url="http://osrm.example/{mode}/").routing_url == "http://osrm.example/{mode}"
    )
