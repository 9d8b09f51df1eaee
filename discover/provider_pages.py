"""The page of a provider: who they are, what they offer now and where."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, abort, current_app, render_template, request

from catalogue import pathway_pages, provider_queries
from catalogue.filters import Filters
from catalogue.models import Provider
from catalogue.queries import Card
from database.session import session
from gazetteer.locate import Located
from search.details import is_web_address
from search.forms import MAX_PAGE, SearchRequest
from search.place_asked import place_asked
from web.script_json import script_json

SHELF = 50  # pathways and badges on a provider's page

blueprint = Blueprint("providers", __name__, url_prefix="/providers")


@blueprint.get("/<slug>")
def show(slug: str) -> tuple[str, int]:
    provider = provider_queries.provider(session(), slug)
    if provider is None:
        abort(404)
    wanted = SearchRequest.from_args(request.args)
    place = place_asked(wanted.near)
    located = place if isinstance(place, Located) else None
    filters = Filters(datetime.now(UTC), provider_id=provider.id)
    size = current_app.extensions["settings"].page_size
    offers = _offers(located, filters, size + 1, skip=(wanted.page - 1) * size)
    page = render_template(
        "providers/show.html",
        provider=provider,
        link=provider.url if is_web_address(provider.url) else None,
        wanted=wanted,
        place=place,
        located=located,
        offers=offers[:size],
        has_more=len(offers) > size and wanted.page < MAX_PAGE,
        towns=provider_queries.towns(session(), filters),
        pathways=pathway_pages.pathways_by(session(), provider.id, SHELF),
        badges=provider_queries.badges(session(), provider.id, SHELF),
        linked_data=script_json(organization(provider)),
    )
    return page, 400 if wanted.problems else 200


def organization(provider: Provider) -> dict[str, Any]:
    """A provider as schema.org describes one: https://schema.org/Organization."""
    described = {
        "@context": "https://schema.org",
        "@type": "Organization",
        "name": provider.name,
        "url": provider.url if is_web_address(provider.url) else None,
        "description": provider.summary,
    }
    return {name: value for name, value in described.items() if value}


def _offers(located: Located | None, filters: Filters, limit: int, skip: int) -> list[Card]:
    if located is None:
        return provider_queries.offers_soonest(session(), filters, limit, skip)
    return provider_queries.offers_near(session(), located, filters, limit, skip)
