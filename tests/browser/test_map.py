"""The map in a browser: it and the list in step, the keyboard, fingers, hostile text, and doing without."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from playwright.sync_api import Browser, CDPSession, Dialog, Locator, Route, expect

from tests.browser.conftest import DESKTOP, PHONE, Visitor, visit
from tests.discover.test_map import HOSTILE, hostile  # noqa: F401  (a fixture)

PIN = ".pin-holder[role=button]"
MAP = "/discover/map?near=PL1+2AA"
TOUCHED = {
    "viewport": PHONE,
    "has_touch": True,
    "is_mobile": True,
    "user_agent": "Mozilla/5.0 (Linux; Android 13) Mobile",
}


@pytest.fixture
def desktop(browser: Browser, address: str) -> Iterator[Visitor]:
    with visit(browser, address, viewport=DESKTOP) as made:
        yield made


@pytest.fixture
def phone(browser: Browser, address: str) -> Iterator[Visitor]:
    with visit(browser, address, **TOUCHED) as made:
        yield made


def open_map(visitor: Visitor, path: str = MAP) -> Locator:
    """Go to a map and wait for its pins."""
    visitor.go(path)
    visitor.page.locator("#map_doorstep").scroll_into_view_if_needed()
    expect(visitor.page.locator(PIN).first).to_be_visible()
    return visitor.page.locator(PIN)


def numbers(told: str) -> list[int]:
    """The numbers of a pin, from its name: `Numbers 3–5, 9. …`."""
    found = re.match(r"Numbers? ([0-9–, ]+)\.", told)
    parts = [part.partition("–") for part in found[1].split(", ")] if found else []
    return [number for first, _, last in parts for number in range(int(first), int(last or first) + 1)]


def told(pins: Locator) -> list[str]:
    return [pin.get_attribute("aria-label") or "" for pin in pins.all()]


def state(visitor: Visitor) -> dict[str, Any]:
    """Where the map is, and how far the page is scrolled."""
    script = "({...map_doorstep.getCenter(), zoom: map_doorstep.getZoom(), y: scrollY})"
    found: dict[str, Any] = visitor.page.evaluate(script)
    return found


# In step


def test_the_pins_have_the_numbers_of_the_list(visitor: Visitor) -> None:
    pins = open_map(visitor)
    expect(visitor.page.locator("#map-said")).to_contain_text("on this part of the map")
    on_map = sorted(number for each in told(pins) for number in numbers(each))
    in_list = [int(text) for text in visitor.page.locator("#hits .number").all_inner_texts()]
    assert on_map == in_list == list(range(1, 21))
    assert visitor.tiles_asked > 0
    assert visitor.has_no_overflow()
    assert visitor.axe() == []


def test_a_card_lights_its_pin_and_a_pin_its_cards(desktop: Visitor) -> None:
    page = desktop.page
    pins = open_map(desktop)
    card, pin = page.locator("#item-7"), next(each for each in pins.all() if 7 in numbers(told(each)[0]))
    card.hover()
    expect(pin).to_have_class(re.compile(r"\blit\b"))
    page.locator("#found").hover()
    expect(pin).not_to_have_class(re.compile(r"\blit\b"))
    card.get_by_role("link").focus()
    expect(pin).to_have_class(re.compile(r"\blit\b"))
    page.locator("#near").focus()
    pin.hover()
    expect(card).to_have_class(re.compile(r"\blit\b"))
    page.locator("#found").hover()
    expect(card).not_to_have_class(re.compile(r"\blit\b"))
    pin.focus()
    expect(card).to_have_class(re.compile(r"\blit\b"))


def test_the_list_and_the_map_lead_to_each_other(visitor: Visitor) -> None:
    visitor.go("/discover?near=PL1+2AA&kind=course")
    visitor.page.get_by_role("link", name="View map").click()
    visitor.page.wait_for_url("**/discover/map?near=PL1+2AA&kind=course")
    visitor.page.get_by_role("link", name="View list").click()
    visitor.page.wait_for_url("**/discover?near=PL1+2AA&kind=course")


# By keyboard


def test_from_a_crowd_to_a_venue_and_back_by_keyboard_alone(visitor: Visitor) -> None:
    page = visitor.page
    open_map(visitor, f"{MAP}&kind=workshop&kind=course&kind=project&within=any")
    page.evaluate("map_doorstep.setView([54, -2.5], 6, {animate: false})")
    page.wait_for_function("() => document.querySelector('.map').dataset.drawn == map_doorstep.getZoom()")
    crowd = page.get_by_role("button", name=re.compile("^Numbers? .* places$")).first
    crowd.focus()
    popup = page.locator(".pin-popup")
    for _ in range(10):
        zoom = state(visitor)["zoom"]
        is_crowd = (page.evaluate("document.activeElement.ariaLabel") or "").endswith("places")
        page.keyboard.press("Enter")
        if not is_crowd:
            break
        page.wait_for_function("zoom => map_doorstep.getZoom() > zoom", arg=zoom)
        page.wait_for_function("() => document.querySelector('.map').dataset.drawn == map_doorstep.getZoom()")
        page.wait_for_function("() => document.activeElement.classList.contains('pin-holder')")
    expect(popup).to_be_visible()
    expect(popup.locator("li a").first).to_be_focused()
    assert visitor.axe() == []
    page.keyboard.press("Escape")
    expect(popup).to_have_count(0)
    expect(page.locator(f"{PIN}:focus")).to_have_count(1)


def test_arrows_move_the_map_and_tab_meets_only_what_is_in_sight(desktop: Visitor) -> None:
    page = desktop.page
    pins = open_map(desktop)
    page.locator("#map_doorstep").focus()
    before = state(desktop)
    page.keyboard.press("ArrowRight")
    page.wait_for_function("west => map_doorstep.getCenter().lng > west", arg=before["lng"])
    page.wait_for_function("() => !map_doorstep._panAnim || !map_doorstep._panAnim._inProgress")
    pins.first.focus()
    moved = state(desktop)
    page.keyboard.press("ArrowUp")
    page.wait_for_function("south => map_doorstep.getCenter().lat > south", arg=moved["lat"])
    page.evaluate("map_doorstep.setZoom(15, {animate: false})")
    page.wait_for_function("() => document.querySelector('.map').dataset.drawn == 15")
    inside = page.evaluate(
        "[...document.querySelectorAll('#map_doorstep [tabindex=\"0\"].pin-holder')].every((pin) => {"
        " const p = pin.getBoundingClientRect();"
        " const m = document.getElementById('map_doorstep').getBoundingClientRect();"
        " const tip = (p.left + p.right) / 2;"
        " return tip >= m.left - 1 && tip <= m.right + 1 && p.bottom >= m.top - 1 && p.bottom <= m.bottom + 1; })"
    )
    assert inside is True


# Searching what is shown


def test_searching_this_part_of_the_map_finds_what_is_in_it(visitor: Visitor) -> None:
    page = visitor.page
    open_map(visitor)
    search = page.get_by_text("Search this area")
    expect(search).to_be_hidden()
    page.evaluate("map_doorstep.setView([50.39, -4.09], 13, {animate: false})")
    expect(search).to_be_visible()
    assert visitor.axe() == []
    shown = page.evaluate("map_doorstep.getBounds().toBBoxString()")
    search.click()
    page.wait_for_url("**box=**")
    expect(page.locator("#found")).to_have_text("In this part of the map")
    box = [float(edge) for edge in parse_qs(urlsplit(unquote(page.url)).query)["box"][0].split(",")]
    west, south, east, north = (float(edge) for edge in shown.split(","))
    assert west <= box[0] < box[2] <= east
    assert south <= box[1] < box[3] <= north
    answer = page.request.get(f"{visitor.address}/api/v1/opportunities?box={','.join(map(str, box))}").json()
    titles = [feature["properties"]["title"] for feature in answer["features"]]
    assert page.locator("#hits h3 a").all_inner_texts() == titles
    page.locator("#map_doorstep").scroll_into_view_if_needed()
    expect(page.locator("path.reach")).to_have_count(1)
    expect(search).to_be_hidden()
    page.get_by_role("link", name="View list").click()
    page.wait_for_url("**/discover?*box=**")
    assert page.locator("#hits h3 a").all_inner_texts() == titles


# Fingers


def touch(session: CDPSession, kind: str, *points: tuple[float, float]) -> None:
    told = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": told})


def middle(visitor: Visitor) -> tuple[float, float]:
    box = visitor.page.locator("#map_doorstep").bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.8


def drag_up(visitor: Visitor, fingers: int) -> None:
    """Drag over the map by 120 pixels with some fingers."""
    x, y = middle(visitor)
    session = visitor.context.new_cdp_session(visitor.page)
    places = [(x + 60 * finger - 30, y) for finger in range(fingers)]
    touch(session, "touchStart", *places)
    for step in range(1, 13):
        touch(session, "touchMove", *((x, y - 10 * step) for x, y in places))
    touch(session, "touchEnd")


def test_one_finger_scrolls_the_page(phone: Visitor) -> None:
    open_map(phone)
    expect(phone.page.get_by_text("Use two fingers to move the map, or tap it first.")).to_be_visible()
    before = state(phone)
    drag_up(phone, fingers=1)
    phone.page.wait_for_function("y => scrollY > y + 50", arg=before["y"])
    scrolled = state(phone)
    assert (scrolled["lat"], scrolled["lng"]) == (before["lat"], before["lng"])


def test_two_fingers_move_the_map(phone: Visitor) -> None:
    open_map(phone)
    phone.page.locator("#map_doorstep").evaluate("map => map.scrollIntoView({block: 'center'})")
    at = state(phone)
    drag_up(phone, fingers=2)
    phone.page.wait_for_function("south => map_doorstep.getCenter().lat < south", arg=at["lat"])
    assert abs(state(phone)["y"] - at["y"]) < 5
    assert phone.axe() == []


def test_a_tap_lets_one_finger_move_the_map_until_it_is_let_go(phone: Visitor) -> None:
    page = phone.page
    open_map(phone)
    page.locator("#map_doorstep").evaluate("map => map.scrollIntoView({block: 'center'})")
    x, y = middle(phone)
    page.touchscreen.tap(x - 80, y)
    done = page.get_by_role("button", name="Done")
    expect(done).to_be_visible()
    expect(page.get_by_text("The map moves with one finger now.")).to_be_visible()
    assert phone.axe() == []
    before = state(phone)
    drag_up(phone, fingers=1)
    page.wait_for_function("south => map_doorstep.getCenter().lat < south", arg=before["lat"])
    assert abs(state(phone)["y"] - before["y"]) < 5
    done.tap()
    expect(done).to_be_hidden()
    held = state(phone)
    drag_up(phone, fingers=1)
    page.wait_for_function("y => scrollY > y + 50", arg=held["y"])


def test_the_wheel_scrolls_the_page_until_the_map_is_clicked(desktop: Visitor) -> None:
    page = desktop.page
    open_map(desktop)
    x, y = middle(desktop)
    before = state(desktop)
    page.mouse.move(x, y)
    page.mouse.wheel(0, 200)
    page.wait_for_function("y => scrollY > y", arg=before["y"])
    assert state(desktop)["zoom"] == before["zoom"]


# Doing without


def test_without_javascript_the_drawn_map_stands_in_its_place(plain_visitor: Visitor) -> None:
    plain_visitor.go(MAP)
    expect(plain_visitor.page.locator(".rings svg")).to_be_visible()
    expect(plain_visitor.page.locator(".rings .town-name").first).to_be_visible()
    expect(plain_visitor.page.locator(".map-frame")).to_be_hidden()
    assert plain_visitor.page.locator("#hits > li").count() == 20
    assert plain_visitor.has_no_overflow()


def test_on_paper_the_drawn_map_stands_in_its_place(desktop: Visitor) -> None:
    open_map(desktop)
    expect(desktop.page.locator(".rings")).to_be_hidden()
    desktop.page.emulate_media(media="print")
    expect(desktop.page.locator(".rings svg")).to_be_visible()
    expect(desktop.page.locator(".map-frame")).to_be_hidden()
    white = "rgb(255, 255, 255)"
    fills = desktop.page.locator(".rings .ring-pin").evaluate_all("pins => pins.map(pin => getComputedStyle(pin).fill)")
    assert set(fills) == {white}
    assert desktop.page.pdf(format="A4").startswith(b"%PDF")
    assert desktop.axe() == []


def test_if_tiles_fail_a_line_says_so_and_all_else_remains(visitor: Visitor) -> None:
    visitor.tiles_work = False
    visitor.forgiven = ("ERR_FAILED",)
    open_map(visitor, "/discover/map?near=LS1+4DY&within=1")
    page = visitor.page
    expect(page.get_by_text("The background of the map cannot be fetched just now.")).to_be_visible()
    expect(page.locator(".town-label").first).to_be_visible()
    expect(page.locator("path.reach")).to_have_count(1)
    expect(page.locator("path.here-about")).to_have_count(1)
    assert page.locator("#hits > li").count() > 0
    assert visitor.axe() == []


def test_if_the_pins_do_not_come_those_of_the_list_are_shown(desktop: Visitor) -> None:
    desktop.forgiven = ("ERR_FAILED",)
    desktop.context.route("**/discover/pins?*", lambda route: route.abort())
    pins = open_map(desktop)
    expect(desktop.page.get_by_text("We could not fetch all that is here.")).to_be_visible()
    assert sorted(number for each in told(pins) for number in numbers(each)) == list(range(1, 21))
    assert desktop.axe() == []


def test_if_leaflet_does_not_come_the_drawn_map_does(desktop: Visitor) -> None:
    desktop.forgiven = ("ERR_FAILED",)
    desktop.context.route("**/vendor/leaflet.js*", lambda route: route.abort())
    desktop.go(MAP)
    expect(desktop.page.locator(".rings svg")).to_be_visible()
    expect(desktop.page.locator(".map-frame")).to_be_hidden()
    assert desktop.axe() == []


def test_leaflet_is_fetched_only_once_a_map_is_in_sight_or_asked_for(browser: Browser, address: str) -> None:
    with visit(browser, address, viewport={"width": 360, "height": 240}) as visitor:
        asked: list[str] = []

        def note(route: Route) -> None:
            asked.append(route.request.url)
            route.fallback()

        visitor.context.route("**/vendor/leaflet*", note)
        visitor.page.goto(address + MAP, wait_until="networkidle")
        assert asked == []
        visitor.page.locator("#map_doorstep").scroll_into_view_if_needed()
        expect(visitor.page.locator(PIN).first).to_be_visible()
        assert len(asked) == 2
        visitor.page.goto(address + "/places/plymouth", wait_until="networkidle")
        assert len(asked) == 2
        expect(visitor.page.locator(".rings svg")).to_be_visible()
        visitor.page.get_by_role("button", name="Show a map that you can move").click()
        expect(visitor.page.locator(PIN).first).to_be_visible()
        expect(visitor.page.locator(".rings svg")).to_be_hidden()
        assert visitor.axe() == []


@pytest.mark.usefixtures("hostile")
def test_hostile_text_runs_nothing_and_is_shown_as_written(visitor: Visitor) -> None:
    def ran(dialog: Dialog) -> None:
        visitor.complaints.append(f"ran: {dialog.message}")
        dialog.dismiss()

    page = visitor.page
    page.on("dialog", ran)
    for path in ("/discover?near=PL1+2AA&sort=distance", MAP):
        visitor.go(path)
        expect(page.locator("#hits h3 a", has_text=HOSTILE)).to_have_count(1)
    page.locator("#hits h3 a", has_text=HOSTILE).click()
    expect(page.locator("h1")).to_have_text(HOSTILE)
    open_map(visitor)
    page.evaluate(
        "const {stops} = JSON.parse(document.getElementById('map_doorstep').dataset.shows);"
        "const {latitude, longitude} = stops.find((stop) => stop.name.includes('onerror'));"
        "map_doorstep.setView([latitude, longitude], 18, {animate: false}); null"
    )
    pin = page.locator(f'{PIN}[aria-label*="onerror"]')
    expect(pin).to_have_count(1)
    pin.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".pin-venue")).to_have_text(HOSTILE)
    expect(page.locator(".pin-popup li a", has_text=HOSTILE)).to_have_count(1)
    assert visitor.axe() == []
    assert page.locator("main img:not(.leaflet-tile)").count() == 0
