"""What the pages of badges show: all of them, one, and where it can be earned."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, case, select
from sqlalchemy.orm import Session, joinedload, selectinload

from catalogue.earth import Point
from catalogue.filters import Filters
from catalogue.models import Badge, Opportunity
from catalogue.pathway_answers import NEAR_MILES
from catalogue.pathway_ways import Way
from catalogue.queries import Card, cards, without_venue
from catalogue.spots import LAYER_CODES, PLACELESS, badge_tag, placeless, spot
from catalogue.way_search import COUNTED, ELSEWHERE_COUNTED, WaySearch

PAGE = 100
ELSEWHERE_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Earned:
    """Where a badge can be earned now.

    `near` are the nearest, at most `COUNTED`, or one that is far; empty without a place to measure from.
    `elsewhere` are a few of those tied to no one place, which are counted to `ELSEWHERE_COUNTED`.
    `is_earned` is whether it can be earned anywhere at all.
    """

    near: Sequence[Card]
    is_far: bool
    elsewhere: Sequence[Card]
    elsewhere_count: int
    is_earned: bool

    @property
    def near_count(self) -> int:
        return 0 if self.is_far else len(self.near)

    @property
    def may_be_more_near(self) -> bool:
        return self.near_count >= COUNTED

    @property
    def may_be_more_elsewhere(self) -> bool:
        return self.elsewhere_count >= ELSEWHERE_COUNTED


def badge(session: Session, slug: str) -> Badge | None:
    """One badge with its issuer and its skills."""
    return session.scalar(
        select(Badge)
        .where(Badge.slug == slug)
        .options(joinedload(Badge.provider, innerjoin=True), selectinload(Badge.skills))
    )


def badges(session: Session, limit: int = PAGE, skip: int = 0) -> Sequence[Badge]:
    """Badges with their issuers, by layer from Engage to Lead, then by name."""
    layer = case({each.value: code for each, code in LAYER_CODES.items()}, value=Badge.layer)
    statement = select(Badge).options(joinedload(Badge.provider, innerjoin=True))
    return session.scalars(statement.order_by(layer, Badge.name, Badge.id).limit(limit).offset(skip)).all()


def earned(session: Session, badge: Badge, located: Point | None, now: datetime, slack_miles: float = 0.0) -> Earned:
    """What can be joined now that earns a badge, near a point and without a place.

    Where nothing is within `NEAR_MILES` (and `slack_miles`, where the point is the middle of an area),
    `near` is the nearest anywhere. What it reads does not grow with the catalogue.
    """
    if located:
        near, is_far, count = _around(session, Way(badge=badge), located, now, NEAR_MILES + slack_miles)
    else:
        question = Way(badge=badge).question
        near, is_far, count = [], False, len(placeless(session, [(0, question)], ELSEWHERE_COUNTED, now)[0])
    among = _spots(badge).where(spot.c.band <= PLACELESS, Filters(now).is_open()).limit(ELSEWHERE_COUNTED)
    elsewhere = without_venue(session, Filters(now), ELSEWHERE_SHOWN, among=among) if count else []
    return Earned(near, is_far, elsewhere, count, bool(near or count) or _is_earned(session, badge, now))


def _around(
    session: Session, way: Way, located: Point, now: datetime, within_miles: float
) -> tuple[list[Card], bool, int]:
    """The nearest, whether they are farther than asked for, and how many have no place."""
    filters = Filters(now, within_miles=within_miles)
    within_m = filters.within_m or 0.0
    search = WaySearch(session, located, now)
    found = search.near([way], within_m)[way]
    far = [] if found.near else [hit for hit in search.far([[way]], within_m) if hit]
    return cards(session, found.near or far, filters), bool(far), found.elsewhere_count


def _spots(badge: Badge) -> Select[int]:
    """The opportunities that earn a badge, by the index of spots."""
    return (
        select(spot.c.opportunity_id)
        .join(Opportunity, Opportunity.id == spot.c.opportunity_id)
        .where(spot.c.tag == badge_tag(badge.id))
    )


def _is_earned(session: Session, badge: Badge, now: datetime) -> bool:
    return session.scalar(_spots(badge).where(Filters(now).is_open()).limit(1)) is not None
