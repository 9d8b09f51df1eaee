"""`/api/v1/geocode`: the gazetteer's answers as data."""

import json

import pytest

from tests.client import CheckedClient


def test_a_postcode_is_answered_with_its_precision(client: CheckedClient) -> None:
    answer = client.get("/api/v1/geocode?q=br34hg")
    found = json.loads(answer.text)
    assert answer.status == 200
    assert found["found"] is True
    assert (found["label"], found["precision"], found["source"]) == ("BR3 4HG", "unit", "gazetteer")
    assert (round(found["latitude"], 3), round(found["longitude"], 3)) == (51.401, -0.043)


@pytest.mark.parametrize(
    ("q", "status", "problem"),
    [("", 400, "empty"), ("x" * 101, 400, "too-long"), ("Nowheresby", 404, "unknown-place"), ("GIR 0AA", 404, "giro")],
)
def test_what_has_no_place_says_why(client: CheckedClient, q: str, status: int, problem: str) -> None:
    answer = client.get("/api/v1/geocode", query_string={"q": q})
    found = json.loads(answer.text)
    assert answer.status == status
    assert (found["found"], found["problem"]) == (False, problem)


def test_a_slip_is_answered_with_what_was_put_right_or_what_may_be_meant(client: CheckedClient) -> None:
    assert json.loads(client.get("/api/v1/geocode?q=LSI+3BE").text)["corrected_from"] == "LSI 3BE"
    assert "Plymouth" in json.loads(client.get("/api/v1/geocode?q=plymuth").text)["suggestions"]
