"""What a provider's page shows: what it offers now, where, and its badges."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from catalogue.earth import Point
from catalogue.filters import Filters
from catalogue.models import Badge, Occurrence, Opportunity, Provider, Venue, opportunity_venue
from catalogue.nearest import nearest
from catalogue.queries import Card, cards, without_venue
from catalogue.words import Reach
from database.engine import dialect_of

MAX_TOWNS = 50


def provider(session: Session, slug: str) -> Provider | None:
    return session.scalar(select(Provider).where(Provider.slug == slug))


def offers_near(session: Session, located: Point, filters: Filters, limit: int, skip: int = 0) -> list[Card]:
    """Opportunities that meet the filters: the nearest first, then those without a place."""
    hits = nearest(session, located, filters, skip + limit)
    found = cards(session, hits[skip:], filters)
    wanted = min(limit, skip + limit - len(hits))
    if wanted > 0:
        found += without_venue(session, filters, wanted, skip=max(0, skip - len(hits)))
    return found


def offers_soonest(session: Session, filters: Filters, limit: int, skip: int = 0) -> list[Card]:
    """Opportunities that meet the filters, with a place or without: those that end soonest first.

    Each has the first of its venues, and no distance.
    """
    next_at = (
        select(func.min(Occurrence.starts_at))
        .where(Occurrence.opportunity_id == Opportunity.id, Occurrence.ends_at > filters.now)
        .correlate(Opportunity)
        .scalar_subquery()
    )
    statement = (
        select(Opportunity, next_at)
        .options(joinedload(Opportunity.provider, innerjoin=True), selectinload(Opportunity.venues))
        .where(*filters.conditions(dialect_of(session)))
        .order_by(Opportunity.ends_at.is_(None), Opportunity.ends_at, Opportunity.id)
        .limit(limit)
        .offset(skip)
    )
    return [
        Card(opportunity, starts_at, next(iter(opportunity.venues), None))
        for opportunity, starts_at in session.execute(statement)
    ]


def towns(session: Session, filters: Filters) -> Sequence[str]:
    """The towns where opportunities that meet the filters happen, by name. At most `MAX_TOWNS`."""
    statement = (
        select(Venue.town)
        .join(opportunity_venue, opportunity_venue.c.venue_id == Venue.id)
        .join(Opportunity, Opportunity.id == opportunity_venue.c.opportunity_id)
        .where(Venue.town != "", Opportunity.reach == Reach.VENUE, *filters.conditions(dialect_of(session)))
        .distinct()
        .order_by(Venue.town)
        .limit(MAX_TOWNS)
    )
    return session.scalars(statement).all()


def badges(session: Session, provider_id: int, limit: int) -> Sequence[Badge]:
    """The badges that a provider issues, by name."""
    return session.scalars(
        select(Badge).where(Badge.provider_id == provider_id).order_by(Badge.name, Badge.id).limit(limit)
    ).all()
