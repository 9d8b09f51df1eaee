"""Reading what others publish, politely and warily: the one way in which feeds reach the network.

A source may be slow, broken, enormous, in the hands of someone else by now, or out to reach what only this machine
can. Whatever it does, it ends with an `Answer` or with `FetchFailed` and one line that says what happened.
"""

import logging
import random
import re
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http import HTTPStatus
from http.cookiejar import CookieJar, DefaultCookiePolicy
from io import BytesIO
from itertools import count
from types import TracebackType
from typing import BinaryIO, Self

import httpcore2
import httpx2
from httpx2 import URL

from feeds import bodies, connecting, patience
from feeds.addresses import check_port, origin, parsed, shown
from feeds.answers import NO_CONDITIONS, NOT_CHANGED, SENDABLE, Answer, Conditions, answered, conditional
from feeds.failure import FetchFailed
from feeds.robots import MAX_BYTES as ROBOTS_BYTES
from feeds.robots import Robots

__all__ = ["Answer", "Conditions", "FetchFailed", "Fetcher", "user_agent"]

MAX_BYTES = 32 * 1024 * 1024
TIMEOUT_SECONDS = 20.0  # to connect, and for the next bytes to come
DEADLINE_SECONDS = 60.0  # for a whole answer
DOWNLOAD_SECONDS = 30 * 60.0  # for a whole large file: 1 GB at 600 KB a second
MOST_REDIRECTS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})
WITH_BODY = frozenset({200, 203})
KEY_WANTED = frozenset({401, 403})
HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# What may be told to anyone. Every other header of a caller's is taken for a key.
PLAIN_HEADERS = frozenset({"accept", "accept-language", "x-version"})


@dataclass(frozen=True, slots=True)
class _Question:
    url: URL
    headers: Mapping[str, str]
    conditions: Conditions
    max_bytes: int
    deadline_seconds: float
    obey_robots: bool
    home: str  # the host that was asked for, which may be private where the source may
    may_be_cut: bool = False


