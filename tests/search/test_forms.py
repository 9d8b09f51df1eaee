"""Query strings: whatever comes in, a search comes out, with a sentence for what could not be used."""

from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from math import inf

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from catalogue.grid import Box
from catalogue.words import Kind, Layer, TimeOfWeek
from search.days import Dates, Soon
from search.forms import MAX_PAGE, MAX_PAGES_AT_ONCE, MAX_PROBLEMS, Journey, SearchRequest, Sort
from settings import UK_TIME
from travel.estimate import Mode

FULL = SearchRequest(
    "PL1",
    "sea shanties",
    frozenset({Kind.JOB, Kind.EVENT}),
    frozenset({Layer.LEAD}),
    frozenset({"welding", "singing"}),
    True,
    0,
    Dates(date(2026, 12, 5), date(2026, 12, 12)),
    frozenset({TimeOfWeek.EVENING}),
    5.0,
    Box(-4.2, 50.3, -4.1, 50.4),
    Sort.NEWEST,
    journey=Journey(30, Mode.BIKE),
)


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
                ("q", "  sea  shanties "),
                ("skill", "welding"),
                ("skill", "video-editing"),
                ("free", "1"),
                ("age", "16"),
                ("when", "weekend"),
                ("time", "evening"),
                ("sort", "soonest"),
                ("page", "3"),
                ("through", "4"),
            ]
        )
    )
    assert wanted.near == "pl1 2aa"
    assert wanted.kinds == {Kind.JOB, Kind.EVENT}
    assert wanted.layers == {Layer.LEAD}
    assert wanted.within_miles == 2.5
    assert wanted.q == "sea shanties"
    assert wanted.skills == {"welding", "video-editing"}
    assert wanted.is_free
    assert wanted.age == 16
    assert wanted.days is Soon.WEEKEND
    assert wanted.times == {TimeOfWeek.EVENING}
    assert wanted.sort is Sort.SOONEST
    assert wanted.through == 4
    assert wanted.page == 3
    assert wanted.problems == ()


def test_a_query_reads_back_as_itself() -> None:
    wanted = replace(FULL, page=2, through=3)
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
        ("free", "yes"),
        ("age", "-1"),
        ("age", "sixteen"),
        ("age", "121"),
        ("age", "9" * 30),
        ("age", "１６"),
        ("when", "tomorrow"),
        ("when", "2026-12-05..2029-12-04"),
        ("within", "1_0"),
        ("within", "1e-300"),
        ("within", "0.001"),
        ("page", "٣"),
        ("from", "soon"),
        ("to", "<b>"),
        ("time", "midnight"),
        ("skill", "Video Editing"),
        ("skill", "' OR 1=1"),
        ("sort", "price"),
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
    wanted = SearchRequest("PL1", kinds=frozenset({Kind.JOB}), layers=frozenset({Layer.LEAD}), within_miles=5.0, page=4)
    assert wanted.toggling(Kind.EVENT).kinds == {Kind.JOB, Kind.EVENT}
    assert wanted.toggling(Kind.JOB).kinds == frozenset()
    assert wanted.with_near("PL2").query() == {"near": "PL2", "kind": ["job"], "layer": ["lead"], "within": "5"}
    assert wanted.on_page(5).kinds == wanted.kinds


NAMES = ["near", "q", "kind", "layer", "skill", "free", "age", "when", "from", "to", "time", "within", "sort", "page"]
RUBBISH = st.one_of(
    st.text(max_size=60),
    st.sampled_from(["1", "0", "-1", "1e400", "nan", "any", "today", "2026-02-30", "..", "\0", "٣", "😀", "a" * 5000]),
)


@given(st.lists(st.tuples(st.sampled_from([*NAMES, "through", "x"]), RUBBISH)))
@settings(max_examples=300, deadline=None)
def test_no_query_string_raises(wordy_app: Flask, pairs: list[tuple[str, str]]) -> None:
    with wordy_app.test_request_context():
        wanted = SearchRequest.from_args(MultiDict(pairs))
    assert 1 <= wanted.page <= MAX_PAGE
    assert wanted.within_miles in (None, inf) or 0 < wanted.within_miles <= 500


def test_the_dates_of_a_form_count_where_they_are_chosen() -> None:
    dates = {"from": "2026-12-05", "to": "2026-12-12"}
    both = Dates(date(2026, 12, 5), date(2026, 12, 12))
    assert search(when="dates", **dates).days == both
    assert search(**dates).days == both
    assert search(when="today", **dates).days is Soon.TODAY
    assert search(when="", **dates).days is None
    assert search(when="dates").days is None


def test_one_day_of_two_is_meant_as_from_then_on_or_until_then() -> None:
    today = datetime.now(UK_TIME).date()
    tomorrow = today + timedelta(days=1)
    assert search(to=str(tomorrow)).days == Dates(today, tomorrow)
    assert search(**{"from": str(tomorrow)}).days == Dates(tomorrow, tomorrow + timedelta(days=366))
    (sentence,) = search(to="2020-01-01").problems
    assert sentence == "The last day is before the first, so the days were left out."


def test_a_search_for_a_place_and_a_distance_has_shelves_and_any_other_is_a_list() -> None:
    assert not SearchRequest("PL1", within_miles=5.0).is_list
    for name, value in asdict(FULL).items():
        if name not in ("near", "within_miles", "page", "through", "typed_dates", "problems"):
            assert replace(SearchRequest("PL1"), **{name: value}).is_list, name
    assert SearchRequest("PL1").on_page(2).is_list


def test_too_many_words_are_cut_between_two_of_them() -> None:
    wanted = search(q="shanty " * 40)
    assert len(wanted.q) <= 100
    assert set(wanted.q.split()) == {"shanty"}
    assert len(wanted.problems) == 1


def test_a_flood_of_rubbish_gets_a_few_sentences() -> None:
    wanted = SearchRequest.from_args(MultiDict([("kind", f"rubbish-{number}") for number in range(500)]))
    assert len(wanted.problems) == MAX_PROBLEMS


def test_through_is_bounded() -> None:
    assert search(through="3").through == 3
    assert search(page="5", through="3").through == 5
    assert search(through="1000").through == MAX_PAGES_AT_ONCE
    assert search(page="50", through="99").through == MAX_PAGE
    assert search(through="x").problems == ()
