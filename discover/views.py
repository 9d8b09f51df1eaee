"""The learner's pages: the question, the results as a list and on a map, one opportunity."""

from datetime import UTC, datetime

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from werkzeug import Response

from catalogue import queries
from catalogue.words import Kind, Layer
from database.session import session
from discover import rings
from discover.details import details
from gazetteer.locate import Located, locate
from search import labels
from search.forms import MAX_PAGE, SearchRequest
from search.results import Results, find
from settings import Settings
from web import logs
from web.fragments import wants_fragment

LARGEST_ID = 2**31 - 1  # what an integer column holds

blueprint = Blueprint("discover", __name__)
blueprint.app_context_processor(
    lambda: {"labels": labels, "Kind": Kind, "Layer": Layer, "samples_loaded": lambda: queries.has_samples(session())}
)


@blueprint.get("/")
def front() -> str:
    return render_template("discover/front.html", places=_settings().featured_places)


@blueprint.get("/discover")
def search() -> tuple[str, int]:
    wanted, results = _search()
    template = "discover/_results.html" if wants_fragment() else "discover/search.html"
    page = render_template(template, wanted=wanted, results=results, last_page=MAX_PAGE)
    return page, _status(wanted)


@blueprint.get("/discover/map")
def search_map() -> tuple[str, int]:
    from discover.folium_map import draw  # folium brings numpy: not before a map is asked for

    wanted, results = _search()
    stops = results.stops
    page = render_template(
        "discover/map.html",
        wanted=wanted,
        results=results,
        last_page=MAX_PAGE,
        rings=rings.draw(results.located, stops) if results.located else None,
        map_script=draw(results.located, stops, _settings()) if results.located else None,
    )
    return page, _status(wanted)


@blueprint.get("/discover/anywhere")
def anywhere() -> tuple[str, int]:
    wanted = SearchRequest.from_args(request.args)
    size = _settings().page_size
    before = (wanted.page - 1) * size
    found = queries.without_venue(session(), wanted.filters(), size + 1, skip=before)
    has_more = len(found) > size and wanted.page < MAX_PAGE
    page = render_template("discover/anywhere.html", wanted=wanted, cards=found[:size], has_more=has_more)
    return page, _status(wanted)


@blueprint.get(f"/opportunities/<int(max={LARGEST_ID}):opportunity_id>-<slug>")
def opportunity(opportunity_id: int, slug: str) -> str | Response:
    found = queries.opportunity(session(), opportunity_id)
    if found is None:
        abort(404)
    near = request.args.get("near", "")
    if slug != found.slug:
        return redirect(url_for(".opportunity", opportunity_id=found.id, slug=found.slug, near=near or None), code=301)
    place = locate(current_app.extensions["gazetteer"], near)
    located = place if isinstance(place, Located) else None
    distances = queries.distances(session(), located, found) if located else {}
    return render_template(
        "discover/opportunity.html",
        opportunity=found,
        located=located,
        distances=distances,
        **details(found, datetime.now(UTC)),
    )


def _search() -> tuple[SearchRequest, Results]:
    wanted = SearchRequest.from_args(request.args)
    parts = current_app.extensions
    results = find(session(), parts["gazetteer"], wanted, _settings().page_size, parts["online_geocoder"])
    logs.note(near=results.located.outward if results.located else None)
    return wanted, results


def _status(wanted: SearchRequest) -> int:
    """A place that is not found is a person's slip, and answered as a page; a bad parameter is a bad request."""
    return 400 if wanted.problems else 200


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
