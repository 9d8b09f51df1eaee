"""Query strings: whatever comes in, a search comes out, with a sentence for what could not be used."""

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from catalogue.words import Kind, Layer
from search.forms import MAX_PAGE, SearchRequest


@pytest.fixture(autouse=True)
def context(wordy_app: Flask) -> object:
    with wordy_app.test_request_context():
        yield


def search(**values: str) -> SearchRequest:
    return SearchRequest.from_args(MultiDict(values))


def test_an_empty_query_asks_for_nothing() -> None:
    assert search() == SearchRequest()
    assert search().query() == {}


def test_every_value_is_read() -> None:
    wanted = SearchRequest.from_args(
        MultiDict(
            [
                ("near", " pl1  2aa "),
                ("kind", "job"),
                ("kind", "event"),
                ("layer", "lead"),
                ("within", "2.5"),
                ("page", "3"),
            ]
        )
    )
    assert wanted.near == "pl1 2aa"
    assert wanted.kinds == {Kind.JOB, Kind.EVENT}
    assert wanted.layers == {Layer.LEAD}
    assert wanted.within_miles == 2.5
    assert wanted.page == 3
    assert wanted.problems == ()


def test_a_query_reads_back_as_itself() -> None:
    wanted = SearchRequest("PL1", frozenset({Kind.JOB, Kind.EVENT}), frozenset({Layer.LEAD}), 5.0, 2)
    pairs = [
        (name, each)
        for name, value in wanted.query().items()
        for each in (value if isinstance(value, list) else [value])
    ]
    assert SearchRequest.from_args(MultiDict((name, str(value)) for name, value in pairs)) == wanted


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("kind", "nonsense"),
        ("layer", "<script>"),
        ("within", "abc"),
        ("within", "-1"),
        ("within", "0"),
        ("within", "nan"),
        ("within", "inf"),
        ("within", "1e9"),
        ("page", "-1"),
        ("page", "0"),
        ("page", "two"),
        ("page", "9" * 30),
        ("page", str(MAX_PAGE + 1)),
        ("page", "²"),
    ],
)
def test_a_value_that_cannot_be_is_left_out_with_a_sentence(name: str, value: str) -> None:
    wanted = search(near="PL1", **{name: value})
    assert wanted == SearchRequest(near="PL1")
    (sentence,) = wanted.problems
    assert value[:40] in sentence


def test_a_bad_value_does_not_cost_the_good_ones() -> None:
    wanted = SearchRequest.from_args(MultiDict([("kind", "job"), ("kind", "nonsense"), ("within", "3")]))
    assert wanted.kinds == {Kind.JOB}
    assert wanted.within_miles == 3
    assert len(wanted.problems) == 1


def test_changing_one_thing_keeps_the_rest_and_starts_at_the_first_page() -> None:
    wanted = SearchRequest("PL1", frozenset({Kind.JOB}), frozenset({Layer.LEAD}), 5.0, 4)
    assert wanted.toggling(Kind.EVENT).kinds == {Kind.JOB, Kind.EVENT}
    assert wanted.toggling(Kind.JOB).kinds == frozenset()
    assert wanted.with_near("PL2").query() == {"near": "PL2", "kind": ["job"], "layer": ["lead"], "within": "5"}
    assert wanted.on_page(5).kinds == wanted.kinds


@given(st.lists(st.tuples(st.sampled_from(["near", "kind", "layer", "within", "page", "x"]), st.text(max_size=60))))
@settings(max_examples=300, deadline=None)
def test_no_query_string_raises(wordy_app: Flask, pairs: list[tuple[str, str]]) -> None:
    with wordy_app.test_request_context():
        wanted = SearchRequest.from_args(MultiDict(pairs))
    assert 1 <= wanted.page <= MAX_PAGE
    assert wanted.within_miles is None or 0 < wanted.within_miles <= 500
