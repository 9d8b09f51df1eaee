"""The pages of badges: all of them by layer, and one: how and where it is earned, and where it leads."""

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for

from catalogue import badge_queries
from catalogue.models import Badge
from catalogue.pathway_queries import steps_with_badge
from database.session import session
from discover.opportunity_pages import MEMBERSHIPS
from discover.provider_pages import organization
from gazetteer.locate import Located
from search.forms import MAX_PAGE, SearchRequest
from search.place_asked import place_asked
from web.addresses import absolute
from web.script_json import script_json

blueprint = Blueprint("badges", __name__, url_prefix="/badges")


@blueprint.get("")
def index() -> tuple[str, int]:
    wanted = SearchRequest.from_args(request.args)
    place = place_asked(wanted.near)
    size = badge_queries.PAGE
    badges = badge_queries.badges(session(), size + 1, skip=(wanted.page - 1) * size)
    page = render_template(
        "badges/index.html",
        wanted=wanted,
        located=place if isinstance(place, Located) else None,
        badges=badges[:size],
        has_more=len(badges) > size and wanted.page < MAX_PAGE,
    )
    return page, 400 if wanted.problems else 200


@blueprint.get("/<slug>")
def show(slug: str) -> str:
    found = badge_queries.badge(session(), slug)
    if found is None:
        abort(404)
    near = SearchRequest.from_args(request.args).near
    place = place_asked(near)
    located = place if isinstance(place, Located) else None
    slack = located.radius_miles if located else 0.0
    url = absolute(url_for(".show", slug=found.slug))
    memberships = steps_with_badge(session(), found, MEMBERSHIPS + 1)
    return render_template(
        "badges/show.html",
        badge=found,
        near=near,
        place=place,
        located=located,
        earned=badge_queries.earned(session(), found, located, datetime.now(UTC), slack_miles=slack),
        memberships=memberships[:MEMBERSHIPS],
        has_more_memberships=len(memberships) > MEMBERSHIPS,
        url=url,
        linked_data=script_json(credential(found, url)),
    )


def credential(badge: Badge, url: str) -> dict[str, Any]:
    """A badge as schema.org describes one: https://schema.org/EducationalOccupationalCredential.

    Args:
        badge: with its provider and skills.
        url: the whole address of its page.
    """
    issuer = {name: value for name, value in organization(badge.provider).items() if name != "@context"}
    described = {
        "@context": "https://schema.org",
        "@type": "EducationalOccupationalCredential",
        "name": badge.name,
        "description": badge.summary,
        "url": url,
        "credentialCategory": "badge",
        "educationalLevel": badge.level,
        "competencyRequired": [skill.name for skill in badge.skills],
        "recognizedBy": issuer,
    }
    return {name: value for name, value in described.items() if value}
