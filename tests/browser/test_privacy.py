"""What the log of a whole visit keeps: never a postcode, never a position, never a key; what other sites are told."""

import json
import re
from pathlib import Path

from playwright.sync_api import Browser, expect

from settings import Settings
from tests.browser.conftest import PHONE, serve, visit

SECRETS = ("2AA", "3BE", "5GS", "1ZZ", "50.371", "4.142", "2aa", "HOME")


def test_the_log_of_a_visit_has_outward_codes_only(browser: Browser, site_settings: Settings, tmp_path: Path) -> None:
    log = tmp_path / "log"
    spot = {"latitude": 50.37123456, "longitude": -4.14234567}
    with (
        serve(site_settings, log, LOG_LEVEL="DEBUG") as address,
        visit(browser, address, viewport=PHONE, geolocation=spot, permissions=["geolocation"]) as visitor,
    ):
        page = visitor.page
        visitor.forgiven = ("400",)
        visitor.go("/")
        page.get_by_label("Your postcode").fill("PL1 2AA")
        page.get_by_role("button", name="Search").click()
        page.locator("#chip-workshop").click()
        expect(page.locator("#chip-workshop")).to_have_attribute("aria-current", "true")
        page.locator("#within-any").click()
        page.get_by_role("link", name="Show more").click()
        page.get_by_role("link", name="View map").click()
        page.locator("#hits h3 a").first.click()
        for near in ("LSI 3BE", "BT1 5GS", "ZZ1 1ZZ", "MY HOME 12", "pl12aa&page=-1&within=x"):
            visitor.go(f"/discover?near={near}")
            visitor.go(f"/discover/map?near={near}")
        visitor.go("/api/v1/geocode?q=PL1+2AA")
        visitor.go("/")
        page.get_by_role("button", name="Use my location").click()
        page.wait_for_url("**/discover?near=50.371%2C-4.142")
        assert visitor.context.cookies() == []
    text = log.read_text()
    greeting, *rest = text.splitlines()
    assert greeting.startswith("Serving on http://127.0.0.1:")
    lines = [json.loads(line) for line in rest]
    pages = [line for line in lines if (line["path"] or "").startswith("/discover")]
    assert len(pages) >= 13
    assert {line["near"] for line in pages if line.get("near")} == {"PL1", "LS1", "BT1"}
    # Only what people typed is looked for, not what stands in times and addresses of opportunities.
    said = " ".join(str(value) for line in lines for name, value in line.items() if name not in ("timestamp", "ms"))
    assert [secret for secret in SECRETS if secret in said] == []


def test_keys_of_shortlists_are_in_no_log_and_no_referrer(
    browser: Browser, site_settings: Settings, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with (
        serve(site_settings, log, LOG_LEVEL="DEBUG") as address,
        visit(browser, address, viewport=PHONE) as visitor,
    ):
        page = visitor.page
        visitor.forgiven = ("404", "ERR_FAILED")
        visitor.go("/discover?near=PL1+2AA&sort=distance")
        page.get_by_role("button", name=re.compile("^Add to shortlist:")).first.click()
        page.locator("#shortlist-link").click()
        link = page.locator("#hand-over .address").inner_text()
        (cookie,) = visitor.context.cookies()
        page.goto(link)
        wrong = "0123456789abcdef" * 2
        visitor.context.request.get(f"{link}.pdf?near=PL1+2AA")
        visitor.context.request.get(f"{address}/shortlist/{wrong}")
        visitor.context.request.post(f"{address}/shortlist/copy", form={"key": wrong})
        # To the provider's own site: it is only asked, for nothing outside this machine is.
        with page.expect_request("https://*.example.org/**") as asked:
            page.locator(".sheet dd a").first.click()
        visitor.complaints.clear()
        assert "referer" not in asked.value.all_headers()
    text = log.read_text()
    assert "/shortlist/<key>" in text
    assert [key for key in (cookie["value"], link.rpartition("/")[2], wrong) if key in text] == []