class _TryAgain(Exception):
    """It may work later. `asked_seconds` is when the source said."""

    def __init__(self, message: str, status: int | None = None, asked_seconds: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.asked_seconds = asked_seconds


def user_agent(public_url: str) -> str:
    """How we name ourselves to sources: with the address of this site, by which its operator can be found."""
    return f"Doorstep/1.0 (+{public_url})" if public_url else "Doorstep/1.0"


class Fetcher:
    """Reads from one source, one request at a time. Close it, or use it in a `with`."""

    def __init__(
        self,
        *,
        user_agent: str,
        allow_private: bool = False,
        max_bytes: int = MAX_BYTES,
        timeout_seconds: float = TIMEOUT_SECONDS,
        deadline_seconds: float = DEADLINE_SECONDS,
        ssl_context: ssl.SSLContext | None = None,
        resolve: connecting.Resolve = connecting.look_up,
        dial: connecting.Dial = connecting.dial,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        rand: Callable[[], float] = random.random,
    ) -> None:
        """`allow_private` lets the host that is asked for be on this machine or a private network.

        Redirects to any other host still have to be public. The arguments from `resolve` on are for tests.
        """
        self._allow_private = allow_private
        self._max_bytes = max_bytes
        self._timeout_seconds = timeout_seconds
        self._deadline_seconds = deadline_seconds
        self._clock, self._sleep, self._now, self._rand = clock, sleep, now, rand
        self._home = ""
        self._pace: patience.Pace | None = None
        self._last_read: dict[tuple[str, str, int], float] = {}
        self._robots = Robots(self._robots_file, user_agent)
        self._deadline = connecting.Deadline(clock)
        network = connecting.Network(self._deadline, self._may_be_private, resolve, dial)
        for name in ("httpx2", "httpcore2"):
            logging.getLogger(name).setLevel(logging.WARNING)  # they log addresses whole, with the keys in them
        self._client = httpx2.Client(
            transport=connecting.Transport(network, ssl_context or httpx2.create_ssl_context()),
            headers={"User-Agent": user_agent, "Accept-Encoding": "gzip"},
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            timeout=timeout_seconds,
            trust_env=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._client.close()

    def pace(self, calls: int, per_seconds: float) -> None:
        """From now on make at most so many requests in any stretch of so many seconds, retries included."""
        self._pace = patience.Pace(calls, per_seconds, self._clock, self._sleep)

    def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] = {},
        params: Mapping[str, str | int] | None = None,
        conditions: Conditions = NO_CONDITIONS,
        max_bytes: int | None = None,
        obey_robots: bool = False,
    ) -> Answer:
        """What is at an address. Raises `FetchFailed`.

        `headers` other than those of `PLAIN_HEADERS` are taken for keys: they go to the origin of `url` alone, and
        over http only to a private host. `params` are put into the address, over what it has by those names.
        """
        most = self._max_bytes if max_bytes is None else max_bytes
        question = self._question(url, headers, params, conditions, most, self._deadline_seconds, obey_robots)
        into = BytesIO()
        return replace(self._answer(question, into), body=into.getvalue())

    def download(
        self,
        url: str,
        into: BinaryIO,
        *,
        headers: Mapping[str, str] = {},
        params: Mapping[str, str | int] | None = None,
        conditions: Conditions = NO_CONDITIONS,
        max_bytes: int,
        deadline_seconds: float = DOWNLOAD_SECONDS,
        obey_robots: bool = False,
    ) -> Answer:
        """The same for a large file, written to a seekable `into` from where it stands as it comes.

        After `FetchFailed` there may be a part of it there.
        """
        question = self._question(url, headers, params, conditions, max_bytes, deadline_seconds, obey_robots)
        return self._answer(question, into)

    def _question(
        self,
        address: str,
        headers: Mapping[str, str],
        params: Mapping[str, str | int] | None,
        conditions: Conditions,
        max_bytes: int,
        deadline_seconds: float,
        obey_robots: bool,
    ) -> _Question:
        url = parsed(address)
        if params:
            url = url.copy_merge_params(dict(params))
        for name, value in headers.items():
            if not HEADER_NAME.fullmatch(name) or not SENDABLE.fullmatch(value):
                raise FetchFailed(f"{shown(url)}: what is to be sent as {name[:40]!r} is empty or not plain ASCII")
        if _keys(headers) and url.scheme == "http" and not self._allow_private:
            raise FetchFailed(f"{shown(url)}: a key is sent over https only")
        return _Question(url, headers, conditions, max_bytes, deadline_seconds, obey_robots, home=_host(url))

    def _may_be_private(self, host: str) -> bool:
        return self._allow_private and host == self._home

    def _answer(self, question: _Question, into: BinaryIO) -> Answer:
        """The answer at last, after as many attempts as it takes or we make."""
        start = into.tell()
        for failures in count(1):
            try:
                return self._attempt(question, into)
            except _TryAgain as again:
                self._wait_to_try_again(again, failures)
                into.seek(start)
                into.truncate()
        raise AssertionError  # never: the loop has no end

    def _wait_to_try_again(self, again: _TryAgain, failures: int) -> None:
        asked = again.asked_seconds or 0.0
        if asked > patience.LONGEST_ASKED_SECONDS:
            wait = patience.in_words(asked)
            raise FetchFailed(f"{again} and asks us to come back in {wait}: longer than we wait", again.status)
        if failures == patience.MOST_ATTEMPTS:
            raise FetchFailed(f"{again}, {failures} times in a row", again.status)
        self._sleep(max(asked, patience.wait_seconds(failures, self._rand)))

    def _attempt(self, question: _Question, into: BinaryIO) -> Answer:
        url, headers, seen = question.url, question.headers, {str(question.url)}
        for _ in range(MOST_REDIRECTS + 1):
            step = self._request(url, headers, question, into)
            if isinstance(step, Answer):
                return step
            to = _redirected(url, step, headers)
            if str(to) in seen:
                raise FetchFailed(f"{shown(question.url)}: it redirects in a circle", HTTPStatus.FOUND)
            seen.add(str(to))
            if origin(to) != origin(url):
                headers = {name: value for name, value in headers.items() if name.lower() in PLAIN_HEADERS}
            url = to
        raise FetchFailed(f"{shown(question.url)}: it redirects more than {MOST_REDIRECTS} times", HTTPStatus.FOUND)

    def _request(self, url: URL, headers: Mapping[str, str], question: _Question, into: BinaryIO) -> "Answer | str":
        """One request: the answer, or where it says to go instead."""
        self._home = question.home
        if not self._may_be_private(_host(url)):
            check_port(url)
        self._wait_for_turn(url, question)
        self._home = question.home  # robots.txt had its own
        self._deadline.start(question.deadline_seconds)
        asked = {**headers, **conditional(question.conditions)}
        with (
            self._in_one_line(url, question.deadline_seconds),
            self._client.stream("GET", url, headers=asked) as response,
        ):
            return self._read(url, response, question, into)

    def _wait_for_turn(self, url: URL, question: _Question) -> None:
        if question.obey_robots:
            self._robots.check(url)
            last = self._last_read.get(origin(url))
            left = 0.0 if last is None else last + self._robots.delay_seconds(url) - self._clock()
            if left > 0:
                self._sleep(left)
        if self._pace:
            self._pace.wait()
        self._last_read[origin(url)] = self._clock()

    def _read(self, url: URL, response: httpx2.Response, question: _Question, into: BinaryIO) -> "Answer | str":
        status, headers = response.status_code, response.headers
        if status in REDIRECTS and "location" in headers:
            return headers["location"]
        if status in patience.RETRIED_STATUSES:
            asked = patience.asked_seconds(headers.get("retry-after", ""), self._now())
            raise _TryAgain(f"{shown(url)}: it answered {_said(status)}", status, asked)
        if status == NOT_CHANGED and question.conditions != NO_CONDITIONS:
            return answered(url, response, question.conditions)
        if status not in WITH_BODY:
            raise FetchFailed(f"{shown(url)}: it answered {_said(status)}", status)
        for piece in _pieces(response, question):
            into.write(piece)
        return answered(url, response, NO_CONDITIONS)

    def _robots_file(self, url: URL) -> bytes:
        into = BytesIO()
        deadline, home = self._deadline_seconds, self._home
        question = _Question(url, {}, NO_CONDITIONS, ROBOTS_BYTES, deadline, False, home, may_be_cut=True)
        self._answer(question, into)
        return into.getvalue()

    @contextmanager
    def _in_one_line(self, url: URL, deadline_seconds: float) -> Iterator[None]:
        """Says what went wrong in our own words: libraries' own may repeat what was sent."""
        try:
            yield
        except (connecting.AddressRefused, bodies.BadBody) as error:
            raise FetchFailed(f"{shown(url)}: {error}") from None
        except connecting.Overdue:
            within = patience.in_words(deadline_seconds)
            raise FetchFailed(f"{shown(url)}: it was still not done after {within}") from None
        except connecting.NotFound:
            raise _TryAgain(f"{shown(url)}: no address is known for {url.host}") from None
        except httpcore2.TimeoutException:
            within = patience.in_words(self._timeout_seconds)
            raise _TryAgain(f"{shown(url)}: nothing came for {within}") from None
        except httpcore2.ConnectError as error:
            if isinstance(error.__context__, ssl.SSLCertVerificationError):
                raise FetchFailed(f"{shown(url)}: its certificate could not be verified") from None
            raise _TryAgain(f"{shown(url)}: no connection could be made") from None
        except httpcore2.NetworkError:
            raise _TryAgain(f"{shown(url)}: the connection broke") from None
        except httpcore2.RemoteProtocolError:
            raise _TryAgain(f"{shown(url)}: its answer is cut short or is not HTTP") from None
        except httpx2.RemoteProtocolError:
            raise FetchFailed(f"{shown(url)}: it redirects to what is no address") from None


