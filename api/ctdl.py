"""A pathway as JSON-LD in the terms of CTDL, Credential Engine's language: https://credreg.net/ctdl/terms.

A step is a component whose condition asks for one of its options; the destination is one whose
conditions ask for the steps, and for `needed` of each group. What comes first `precedes` what
comes next; of a group none precedes another. A step that may be skipped is in no condition.

No term is made up; `tests/api/test_ctdl.py` has a table of where each was found. Not verified, for the vocabulary
itself could not be read here:

- `ceterms:hasChild`: Credential Engine's viewer of pathways reads it, its publishing model of 2023
  writes `ceasn:hasChild`.
- `ceterms:hasPart` of a pathway, and `ceterms:isPartOf` of a component: the registry is said to have
  both, the publishing model writes `ceasn:isPartOf`.
- An apprenticeship has no class of its own among the components: it is a `ceterms:JobComponent`.

There are no `ceterms:ctid`, for the registry gives these out: each `@id` is an address of ours.
`ceterms:SelectionComponent` is not used, for it is obsolete since 2022. What a pathway leads on to is left
out, for no term that joins pathways was found.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from flask import url_for
from flask_babel import force_locale

from catalogue import pathway_pages
from catalogue.models import Provider
from catalogue.pathway_answers import ways_by_step
from catalogue.pathway_models import Pathway, Step
from catalogue.pathway_ways import Way
from catalogue.words import DestinationKind, Kind
from search import labels
from search.way_words import way as way_in_words
from web.addresses import absolute

MEDIA_TYPE = "application/ld+json"
CONTEXT = "https://credreg.net/ctdl/schema/context/json"
LANGUAGE = "en"
BASIC = "ceterms:BasicComponent"
DESTINATIONS = {
    DestinationKind.JOB: "ceterms:JobComponent",
    DestinationKind.APPRENTICESHIP: "ceterms:JobComponent",
    DestinationKind.COURSE: "ceterms:CourseComponent",
    DestinationKind.WORDS: BASIC,
}
# What is neither a course nor work is an activity that belongs to no curriculum.
KINDS = {
    Kind.EVENT: "ceterms:ExtracurricularComponent",
    Kind.WORKSHOP: "ceterms:CourseComponent",
    Kind.COURSE: "ceterms:CourseComponent",
    Kind.ONLINE: "ceterms:CourseComponent",
    Kind.VOLUNTEERING: "ceterms:ExtracurricularComponent",
    Kind.WORK_EXPERIENCE: "ceterms:WorkExperienceComponent",
    Kind.PROJECT: "ceterms:ExtracurricularComponent",
    Kind.APPRENTICESHIP: "ceterms:JobComponent",
    Kind.JOB: "ceterms:JobComponent",
    Kind.INFORMATION: BASIC,
}

Node = dict[str, Any]


def graph(pathway: Pathway, address: str) -> Node:
    """The JSON-LD document of a pathway.

    Args:
        pathway: as `pathway_pages.pathway` reads it.
        address: the whole address of the document, which the `@id` of every part begins with.
    """
    # What is written here is said to be English.
    with force_locale(LANGUAGE):
        components = [_destination(pathway, address), *_components(pathway, address)]
        parts = [each["@id"] for each in components]
        return {
            "@context": CONTEXT,
            "@graph": [_pathway(pathway, address, parts), _organisation(pathway.provider), *components],
        }


def _pathway(pathway: Pathway, address: str, parts: Sequence[str]) -> Node:
    skills = [skill.name for skill in pathway_pages.skills(pathway)]
    return {
        "@id": address,
        "@type": "ceterms:Pathway",
        "ceterms:name": _words(pathway.title),
        "ceterms:description": _words("\n\n".join(filter(None, (pathway.summary, pathway.description.strip())))),
        "ceterms:subjectWebpage": absolute(url_for("pathways.show", slug=pathway.slug)),
        "ceterms:ownedBy": [_provider_id(pathway.provider)],
        "ceterms:hasPart": list(parts),
        "ceterms:hasDestinationComponent": [_destination_id(address)],
    } | ({"ceterms:keyword": {LANGUAGE: skills}} if skills else {})


def _organisation(provider: Provider) -> Node:
    return {
        "@id": _provider_id(provider),
        "@type": "ceterms:Organization",
        "ceterms:name": _words(provider.name),
        "ceterms:subjectWebpage": absolute(url_for("providers.show", slug=provider.slug)),
    }


def _destination(pathway: Pathway, address: str) -> Node:
    steps = _in_turn(pathway)
    return {
        "@id": _destination_id(address),
        "@type": DESTINATIONS[pathway.destination_kind],
        "ceterms:name": _words(pathway.destination),
        "ceterms:isPartOf": [address],
        "ceterms:isDestinationComponentOf": [address],
        "ceterms:hasChild": [_step_id(address, step) for step in pathway.steps],
        "ceterms:hasCondition": list(_conditions(pathway, address)),
        "ceterms:precededBy": [_step_id(address, step) for step in steps[-1]] if steps else [],
    }


def _conditions(pathway: Pathway, address: str) -> Iterator[Node]:
    """That all steps are done that everyone must do, and of each group as many as are needed."""
    alone = [step for step in pathway.steps if step.group_number is None and not step.is_optional]
    if alone:
        yield _condition("All of these", len(alone), [_step_id(address, step) for step in alone])
    for group in pathway.groups:
        targets = [_step_id(address, step) for step in pathway.steps if step.group_number == group.number]
        yield _condition(f"Any {group.needed} of these", group.needed, targets)


def _condition(name: str, number: int, targets: Sequence[str]) -> Node:
    return {
        "@type": "ceterms:ComponentCondition",
        "ceterms:name": _words(name),
        "ceterms:requiredNumber": number,
        "ceterms:targetComponent": list(targets),
    }


def _in_turn(pathway: Pathway) -> list[list[Step]]:
    """The steps in turn, those of a group together."""
    found: list[list[Step]] = []
    for number, some in groupby(pathway.steps, key=lambda step: step.group_number):
        turn = list(some)
        found += [[step] for step in turn] if number is None else [turn]
    return found


def _components(pathway: Pathway, address: str) -> Iterator[Node]:
    """The steps, each with its options after it."""
    turns = _in_turn(pathway)
    ways = dict(ways_by_step(pathway))
    for at, turn in enumerate(turns):
        before = [_step_id(address, step) for step in turns[at - 1]] if at else []
        is_last = at + 1 == len(turns)
        after = [_destination_id(address)] if is_last else [_step_id(address, step) for step in turns[at + 1]]
        for step in turn:
            order = {"ceterms:precededBy": before, "ceterms:precedes": after}
            options = [_option(way, f"{_step_id(address, step)}-{n}", address) for n, way in enumerate(ways[step], 1)]
            yield _step(step, address, [each["@id"] for each in options]) | {k: v for k, v in order.items() if v}
            yield from options


def _step(step: Step, address: str, options: Sequence[str]) -> Node:
    node: Node = {
        "@id": _step_id(address, step),
        "@type": BASIC,
        "ceterms:name": _words(step.title),
        "ceterms:description": _words(step.asks_for),
        "ceterms:componentCategory": _words(str(labels.LAYERS[step.layer])),
        "ceterms:isPartOf": [address],
    }
    # A step whose badge or opportunity is gone may have no option left.
    if not options:
        return node
    return node | {
        "ceterms:hasChild": list(options),
        "ceterms:hasCondition": [_condition("Any one of these", 1, options)],
    }


def _option(way: Way, identifier: str, address: str) -> Node:
    node: Node = {"@id": identifier, "@type": _type(way), "ceterms:isPartOf": [address]}
    if way.badge:
        words = {"ceterms:name": _words(way.badge.name), "ceterms:description": _words(way.badge.summary)}
        return node | words | {"ceterms:credentialType": "ceterms:Badge"}
    if way.opportunity:
        named = way.opportunity
        url = absolute(url_for("opportunities.show", opportunity_id=named.id, slug=named.slug))
        words = {"ceterms:name": _words(named.title), "ceterms:description": _words(named.summary)}
        return node | words | {"ceterms:subjectWebpage": url}
    return node | {"ceterms:name": _words(way_in_words(way))}


def _type(way: Way) -> str:
    """The class of a way; of a rule with several kinds their common one, if they have one."""
    if way.badge:
        return "ceterms:CredentialComponent"
    types = {KINDS[kind] for kind in ([way.opportunity.kind] if way.opportunity else way.kinds)}
    return types.pop() if len(types) == 1 else BASIC


def _words(text: str) -> dict[str, str]:
    return {LANGUAGE: text}


def _step_id(address: str, step: Step) -> str:
    return f"{address}#{step.slug}"


def _destination_id(address: str) -> str:
    # No slug has two hyphens in a row.
    return f"{address}#--destination"


def _provider_id(provider: Provider) -> str:
    return absolute(url_for("providers.show", slug=provider.slug)) + "#provider"
