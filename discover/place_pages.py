"""The page of a town or city: what is here by layer and kind, its pathways, its map."""

from dataclasses import replace

from flask import Blueprint, abort, current_app, redirect, render_template, url_for
from werkzeug import Response

from catalogue.slugs import slug_of
from database.session import session
from maps.leaflet_data import of_results
from maps.place_names import draw_results
from search.find import find
from search.forms import SearchRequest
from search.places import place_of
from search.results import NumberedCard, Results

blueprint = Blueprint("places", __name__, url_prefix="/places")


@blueprint.get("/<slug>")
def show(slug: str) -> str | Response:
    parts = current_app.extensions
    place = place_of(parts["gazetteer"], slug)
    if place is None:
        abort(404)
    if slug != slug_of(place.label):
        return redirect(url_for(".show", slug=slug_of(place.label)), code=301)
    wanted = SearchRequest(near=place.label)
    results = numbered(find(session(), parts["gazetteer"], wanted, parts["settings"].page_size))
    return render_template(
        "places/show.html",
        slug=slug,
        slug_of=slug_of,
        wanted=wanted,
        results=results,
        place=place,
        numbers={each.card.opportunity.id: each.number for each in results.cards},
        map_data=of_results(wanted, results, place),
        drawing=draw_results(parts["gazetteer"], place, results.stops),
    )


def numbered(results: Results) -> Results:
    """Results whose shelves' cards are its cards too, numbered in order of distance as the drawn map shows them."""
    cards = [card for shelf in results.shelves for card in shelf.cards]
    nearest_first = sorted(cards, key=lambda card: (card.distance_m or 0.0, card.opportunity.id))
    return replace(results, cards=[NumberedCard(number, card) for number, card in enumerate(nearest_first, start=1)])
