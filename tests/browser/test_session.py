"""One person after another at the same browser."""

import json
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import DESKTOP, Visitor

FIRST, SECOND = "PL1 2AA", "LS1 3BE"


def stored(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate("({...localStorage, ...sessionStorage})")
    return found


def search(page: Page, near: str) -> None:
    page.locator("#near").fill(near)
    page.locator("#near").press("Enter")
    expect(page.locator("#found")).to_contain_text(near)


def follow(page: Page, link: Locator) -> None:
    """Follow a link, and wait until the scripts of the page have run: left before, it is not known as theirs."""
    with page.expect_navigation():
        link.click()


def go_back(page: Page) -> None:
    """Go back one page, and wait until its scripts have run: a page of somebody before leaves for "/" then.

    Before that it may look like "/" already, as it may be that person's "/", and would leave under the next step of a
    test. `page.go_back` alone cannot wait for that: the page that leaves is never loaded, the one that follows is.
    """
    page.go_back(wait_until="commit")
    page.wait_for_load_state()


def tick(visitor: Visitor) -> None:
    visitor.go("/pathways")
    visitor.page.locator("main h3 a").first.click()
    visitor.page.get_by_role("button", name="Tick off").first.click()
    expect(visitor.page.get_by_role("button", name="Take the tick away").first).to_be_visible()


def test_a_slash_goes_to_the_place_and_enter_searches(visitor: Visitor) -> None:
    visitor.go(f"/discover?near={FIRST}&kind=workshop")
    page = visitor.page
    page.keyboard.press("/")
    expect(page.locator("#near")).to_be_focused()
    page.keyboard.type(SECOND)
    page.keyboard.press("Enter")
    expect(page.locator("#found")).to_have_text(f"Workshops near {SECOND}")


def test_a_slash_in_a_box_is_a_slash(visitor: Visitor) -> None:
    visitor.go(f"/discover?near={FIRST}")
    page = visitor.page
    page.locator("#q").press_sequentially("and/or")
    expect(page.locator("#q")).to_have_value("and/or")
    expect(page.locator("#q")).to_be_focused()


def test_the_slash_can_be_turned_off_and_on_again(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go(f"/discover?near={FIRST}")
    expect(page.locator("#near")).to_have_attribute("aria-keyshortcuts", "/")
    expect(page.locator("[data-key]")).to_be_visible(visible=(page.viewport_size or DESKTOP)["width"] > 760)
    page.get_by_role("button", name="Turn that key off").click()
    expect(page.locator("[data-key]")).to_be_hidden()
    for _ in range(2):
        expect(page.get_by_role("button", name="Turn that key on")).to_be_visible()
        page.keyboard.press("/")
        expect(page.locator("#near")).not_to_be_focused()
        expect(page.locator("#near")).not_to_have_attribute("aria-keyshortcuts", "/")
        # On other pages too.
        visitor.go("/")
    assert visitor.axe() == []
    page.get_by_role("button", name="Turn that key on").click()
    page.keyboard.press("/")
    expect(page.locator("#near")).to_be_focused()


def test_the_slash_works_where_the_box_is_drawn_otherwise(visitor: Visitor) -> None:
    visitor.go("/places/plymouth")
    visitor.page.keyboard.press("/")
    expect(visitor.page.locator("#near")).to_be_focused()


def test_without_a_box_for_a_place_no_key_is_spoken_of(visitor: Visitor) -> None:
    visitor.go("/progress")
    expect(visitor.page.locator("[data-slash]")).to_be_hidden()


def test_nothing_is_kept_until_a_person_has_searched(visitor: Visitor) -> None:
    for path in ("/", "/pathways", "/discover", "/discover?near=Nowheresby", "/discover?near=50.371,-4.142"):
        visitor.forgiven = ("400",)
        visitor.go(path)
        # htmx keeps the address of the page that is shown, for as long as the tab is open.
        assert set(stored(visitor.page)) <= {"htmx-current-path-for-history"}


def test_the_last_five_places_wait_under_the_box_and_can_be_cleared(visitor: Visitor) -> None:
    visitor.go("/")
    page = visitor.page
    for near in ("Leeds", "Cambridge", FIRST, "BR3 4HG", "Bradford", SECOND, FIRST):
        search(page, near)
    recent = page.locator("[data-recent]")
    expect(recent.locator("[data-places] button")).to_have_text([SECOND, "Bradford", "BR3 4HG", "Cambridge"])
    assert json.loads(stored(page)["doorstep-places"]) == [FIRST, SECOND, "Bradford", "BR3 4HG", "Cambridge"]
    assert visitor.has_no_overflow()
    assert visitor.axe() == []
    visitor.go("/")
    expect(recent.locator("[data-places] button")).to_have_count(5)
    recent.get_by_role("button", name="Bradford").click()
    expect(page.locator("#found")).to_have_text("Near Bradford")
    recent.get_by_role("button", name="Clear").click()
    expect(recent).to_be_hidden()
    assert "doorstep-places" not in stored(page)


def test_after_starting_again_nothing_of_the_first_person_is_left(visitor: Visitor) -> None:
    page = visitor.page
    tick(visitor)
    visitor.go("/")
    search(page, FIRST)
    page.locator("#chip-workshop").click()
    expect(page.locator("#found")).to_have_text(f"Workshops near {FIRST}")
    follow(page, page.locator("#hits h3 a").first)
    assert visitor.context.cookies() != []
    follow(page, page.get_by_role("link", name="What else is near PL1"))
    page.get_by_role("link", name="Start again").click()
    expect(page.get_by_role("button", name="Forget it all")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="What is on your doorstep?")).to_be_visible()
    assert visitor.context.cookies() == []
    assert stored(page) == {}
    expect(page.locator("#near")).to_have_value("")
    expect(page.locator("[data-recent]")).to_be_hidden()
    for _ in range(5):
        go_back(page)
        expect(page.get_by_role("heading", name="What is on your doorstep?")).to_be_visible()
        expect(page.locator("#near")).to_have_value("")
        expect(page.locator("body")).not_to_contain_text(FIRST)
    visitor.go("/progress")
    expect(page.locator("main")).to_contain_text("not ticked")
    visitor.go("/")
    search(page, SECOND)
    assert FIRST not in json.dumps(stored(page))
    expect(page.locator("[data-recent]")).to_be_hidden()


def test_starting_again_before_the_page_is_there_whole_takes_the_cookies_too(visitor: Visitor) -> None:
    tick(visitor)
    visitor.go(f"/discover?near={FIRST}")
    visitor.page.get_by_role("link", name="Start again").click()
    expect(visitor.page.get_by_role("button", name="Forget it all")).to_be_focused()
    whole = "setTimeout(() => dispatchEvent(new PageTransitionEvent('pageshow')))"
    visitor.page.evaluate(f"addEventListener('submit', () => {whole})")
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.get_by_role("heading", name="What is on your doorstep?")).to_be_visible()
    assert visitor.context.cookies() == []


