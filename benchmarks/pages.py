"""The pages that are measured, by the names under which the tables show them."""

import re
import urllib.error
import urllib.request
from html import unescape

RESULTS = "/discover?near=PL1+2AA"
LIST = "/discover?near=PL1+2AA&sort=distance"
LIGHT = (RESULTS, LIST)  # what a search is first answered with, and so has a goal for its weight


def pages(base: str) -> dict[str, str]:
    """A page of each sort and its path, on the site at `base`: the opportunity is the first of the results.

    A pathway is among them once the site has any.
    """
    found = {
        "front": "/",
        "results": RESULTS,
        "list": LIST,
        "map": "/discover/map?near=PL1+2AA",
        "opportunity": first_link(base + RESULTS, "/opportunities/"),
        "pathway": first_link(f"{base}/pathways?near=PL1", "/pathways/"),
    }
    return {name: path for name, path in found.items() if path}


def first_link(url: str, start: str) -> str | None:
    """Where the first link of a page that starts like this leads; None without one, or without the page."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310  (our own address)
            text = answer.read().decode()
    except urllib.error.HTTPError:
        return None
    found = re.search(rf'href="({re.escape(start)}[^"]+)"', text)
    return unescape(found[1]) if found else None
