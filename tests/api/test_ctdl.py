"""`/api/v1/pathways/<slug>.jsonld`: a pathway in Credential Engine's terms."""

import json
from collections import Counter
from collections.abc import Iterator
from graphlib import TopologicalSorter
from typing import Any

import pytest
from flask import Flask

from api import ctdl
from catalogue.seeds import read
from catalogue.words import DestinationKind, Kind
from tests.client import CheckedClient

# Credential Engine's code and pages in which each term stands.
PUBLISHING = "github.com/CredentialEngine/Registry_Assistant src/RA.Models/JsonV2/PathwayComponent.cs"
PATHWAY = "github.com/CredentialEngine/Registry_Assistant src/RA.Models/JsonV2/Pathway.cs"
TYPES = "github.com/CredentialEngine/Registry_Assistant src/RA.Models/Input/PathwayRequest.cs"
OVERVIEW = "github.com/CredentialEngine/pathways PathwayConditions.json"
# The classes that are made from the vocabulary for the registry's competency tools.
CLASSES = "org.credentialengine: Pathway and CredentialComponent, as published with CaSS"
VIEWER = "Credential Engine's viewer of pathways in the registry"
VOCABULARY = "the vocabulary as other projects keep a copy of it"
SOURCES = {
    "@id": "https://www.w3.org/TR/json-ld11/#node-identifiers",
    "@type": "https://www.w3.org/TR/json-ld11/#specifying-the-type",
    "ceterms:Pathway": PATHWAY,
    "ceterms:Organization": VOCABULARY,
    "ceterms:BasicComponent": TYPES,
    "ceterms:CourseComponent": TYPES,
    "ceterms:CredentialComponent": TYPES,
    "ceterms:ExtracurricularComponent": TYPES,
    "ceterms:JobComponent": TYPES,
    "ceterms:WorkExperienceComponent": TYPES,
    "ceterms:ComponentCondition": PUBLISHING,
    "ceterms:Badge": CLASSES,
    "ceterms:name": PATHWAY,
    "ceterms:description": PATHWAY,
    "ceterms:subjectWebpage": PATHWAY,
    "ceterms:ownedBy": PATHWAY,
    "ceterms:keyword": CLASSES,
    "ceterms:hasPart": OVERVIEW,
    "ceterms:isPartOf": CLASSES,
    "ceterms:hasDestinationComponent": CLASSES,
    "ceterms:isDestinationComponentOf": PUBLISHING,
    "ceterms:hasChild": VIEWER,
    "ceterms:hasCondition": PUBLISHING,
    "ceterms:requiredNumber": PUBLISHING,
    "ceterms:targetComponent": PUBLISHING,
    "ceterms:precedes": PUBLISHING,
    "ceterms:precededBy": PUBLISHING,
    "ceterms:componentCategory": PUBLISHING,
    "ceterms:credentialType": PUBLISHING,
}
INVERSE = {
    "ceterms:hasPart": "ceterms:isPartOf",
    "ceterms:hasDestinationComponent": "ceterms:isDestinationComponentOf",
    "ceterms:precedes": "ceterms:precededBy",
}
REFERENCES = {*INVERSE, *INVERSE.values(), "ceterms:ownedBy", "ceterms:hasChild", "ceterms:targetComponent"}
TEXTS = {"ceterms:name", "ceterms:description", "ceterms:componentCategory"}
SAMPLES = [each.slug for each in read().pathways.pathways]

Node = dict[str, Any]


def ask(client: CheckedClient, slug: str) -> dict[str, Node]:
    """The nodes of a pathway's graph by their `@id`."""
    answer = client.get(f"/api/v1/pathways/{slug}.jsonld")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/ld+json")
    data = json.loads(answer.text)
    assert set(data) == {"@context", "@graph"}
    assert data["@context"] == "https://credreg.net/ctdl/schema/context/json"
    twice = [name for name, times in Counter(each["@id"] for each in data["@graph"]).items() if times > 1]
    assert twice == []
    return {each["@id"]: each for each in data["@graph"]}


def whole(nodes: dict[str, Node]) -> Iterator[Node]:
    """Every node, with the conditions that stand within others."""
    for node in nodes.values():
        yield node
        yield from node.get("ceterms:hasCondition", [])


def named(nodes: dict[str, Node], name: str) -> Node:
    (found,) = [each for each in nodes.values() if each["ceterms:name"] == {"en": name}]
    return found


