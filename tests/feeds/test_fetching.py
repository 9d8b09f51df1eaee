"""Reading from servers as they are, and as they should not be: each ends in an answer or in one clear line."""

import gzip
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feeds.fetching import Conditions, Fetcher, FetchFailed, user_agent
from tests.feeds.awkward_server import (
    AwkwardServer,
    Clock,
    Habit,
    Wire,
    answer,
    endless,
    endless_empty_gzips,
    gzip_bomb,
    gzipped,
    huge,
    in_turn,
    raw,
    redirect,
    resets,
    silent,
    status,
    trickling,
    trickling_headers,
    trickling_hints,
)

AGENT = user_agent("https://doorstep.example")
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
TLS = httpx2.create_ssl_context()
GOOD = answer(b'{"items": []}', "application/json; charset=UTF-8")
MEGABYTE = 1024 * 1024


@pytest.fixture
def server() -> Iterator[AwkwardServer]:
    with AwkwardServer() as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def fetcher(clock: Clock) -> Iterator[Fetcher]:
    with made(clock) as reading:
        yield reading


def made(clock: Clock, **more: Any) -> Fetcher:
    """A fetcher on a private host, in the clock's time."""
    given = {"user_agent": AGENT, "allow_private": True, "clock": clock, "sleep": clock.sleep, "rand": clock.rand}
    return Fetcher(**{**given, "ssl_context": TLS, "now": lambda: NOON, **more})


def failure(fetcher: Fetcher, server: AwkwardServer, habit: Habit, **how: Any) -> str:
    """The line that a habit leads to, without the address that it starts with."""
    server.habits["/feed"] = habit
    with pytest.raises(FetchFailed) as failed:
        fetcher.get(server.url("/feed"), **how)
    line = str(failed.value)
    assert line.isprintable()
    start = server.url("/feed") + ": "
    assert line.startswith(start)
    return line.removeprefix(start)


def test_a_good_answer_says_where_it_was_what_it_is_and_how_to_ask_again(
    server: AwkwardServer, fetcher: Fetcher
) -> None:
    last = "Wed, 01 Jul 2026 10:00:00 GMT"
    server.habits["/feed"] = answer(b"\xe9", "Text/CSV; Charset=ISO-8859-1", ETag='W/"a1"', Last_Modified=last)
    got = fetcher.get(server.url("/feed#part"), params={"page": 2})
    assert got.url == server.url("/feed?page=2")
    assert (got.media_type, got.charset, got.body, got.is_unchanged) == ("text/csv", "iso-8859-1", b"\xe9", False)
    assert got.conditions == Conditions('W/"a1"', last)


def test_we_say_who_we_are_and_where_our_operator_can_be_found(server: AwkwardServer, fetcher: Fetcher) -> None:
    server.habits["/feed"] = GOOD
    fetcher.get(server.url("/feed"))
    sent = server.asked[0].headers
    assert sent["user-agent"] == "Doorstep/1.0 (+https://doorstep.example)"
    assert sent["accept-encoding"] == "gzip"
    assert "cookie" not in sent


def test_a_next_address_is_asked_for_as_it_came(server: AwkwardServer, fetcher: Fetcher) -> None:
    server.habits["/feed"] = GOOD
    fetcher.get(server.url("/feed?afterTimestamp=1553707582&afterId=a%2Fb+c%20d,e"))
    assert server.asked[0].target == "/feed?afterTimestamp=1553707582&afterId=a%2Fb+c%20d,e"


def test_nothing_new_is_no_body_and_the_same_conditions(server: AwkwardServer, fetcher: Fetcher) -> None:
    server.habits["/feed"] = status(304)
    before = Conditions('"a1"', "Wed, 01 Jul 2026 10:00:00 GMT")
    got = fetcher.get(server.url("/feed"), conditions=before)
    assert (got.is_unchanged, got.body, got.conditions) == (True, b"", before)
    assert server.asked[0].headers["if-none-match"] == '"a1"'
    assert server.asked[0].headers["if-modified-since"] == "Wed, 01 Jul 2026 10:00:00 GMT"


def test_nothing_new_where_we_have_nothing_is_a_failure(server: AwkwardServer, fetcher: Fetcher) -> None:
    assert failure(fetcher, server, status(304)) == "it answered 304 Not Modified"


