"""How light and how quick a widget on somebody else's page is.

Serves the samples and, beside them, a bare Flask app that gives the same bytes
from a constant: each by gunicorn with one worker, as `make run` serves.
"""

import os
import random
import re
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from html import unescape
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from urllib.parse import quote_plus, urlsplit

from benchmarks.figures import Baseline, Figure, Of, Scale, alone, at_most, measured
from benchmarks.pages import first_link
from benchmarks.serving import serve_samples, wait_for
from settings import ROOT, load_settings

MOST_BYTES = 12_000
MOST_MS = 20.0
REQUESTS = 300
WARM_UP = 40
ROUNDS = 5
ROUND_S = 1.0
CONNECTIONS = 2  # as many as a worker has threads
DISTRICTS = ("PL1", "BN1", "SO14", "CB2", "LS1", "BD1", "KT1")  # of the sample towns
BROWSER = {"Accept": "text/html", "Accept-Encoding": "gzip, deflate, br, zstd"}

BARE = """
from pathlib import Path
from flask import Flask, Response, request
app = Flask(__name__)
body = Path(__file__).with_name("body").read_bytes()
@app.get("/embed/pathways/<slug>")
def page(slug):
    answer = Response(body, mimetype="text/html", headers={"Content-Encoding": "br"})
    answer.set_etag("constant", weak=True)
    return answer.make_conditional(request)
"""


@dataclass(frozen=True)
class Answer:
    """What one request got: `size` is of the headers and the body as they were sent, in bytes."""

    status: int
    etag: str
    body: bytes
    size: int
    first_byte_ms: float


@dataclass(frozen=True)
class Asked:
    """Requests of one sort: the path of the next one, and the headers of all."""

    what: str
    path: Callable[[], str]
    headers: dict[str, str]
    status: int = 200

    def get(self, connection: HTTPConnection) -> Answer:
        answer = get(connection, self.path(), self.headers)
        if answer.status != self.status:
            raise RuntimeError(f"{self.what} was answered with {answer.status}")
        return answer


def figures(scale: Scale) -> Iterator[Figure]:
    with serve_samples() as base:
        path = first_link(f"{base}/pathways?near=PL1", "/pathways/")
        if path is None:
            raise RuntimeError("the samples have no pathway")
        widget = "/embed" + urlsplit(path).path
        yield from weights(base, f"{widget}?near=PL1")
        with closing(connect(base)) as connection:
            page = get(connection, f"{widget}?near=PL1", BROWSER)
        with serve_bare(page.body, widget) as bare:
            for ours, floor in zip(sorts(base, widget), sorts(bare, widget), strict=True):
                yield first_bytes(base, ours, bare, floor, scale.times(REQUESTS))
            for ours, floor in zip(sorts(base, widget), sorts(bare, widget), strict=True):
                yield throughput(base, ours, bare, floor, scale.times(ROUNDS, least=1))


def sorts(base: str, widget: str) -> list[Asked]:
    """The sorts of requests that are timed.

    A parameter that nobody reads would be answered from memory. A new host is a
    page that nobody has asked for yet, as the links in it carry that host.
    """
    hosts = map("host{}.example".format, count())
    near = f"{widget}?near=PL1"
    somewhere = partial(random.Random(7).choice, postcodes())
    with closing(connect(base)) as connection:
        etag = get(connection, near, BROWSER).etag
    return [
        Asked("new page, without near", lambda: f"{widget}?host={next(hosts)}", BROWSER),
        Asked("new page, near a postcode", lambda: f"{widget}?near={somewhere()}&host={next(hosts)}", BROWSER),
        Asked("same page within a minute", lambda: near, BROWSER),
        Asked("same page by If-None-Match (304)", lambda: near, BROWSER | {"If-None-Match": etag}, 304),
    ]


def postcodes() -> list[str]:
    """Postcodes in the sample towns, as a query string has them."""
    where = "postcode >= ? AND postcode < ? AND NOT is_terminated"
    with closing(sqlite3.connect(load_settings().gazetteer_file)) as table:
        found = [
            quote_plus(code)
            for district in DISTRICTS
            for (code,) in table.execute(f"SELECT postcode FROM unit WHERE {where}", (f"{district} ", f"{district}!"))  # noqa: S608  (our own)
        ]
    return found or list(DISTRICTS)


