"""Asking and being answered, with a browser, on both databases."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import PHONE, Visitor, visit

HITS = "#hits > li"


def numbers(visitor: Visitor) -> list[str]:
    return visitor.page.locator(f"{HITS} .number").all_inner_texts()


def test_a_postcode_gets_the_nearest(visitor: Visitor) -> None:
    visitor.go("/")
    visitor.page.get_by_label("Your postcode").fill("pl12aa")
    visitor.page.get_by_role("button", name="Search").click()
    expect(visitor.page.get_by_role("heading", name="Nearest to PL1 2AA")).to_be_visible()
    assert visitor.page.locator(HITS).count() == 20
    assert visitor.has_no_overflow()


def test_the_same_without_javascript(plain_visitor: Visitor) -> None:
    visitor = plain_visitor
    visitor.go("/")
    expect(visitor.page.get_by_role("button", name="Use my location")).to_be_hidden()
    visitor.page.get_by_label("Your postcode").fill("pl12aa")
    visitor.page.get_by_role("button", name="Search").click()
    visitor.page.get_by_role("link", name="Jobs", exact=True).click()
    expect(visitor.page).to_have_url(f"{visitor.address}/discover?near=pl12aa&kind=job")
    visitor.page.get_by_role("link", name="Everything").click()
    visitor.page.get_by_role("link", name="any", exact=True).click()
    visitor.page.get_by_role("link", name="Show more").click()
    assert numbers(visitor) == [str(number) for number in range(21, 41)]
    visitor.page.get_by_role("link", name="Nearer ones").click()
    assert numbers(visitor)[0] == "1"


def test_a_chip_narrows_in_place_and_the_address_follows(visitor: Visitor) -> None:
    visitor.go("/discover?near=PL1+2AA")
    visitor.page.evaluate("window.sameDocument = true")
    visitor.page.get_by_role("link", name="Workshops").click()
    expect(visitor.page).to_have_url(f"{visitor.address}/discover?near=PL1+2AA&kind=workshop")
    expect(visitor.page.locator("#chip-workshop")).to_have_attribute("aria-current", "true")
    # The focus stays on what was chosen, though htmx has put new elements in place.
    expect(visitor.page.locator("#chip-workshop")).to_be_focused()
    assert visitor.page.evaluate("window.sameDocument") is True
    assert set(visitor.page.locator(f"{HITS} .tag:first-child").all_inner_texts()) == {"Workshop"}


def test_back_and_forward_through_chips(visitor: Visitor) -> None:
    visitor.go("/discover?near=PL1+2AA")
    for name in ("Events", "Jobs"):
        visitor.page.get_by_role("link", name=name, exact=True).click()
        visitor.page.wait_for_url(f"**{name.lower()[:-1]}")
    visitor.page.go_back()
    expect(visitor.page.locator(".chip[aria-current]")).to_have_text(["Events"])
    expect(visitor.page.locator(".masthead")).to_have_count(1)
    visitor.page.go_back()
    expect(visitor.page.locator(".chip[aria-current]")).to_have_text(["Everything"])
    visitor.page.go_forward()
    expect(visitor.page.locator(".chip[aria-current]")).to_have_text(["Events"])


def test_show_more_adds_to_the_list(visitor: Visitor) -> None:
    visitor.go("/discover?near=PL1+2AA&within=any")
    visitor.page.get_by_role("link", name="Show more").click()
    expect(visitor.page.locator(HITS)).to_have_count(40)
    visitor.page.get_by_role("link", name="Show more").click()
    expect(visitor.page.locator(HITS)).to_have_count(60)
    assert numbers(visitor) == [str(number) for number in range(1, 61)]


def test_changing_the_place_keeps_the_kind(visitor: Visitor) -> None:
    visitor.go("/discover?near=PL1+2AA&kind=course")
    visitor.page.get_by_label("Near").fill("Leeds")
    visitor.page.get_by_label("Near").press("Enter")
    expect(visitor.page.get_by_role("heading", name="Courses near Leeds")).to_be_visible()
    expect(visitor.page.locator(".chip[aria-current]")).to_have_text(["Courses"])


def test_a_card_leads_to_its_page_and_back(visitor: Visitor) -> None:
    visitor.go("/discover?near=PL1+2AA&kind=course")
    title = visitor.page.locator(f"{HITS} h3 a").first.inner_text()
    visitor.page.locator(HITS).first.click()
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text(title)
    assert visitor.has_no_overflow()
    visitor.page.go_back()
    expect(visitor.page.locator(".chip[aria-current]")).to_have_text(["Courses"])


def test_a_kind_that_was_tapped_is_kept_by_a_new_search_and_one_taken_off_is_not(visitor: Visitor) -> None:
    visitor.go("/discover?near=PL1+2AA")
    visitor.page.get_by_role("link", name="Jobs", exact=True).click()
    visitor.page.wait_for_url("**kind=job")
    visitor.page.get_by_label("Near").fill("LS1")
    visitor.page.get_by_label("Near").press("Enter")
    visitor.page.wait_for_url("**/discover?near=LS1&kind=job")
    visitor.page.get_by_role("link", name="Everything").click()
    visitor.page.wait_for_url("**/discover?near=LS1")
    visitor.page.get_by_label("Near").fill("Leeds")
    visitor.page.get_by_label("Near").press("Enter")
    visitor.page.wait_for_url("**/discover?near=Leeds")


def test_the_chosen_chip_is_in_sight(visitor: Visitor) -> None:
    visitor.go("/discover?near=PL1+2AA")
    visitor.page.get_by_role("link", name="Jobs", exact=True).click()
    visitor.page.wait_for_url("**kind=job")
    expect(visitor.page.locator("#chip-job")).to_be_in_viewport(ratio=0.99)
    visitor.go("/discover?near=PL1+2AA&kind=information")
    expect(visitor.page.locator("#chip-information")).to_be_in_viewport(ratio=0.99)


def test_show_more_moves_the_focus_to_the_first_new_one_and_says_so(visitor: Visitor) -> None:
    visitor.go("/discover?near=PL1+2AA&within=any")
    visitor.page.get_by_role("link", name="Show more").focus()
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.locator("#item-21 a")).to_be_focused()
    expect(visitor.page.locator("#announcement")).to_have_text("Nearest to PL1 2AA: showing up to number 40.")


def test_a_request_that_fails_falls_back_to_the_plain_link(visitor: Visitor) -> None:
    visitor.go("/discover?near=PL1+2AA")
    visitor.forgiven = ("htmx:",)
    # As in a tunnel: the request goes nowhere.
    visitor.page.evaluate(
        "XMLHttpRequest.prototype.send = function () {"
        "  setTimeout(() => this.dispatchEvent(new ProgressEvent('error')));"
        "}"
    )
    visitor.page.get_by_role("link", name="Jobs", exact=True).click()
    expect(visitor.page.locator(".chip[aria-current]")).to_have_text(["Jobs"])


def test_a_slip_is_said_and_can_be_mended(visitor: Visitor) -> None:
    visitor.go("/discover?near=ZZ9+9ZZ&kind=job")
    box = visitor.page.get_by_label("Your postcode, or a town")
    expect(box).to_have_attribute("aria-invalid", "true")
    expect(visitor.page.locator("#near-problem")).to_contain_text("We do not know the postcode")
    box.fill("PL1 2AA")
    box.press("Enter")
    expect(visitor.page.locator(".chip[aria-current]")).to_have_text(["Jobs"])


def test_use_my_location_sends_about_a_hundred_metres(browser: Browser, address: str) -> None:
    spot = {"latitude": 50.37123456, "longitude": -4.14234567}
    with visit(browser, address, viewport=PHONE, geolocation=spot, permissions=["geolocation"]) as visitor:
        visitor.go("/")
        visitor.page.get_by_role("button", name="Use my location").click()
        visitor.page.wait_for_url("**/discover?near=50.371%2C-4.142")
        expect(visitor.page.get_by_role("heading", name="Nearest to you, around PL1")).to_be_visible()


def test_a_refused_location_leaves_the_box_usable(browser: Browser, address: str) -> None:
    with visit(browser, address, viewport=PHONE, permissions=[]) as visitor:
        visitor.go("/")
        visitor.page.get_by_role("button", name="Use my location").click()
        expect(visitor.page.get_by_text("Your browser did not let us see where you are")).to_be_visible()
        expect(visitor.page.get_by_label("Your postcode")).to_be_focused()


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        ("Object.defineProperty(window, 'isSecureContext', {value: false})", "only over a secure connection (https)"),
        ("navigator.geolocation.getCurrentPosition = (found, failed) => failed({code: 3})", "took too long"),
        (
            "navigator.geolocation.getCurrentPosition = (found, failed) => failed({code: 2})",
            "could not find where you are",
        ),
    ],
)
def test_a_location_that_cannot_be_had_says_why(browser: Browser, address: str, script: str, sentence: str) -> None:
    with visit(browser, address, viewport=PHONE) as visitor:
        visitor.context.add_init_script(script)
        visitor.go("/")
        visitor.page.get_by_role("button", name="Use my location").click()
        expect(visitor.page.get_by_text(sentence)).to_be_visible()
        expect(visitor.page.get_by_label("Your postcode")).to_be_focused()
        visitor.page.keyboard.type("PL1 2AA")
        visitor.page.keyboard.press("Enter")
        expect(visitor.page.get_by_role("heading", name="Nearest to PL1 2AA")).to_be_visible()


STATES = [
    "/",
    "/discover",
    "/discover?near=PL1+2AA",
    "/discover?near=PL1+2AA&kind=job",
    "/discover?near=PL1+2AA&within=0.01",
    "/discover?near=Newport",
    "/discover?near=Nowheresby",
    "/discover/map?near=PL1+2AA",
    "/nothing-here",
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", ["phone", "desktop"])
def test_axe_finds_nothing(browser: Browser, address: str, scheme: str, viewport: str) -> None:
    size = PHONE if viewport == "phone" else {"width": 1280, "height": 900}
    with visit(browser, address, viewport=size, color_scheme=scheme) as visitor:
        visitor.forgiven = ("404",)
        for path in STATES:
            visitor.go(path)
            assert visitor.axe() == [], path
            assert visitor.has_no_overflow(), path
        visitor.go("/discover?near=PL1+2AA")
        visitor.page.locator(f"{HITS} h3 a").first.click()
        visitor.page.wait_for_url("**/opportunities/**")
        assert visitor.axe() == []
