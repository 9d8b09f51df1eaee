"""Where the gaps of a pathway are, with a browser: a table, and on a phone a stack."""

from playwright.sync_api import Browser, expect

from tests.browser.conftest import DESKTOP, PHONE, Visitor, visit

PAGE = "/pathways/become-an-electrician/coverage"


def test_districts_are_asked_for_and_the_gaps_shown(plain_visitor: Visitor) -> None:
    page = plain_visitor.page
    plain_visitor.go("/pathways/become-an-electrician")
    page.get_by_role("link", name="Where are the gaps? For providers and cities").click()
    page.get_by_label("Districts or towns").fill("PL1, TR26")
    page.get_by_label("Districts or towns").press("Enter")
    expect(page.get_by_role("heading", name="Step by step")).to_be_visible()
    expect(page.get_by_role("table").get_by_role("rowheader")).to_have_count(6)
    expect(page.get_by_role("table").get_by_role("cell")).to_have_count(12)


def test_nothing_is_wider_than_the_page_and_axe_finds_no_fault(visitor: Visitor) -> None:
    visitor.forgiven = ("400 (BAD REQUEST)",)
    many = "&".join(f"district=PL{number}" for number in range(1, 13))
    for query in ("", "?district=PL1&district=TR26", f"?{many}", "?district=ZZ9"):
        visitor.go(PAGE + query)
        assert visitor.has_no_overflow()
        assert visitor.axe() == []


def test_a_phone_says_the_district_in_each_line_and_a_table_above_it(browser: Browser, address: str) -> None:
    for size, is_stack in ((PHONE, True), (DESKTOP, False)):
        with visit(browser, address, viewport=size) as visitor:
            visitor.go(f"{PAGE}?district=PL1&district=TR26")
            district = visitor.page.locator("td .district").first
            expect(district).to_be_visible(visible=is_stack)
