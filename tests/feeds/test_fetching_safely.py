"""What a source must not make us do: reach into private networks, hand out keys, trust a stranger's certificate."""

import logging
import ssl
from collections.abc import Callable, Iterator
from typing import Any

import httpcore2
import httpx2
import pytest
import trustme
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feeds.connecting import look_up
from feeds.fetching import Fetcher, FetchFailed
from tests.feeds.awkward_server import AwkwardServer, Clock, answer, in_turn, raw, redirect, resets, status

PUBLIC, OTHER = "93.184.215.14", "151.101.0.81"
GOOD = answer(b"{}")
NAMES = {
    "feeds.example": [PUBLIC],
    "other.example": [OTHER],
    "inside.example": ["10.1.2.3"],
    "localhost": ["127.0.0.1"],
}
TLS = httpx2.create_ssl_context()


@pytest.fixture
def server() -> Iterator[AwkwardServer]:
    with AwkwardServer() as running:
        yield running


def made(server: AwkwardServer, resolve: Callable[[str, int], list[str]] | None = None, **more: Any) -> Fetcher:
    """A fetcher that may read public hosts only, all of which are the server."""
    clock = Clock()
    given: dict[str, Any] = {
        "user_agent": "Doorstep/1.0",
        "clock": clock,
        "sleep": clock.sleep,
        "dial": server.dial,
        "ssl_context": TLS,
    }
    return Fetcher(**{**given, "resolve": resolve or (lambda host, port: NAMES[host]), **more})


def line(fetcher: Fetcher, url: str, **how: Any) -> str:
    with fetcher, pytest.raises(FetchFailed) as failed:
        fetcher.get(url, **how)
    return str(failed.value)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "10.0.0.1",
        "169.254.169.254",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[fe80::1]",
        "0.0.0.0",  # noqa: S104 - not bound to
        "100.64.0.1",
        "[64:ff9b::7f00:1]",
    ],
)
def test_addresses_that_are_not_public_are_never_dialled(server: AwkwardServer, host: str) -> None:
    number = host.strip("[]")
    assert line(made(server), f"http://{host}/").startswith(f"http://{host}/: {number} is ")
    assert server.dialled == []


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "localhost"])
def test_a_number_in_disguise_is_seen_through(server: AwkwardServer, host: str) -> None:
    said = line(made(server, look_up), f"http://{host}/")
    assert "127.0.0.1" in said or "::1" in said
    assert said.endswith("a private address")
    assert server.dialled == []


def test_a_name_of_a_private_address_is_refused(server: AwkwardServer) -> None:
    said = line(made(server), "http://inside.example/feed")
    assert said == "http://inside.example/feed: inside.example is at 10.1.2.3, a private address"
    assert server.dialled == []


def test_one_private_address_among_public_ones_is_enough_to_refuse(server: AwkwardServer) -> None:
    said = line(made(server, lambda host, port: [PUBLIC, "127.0.0.1"]), "http://feeds.example/")
    assert said.endswith("feeds.example is at 127.0.0.1, a private address")
    assert server.dialled == []


def test_what_was_checked_is_what_is_dialled_however_the_name_resolves_next(server: AwkwardServer) -> None:
    server.habits["/feed"] = GOOD
    resolved: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        resolved.append(host)
        return [PUBLIC] if len(resolved) == 1 else ["127.0.0.1"]

    with made(server, rebinding) as fetcher:
        assert fetcher.get("http://feeds.example/feed").body == b"{}"
        assert (resolved, server.dialled) == (["feeds.example"], [PUBLIC])
        with pytest.raises(FetchFailed, match=r"feeds\.example is at 127\.0\.0\.1, a private address"):
            fetcher.get("http://feeds.example/feed")
    assert server.dialled == [PUBLIC]


def test_a_retry_is_checked_like_the_first_attempt(server: AwkwardServer) -> None:
    server.habits["/feed"] = resets
    answers = iter(([PUBLIC], ["169.254.169.254"]))
    said = line(made(server, lambda host, port: next(answers)), "http://feeds.example/feed")
    assert said.endswith("feeds.example is at 169.254.169.254, a link-local address")
    assert server.dialled == [PUBLIC]


def test_a_host_that_nobody_knows_is_said_to_be_so(server: AwkwardServer) -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise OSError("Name or service not known")

    said = line(made(server, unknown), "http://nowhere.example/")
    assert said == "http://nowhere.example/: no address is known for nowhere.example, 4 times in a row"


