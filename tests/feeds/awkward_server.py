"""A server on loopback with awkward habits, for tests of what reads from it.

    with AwkwardServer() as server:
        server.habits["/feed"] = answer(b"{}", "application/json")
        fetcher.get(server.url("/feed"))
        server.asked[0].headers["user-agent"]

A habit is a function that is given the `Wire` of one request and writes what it likes on it.
"""

import gzip
import socket
import ssl
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import repeat
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Event, Thread
from types import TracebackType
from typing import Any, Self, cast

import httpcore2

from feeds import connecting

MEGABYTE = bytes(1024 * 1024)


class Clock:
    """Time for a fetcher: it passes only when one sleeps, and then at once.

    with Fetcher(..., clock=clock, sleep=clock.sleep, rand=clock.rand)
    """

    def __init__(self) -> None:
        self.seconds = 1_000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds

    def rand(self) -> float:
        return 0.0


@dataclass(frozen=True)
class Asked:
    """A request as it came. Header names are in lower case."""

    target: str
    headers: dict[str, str]


@dataclass(frozen=True)
class Wire:
    """One request, and the way to answer it."""

    asked: Asked
    nth: int  # how many requests for this target there have been, this one counted
    is_over: Event  # set when the server stops
    write: Callable[[bytes], object]
    reset: Callable[[], None]


Habit = Callable[[Wire], None]


class AwkwardServer:
    """Habits by path, what was asked, and every host's address to dial instead of the real one."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.habits: dict[str, Habit] = {}
        self.asked: list[Asked] = []
        self.dialled: list[str] = []
        self.is_over = Event()
        self._server = _Server(self, tls)
        self.port: int = self._server.server_address[1]
        self._scheme = "https" if tls else "http"

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"{self._scheme}://{host}:{self.port}{path}"

    def times(self, path: str) -> int:
        """How often a path was asked for."""
        return sum(each.target.partition("?")[0] == path for each in self.asked)

    def dial(self, address: str, port: int, timeout_seconds: float | None) -> httpcore2.NetworkStream:
        """Connects to this server whatever the address, and keeps the address: for a fetcher's `dial`."""
        self.dialled.append(address)
        return connecting.dial("127.0.0.1", self.port, timeout_seconds)

    def __enter__(self) -> Self:
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, name="awkward server")
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.is_over.set()
        self._server.hang_up()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingTCPServer):
    daemon_threads = False
    request_queue_size = 64

    def __init__(self, awkward: AwkwardServer, tls: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.awkward = awkward
        self.tls = tls
        self.open: set[socket.socket] = set()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing on the terminal: whoever asked has gone."""

    def hang_up(self) -> None:
        for each in list(self.open):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


class _Handler(BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        wire = cast(socket.socket, self.request)
        self.server.open.add(wire)
        try:
            with suppress(OSError):  # whoever asked may have gone
                if self.server.tls:
                    wire = self.server.tls.wrap_socket(wire, server_side=True)
                self._answer(wire)
        finally:
            self.server.open.discard(self.request)
            wire.close()

    def _answer(self, wire: socket.socket) -> None:
        awkward = self.server.awkward
        with wire.makefile("rb") as lines:
            while first := lines.readline():
                pairs = iter(lambda: lines.readline().decode("latin-1").strip(), "")
                headers = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in pairs)}
                asked = Asked(first.decode("latin-1").split()[1], headers)
                awkward.asked.append(asked)
                path = asked.target.partition("?")[0]
                nth = awkward.times(path)
                habit = awkward.habits.get(path, status(404))
                habit(Wire(asked, nth, awkward.is_over, wire.sendall, lambda: _reset(wire)))
                if habit not in KEEPS_OPEN:
                    return


def _reset(wire: socket.socket) -> None:
    """End a connection as a crash does."""
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    wire.close()


# Habits. Each returns one, or is one.

KEEPS_OPEN: set[Habit] = set()


def raw(answer: bytes) -> Habit:
    """Exactly these bytes, and the end of the connection."""
    return lambda wire: cast(None, wire.write(answer))


def answer(body: bytes = b"", media_type: str = "text/plain", code: int = 200, **headers: str) -> Habit:
    """An answer as it should be. `headers` have underscores for hyphens; with `Connection="keep-alive"` it is kept."""
    headers = {"Connection": "close", **headers}
    lines = [f"HTTP/1.1 {code} Whatever", f"Content-Length: {len(body)}", f"Content-Type: {media_type}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    habit = raw("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
    if headers["Connection"] != "close":
        KEEPS_OPEN.add(habit)
    return habit


def status(code: int, **headers: str) -> Habit:
    return answer(b"", code=code, **headers)


def redirect(to: str, code: int = 302) -> Habit:
    return status(code, Location=to)


def in_turn(*habits: Habit) -> Habit:
    """One habit after the other, and the last from then on."""
    return lambda wire: habits[min(wire.nth, len(habits)) - 1](wire)


def silent(wire: Wire) -> None:
    """Takes the request and says nothing."""
    wire.is_over.wait()


def resets(wire: Wire) -> None:
    wire.reset()


def trickling(step: Callable[[], object]) -> Habit:
    """A byte of an endless body at a time; `step` is called before each, to let time pass."""

    def habit(wire: Wire) -> None:
        wire.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        while not wire.is_over.is_set():
            step()
            wire.write(b".")

    return habit


def trickling_headers(step: Callable[[], object]) -> Habit:
    """The same before the body."""

    def habit(wire: Wire) -> None:
        wire.write(b"HTTP/1.1 200 OK\r\nX-Padding: ")
        for _ in range(90_000):
            step()
            wire.write(b".")
        wire.is_over.wait()

    return habit


def trickling_hints(step: Callable[[], object]) -> Habit:
    """Early hints one after the other, and never an answer."""

    def habit(wire: Wire) -> None:
        while not wire.is_over.is_set():
            step()
            wire.write(b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n")

    return habit


def huge(megabytes: int, *, announced: bool) -> Habit:
    """So many megabytes of zeros, with their length announced or in chunks without it."""

    def habit(wire: Wire) -> None:
        how = f"Content-Length: {megabytes * len(MEGABYTE)}" if announced else "Transfer-Encoding: chunked"
        wire.write(f"HTTP/1.1 200 OK\r\n{how}\r\n\r\n".encode())
        for _ in range(megabytes):
            wire.write(MEGABYTE if announced else b"100000\r\n" + MEGABYTE + b"\r\n")
        if not announced:
            wire.write(b"0\r\n\r\n")

    return habit


def endless(wire: Wire) -> None:
    """A body that never ends, with no length and no chunks."""
    wire.write(b"HTTP/1.1 200 OK\r\n\r\n")
    for _ in repeat(None):
        wire.write(b"[" * 10_000)


def gzip_bomb(megabytes: int) -> Habit:
    """So many megabytes of zeros as gzip, which is a thousandth of that."""

    def habit(wire: Wire) -> None:
        packer = zlib.compressobj(9, wbits=31)
        wire.write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n")
        for _ in range(megabytes):
            wire.write(packer.compress(MEGABYTE))
        wire.write(packer.flush())

    return habit


def gzipped(body: bytes, encoding: str = "gzip") -> Habit:
    return answer(gzip.compress(body), Content_Encoding=encoding)


def endless_empty_gzips(wire: Wire) -> None:
    """One empty gzip after another: bytes that never come to anything."""
    wire.write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n")
    nothing = gzip.compress(b"") * 1_000
    for _ in repeat(None):
        wire.write(nothing)
