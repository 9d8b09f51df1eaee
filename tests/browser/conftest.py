"""A real browser on a real server: Chromium by Playwright against gunicorn's own worker class on loopback.

A test fails on a console error, a script error or a request that the content
security policy stopped, wherever in the test it happens.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright

# Tests take `serve` from here, with the rest of what they need for a browser.
from benchmarks.serving import CHROMIUM, FLAGS
from benchmarks.serving import serve as serve
from settings import ROOT, Settings

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 900}
# A busy machine is slow, not wrong: what is waited for is what counts.
PATIENCE_MS = 20_000
expect.set_options(timeout=PATIENCE_MS)
TILE = (Path(__file__).parent / "tile.png").read_bytes()


# What a page looks like does not depend on the database: these files are for what is searched and kept as well.
ON_BOTH_DATABASES = {"test_map.py", "test_opportunity.py", "test_pathways.py", "test_progress.py", "test_search.py"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Try a browser test up to three times, and on PostGIS only where that can differ.

    A machine that stalls for longer than our patience says nothing about the site; the run's summary counts the further
    tries. Every page is read on both databases without a browser.
    """
    here = Path(__file__).parent
    of_looks = []
    for item in items:
        if not item.path.is_relative_to(here):
            continue
        item.add_marker(pytest.mark.flaky(reruns=2))
        if "postgis" in item.nodeid and (item.path.name not in ON_BOTH_DATABASES or "axe" in item.name):
            of_looks.append(item)
    items[:] = [item for item in items if item not in of_looks]
    config.hook.pytest_deselected(items=of_looks)


@pytest.fixture(scope="session")
def address(site_settings: Settings) -> Iterator[str]:
    """The address of the site with its samples."""
    with serve(site_settings, LOG_LEVEL="ERROR") as base:
        yield base


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield launched
        launched.close()


@dataclass
class Visitor:
    """Someone with a browser. `complaints` is what the console said that it should not have.

    `forgiven` are parts of messages that a test provokes, and so does not count.
    """

    context: BrowserContext
    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)
    tiles_work: bool = True
    forgiven: tuple[str, ...] = ()
    tiles_asked: int = 0

    def go(self, path: str) -> None:
        self.page.goto(self.address + path)

    def watch(self) -> None:
        self.page.on("console", lambda message: self._heard(message.type, message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(f"script error: {error}"))
        self.context.route("**/*", self._outside)

    def _heard(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and not any(part in text for part in self.forgiven):
            self.complaints.append(f"{kind}: {text}")

    def _outside(self, route: Route) -> None:
        url = route.request.url
        if url.startswith((self.address, "data:")):
            route.continue_()
        elif url.startswith("https://tile.openstreetmap.org/"):
            self.tiles_asked += 1
            if self.tiles_work:
                route.fulfill(body=TILE, content_type="image/png")
            else:
                route.abort()
        else:
            self.complaints.append(f"asked for {url}")
            route.abort()

    def has_no_overflow(self) -> bool:
        script = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        return bool(self.page.evaluate(script))

    def axe(self) -> list[str]:
        """What axe finds wrong with the page as it stands now."""
        # As an init script would be blocked by the page's policy, it is evaluated from outside.
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        result: dict[str, Any] = self.page.evaluate(
            "axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22a', 'wcag22aa', 'best-practice']})"
        )
        return [f"{each['id']}: {node['html']}" for each in result["violations"] for node in each["nodes"]]


@contextmanager
def visit(browser: Browser, address: str, **options: Any) -> Iterator[Visitor]:
    context = browser.new_context(**options)
    context.set_default_timeout(PATIENCE_MS)
    visitor = Visitor(context, context.new_page(), address)
    visitor.watch()
    try:
        yield visitor
        assert visitor.complaints == []
    finally:
        context.close()


@pytest.fixture(params=["phone", "desktop"])
def visitor(request: pytest.FixtureRequest, browser: Browser, address: str) -> Iterator[Visitor]:
    """Someone with JavaScript, at 360 and at 1280 pixels."""
    viewport = PHONE if request.param == "phone" else DESKTOP
    with visit(browser, address, viewport=viewport) as made:
        yield made


@pytest.fixture(params=["phone", "desktop"])
def plain_visitor(request: pytest.FixtureRequest, browser: Browser, address: str) -> Iterator[Visitor]:
    """Someone without JavaScript, at 360 and at 1280 pixels."""
    viewport = PHONE if request.param == "phone" else DESKTOP
    with visit(browser, address, viewport=viewport, java_script_enabled=False) as made:
        yield made
