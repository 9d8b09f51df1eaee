"""Paging through a feed of Realtime Paged Data Exchange, by which OpenActive publishes.

The rules are those of https://openactive.io/realtime-paged-data-exchange/ (1.0):
a page is an object with `items` and `next`; the last page has no items and is
its own next; what is kept between readings is `next`, word by word. The cursor
in it, `afterTimestamp` with `afterId` or `afterChangeNumber`, is the publisher's
alone and never looked at.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

from feeds.reading import Fetching, SourceUnreadable

# Of one feed in one reading. The next goes on where this one stopped.
MOST_PAGES = 20_000
MOST_CHARACTERS_OF_NEXT = 2_000
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a feed. `next` is as the publisher wrote it; `trouble` says why none can follow it."""

    number: int
    items: list[Any]
    next: str | None
    trouble: str | None = None


def pages(fetcher: Fetching, feed: str, kept_next: str | None = None) -> Iterator[Page]:
    """The pages of a feed from its beginning, or from a `next` kept by an earlier reading, to its last.

    A page that leads nowhere is given first, with its `trouble`: its items count.

    Args:
        fetcher: a `feeds.fetching.Fetcher`.
        feed: its address.
        kept_next: a `next` of this feed, word by word.

    Raises:
        SourceUnreadable: a page is no page of such a feed, or leads nowhere.
        FetchFailed: from the fetcher.
    """
    url = _following(feed, feed, kept_next) if kept_next else feed
    seen = {url}
    for number in range(1, MOST_PAGES + 1):
        answer = fetcher.get(url)
        page = _page(answer.body, number, url)
        if page.next is None:
            yield page
            raise SourceUnreadable(page.trouble)
        try:
            following = _following(feed, answer.url or url, page.next)
        except SourceUnreadable as error:
            yield Page(number, page.items, None, str(error))
            raise
        is_itself = following in (url, answer.url)
        if is_itself and not page.items:
            yield page
            return
        if following in seen or is_itself:
            trouble = f"Page {number} of {feed} goes round in a loop: it leads back to {following}."
            yield Page(number, page.items, None, trouble)
            raise SourceUnreadable(trouble)
        yield page
        seen.add(following)
        url = following
    raise SourceUnreadable(f"{feed} did not end after {MOST_PAGES:,} pages. The next reading goes on from there.")


def page_of_file(path: Path) -> Page:
    """The one page that a file holds. Raises `SourceUnreadable`."""
    try:
        body = path.read_bytes()
    except OSError as error:
        raise SourceUnreadable(f"{path} cannot be read: {error.strerror}.") from error
    return _page(body, 1, str(path))


def _page(body: bytes, number: int, url: str) -> Page:
    try:
        # NaN and the infinities are no JSON, though Python reads them.
        said = json.loads(body.decode("utf-8-sig", errors="replace"), parse_constant=lambda _name: None)
    except (ValueError, RecursionError):
        raise SourceUnreadable(f"Page {number}, {url}, is not JSON.") from None
    if not isinstance(said, dict) or not isinstance(said.get("items"), list):
        raise SourceUnreadable(f"Page {number}, {url}, has no list of items: it is not a page of an RPDE feed.")
    following = said.get("next")
    if not isinstance(following, str) or not following.strip() or len(following) > MOST_CHARACTERS_OF_NEXT:
        return Page(number, said["items"], None, f"Page {number}, {url}, does not say which is next.")
    return Page(number, said["items"], following)


def _following(feed: str, base: str, following: str) -> str:
    """The whole address of a `next` that stands on the page at `base`."""
    try:
        if not following.strip().isprintable():
            raise ValueError
        url = urljoin(base, following.strip())
        is_own = _is_same_origin(urlsplit(feed), urlsplit(url))
    except ValueError:
        raise SourceUnreadable(f"The next page of {feed} is at {following[:200]!r}, which is no address.") from None
    if not is_own:
        raise SourceUnreadable(f"The next page of {feed} is on another site, {url[:200]}: it is not followed.")
    return url


def _is_same_origin(feed: SplitResult, url: SplitResult) -> bool:
    """Whether both are of one scheme, host and port. From http to https of the same host is no other site."""
    mine = (feed.scheme, feed.hostname, feed.port or _PORTS.get(feed.scheme))
    other = (url.scheme, url.hostname, url.port or _PORTS.get(url.scheme))
    upgraded = ("https", feed.hostname, _PORTS["https"])
    return other == mine or (mine == ("http", feed.hostname, _PORTS["http"]) and other == upgraded)
