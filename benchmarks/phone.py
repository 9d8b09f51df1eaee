"""What a phone fetches for the first visit of a page of each sort, beside the page itself without what it names.

`make weight` says of what that consists, and what moves on the page.
"""

import sys
from collections.abc import Iterator

from playwright.sync_api import sync_playwright

from benchmarks.figures import Baseline, Figure, Scale, alone, at_most
from benchmarks.pages import LIGHT, pages
from benchmarks.serving import CHROMIUM, FLAGS, serve_samples
from benchmarks.weight import MOST_BYTES, MOST_FOR_A_MAP, ONLY_HERE, Visit, added_by_map, fetch


def figures(_scale: Scale) -> Iterator[Figure]:
    visits: dict[str, Visit] = {}
    with serve_samples() as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, ONLY_HERE])
        for name, path in pages(base).items():
            seen = visits[name] = Visit(path, fetch(browser, base, path), {})
            itself = sum(each.size for each in seen.fetched if each.path == path)
            goals = (at_most(MOST_BYTES),) if path in LIGHT else ()
            beside = Baseline("the page itself", itself)
            yield Figure(f"first visit: {name}", seen.size, "bytes", baseline=beside, goals=goals)
        browser.close()
    added = added_by_map(visits["list"], visits["map"])
    beside = Baseline("the list", visits["list"].size)
    goals = (at_most(MOST_FOR_A_MAP),)
    yield Figure("what a map adds to a list, tiles aside", added, "bytes", baseline=beside, goals=goals)


if __name__ == "__main__":
    sys.exit(alone(figures))
