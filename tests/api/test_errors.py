"""What every answer under `/api/` has, whether something is there or not."""

import json

import pytest
from flask import Flask

from tests.client import CheckedClient


@pytest.mark.parametrize("path", ["/api/", "/api/v1", "/api/v1/nothing", "/api/v2/opportunities", "/api/v1/pathways/x"])
def test_what_is_not_there_is_said_as_json(client: CheckedClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status, answer.headers["Content-Type"]) == (404, "application/json")
    assert json.loads(answer.text) == {"error": "There is nothing at this address."}


@pytest.mark.parametrize("path", ["/api/v1/opportunities", "/api/v1/pathways", "/api/v1/openapi.json"])
def test_a_method_that_is_not_allowed_says_which_are(site: Flask, path: str) -> None:
    with site.test_client().post(path) as answer:
        assert (answer.status_code, answer.mimetype) == (405, "application/json")
        assert set(answer.allow) == {"GET", "HEAD", "OPTIONS"}
        assert answer.json == {"error": "This address cannot be asked in that way."}
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_page_says_which_methods_are_allowed_too(site: Flask) -> None:
    with site.test_client().post("/discover") as answer:
        assert (answer.status_code, answer.mimetype) == (405, "text/html")
        assert set(answer.allow) == {"GET", "HEAD", "OPTIONS"}


def test_a_failure_is_said_as_json_without_its_details(
    site: Flask, client: CheckedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails() -> str:
        raise RuntimeError("a secret detail")

    monkeypatch.setitem(site.view_functions, "api.opportunities", fails)
    answer = client.get("/api/v1/opportunities?near=PL1")
    assert answer.status == 500
    assert json.loads(answer.text) == {"error": "Something went wrong on our side. Try again in a minute."}


@pytest.mark.parametrize(
    "path",
    ["/api/v1/opportunities?near=PL1", "/api/v1/pathways", "/api/v1/openapi.json", "/api/v1/geocode", "/api/nothing"],
)
def test_scripts_of_any_site_may_read_it(client: CheckedClient, path: str) -> None:
    assert client.get(path).headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("path", ["/", "/discover?near=PL1", "/healthz", "/nothing"])
def test_scripts_of_other_sites_may_not_read_pages(client: CheckedClient, path: str) -> None:
    assert "Access-Control-Allow-Origin" not in client.get(path).headers
