"""Pages that come back: their scripts run, and they are as they should be by now, also by the back button."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from settings import Settings
from tests.browser.conftest import PATIENCE_MS, serve

SEARCH = "/discover?near=PL1+2AA&sort=distance"
PATHWAY = "/pathways/cook-for-a-living"


@dataclass
class Keeper:
    """Someone whose browser keeps pages: nothing looks at what it asks for, for that would turn its cache off."""

    page: Page
    address: str
    log: Path
    complaints: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        self.page.goto(self.address + path)

    def statuses(self, path: str) -> list[int]:
        """What the site has answered to this pattern of an address, in order."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]
        return [line["status"] for line in lines if line["path"] == path and line["method"] == "GET"]


@pytest.fixture
def keeper(browser: Browser, site_settings: Settings, tmp_path: Path) -> Iterator[Keeper]:
    log = tmp_path / "log"
    with serve(site_settings, log, LOG_LEVEL="INFO", TILE_URL="") as address:
        context = browser.new_context(viewport=ViewportSize(width=360, height=740))
        context.set_default_timeout(PATIENCE_MS)
        made = Keeper(context.new_page(), address, log)
        made.page.on("pageerror", lambda error: made.complaints.append(str(error)))
        made.page.on("console", lambda said: made.complaints.append(said.text) if said.type == "error" else None)
        yield made
        context.close()
        assert made.complaints == []


def add_first(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^Add to shortlist:")).first.click()
    expect(page.locator("#shortlist-link")).to_have_text("Shortlist (1)")


def test_a_page_that_still_holds_runs_its_scripts(keeper: Keeper) -> None:
    page = keeper.page
    for _ in range(2):
        keeper.go("/discover?near=PL1+2AA&sort=distance")
        # The script of every page shows what the key does; htmx puts more below in place.
        expect(page.locator("[data-slash]")).to_be_visible()
        page.get_by_role("link", name="Show more").click()
        expect(page.locator("#hits > *").nth(20)).to_be_attached()
    assert keeper.statuses("/discover")[0] == 200
    assert 304 in keeper.statuses("/discover")
    page.evaluate("window.htmx = undefined")
    with page.expect_navigation():
        page.evaluate("dispatchEvent(new PopStateEvent('popstate'))")
    expect(page.locator("[data-slash]")).to_be_visible()


def test_what_was_added_is_on_the_page_that_one_comes_back_to(keeper: Keeper) -> None:
    page = keeper.page
    keeper.go(SEARCH)
    expect(page.locator("#shortlist-link")).to_have_count(0)
    page.locator("#hits h3 a").first.click()
    add_first(page)
    page.go_back()
    expect(page.locator("#shortlist-link")).to_have_text("Shortlist (1)")
    expect(page.get_by_role("button", name=re.compile("^On your list:"))).to_have_count(1)
    keeper.go("/")
    expect(page.locator("#shortlist-link")).to_have_text("Shortlist (1)")


def test_what_was_ticked_off_is_on_the_page_that_one_comes_back_to(keeper: Keeper) -> None:
    page = keeper.page
    keeper.go(PATHWAY)
    page.locator("[data-tick] button").first.click()
    expect(page.locator("[data-tick].done")).to_have_count(1)
    keeper.go("/pathways")
    page.go_back()
    expect(page.locator("[data-tick].done")).to_have_count(1)
    keeper.go(PATHWAY)
    expect(page.locator("[data-tick].done")).to_have_count(1)


def test_a_page_from_the_memory_of_whole_pages_comes_anew_after_a_change(keeper: Keeper) -> None:
    page = keeper.page
    back = "dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))"
    keeper.go(SEARCH)
    page.evaluate("document.documentElement.dataset.old = 1; " + back)
    expect(page.locator("html[data-old]")).to_have_count(1)
    # As if something were sent from another page, and one went back to this one.
    page.evaluate("sessionStorage.setItem('doorstep-changes', 7)")
    with page.expect_navigation():
        page.evaluate(back)
    expect(page.locator("html[data-old]")).to_have_count(0)
    add_first(page)
    page.evaluate("document.documentElement.dataset.old = 1; " + back)
    expect(page.locator("html[data-old]")).to_have_count(1)
