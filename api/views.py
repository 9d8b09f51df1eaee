"""The public JSON: the same answers as the pages give, as data. `api/openapi.yaml` describes it."""

from datetime import UTC, datetime
from functools import cache
from math import ceil
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, current_app, jsonify, request, url_for
from flask_babel import gettext

from api import ctdl, geojson, pathway_data, places
from api.cursor import NoSuchPlace
from api.parameters import NUMBERS, SINGLE, OpportunitiesRequest, PathwayRequest
from catalogue import pathway_answers, pathway_pages, queries
from database.session import session
from gazetteer.answers import answer
from gazetteer.locate import Located, Problem, Unlocated
from search import labels
from search.find import ask, find
from search.forms import MAX_PAGE, SearchRequest
from search.place_asked import place_asked
from search.results import NumberedCard
from web import logs
from web.addresses import absolute
from web.open_data import kept

Answer = tuple[dict[str, Any], int]

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
MALFORMED = (Problem.EMPTY, Problem.TOO_LONG)
DESCRIPTION = Path(__file__).with_name("openapi.yaml")


@blueprint.before_request
def once_each() -> Answer | None:
    """Refuse a parameter that is given twice where one is meant: whichever was used, it could be the other.

    A number that is empty is none either; only forms send those.
    """
    for name in SINGLE:
        if len(request.args.getlist(name)) > 1:
            return {"error": gettext("Give “%(name)s” only once.", name=name)}, 400
    for name in NUMBERS:
        if not request.args.get(name, name).strip():
            return {"error": gettext("Give “%(name)s” a number, or leave it out.", name=name)}, 400
    if "page" in request.args and "cursor" in request.args:
        return {"error": gettext("Give “page” or “cursor”, not both.")}, 400
    return None


@blueprint.errorhandler(NoSuchPlace)
def not_a_cursor(_error: NoSuchPlace) -> Answer:
    return {"error": gettext("This “cursor” is of another list, or was changed. Start again without it.")}, 400


blueprint.after_request(kept)


@blueprint.get("/geocode")
def geocode() -> Answer:
    """Where `q` is: 200 if it is found, 404 if it has no place, 400 if it is empty or too long."""
    place = place_asked(request.args.get("q", ""))
    if isinstance(place, Located):
        return answer(place), 200
    return answer(place) | {"error": labels.unlocated(place)}, _status(place)


@blueprint.get("/opportunities")
def opportunities() -> Response | Answer:
    """What the results page shows, or with `elsewhere=1` the page of what is tied to no one place."""
    asked = OpportunitiesRequest.from_args(request.args)
    return _elsewhere(asked) if asked.is_elsewhere else _near(asked)


@blueprint.get("/pathways")
def pathways() -> Answer:
    wanted = SearchRequest.from_args(request.args)
    size = pathway_pages.PAGE
    number, after = (wanted.page - 1) * size, None
    if "cursor" in request.args:
        number, after = places.read_pathway(request.args["cursor"])
    found = pathway_pages.pathways(session(), size + 1, skip=0 if after else number, after=after)
    shown = found[:size]
    page = number // size + 1
    data = {
        "pathways": [pathway_data.summary(pathway) for pathway in shown],
        "count": pathway_pages.count_pathways(session()),
        "page": page,
        "problems": list(wanted.problems),
    }
    if len(found) > size and page < MAX_PAGE:
        cursor = places.write_pathway(number + size, shown[-1].title, shown[-1].id)
        data["next"] = absolute(url_for("api.pathways", cursor=cursor))
    return data, 400 if wanted.problems else 200


@blueprint.get("/pathways/<slug>")
def pathway(slug: str) -> Answer:
    found = pathway_pages.pathway(session(), slug)
    if found is None:
        abort(404)
    wanted = PathwayRequest.from_args(request.args)
    if wanted.problem:
        return {"error": wanted.problem}, 400
    if "near" not in request.args:
        return pathway_data.whole(found, pathway_answers.anywhere(found), None), 200
    place = place_asked(wanted.near)
    if isinstance(place, Unlocated):
        return _unlocated(place)
    answers = pathway_answers.near(
        session(),
        found,
        place,
        datetime.now(UTC),
        slack_miles=place.radius_miles,
        within_miles=wanted.within_miles,
    )
    data = pathway_data.whole(found, answers, place)
    return data | {"near": answer(place), "within_miles": wanted.within_miles}, 200


