"""Pathways and providers with a browser, on both databases."""

import re

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import DESKTOP, PHONE, Visitor, visit

PATHWAY = "/pathways/work-outdoors-with-nature"
PROVIDER = "/providers/plymouth-neighbourhood-learning"
NEAREST = ".steps .step .asked > .nearest .offer"


@pytest.fixture(params=["phone", "desktop"])
def viewport(request: pytest.FixtureRequest) -> dict[str, int]:
    return PHONE if request.param == "phone" else DESKTOP


def test_from_the_list_to_a_pathway_to_the_nearest_ways(visitor: Visitor) -> None:
    visitor.go("/pathways")
    visitor.page.locator(".pathway-card").filter(has_text="Work outdoors with nature").click()
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Work outdoors with nature")
    expect(visitor.page.locator(NEAREST)).to_have_count(0)
    visitor.page.get_by_label("Your postcode, or a town").fill("pl12aa")
    visitor.page.get_by_role("button", name="Search").click()
    visitor.page.wait_for_url(f"**{PATHWAY}?near=pl12aa")
    expect(visitor.page.locator(NEAREST).first).to_be_visible()
    visitor.page.locator(NEAREST).first.click()
    visitor.page.wait_for_url("**/opportunities/*?near=PL1")


def test_the_same_without_javascript(plain_visitor: Visitor) -> None:
    visitor = plain_visitor
    visitor.go(PATHWAY)
    expect(visitor.page.get_by_role("button", name="Use my location")).to_be_hidden()
    visitor.page.get_by_label("Your postcode, or a town").fill("pl12aa")
    visitor.page.get_by_label("Your postcode, or a town").press("Enter")
    visitor.page.wait_for_url(f"**{PATHWAY}?near=pl12aa")
    expect(visitor.page.locator(NEAREST).first).to_contain_text("mi away")
    visitor.page.get_by_role("link", name="Good Turn Volunteering Network").click()
    visitor.page.wait_for_url("**/providers/good-turn-network?near=PL1")
    expect(visitor.page.get_by_role("heading", name="Their pathways")).to_be_visible()


def test_a_step_can_be_read_in_one_look(visitor: Visitor) -> None:
    """Number, title and layer of a step stand together, whatever the width."""
    visitor.go(PATHWAY)
    step = visitor.page.locator("#step-2")
    step.scroll_into_view_if_needed()
    for part in (".tile", "h2", ".tags"):
        expect(step.locator(part)).to_be_in_viewport()
    tile, title = step.locator(".tile").bounding_box(), step.locator("h2").bounding_box()
    assert tile is not None
    assert title is not None
    assert tile["x"] + tile["width"] <= title["x"]
    assert abs(tile["y"] - title["y"]) < tile["height"]


def test_a_place_can_be_mended_and_used_from_the_phone(browser: Browser, address: str) -> None:
    spot = {"latitude": 50.37123456, "longitude": -4.14234567}
    with visit(browser, address, viewport=PHONE, geolocation=spot, permissions=["geolocation"]) as visitor:
        visitor.go(f"{PATHWAY}?near=ZZ9+9ZZ")
        expect(visitor.page.get_by_label("Your postcode, or a town")).to_have_attribute("aria-invalid", "true")
        visitor.page.get_by_role("button", name="Use my location").click()
        visitor.page.wait_for_url(f"**{PATHWAY}?near=50.371%2C-4.142")
        expect(visitor.page.locator(NEAREST).first).to_be_visible()


def test_every_link_is_reached_by_the_keyboard_in_the_order_of_the_page(visitor: Visitor) -> None:
    visitor.go(f"{PATHWAY}?near=PL1+2AA")
    visitor.page.get_by_role("link", name="All pathways").focus()
    controls = visitor.page.locator("main :is(a, button, input, summary):visible")
    wanted = controls.evaluate_all("all => all.map(each => each.outerHTML)")
    reached = []
    for _ in wanted:
        reached.append(visitor.page.evaluate("document.activeElement.outerHTML"))
        ring = visitor.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert ring == "solid" or len(reached) == 1
        visitor.page.keyboard.press("Tab")
    assert reached == wanted


def test_a_provider_shows_what_is_nearest(visitor: Visitor) -> None:
    visitor.go(PROVIDER)
    visitor.page.get_by_label("Your postcode, or a town").fill("PL4")
    visitor.page.get_by_label("Your postcode, or a town").press("Enter")
    visitor.page.wait_for_url(f"**{PROVIDER}?near=PL4")
    expect(visitor.page.get_by_role("heading", name="What they offer, nearest first")).to_be_visible()
    expect(visitor.page.locator(".card .plate").first).to_have_text(re.compile("away$"))


@pytest.mark.parametrize("javascript", [True, False])
def test_how_far_is_near_and_where_can_be_changed(
    browser: Browser, address: str, javascript: bool, viewport: dict[str, int]
) -> None:
    with visit(browser, address, viewport=viewport, java_script_enabled=javascript) as visitor:
        visitor.go("/pathways/into-digital-marketing?near=PL1+2AA")
        third = visitor.page.locator("#step-3")
        expect(third).to_contain_text("There is nothing within 50 miles of PL1 2AA.")
        visitor.page.get_by_role("link", name="5 miles", exact=True).click()
        expect(visitor.page.locator(".far[aria-current]")).to_contain_text("5")
        expect(third).to_contain_text("There is nothing within 5 miles of PL1 2AA.")
        visitor.page.locator("#step-2 summary").click()
        expect(visitor.page.locator("#step-2 .ways")).to_be_visible()
        visitor.page.get_by_label("Near", exact=True).fill("BN1 1AA")
        visitor.page.get_by_role("button", name="Search").click()
        expect(visitor.page.locator(".far[aria-current]")).to_contain_text("5")
        expect(visitor.page.locator("#step-1 .asked > .nearest")).to_contain_text("mi away")


