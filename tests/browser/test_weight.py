"""What a phone fetches for the first page of results, and that nothing moves on it: bytes and shifts, no timing."""

import pytest
from playwright.sync_api import Browser

from benchmarks.pages import LIGHT, LIST
from benchmarks.weight import ACTS, MOST_BYTES, MOST_FOR_A_MAP, Visit, added_by_map, visit
from settings import ROOT, Settings
from tests.browser.conftest import serve


@pytest.fixture(scope="session")
def visits(browser: Browser, address: str) -> list[Visit]:
    """First visits of what a search is answered with: shelves, and a list."""
    return [visit(browser, address, path) for path in LIGHT]


def test_the_first_results_are_light(visits: list[Visit]) -> None:
    for seen in visits:
        assert {"document", "stylesheet", "script"} <= {each.kind for each in seen.fetched}
        assert seen.size <= MOST_BYTES, seen.fetched


def test_a_map_adds_little(browser: Browser, site_settings: Settings, visits: list[Visit]) -> None:
    with serve(site_settings, TILE_URL="", LOG_LEVEL="ERROR") as without_tiles:
        seen = visit(browser, without_tiles, "/discover/map?near=PL1+2AA")
    paths = [each.path for each in seen.fetched]
    assert any("leaflet.js" in path for path in paths)
    assert any(path.startswith("/discover/pins?") for path in paths)
    a_list = next(each for each in visits if each.path == LIST)
    assert added_by_map(a_list, seen) <= MOST_FOR_A_MAP, seen.fetched
    assert seen.shift == 0


def test_text_travels_compressed(visits: list[Visit]) -> None:
    for seen in visits:
        texts = [each for each in seen.fetched if each.kind in ("document", "stylesheet", "script")]
        assert {each.encoding for each in texts} == {"br"}


def test_nothing_on_the_first_results_moves(visits: list[Visit]) -> None:
    # A chip is tapped on both, more is shown on the list: or nothing would have been measured.
    assert {act for seen in visits for act in seen.shifts} == {"loaded", "read to its end", *ACTS}
    assert [(seen.path, seen.shifts) for seen in visits if seen.shift] == []


def test_the_lock_file_of_lighthouse_names_no_download_address() -> None:
    assert "://" not in (ROOT / "benchmarks" / "lighthouse" / "package-lock.json").read_text()
