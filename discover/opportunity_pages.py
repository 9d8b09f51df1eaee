"""The page of one opportunity, and the calendar file that goes with it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request, url_for
from werkzeug import Response as AnyResponse

from catalogue import queries
from catalogue.models import Opportunity
from catalogue.pathway_queries import steps_with
from catalogue.similar import similar
from catalogue.source_queries import checked_at, sources_of
from database.session import session
from discover.calendar import calendar as calendar_file
from discover.calendar import has_calendar
from discover.directions import directions
from discover.structured_data import structured_data
from gazetteer.locate import Located
from maps.venue_map import venue_map
from search.details import details, is_gone
from search.forms import SearchRequest
from search.place_asked import place_asked
from travel.estimate import Mode
from travel.router import Router
from web.addresses import absolute
from web.script_json import script_json
from web.sharing import share_links

LARGEST_ID = 2**31 - 1  # what an integer column holds
SIMILAR = 4
MEMBERSHIPS = 12  # steps of pathways: more than a page of any opportunity can use

blueprint = Blueprint("opportunities", __name__, url_prefix="/opportunities")


@dataclass(frozen=True, slots=True)
class Nowhere:
    """What cards are given in place of a `Located` where distances are from the venue, not from a person."""

    radius_miles: float = 0.0
    outward: None = None


@blueprint.get(f"/<int(max={LARGEST_ID}):opportunity_id>-<slug>")
def show(opportunity_id: int, slug: str) -> AnyResponse | tuple[str, int]:
    found = _found(opportunity_id)
    near = SearchRequest.from_args(request.args).near
    if slug != found.slug:
        return redirect(_address(found, near=near or None), code=301)
    now = datetime.now(UTC)
    if is_gone(found, now):
        return render_template("discover/gone.html", **_page(found, near, now)), 410
    return render_template("discover/opportunity.html", **_page(found, near, now)), 200


@blueprint.get(f"/<int(max={LARGEST_ID}):opportunity_id>-<slug>.ics")
def calendar(opportunity_id: int, slug: str) -> AnyResponse:
    found = _found(opportunity_id)
    if slug != found.slug:
        return redirect(url_for(".calendar", opportunity_id=found.id, slug=found.slug), code=301)
    now = datetime.now(UTC)
    if not has_calendar(found, now):
        abort(404)
    answer = Response(calendar_file(found, absolute(_address(found)), now), content_type="text/calendar; charset=utf-8")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{found.slug}.ics")
    return answer


def _found(opportunity_id: int) -> Opportunity:
    return queries.opportunity(session(), opportunity_id) or abort(404)


def _address(found: Opportunity, near: str | None = None) -> str:
    return url_for("opportunities.show", opportunity_id=found.id, slug=found.slug, near=near)


def _page(found: Opportunity, near: str, now: datetime) -> dict[str, Any]:
    """Everything that the page shows, but for sentences."""
    place = place_asked(near)
    located = place if isinstance(place, Located) else None
    middle = located or next(iter(found.venues), None)
    distances = queries.distances(session(), middle, found) if middle else {}
    url = absolute(_address(found))
    said = details(found, now)
    sources = sources_of(session(), found)
    memberships = steps_with(session(), found, MEMBERSHIPS + 1)
    return {
        "opportunity": found,
        "near": near,
        "place": place,
        "located": located,
        "around": located or Nowhere(),
        "distances": distances if located else {},
        "travel": _travel(located, found) if located else {},
        "drawing": venue_map(current_app.extensions["gazetteer"], located, found, distances) if distances else None,
        "directions": {venue.id: directions(venue) for venue in found.venues},
        "similar": similar(session(), found, located, now, SIMILAR),
        "memberships": memberships[:MEMBERSHIPS],
        "has_more_memberships": len(memberships) > MEMBERSHIPS,
        "sources": sources,
        "checked_at": checked_at(found, sources),
        "url": url,
        "share_links": share_links(found.title, url),
        "has_calendar": has_calendar(found, now),
        "linked_data": None if said["has_ended"] else script_json(structured_data(found, url, now)),
        **said,
    }


def _travel(located: Located, found: Opportunity) -> dict[int, dict[Mode, float | None]]:
    """What the routing engine says of the way to each venue, by venue id; nothing where there is no engine."""
    router: Router | None = current_app.extensions["router"]
    by_mode = router.by_mode(located, found.venues) if router else {}
    return {
        venue.id: {mode: seconds[number] for mode, seconds in by_mode.items()}
        for number, venue in enumerate(found.venues)
    }
