"""What another site's page sends in a visitor's name is refused; what our own sends, and programs, are not."""

import pytest
from flask import Flask

from tests.client import CheckedClient
from web.same_site import is_ours

TICK = "/pathways/cook-for-a-living/tick"
OURS = [
    {},
    {"Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "none"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
    {"Origin": "http://localhost"},
]
OTHERS = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
    {"Sec-Fetch-Site": "anything"},
    {"Sec-Fetch-Site": ""},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "https://evil.example"},
    {"Origin": "http://localhost:8000"},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "http://[bad"},
]


@pytest.mark.parametrize("headers", OURS)
def test_what_our_own_pages_send_is_taken(client: CheckedClient, headers: dict[str, str]) -> None:
    assert client.post("/progress/delete", headers=headers).status == 303


@pytest.mark.parametrize("headers", OTHERS)
@pytest.mark.parametrize("path", ["/progress/delete", "/progress/keep", TICK])
def test_what_others_send_is_refused_and_sets_nothing(
    client: CheckedClient, path: str, headers: dict[str, str]
) -> None:
    answer = client.post(path, headers=headers, data={"step": "feed-a-crowd", "done": "yes"})
    assert answer.status == 403
    assert "We could not use that request" in answer.text
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("headers", OTHERS)
def test_others_may_link_to_us_and_scripts_may_ask_the_api(client: CheckedClient, headers: dict[str, str]) -> None:
    assert client.get("/progress", headers=headers).status == 200
    assert client.post("/api/v1/opportunities", headers=headers).status == 405


def test_behind_a_proxy_our_origin_is_the_public_one(site: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(site.extensions, "public_url", "https://doorstep.example")
    for origin, expected in (("https://doorstep.example", True), ("https://doorstep.example.evil.example", False)):
        with site.test_request_context("/", method="POST", headers={"Origin": origin}):
            assert is_ours() is expected
