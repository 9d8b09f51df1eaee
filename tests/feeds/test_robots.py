"""What sites ask of crawlers is heeded, by RFC 9309."""

import tracemalloc
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from feeds.fetching import Fetcher, FetchFailed
from tests.feeds.awkward_server import AwkwardServer, Clock, Habit, answer, huge, in_turn, raw, redirect, status

TLS = httpx2.create_ssl_context()
GOOD = answer(b"<p>Hello", "text/html")
RULES = b"""\xef\xbb\xbfUser-agent: *
Disallow: /

User-Agent: DOORSTEP
Disallow: /private
Allow: /private/but/*.html$
Disallow: /*?print=
Crawl-delay: 4
"""


@pytest.fixture
def server() -> Iterator[AwkwardServer]:
    with AwkwardServer() as running:
        for path in ("/", "/a", "/private/a", "/private/but/a.html", "/private/but/a.htm"):
            running.habits[path] = GOOD
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def fetcher(clock: Clock) -> Iterator[Fetcher]:
    with made(clock) as reading:
        yield reading


def made(clock: Clock, **more: Any) -> Fetcher:
    agent = "Doorstep/1.0 (+https://doorstep.example)"
    given = {"user_agent": agent, "allow_private": True, "clock": clock, "sleep": clock.sleep, "rand": clock.rand}
    return Fetcher(**{**given, "ssl_context": TLS, **more})


def may(fetcher: Fetcher, url: str) -> bool:
    """Whether a page is read. Nothing but its site's robots.txt stands in the way."""
    try:
        fetcher.get(url, obey_robots=True)
    except FetchFailed as failed:
        line = str(failed)
    else:
        return True
    assert "robots.txt" in line
    assert line.isprintable()
    return False


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/", True),
        ("/a", True),
        ("/private/a", False),
        ("/private/but/a.html", True),
        ("/private/but/a.htm", False),
        ("/a?print=1", False),
        ("/%70rivate/a", False),
    ],
)
def test_the_longest_rule_of_our_own_group_counts(
    server: AwkwardServer, fetcher: Fetcher, path: str, allowed: bool
) -> None:
    server.habits["/robots.txt"] = answer(RULES)
    assert may(fetcher, server.url(path)) == allowed
    assert server.times("/robots.txt") == 1


def test_only_those_who_crawl_ask(server: AwkwardServer, fetcher: Fetcher) -> None:
    server.habits["/robots.txt"] = answer(RULES)
    assert fetcher.get(server.url("/private/a")).body == b"<p>Hello"
    assert server.times("/robots.txt") == 0


@pytest.mark.parametrize(
    ("habit", "allowed"),
    [
        (status(404), True),
        (status(401), True),
        (status(204), True),
        (answer(b""), True),
        (answer(b"<html>all is well</html>", "text/html"), True),
        (answer(b"\xff\xfe\x00 rubbish \r\r\n" * 50), True),
        (redirect("/robots.txt"), True),
        (redirect("/moved"), False),
        (redirect("http://10.0.0.1/"), False),
        (status(429), False),
        (status(500), False),
        (status(503, Retry_After="9999"), False),
        (raw(b""), False),
        (answer(b"User-agent: *\nDisallow: /" + b"\n# padding" * 100_000), False),
        (answer(b"# padding\n" * 60_000 + b"User-agent: *\nDisallow: /"), True),
        (huge(1, announced=False), True),
    ],
)
def test_a_missing_file_allows_all_and_one_out_of_reach_nothing(
    server: AwkwardServer, fetcher: Fetcher, habit: Habit, allowed: bool
) -> None:
    server.habits |= {"/robots.txt": habit, "/moved": answer(b"User-agent: *\nDisallow: /")}
    assert may(fetcher, server.url("/a")) == allowed
    assert server.times("/a") == int(allowed)


@pytest.mark.parametrize(
    ("group", "is_ours"),
    [
        ("User-agent: doorstep", True),
        ("useragent:DoorStep/2.0 # us", True),
        ("User-agent: Doorstep*", True),
        ("User agent doorstep", True),
        ("User-agent: door", False),
        ("User-agent: doorstepping", False),
        ("User-agent: not-doorstep", False),
        ("User-agent: somebody", False),
    ],
)
def test_only_a_group_by_our_whole_name_is_ours(
    server: AwkwardServer, fetcher: Fetcher, group: str, is_ours: bool
) -> None:
    rules = f"User-agent: doorstep\nUser-agent: *\nDisallow: /private\n\n{group}\nDisallow: /a\n"
    server.habits["/robots.txt"] = answer(rules.encode())
    assert not may(fetcher, server.url("/private/a"))
    assert may(fetcher, server.url("/a")) != is_ours


def test_thousands_of_crawlers_that_share_thousands_of_rules_fill_no_memory(
    server: AwkwardServer, fetcher: Fetcher
) -> None:
    crawlers = "".join(f"User-agent: x{number}\n" for number in range(12_000))
    rules = "".join(f"Disallow: /{number}\n" for number in range(12_000))
    server.habits["/robots.txt"] = answer((crawlers + "User-agent: *\n" + rules).encode())
    tracemalloc.start()
    try:
        assert may(fetcher, server.url("/a"))
        assert tracemalloc.get_traced_memory()[1] < 64 * 1024 * 1024
    finally:
        tracemalloc.stop()
    assert not may(fetcher, server.url("/11999"))


def test_a_redirect_is_asked_about_where_it_leads(server: AwkwardServer, fetcher: Fetcher) -> None:
    server.habits |= {"/robots.txt": answer(RULES), "/a": redirect("/private/a")}
    assert not may(fetcher, server.url("/a"))
    assert server.times("/private/a") == 0


def test_each_site_is_asked_once_and_for_itself(server: AwkwardServer, clock: Clock) -> None:
    server.habits["/robots.txt"] = in_turn(answer(b""), answer(RULES))
    names = {"one.example": ["93.184.215.14"], "two.example": ["151.101.0.81"]}
    with made(clock, resolve=lambda host, port: names[host], dial=server.dial) as fetcher:
        urls = ["http://one.example/private/a", "http://two.example/private/a"]
        assert [may(fetcher, url) for url in urls * 2] == [True, False, True, False]
    assert server.times("/robots.txt") == 2


def test_the_delay_that_a_site_asks_for_is_left_between_pages(
    server: AwkwardServer, clock: Clock, fetcher: Fetcher
) -> None:
    server.habits["/robots.txt"] = answer(RULES)
    for _ in range(3):
        fetcher.get(server.url("/a"), obey_robots=True)
        clock.seconds += 1
    assert clock.slept == [4, 3, 3]


@pytest.mark.parametrize(("asked", "left"), [("3600", [30, 30]), ("-5", []), ("nan", []), ("soon", [])])
def test_a_delay_has_a_limit(
    server: AwkwardServer, clock: Clock, fetcher: Fetcher, asked: str, left: list[float]
) -> None:
    server.habits["/robots.txt"] = answer(f"User-agent: *\nCrawl-delay: {asked}".encode())
    fetcher.get(server.url("/a"), obey_robots=True)
    fetcher.get(server.url("/a"), obey_robots=True)
    assert clock.slept == left
