"""Asking an online geocoder: real HTTP to a stand-in for Nominatim on loopback."""

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import structlog
from structlog.testing import capture_logs

from circuit import Remembered
from gazetteer import online
from gazetteer.online import Found, GeocoderMisconfigured, OnlineGeocoder, online_geocoder
from settings import ROOT

TIMEOUT_SECONDS = 0.5
SLACK_SECONDS = 5.0  # far less than what it would hang for without a deadline
CAWSAND = Found(50.3312, -4.2021, "Cawsand, Cornwall, England, United Kingdom")
FOUND = json.dumps([{"lat": "50.3312", "lon": "-4.2021", "display_name": CAWSAND.label}])
NOTHING = "[]"
PARIS = json.dumps([{"lat": "48.8589", "lon": "2.3200", "display_name": "Paris, France"}])


class Search(BaseHTTPRequestHandler):
    """Nominatim's `/search`, as the server is told to answer."""

    server: "Service"

    def do_GET(self) -> None:
        self.server.take(self.path, self.headers["User-Agent"])
        if self.server.is_slow:
            self.server.released.wait(10)
            return
        self.send_response(self.server.status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        if self.server.is_trickling:
            self.trickle()
        else:
            self.wfile.write(self.server.body.encode())

    def trickle(self) -> None:
        with suppress(OSError):
            while not self.server.released.wait(0.05):
                self.wfile.write(b" ")

    def log_message(self, *_: object) -> None:
        """Nothing on the terminal."""


class Service(ThreadingHTTPServer):
    daemon_threads = False  # closing waits for the last answer

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Search)
        self.status = 200
        self.body = FOUND
        self.is_slow = False
        self.is_trickling = False
        self.released = threading.Event()
        self.asked: list[dict[str, list[str]]] = []
        self.asked_at: list[float] = []
        self.paths: list[str] = []
        self.user_agents: list[str] = []

    def take(self, path: str, user_agent: str) -> None:
        self.asked.append(parse_qs(urlsplit(path).query))
        self.asked_at.append(time.monotonic())
        self.paths.append(urlsplit(path).path)
        self.user_agents.append(user_agent)