@blueprint.get("/pathways/<slug>.jsonld")
def pathway_ld(slug: str) -> Response:
    found = pathway_pages.pathway(session(), slug)
    if found is None:
        abort(404)
    answer = jsonify(ctdl.graph(found, absolute(url_for("api.pathway_ld", slug=slug))))
    answer.mimetype = ctdl.MEDIA_TYPE
    return answer


@blueprint.get("/openapi.json")
def openapi() -> Response:
    return jsonify(description())


@cache
def description() -> dict[str, Any]:
    """The OpenAPI document of these routes."""
    import yaml  # for this one answer, which each process makes once

    found: dict[str, Any] = yaml.safe_load(DESCRIPTION.read_text(encoding="utf-8"))
    return found


def _near(asked: OpportunitiesRequest) -> Response | Answer:
    parts = current_app.extensions
    wanted = asked.search
    results = find(
        session(),
        parts["gazetteer"],
        wanted,
        parts["settings"].page_size,
        parts["online_geocoder"],
        as_list=True,
        with_choices=asked.has_facets,
        router=parts["router"],
        after=None if asked.cursor is None else places.read_place(asked.of, asked.cursor, wanted.sort, bool(wanted.q)),
    )
    logs.note(near=results.located.outward if results.located else None)
    problems = (*asked.problems, *results.asked.problems)
    if isinstance(results.place, Unlocated):
        return _unlocated(results.place, problems)
    data = geojson.near(results, results.place)
    if results.facets:
        data["facets"] = geojson.facets(results.facets)
    cursor = places.write_place(asked.of, results.last) if results.has_more and results.last else None
    return _page(asked, data, problems, results.last.number if results.last else 0, cursor)


def _elsewhere(asked: OpportunitiesRequest) -> Response:
    known, filters = ask(session(), asked.search, datetime.now(UTC))
    size = current_app.extensions["settings"].page_size
    number, after = (asked.search.page - 1) * size, None
    if asked.cursor is not None:
        number, after = places.read_placeless(asked.of, asked.cursor)
    cards = queries.without_venue(session(), filters, size + 1, 0 if after else number, after=after)
    numbered = [NumberedCard(each, card) for each, card in enumerate(cards[:size], start=number + 1)]
    data = geojson.elsewhere(numbered, queries.count_without_venue(session(), filters))
    cursor = None
    if len(cards) > size:
        last = cards[size - 1].opportunity
        place = queries.Placeless(last.reach, last.ends_at, last.id)
        cursor = places.write_placeless(asked.of, number + size, place)
    return _page(asked, data, (*asked.problems, *known.problems), number + size, cursor)


def _page(
    asked: OpportunitiesRequest, data: dict[str, Any], problems: tuple[str, ...], last: int, cursor: str | None
) -> Response:
    """A page of a list. `last` is the number of its last entry, `cursor` where the list goes on if it does."""
    page = asked.search.page
    if asked.cursor is not None:
        page = max(1, ceil(last / current_app.extensions["settings"].page_size))
    data |= {"page": page, "problems": list(problems)}
    if cursor and page < MAX_PAGE:
        data["next"] = absolute(url_for("api.opportunities", **asked.query(), cursor=cursor))
    found = jsonify(data)
    found.mimetype = geojson.MEDIA_TYPE
    found.status_code = 400 if problems else 200
    return found


def _unlocated(place: Unlocated, problems: tuple[str, ...] = ()) -> Answer:
    found = {"error": labels.unlocated(place), "near": answer(place), "problems": list(problems)}
    return found, 400 if problems else _status(place)


def _status(place: Unlocated) -> int:
    """A text that cannot be a place is a bad request; one that could be, but is none, is not found."""
    return 400 if place.problem in MALFORMED else 404
