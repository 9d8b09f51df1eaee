"""Progress with a browser, with and without JavaScript: tick, what comes next, to a second browser, delete."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, expect

from tests.browser.conftest import DESKTOP, PHONE, Visitor, visit

PATHWAY = "/pathways/cook-for-a-living"
FIRST = "Stand in a working kitchen"
SECOND = "Cook something new each week"
INVITED = "Tick off each step when you have done it."


def box(visitor: Visitor, title: str) -> Locator:
    return visitor.page.get_by_role("button", name=f"Tick off: {title}")


def ticked_box(visitor: Visitor, title: str) -> Locator:
    return visitor.page.get_by_role("button", name=f"Done: {title}. Take the tick away")


def line(visitor: Visitor) -> Locator:
    return visitor.page.locator("#progress .line")


def keys(context: BrowserContext) -> list[str]:
    return [each["value"] for each in context.cookies() if each["name"] == "progress"]


@pytest.fixture(params=[(PHONE, True), (DESKTOP, True), (PHONE, False), (DESKTOP, False)])
def either(request: pytest.FixtureRequest, browser: Browser, address: str) -> Iterator[Visitor]:
    """Someone with JavaScript or without, at 360 and at 1280 pixels."""
    viewport, has_script = request.param
    with visit(browser, address, viewport=viewport, java_script_enabled=has_script) as made:
        yield made


def carry_over(first: Visitor, second: Visitor) -> None:
    first.page.get_by_role("link", name="All my progress").click()
    link = first.page.locator("#carry .address")
    expect(link).to_contain_text("/progress/link/")
    second.page.goto(link.inner_text())
    expect(second.page.locator(".line")).to_contain_text("next: Get your food hygiene certificate")
    with second.page.expect_request("**/progress/keep") as sent:
        second.page.get_by_role("button", name="Keep it on this device").click()
    # Where browsers say nothing else of where a form comes from, this is what lets it through.
    assert sent.value.all_headers()["origin"] == second.address
    assert "referer" not in sent.value.all_headers() or second.address in sent.value.all_headers()["referer"]
    expect(second.page.get_by_role("status").first).to_have_text("Your progress is kept on this device now.")


def test_tick_carry_over_and_delete(either: Visitor, browser: Browser) -> None:
    visitor = either
    visitor.go(f"{PATHWAY}?near=PL1+2AA")
    expect(line(visitor)).to_contain_text(INVITED)
    assert visitor.context.cookies() == []
    box(visitor, FIRST).click()
    expect(line(visitor)).to_contain_text(f"Step 2 of 5, next: {SECOND}")
    assert len(keys(visitor.context)) == 1
    box(visitor, SECOND).click()
    expect(line(visitor)).to_contain_text("Step 3 of 5, next:")
    ticked_box(visitor, FIRST).click()
    expect(line(visitor)).to_contain_text(f"Step 1 of 5, next: {FIRST}")
    expect(visitor.page.get_by_label("Near", exact=True)).to_have_value("PL1 2AA")
    box(visitor, FIRST).click()
    expect(line(visitor)).to_contain_text("Step 3 of 5, next:")
    with visit(browser, visitor.address, viewport=PHONE) as second:
        carry_over(visitor, second)
        assert keys(second.context) == keys(visitor.context)
        second.go(PATHWAY)
        box(second, "Feed a crowd").click()
        expect(second.page.locator("#progress .tally")).to_have_text("3 done, 2 to go")
        visitor.go(PATHWAY)
        expect(visitor.page.locator("#progress .tally")).to_have_text("3 done, 2 to go")
        visitor.page.get_by_role("link", name="Delete my progress").click()
        visitor.page.get_by_role("button", name="Delete my progress").click()
        expect(visitor.page.get_by_role("status").first).to_contain_text("Your progress is deleted")
        assert visitor.context.cookies() == []
        second.go(PATHWAY)
        expect(line(second)).to_contain_text(INVITED)
        assert second.context.cookies() == []


def test_without_javascript_the_page_comes_back_at_the_step(plain_visitor: Visitor) -> None:
    visitor = plain_visitor
    visitor.go(f"{PATHWAY}?near=PL1+2AA")
    box(visitor, "Feed a crowd").click()
    visitor.page.wait_for_url(f"**{PATHWAY}?near=PL1+2AA#step-4")
    expect(ticked_box(visitor, "Feed a crowd")).to_be_visible()
    expect(visitor.page.locator("#step-4 h2")).to_be_in_viewport()


def test_with_javascript_nothing_moves_the_focus_stays_and_the_next_step_is_said(visitor: Visitor) -> None:
    visitor.go(f"{PATHWAY}?near=PL1+2AA")
    visitor.page.evaluate("window.same = true")
    button = box(visitor, "Feed a crowd")
    button.scroll_into_view_if_needed()
    button.focus()
    before = button.bounding_box()
    visitor.page.keyboard.press("Enter")
    expect(ticked_box(visitor, "Feed a crowd")).to_be_focused()
    expect(visitor.page.locator("#progress-said")).to_have_text(re.compile(f"^Step 1 of 5, next: {FIRST}$"))
    after = ticked_box(visitor, "Feed a crowd").bounding_box()
    assert before is not None
    assert after is not None
    assert abs(after["y"] - before["y"]) < 1
    assert visitor.page.evaluate("window.same")


def test_steps_ticked_off_in_one_go_are_all_kept_under_one_key(visitor: Visitor) -> None:
    visitor.go(PATHWAY)
    visitor.page.evaluate("document.querySelectorAll('.tick button').forEach((button) => button.click())")
    expect(visitor.page.locator("#progress .tally")).to_have_text("5 done")
    visitor.go(PATHWAY)
    expect(visitor.page.locator("#progress .tally")).to_have_text("5 done")


def test_where_a_tick_is_refused_the_page_says_why(visitor: Visitor) -> None:
    visitor.forgiven = ("404",)
    visitor.go(PATHWAY)
    visitor.page.evaluate("document.querySelector('.tick [name=step]').value = 'gone'")
    box(visitor, FIRST).click()
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("This step is not there any more")
    visitor.page.get_by_role("link", name="Cook for a living").click()
    expect(line(visitor)).to_contain_text(INVITED)


def test_a_link_that_leads_nowhere_is_a_page(visitor: Visitor) -> None:
    visitor.forgiven = ("404",)
    visitor.go("/progress/link/" + "0" * 32)
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("This link leads to no progress")
    assert visitor.axe() == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", ["phone", "desktop"])
def test_axe_finds_nothing(browser: Browser, address: str, scheme: str, viewport: str) -> None:
    size = PHONE if viewport == "phone" else DESKTOP
    with visit(browser, address, viewport=size, color_scheme=scheme) as visitor:
        visitor.go("/progress")
        assert visitor.axe() == []
        visitor.go(PATHWAY)
        box(visitor, FIRST).click()
        expect(ticked_box(visitor, FIRST)).to_be_visible()
        link = f"/progress/link/{keys(visitor.context)[0]}"
        for path in (PATHWAY, "/progress", "/progress/delete", link):
            visitor.go(path)
            assert visitor.axe() == [], path
            assert visitor.has_no_overflow(), path
            small = "all => all.filter(each => each.getBoundingClientRect().height < 44).map(each => each.outerHTML)"
            controls = visitor.page.locator(":is(.my-progress, .progress, .tick) :is(a, button):visible")
            assert controls.evaluate_all(small) == [], path


def test_on_paper_there_are_boxes_ticked_and_to_tick(visitor: Visitor) -> None:
    visitor.go(PATHWAY)
    box(visitor, FIRST).click()
    expect(ticked_box(visitor, FIRST)).to_be_visible()
    visitor.page.emulate_media(media="print")
    expect(visitor.page.locator(".tick .box")).to_have_count(5)
    expect(visitor.page.locator(".tick .mark")).to_have_count(1)
    for drawn in visitor.page.locator(".tick svg").all():
        expect(drawn).to_be_visible()
    for words in visitor.page.locator(".tick button > span").all():
        expect(words).to_be_hidden()
    expect(visitor.page.get_by_role("link", name="Delete my progress")).to_be_hidden()
