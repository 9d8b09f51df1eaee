"""What a worker costs: the time to its first answer, its memory, and its readers while feeds come in."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from itertools import cycle, islice
from pathlib import Path
from random import Random
from urllib.parse import quote_plus, urlsplit

from benchmarks.feeds import write_courses
from benchmarks.figures import Baseline, Figure, Of, Scale, alone, at_most, measured, say
from benchmarks.serving import serve
from benchmarks.synthetic import spatialite
from gazetteer.table import Table
from settings import ROOT, Settings, load_settings

STARTS = 5
MOST_S = 1.5
REQUESTS = 10_000
FEWER_REQUESTS = 400  # in the quick run
MOST_MB = 150
MOST_GROWTH = 1.1
CONNECTIONS = 4
READERS = 8
PAUSE_S = 1.0  # of a reader between two pages
IMPORT_S = 60.0
QUIET_S = 20.0
COURSES = 800_000  # more than are read in that time
VENUES = 24_000
MOST_TIMES = 2.0
POSTCODES = 200
HEADERS = {"Accept": "text/html", "Accept-Encoding": "gzip, deflate, br, zstd"}


def figures(scale: Scale) -> Iterator[Figure]:
    url = spatialite(scale.largest)
    yield _start(scale, url)
    yield _memory(scale, url)
    yield _readers(scale)


def _start(scale: Scale, url: str) -> Figure:
    say("worker: start to first answer")
    seconds = []
    for _ in range(scale.times(STARTS, 3)):
        begun = time.perf_counter()
        with serve(_settings(url), LOG_LEVEL="ERROR") as base:
            _get(base, "/discover?near=PL1+2AA")
            seconds.append(time.perf_counter() - begun)
    return measured("start to first answer", seconds, "s", goals=[at_most(MOST_S)], size=scale.largest)


def _memory(scale: Scale, url: str) -> Figure:
    """The most that a worker holds after all requests, shared pages counted in, beside that after a fifth of them."""
    say("worker: memory")
    count = REQUESTS if scale.share == 1 else FEWER_REQUESTS
    with serve(_settings(url), LOG_LEVEL="ERROR") as base:
        paths = list(islice(cycle(_mixed(base)), count))
        _ask_all(base, paths[: count // 5])
        early = _worker_mb()
        _ask_all(base, paths[count // 5 :])
        late = _worker_mb()
    goals = at_most(MOST_MB), at_most(MOST_GROWTH, Of.RATIO)
    beside = Baseline("after a fifth of them", early)
    return Figure(
        f"memory of a worker after {count:,} requests", late, "MB", size=scale.largest, baseline=beside, goals=goals
    )


def _readers(scale: Scale) -> Figure:
    """`READERS`, each of whom looks at a page for `PAUSE_S` before the next, while another process imports courses."""
    say("worker: readers while an import writes")
    with tempfile.TemporaryDirectory() as folder:
        copy, courses = Path(folder) / "copy.db", Path(folder) / "courses.csv"
        shutil.copy(spatialite(scale.largest).removeprefix("sqlite:///"), copy)
        write_courses(courses, scale.times(COURSES), VENUES)
        settings = _settings(f"sqlite:///{copy}")
        with serve(settings, LOG_LEVEL="ERROR") as base:
            _read_for(base, 3.0)
            quiet, lost = _read_for(base, max(5.0, QUIET_S * scale.share))
            command = [
                sys.executable,
                "-m",
                "flask",
                "feeds",
                "import",
                "course-directory",
                str(courses),
                "--name",
                "Courses",
            ]
            environment = os.environ | {"DATABASE_URL": settings.database_url, "LOG_LEVEL": "ERROR"}
            writer = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603  (our own)
            try:
                busy, lost_too = _read_for(base, max(5.0, IMPORT_S * scale.share), writer)
                has_ended = writer.poll() is not None
            finally:
                writer.kill()
                writer.wait()
    if lost + lost_too or has_ended:
        raise RuntimeError("the import ended too soon" if has_ended else f"{lost + lost_too} pages were not answered")
    return measured(
        f"{READERS} readers while an import writes",
        busy,
        beside=("without it", quiet),
        goals=[at_most(MOST_TIMES, Of.P95_RATIO)],
        size=scale.largest,
        database="SpatiaLite",
        note="no error",
    )


def _read_for(base: str, seconds: float, writer: "subprocess.Popen[bytes] | None" = None) -> tuple[list[float], int]:
    """Milliseconds of each page that all readers got in a time, and how many pages were not answered with 200."""
    end = time.monotonic() + seconds
    times: list[float] = []
    lost: list[str] = []
    postcodes = _postcodes()
    lock = threading.Lock()

    def read(number: int) -> None:
        time.sleep(number * PAUSE_S / READERS)
        for postcode in cycle(postcodes[number::READERS]):
            if time.monotonic() > end or (writer and writer.poll() is not None):
                return
            begun = time.perf_counter()
            try:
                _get(base, f"/discover?near={quote_plus(postcode)}")
            except (OSError, HTTPException, RuntimeError) as error:
                with lock:
                    lost.append(str(error))
            with lock:
                times.append((time.perf_counter() - begun) * 1000)
            time.sleep(PAUSE_S)

    with ThreadPoolExecutor(READERS) as pool:
        list(pool.map(read, range(READERS)))
    return times, len(lost)


def _mixed(base: str) -> list[str]:
    """Paths of all sorts of pages: results, lists, words, maps, pins, opportunities, pathways, widgets, the API."""
    paths = []
    for number, postcode in enumerate(map(quote_plus, _postcodes())):
        near = f"near={postcode}"
        paths += [
            f"/discover?{near}",
            f"/discover?{near}&kind=course&within=10&page=2",
            f"/discover?{near}&q={('welding', 'football', 'cooking')[number % 3]}",
            f"/discover/map?{near}",
            f"/api/v1/opportunities?{near}",
            f"/pathways?{near}",
            "/",
            f"/embed/opportunities?{near}",
        ]
    first = _get(base, "/discover?near=PL1+2AA").decode()
    links = list(dict.fromkeys(re.findall(r'href="(/(?:opportunities|pathways|badges)/[^"?#]+)', first)))
    mixed = Random(5)
    paths += [mixed.choice(links) for _ in range(2 * len(paths))]
    mixed.shuffle(paths)
    return paths


def _ask_all(base: str, paths: list[str]) -> None:
    def ask(some: list[str]) -> None:
        with closing(_connect(base)) as connection:
            for path in some:
                connection.request("GET", path, headers=HEADERS)
                answer = connection.getresponse()
                answer.read()
                if answer.status != 200:
                    raise RuntimeError(f"{path} was answered with {answer.status}")

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(ask, [paths[number::CONNECTIONS] for number in range(CONNECTIONS)]))


def _worker_mb() -> float:
    """The resident memory of the only worker that serves, in MB: a child of the gunicorn that this process started."""
    workers = [worker for gunicorn in _children(os.getpid()) for worker in _children(gunicorn)]
    return max(_resident_mb(worker) for worker in workers)


def _children(process: int) -> list[int]:
    found = subprocess.run(["pgrep", "-P", str(process)], capture_output=True, text=True, check=False)  # noqa: S603, S607
    return [int(each) for each in found.stdout.split()]


def _resident_mb(process: int) -> float:
    command = ["ps", "-o", "rss=", "-p", str(process)]
    said = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    return int(said.stdout or 0) * 1024 / 1_000_000


def _get(base: str, path: str) -> bytes:
    with closing(_connect(base)) as connection:
        connection.request("GET", path, headers=HEADERS | {"Accept-Encoding": "identity"})
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path} was answered with {answer.status}")
        return body


def _connect(base: str) -> HTTPConnection:
    return HTTPConnection(urlsplit(base).netloc, timeout=60)


def _postcodes() -> list[str]:
    table = Table(load_settings().gazetteer_file)
    return [each[0] for each in table.draw(POSTCODES, Random(9).random)]


def _settings(url: str) -> Settings:
    return Settings(_env_file=None, database_url=url, gazetteer_file=load_settings().gazetteer_file)


if __name__ == "__main__":
    sys.exit(alone(figures))
