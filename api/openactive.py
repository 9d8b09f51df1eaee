"""Opportunities in OpenActive's terms, for an RPDE feed: https://openactive.io/modelling-opportunity-data/ (2.x).

A kind is always of one type, so that whoever follows the feed finds each again under the same name. What is told of
an opportunity depends on nothing but its rows, for RPDE wants a new number wherever anything changes: so all its
sittings are there, those that are over too.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from flask import url_for

from catalogue.changes import Followed
from catalogue.models import Occurrence, Opportunity, Provider
from catalogue.words import Kind, Reach
from catalogue.workload import iso_duration
from search import labels
from search.details import is_web_address
from search.linked_data import area, known, place
from web.addresses import absolute

CONTEXT = "https://openactive.io/"
MODES = {
    Reach.VENUE: "https://schema.org/OfflineEventAttendanceMode",
    Reach.ONLINE: "https://schema.org/OnlineEventAttendanceMode",
}

Data = dict[str, Any]


class Type(NamedTuple):
    """What a kind is in OpenActive: its `@type`, the `kind` of its items, and what each of its sittings is."""

    name: str
    kind: str
    sitting: str


# A job, an apprenticeship and information are nothing that OpenActive has a word for: they are left out.
TYPES: dict[Kind, Type | None] = {
    Kind.EVENT: Type("Event", "Event", "Event"),
    Kind.WORKSHOP: Type("Event", "Event", "Event"),
    Kind.COURSE: Type("CourseInstance", "CourseInstance", "Event"),
    Kind.ONLINE: Type("OnDemandEvent", "OnDemandEvent", "Event"),
    Kind.VOLUNTEERING: Type("SessionSeries", "SessionSeries.ScheduledSession", "ScheduledSession"),
    Kind.WORK_EXPERIENCE: Type("SessionSeries", "SessionSeries.ScheduledSession", "ScheduledSession"),
    Kind.PROJECT: Type("SessionSeries", "SessionSeries.ScheduledSession", "ScheduledSession"),
    Kind.APPRENTICESHIP: None,
    Kind.JOB: None,
    Kind.INFORMATION: None,
}
# What needs no dates. All else must have them in OpenActive, and is left out without.
FOLLOWED = Followed(
    dated=frozenset(kind for kind, found in TYPES.items() if found and found.name != "OnDemandEvent"),
    undated=frozenset({Kind.ONLINE}),
)


def data(opportunity: Opportunity, found: Type, feed: str) -> Data:
    """What is told of an opportunity.

    Args:
        opportunity: with its provider, venues, skills and sittings.
        found: the type of its kind.
        feed: the whole address of the feed, with which every `@id` begins.
    """
    sittings = [] if found.name == "OnDemandEvent" else opportunity.occurrences
    own_id = f"{feed}#{opportunity.id}"
    return known(
        {
            "@context": CONTEXT,
            "@type": found.name,
            "@id": own_id,
            "identifier": opportunity.id,
            "name": opportunity.title,
            "description": opportunity.description.strip() or opportunity.summary,
            "url": _page(opportunity),
            **_dates(sittings),
            "eventStatus": "https://schema.org/EventScheduled",
            "eventAttendanceMode": MODES.get(opportunity.reach),
            "subEvent": _sittings(sittings, found, own_id),
            "location": _location(opportunity),
            "organizer": _organiser(opportunity.provider),
            "activity": _activities(opportunity),
            "category": [str(labels.KINDS[opportunity.kind])],
            "ageRange": _ages(opportunity),
            "level": [opportunity.level] if opportunity.level else [],
            "offers": _offers(opportunity),
            "isAccessibleForFree": opportunity.cost_pence == 0 if opportunity.cost_pence is not None else None,
            "accessibilityInformation": opportunity.accessibility,
            "remainingAttendeeCapacity": 0 if opportunity.is_full else None,
        }
    )


def _sittings(sittings: Sequence[Occurrence], found: Type, own_id: str) -> list[Data]:
    """A single event is its only sitting; a series has sittings even if there is but one."""
    if len(sittings) == 1 and found.name != "SessionSeries":
        return []
    return [_sitting(each, found.sitting, own_id) for each in sittings]


def _dates(sittings: Sequence[Occurrence]) -> Data:
    if not sittings:
        return {}
    length = _duration(sittings[0]) if len(sittings) == 1 else None
    end = max(each.ends_at for each in sittings)
    return {"startDate": _moment(sittings[0].starts_at), "endDate": _moment(end), "duration": length}


def _sitting(sitting: Occurrence, name: str, own_id: str) -> Data:
    return {
        "@type": name,
        "@id": f"{own_id}-{sitting.starts_at.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        "startDate": _moment(sitting.starts_at),
        "endDate": _moment(sitting.ends_at),
        "duration": _duration(sitting),
        "eventStatus": "https://schema.org/EventScheduled",
    }


def _duration(sitting: Occurrence) -> str:
    return iso_duration(round((sitting.ends_at - sitting.starts_at).total_seconds() / 60))


def _location(opportunity: Opportunity) -> Data | None:
    """Its first venue, as OpenActive knows one place only; without one the region or the country, if it is anywhere."""
    if opportunity.venues:
        venue = opportunity.venues[0]
        return place(venue) | {"identifier": venue.slug}
    if opportunity.reach is Reach.ONLINE:
        return None
    return area(opportunity)


def _organiser(provider: Provider) -> Data:
    page = absolute(url_for("providers.show", slug=provider.slug))
    website = provider.url if is_web_address(provider.url) else page
    return {"@type": "Organization", "@id": f"{page}#provider", "name": provider.name, "url": website}


def _activities(opportunity: Opportunity) -> list[Data]:
    """The skills that it teaches, else its kind: OpenActive wants at least one, and its own list has sports only."""
    names = [skill.name for skill in opportunity.skills] or [str(labels.KINDS[opportunity.kind])]
    return [{"@type": "Concept", "prefLabel": name} for name in names]


def _ages(opportunity: Opportunity) -> Data | None:
    if opportunity.age_min is None and opportunity.age_max is None:
        return None
    ends = {"minValue": opportunity.age_min, "maxValue": opportunity.age_max}
    return known({"@type": "QuantitativeValue", **ends})


def _offers(opportunity: Opportunity) -> list[Data]:
    if opportunity.cost_pence is None:
        return []
    price = opportunity.cost_pence / 100
    offer = {
        "@type": "Offer",
        "identifier": "usual",
        "name": opportunity.cost_note,
        "price": price,
        "priceCurrency": "GBP",
        "url": _page(opportunity),
    }
    return [known(offer)]


def _page(opportunity: Opportunity) -> str:
    return absolute(url_for("opportunities.show", opportunity_id=opportunity.id, slug=opportunity.slug))


def _moment(moment: datetime) -> str:
    """In UTC, as RPDE wants it: `2026-12-05T10:00:00Z`."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
