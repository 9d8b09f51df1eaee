"""The learner's pages: the question, the results as a list and on a map."""

from dataclasses import replace
from datetime import UTC, datetime
from math import inf
from typing import Any

from flask import Blueprint, current_app, render_template, request

from catalogue import queries
from catalogue.slugs import slug_of
from catalogue.words import Kind, Layer, TimeOfWeek
from database.session import session
from gazetteer.locate import Located
from maps.leaflet_data import of_results
from maps.place_names import draw_results
from search import journeys, labels
from search.days import Soon
from search.find import ask, find
from search.forms import MAX_PAGE, MAX_PAGES_AT_ONCE, SearchRequest, Sort
from search.place_asked import place_asked
from search.results import Results
from settings import Settings
from web import logs
from web.fragments import wants_fragment, wants_part

blueprint = Blueprint("discover", __name__)


@blueprint.app_context_processor
def words() -> dict[str, Any]:
    """What every template may name."""
    return {
        "inf": inf,
        "journeys": journeys,
        "labels": labels,
        "Kind": Kind,
        "Layer": Layer,
        "Soon": Soon,
        "Sort": Sort,
        "TimeOfWeek": TimeOfWeek,
        "last_page": MAX_PAGE,
        "pages_at_once": MAX_PAGES_AT_ONCE,
        "samples_loaded": lambda: queries.has_samples(session()),
    }


@blueprint.get("/")
def front() -> str:
    return render_template("discover/front.html", places={slug_of(name): name for name in _settings().featured_places})


@blueprint.get("/discover")
def search() -> tuple[str, int]:
    is_more = wants_part("hits")
    wanted, results = _search(as_list=is_more, with_choices=not is_more)
    template = "discover/_results.html" if wants_fragment() else "discover/search.html"
    if is_more and results.located:
        template = "discover/_list.html"
    return render_template(template, wanted=wanted, results=results, is_more=is_more), _status(wanted, results)


@blueprint.get("/discover/map")
def search_map() -> tuple[str, int]:
    wanted, results = _search(as_list=True)
    table = current_app.extensions["gazetteer"]
    page = render_template(
        "discover/map.html",
        wanted=wanted,
        results=results,
        map_data=of_results(wanted, results, _person(wanted, results)) if results.located else None,
        drawing=draw_results(table, results.located, results.stops) if results.located else None,
    )
    return page, _status(wanted, results)


def _person(wanted: SearchRequest, results: Results) -> Located | None:
    """Where the person is: in the middle of the search, unless that is of a part of the map."""
    place = place_asked(wanted.near) if wanted.box else results.place
    return place if isinstance(place, Located) else None


@blueprint.get("/discover/anywhere")
def anywhere() -> tuple[str, int]:
    # Neither a distance, nor a part of the map, nor an order applies to what has no place.
    typed = SearchRequest.from_args(request.args)
    wanted = replace(typed, within_miles=None, journey=None, box=None, sort=None)
    asked, filters = ask(session(), wanted, datetime.now(UTC))
    size = _settings().page_size
    found = queries.without_venue(session(), filters, size + 1, skip=(wanted.page - 1) * size)
    has_more = len(found) > size and wanted.page < MAX_PAGE
    page = render_template("discover/anywhere.html", wanted=wanted, asked=asked, cards=found[:size], has_more=has_more)
    return page, 400 if wanted.problems or asked.problems else 200


def _search(as_list: bool = False, with_choices: bool = True) -> tuple[SearchRequest, Results]:
    wanted = SearchRequest.from_args(request.args)
    parts = current_app.extensions
    results = find(
        session(),
        parts["gazetteer"],
        wanted,
        _settings().page_size,
        parts["online_geocoder"],
        as_list=as_list,
        with_choices=with_choices,
        router=parts["router"],
    )
    logs.note(near=results.located.outward if results.located else None)
    return wanted, results


def _status(wanted: SearchRequest, results: Results) -> int:
    """A place that is not found is a person's slip, and answered as a page; a bad parameter is a bad request."""
    return 400 if wanted.problems or results.asked.problems else 200


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