def test_the_stops_of_a_pathway_can_be_seen_on_a_map_that_moves(visitor: Visitor) -> None:
    visitor.go(f"{PATHWAY}?near=PL1+2AA")
    drawn = visitor.page.locator(".stops-map")
    expect(drawn.locator("svg")).to_be_visible()
    expect(visitor.page.locator(".leaflet-container")).to_have_count(0)
    visitor.page.get_by_role("button", name="Show a map that you can move").click()
    expect(visitor.page.get_by_role("img", name="You are here: PL1 2AA")).to_be_attached()
    expect(visitor.page.locator(".leaflet-container")).to_be_visible()
    assert visitor.axe() == []


@pytest.mark.parametrize("javascript", [True, False])
def test_pathways_are_found_by_goal_words_and_what_one_likes(
    browser: Browser, address: str, javascript: bool, viewport: dict[str, int]
) -> None:
    cards = ".pathway-card h3"
    with visit(browser, address, viewport=viewport, java_script_enabled=javascript) as visitor:
        visitor.go("/pathways?near=PL1+2AA")
        visitor.page.get_by_role("link", name="An apprenticeship").click()
        expect(visitor.page.locator(cards).filter(has_text="Into digital marketing")).to_have_count(1)
        expect(visitor.page.locator(cards).filter(has_text="Cook for a living")).to_have_count(0)
        visitor.page.get_by_role("link", name="Everything").click()
        visitor.page.get_by_label("Words", exact=True).fill("cooking")
        visitor.page.get_by_role("button", name="Find pathways").click()
        expect(visitor.page.locator(cards)).to_have_text(["Cook for a living"])
        visitor.page.get_by_role("link", name="Show all pathways").click()
        visitor.page.get_by_text("What do you like?").click()
        visitor.page.get_by_label("Welding", exact=True).check()
        visitor.page.get_by_role("button", name="Put what fits first").click()
        expect(visitor.page.locator(".pathway-card .fits").first).to_have_text("Fits: Welding")
        visitor.page.locator(cards).first.click()
        expect(visitor.page.get_by_text("What fits your interests comes first: Welding.")).to_be_visible()


STATES = [
    "/pathways",
    "/pathways?page=2",
    "/pathways?near=PL1+2AA&like=photography&aim=job",
    "/pathways?q=nothing-like-this",
    f"{PATHWAY}?near=PL1+2AA&within=5&like=first-aid",
    PATHWAY,
    f"{PATHWAY}?near=PL1+2AA",
    f"{PATHWAY}?near=Newport",
    f"{PATHWAY}?near=ZZ9+9ZZ",
    "/pathways/into-film-production?near=KW1",
    PROVIDER,
    f"{PROVIDER}?near=PL1+2AA",
    "/providers/good-turn-network?near=Nowheresby",
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(browser: Browser, address: str, scheme: str, viewport: dict[str, int]) -> None:
    with visit(browser, address, viewport=viewport, color_scheme=scheme) as visitor:
        for path in STATES:
            visitor.go(path)
            assert visitor.axe() == [], path
            assert visitor.has_no_overflow(), path


SMALL = """
all => all.filter(each => each.offsetParent && !each.closest("h3, .what") && each.getBoundingClientRect().height < 44)
    .map(each => each.outerHTML)
"""


@pytest.mark.parametrize("path", [f"{PATHWAY}?near=PL1+2AA", f"{PATHWAY}?near=Newport", f"{PROVIDER}?near=Newport"])
def test_every_link_is_tall_enough_for_a_thumb(visitor: Visitor, path: str) -> None:
    """But for the title of a card, which is a link as large as the card."""
    visitor.go(path)
    links = visitor.page.locator("main a")
    expect(links).not_to_have_count(0)
    assert links.evaluate_all(SMALL) == []


def test_the_links_of_a_town_are_tall_enough_for_a_thumb(visitor: Visitor) -> None:
    visitor.go("/places/plymouth")
    expect(visitor.page.get_by_role("link", name="Open the map")).to_be_visible()
    assert visitor.page.locator(":is(.place-map, .tally) a").evaluate_all(SMALL) == []


def test_on_paper_the_steps_are_all_there_and_the_form_is_not(visitor: Visitor) -> None:
    visitor.go(f"{PATHWAY}?near=PL1+2AA")
    visitor.page.emulate_media(media="print")
    expect(visitor.page.get_by_label("Near", exact=True)).to_be_hidden()
    for title in visitor.page.locator(".steps h2").all():
        expect(title).to_be_visible()
    assert visitor.has_no_overflow()


def test_on_paper_a_card_stays_with_what_is_said_of_it(visitor: Visitor) -> None:
    visitor.go("/pathways/coach-a-sport?near=KW1")
    visitor.page.emulate_media(media="print")
    notes = visitor.page.locator(".steps .asked > .note", has_text="The nearest there is:")
    assert notes.count() > 0
    for note in notes.all():
        assert note.evaluate("note => getComputedStyle(note).breakAfter") == "avoid"
    cards = visitor.page.locator(NEAREST)
    assert set(cards.evaluate_all("all => all.map(each => getComputedStyle(each).breakInside)")) == {"avoid"}
