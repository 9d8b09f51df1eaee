"""Shortlists with a browser, with and without JavaScript: six in under twelve actions, to a phone, on paper, gone."""

import io
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import Browser, Locator, expect
from pypdf import PdfReader

from tests.browser.conftest import DESKTOP, PHONE, Visitor, visit

SEARCH = "/discover?near=PL1+2AA&sort=distance"
A4_AT_50_DPI = (413, 585)


@pytest.fixture(params=[(PHONE, True), (DESKTOP, True), (PHONE, False), (DESKTOP, False)])
def either(request: pytest.FixtureRequest, browser: Browser, address: str) -> Iterator[Visitor]:
    """Someone with JavaScript or without, at 360 and at 1280 pixels."""
    viewport, has_script = request.param
    with visit(browser, address, viewport=viewport, java_script_enabled=has_script) as made:
        yield made


def add_six(visitor: Visitor) -> int:
    """Put the six nearest on the list. How many actions that took: typing, sending and six taps."""
    visitor.go("/")
    visitor.page.get_by_label("Your postcode").fill("PL1 2AA")
    visitor.page.get_by_role("button", name="Search").click()
    for number in range(1, 7):
        visitor.page.get_by_role("button", name=re.compile("^Add to shortlist:")).first.click()
        expect(visitor.page.locator("#shortlist-link")).to_have_text(f"Shortlist ({number})")
    return 8


def titles(visitor: Visitor) -> Locator:
    return visitor.page.locator(".mine h2")


def open_list(visitor: Visitor) -> list[str]:
    visitor.page.locator("#shortlist-link").click()
    expect(titles(visitor)).to_have_count(6)
    return titles(visitor).all_inner_texts()


def note_and_order(visitor: Visitor, first: str, second: str) -> None:
    page = visitor.page
    page.locator("summary", has_text=f"Add a note: {first}").click()
    page.locator("#note-1").fill("Ask for <b>Sam</b> ${1+1}")
    page.locator(".mine li").first.get_by_role("button", name="Save the note").click()
    expect(page.locator(".own-note")).to_have_text("Ask for <b>Sam</b> ${1+1}")
    page.locator(".mine > li").nth(1).get_by_role("button", name=re.compile("^Up")).click()
    expect(titles(visitor).first).to_have_text(second)


def read_paper(visitor: Visitor, folder: Path, names: list[str]) -> None:
    visitor.page.get_by_role("link", name="Print it").click()
    expect(visitor.page.locator(".paper-sheet h2")).to_have_count(6)
    where = visitor.page.get_by_role("link", name="Open as PDF").get_attribute("href") or ""
    answer = visitor.context.request.get(visitor.address + where)
    made = PdfReader(io.BytesIO(answer.body()))
    said = " ".join(" ".join(each.extract_text() for each in made.pages).split())
    assert 1 <= len(made.pages) <= 2
    assert "Ask for <b>Sam</b> ${1+1}" in said
    assert all(" ".join(name.split())[:12] in said for name in names)
    (folder / "list.pdf").write_bytes(answer.body())
    subprocess.run(["pdftoppm", "-r", "50", "-png", folder / "list.pdf", folder / "page"], check=True)
    pictures = sorted(folder.glob("page*.png"))
    assert len(pictures) == len(made.pages)
    with Image.open(pictures[0]) as picture:
        assert abs(picture.width - A4_AT_50_DPI[0]) <= 2
        assert abs(picture.height - A4_AT_50_DPI[1]) <= 2
        # Black on white: it is readable, and nothing needs colour.
        red, green, blue = picture.convert("RGB").split()
    most = [ImageChops.difference(red, other).tobytes() for other in (green, blue)]
    assert max(max(each) for each in most) <= 16
    assert sum(red.histogram()[:96]) > 1000
    visitor.page.get_by_role("link", name="Back to the list").click()


def test_a_session_from_the_first_search_to_a_phone(either: Visitor, browser: Browser, tmp_path: Path) -> None:
    visitor, page = either, either.page
    assert add_six(visitor) < 12
    first, second, *rest = open_list(visitor)
    assert "from PL1 2AA" in page.locator(".mine").inner_text()
    note_and_order(visitor, first, second)
    for number in (0, 1):
        page.locator(".mine > li").nth(number).get_by_role("checkbox").check()
    page.get_by_role("button", name="Compare those").click()
    expect(page.locator(".beside article")).to_have_count(2)
    assert visitor.has_no_overflow()
    page.get_by_role("link", name="Back to the list").click()
    read_paper(visitor, tmp_path, [first, second, *rest])
    link = page.locator("#hand-over .address").inner_text()
    with visit(browser, visitor.address, viewport=PHONE) as student:
        student.forgiven = ("404",)
        student.page.goto(link)
        expect(student.page.locator(".sheet h2")).to_have_count(6)
        assert student.context.cookies() == []
        student.page.get_by_label("Your postcode").fill("LS1 3BE")
        student.page.get_by_role("button", name="Search").click()
        expect(student.page.locator(".sheet")).to_contain_text("from LS1 3BE")
        with student.page.expect_request("**/shortlist/copy") as sent:
            student.page.get_by_role("button", name="Take a copy").click()
        assert sent.value.all_headers()["origin"] == student.address
        expect(titles(student)).to_have_count(6)
        page.get_by_role("button", name="Revoke the link").click()
        expect(page.locator("#hand-over")).to_contain_text("This list has no link just now.")
        student.page.goto(link)
        expect(student.page.get_by_role("heading", level=1)).to_have_text("This link leads to no list")
        student.go("/shortlist")
        expect(titles(student)).to_have_count(6)


