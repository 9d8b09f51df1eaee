"""Who may frame a widget, how long it may be kept, and that it leaves nothing behind."""

import pytest
from flask import Flask

from embeds import views
from tests.client import CheckedClient
from web.security import policy

PATHWAY = "/embed/pathways/cook-for-a-living?near=PL1+2AA"
WIDGETS = [PATHWAY, "/embed/opportunities?provider=plumbline-skills-trust", "/embed/opportunities", "/embed/search"]
PROBLEMS = ["/embed/pathways/nothing", "/embed/opportunities?provider=nobody"]
ELSEWHERE = ["/", "/pathways/cook-for-a-living", "/embed/go/search", "/embed/nothing", "/discover?near=PL1", "/healthz"]


@pytest.mark.parametrize("path", [*WIDGETS, *PROBLEMS])
def test_a_widget_may_be_framed_and_leaves_no_cookie(client: CheckedClient, path: str) -> None:
    headers = client.get(path).headers
    assert "X-Frame-Options" not in headers
    assert headers["Content-Security-Policy"].endswith("frame-ancestors *")
    assert "Set-Cookie" not in headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Robots-Tag"] == "noindex, nofollow"


@pytest.mark.parametrize("path", ELSEWHERE)
def test_nothing_else_may(client: CheckedClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")
    assert "Set-Cookie" not in headers


@pytest.mark.parametrize(
    ("ancestors", "said"),
    [
        (("*",), "*"),
        ((), "'none'"),
        (("https://a.example", "https://b.example:8443"), "'self' https://a.example https://b.example:8443"),
    ],
)
def test_the_list_of_a_provider_becomes_the_policy_at_once(
    client: CheckedClient, monkeypatch: pytest.MonkeyPatch, ancestors: tuple[str, ...], said: str
) -> None:
    client.get(PATHWAY)  # a copy of which is kept
    monkeypatch.setattr(views, "frame_ancestors", lambda provider_id: ancestors)
    headers = client.get(PATHWAY).headers
    assert headers["Content-Security-Policy"].endswith(f"frame-ancestors {said}")
    assert "X-Frame-Options" not in headers


@pytest.mark.parametrize("path", WIDGETS)
def test_it_may_be_kept_and_asked_for_again(client: CheckedClient, path: str) -> None:
    first = client.get(path)
    assert first.headers["Cache-Control"] == "public, max-age=60, stale-while-revalidate=86400"
    assert {"Referer", "Accept-Encoding"} <= {each.strip() for each in first.headers["Vary"].split(",")}
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.text) == (304, "")
    for name in ("ETag", "Cache-Control", "Vary"):
        assert again.headers[name] == first.headers[name]
    assert "frame-ancestors *" in again.headers["Content-Security-Policy"]


def test_the_mark_of_a_page_changes_with_it_and_with_nothing_else(site: Flask, client: CheckedClient) -> None:
    plain = client.get(PATHWAY).headers["ETag"]
    site.extensions["last_good"].forget()
    assert client.get(PATHWAY).headers["ETag"] == plain
    assert client.get(f"{PATHWAY}&theme=dark").headers["ETag"] != plain
    assert client.get(PATHWAY, headers={"Referer": "https://college.example/"}).headers["ETag"] != plain
    assert client.get(PATHWAY, headers={"If-None-Match": 'W/"another"'}).status == 200


def test_a_compressed_page_can_be_asked_for_again(site: Flask, client: CheckedClient) -> None:
    browser = site.test_client()
    with browser.get(PATHWAY, headers={"Accept-Encoding": "br"}) as first:
        assert first.headers["Content-Encoding"] == "br"
        mark = first.headers["ETag"]
        assert mark == client.get(PATHWAY).headers["ETag"]
    with browser.get(PATHWAY, headers={"Accept-Encoding": "br", "If-None-Match": mark}) as again:
        assert again.status_code == 304


def test_the_policy_lets_in_the_one_style_sheet_of_the_page_by_its_content(client: CheckedClient) -> None:
    page = client.get(f"{PATHWAY}&accent=0a7d5c")
    (style,) = (each.text or "" for each in page.all(".//style"))
    assert page.headers["Content-Security-Policy"].startswith(policy("", style=style).split("script-src")[0])
    (wanted,) = (part for part in policy("", style=style).split("; ") if part.startswith("style-src"))
    assert wanted in page.headers["Content-Security-Policy"].split("; ")
    assert "style-src 'self';" in client.get(PATHWAY).headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", PROBLEMS)
def test_what_is_not_there_may_be_kept_for_a_minute(client: CheckedClient, path: str) -> None:
    assert client.get(path).headers["Cache-Control"] == "public, max-age=60"


def test_a_way_to_our_pages_is_not_kept(client: CheckedClient) -> None:
    assert client.get("/embed/go/search?near=PL1").headers["Cache-Control"] == "no-store"
