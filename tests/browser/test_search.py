"""Asking and being answered, with a browser, on both databases."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import DESKTOP, PHONE, Visitor, visit

HITS = "#hits > li"


def numbers(visitor: Visitor) -> list[str]:
    return visitor.page.locator(f"{HITS} .number").all_inner_texts()


def test_a_postcode_gets_the_nearest(visitor: Visitor) -> None:
    visitor.go("/")
    visitor.page.get_by_label("Your postcode").fill("pl12aa")
    visitor.page.get_by_role("button", name="Search").click()
    expect(visitor.page.get_by_role("heading", name="Near PL1 2AA")).to_be_visible()
    expect(visitor.page.locator(".shelf")).to_have_count(6)
    assert visitor.has_no_overflow()


def test_the_same_without_javascript(plain_visitor: Visitor) -> None:
    visitor = plain_visitor
    visitor.go("/")
    expect(visitor.page.get_by_role("button", name="Use my location")).to_be_hidden()
    visitor.page.get_by_label("Your postcode").fill("pl12aa")
    visitor.page.get_by_role("button", name="Search").click()
    visitor.page.locator("#chip-job").click()
    expect(visitor.page).to_have_url(f"{visitor.address}/discover?near=pl12aa&kind=job")
    visitor.page.get_by_role("link", name="Everything").click()
    visitor.page.locator("#within-any").click()
    visitor.page.get_by_role("link", name="in order of distance").click()
    visitor.page.get_by_role("link", name="Show more").click()
    expect(visitor.page.locator(f"{HITS} .number")).to_have_text([str(number) for number in range(21, 41)])
    visitor.page.get_by_role("link", name="Nearer ones").click()
    expect(visitor.page.locator(f"{HITS} .number").first).to_have_text("1")


def test_a_chip_narrows_in_place_and_the_address_follows(visitor: Visitor) -> None:
    visitor.go("/discover?near=PL1+2AA")
    visitor.page.evaluate("window.sameDocument = true")
    visitor.page.locator("#chip-workshop").click()
    expect(visitor.page).to_have_url(f"{visitor.address}/discover?near=PL1+2AA&kind=workshop")
    expect(visitor.page.locator("#chip-workshop")).to_have_attribute("aria-current", "true")
    # The focus stays on what was chosen, though htmx has put new elements in place.
    expect(visitor.page.locator("#chip-workshop")).to_be_focused()
    assert visitor.page.evaluate("window.sameDocument") is True
    hits = visitor.page.locator(HITS)
    expect(hits).not_to_have_count(0)
    expect(hits.filter(has_not=visitor.page.locator(".tag:first-child", has_text="Workshop"))).to_have_count(0)


def test_who_goes_back_again_before_the_scripts_run_sees_what_the_address_says(visitor: Visitor) -> None:
    before_scripts = """
        const [loaded] = performance.getEntriesByType("navigation");
        if (loaded.type === "reload" && !sessionStorage.getItem("gone-back")) {
            sessionStorage.setItem("gone-back", "yes");
            history.replaceState(null, "", "/discover?near=PL1+2AA&kind=job");
        }
    """
    visitor.page.add_init_script(before_scripts)
    visitor.go("/discover?near=PL1+2AA&kind=event")
    expect(visitor.page.locator(".bar h2")).to_have_text("Events near PL1 2AA")
    visitor.page.reload()
    expect(visitor.page.locator(".bar h2")).to_have_text("Jobs near PL1 2AA")
    expect(visitor.page).to_have_url(f"{visitor.address}/discover?near=PL1+2AA&kind=job")


def test_back_and_forward_through_five_states(visitor: Visitor) -> None:
    visitor.go("/discover?near=PL1+2AA")
    page = visitor.page
    states = ["/discover?near=PL1+2AA"]

    def follow(selector: str) -> None:
        page.locator(selector).first.click()
        page.wait_for_function("before => location.pathname + location.search !== before", arg=states[-1])
        states.append(page.evaluate("location.pathname + location.search"))

    for selector in ("#chip-event", "#within-50", "#chip-workshop", ".off", "#chip-job"):
        follow(selector)
    assert len(set(states)) == 6
    # What each address gives to someone who opens it afresh.
    fresh = visitor.context.new_page()
    shown = {}
    for state in states:
        fresh.goto(visitor.address + state)
        shown[state] = fresh.locator(".bar").inner_text(), fresh.locator(".off").all_inner_texts()
    fresh.close()
    for step, state in [("back", each) for each in reversed(states[:-1])] + [("forward", each) for each in states[1:]]:
        page.go_back() if step == "back" else page.go_forward()
        expect(page).to_have_url(visitor.address + state)
        found, chosen = shown[state]
        expect(page.locator(".bar")).to_have_text(found, use_inner_text=True)
        page.wait_for_load_state()  # whoever is quicker than the scripts has a test above
        expect(page.locator(".off")).to_have_text(chosen, use_inner_text=True)
        expect(page.locator(".masthead")).to_have_count(1)


def test_show_more_adds_to_the_list(visitor: Visitor) -> None:
    visitor.go("/discover?near=PL1+2AA&within=any&sort=distance")
    visitor.page.get_by_role("link", name="Show more").click()
    expect(visitor.page.locator(HITS)).to_have_count(40)
    visitor.page.get_by_role("link", name="Show more").click()
    expect(visitor.page.locator(HITS)).to_have_count(60)
    assert numbers(visitor) == [str(number) for number in range(1, 61)]


def test_changing_the_place_keeps_the_kind(visitor: Visitor) -> None:
    visitor.go("/discover?near=PL1+2AA&kind=course")
    visitor.page.get_by_label("Near", exact=True).fill("Leeds")
    visitor.page.get_by_label("Near", exact=True).press("Enter")
    expect(visitor.page.get_by_role("heading", name="Courses near Leeds")).to_be_visible()
    expect(visitor.page.locator(".chip[aria-current]")).to_have_id("chip-course")


def test_a_card_leads_to_its_page_and_back(visitor: Visitor) -> None:
    visitor.go("/discover?near=PL1+2AA&kind=course")
    title = visitor.page.locator(f"{HITS} h3 a").first.inner_text()
    visitor.page.locator(HITS).first.click()
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text(title)
    assert visitor.has_no_overflow()
    visitor.page.go_back()
    expect(visitor.page.locator(".chip[aria-current]")).to_have_id("chip-course")


def test_a_kind_that_was_tapped_is_kept_by_a_new_search_and_one_taken_off_is_not(visitor: Visitor) -> None:
    visitor.go("/discover?near=PL1+2AA")
    visitor.page.locator("#chip-job").click()
    visitor.page.wait_for_url("**kind=job")
    visitor.page.get_by_label("Near", exact=True).fill("LS1")
    visitor.page.get_by_label("Near", exact=True).press("Enter")
    visitor.page.wait_for_url("**/discover?near=LS1&kind=job")
    visitor.page.get_by_role("link", name="Everything").click()
    visitor.page.wait_for_url("**/discover?near=LS1")
    visitor.page.get_by_label("Near", exact=True).fill("Leeds")
    visitor.page.get_by_label("Near", exact=True).press("Enter")
    visitor.page.wait_for_url("**/discover?near=Leeds")


def test_the_chosen_chip_is_in_sight(visitor: Visitor) -> None:
    visitor.go("/discover?near=PL1+2AA")
    visitor.page.locator("#chip-job").click()
    visitor.page.wait_for_url("**kind=job")
    expect(visitor.page.locator("#chip-job")).to_be_in_viewport(ratio=0.99)
    visitor.go("/discover?near=PL1+2AA&kind=information")
    expect(visitor.page.locator("#chip-information")).to_be_in_viewport(ratio=0.99)


def test_show_more_moves_the_focus_to_the_first_new_one_and_says_so(visitor: Visitor) -> None:
    visitor.go("/discover?near=PL1+2AA&within=any&sort=distance")
    visitor.page.get_by_role("link", name="Show more").focus()
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.locator("#item-21 a")).to_be_focused()
    expect(visitor.page.locator("#announcement")).to_have_text("Near PL1 2AA: showing up to number 40.")


def test_a_request_that_fails_falls_back_to_the_plain_link(visitor: Visitor) -> None:
    visitor.go("/discover?near=PL1+2AA")
    visitor.forgiven = ("htmx:",)
    # As in a tunnel: the request goes nowhere.
    visitor.page.evaluate(
        "XMLHttpRequest.prototype.send = function () {"
        "  setTimeout(() => this.dispatchEvent(new ProgressEvent('error')));"
        "}"
    )
    visitor.page.locator("#chip-job").click()
    expect(visitor.page.locator(".chip[aria-current]")).to_have_id("chip-job")


def test_a_slip_is_said_and_can_be_mended(visitor: Visitor) -> None:
    visitor.go("/discover?near=ZZ9+9ZZ&kind=job")
    box = visitor.page.get_by_label("Your postcode, or a town")
    expect(box).to_have_attribute("aria-invalid", "true")
    expect(visitor.page.locator("#near-problem")).to_contain_text("We do not know the postcode")
    box.fill("PL1 2AA")
    box.press("Enter")
    expect(visitor.page.locator(".chip[aria-current]")).to_have_id("chip-job")


def test_use_my_location_sends_about_a_hundred_metres(browser: Browser, address: str) -> None:
    spot = {"latitude": 50.37123456, "longitude": -4.14234567}
    with visit(browser, address, viewport=PHONE, geolocation=spot, permissions=["geolocation"]) as visitor:
        visitor.go("/")
        visitor.page.get_by_role("button", name="Use my location").click()
        visitor.page.wait_for_url("**/discover?near=50.371%2C-4.142")
        expect(visitor.page.get_by_role("heading", name="Near you, around PL1")).to_be_visible()


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
        expect(visitor.page.get_by_role("heading", name="Near PL1 2AA")).to_be_visible()


def test_filters_narrow_in_place_and_the_focus_goes_to_what_was_found(visitor: Visitor) -> None:
    visitor.go("/discover?near=PL1+2AA")
    page = visitor.page
    page.locator("#filters summary").click()
    page.get_by_role("checkbox", name="Participate").check()
    page.get_by_label("Free, or paid to you").check()
    page.get_by_label("Your age").select_option("16")
    page.get_by_role("button", name="Show results").click()
    # What was not filled in stays out of the address.
    expect(page).to_have_url(re.compile(r"/discover\?near=PL1(%20|\+)2AA&layer=participate&free=1&age=16$"))
    expect(page.locator("#found")).to_be_focused()
    expect(page.locator("#announcement")).to_have_text(re.compile(r"Near PL1 2AA: \d+ within 10 miles"))
    assert visitor.has_no_overflow()
    for left in (2, 1):
        page.locator(".off").first.click()
        expect(page.locator(".off")).to_have_count(left)
        expect(page.locator("#found")).to_be_focused()
    page.locator(".clear").click()
    expect(page).to_have_url(f"{visitor.address}/discover?near=PL1+2AA")
    expect(page.locator("#shelf-lead")).to_be_visible()


def test_days_can_be_chosen_and_changed_again(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go("/discover?near=PL1+2AA")
    page.locator("#filters summary").click()
    page.get_by_label("From", exact=True).fill("2027-01-01")
    expect(page.get_by_label("Days you choose")).to_be_checked()
    page.get_by_role("button", name="Show results").click()
    expect(page).to_have_url(re.compile("&from=2027-01-01$"))
    page.locator("#filters summary").click()
    expect(page.get_by_label("Days you choose")).to_be_checked()
    page.locator("[name=when][value=this-week]").check()
    page.get_by_role("button", name="Show results").click()
    expect(page).to_have_url(re.compile("&when=this-week$"))
    # What is wrong is said, and what was typed is kept.
    page.locator("#filters summary").click()
    page.get_by_label("From", exact=True).fill("2027-12-25")
    page.get_by_label("To", exact=True).fill("2027-12-05")
    visitor.forgiven = ("400",)
    page.get_by_role("button", name="Show results").click()
    expect(page.locator("#results .message")).to_be_focused()
    expect(page.locator("#announcement")).to_contain_text("The last day is before the first")
    expect(page.get_by_label("From", exact=True)).to_have_value("2027-12-25")


def test_words_taken_off_leave_the_box_too(visitor: Visitor) -> None:
    visitor.go("/discover?near=PL1+2AA&q=video&kind=event")
    visitor.page.locator(".off").first.click()
    expect(visitor.page.locator(".off")).to_have_count(1)
    expect(visitor.page.get_by_label("Looking for")).to_have_value("")
    expect(visitor.page.get_by_label("Near", exact=True)).to_have_value("PL1 2AA")


def test_after_going_back_the_location_can_still_be_asked_for(visitor: Visitor) -> None:
    visitor.go("/discover?near=PL1+2AA")
    visitor.page.locator("#chip-job").click()
    visitor.page.wait_for_url("**kind=job")
    visitor.page.go_back()
    expect(visitor.page.locator("#chip-any")).to_have_attribute("aria-current", "true")
    expect(visitor.page.get_by_role("button", name="Use my location")).to_be_visible()


def test_filters_without_javascript(plain_visitor: Visitor) -> None:
    page = plain_visitor.page
    plain_visitor.go("/discover?near=PL1+2AA")
    page.locator("#filters summary").click()
    page.get_by_role("checkbox", name="Engage").check()
    page.get_by_label("Days you choose").check()
    page.get_by_label("From", exact=True).fill("2026-12-01")
    page.get_by_label("To", exact=True).fill("2027-12-01")
    page.get_by_role("button", name="Show results").click()
    expect(page.locator(".off")).to_have_count(2)
    expect(page.locator(HITS)).not_to_have_count(0)
    page.locator(".off").first.click()
    expect(page.locator(".off")).to_have_count(1)


def test_changing_the_place_without_javascript_keeps_the_filters_and_fits_the_distance_anew(
    plain_visitor: Visitor,
) -> None:
    page = plain_visitor.page
    plain_visitor.go("/discover?near=PL1+2AA&free=1&kind=event")
    expect(page.locator(".far[aria-current]")).to_have_id("within-10")
    page.get_by_label("Near", exact=True).fill("St Ives TR26")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".off")).to_have_count(2)
    expect(page.locator(".far[aria-current]")).to_have_id("within-50")


@pytest.mark.parametrize("javascript", [True, False])
def test_nothing_found_has_a_way_out(browser: Browser, address: str, javascript: bool) -> None:
    with visit(browser, address, viewport=PHONE, java_script_enabled=javascript) as visitor:
        visitor.go("/discover?near=PL1+2AA&kind=job&time=weekend")
        expect(visitor.page.locator(".nothing")).to_contain_text("We found nothing that fits")
        visitor.page.locator(".nothing a").first.click()
        expect(visitor.page.locator(HITS)).not_to_have_count(0)


def test_back_from_an_opportunity_finds_the_long_list_again(visitor: Visitor) -> None:
    visitor.go("/discover?near=PL1+2AA&within=any&sort=distance")
    visitor.page.get_by_role("link", name="Show more").click()
    expect(visitor.page.locator(HITS)).to_have_count(40)
    expect(visitor.page).to_have_url(re.compile("through=2$"))
    # Without the browser's memory of the page, as on a phone that ran short of it.
    visitor.go("/")
    visitor.page.go_back()
    visitor.page.reload()
    expect(visitor.page.locator(HITS)).to_have_count(40)


def test_a_misspelt_word_finds_what_was_meant(visitor: Visitor) -> None:
    visitor.go("/discover?near=PL1+2AA")
    visitor.page.get_by_label("Looking for").fill("weldng")
    visitor.page.get_by_label("Looking for").press("Enter")
    expect(visitor.page.locator("#found")).to_contain_text("“weldng” near PL1 2AA")
    expect(visitor.page.get_by_text("We read “weldng” as “welding”.")).to_be_visible()


def test_a_keyboard_alone_goes_from_the_question_to_an_opportunity(browser: Browser, address: str) -> None:
    with visit(browser, address, viewport=DESKTOP) as visitor:
        page = visitor.page
        visitor.go("/")

        def tab_to(selector: str) -> None:
            for _ in range(150):
                page.keyboard.press("Tab")
                if page.evaluate("selector => document.activeElement.matches(selector)", selector):
                    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
                    return
            raise AssertionError(f"no Tab leads to {selector}")

        tab_to("#near")
        page.keyboard.type("PL1 2AA")
        page.keyboard.press("Enter")
        page.wait_for_url("**/discover?near=PL1+2AA")
        tab_to("#chip-event")
        page.keyboard.press("Enter")
        expect(page.locator("#chip-event")).to_have_attribute("aria-current", "true")
        tab_to("#within-25")
        page.keyboard.press("Enter")
        expect(page.locator("#within-25")).to_have_attribute("aria-current", "true")
        tab_to("#filters summary")
        page.keyboard.press("Enter")
        tab_to("#filter-form input[name='free']")
        page.keyboard.press("Space")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("free=1"))
        expect(page.locator("#found")).to_be_focused()
        page.keyboard.press("Shift+Tab")
        assert page.evaluate("document.activeElement.matches('.clear')")
        tab_to("#hits h3 a")
        page.keyboard.press("Enter")
        page.wait_for_url("**/opportunities/**")


def test_nothing_moves_while_a_page_loads_or_changes(visitor: Visitor) -> None:
    visitor.context.add_init_script(
        "window.shifts = 0; new PerformanceObserver(list => {"
        "  for (const shift of list.getEntries()) if (!shift.hadRecentInput) window.shifts += shift.value;"
        "}).observe({type: 'layout-shift', buffered: true});"
    )
    for path in ("/", "/discover?near=PL1+2AA", "/discover?near=PL1+2AA&kind=workshop"):
        visitor.go(path)
        visitor.page.wait_for_load_state("networkidle")
        assert visitor.page.evaluate("window.shifts") == 0, path


STATES = [
    "/",
    "/discover",
    "/discover?near=PL1+2AA",
    "/discover?near=PL1+2AA&kind=workshop&layer=participate&free=1&age=16&q=weld&sort=soonest&within=25",
    "/discover?near=PL1+2AA&kind=job&time=weekend",
    "/discover?near=PL1+2AA&kind=nonsense",
    "/discover/anywhere?near=PL1+2AA",
    "/places/plymouth",
    "/places/lerwick",
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
        visitor.forgiven = ("404", "400")
        for path in STATES:
            visitor.go(path)
            assert visitor.axe() == [], path
            assert visitor.has_no_overflow(), path
        visitor.go("/discover?near=PL1+2AA")
        visitor.page.locator("#filters summary").click()
        assert visitor.axe() == []
        assert visitor.has_no_overflow()
        visitor.page.locator(".row h3 a").first.click()
        visitor.page.wait_for_url("**/pathways/**")


def choose_a_ride(page: Page) -> None:
    page.locator("#filters summary").click()
    page.get_by_label("Time to get there").select_option("30")
    page.get_by_label("By bike").check()
    page.get_by_role("button", name="Show results").click()
    expect(page.locator(".found")).to_contain_text("within about 30 minutes by bike")


def test_a_time_is_chosen_in_the_filters_and_taken_off(visitor: Visitor) -> None:
    page = visitor.page
    visitor.go("/discover?near=PL1+2AA")
    choose_a_ride(page)
    expect(page).to_have_url(re.compile(r"/discover\?near=PL1(\+|%20)2AA&minutes=30&by=bike$"))
    assert visitor.has_no_overflow()
    assert visitor.axe() == []
    page.get_by_role("link", name="Within 30 minutes by bike").click()
    expect(page.locator(".found")).to_contain_text("miles")


def test_a_time_is_chosen_without_javascript_and_stays_on_the_map(plain_visitor: Visitor) -> None:
    page = plain_visitor.page
    plain_visitor.go("/discover?near=PL1+2AA")
    choose_a_ride(page)
    page.get_by_role("link", name="View map").click()
    expect(page.locator(".found")).to_contain_text("within about 30 minutes by bike")