def _host(url: URL) -> str:
    """As connections know it: without brackets, in Punycode."""
    return url.raw_host.decode("ascii")


def _redirected(url: URL, location: str, headers: Mapping[str, str]) -> URL:
    """Where a redirect leads, if it may be followed."""
    try:
        to = parsed(url.join(location))
    except FetchFailed as failure:
        raise FetchFailed(f"{shown(url)}: it redirects to where we do not go: {failure}") from None
    except (httpx2.InvalidURL, ValueError):
        raise FetchFailed(f"{shown(url)}: it redirects to what is no address") from None
    if url.scheme == "https" and to.scheme == "http" and _keys(headers):
        raise FetchFailed(f"{shown(url)}: it redirects from https to http, where a key is not sent")
    return to


def _keys(headers: Mapping[str, str]) -> bool:
    return any(name.lower() not in PLAIN_HEADERS for name in headers)


def _pieces(response: httpx2.Response, question: _Question) -> Iterator[bytes]:
    gzipped = bodies.check_encoding(response.headers.get("content-encoding", ""))
    length = response.headers.get("content-length", "")
    most, cut = question.max_bytes, question.may_be_cut
    if not cut and length.isdecimal() and int(length[:20]) > most:
        raise bodies.BadBody(bodies.too_large(most))
    return bodies.read(response.iter_raw(), gzipped=gzipped, max_bytes=most, may_be_cut=cut)


def _said(status: int) -> str:
    try:
        words = f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        words = str(status)
    return f"{words}, as when a key is missing or wrong" if status in KEY_WANTED else words
