"""The widgets: a pathway, what a provider offers near, a postcode box. And the ways from them to our own pages."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Flask, Response, abort, current_app, g, redirect, render_template, request, url_for
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug import Response as AnyResponse

from catalogue import pathway_answers, pathway_pages, provider_queries
from catalogue.filters import Filters
from catalogue.models import Opportunity, Provider
from catalogue.origins import is_host
from catalogue.pathway_models import Pathway
from database.session import session
from embeds.counting import count_click, count_view, host_of
from embeds.framing import ANYONE, frame_ancestors
from embeds.last_good import Copy, LastGood
from embeds.options import EmbedOptions
from gazetteer.locate import Located, Unlocated
from search.forms import SearchRequest
from search.place_asked import place_asked
from web.caching import kept
from web.logs import log

CACHE_CONTROL = "public, max-age=60, stale-while-revalidate=86400"
OFFERS = 5
LARGEST_ID = 2**31 - 1  # what an integer column holds
DATABASE_AWAY = (OperationalError, InterfaceError, PoolTimeout)

_WIDGET = re.compile(r"(pathway|opportunities):[a-z0-9-]{1,80}|opportunities|search")

blueprint = Blueprint("embeds", __name__, url_prefix="/embed")


@blueprint.record_once
def _set_up(state: Any) -> None:
    app: Flask = state.app
    app.extensions["last_good"] = LastGood(shared=app.extensions["shared"])


@dataclass(frozen=True, slots=True)
class Page:
    """What a widget shows: a template and its values; `provider_id` of whoever says who may frame it, if anyone."""

    template: str
    values: dict[str, Any]
    provider_id: int | None = None


@blueprint.get("/pathways/<slug>")
def pathway(slug: str) -> AnyResponse:
    return _answer(f"pathway:{slug}", lambda options, place: _pathway_page(slug, options, place))


@blueprint.get("/opportunities")
def opportunities() -> AnyResponse:
    slug = request.args.get("provider", "")
    return _answer(
        f"opportunities:{slug}" if slug else "opportunities",
        lambda options, place: _offers_page(slug, options, place),
        {"provider": slug} if slug else {},
    )


@blueprint.get("/search")
def search() -> AnyResponse:
    return _answer("search", _search_page)


@blueprint.get("/go/search", defaults={"kind": "search", "number": 0})
@blueprint.get(f"/go/<any(pathway,opportunity,provider):kind>/<int(max={LARGEST_ID}):number>")
def go(kind: str, number: int) -> AnyResponse:
    """Count that somebody came from a widget, and lead on to the page: always one of ours."""
    try:
        address = _address_of(kind, number, SearchRequest.from_args(request.args).near or None)
    except DATABASE_AWAY as problem:
        log.error("database away", exc_info=problem)
        return _problem(503)
    widget = request.args.get("via", "")
    if request.method == "GET" and _WIDGET.fullmatch(widget):
        count_click(widget, _host())
    answer = redirect(address)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer


def _address_of(kind: str, number: int, near: str | None) -> str:
    if kind == "search":
        return url_for("discover.search", near=near) if near else url_for("discover.front")
    if kind == "opportunity":
        found = session().get(Opportunity, number) or abort(404)
        return url_for("opportunities.show", opportunity_id=found.id, slug=found.slug, near=near)
    if kind == "provider":
        return url_for("providers.show", slug=(session().get(Provider, number) or abort(404)).slug, near=near)
    return url_for("pathways.show", slug=(session().get(Pathway, number) or abort(404)).slug, near=near)


def _answer(
    widget: str,
    page: Callable[[EmbedOptions, Located | Unlocated], Page | None],
    kept: dict[str, str] | None = None,
) -> AnyResponse:
    """A widget as it was answered in the last minute, anew, or from its last good copy if the database is away.

    Args:
        page: reads what it shows; None if there is no such thing.
        kept: parameters of its address besides the options.
    """
    options = EmbedOptions.from_args(request.args)
    host = _host()
    key = (widget, options, host)
    copies: LastGood = current_app.extensions["last_good"]
    copy = None if options.problems else copies.fresh(key)
    try:
        if copy is None:
            place = place_asked(options.near)
            found = page(options, place)
            if found is None:
                return _problem(404)
            copy = _copy(found, options, place, {"via": widget, "host": host}, kept or {})
            # What somebody mistyped is not worth a place among the others.
            if not options.problems and (isinstance(place, Located) or not options.near):
                copies.keep(key, copy)
        else:
            # Whom a provider has just forbidden to frame it must not wait for the copy to be old.
            copy = replace(copy, ancestors=frame_ancestors(copy.provider_id))
    except DATABASE_AWAY as problem:
        log.error("database away", exc_info=problem)
        copy = copies.find(key)
    if copy is None:
        return _problem(503)
    if request.method == "GET":
        count_view(widget, host)
    return _response(copy, 400 if options.problems else 200)


def _copy(
    page: Page, options: EmbedOptions, place: Located | Unlocated, came: dict[str, str], kept: dict[str, str]
) -> Copy:
    located = place if isinstance(place, Located) else None
    # Links are passed on: they say roughly where, and no more.
    went = {name: value for name, value in came.items() if value}
    body = render_template(
        page.template,
        **page.values,
        options=options,
        place=place,
        located=located,
        went=went,
        leading=went | ({"near": located.outward} if located and located.outward else {}),
        kept=kept | options.query(),
    )
    return Copy(body, frame_ancestors(page.provider_id), page.provider_id, options.style())


def _response(copy: Copy, status: int) -> AnyResponse:
    g.frame_ancestors = copy.ancestors
    g.page_style = copy.style
    answer = Response(copy.body, status, mimetype="text/html")
    answer.headers["Cache-Control"] = CACHE_CONTROL
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    answer.vary.add("Referer")  # its links carry the host of the page around it
    return kept(answer, CACHE_CONTROL)


def _problem(code: int) -> AnyResponse:
    """A small page for the frame: that there is no such thing, or that we cannot look just now."""
    options = EmbedOptions.from_args(request.args)
    g.frame_ancestors = ANYONE  # it says only that there is nothing
    g.page_style = options.style()
    answer = Response(render_template("embeds/problem.html", code=code, options=options), code, mimetype="text/html")
    answer.headers["Cache-Control"] = "public, max-age=60" if code == 404 else "no-store"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    if code == 503:
        answer.headers["Retry-After"] = "60"
    return answer


def _host() -> str:
    """The host of the page around the widget: as our own links and forms carry it, or as the browser says it.

    Empty where nobody says, and for our own pages.
    """
    carried = request.args.get("host", "").lower()
    if carried:
        return carried if is_host(carried) else ""
    host = host_of(request.referrer)
    return "" if host == host_of(request.host_url) else host


def _pathway_page(slug: str, options: EmbedOptions, place: Located | Unlocated) -> Page | None:
    found = pathway_pages.pathway(session(), slug)
    if found is None:
        return None
    if isinstance(place, Located):
        now = datetime.now(UTC)
        steps = pathway_answers.near(session(), found, place, now, slack_miles=place.radius_miles).steps
    else:
        steps = pathway_answers.anywhere(found).steps
    values = {"pathway": found, "steps": steps[: options.steps], "more": len(steps[options.steps or len(steps) :])}
    return Page("embeds/pathway.html", values, found.provider_id)


def _offers_page(slug: str, options: EmbedOptions, place: Located | Unlocated) -> Page | None:
    provider = provider_queries.provider(session(), slug) if slug else None
    if slug and provider is None:
        return None
    return _offers("embeds/opportunities.html", provider, options, place)


def _search_page(options: EmbedOptions, place: Located | Unlocated) -> Page:
    return _offers("embeds/search.html", None, options, place)


def _offers(template: str, provider: Provider | None, options: EmbedOptions, place: Located | Unlocated) -> Page:
    filters = Filters(datetime.now(UTC), provider_id=provider.id if provider else None)
    limit = options.steps or OFFERS
    if isinstance(place, Located):
        offers = provider_queries.offers_near(session(), place, filters, limit)
    else:
        offers = provider_queries.offers_soonest(session(), filters, limit) if provider else []
    return Page(template, {"provider": provider, "offers": offers}, provider.id if provider else None)
