"""Reading what others publish, politely and warily: the one way in which feeds reach the network.

A source may be slow, broken, enormous, in the hands of someone else by now, or out to reach what only this machine
can. Whatever it does, it ends with an `Answer` or with `FetchFailed` and one line that says what happened.
"""

import logging
import random
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from http.cookiejar import CookieJar, DefaultCookiePolicy
from io import BytesIO
from itertools import count
from types import TracebackType
from typing import BinaryIO, Self

import httpx2
import structlog
from httpx2 import URL

from feeds import bodies, connecting, patience
from feeds.addresses import check_port, origin, parsed, shown
from feeds.answers import NO_CONDITIONS, NOT_CHANGED, Answer, Conditions, FetchFailed, answered
from feeds.failure import Refused, TryAgain, in_our_words, status_in_words
from feeds.question import Question
from feeds.robots import MAX_BYTES as ROBOTS_BYTES
from feeds.robots import Robots

__all__ = ["Answer", "Conditions", "FetchFailed", "Fetcher", "user_agent"]

MAX_BYTES = 32 * 1024 * 1024
CONNECT_SECONDS = 10.0
TIMEOUT_SECONDS = 20.0  # for the next bytes to come
DEADLINE_SECONDS = 60.0  # for a whole answer, its redirects included
DOWNLOAD_SECONDS = 30 * 60.0  # for a whole large file: 1 GB at 600 KB a second
MOST_REDIRECTS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})
WITH_BODY = frozenset({200, 203})

log = structlog.get_logger()