class Clock:
    """A time that tests move by hand, in seconds."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as server:
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        serving.start()
        yield server
        server.released.set()
        server.shutdown()
        serving.join()
    wait_for_calls()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def geocoder(service: Service, clock: Clock) -> OnlineGeocoder:
    """Asks the service, without a limit on how often."""
    return ask(service.server_address[1], seconds_between=0, clock=clock)


@pytest.fixture(autouse=True)
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """What was logged, at any level, whatever sites other tests have configured."""
    before = structlog.get_config()
    structlog.reset_defaults()
    monkeypatch.setattr(online, "log", structlog.get_logger())
    with capture_logs() as entries:
        yield entries
    structlog.configure(**before)


def ask(port: int, **changes: Any) -> OnlineGeocoder:
    options = {"domain": f"127.0.0.1:{port}", "scheme": "http", "proxies": {}}
    chosen = {"timeout_seconds": TIMEOUT_SECONDS, "seconds_between": 0, **changes}
    return online_geocoder("Nominatim", options, "doorstep-tests", **chosen)


def wait_for_calls() -> None:
    """Calls that were given up on end when the service is gone."""
    for thread in threading.enumerate():
        if thread.name == "online-geocoder":
            thread.join(5)
            assert not thread.is_alive()


def fail(geocoder: OnlineGeocoder, service: Service, times: int) -> None:
    service.status = 500
    for number in range(times):
        assert geocoder.find(f"failing {number}") is None
    service.status = 200


def test_a_place_is_found(geocoder: OnlineGeocoder, service: Service) -> None:
    assert geocoder.find("Cawsand beach") == CAWSAND
    assert service.paths == ["/search"]
    assert service.user_agents == ["doorstep-tests"]
    assert service.asked[0]["q"] == ["Cawsand beach"]


def test_only_the_uk_is_searched(geocoder: OnlineGeocoder, service: Service) -> None:
    geocoder.find("Cawsand")
    assert service.asked[0]["countrycodes"] == ["gb,gg,je,im"]


def test_an_answer_outside_the_uk_is_dropped(geocoder: OnlineGeocoder, service: Service) -> None:
    service.body = PARIS
    assert geocoder.find("Paris") is None


@pytest.mark.parametrize("text", ["", "  ", "?!", "\x00"])
def test_a_text_without_a_word_is_not_asked(geocoder: OnlineGeocoder, service: Service, text: str) -> None:
    assert geocoder.find(text) is None
    assert service.asked == []


def test_a_place_is_asked_once_however_it_is_spelt(geocoder: OnlineGeocoder, service: Service) -> None:
    assert geocoder.find("St. Ives Bay") == geocoder.find(" saint ives BAY ") == CAWSAND
    assert len(service.asked) == 1


def test_nothing_found_is_remembered(geocoder: OnlineGeocoder, service: Service) -> None:
    service.body = NOTHING
    assert geocoder.find("Nowheresby") is None
    service.body = FOUND
    assert geocoder.find("Nowheresby") is None
    assert len(service.asked) == 1


def test_a_failure_is_not_remembered(geocoder: OnlineGeocoder, service: Service) -> None:
    service.status = 500
    assert geocoder.find("Cawsand") is None
    service.status = 200
    assert geocoder.find("Cawsand") == CAWSAND


def test_the_answer_unused_for_longest_is_forgotten(
    geocoder: OnlineGeocoder, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(geocoder, "_answers", Remembered(2))
    for text in ("first", "second", "first", "third", "first", "second"):
        geocoder.find(text)
    assert [query["q"] for query in service.asked] == [["first"], ["second"], ["third"], ["second"]]


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (500, "", "GeocoderServiceError"),
        (429, "", "GeocoderRateLimited"),
        (402, "", "GeocoderQuotaExceeded"),
        (403, "Cawsand", "GeocoderInsufficientPrivileges"),
        (200, "<html>Cawsand", "GeocoderParseError"),
        (200, "", "GeocoderParseError"),
        (200, '["Cawsand"]', "AttributeError"),
        (200, '[{"lat": "Cawsand", "lon": "0"}]', "ValueError"),
        (200, '{"error": "Cawsand"}', "GeocoderQueryError"),
    ],
)
def test_what_goes_wrong_is_logged_without_what_was_asked(
    geocoder: OnlineGeocoder,
    service: Service,
    logged: list[Any],
    caplog: pytest.LogCaptureFixture,
    status: int,
    body: str,
    error: str,
) -> None:
    service.status, service.body = status, body
    assert geocoder.find("Cawsand") is None
    entry = {"event": "online geocoder failed", "log_level": "warning", "error": error, "circuit_opened": False}
    assert logged == [entry]
    assert_says_nothing(caplog)
    assert len(service.asked) == 1


def test_a_slow_service_delays_by_the_time_out_and_is_asked_once(
    geocoder: OnlineGeocoder, service: Service, logged: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    service.is_slow = True
    assert seconds_to_find(geocoder) < TIMEOUT_SECONDS + SLACK_SECONDS
    # Its own time-out or ours, whichever comes first.
    assert logged[0]["error"] in ("GeocoderTimedOut", "TimeoutError")
    service.released.set()
    wait_for_calls()
    assert len(service.asked) == 1
    assert_says_nothing(caplog)


def test_an_answer_that_trickles_in_delays_by_the_time_out(geocoder: OnlineGeocoder, service: Service) -> None:
    service.is_trickling = True
    assert seconds_to_find(geocoder) < TIMEOUT_SECONDS + SLACK_SECONDS


def test_a_refused_connection_is_a_failure(logged: list[Any], caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        assert ask(deaf.getsockname()[1]).find("Cawsand") is None
    assert logged[0]["error"] == "GeocoderUnavailable"
    assert_says_nothing(caplog)


def test_after_three_failures_nothing_is_asked_for_a_minute(
    geocoder: OnlineGeocoder, service: Service, clock: Clock, logged: list[Any]
) -> None:
    fail(geocoder, service, times=3)
    assert [entry["circuit_opened"] for entry in logged] == [False, False, True]
    clock.now += 59.9
    assert geocoder.find("Cawsand") is None
    assert len(service.asked) == 3
    assert len(logged) == 3


def test_an_answer_is_remembered_while_nothing_is_asked(geocoder: OnlineGeocoder, service: Service) -> None:
    geocoder.find("Cawsand")
    fail(geocoder, service, times=3)
    assert geocoder.find("Cawsand") == CAWSAND


def test_failures_count_only_in_a_row(geocoder: OnlineGeocoder, service: Service, logged: list[Any]) -> None:
    fail(geocoder, service, times=2)
    assert geocoder.find("Cawsand") == CAWSAND
    fail(geocoder, service, times=2)
    assert not any(entry["circuit_opened"] for entry in logged)


def test_a_trial_that_succeeds_closes_the_circuit(geocoder: OnlineGeocoder, service: Service, clock: Clock) -> None:
    fail(geocoder, service, times=3)
    clock.now += 60
    assert geocoder.find("Cawsand") == CAWSAND
    assert geocoder.find("Kingsand") == CAWSAND
    fail(geocoder, service, times=2)
    assert geocoder.find("Rame") == CAWSAND


def test_a_trial_that_fails_opens_it_for_another_minute(
    geocoder: OnlineGeocoder, service: Service, clock: Clock, logged: list[Any]
) -> None:
    fail(geocoder, service, times=3)
    clock.now += 60
    fail(geocoder, service, times=1)
    assert logged[-1]["circuit_opened"]
    clock.now += 59.9
    assert geocoder.find("Cawsand") is None
    assert len(service.asked) == 4
    clock.now += 0.2
    assert geocoder.find("Cawsand") == CAWSAND


def test_during_the_trial_the_others_are_not_asked(geocoder: OnlineGeocoder, service: Service, clock: Clock) -> None:
    fail(geocoder, service, times=3)
    clock.now += 60
    service.is_slow = True
    trial = threading.Thread(target=geocoder.find, args=("Cawsand",))
    trial.start()
    wait_until_asked(service, 4)
    assert geocoder.find("Kingsand") is None
    trial.join()
    assert len(service.asked) == 4


def test_a_text_waits_for_its_turn(service: Service) -> None:
    geocoder = ask(service.server_address[1], seconds_between=0.2)
    assert geocoder.find("Cawsand") == geocoder.find("Kingsand") == CAWSAND
    assert service.asked_at[1] - service.asked_at[0] > 0.15


def test_a_text_that_would_wait_too_long_is_answered_at_once(service: Service, clock: Clock, logged: list[Any]) -> None:
    geocoder = ask(service.server_address[1], seconds_between=5, clock=clock)
    assert geocoder.find("Cawsand") == CAWSAND
    assert geocoder.find("Kingsand") is None  # nor is it asked for
    assert len(service.asked) == 1
    assert logged == []
    clock.now += 5
    assert geocoder.find("Kingsand") == CAWSAND


def test_many_at_once_are_spaced_out_or_turned_away(service: Service) -> None:
    geocoder = ask(service.server_address[1], seconds_between=0.2)
    answers: list[Found | None] = []
    pages = [threading.Thread(target=lambda text=str(n): answers.append(geocoder.find(text))) for n in range(8)]
    for page in pages:
        page.start()
    for page in pages:
        page.join()
    assert answers.count(CAWSAND) == len(service.asked) == 2
    assert answers.count(None) == 6


def test_the_same_text_at_once_is_asked_once(service: Service) -> None:
    geocoder = ask(service.server_address[1], seconds_between=0.2)
    answers: list[Found | None] = []
    pages = [threading.Thread(target=lambda: answers.append(geocoder.find("Cawsand"))) for _ in range(2)]
    for page in pages:
        page.start()
    for page in pages:
        page.join()
    assert answers == [CAWSAND, CAWSAND]
    assert len(service.asked) == 1


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("nominatum", {}, r"ONLINE_GEOCODER: geopy knows no 'nominatum'; choose from arcgis, .*nominatim.*"),
        ("nominatim", {"colour": "red"}, r"ONLINE_GEOCODER_OPTIONS do not fit Nominatim: .*'colour'"),
        ("nominatim", {"timeout": 9}, r"ONLINE_GEOCODER_OPTIONS do not fit Nominatim: .*'timeout'"),
        ("nominatim", {"scheme": "ftp"}, r"ONLINE_GEOCODER_OPTIONS do not fit Nominatim: .*`https`\."),
        ("nominatim", {"domain": 5}, r"ONLINE_GEOCODER_OPTIONS do not fit Nominatim: .*"),
        ("opencage", {}, r"ONLINE_GEOCODER_OPTIONS do not fit OpenCage: .*'api_key'"),
    ],
)
def test_a_wrong_setting_is_named_in_one_line(name: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(GeocoderMisconfigured, match=f"^{message}$"):
        online_geocoder(name, options, "doorstep-tests", TIMEOUT_SECONDS, 0)


def test_a_class_that_cannot_be_told_the_country_is_asked_all_the_same(logged: list[Any]) -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        options = {"domain": f"127.0.0.1:{deaf.getsockname()[1]}", "scheme": "http", "proxies": {}}
        geocoder = online_geocoder("photon", options, "doorstep-tests", TIMEOUT_SECONDS, 0)
        assert geocoder.find("Cawsand") is None
    # It got as far as the network.
    assert logged[0]["error"] == "GeocoderUnavailable"


def test_a_site_without_an_online_geocoder_never_loads_geopy() -> None:
    program = "import sys, gazetteer.online; sys.exit('geopy' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)


def seconds_to_find(geocoder: OnlineGeocoder, text: str = "Cawsand") -> float:
    """How long it takes to say that there is no answer."""
    started = time.monotonic()
    assert geocoder.find(text) is None
    return time.monotonic() - started


def wait_until_asked(service: Service, times: int) -> None:
    deadline = time.monotonic() + 5
    while len(service.asked) < times:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def assert_says_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """What libraries log by themselves reaches the terminal from WARNING on."""
    assert "Cawsand" not in caplog.text