def test_what_cannot_be_sent_back_is_not_kept(server: AwkwardServer, fetcher: Fetcher) -> None:
    server.habits["/feed"] = answer(b"{}", ETag='"caf\xe9"', Last_Modified="x" * 5_000)
    assert fetcher.get(server.url("/feed")).conditions == Conditions()
    fetcher.get(server.url("/feed"), conditions=Conditions("\r\nX-Evil: 1", "é"))
    assert not {"if-none-match", "if-modified-since", "x-evil"} & set(server.asked[1].headers)


@pytest.mark.parametrize(
    ("media_type", "charset"),
    [
        ("text/csv; charset=zip", None),
        ("text/csv; charset=klingon", None),
        ("", None),
        ("text/csv; charset", None),
        ("text/csv; charset=utf-16", "utf-16"),
    ],
)
def test_a_charset_that_is_none_is_left_out(
    server: AwkwardServer, fetcher: Fetcher, media_type: str, charset: str | None
) -> None:
    server.habits["/feed"] = answer(b"", media_type)
    assert fetcher.get(server.url("/feed")).charset == charset


def test_headers_in_any_language_are_survived(server: AwkwardServer, fetcher: Fetcher) -> None:
    server.habits["/feed"] = raw(
        b"HTTP/1.1 200 \xe9t\xe9\r\nX-Name: \xff\xfe caf\xe9\r\nContent-Type: text/\xe9\r\nContent-Length: 2\r\n\r\n{}"
    )
    assert fetcher.get(server.url("/feed")).body == b"{}"


@pytest.mark.parametrize(
    ("habit", "line"),
    [
        (status(204), "it answered 204 No Content"),
        (status(206), "it answered 206 Partial Content"),
        (status(404), "it answered 404 Not Found"),
        (status(403), "it answered 403 Forbidden, as when a key is missing or wrong"),
        (status(799), "it answered 799"),
        (answer(b"x", Content_Encoding="br"), "it came packed in a way that we did not ask for (br)"),
        (gzipped(b"x", "gzip, gzip"), "it came packed in a way that we did not ask for (gzip, gzip)"),
        (gzipped(b"x", "gzip, deflate"), "it came packed in a way that we did not ask for (gzip, deflate)"),
        (answer(b"not gzip", Content_Encoding="gzip"), "it says that it is packed with gzip and is not, or is broken"),
        (
            answer(gzip.compress(b"x") + b"rubbish", Content_Encoding="gzip"),
            "it says that it is packed with gzip and is not, or is broken",
        ),
        (redirect("http://a:port/"), "it redirects to what is no address"),
        (redirect(""), "it redirects in a circle"),
        (redirect("/feed#again"), "it redirects in a circle"),
    ],
)
def test_what_would_not_be_better_for_asking_again_is_said_at_once(
    server: AwkwardServer, clock: Clock, fetcher: Fetcher, habit: Habit, line: str
) -> None:
    assert failure(fetcher, server, habit) == line
    assert server.times("/feed") == 1
    assert clock.slept == []


