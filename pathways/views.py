"""The pages of pathways: all of them, and one with the nearest way to do each step."""

from datetime import UTC, datetime

from flask import Blueprint, abort, render_template, request

from catalogue import pathway_answers, pathway_pages
from database.session import session
from gazetteer.locate import Located
from pathways import progress_pages, words
from search.forms import MAX_PAGE, SearchRequest
from search.place_asked import place_asked

blueprint = Blueprint("pathways", __name__, url_prefix="/pathways")
blueprint.app_context_processor(lambda: {"pathway_words": words})


@blueprint.get("")
def index() -> tuple[str, int]:
    wanted = SearchRequest.from_args(request.args)
    place = place_asked(wanted.near)
    size = pathway_pages.PAGE
    page = render_template(
        "pathways/index.html",
        wanted=wanted,
        located=place if isinstance(place, Located) else None,
        pathways=pathway_pages.pathways(session(), size, skip=(wanted.page - 1) * size),
        has_more=wanted.page < MAX_PAGE and pathway_pages.count_pathways(session()) > wanted.page * size,
    )
    return page, 400 if wanted.problems else 200


@blueprint.get("/<slug>")
def show(slug: str) -> str:
    found = pathway_pages.pathway(session(), slug)
    if found is None:
        abort(404)
    near = SearchRequest.from_args(request.args).near
    place = place_asked(near)
    located = place if isinstance(place, Located) else None
    if located:
        slack = located.radius_miles
        answers = pathway_answers.near(session(), found, located, datetime.now(UTC), slack_miles=slack)
    else:
        answers = pathway_answers.anywhere(found)
    return render_template(
        "pathways/show.html",
        pathway=found,
        near=near,
        place=place,
        located=located,
        answers=answers,
        skills=pathway_pages.skills(found),
        progress=progress_pages.shown(found),
    )