@pytest.mark.parametrize("slug", SAMPLES)
def test_every_term_has_a_source_and_every_reference_leads_somewhere(client: CheckedClient, slug: str) -> None:
    nodes = ask(client, slug)
    for node in whole(nodes):
        types = {node["@type"], node.get("ceterms:credentialType", node["@type"])}
        assert set(node) | types <= set(SOURCES), node
        for name in REFERENCES & set(node):
            assert node[name]
            assert set(node[name]) <= set(nodes), (node, name)
        for name in TEXTS & set(node):
            assert list(node[name]) == ["en"]
            assert node[name]["en"].strip()


@pytest.mark.parametrize("slug", SAMPLES)
def test_what_is_said_one_way_is_said_the_other_way_too(client: CheckedClient, slug: str) -> None:
    nodes = ask(client, slug)
    for name, back in INVERSE.items():
        there = {(one, other) for one, node in nodes.items() for other in node.get(name, [])}
        assert there == {(other, one) for one, node in nodes.items() for other in node.get(back, [])}
        assert there


@pytest.mark.parametrize("slug", SAMPLES)
def test_the_graph_has_no_loops_and_leaves_nothing_out(client: CheckedClient, slug: str) -> None:
    nodes = ask(client, slug)
    graph: TopologicalSorter[str] = TopologicalSorter()
    for one, node in nodes.items():
        targets = [each for part in node.get("ceterms:hasCondition", []) for each in part["ceterms:targetComponent"]]
        graph.add(one, *node.get("ceterms:hasChild", []), *node.get("ceterms:precededBy", []), *targets)
    order = list(graph.static_order())
    (top,) = [node for node in nodes.values() if node["@type"] == "ceterms:Pathway"]
    (destination,) = top["ceterms:hasDestinationComponent"]
    parts = top["ceterms:hasPart"]
    assert [each for each in order if each in parts][-1] == destination
    reached, ahead = set(), [destination]
    while ahead:
        one = ahead.pop()
        reached.add(one)
        ahead += nodes[one].get("ceterms:hasChild", [])
    assert reached == set(parts)


def test_any_one_of_the_options_completes_a_step(client: CheckedClient) -> None:
    nodes = ask(client, "become-an-electrician")
    step = named(nodes, "Wire something and find the fault")
    (condition,) = step["ceterms:hasCondition"]
    assert condition["ceterms:requiredNumber"] == 1
    assert condition["ceterms:targetComponent"] == step["ceterms:hasChild"]
    options = [nodes[each] for each in step["ceterms:hasChild"]]
    assert [(each["@type"], each["ceterms:name"]["en"]) for each in options] == [
        ("ceterms:CredentialComponent", "A lamp on a board"),
        ("ceterms:BasicComponent", "Work experience, Projects: Electrical work"),
        ("ceterms:WorkExperienceComponent", "One week of work experience, found for you"),
    ]
    assert options[2]["ceterms:subjectWebpage"].startswith("http://localhost/opportunities/")


def test_of_a_group_some_are_needed_and_none_comes_first(client: CheckedClient) -> None:
    nodes = ask(client, "into-film-production")
    group = [named(nodes, name) for name in ("Learn to frame a shot", "Tell a story in pictures")]
    assert group[0]["ceterms:precedes"] == group[1]["ceterms:precedes"]
    assert group[0]["ceterms:precededBy"] == group[1]["ceterms:precededBy"]
    destination = named(nodes, "A paid day as a runner or trainee on a crew")
    needed, of_group = destination["ceterms:hasCondition"]
    assert (of_group["ceterms:requiredNumber"], len(of_group["ceterms:targetComponent"])) == (2, 3)
    # Nine steps, of which three are the group and one may be skipped.
    assert (needed["ceterms:requiredNumber"], len(needed["ceterms:targetComponent"])) == (5, 5)


def test_every_kind_and_destination_has_a_class() -> None:
    assert set(ctdl.KINDS) == set(Kind)
    assert set(ctdl.DESTINATIONS) == set(DestinationKind)
    assert {*ctdl.KINDS.values(), *ctdl.DESTINATIONS.values()} <= set(SOURCES)


def test_the_page_names_it_and_no_pathway_is_not_found(client: CheckedClient, site: Flask) -> None:
    (link,) = client.get("/pathways/early-years").all(".//link[@type='application/ld+json']")
    assert link.get("href") == "http://localhost/api/v1/pathways/early-years.jsonld"
    missing = client.get("/api/v1/pathways/no-such.jsonld")
    assert (missing.status, json.loads(missing.text)) == (404, {"error": "There is nothing at this address."})
