"""Every answer of the API, and of searches as feeds and tables, is as `api/openapi.yaml` says, whatever is asked."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zlib import crc32

import schemathesis
from flask import Flask
from schemathesis import Case
from schemathesis.config import (
    CoveragePhaseConfig,
    GenerationConfig,
    PhasesConfig,
    ProjectConfig,
    ProjectsConfig,
    SchemathesisConfig,
)
from schemathesis.generation import GenerationMode

from api.views import description

EXAMPLES = 25  # of each operation, besides those that go through every bound of every parameter
# Without some of these nearly every answer would be that there is no such place or pathway.
PLACES = ("PL1 2AA", "br34hg", "PL1", "Leeds", "BT1 5GS", "50.37,-4.14", "Kingston upon Thames")
FEEDS = {"tabulateOpportunities": "/discover.csv", "followSearch": "/discover.atom", "followDates": "/discover.ics"}
SEARCHES = ("/api/v1/opportunities", *FEEDS.values())
PATHWAYS = ("become-an-electrician", "engineering-operative")
SKILLS = ("video-editing", "listening", "research")
BOXES = ("-4.2,50.3,-4.1,50.4", "-9,49,2,61", "-1.6,53.7,-1.5,53.8")
DAYS = ("2026-12-05", "2026-12-05..2026-12-12", "2027-02-28..2028-02-29")


def described(mode: GenerationMode, goes_to_bounds: bool = True) -> Any:
    generation = GenerationConfig(modes=[mode], max_examples=EXAMPLES, deterministic=True)
    phases = PhasesConfig(coverage=CoveragePhaseConfig(enabled=goes_to_bounds))
    projects = ProjectsConfig(default=ProjectConfig(generation=generation, phases=phases))
    return schemathesis.openapi.from_dict(description(), config=SchemathesisConfig(projects=projects))


# Their parameters are those of the API, whose every bound is tried there.
@described(GenerationMode.POSITIVE, goes_to_bounds=False).include(operation_id=list(FEEDS)).parametrize()  # type: ignore[untyped-decorator]
def test_a_search_to_take_along_is_answered_as_it_is_described(case: Case[Any], site: Flask) -> None:
    answer_as_described(case, site)


@described(GenerationMode.POSITIVE).exclude(operation_id=list(FEEDS)).parametrize()  # type: ignore[untyped-decorator]  # it has no types
def test_what_is_valid_is_answered_as_it_is_described(case: Case[Any], site: Flask) -> None:
    answer_as_described(case, site)


# Of the description nothing can be asked that is not valid; and feeds and tables, as pages, take what forms send: a box
# that was left empty, a parameter that stands twice.
@described(GenerationMode.NEGATIVE).exclude(operation_id=["describe", *FEEDS]).parametrize()  # type: ignore[untyped-decorator]
def test_what_is_not_valid_is_refused_as_it_is_described(case: Case[Any], site: Flask) -> None:
    case.call_and_validate(app=site, headers={"Accept-Encoding": "identity"})


def answer_as_described(case: Case[Any], site: Flask) -> None:
    """Ask what is valid by its schema, and by what that cannot say."""
    if case.operation.path in SEARCHES and case.query.get("elsewhere") != "1":
        case.query.setdefault("near", PLACES[0])
    case.query = answerable(case.query)
    if "cursor" in case.query:
        case.query = with_own_cursor(site, case.operation.path, case.query)
    if "slug" in case.path_parameters:
        case.path_parameters["slug"] = sometimes(PATHWAYS, case.path_parameters["slug"])
    case.call_and_validate(app=site, headers={"Accept-Encoding": "identity"})


def answerable(query: dict[str, Any]) -> dict[str, Any]:
    """A query that is valid by its schema, made valid by what that cannot say: which places, skills, days there are."""
    found = query | {name: sometimes(PLACES, query[name]) for name in ("near", "q") if name in query}
    if "skill" in found:
        found["skill"] = [one(SKILLS, skill) for skill in found["skill"]]
    if str(found.get("when"))[:1].isdigit():
        found["when"] = one(DAYS, found["when"])
    if "box" in found:
        found["box"] = one(BOXES, found["box"])
    return found | {name: day for name, day in (("from", DAYS[0]), ("to", "2026-12-12")) if name in found}


def with_own_cursor(site: Flask, path: str, query: dict[str, Any]) -> dict[str, Any]:
    """A query with the cursor that its first page gives; without one, where there is no second."""
    found = {name: value for name, value in query.items() if name not in ("cursor", "page")}
    with site.test_client().get(path, query_string=found) as first:
        cursors = parse_qs(urlsplit((first.json or {}).get("next", "")).query).get("cursor", [])
    return found | {"cursor": cursors[0]} if cursors else found


def one(known: Sequence[str], generated: str) -> str:
    return known[crc32(generated.encode()) % len(known)]


def sometimes(known: Sequence[str], generated: str) -> str:
    """One of the known in two of three cases."""
    return generated if crc32(generated.encode()) % 3 == 0 else one(known, generated)