@pytest.mark.parametrize(
    ("to", "said"),
    [
        ("http://169.254.169.254/latest/meta-data/", "169.254.169.254 is a link-local address"),
        ("http://127.0.0.1/", "127.0.0.1 is a private address"),
        ("http://inside.example/", "inside.example is at 10.1.2.3, a private address"),
        ("//[::1]/", "::1 is a private address"),
        ("file:///etc/passwd", "only http and https are fetched, not file"),
        ("ftp://other.example/", "only http and https are fetched, not ftp"),
        ("http://me:pw@other.example/", "take the name and the password out of the address"),
        ("http://other.example:22/", "port 22 is not one for web pages"),
    ],
)
def test_redirects_are_checked_like_any_address(server: AwkwardServer, to: str, said: str) -> None:
    server.habits["/feed"] = redirect(to)
    assert line(made(server), "http://feeds.example/feed").endswith(said)
    assert server.dialled == [PUBLIC]


def test_a_private_source_may_be_read_and_still_sends_nobody_to_other_private_hosts(server: AwkwardServer) -> None:
    server.habits |= {"/feed": redirect("/moved"), "/moved": GOOD}
    with made(server, allow_private=True) as fetcher:
        assert fetcher.get(server.url("/feed")).body == b"{}"
        for to in ("http://10.0.0.1/", "http://localhost/", "http://inside.example/", "http://169.254.169.254/"):
            server.habits["/away"] = redirect(to)
            with pytest.raises(FetchFailed, match=r"private|link-local"):
                fetcher.get(server.url("/away"))
    assert set(server.dialled) == {"127.0.0.1"}


def test_a_connection_kept_from_when_it_was_allowed_is_no_way_in(server: AwkwardServer) -> None:
    server.habits["/feed"] = answer(b"{}", Connection="keep-alive")
    server.habits["/away"] = redirect(server.url("/feed"))
    with made(server, allow_private=True) as fetcher:
        fetcher.get(server.url("/feed"))
        with pytest.raises(FetchFailed, match=r"127\.0\.0\.1 is on a private network"):
            fetcher.get("http://feeds.example/away")
    assert server.times("/feed") == 1


def test_the_next_address_of_a_host_is_tried_where_one_is_down(server: AwkwardServer) -> None:
    server.habits["/feed"] = GOOD

    def one_is_down(address: str, port: int, timeout_seconds: float | None) -> httpcore2.NetworkStream:
        if address == PUBLIC:
            raise httpcore2.ConnectError
        return server.dial(address, port, timeout_seconds)

    with made(server, lambda host, port: [PUBLIC, OTHER], dial=one_is_down) as fetcher:
        assert fetcher.get("http://feeds.example/feed").body == b"{}"
    assert server.dialled == [OTHER]


def test_both_sorts_of_addresses_are_tried_before_it_is_given_up(server: AwkwardServer) -> None:
    six = [f"2606:2800::{last}" for last in range(1, 9)]
    tried: list[str] = []

    def all_down(address: str, port: int, timeout_seconds: float | None) -> httpcore2.NetworkStream:
        tried.append(address)
        raise httpcore2.ConnectError

    line(made(server, lambda host, port: [*six, PUBLIC, OTHER], dial=all_down), "http://feeds.example/")
    assert tried[:4] == [six[0], PUBLIC, six[1], OTHER]


