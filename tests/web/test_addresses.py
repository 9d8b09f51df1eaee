"""Whole addresses, from the setting or from the request."""

import pytest
from flask import Flask
from pydantic import ValidationError

from settings import Settings
from web import addresses
from web.addresses import absolute


def app_at(public_url: str) -> Flask:
    app = Flask(__name__)
    addresses.init_app(app, Settings(_env_file=None, public_url=public_url).public_url)
    return app


@pytest.mark.parametrize(
    ("public_url", "address"),
    [
        ("https://doorstep.example", "https://doorstep.example/discover?near=PL1"),
        ("https://doorstep.example/", "https://doorstep.example/discover?near=PL1"),
        ("", "http://inside:8000/discover?near=PL1"),
    ],
)
def test_the_setting_comes_before_the_request(public_url: str, address: str) -> None:
    with app_at(public_url).test_request_context(base_url="http://inside:8000"):
        assert absolute("/discover?near=PL1") == address


@pytest.mark.parametrize(
    "public_url",
    [
        "doorstep.example",
        "ftp://doorstep.example",
        "https://",
        "https://doorstep.example/path",
        "https://[",
        "https://a/#b",
    ],
)
def test_what_is_no_address_of_a_site_stops_the_start(public_url: str) -> None:
    with pytest.raises(ValidationError, match="public_url"):
        Settings(_env_file=None, public_url=public_url)