def weights(base: str, path: str) -> Iterator[Figure]:
    """The page as a browser fetches it: with every style sheet and script that it names."""
    with closing(connect(base)) as connection:
        page = get(connection, path, BROWSER | {"Accept-Encoding": "identity"}).body.decode()
        links = {unescape(link) for link in re.findall(r'<(?:link|script)[^>]* (?:href|src)="(/[^"]+)"', page)}
        sizes = {each: get(connection, each, BROWSER).size for each in [path, *sorted(links)]}
    yield Figure("page near PL1 with all it fetches", sum(sizes.values()), "bytes", goals=(at_most(MOST_BYTES),))
    for each, size in sizes.items():
        yield Figure(f"of it {urlsplit(each).path}", size, "bytes")


def first_bytes(base: str, ours: Asked, bare: str, floor: Asked, times: int) -> Figure:
    """The time to the first byte over one connection that is kept alive, in milliseconds."""
    took: tuple[list[float], list[float]] = [], []
    with closing(connect(base)) as connection, closing(connect(bare)) as other:
        for number in range(WARM_UP + times):  # in turns, so that both have the same machine
            pair = ours.get(connection).first_byte_ms, floor.get(other).first_byte_ms
            if number >= WARM_UP:
                took[0].append(pair[0])
                took[1].append(pair[1])
    goals = [at_most(MOST_MS, Of.P95)] if ours.what.startswith("new") else []
    return measured(f"first byte: {ours.what}", took[0], "ms", ("bare Flask", took[1]), goals)


def throughput(base: str, ours: Asked, bare: str, floor: Asked, rounds: int) -> Figure:
    """Answers a second, in turns with the bare app so that both have the same machine.

    Says so if a server closed connections that had a request on them.
    """
    pairs = [(answers_a_second(base, ours), answers_a_second(bare, floor)) for _ in range(rounds)]
    both = list(zip(*pairs, strict=True))
    figure, beside = (statistics.median(rate for rate, _ in each) for each in both)
    dropped, bare_dropped = (sum(lost for _, lost in each) for each in both)
    note = f"{dropped} dropped, {bare_dropped} by bare Flask" if dropped or bare_dropped else ""
    return Figure(f"throughput: {ours.what}", figure, "/ s", baseline=Baseline("bare Flask", beside), note=note)


def answers_a_second(base: str, asked: Asked) -> tuple[float, int]:
    """The rate over some connections at once, and how many requests were dropped."""
    start = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        done = list(pool.map(lambda _: answers_until(start + ROUND_S, base, asked), range(CONNECTIONS)))
    seconds = time.perf_counter() - start
    return sum(got for got, _ in done) / seconds, sum(dropped for _, dropped in done)


def answers_until(end: float, base: str, asked: Asked) -> tuple[int, int]:
    """How many requests were answered, and how many dropped. A server that is gone raises when connected to anew."""
    got = dropped = 0
    with closing(connect(base)) as connection:
        while time.perf_counter() < end:
            try:
                asked.get(connection)
                got += 1
            except (BrokenPipeError, ConnectionResetError):
                connection.close()
                dropped += 1
    return got, dropped


def connect(base: str) -> HTTPConnection:
    return HTTPConnection(urlsplit(base).netloc, timeout=10)


def get(connection: HTTPConnection, path: str, headers: dict[str, str]) -> Answer:
    start = time.perf_counter()
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    first_byte_ms = (time.perf_counter() - start) * 1000
    body = answer.read()
    size = len(f"HTTP/1.1 {answer.status} {answer.reason}\r\n\r\n") + len(body)
    size += sum(len(f"{name}: {value}\r\n") for name, value in answer.getheaders())
    return Answer(answer.status, answer.getheader("ETag", ""), body, size, first_byte_ms)


@contextmanager
def serve_bare(body: bytes, path: str) -> Iterator[str]:
    """Serve a compressed page from a constant, by the same gunicorn; gives the address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "bare.py").write_text(BARE)
        Path(folder, "body").write_bytes(body)
        command = [sys.executable, "-m", "gunicorn", "-c", str(ROOT / "gunicorn.conf.py"), "bare:app"]
        environment = {"PYTHONPATH": str(ROOT), "HOST": "127.0.0.1", "PORT": str(port), "WEB_WORKERS": "1"}
        server = subprocess.Popen(  # noqa: S603  (our own)
            command, cwd=folder, env=os.environ | environment, stdout=subprocess.DEVNULL
        )
        try:
            base = f"http://127.0.0.1:{port}"
            wait_for(base + path, server)
            yield base
        finally:
            server.terminate()
            server.wait(10)


if __name__ == "__main__":
    sys.exit(alone(figures))