def test_take_off_undo_a_list_beside_it_and_clear_all(either: Visitor) -> None:
    visitor, page = either, either.page
    add_six(visitor)
    first, *_ = open_list(visitor)
    page.locator(".mine > li").first.get_by_role("button", name=re.compile("^Take off")).click()
    expect(titles(visitor)).to_have_count(5)
    page.get_by_role("button", name="Undo").click()
    expect(titles(visitor)).to_have_count(6)
    expect(titles(visitor).first).to_have_text(first)
    page.get_by_role("button", name="Begin a new list").click()
    expect(page.locator("#shortlist-link")).to_have_text("Shortlist: Shortlist 2 (0)")
    page.get_by_role("button", name="My shortlist (6)").click()
    expect(titles(visitor)).to_have_count(6)
    page.locator("summary", has_text="Clear").click()
    page.get_by_role("button", name="Clear all lists").click()
    expect(page.get_by_role("status").last).to_contain_text("All lists are gone for good")
    assert visitor.context.cookies() == []
    page.go_back()
    expect(page.locator("body")).not_to_contain_text(first)
    # The places that were searched for are another matter, and "Start again" takes them away.
    left = visitor.context.storage_state()
    assert left["cookies"] == []
    kept = {item["name"] for origin in left["origins"] for item in origin["localStorage"]}
    assert kept <= {"doorstep-places", "doorstep-session"}


def test_with_javascript_nothing_moves_and_it_is_said(visitor: Visitor) -> None:
    visitor.go(SEARCH)
    visitor.page.evaluate("window.same = true")
    button = visitor.page.get_by_role("button", name=re.compile("^Add to shortlist:")).first
    title = (button.get_attribute("aria-label") or "").removeprefix("Add to shortlist: ")
    button.focus()
    visitor.page.keyboard.press("Enter")
    on_it = visitor.page.get_by_role("button", name=f"On your list: {title}. Take it off").first
    expect(on_it).to_be_focused()
    expect(visitor.page.locator("#shortlist-said")).to_have_text(f"On your list: {title}")
    expect(visitor.page.locator("#shortlist-link")).to_have_attribute("href", "/shortlist?near=PL1+2AA")
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.locator("#shortlist-said")).to_have_text(f"Taken off your list: {title}")
    assert visitor.page.evaluate("window.same")


def test_things_added_in_one_go_are_all_kept_under_one_key(visitor: Visitor) -> None:
    visitor.go(SEARCH)
    visitor.page.evaluate("[...document.querySelectorAll('.keep button')].slice(0, 5).forEach((each) => each.click())")
    expect(visitor.page.locator("#shortlist-link")).to_have_text("Shortlist (5)")


def test_without_javascript_one_comes_back_to_the_button(plain_visitor: Visitor) -> None:
    visitor = plain_visitor
    visitor.go(SEARCH)
    button = visitor.page.get_by_role("button", name=re.compile("^Add to shortlist:")).nth(7)
    title = (button.get_attribute("aria-label") or "").removeprefix("Add to shortlist: ")
    button.click()
    visitor.page.wait_for_url(f"**{SEARCH}#keep-opportunity-*")
    on_it = visitor.page.get_by_role("button", name=f"On your list: {title}. Take it off").first
    expect(on_it).to_be_in_viewport()


def test_an_item_is_dragged_into_order(browser: Browser, address: str) -> None:
    with visit(browser, address, viewport=DESKTOP) as visitor:
        add_six(visitor)
        names = open_list(visitor)
        visitor.page.locator(".mine .number").nth(2).drag_to(visitor.page.locator(".mine > li").first)
        expect(titles(visitor).first).to_have_text(names[2])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", ["phone", "desktop"])
def test_axe_finds_nothing(browser: Browser, address: str, scheme: str, viewport: str) -> None:
    size = PHONE if viewport == "phone" else DESKTOP
    with visit(browser, address, viewport=size, color_scheme=scheme) as visitor:
        visitor.forgiven = ("404", "400")
        add_six(visitor)
        assert visitor.axe() == []
        open_list(visitor)
        link = visitor.page.locator("#hand-over .address").inner_text().removeprefix(address)
        items = [box.get_attribute("value") for box in visitor.page.locator(".compare-box input").all()[:4]]
        compare = "/shortlist/compare?near=PL1+2AA&" + "&".join(f"item={each}" for each in items)
        paths = ("/shortlist?near=PL1+2AA", "/shortlist/paper?near=PL1+2AA", f"{link}?near=PL1+2AA", compare)
        for path in (*paths, "/shortlist/" + "0" * 32, "/shortlist/compare"):
            visitor.go(path)
            visitor.page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
            assert (path, visitor.axe()) == (path, [])
            assert visitor.has_no_overflow()
