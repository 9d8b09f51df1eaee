"""The pages of pathways: all of them, and one with the nearest way to do each step."""

from datetime import UTC, datetime

from flask import Blueprint, abort, current_app, render_template, request, url_for

from catalogue import pathway_answers, pathway_pages, pathway_search, queries
from catalogue.pathway_answers import Answers
from catalogue.pathway_models import Pathway
from database.session import session
from gazetteer.locate import Located
from maps.leaflet_data import of_stops
from maps.stops import stops_map
from pathways import progress_pages, words
from pathways.choices import RADII, PathwayRequest
from pathways.stops import stops
from pathways.totals import totals
from search.place_asked import place_asked
from web.addresses import absolute
from web.sharing import share_links

PAGE = 24

blueprint = Blueprint("pathways", __name__, url_prefix="/pathways")
blueprint.app_context_processor(lambda: {"pathway_words": words})


@blueprint.get("")
def index() -> tuple[str, int]:
    wanted = PathwayRequest.from_args(request.args)
    place = place_asked(wanted.near)
    located = place if isinstance(place, Located) else None
    slack = located.radius_miles if located else 0.0
    found = pathway_search.suggestions(session(), wanted.wanted(), located, datetime.now(UTC), slack)
    skills = pathway_search.skills_of_pathways(session())
    problems = (*wanted.problems, *words.unknown_skills(wanted, skills))
    page = render_template(
        "pathways/index.html",
        wanted=wanted,
        near=wanted.near,
        place=place,
        located=located,
        suggestions=found[(wanted.page - 1) * PAGE : wanted.page * PAGE],
        count=len(found),
        has_more=len(found) > wanted.page * PAGE,
        skills=skills,
        problems=problems,
    )
    return page, 400 if problems else 200


@blueprint.get("/<slug>")
def show(slug: str) -> tuple[str, int]:
    found = pathway_pages.pathway(session(), slug)
    if found is None:
        abort(404)
    wanted = PathwayRequest.from_args(request.args)
    place = place_asked(wanted.near)
    located = place if isinstance(place, Located) else None
    answers = _answers(found, wanted, located)
    table = current_app.extensions["gazetteer"]
    drawing = stops_map(table, stops(answers.steps), located) if located else None
    page = render_template(
        "pathways/show.html",
        pathway=found,
        wanted=wanted,
        near=wanted.near,
        place=place,
        located=located,
        radii=RADII,
        answers=answers,
        totals=totals(found, answers.steps) if located else None,
        drawing=drawing,
        map_data=of_stops(drawing) if drawing else None,
        following=pathway_pages.following(session(), found),
        skills=pathway_pages.skills(found),
        progress=progress_pages.shown(found),
        liked=queries.skills(session(), wanted.likes),
        share_links=share_links(found.title, absolute(url_for(".show", slug=slug))),
    )
    return page, 400 if wanted.problems else 200


def _answers(pathway: Pathway, wanted: PathwayRequest, located: Located | None) -> Answers:
    if located is None:
        return pathway_answers.anywhere(pathway)
    return pathway_answers.near(
        session(),
        pathway,
        located,
        datetime.now(UTC),
        slack_miles=located.radius_miles,
        within_miles=wanted.within_miles,
        interests=set(queries.skills(session(), wanted.likes)),
    )