@pytest.mark.parametrize(
    ("habit", "line"),
    [
        (status(500), "it answered 500 Internal Server Error, 4 times in a row"),
        (status(429), "it answered 429 Too Many Requests, 4 times in a row"),
        (resets, "the connection broke, 4 times in a row"),
        (
            answer(gzip.compress(b"x" * 99)[:-5], Content_Encoding="gzip"),
            "it is packed with gzip and ends too early, 4 times in a row",
        ),
        (raw(b""), "its answer is cut short or is not HTTP, 4 times in a row"),
        (raw(b"<html>hello from 1991</html>\n"), "its answer is cut short or is not HTTP, 4 times in a row"),
        (
            raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort"),
            "its answer is cut short or is not HTTP, 4 times in a row",
        ),
        (
            raw(b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n"),
            "its answer is cut short or is not HTTP, 4 times in a row",
        ),
        (
            raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n"),
            "its answer is cut short or is not HTTP, 4 times in a row",
        ),
        (
            raw(b"HTTP/1.1 200 OK\r\nX-Huge: " + b"x" * 200_000),
            "its answer is cut short or is not HTTP, 4 times in a row",
        ),
    ],
)
def test_what_may_pass_is_tried_again_with_longer_waits(
    server: AwkwardServer, clock: Clock, fetcher: Fetcher, habit: Habit, line: str
) -> None:
    assert failure(fetcher, server, habit) == line
    assert server.times("/feed") == 4
    assert clock.slept == [1, 2, 4]


def test_waits_differ_by_chance_so_that_we_do_not_all_come_at_once(server: AwkwardServer, clock: Clock) -> None:
    chances = iter((0.0, 0.5, 1.0))
    with made(clock, rand=lambda: next(chances)) as fetcher:
        failure(fetcher, server, status(503))
    assert clock.slept == [1, 1.5, 2]


def test_a_server_that_recovers_is_read(server: AwkwardServer, clock: Clock, fetcher: Fetcher) -> None:
    server.habits["/feed"] = in_turn(status(500), resets, GOOD)
    assert fetcher.get(server.url("/feed")).body == b'{"items": []}'
    assert clock.slept == [1, 2]


@pytest.mark.parametrize(
    ("retry_after", "waited"),
    [("7", 7), ("0", 1), ("Wed, 01 Jul 2026 12:01:30 GMT", 90), ("Wed, 01 Jul 2020 12:00:00 GMT", 1), ("soon", 1)],
)
def test_we_come_back_when_the_server_says(
    server: AwkwardServer, clock: Clock, fetcher: Fetcher, retry_after: str, waited: float
) -> None:
    server.habits["/feed"] = in_turn(status(429, Retry_After=retry_after), GOOD)
    assert fetcher.get(server.url("/feed")).body == b'{"items": []}'
    assert clock.slept == [waited]


@pytest.mark.parametrize(
    ("retry_after", "wait"),
    [("121", "2 minutes"), ("7200", "2 hours"), ("Thu, 02 Jul 2026 00:00:00 GMT", "12 hours"), ("9" * 5_000, "")],
)
def test_a_server_that_asks_for_longer_than_we_wait_is_left(
    server: AwkwardServer, clock: Clock, fetcher: Fetcher, retry_after: str, wait: str
) -> None:
    line = failure(fetcher, server, status(503, Retry_After=retry_after))
    assert line.startswith(f"it answered 503 Service Unavailable and asks us to come back in {wait}")
    assert clock.slept == []


def test_a_server_that_says_nothing_is_given_up(server: AwkwardServer, clock: Clock) -> None:
    with made(clock, timeout_seconds=0.05) as fetcher:
        assert failure(fetcher, server, silent) == "it stopped answering, 4 times in a row"
    assert clock.slept == [1, 2, 4]


@pytest.mark.parametrize("trickle", [trickling, trickling_headers, trickling_hints])
def test_a_server_that_trickles_does_not_stretch_the_deadline(
    server: AwkwardServer, clock: Clock, fetcher: Fetcher, trickle: Callable[[Callable[[], object]], Habit]
) -> None:
    def time_passes() -> None:
        clock.seconds += 5

    assert failure(fetcher, server, trickle(time_passes)) == "it was still not done after 60 seconds"
    assert server.times("/feed") == 1


def test_redirects_do_not_stretch_the_deadline_either(server: AwkwardServer, clock: Clock, fetcher: Fetcher) -> None:
    def slowly(habit: Habit) -> Habit:
        def later(wire: Wire) -> None:
            clock.seconds += 25
            habit(wire)

        return later

    server.habits |= {"/two": slowly(redirect("/three")), "/three": slowly(GOOD)}
    line = failure(fetcher, server, slowly(redirect("/two")))
    assert line == f"it redirects to {server.url('/three')}: it was still not done after 60 seconds"
    assert fetcher.get(server.url("/two")).body == b'{"items": []}'


def test_however_often_it_goes_wrong_the_next_request_is_as_good_as_the_first(
    server: AwkwardServer, clock: Clock, fetcher: Fetcher
) -> None:
    def time_passes() -> None:
        clock.seconds += 5

    habits = [endless, trickling(time_passes), resets, gzip_bomb(5), redirect("/feed"), status(204), raw(b"?\r\n\r\n")]
    for habit in habits * 2:
        failure(fetcher, server, habit, max_bytes=MEGABYTE)
    server.habits["/feed"] = GOOD
    assert fetcher.get(server.url("/feed")).body == b'{"items": []}'


LINES = st.sampled_from(
    [
        b"HTTP/1.1 200 OK",
        b"HTTP/1.1 301 Moved",
        b"HTTP/1.1 100 Continue",
        b"HTTP/1.1 101 Switching Protocols",
        b"HTTP/1.1 304 Same",
        b"HTTP/2 200",
        b"HTTP/1.1 429 Slow down",
        b"Location: /feed?again=1",
        b"Location: ///",
        b"Location: \xff\xfe",
        b"Location: http://a.example:0/",
        b"Content-Length: 5",
        b"Content-Length: 4, 5",
        b"Content-Length: -1",
        b"Content-Encoding: gzip",
        b"Content-Encoding: , identity,",
        b"Content-Type: ;;charset=\xff; charset*=utf-8''%00",
        b'Content-Type: text/html; charset="',
        b"Transfer-Encoding: chunked",
        b"Retry-After: -1",
        b"Retry-After: Fri, 99 Feb 2026 99:99:99 GMT",
        b"ETag: ",
        b"",
        b"5",
        b"12345",
        b"0",
        b"",
    ]
)


@given(st.lists(LINES | st.binary(max_size=30), max_size=8))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_a_server_sends_is_an_answer_or_one_line(server: AwkwardServer, lines: list[bytes]) -> None:
    server.habits["/feed"] = raw(b"\r\n".join(lines) + b"\r\n")
    with made(Clock(), dial=server.dial) as fetcher:
        try:
            got = fetcher.get(server.url("/feed"), conditions=Conditions('"1"'))
        except FetchFailed as failed:
            said = str(failed)
        else:
            said = got.media_type
            assert got.is_unchanged <= (got.body == b"")
    assert said.isprintable()


def test_an_address_in_any_script_is_followed(server: AwkwardServer, fetcher: Fetcher) -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: /caf\xc3\xa9?q=\xc3\xa9\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    server.habits |= {"/feed": raw(moved), "/caf%C3%A9": GOOD}
    assert fetcher.get(server.url("/feed")).url == server.url("/caf%C3%A9?q=%C3%A9")


def test_what_goes_wrong_after_a_redirect_names_both_addresses(server: AwkwardServer, fetcher: Fetcher) -> None:
    server.habits |= {"/feed": redirect("/new?key=abc"), "/new": status(410)}
    with pytest.raises(FetchFailed) as failed:
        fetcher.get(server.url("/feed"))
    new = server.url("/new?key=…")
    assert str(failed.value) == f"{server.url('/feed')}: it redirects to {new}: it answered 410 Gone"
    assert failed.value.status == 410


def test_an_address_that_cannot_be_read_is_said_to_be_so(fetcher: Fetcher) -> None:
    with pytest.raises(FetchFailed, match=r"^file:///etc/passwd: only http and https are fetched, not file$"):
        fetcher.get("file:///etc/passwd")


def test_our_name_is_ascii_wherever_we_are() -> None:
    assert user_agent("https://türstufe.example") == "Doorstep/1.0 (+https://xn--trstufe-n2a.example)"
    assert user_agent("") == "Doorstep/1.0"


def test_a_body_longer_than_it_says_is_read_as_far_as_it_says(server: AwkwardServer, fetcher: Fetcher) -> None:
    server.habits["/feed"] = raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}{}{}")
    assert fetcher.get(server.url("/feed")).body == b"{}"


