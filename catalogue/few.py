"""Where little in the whole catalogue has what is asked for: the ids of the few, to begin from."""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from sqlalchemy import ARRAY, Integer, Select, String, and_, bindparam, column, func, select
from sqlalchemy.orm import Session

from catalogue.filters import Filters
from catalogue.matching import having
from catalogue.models import (
    Occurrence,
    Offer,
    Opportunity,
    Skill,
    opportunity_badge,
    opportunity_skill,
    opportunity_venue,
)
from catalogue.spots import KIND_CODES, skill_tags, spot
from database.engine import dialect_of

SITTINGS_MORE = 10  # times as many: to look for a sitting at each of many more costs most of all


def few(session: Session, filters: Filters, most: int) -> list[int] | None:
    """The opportunities that have the words, a skill, the badge, the provider or a sitting on the days that are asked
    for; None if they are more than `most`, or none of that is asked. They need not meet the rest.

    Of those with a sitting it may be `SITTINGS_MORE` times as many.
    """
    for statement in _indexed(session, filters):
        found = session.scalars(statement.limit(most + 1)).all()
        if len(found) <= most:
            return list(found)
    if filters.span:
        found = session.scalars(_sitting(filters).limit(SITTINGS_MORE * most + 1)).all()
        if len(found) <= SITTINGS_MORE * most:
            return list(dict.fromkeys(found))
    return None


def _sitting(filters: Filters) -> Select[int]:
    """The opportunity of each sitting that is asked for.

    The last to start come first: those that begin in the span, and only then the few that have begun before it.
    """
    return select(Occurrence.opportunity_id).where(*filters.sitting()).order_by(Occurrence.starts_at.desc())


def _indexed(session: Session, filters: Filters) -> Iterator[Select[int]]:
    """What is asked for that an index answers, each as a choice of ids."""
    if filters.provider_id is not None:
        yield select(Opportunity.id).where(Opportunity.provider_id == filters.provider_id)
    if filters.badge_id is not None:
        earned = opportunity_badge.c
        yield select(earned.opportunity_id).where(earned.badge_id == filters.badge_id)
    if filters.words:
        yield having(dialect_of(session), filters.words)
    if filters.skills:
        named = Skill.slug.in_(sorted(filters.skills))
        if filters.kinds:
            codes = sorted(KIND_CODES[kind] for kind in filters.kinds)
            yield (
                select(spot.c.opportunity_id)
                .where(spot.c.tag.in_(skill_tags(filters.skills)), spot.c.kind.in_(codes))
                .distinct()
            )
        link = opportunity_skill.c
        yield select(link.opportunity_id).where(link.skill_id.in_(select(Skill.id).where(named))).distinct()


def offers_of(dialect: str, rows: Select[Any]) -> Select[Any]:
    """Offers that are chosen from, narrowed to those of some opportunities, which lead the way.

    Which these are stands in the parameter `ids`, as `as_parameter` makes it.
    """
    link = opportunity_venue.c
    is_same = and_(Offer.venue_id == link.venue_id, Offer.opportunity_id == link.opportunity_id)
    return rows.where(is_same, link.opportunity_id.in_(ids_in(dialect)))


@cache
def ids_in(dialect: str, parameter: str = "ids") -> Select[int]:
    """The ids that stand in a parameter, as a SELECT that is written alike for however many there are."""
    if dialect == "postgresql":
        return select(func.unnest(bindparam(parameter, type_=ARRAY(Integer))))
    numbers = func.json_each(bindparam(parameter, type_=String)).table_valued("value")
    return select(column("value", Integer)).select_from(numbers)


def as_parameter(dialect: str, ids: Iterable[int]) -> list[int] | str:
    """Ids as the value of such a parameter."""
    return list(ids) if dialect == "postgresql" else f"[{','.join(map(str, ids))}]"
