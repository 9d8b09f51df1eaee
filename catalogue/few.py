"""Where little in the whole catalogue has what is asked for: the ids of the few, to begin from."""

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import ARRAY, Integer, Select, and_, bindparam, column, func, select
from sqlalchemy.orm import Session

from catalogue import fulltext
from catalogue.filters import Filters
from catalogue.models import Offer, Opportunity, Skill, opportunity_badge, opportunity_skill, opportunity_venue


def few(session: Session, filters: Filters, most: int) -> list[int] | None:
    """The opportunities that have the words, a skill, the badge or the provider that is asked for; None if they are
    more than `most`, or none of that is asked. They need not meet the rest.
    """
    for statement in _indexed(session, filters):
        found = session.scalars(statement.limit(most + 1)).all()
        if len(found) <= most:
            return list(found)
    return None


def _indexed(session: Session, filters: Filters) -> Iterator[Select[int]]:
    """What is asked for that an index answers, each as a choice of ids."""
    if filters.provider_id is not None:
        yield select(Opportunity.id).where(Opportunity.provider_id == filters.provider_id)
    if filters.badge_id is not None:
        earned = opportunity_badge.c
        yield select(earned.opportunity_id).where(earned.badge_id == filters.badge_id)
    if filters.words:
        yield fulltext.having(session, filters.words)
    if filters.skills:
        named = select(Skill.id).where(Skill.slug.in_(sorted(filters.skills)))
        link = opportunity_skill.c
        yield select(link.opportunity_id).where(link.skill_id.in_(named)).distinct()


def offers_of(session: Session, rows: Select[Any], ids: Collection[int]) -> Select[Any]:
    """Offers that are chosen from, narrowed to those of some opportunities, which lead the way."""
    link = opportunity_venue.c
    is_same = and_(Offer.venue_id == link.venue_id, Offer.opportunity_id == link.opportunity_id)
    return rows.where(is_same, link.opportunity_id.in_(among(session, ids)))


def among(session: Session, ids: Collection[int]) -> Select[int]:
    """Ids as a SELECT that is written alike for however many there are."""
    if session.get_bind().dialect.name == "postgresql":
        return select(func.unnest(bindparam("ids", list(ids), ARRAY(Integer), unique=True)))
    numbers = func.json_each(bindparam("ids", f"[{','.join(map(str, ids))}]", unique=True)).table_valued("value")
    return select(column("value", Integer)).select_from(numbers)
