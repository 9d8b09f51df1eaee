"""What JSON-LD describes, in whatever of its ways."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.json_ld import Graph, parse_block, types, word
from feeds.json_values import NotJson


@pytest.mark.parametrize(
    "block",
    [
        '{"a": [1, 2], "b": "x"}',
        '\ufeff \n{"a": [1, 2], "b": "x"};',
        '<!-- {"a": [1, 2], "b": "x"} -->',
        '//<![CDATA[\n{"a": [1, 2], "b": "x"}\n//]]>',
        '/*<![CDATA[*/{"a": [1, 2], "b": "x"}/*]]>*/',
        '{"a": [1, 2, ], "b": "x" ,}',
        "{&quot;a&quot;: [1, 2], &quot;b&quot;: &quot;x&quot;}",
    ],
)
def test_a_block_is_read_where_there_is_one_way_only_to_read_it(block: str) -> None:
    assert parse_block(block) == {"a": [1, 2], "b": "x"}


def test_texts_keep_what_looks_like_a_fault() -> None:
    assert parse_block('{"a": "one,]\ntwo \\",}",}') == {"a": 'one,]\ntwo ",}'}


@pytest.mark.parametrize(
    "block", ["", "{", "{'a': 1}", '{"a": }', "[" * 5_000, '{"a": 1} {"b": 2}', '"' + '\\"' * 99_999]
)
def test_a_block_that_is_broken_is_said_so(block: str) -> None:
    with pytest.raises(NotJson):
        parse_block(block)


@given(st.text('{}[]",:\\ \n1a/*-<>&;!'))
def test_no_block_does_more_than_not_being_json(block: str) -> None:
    with suppress(NotJson):
        assert parse_block(block) is None or json.dumps(parse_block(block))


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("Event", ["Event"]),
        ("http://schema.org/Event", ["Event"]),
        (["https://schema.org/Course", "schema:Event", 7, None], ["Course", "Event", "7"]),
        ({"@id": "Event"}, []),
    ],
)
def test_types_without_what_stands_before_them(written: object, found: list[str]) -> None:
    assert types({"@type": written}) == found


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("One", "One"),
        (["", "Two", "Three"], "Two"),
        ([{"@language": "cy", "@value": "Un"}, {"@language": "en-GB", "@value": "One"}], "One"),
        ({"@type": "Organization", "name": "Us"}, "Us"),
        ({"name": {"name": "Deep"}}, ""),
        (12, "12"),
        (None, ""),
    ],
)
def test_one_text_out_of_several(value: object, said: str) -> None:
    assert word(value) == said


def names(*roots: Any) -> list[str]:
    return [word(node.get("name")) for node, _ in Graph(list(roots)).things()]


def event(name: str, **more: object) -> dict[str, Any]:
    return {"@type": "Event", "name": name, **more}


def test_things_are_found_alone_in_lists_in_graphs_and_in_what_is_about_them() -> None:
    assert names(event("a")) == ["a"]
    assert names([event("a"), [event("b")]], event("c")) == ["a", "b", "c"]
    assert names({"@context": "https://schema.org", "@graph": [event("a"), event("b")]}) == ["a", "b"]
    page = {"@type": "WebPage", "name": "page", "mainEntity": {"@type": "ItemList", "itemListElement": [
        {"@type": "ListItem", "name": "first", "item": event("a")}]}}  # fmt: skip
    assert names(page)[-1] == "a"


def test_what_is_done_with_a_thing_or_written_of_it_is_no_offer_of_it() -> None:
    assert names({"@type": "InviteAction", "name": "invite", "event": event("party")}) == ["invite"]
    assert names({"@type": "Article", "name": "news", "about": event("party")}) == ["news"]


def test_a_thing_described_in_pieces_is_put_together() -> None:
    graph = Graph([{"@id": "#a", "@type": "Event", "name": "a"}, {"@id": "#a", "startDate": "2026-07-01"}])
    ((node, _),) = graph.things()
    assert (node["name"], node["startDate"]) == ("a", "2026-07-01")


def test_links_are_led_to_what_they_name_even_in_a_circle() -> None:
    graph = Graph(
        [
            {"@id": "#a", "@type": "Event", "name": "a", "location": "#p", "subEvent": [{"@id": "#b"}]},
            {"@id": "#b", "@type": "Event", "name": "b", "superEvent": {"@id": "#a"}},
            {"@id": "#p", "@type": "Place", "name": "hall"},
        ]
    )
    whole: Any = graph.whole(graph.things()[0][0])
    assert whole["location"]["name"] == "hall"
    assert whole["subEvent"][0]["name"] == "b"
    assert whole["subEvent"][0]["superEvent"] == {"@id": "#a"}


def test_a_web_of_links_is_not_followed_without_end() -> None:
    links = [{"@id": f"#{other}"} for other in range(60)]
    graph = Graph([event(str(number), **{"@id": f"#{number}", "subEvent": links}) for number in range(60)])
    assert len(repr(graph.whole(graph.things()[0][0]))) < 1_000_000


def test_what_is_named_before_it_is_described_is_found() -> None:
    series = event("a", subEvent=[{"@id": "#b"}, {"@id": "#c"}])
    assert names([series, event("b", **{"@id": "#b"})]) == ["a", "b"]


def test_a_page_of_too_many_things_says_that_it_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feeds.json_ld.MOST_NODES", 3)
    assert Graph([event(str(number)) for number in range(4)]).is_cut
    assert not Graph([event(str(number)) for number in range(3)]).is_cut
