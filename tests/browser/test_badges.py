"""Badges with a browser, on both databases."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import DESKTOP, PHONE, Visitor, visit

BADGE = "/badges/passed-it-on"
NEAREST = ".where-earned .near .card"


def find_and_follow(visitor: Visitor) -> None:
    """From all badges to one, to the nearest place to earn it, and back from there to the badge."""
    visitor.go("/badges")
    visitor.page.get_by_role("link", name="Passed it on").click()
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Passed it on")
    expect(visitor.page.locator(NEAREST)).to_have_count(0)
    visitor.page.get_by_label("Your postcode, or a town").fill("ls14dt")
    visitor.page.get_by_role("button", name="Search").click()
    visitor.page.wait_for_url(f"**{BADGE}?near=ls14dt")
    expect(visitor.page.locator(NEAREST).first).to_contain_text("mi away")
    visitor.page.locator(NEAREST).first.locator("h3 a").click()
    visitor.page.wait_for_url("**/opportunities/*?near=LS1")
    expect(visitor.page.get_by_role("heading", name="Where can this take me?")).to_be_visible()
    visitor.page.locator(".badges").get_by_role("link", name="Passed it on").click()
    visitor.page.wait_for_url(f"**{BADGE}?near=LS1")


def test_a_badge_is_found_and_where_to_earn_it(visitor: Visitor) -> None:
    find_and_follow(visitor)


def test_the_same_without_javascript(plain_visitor: Visitor) -> None:
    find_and_follow(plain_visitor)
    expect(plain_visitor.page.get_by_role("button", name="Use my location")).to_be_hidden()


def test_it_leads_on_to_a_pathway_and_back(plain_visitor: Visitor) -> None:
    visitor = plain_visitor
    visitor.go("/badges/first-aid-basics?near=PL1+2AA")
    visitor.page.locator(".memberships").get_by_role("link", name="Coach a sport").click()
    visitor.page.wait_for_url("**/pathways/coach-a-sport?near=PL1")
    step = visitor.page.locator(".step").filter(has_text="Badge: First aid basics")
    step.locator("summary").click()
    step.get_by_role("link", name="Badge: First aid basics").click()
    visitor.page.wait_for_url("**/badges/first-aid-basics?near=PL1")


STATES = [
    "/badges",
    "/badges?page=2",
    BADGE,
    f"{BADGE}?near=LS1+4DT",
    f"{BADGE}?near=Newport",
    f"{BADGE}?near=ZZ9+9ZZ",
    "/badges/first-aid-basics?near=KW1",
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_axe_finds_nothing(browser: Browser, address: str, scheme: str, viewport: dict[str, int]) -> None:
    with visit(browser, address, viewport=viewport, color_scheme=scheme) as visitor:
        for path in STATES:
            visitor.go(path)
            assert visitor.axe() == [], path
            assert visitor.has_no_overflow(), path


def test_what_can_be_pressed_is_large_enough(visitor: Visitor) -> None:
    """But for the title of a card, which is a link as large as the card."""
    for path in ("/badges", f"{BADGE}?near=Newport"):
        visitor.go(path)
        targets = visitor.page.locator("main :is(a, button, summary):visible:not(h3 a)")
        expect(targets.first).to_be_visible()
        heights = targets.evaluate_all(
            "all => all.map((each) => [each.innerText, each.getBoundingClientRect().height])"
        )
        assert [name for name, height in heights if height < 44] == []


def test_on_paper_is_all_but_the_form(visitor: Visitor) -> None:
    visitor.go(f"{BADGE}?near=LS1+4DT")
    visitor.page.emulate_media(media="print")
    expect(visitor.page.get_by_label("Near", exact=True)).to_be_hidden()
    expect(visitor.page.locator(".rosette").first).to_be_visible()
    expect(visitor.page.locator(NEAREST).first).to_be_visible()
    expect(visitor.page.get_by_role("heading", name="Where can this take me?")).to_be_visible()
    assert visitor.has_no_overflow()