def user_agent(public_url: str) -> str:
    """How we name ourselves to sources: with the address of this site, by which its operator can be found."""
    return f"Doorstep/1.0 (+{URL(public_url)})" if public_url else "Doorstep/1.0"


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
        self._deadline_seconds = deadline_seconds
        self._clock, self._sleep, self._now, self._rand = clock, sleep, now, rand
        self._pace: patience.Pace | None = None
        self._last_read: dict[tuple[str, str, int], float] = {}
        self._robots = Robots(self._robots_file, user_agent)
        self._deadline = connecting.Deadline(clock)
        self._network = connecting.Network(self._deadline, resolve, dial)
        for name in ("httpx2", "httpcore2"):
            logging.getLogger(name).setLevel(logging.WARNING)  # they log addresses whole, with the keys in them
        self._client = httpx2.Client(
            transport=connecting.Transport(self._network, ssl_context or httpx2.create_ssl_context()),
            headers={"User-Agent": user_agent, "Accept-Encoding": "gzip"},
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            timeout=httpx2.Timeout(timeout_seconds, connect=min(timeout_seconds, CONNECT_SECONDS)),
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
        over http only from a fetcher that may read private hosts. `params` are put into the address, over what it has
        by those names.
        """
        into = BytesIO()
        answer = self.download(
            url,
            into,
            headers=headers,
            params=params,
            conditions=conditions,
            max_bytes=self._max_bytes if max_bytes is None else max_bytes,
            deadline_seconds=self._deadline_seconds,
            obey_robots=obey_robots,
        )
        return replace(answer, body=into.getvalue())

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
        try:
            address = parsed(url).copy_merge_params(params) if params else parsed(url)
            question = Question(address, headers, conditions, max_bytes, deadline_seconds, obey_robots)
            question.check_headers()
            if question.has_key and address.scheme == "http" and not self._allow_private:
                raise Refused("a key is sent over https only")
        except Refused as refused:
            raise FetchFailed(f"{shown(url)}: {refused}") from None
        return self._answer(question, into, question.host)

    def _answer(self, question: Question, into: BinaryIO, home: str) -> Answer:
        """The answer at last, after as many attempts as it takes or we make. `home` is the host that may be private."""
        start = into.tell()
        for failures in count(1):
            try:
                return self._attempt(question, into, home)
            except TryAgain as again:
                self._wait_to_try_again(question.url, again, failures)
                into.seek(start)
                into.truncate()
            except Refused as refused:
                raise FetchFailed(f"{shown(question.url)}: {refused}", refused.status) from None
        raise AssertionError  # never: the loop has no end

    def _wait_to_try_again(self, url: URL, again: TryAgain, failures: int) -> None:
        try:
            seconds = patience.next_wait_seconds(again, failures, self._rand)
        except Refused as refused:
            raise FetchFailed(f"{shown(url)}: {refused}", refused.status) from None
        log.info("feed to be asked again", url=shown(url), reason=str(again), wait_seconds=round(seconds, 1))
        self._sleep(seconds)

    def _attempt(self, first: Question, into: BinaryIO, home: str) -> Answer:
        question, left, seen = first, first.deadline_seconds, {str(first.url)}
        for _ in range(MOST_REDIRECTS + 1):
            try:
                step = self._request(question, into, home, left)
                if isinstance(step, Answer):
                    return step
                left = self._deadline.rest()
                question = question.redirected(step)
            except Refused as refused:
                if question.url != first.url:
                    refused.args = (f"it redirects to {shown(question.url)}: {refused}",)
                raise
            if str(question.url) in seen:
                raise Refused("it redirects in a circle", HTTPStatus.FOUND)
            seen.add(str(question.url))
        raise Refused(f"it redirects more than {MOST_REDIRECTS} times", HTTPStatus.FOUND)

    def _request(self, question: Question, into: BinaryIO, home: str, left_seconds: float) -> Answer | str:
        """One request: the answer, or where it says to go instead."""
        if not (self._allow_private and question.host == home):
            check_port(question.url)
        self._wait_for_turn(question, home)
        self._network.private_host = home if self._allow_private else None
        self._deadline.start(left_seconds, question.deadline_seconds)
        with in_our_words(), self._client.stream("GET", question.url, headers=question.sent()) as response:
            return self._read(question, response, into)

    def _wait_for_turn(self, question: Question, home: str) -> None:
        site = origin(question.url)
        if question.obey_robots:
            self._robots.check(question.url, home)
            left = self._last_read.get(site, float("-inf")) + self._robots.delay_seconds(question.url, home)
            if left > self._clock():
                self._sleep(left - self._clock())
        if self._pace:
            self._pace.wait()
        self._last_read[site] = self._clock()

    def _robots_file(self, url: URL, home: str) -> bytes:
        into = BytesIO()
        question = Question(url, {}, NO_CONDITIONS, ROBOTS_BYTES, self._deadline_seconds, may_be_cut=True)
        self._answer(question, into, home)
        return into.getvalue()

    def _read(self, question: Question, response: httpx2.Response, into: BinaryIO) -> Answer | str:
        status, headers = response.status_code, response.headers
        if status in REDIRECTS and "location" in headers:
            return headers["location"]
        if status in patience.RETRIED_STATUSES:
            asked = patience.asked_seconds(headers.get("retry-after", ""), self._now())
            raise TryAgain(f"it answered {status_in_words(status)}", status, asked)
        if status == NOT_CHANGED and question.conditions != NO_CONDITIONS:
            return answered(question.url, response, question.conditions)
        if status not in WITH_BODY:
            raise Refused(f"it answered {status_in_words(status)}", status)
        for piece in _pieces(question, response):
            into.write(piece)
        return answered(question.url, response, NO_CONDITIONS)


def _pieces(question: Question, response: httpx2.Response) -> Iterator[bytes]:
    gzipped = bodies.check_encoding(response.headers.get("content-encoding", ""))
    length = response.headers.get("content-length", "")
    most, cut = question.max_bytes, question.may_be_cut
    if not cut and length.isdecimal() and int(length[:20]) > most:
        raise Refused(bodies.too_large(most))
    return bodies.read(response.iter_raw(), gzipped=gzipped, max_bytes=most, may_be_cut=cut)
