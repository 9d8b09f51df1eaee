"""Anonymous keys: long, random, known by their hash, in a cookie that only this site is sent."""

from hashlib import sha256

import pytest
from flask import Flask, Response

from web import anonymous_key

KEY = "0123456789abcdef" * 2


def cookie_of(site: Flask, base_url: str) -> list[str]:
    response = Response()
    with site.test_request_context("/", base_url=base_url):
        anonymous_key.keep(response, "mine", KEY)
    parts = response.headers["Set-Cookie"].split("; ")
    return [part for part in parts if not part.startswith("Expires=")]


def test_a_key_has_128_bits_and_is_never_the_same() -> None:
    keys = {anonymous_key.new_key() for _ in range(1000)}
    assert len(keys) == 1000
    assert all(anonymous_key.is_key(key) and len(bytes.fromhex(key)) == 16 for key in keys)


def test_only_its_hash_says_which_it_is() -> None:
    assert anonymous_key.hash_of(KEY) == sha256(KEY.encode()).hexdigest()


@pytest.mark.parametrize("text", ["", "a", KEY[:-1], KEY + "0", KEY[:-1] + "g", KEY.upper(), KEY + "\n", "٣" * 32])
def test_what_cannot_be_a_key_is_none(site: Flask, text: str) -> None:
    assert not anonymous_key.is_key(text)
    with site.test_request_context("/", environ_overrides={"HTTP_COOKIE": f"mine={text.encode().decode('latin-1')}"}):
        assert anonymous_key.read("mine") in (None, KEY)


def test_the_key_is_read_from_its_own_cookie(site: Flask) -> None:
    with site.test_request_context("/", headers={"Cookie": f"other=x; mine={KEY}"}):
        assert anonymous_key.read("mine") == KEY
        assert anonymous_key.read("other") is None
        assert anonymous_key.read("none") is None


def test_the_cookie_is_for_a_year_for_this_site_and_not_for_scripts(site: Flask) -> None:
    plain = [f"mine={KEY}", "Max-Age=31536000", "HttpOnly", "Path=/", "SameSite=Lax"]
    assert cookie_of(site, "http://localhost") == plain
    assert sorted(cookie_of(site, "https://localhost")) == sorted([*plain, "Secure"])


def test_behind_a_proxy_that_ends_tls_the_cookie_goes_over_https_only(
    site: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(site.extensions, "public_url", "https://doorstep.example")
    assert "Secure" in cookie_of(site, "http://localhost")


def test_the_cookie_can_be_taken_away(site: Flask) -> None:
    response = Response()
    with site.test_request_context("/"):
        anonymous_key.drop(response, "mine")
    assert response.headers["Set-Cookie"].startswith("mine=; Expires=Thu, 01 Jan 1970")
    assert "Path=/" in response.headers["Set-Cookie"]


def test_a_key_is_compared_with_the_hash_that_is_kept_of_it() -> None:
    key = anonymous_key.new_key()
    assert anonymous_key.is_of(key, anonymous_key.hash_of(key))
    assert not anonymous_key.is_of(anonymous_key.new_key(), anonymous_key.hash_of(key))
    assert not anonymous_key.is_of(key, key)
    assert not anonymous_key.is_of(key, "")
