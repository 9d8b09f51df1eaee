"""What is on a shortlist as it is now: the catalogue's rows for its items, and how far they are."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from catalogue.distances import venue_distances
from catalogue.earth import Point
from catalogue.filters import METRES_PER_MILE
from catalogue.models import Opportunity, Venue
from catalogue.pathway_models import Pathway, Step
from catalogue.shortlists import Thing
from catalogue.source_queries import checks


@dataclass(frozen=True, slots=True)
class Found:
    """A thing as the catalogue has it now. All are None of what it has no more.

    `venue` is the nearest of an opportunity's, or the first where nobody said from where; `distance_miles` is how
    far that is. A step comes with its pathway. `checked_at` is when a source last said that an opportunity is so.
    """

    thing: Thing
    opportunity: Opportunity | None = None
    pathway: Pathway | None = None
    step: Step | None = None
    venue: Venue | None = None
    distance_miles: float | None = None
    checked_at: datetime | None = None

    @property
    def is_there(self) -> bool:
        return bool(self.opportunity or self.step or (self.pathway and not self.thing.step_slug))


def find(session: Session, things: Sequence[Thing], point: Point | None) -> list[Found]:
    """Things in their order, as they are now, with how far they are from a point.

    Nine statements at most, however many things.
    """
    opportunities = _opportunities(session, [each.opportunity_id for each in things if each.opportunity_id])
    pathways = _pathways(session, {each.pathway_slug for each in things if each.pathway_slug})
    venues = {venue.id for each in opportunities.values() for venue in each.venues}
    metres = venue_distances(session, point, sorted(venues)) if point and venues else {}
    checked = checks(session, opportunities.values()) if opportunities else {}
    return [
        replace(_found(each, opportunities, pathways, metres), checked_at=checked.get(each.opportunity_id))
        for each in things
    ]


def _found(
    thing: Thing, opportunities: dict[int, Opportunity], pathways: dict[str, Pathway], metres: dict[int, float]
) -> Found:
    opportunity = opportunities.get(thing.opportunity_id)
    pathway = pathways.get(thing.pathway_slug)
    steps = pathway.steps if pathway and thing.step_slug else []
    step = next((each for each in steps if each.slug == thing.step_slug), None)
    doors = opportunity.venues if opportunity else []
    venue = min(doors, key=lambda door: (metres.get(door.id, 0.0), door.id), default=None)
    far = metres.get(venue.id) if venue else None
    return Found(thing, opportunity, pathway, step, venue, None if far is None else far / METRES_PER_MILE)


def _opportunities(session: Session, ids: Sequence[int]) -> dict[int, Opportunity]:
    if not ids:
        return {}
    found = session.scalars(
        select(Opportunity)
        .where(Opportunity.id.in_(ids))
        .options(
            joinedload(Opportunity.provider, innerjoin=True),
            selectinload(Opportunity.venues),
            selectinload(Opportunity.skills),
            selectinload(Opportunity.badges),
            selectinload(Opportunity.occurrences),
        )
    )
    return {each.id: each for each in found}


def _pathways(session: Session, slugs: set[str]) -> dict[str, Pathway]:
    if not slugs:
        return {}
    found = session.scalars(
        select(Pathway)
        .where(Pathway.slug.in_(slugs))
        .options(joinedload(Pathway.provider, innerjoin=True), selectinload(Pathway.steps))
    )
    return {each.slug: each for each in found}
