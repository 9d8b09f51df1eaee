"""One opportunity in a real browser: passing it on, the way there, the calendar, and how it looks."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import DESKTOP, PHONE, Visitor, visit

ANDROID = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0"
SHARED = "window.shared = null; navigator.share = (what) => { window.shared = what; return Promise.resolve(); };"
REFUSED = "navigator.clipboard.writeText = () => Promise.reject(new Error('no')); document.execCommand = () => false;"


def open_one(visitor: Visitor, near: str = "?near=PL1+2AA") -> str:
    """Go to a workshop near PL1 2AA; gives its path."""
    visitor.go("/discover?near=PL1+2AA&kind=workshop")
    link = visitor.page.locator("main h3 a").first.get_attribute("href") or ""
    path = link.split("?")[0]
    visitor.go(path + near)
    return path


def test_the_link_is_copied_and_said_to_be(visitor: Visitor) -> None:
    visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    path = open_one(visitor)
    visitor.page.get_by_role("button", name="Copy link").click()
    expect(visitor.page.locator(".share [role=status]")).to_have_text("Copied.")
    assert visitor.page.evaluate("navigator.clipboard.readText()") == visitor.address + path


def test_where_copying_fails_it_says_what_to_do(visitor: Visitor) -> None:
    open_one(visitor)
    visitor.page.evaluate(REFUSED)
    visitor.page.get_by_role("button", name="Copy link").click()
    expect(visitor.page.locator(".share [role=status]")).to_contain_text("We could not copy it.")


def test_a_phone_shares_by_its_own_sheet(browser: Browser, address: str) -> None:
    with visit(browser, address, viewport=PHONE) as visitor:
        visitor.context.add_init_script(SHARED)
        path = open_one(visitor)
        visitor.page.get_by_role("button", name="Share", exact=True).click()
        shared = visitor.page.evaluate("window.shared")
        assert shared["url"] == address + path
        assert shared["title"] == visitor.page.locator("h1").inner_text()


def test_an_android_phone_opens_its_map_app(browser: Browser, address: str) -> None:
    with visit(browser, address, viewport=PHONE, user_agent=ANDROID) as visitor:
        open_one(visitor)
        way = visitor.page.get_by_role("link", name=re.compile("Open in your map app")).first
        assert (way.get_attribute("href") or "").startswith("geo:50.")


def test_other_phones_are_not_offered_what_may_do_nothing(visitor: Visitor) -> None:
    open_one(visitor)
    expect(visitor.page.locator("[data-geo]").first).to_be_hidden()


def test_without_a_script_there_are_links_and_the_address(plain_visitor: Visitor) -> None:
    path = open_one(plain_visitor)
    page = plain_visitor.page
    assert page.get_by_role("button", name="Copy link").count() == 0
    for name in ("WhatsApp", "LinkedIn", "E-mail"):
        expect(page.get_by_role("link", name=name)).to_be_visible()
    expect(page.locator(".share .address")).to_have_text(plain_visitor.address + path)
    page.locator("summary", has_text="Directions").first.click()
    expect(page.get_by_role("link", name="OpenStreetMap").first).to_be_visible()


def test_the_calendar_is_a_file_to_keep(plain_visitor: Visitor) -> None:
    open_one(plain_visitor)
    with plain_visitor.page.expect_download() as waiting:
        plain_visitor.page.get_by_role("link", name="Add to your calendar").click()
    saved = waiting.value
    assert saved.suggested_filename.endswith(".ics")
    assert Path(saved.path()).read_text(encoding="utf-8").startswith("BEGIN:VCALENDAR")


def test_asking_how_far_it_is_answers_on_the_page(plain_visitor: Visitor) -> None:
    open_one(plain_visitor, near="")
    plain_visitor.page.get_by_label("How far is it from you?").fill("PL4 8AA")
    plain_visitor.page.get_by_role("button", name="Show", exact=True).click()
    expect(plain_visitor.page.locator(".venues").first).to_contain_text("from PL4")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("near", ["", "?near=PL1+2AA", "?near=nowhere+at+all"])
def test_anyone_can_use_it(browser: Browser, address: str, viewport: dict[str, int], scheme: str, near: str) -> None:
    with visit(browser, address, viewport=viewport, color_scheme=scheme) as visitor:
        open_one(visitor, near)
        assert visitor.has_no_overflow()
        assert visitor.axe() == []


def test_what_can_be_pressed_is_large_enough(visitor: Visitor) -> None:
    open_one(visitor)
    targets = visitor.page.locator(".opportunity .action:visible, .opportunity .button:visible, .by a, .memberships a")
    heights = targets.evaluate_all("all => all.map((each) => [each.innerText, each.getBoundingClientRect().height])")
    assert heights
    assert [name for name, height in heights if height < 44] == []


def test_on_paper_it_is_one_sheet_with_the_address_to_go_to(browser: Browser, address: str) -> None:
    with visit(browser, address) as visitor:
        open_one(visitor)
        sheets = re.findall(rb"/Type\s*/Page\b", visitor.page.pdf(format="A4"))
        assert len(sheets) == 1
        visitor.page.emulate_media(media="print")
        shown = visitor.page.locator(".join .button").evaluate("it => getComputedStyle(it, '::after').content")
        assert "https://" in shown
        expect(visitor.page.locator(".share")).to_be_hidden()