# Keys


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def speaking_for(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    """The server's side of TLS, with a certificate for some names."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(*names).configure_cert(context)
    return context


@pytest.fixture
def secure(authority: trustme.CA) -> Iterator[AwkwardServer]:
    with AwkwardServer(speaking_for(authority, "feeds.example", "other.example")) as running:
        yield running


KEY = "d41d8cd98f00b204e9800998ecf8427e"
HEADERS = {"Ocp-Apim-Subscription-Key": KEY, "X-Version": "2", "Accept": "application/json"}


def sent_names(server: AwkwardServer) -> list[set[str]]:
    """Of each request, which of the caller's headers it carried."""
    return [{name.lower() for name in HEADERS} & set(each.headers) for each in server.asked]


def test_a_key_goes_to_the_origin_that_was_asked_and_to_no_other(
    secure: AwkwardServer, trusting: ssl.SSLContext
) -> None:
    secure.habits |= {"/feed": redirect("/same"), "/same": redirect("https://other.example/there"), "/there": GOOD}
    with made(secure, ssl_context=trusting) as fetcher:
        assert fetcher.get("https://feeds.example/feed", headers=HEADERS).url == "https://other.example/there"
    assert sent_names(secure) == [set(map(str.lower, HEADERS)), set(map(str.lower, HEADERS)), {"x-version", "accept"}]
    assert KEY not in str(secure.asked[2])


def test_a_key_that_was_left_behind_is_not_sent_on_the_way_back(
    secure: AwkwardServer, trusting: ssl.SSLContext
) -> None:
    secure.habits |= {
        "/feed": redirect("https://other.example/there"),
        "/there": redirect("https://feeds.example/back"),
        "/back": GOOD,
    }
    with made(secure, ssl_context=trusting) as fetcher:
        fetcher.get("https://feeds.example/feed", headers=HEADERS)
    assert sent_names(secure)[1:] == [{"x-version", "accept"}] * 2


def test_another_port_or_scheme_is_another_origin(secure: AwkwardServer, trusting: ssl.SSLContext) -> None:
    secure.habits |= {"/feed": redirect("https://feeds.example:8443/there"), "/there": GOOD}
    with made(secure, ssl_context=trusting) as fetcher:
        fetcher.get("https://feeds.example/feed", headers=HEADERS)
    assert sent_names(secure)[1] == {"x-version", "accept"}


def test_a_key_is_not_taken_from_https_down_to_http(secure: AwkwardServer, trusting: ssl.SSLContext) -> None:
    secure.habits["/feed"] = redirect("http://feeds.example/feed")
    said = line(made(secure, ssl_context=trusting), "https://feeds.example/feed", headers=HEADERS)
    assert said == "https://feeds.example/feed: it redirects from https to http, where a key is not sent"
    assert len(secure.asked) == 1


def test_a_key_is_not_sent_in_the_clear(server: AwkwardServer) -> None:
    assert line(made(server), "http://feeds.example/", headers=HEADERS).endswith("a key is sent over https only")
    assert server.asked == []


def outcome(run: Callable[[], object]) -> str:
    """The line that something ends with, if it fails."""
    try:
        run()
    except FetchFailed as failed:
        return str(failed)
    return ""


@pytest.mark.parametrize(
    "habit",
    [
        status(401),
        status(429),
        status(500),
        resets,
        raw(b"nonsense\r\n\r\n"),
        redirect("ftp://feeds.example/"),
        redirect("http://10.0.0.1/"),
        redirect("/feed"),
        answer(b"x", Content_Encoding="gzip"),
        in_turn(status(503), GOOD),
    ],
)
def test_a_key_is_in_no_message_and_no_log(
    server: AwkwardServer, habit: Any, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    server.habits["/feed"] = habit
    caplog.set_level(logging.DEBUG)
    with made(server, allow_private=True) as fetcher:
        said = outcome(lambda: fetcher.get(server.url("/feed"), headers=HEADERS, params={"token": KEY, "q": KEY}))
    assert KEY in server.asked[0].headers["ocp-apim-subscription-key"]
    assert KEY not in said + caplog.text + "".join(capsys.readouterr())


@given(st.text(min_size=8))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
def test_no_key_however_odd_comes_back_in_a_message(server: AwkwardServer, key: str) -> None:
    server.habits["/feed"] = status(500)
    said = line(made(server, allow_private=True), server.url("/feed"), headers={"X-Key": key}, params={"key": key})
    assert key not in said


@pytest.mark.parametrize("headers", [{"X-Key": "two\r\nlines"}, {"X-Key": "ключ"}, {"X-Key": ""}, {"X Key": "1"}])
def test_a_header_that_cannot_be_sent_is_refused_before_anything_is(
    server: AwkwardServer, headers: dict[str, str]
) -> None:
    said = line(made(server, allow_private=True), server.url("/feed"), headers=headers)
    assert said.endswith("is empty or not plain ASCII")
    assert server.asked == []


# Certificates


def test_a_certificate_is_verified_for_the_name_though_a_number_is_dialled(
    secure: AwkwardServer, trusting: ssl.SSLContext
) -> None:
    secure.habits["/feed"] = GOOD
    with made(secure, ssl_context=trusting) as fetcher:
        assert fetcher.get("https://feeds.example/feed").body == b"{}"
    assert secure.dialled == [PUBLIC]
    assert secure.asked[0].headers["host"] == "feeds.example"


def test_a_certificate_of_another_name_is_refused(authority: trustme.CA, trusting: ssl.SSLContext) -> None:
    with AwkwardServer(speaking_for(authority, "evil.example")) as server:
        said = line(made(server, ssl_context=trusting), "https://feeds.example/feed")
    assert said == "https://feeds.example/feed: its certificate could not be verified"
    assert server.asked == []
    assert len(server.dialled) == 1


def test_a_certificate_of_nobody_that_we_trust_is_refused(secure: AwkwardServer) -> None:
    said = line(made(secure), "https://feeds.example/feed")
    assert said == "https://feeds.example/feed: its certificate could not be verified"
    assert secure.asked == []