def test_gzip_is_unpacked_also_in_several_parts_and_padded(server: AwkwardServer, fetcher: Fetcher) -> None:
    server.habits["/feed"] = answer(gzip.compress(b"one ") + gzip.compress(b"two") + bytes(9), Content_Encoding="GZIP")
    assert fetcher.get(server.url("/feed")).body == b"one two"
    server.habits["/feed"] = answer(b"", Content_Encoding="gzip")
    assert fetcher.get(server.url("/feed")).body == b""


@pytest.mark.parametrize(
    "habit",
    [huge(2_048, announced=True), huge(2_048, announced=False), endless, endless_empty_gzips],
    ids=["announced", "in chunks", "endless", "endless and empty"],
)
def test_what_is_too_large_is_left_at_the_cap(server: AwkwardServer, fetcher: Fetcher, habit: Habit) -> None:
    server.habits["/feed"] = habit
    assert peak_bytes(lambda: failure(fetcher, server, habit, max_bytes=MEGABYTE)) < 8 * MEGABYTE
    line = failure(fetcher, server, habit, max_bytes=MEGABYTE)
    assert line == "it is larger than the 1,048,576 bytes that we take"


def test_a_bomb_is_left_before_it_goes_off(server: AwkwardServer, fetcher: Fetcher) -> None:
    bomb = gzip_bomb(300)
    lines: list[str] = []
    peak = peak_bytes(lambda: lines.append(failure(fetcher, server, bomb, max_bytes=512 * MEGABYTE)))
    assert lines == ["it unpacks to more than 200 times its size, as only a trap would"]
    assert peak < 64 * MEGABYTE


