import json
from typing import Any

import pytest

from feeds import rpde
from feeds.fetching import FetchFailed
from feeds.reading import SourceUnreadable
from tests.feeds.fakes_openactive import FakeFetcher

FEED = "https://bookings.example/feeds/sessions"


def fake(pages: Any) -> Any:
    """A fetcher as far as paging needs one."""
    return FakeFetcher(pages)


def page(following: Any, *items: Any) -> bytes:
    return json.dumps({"next": following, "items": items}).encode()


def read(pages: dict[str, bytes], kept_next: str | None = None) -> tuple[list[rpde.Page], str]:
    """The pages, and what ended them."""
    given = []
    try:
        for one in rpde.pages(fake(pages), FEED, kept_next):
            given.append(one)
    except SourceUnreadable as error:
        return given, str(error)
    return given, ""


@pytest.mark.parametrize("cursor", ["?afterTimestamp={0}&afterId=x{0}", "?afterChangeNumber={0}"])
def test_only_an_empty_page_that_is_its_own_next_is_the_last(cursor: str) -> None:
    one, two, three = (FEED + cursor.format(n) for n in (1, 2, 3))
    given, trouble = read({FEED: page(one, 1), one: page(two), two: page(three, 2), three: page(three)})
    assert [each.items for each in given] == [[1], [], [2], []]
    assert [each.next for each in given] == [one, two, three, three]
    assert not trouble


def test_it_goes_on_from_the_next_that_was_kept() -> None:
    fetcher = fake({FEED + "?afterChangeNumber=9": page(FEED + "?afterChangeNumber=9")})
    assert len(list(rpde.pages(fetcher, FEED, FEED + "?afterChangeNumber=9"))) == 1
    assert fetcher.asked == [FEED + "?afterChangeNumber=9"]


def test_a_relative_next_is_resolved_and_kept_word_by_word() -> None:
    pages = {FEED: page("?after=1", 1), FEED + "?after=1": page("/feeds/sessions?after=1")}
    given, trouble = read(pages)
    assert [each.next for each in given] == ["?after=1", "/feeds/sessions?after=1"]
    assert not trouble
    assert len(read(pages, "?after=1")[0]) == 1


def test_a_next_that_was_read_before_is_a_loop() -> None:
    one, two = FEED + "?after=1", FEED + "?after=2"
    given, trouble = read({FEED: page(one, 1), one: page(two, 2), two: page(one, 3)})
    assert [each.items for each in given] == [[1], [2], [3]]
    assert given[-1].next is None
    assert trouble == f"Page 3 of {FEED} goes round in a loop: it leads back to {one}."


def test_a_last_page_that_repeats_its_items_is_a_loop() -> None:
    given, trouble = read({FEED: page(FEED, 1)})
    assert [each.items for each in given] == [[1]]
    assert "loop" in trouble


@pytest.mark.parametrize(
    "other", ["https://evil.example/feeds", "http://bookings.example/x", "//127.0.0.1/", "file:///x"]
)
def test_a_next_on_another_site_is_refused(other: str) -> None:
    given, trouble = read({FEED: page(other, 1)})
    assert [each.items for each in given] == [[1]]
    assert "another site" in trouble
    assert "another site" in read({}, other)[1]


def test_a_next_may_move_from_http_to_https() -> None:
    plain = FEED.replace("https", "http")
    assert len(list(rpde.pages(fake({plain: page(FEED, 1), FEED: page(FEED)}), plain))) == 2


@pytest.mark.parametrize(
    "following", [None, 5, "", " ", [], "https://[::1", "https://bookings.example/\ud800", "?after=\0"]
)
def test_a_page_that_leads_nowhere_still_counts(following: Any) -> None:
    given, trouble = read({FEED: page(following, 1)})
    assert [(each.items, each.next) for each in given] == [([1], None)]
    assert trouble.endswith(".")


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b'{"items": {}}', b'{"next": "x"}', b"[" * 100_000, b'{"items": [1' + b"0" * 5000]
)
def test_what_is_no_page_says_so(body: bytes) -> None:
    given, trouble = read({FEED: page(FEED + "?1", 1), FEED + "?1": body})
    assert len(given) == 1
    assert trouble.startswith(f"Page 2, {FEED}?1, ")


def test_an_endless_feed_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rpde, "MOST_PAGES", 50)
    given: list[rpde.Page] = []
    with pytest.raises(SourceUnreadable, match="did not end after 50 pages"):
        given.extend(rpde.pages(fake(lambda url: page(url + "1", 1)), FEED + "?after="))
    assert len(given) == 50
    assert given[-1].next


def test_what_the_fetcher_says_is_passed_on() -> None:
    with pytest.raises(FetchFailed):
        list(rpde.pages(fake({}), FEED))