def test_of_a_shortlist_nothing_is_left_either(visitor: Visitor) -> None:
    page = visitor.page
    # By a link, without a search of one's own.
    visitor.go(f"/pathways?near={FIRST}")
    page.get_by_role("button", name="Add to shortlist").first.click()
    follow(page, page.locator("#shortlist-link"))
    title = page.locator(".mine h2").inner_text()
    page.locator("summary", has_text="Add a note").click()
    page.locator("#note-1").fill("Ask for Sam")
    page.get_by_role("button", name="Save the note").click()
    expect(page.locator(".own-note")).to_have_text("Ask for Sam")
    link = page.locator("#hand-over .address").inner_text()
    page.goto(link)
    follow(page, page.get_by_role("link", name="My lists"))
    follow(page, page.get_by_role("link", name="Print it"))
    expect(page.locator(".paper-sheet")).to_contain_text("Ask for Sam")
    page.get_by_role("link", name="Make room for the next person").click()
    page.get_by_role("button", name="Forget it all").click()
    expect(page.get_by_role("heading", name="What is on your doorstep?")).to_be_visible()
    assert visitor.context.cookies() == []
    assert stored(page) == {}
    assert page.evaluate("caches.keys()") == []
    for _ in range(6):
        go_back(page)
        expect(page.get_by_role("heading", name="What is on your doorstep?")).to_be_visible()
        for secret in (title, "Ask for Sam", link, FIRST):
            expect(page.locator("body")).not_to_contain_text(secret)
    visitor.go("/shortlist")
    expect(page.locator("main")).to_contain_text("There is no list on this device.")


def test_starting_again_reaches_the_other_tabs(visitor: Visitor) -> None:
    visitor.go("/")
    search(visitor.page, FIRST)
    other = visitor.context.new_page()
    other.goto(f"{visitor.address}/start-again")
    other.get_by_role("button", name="Forget it all").click()
    expect(visitor.page.get_by_role("heading", name="What is on your doorstep?")).to_be_visible()
    # The browser may hang for ever if it is closed while it is still clearing.
    expect(other.get_by_role("heading", name="What is on your doorstep?")).to_be_visible()
    other.wait_for_load_state()


def test_starting_again_works_without_javascript(plain_visitor: Visitor) -> None:
    page = plain_visitor.page
    tick(plain_visitor)
    plain_visitor.go(f"/discover?near={FIRST}")
    page.get_by_role("button", name="Add to shortlist").first.click()
    expect(page.locator("#shortlist-link")).to_be_visible()
    page.get_by_role("link", name="Start again").click()
    assert plain_visitor.has_no_overflow()
    page.get_by_role("button", name="Forget it all").click()
    expect(page.get_by_role("heading", name="What is on your doorstep?")).to_be_visible()
    assert plain_visitor.context.cookies() == []
    plain_visitor.go("/progress")
    expect(page.locator("main")).to_contain_text("not ticked")
    page.go_back()
    page.go_back()
    plain_visitor.go("/shortlist")
    expect(page.locator("main")).to_contain_text("There is no list on this device.")


@pytest.mark.parametrize("path", ["/start-again", f"/discover?near={FIRST}&minutes=30", "/"])
def test_the_pages_hold_up_to_axe(visitor: Visitor, path: str) -> None:
    visitor.go(path)
    assert visitor.axe() == []
    assert visitor.has_no_overflow()
