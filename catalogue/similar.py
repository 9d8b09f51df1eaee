"""What is like an opportunity, and near: for whoever finds that this one does not suit, or is over."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from catalogue import queries
from catalogue.earth import Point
from catalogue.filters import Filters
from catalogue.models import Opportunity
from catalogue.nearest import Hit, nearest
from catalogue.queries import Card

NEARBY_MILES = 10.0


def similar(session: Session, opportunity: Opportunity, point: Point | None, now: datetime, limit: int) -> list[Card]:
    """Others that can still be joined, those most like it first, and of equally like ones the nearest first.

    The same kind with a skill in common comes first, then the same kind, then the
    same layer, all within `NEARBY_MILES`; where there is none of these, the nearest of the same
    kind at any distance. For one without a venue: others without one, of the same kind or with a skill in common.

    Args:
        opportunity: with its venues and skills.
        point: where from; None for its own first venue.
        now: the moment after which they must still be open.
        limit: at most so many.
    """
    if not opportunity.venues:
        return _placeless(session, opportunity, now, limit)
    found = _nearby(session, opportunity, point or opportunity.venues[0], now, limit)
    return queries.cards(session, found, Filters(now))


def _nearby(session: Session, opportunity: Opportunity, point: Point, now: datetime, limit: int) -> list[Hit]:
    found: dict[int, Hit] = {}
    for filters in _ladder(opportunity, now):
        if len(found) < limit and not (found and filters.within_miles is None):
            # One more for itself, and as many as may come up again.
            for hit in nearest(session, point, filters, limit + 1 + len(found)):
                if hit.opportunity_id != opportunity.id:
                    found.setdefault(hit.opportunity_id, hit)
    return list(found.values())[:limit]


def _ladder(opportunity: Opportunity, now: datetime) -> Iterator[Filters]:
    """What to ask for, the likest first."""
    kinds, skills = frozenset({opportunity.kind}), _skills(opportunity)
    if skills:
        yield Filters(now, kinds=kinds, skills=skills, within_miles=NEARBY_MILES)
    yield Filters(now, kinds=kinds, within_miles=NEARBY_MILES)
    yield Filters(now, layers=frozenset({opportunity.layer}), within_miles=NEARBY_MILES)
    yield Filters(now, kinds=kinds)


def _placeless(session: Session, opportunity: Opportunity, now: datetime, limit: int) -> list[Card]:
    kinds, skills = frozenset({opportunity.kind}), _skills(opportunity)
    ladder = [Filters(now, kinds=kinds)]
    if skills:
        ladder = [Filters(now, kinds=kinds, skills=skills), *ladder, Filters(now, skills=skills)]
    found: dict[int, Card] = {}
    for filters in ladder:
        if len(found) < limit:
            for card in queries.without_venue(session, filters, limit + 1 + len(found)):
                if card.opportunity.id != opportunity.id:
                    found.setdefault(card.opportunity.id, card)
    return list(found.values())[:limit]


def _skills(opportunity: Opportunity) -> frozenset[str]:
    return frozenset(skill.slug for skill in opportunity.skills)
