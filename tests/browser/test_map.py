"""The map in a browser: its pins, the keyboard, hostile text, and doing without."""

import pytest
from playwright.sync_api import Browser, Dialog, expect

from tests.browser.conftest import DESKTOP, PHONE, Visitor, visit
from tests.discover.test_map import HOSTILE, hostile  # noqa: F401  (a fixture)

PIN = ".pin-holder .pin"
MAP = "/discover/map?near=PL1+2AA"


def test_the_pins_have_the_numbers_of_the_list(visitor: Visitor) -> None:
    visitor.go(MAP)
    expect(visitor.page.locator(PIN).first).to_be_visible()
    on_map: list[int] = []
    for label in visitor.page.locator(PIN).all_inner_texts():
        for part in label.split(", "):
            first, _, last = part.partition("–")
            on_map += range(int(first), int(last or first) + 1)
    in_list = [int(text) for text in visitor.page.locator("#hits .number").all_inner_texts()]
    assert sorted(on_map) == in_list == list(range(1, 21))
    assert visitor.tiles_asked > 0
    assert visitor.has_no_overflow()


def test_a_pin_opens_leads_to_its_cards_and_closes_by_keyboard(visitor: Visitor) -> None:
    visitor.go(MAP)
    holder = visitor.page.get_by_role("button", name="miles away").first
    holder.focus()
    visitor.page.keyboard.press("Enter")
    popup = visitor.page.locator(".pin-popup")
    expect(popup).to_be_visible()
    assert visitor.axe() == []
    expect(popup.locator("li a").first).to_be_focused()
    visitor.page.keyboard.press("Escape")
    expect(popup).to_have_count(0)
    expect(holder).to_be_focused()


def test_the_list_and_the_map_lead_to_each_other(visitor: Visitor) -> None:
    visitor.go("/discover?near=PL1+2AA&kind=course")
    visitor.page.get_by_role("link", name="View map").click()
    visitor.page.wait_for_url("**/discover/map?near=PL1+2AA&kind=course")
    visitor.page.get_by_role("link", name="View list").click()
    visitor.page.wait_for_url("**/discover?near=PL1+2AA&kind=course")


def test_without_javascript_the_rings_stand_in_its_place(plain_visitor: Visitor) -> None:
    plain_visitor.go(MAP)
    expect(plain_visitor.page.locator(".rings svg")).to_be_visible()
    expect(plain_visitor.page.locator("#map_doorstep")).to_be_hidden()
    assert plain_visitor.page.locator("#hits > li").count() == 20


def test_with_javascript_the_rings_are_for_paper(visitor: Visitor) -> None:
    visitor.go(MAP)
    expect(visitor.page.locator(".rings")).to_be_hidden()
    visitor.page.emulate_media(media="print")
    expect(visitor.page.locator(".rings svg")).to_be_visible()
    expect(visitor.page.locator("#map_doorstep")).to_be_hidden()


def test_if_tiles_fail_pins_and_list_remain(browser: Browser, address: str) -> None:
    with visit(browser, address, viewport=DESKTOP) as visitor:
        visitor.tiles_work = False
        visitor.forgiven = ("ERR_FAILED",)
        visitor.go(MAP)
        expect(visitor.page.locator(PIN).first).to_be_visible()
        assert visitor.page.locator("#hits > li").count() == 20


def test_one_finger_scrolls_the_page_over_the_map(browser: Browser, address: str) -> None:
    phone = {
        "viewport": PHONE,
        "has_touch": True,
        "is_mobile": True,
        "user_agent": "Mozilla/5.0 (Linux; Android 13) Mobile",
    }
    with visit(browser, address, **phone) as visitor:
        visitor.go(MAP)
        expect(visitor.page.locator(PIN).first).to_be_visible()
        assert visitor.page.evaluate("map_doorstep.dragging.enabled()") is False
        touch = visitor.page.evaluate("getComputedStyle(document.getElementById('map_doorstep')).touchAction")
        assert "pan-y" in touch or touch == "auto"


@pytest.mark.usefixtures("hostile")
def test_hostile_text_runs_nothing_and_is_shown_as_written(visitor: Visitor) -> None:
    def ran(dialog: Dialog) -> None:
        visitor.complaints.append(f"ran: {dialog.message}")
        dialog.dismiss()

    visitor.page.on("dialog", ran)
    for path in ("/discover?near=PL1+2AA&sort=distance", MAP):
        visitor.go(path)
        expect(visitor.page.locator("#hits h3 a", has_text=HOSTILE)).to_have_count(1)
    visitor.page.get_by_role("button", name="onerror").first.focus()
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.locator(".pin-venue")).to_have_text(HOSTILE)
    assert visitor.page.locator("main img:not(.leaflet-tile)").count() == 0