def peak_bytes(run: Callable[[], object]) -> int:
    """The most memory in use at once, of Python's own, while something runs."""
    tracemalloc.start()
    try:
        run()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_large_file_goes_to_disk_as_it_comes(server: AwkwardServer, fetcher: Fetcher, tmp_path: Path) -> None:
    server.habits["/file"] = huge(64, announced=False)
    with (tmp_path / "file").open("wb") as into:
        peak = peak_bytes(lambda: fetcher.download(server.url("/file"), into, max_bytes=64 * MEGABYTE))
    assert (tmp_path / "file").stat().st_size == 64 * MEGABYTE
    assert peak < 8 * MEGABYTE


def test_a_download_that_broke_off_begins_again_where_it_began(server: AwkwardServer, fetcher: Fetcher) -> None:
    broken = raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nlonger than the good one")
    server.habits["/file"] = in_turn(broken, answer(b"good", ETag='"1"'))
    into = BytesIO(b"kept:")
    into.seek(0, 2)
    got = fetcher.download(server.url("/file"), into, max_bytes=1_000)
    assert into.getvalue() == b"kept:good"
    assert (got.body, got.conditions.etag) == (b"", '"1"')


def test_a_redirect_is_followed_and_said(server: AwkwardServer, fetcher: Fetcher) -> None:
    server.habits |= {"/old": redirect("new?page=1", 308), "/new": GOOD}
    assert fetcher.get(server.url("/old")).url == server.url("/new?page=1")


def test_so_many_redirects_are_followed_and_no_more(server: AwkwardServer, fetcher: Fetcher) -> None:
    server.habits |= {f"/{step}": redirect(f"/{step + 1}") for step in range(6)} | {"/6": GOOD}
    assert fetcher.get(server.url("/1")).url == server.url("/6")
    with pytest.raises(FetchFailed, match="/0: it redirects more than 5 times"):
        fetcher.get(server.url("/0"))


def test_a_circle_of_redirects_is_noticed(server: AwkwardServer, fetcher: Fetcher) -> None:
    server.habits |= {"/feed": redirect("/other"), "/other": redirect("/feed")}
    assert failure(fetcher, server, redirect("/other")) == "it redirects in a circle"


def test_cookies_are_neither_kept_nor_sent(server: AwkwardServer, fetcher: Fetcher) -> None:
    server.habits["/feed"] = answer(b"{}", Set_Cookie="who=me; Path=/")
    fetcher.get(server.url("/feed"))
    fetcher.get(server.url("/feed"))
    assert "cookie" not in server.asked[1].headers


def test_a_connection_is_used_again(server: AwkwardServer, clock: Clock) -> None:
    server.habits["/feed"] = answer(b"{}", Connection="keep-alive")
    with made(clock, dial=server.dial) as fetcher:
        fetcher.get(server.url("/feed"))
        fetcher.get(server.url("/feed"))
    assert server.dialled == ["127.0.0.1"]


def test_proxies_of_the_environment_are_not_used(
    server: AwkwardServer, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    server.habits["/feed"] = GOOD
    with made(clock) as fetcher:
        assert fetcher.get(server.url("/feed")).body == b'{"items": []}'


def test_calls_keep_to_the_pace_of_an_api_with_retries_counted(
    server: AwkwardServer, clock: Clock, fetcher: Fetcher
) -> None:
    fetcher.pace(3, 300)
    server.habits["/feed"] = in_turn(GOOD, status(500), GOOD)
    for _ in range(3):
        fetcher.get(server.url("/feed"))
    assert clock.slept == [1, 299]
