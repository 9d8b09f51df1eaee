"""`make weight`: what a phone fetches for the first visit of a page of each sort, and what moves on it.

Prints what each page consists of, in bytes on the wire, and how far things
shift while it loads, is scrolled to its end, a chip is tapped and more is
shown. Each goal is marked where it is missed; the command ends with 1 if one is.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, CDPSession, Page, Route, sync_playwright
from rich.console import Console
from rich.table import Table as Grid

from benchmarks.pages import LIGHT, pages
from benchmarks.serving import CHROMIUM, FLAGS, serve_samples
from settings import ROOT

MOST_BYTES = 60_000  # of a first page of results
MOST_FOR_A_MAP = 75_000  # on top of a list's; tiles come from elsewhere, and there are none here
PHONE: dict[str, Any] = {
    "viewport": {"width": 360, "height": 740},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
# An answer comes later than the half second after a tap in which a browser forgives every shift,
# as it does on a slow network: so what it moves counts.
SLOW = {"offline": False, "latency": 800, "downloadThroughput": -1, "uploadThroughput": -1}
ONLY_HERE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
# What is tapped, where htmx answers it in place, and what is there once it is answered.
ACTS = {
    "a chip tapped": ("#chip-workshop[hx-get]", "#chip-workshop[aria-current]"),
    "more shown": ("#more a[hx-get]", "#hits > li >> nth=20"),
}

OBSERVE = """
window.shifts = [];
const name = (node) => {
  const element = node instanceof Element ? node : node && node.parentElement;
  return element ? `${element.cloneNode(false).outerHTML} ${element.textContent.trim().slice(0, 40)}` : "what is gone";
};
new PerformanceObserver((list) => {
  for (const each of list.getEntries()) {
    const moved = each.sources.map((source) => name(source.node));
    window.shifts.push({ value: each.value, forgiven: each.hadRecentInput, moved });
  }
}).observe({ type: "layout-shift", buffered: true });
"""
FIRST_PAINT = """
() => new Promise((done) => {
  new PerformanceObserver((list) => {
    if (list.getEntriesByName("first-contentful-paint").length) done();
  }).observe({ type: "paint", buffered: true });
})
"""
READ = """
async () => {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  for (let y = 0; y < document.body.scrollHeight; y += innerHeight) {
    window.scrollTo(0, y);
    await frame(); await frame();
  }
  window.scrollTo(0, document.body.scrollHeight);
}
"""
# Two frames after the last of htmx's own steps, all that moved has been told.
SETTLE = """
async () => {
  const busy = ".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added";
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  do { await frame(); await frame(); } while (document.querySelector(busy));
}
"""


@dataclass(frozen=True)
class Fetched:
    """One answer: its path, what it is, how it is compressed, and its bytes on the wire with its headers."""

    path: str
    kind: str
    encoding: str
    size: int


@dataclass(frozen=True)
class Shifts:
    """Layout shift, summed over all that moved, which is never below the cumulative layout shift.

    `forgiven` is what moved within half a second of a tap, which the cumulative layout shift leaves out.
    """

    counted: float
    forgiven: float
    moved: tuple[str, ...]


@dataclass(frozen=True)
class Visit:
    """What a first visit fetched, and the shifts of each of its acts by name."""

    path: str
    fetched: list[Fetched]
    shifts: dict[str, Shifts]

    @property
    def size(self) -> int:
        """Bytes on the wire."""
        return sum(each.size for each in self.fetched)

    @property
    def shift(self) -> float:
        return sum(each.counted for each in self.shifts.values())

    @property
    def missed(self) -> bool:
        return self.shift > 0 or (self.path in LIGHT and self.size > MOST_BYTES)


@dataclass
class Wire:
    """Listens to what a page fetches."""

    started: dict[str, dict[str, Any]] = field(default_factory=dict)
    fetched: list[Fetched] = field(default_factory=list)

    def listen(self, session: CDPSession) -> None:
        session.on("Network.requestWillBeSent", self._sent)
        session.on("Network.responseReceived", self._answered)
        session.on("Network.loadingFinished", self._finished)
        session.send("Network.enable")

    def _sent(self, event: dict[str, Any]) -> None:
        # A redirect goes on under the same name.
        if "redirectResponse" in event:
            self._keep(event["redirectResponse"], "Redirect", event["redirectResponse"]["encodedDataLength"])

    def _answered(self, event: dict[str, Any]) -> None:
        self.started[event["requestId"]] = event

    def _finished(self, event: dict[str, Any]) -> None:
        answer = self.started.pop(event["requestId"])
        self._keep(answer["response"], answer["type"], event["encodedDataLength"])

    def _keep(self, response: dict[str, Any], kind: str, size: float) -> None:
        parts = urlsplit(response["url"])
        if parts.scheme == "data":
            return
        headers = {name.lower(): value for name, value in response["headers"].items()}
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        self.fetched.append(Fetched(path, kind.lower(), headers.get("content-encoding", ""), int(size)))


def main() -> int:
    with serve_samples() as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, ONLY_HERE])
        visits = {name: visit(browser, base, path) for name, path in pages(base).items()}
        browser.close()
    show(visits)
    added = added_by_map(visits["list"], visits["map"])
    figure = marked(f"{added:,}", added > MOST_FOR_A_MAP)
    Console(width=120).print(f"A map adds {figure} bytes to a list, tiles aside (goal: at most {MOST_FOR_A_MAP:,})")
    figures = {each.path: {"bytes": each.size, "shift": each.shift} for each in visits.values()}
    (ROOT / "instance" / "bench-weight.json").write_text(json.dumps(figures, indent=1))
    return 1 if added > MOST_FOR_A_MAP or any(each.missed for each in visits.values()) else 0


def added_by_map(a_list: Visit, a_map: Visit) -> int:
    """The bytes of all that a map fetches and a list does not, and of what its page itself has more."""
    known = {each.path for each in a_list.fetched} | {a_map.path}
    documents = [sum(each.size for each in seen.fetched if each.path == seen.path) for seen in (a_list, a_map)]
    return sum(each.size for each in a_map.fetched if each.path not in known) + max(0, documents[1] - documents[0])


def visit(browser: Browser, base: str, path: str) -> Visit:
    """A first visit on a phone, read to its end; then each act that the page offers, in a visit of its own.

    Raises RuntimeError where the page is not answered as it should be.
    """
    fetched = fetch(browser, base, path)
    with phone(browser) as (page, _):
        load_slowly(page, base + path)
        shifts = {"loaded": take_shifts(page, tapped=False)}
        read_to_its_end(page)
        shifts["read to its end"] = take_shifts(page, tapped=False)
    for name, (link, outcome) in ACTS.items():
        with phone(browser) as (page, session):
            load(page, base + path)
            if page.locator(link).count():
                take_shifts(page, tapped=False)
                session.send("Network.emulateNetworkConditions", SLOW)
                page.locator(link).first.tap()
                page.wait_for_selector(outcome)
                shifts[name] = take_shifts(page, tapped=True)
    return Visit(path, fetched, shifts)


def fetch(browser: Browser, base: str, path: str) -> list[Fetched]:
    """What a first visit on a phone fetches, read to its end."""
    wire = Wire()
    with phone(browser) as (page, session):
        wire.listen(session)
        load(page, base + path)
        read_to_its_end(page)
    return wire.fetched


@contextmanager
def phone(browser: Browser) -> Iterator[tuple[Page, CDPSession]]:
    """A page with nothing in its cache, and the way to what the browser knows of it."""
    context = browser.new_context(**PHONE)
    page = context.new_page()
    page.add_init_script(OBSERVE)
    yield page, context.new_cdp_session(page)
    context.close()


def load(page: Page, url: str) -> None:
    answer = page.goto(url, wait_until="networkidle")
    if answer is None or not answer.ok:
        raise RuntimeError(f"{url} was not answered as it should be: {answer and answer.status}")


def load_slowly(page: Page, url: str) -> None:
    """Load with scripts, fonts and pictures only after the first paint, so that whatever they move is seen to move."""
    held: list[Route] = []
    painted = False

    def hold(route: Route) -> None:
        if painted or route.request.resource_type in ("document", "stylesheet"):
            route.continue_()
        else:
            held.append(route)

    page.route("**/*", hold)
    page.goto(url, wait_until="commit")
    page.evaluate(FIRST_PAINT)
    painted = True
    for route in held:
        route.continue_()
    page.wait_for_load_state("networkidle")


def read_to_its_end(page: Page) -> None:
    """Scroll a screen at a time, so that what waits to be seen is."""
    page.evaluate(READ)
    page.wait_for_load_state("networkidle")


def take_shifts(page: Page, *, tapped: bool) -> Shifts:
    """What has moved since this was last asked, once the page has come to rest.

    Without a tap nothing is forgiven: a browser that has just been given the size
    of a phone takes that for input, as Lighthouse knows too.
    """
    page.evaluate(SETTLE)
    entries = page.evaluate("window.shifts.splice(0)")
    counted = [each for each in entries if not (tapped and each["forgiven"])]
    return Shifts(
        counted=sum(each["value"] for each in counted),
        forgiven=sum(each["value"] for each in entries if each not in counted),
        moved=tuple(dict.fromkeys(" ".join(name.split()) for each in counted for name in each["moved"])),
    )


def show(visits: dict[str, Visit]) -> None:
    console = Console(width=120)
    for name, each in visits.items():
        console.print(weights(name, each))
    console.print(shifts_grid(visits))
    for name, each in visits.items():
        for act, shifts in each.shifts.items():
            for element in shifts.moved:
                console.print(f"{name}, {act}: moved {element}", markup=False, highlight=False)


def weights(name: str, seen: Visit) -> Grid:
    grid = Grid(
        f"{name}: {seen.path}", "type", "compressed", "bytes on the wire", title_justify="left", show_footer=True
    )
    for each in sorted(seen.fetched, key=lambda each: -each.size):
        grid.add_row(each.path, each.kind, each.encoding, f"{each.size:,}")
    over = seen.path in LIGHT and seen.size > MOST_BYTES
    goal = f"goal: at most {MOST_BYTES:,}" if seen.path in LIGHT else ""
    grid.columns[0].footer, grid.columns[2].footer = "all", goal
    grid.columns[3].footer = marked(f"{seen.size:,}", over)
    return grid


def shifts_grid(visits: dict[str, Visit]) -> Grid:
    acts = ["loaded", "read to its end", *ACTS]
    grid = Grid("cumulative layout shift (goal: 0)", *acts, "forgiven after a tap")
    for name, each in visits.items():
        found = [each.shifts.get(act) for act in acts]
        cells = [marked(f"{shifts.counted:.4f}", shifts.counted > 0) if shifts else "" for shifts in found]
        grid.add_row(name, *cells, f"{sum(shifts.forgiven for shifts in found if shifts):.4f}")
    return grid


def marked(figure: str, missed: bool) -> str:
    return f"[bold red]{figure} MISSED[/]" if missed else figure


if __name__ == "__main__":
    sys.exit(main())
