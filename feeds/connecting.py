"""Connections to addresses that were looked up once and checked, under a deadline that nothing stretches.

A name may resolve to a public address when it is checked and to a private one a moment later (DNS rebinding). So what
is looked up and checked here is what is connected to, while TLS still verifies the certificate for the host's name.
"""

import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from ipaddress import ip_address
from itertools import zip_longest

import httpcore2
import httpx2

from circuit import answer_within
from feeds.addresses import why_refused
from feeds.failure import Refused, TryAgain
from feeds.patience import in_words

MOST_ADDRESSES_TRIED = 4

Resolve = Callable[[str, int], list[str]]
Dial = Callable[[str, int, float | None], httpcore2.NetworkStream]


class Deadline:
    """When the request at hand has to be over, shared by all that read and write for it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until = float("inf")
        self._said_seconds = 0.0

    def start(self, seconds: float, of_seconds: float) -> None:
        """Let so many seconds be left, of so many that there were for the whole."""
        self._until = self._clock() + seconds
        self._said_seconds = of_seconds

    def rest(self) -> float:
        """The seconds that are left, less than 0 when it is over."""
        return self._until - self._clock()

    def left(self, timeout_seconds: float | None = None) -> float:
        """How long one step may take: the time-out, or less near the end. Raises `Refused` after it."""
        left = self.rest()
        if left <= 0:
            raise Refused(f"it was still not done after {in_words(self._said_seconds)}")
        return left if timeout_seconds is None else min(left, timeout_seconds)


def look_up(host: str, port: int) -> list[str]:
    """The numeric addresses of a host, best first. Raises `OSError` where there are none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def dial(address: str, port: int, timeout_seconds: float | None) -> httpcore2.NetworkStream:
    """A connection to a numeric address."""
    return httpcore2.SyncBackend().connect_tcp(address, port, timeout_seconds)


class Network(httpcore2.NetworkBackend):
    """How the pool of connections reaches hosts. `private_host` is the one that may be private just now."""

    def __init__(self, deadline: Deadline, resolve: Resolve, dial: Dial) -> None:
        self._deadline = deadline
        self.private_host: str | None = None
        self._resolve = resolve
        self._dial = dial
        self._private: set[str] = set()  # hosts that were connected to as they may be private

    def check(self, host: str) -> None:
        """Raises `Refused` for a host that may still be connected from when it was allowed to be private."""
        if host in self._private and host != self.private_host:
            raise Refused(f"{host} is on a private network")

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        """To the first of the host's addresses that answers, if every one of them may be connected to."""
        addresses = self._addresses(host, port, timeout)
        for number, address in enumerate(addresses, start=1):
            try:
                return _Watched(self._dial(address, port, self._deadline.left(timeout)), self._deadline)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                if number == len(addresses):
                    raise
        raise TryAgain(f"no address is known for {host}")

    def _addresses(self, host: str, port: int, timeout: float | None) -> list[str]:
        try:
            found = [str(ip_address(host))]
        except ValueError:
            found = self._looked_up(host, port, timeout)
        for each in found:
            if host == self.private_host and why_refused(each):
                self._private.add(host)
            reason = why_refused(each, allow_private=host == self.private_host)
            if reason:
                raise Refused(f"{host} is at {each}, {reason}" if each != host else f"{host} is {reason}")
        return _of_both_sorts(found)[:MOST_ADDRESSES_TRIED]

    def _looked_up(self, host: str, port: int, timeout: float | None) -> list[str]:
        try:
            return answer_within(self._deadline.left(timeout), lambda: self._resolve(host, port), "resolver")
        except TimeoutError:
            raise httpcore2.ConnectTimeout from None
        except (OSError, UnicodeError):
            raise TryAgain(f"no address is known for {host}") from None


def _of_both_sorts(addresses: list[str]) -> list[str]:
    """IPv4 and IPv6 in turn, each in its order, as one of them may lead nowhere: RFC 8305, 4."""
    sorts = {is_6: [each for each in addresses if (":" in each) == is_6] for is_6 in (True, False)}
    first = ":" in addresses[0] if addresses else False
    return [each for pair in zip_longest(sorts[first], sorts[not first]) for each in pair if each]


class _Watched(httpcore2.NetworkStream):
    """A connection on which no step may outlast the deadline, however little each one brings."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        came = self._stream.read(max_bytes, self._deadline.left(timeout))
        self._deadline.left()  # what came too late did not come
        return came

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        left = self._deadline.left(timeout)
        return _Watched(self._stream.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


class Transport(httpx2.BaseTransport):
    """httpx's transport over our network. Its exceptions are httpcore's, which `feeds.fetching` says in its words."""

    def __init__(self, network: Network, ssl_context: ssl.SSLContext) -> None:
        self._network = network
        self._pool = httpcore2.ConnectionPool(ssl_context=ssl_context, network_backend=network)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self._network.check(request.url.raw_host.decode("ascii"))
        answer = self._pool.handle_request(
            httpcore2.Request(
                method=request.method,
                url=httpcore2.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
                extensions=request.extensions,
            )
        )
        return httpx2.Response(answer.status, headers=answer.headers, stream=_Body(answer))

    def close(self) -> None:
        self._pool.close()


class _Body(httpx2.SyncByteStream):
    def __init__(self, answer: httpcore2.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()
