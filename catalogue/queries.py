"""Reading the catalogue: what pages show of it. How near things are is `catalogue.nearest`."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, and_, func, or_, select, text, true
from sqlalchemy.orm import Session, joinedload, selectinload

from catalogue.few import few, offers_of
from catalogue.filters import METRES_PER_MILE, Filters
from catalogue.models import IS_PLACELESS, Occurrence, Offer, Opportunity, Provider, Skill, Venue
from catalogue.nearest import Hit, Key, Point, venue_distances
from catalogue.words import Reach

COUNT_BOUND = 1_000
ALWAYS = datetime.max.replace(tzinfo=UTC)  # after every date
REACH_ORDER = (Reach.ONLINE, Reach.NATIONAL, Reach.REGION, Reach.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Card:
    """An opportunity as a list shows it.

    `venue` and `distance_m` (metres) are those of the nearest venue, None where
    it has no place; `next_at` is the start of the sitting that is on or comes next, None without dates to come.
    """

    opportunity: Opportunity
    next_at: datetime | None
    venue: Venue | None = None
    distance_m: float | None = None

    @property
    def distance_miles(self) -> float | None:
        return None if self.distance_m is None else self.distance_m / METRES_PER_MILE


def cards(session: Session, hits: Sequence[Hit], filters: Filters) -> list[Card]:
    """The cards of hits, in their order, each with the next sitting of those asked for.

    Three statements, however many hits.
    """
    ids = [hit.opportunity_id for hit in hits]
    opportunities = {found.id: found for found in session.scalars(_with_provider().where(Opportunity.id.in_(ids)))}
    at = {hit.venue_id for hit in hits}
    venues = {venue.id: venue for venue in session.scalars(select(Venue).where(Venue.id.in_(at)))}
    starts = _next_starts(session, ids, filters)
    return [
        Card(opportunities[hit.opportunity_id], starts.get(hit.opportunity_id), venues[hit.venue_id], hit.distance_m)
        for hit in hits
        # One that was deleted between the statements is left out.
        if hit.opportunity_id in opportunities and hit.venue_id in venues
    ]


@dataclass(frozen=True, slots=True)
class Placeless:
    """The place of an opportunity in the order of `without_venue`."""

    reach: Reach
    ends_at: datetime | None
    opportunity_id: int


def without_venue(
    session: Session,
    filters: Filters,
    limit: int,
    skip: int = 0,
    among: Select[int] | None = None,
    after: Placeless | None = None,
) -> list[Card]:
    """Opportunities tied to no one place that meet the filters.

    Online ones come first, then national, regional and unplaced ones; among each, those that end soonest.
    With `among`, a choice of ids, only those; with `after` only those that come after that.
    """
    found: list[Opportunity] = []
    for rows in _in_order(filters, after):
        if len(found) >= skip + limit:
            break
        statement = _with_provider().where(*rows, *filters.conditions(session))
        if among is not None:
            statement = statement.where(Opportunity.id.in_(among))
        ordered = statement.order_by(Opportunity.ends_at, Opportunity.id).limit(skip + limit - len(found))
        found += session.scalars(ordered)
    starts = _next_starts(session, [opportunity.id for opportunity in found[skip:]], filters)
    return [Card(opportunity, starts.get(opportunity.id)) for opportunity in found[skip:]]


def _in_order(filters: Filters, after: Placeless | None) -> Iterator[list[Any]]:
    """The parts of what has no place, in the order of `without_venue`: each is read along an index, in order of ends.

    With `after`, beginning with what comes next.
    """
    for reach in REACH_ORDER[REACH_ORDER.index(after.reach) if after else 0 :]:
        begun = after if after and after.reach is reach else None
        later = Opportunity.id > begun.opportunity_id if begun else true()
        of_reach = [IS_PLACELESS, Opportunity.reach == reach]
        if begun is None:
            yield [*of_reach, Opportunity.ends_at > filters.now]
        elif begun.ends_at is not None:
            beyond = or_(Opportunity.ends_at > begun.ends_at, and_(Opportunity.ends_at == begun.ends_at, later))
            yield [*of_reach, Opportunity.ends_at >= begun.ends_at, beyond]
        is_among_open = begun is not None and begun.ends_at is None
        yield [*of_reach, Opportunity.ends_at.is_(None), *([later] if is_among_open else [])]


def count_without_venue(session: Session, filters: Filters) -> int:
    """How many `without_venue` could list, counted to at most `COUNT_BOUND`."""
    bounded = select(Opportunity.id).where(IS_PLACELESS, *filters.conditions(session)).limit(COUNT_BOUND).subquery()
    return session.scalar(select(func.count()).select_from(bounded)) or 0


def count_with_venue(session: Session, filters: Filters) -> int:
    """How many have a venue anywhere and meet the filters, distance aside, counted to at most `COUNT_BOUND`."""
    chosen = select(Offer.opportunity_id).where(*filters.conditions(session, Offer))
    ids = few(session, filters, COUNT_BOUND)
    if ids is not None:
        chosen = offers_of(session, chosen, ids)
    # Few have several venues. To look for different ones only, PostgreSQL would read them all.
    some = chosen.limit(2 * COUNT_BOUND).subquery()
    number = session.scalar(select(func.count(some.c.opportunity_id.distinct()))) or 0
    return min(COUNT_BOUND, number)


def sittings(session: Session, ids: Collection[int], filters: Filters, limit: int) -> list[Occurrence]:
    """The first sittings to come of some opportunities, of those asked for, in order."""
    statement = (
        select(Occurrence)
        .where(Occurrence.opportunity_id.in_(ids), *filters.sitting())
        .order_by(Occurrence.starts_at, Occurrence.opportunity_id)
        .limit(limit)
    )
    return list(session.scalars(statement))


def venues(session: Session, ids: Collection[int]) -> dict[int, Venue]:
    """Venues by id."""
    return {venue.id: venue for venue in session.scalars(select(Venue).where(Venue.id.in_(ids)))}


def skills(session: Session, slugs: Collection[str]) -> list[Skill]:
    """The skills with these slugs, by name; fewer than slugs where there is no such skill."""
    return list(session.scalars(select(Skill).where(Skill.slug.in_(slugs)).order_by(Skill.name))) if slugs else []


def by_soonest(session: Session, hits: Sequence[Hit], filters: Filters) -> list[tuple[Key, Hit]]:
    """Hits by what comes next: the next sitting of those asked for, or the closing date of what has none.

    What is always open comes last. Each has its key in that order: (seconds since 1970, metres, id).
    """
    ids = [hit.opportunity_id for hit in hits]
    starts = _next_starts(session, ids, filters)
    closing = select(Opportunity.id, Opportunity.ends_at).where(Opportunity.id.in_(ids))
    moments = {number: starts.get(number) or ends_at for number, ends_at in session.execute(closing)}
    return _keyed(hits, {number: (moment or ALWAYS).timestamp() for number, moment in moments.items()})


def by_newest(session: Session, hits: Sequence[Hit]) -> list[tuple[Key, Hit]]:
    """Hits by when they came into the catalogue, the latest first, each with its key: (minus seconds, metres, id)."""
    added = select(Opportunity.id, Opportunity.added_at).where(Opportunity.id.in_([hit.opportunity_id for hit in hits]))
    return _keyed(hits, {number: -added_at.timestamp() for number, added_at in session.execute(added)})


def _keyed(hits: Sequence[Hit], seconds: Mapping[int, float]) -> list[tuple[Key, Hit]]:
    """Hits in order of some seconds by opportunity. One that was deleted between the statements is left out."""
    return sorted(
        ((seconds[hit.opportunity_id], hit.distance_m, hit.opportunity_id), hit)
        for hit in hits
        if hit.opportunity_id in seconds
    )


def opportunity(session: Session, opportunity_id: int) -> Opportunity | None:
    """One opportunity with all that its page shows, whether it has ended or not."""
    return session.scalar(
        _with_provider()
        .where(Opportunity.id == opportunity_id)
        .options(
            selectinload(Opportunity.venues),
            selectinload(Opportunity.skills),
            selectinload(Opportunity.badges),
            selectinload(Opportunity.occurrences),
        )
    )


def distances(session: Session, located: Point, opportunity: Opportunity) -> dict[int, float]:
    """How far each venue of an opportunity is from a point, in miles, by venue id."""
    found = venue_distances(session, located, [venue.id for venue in opportunity.venues])
    return {venue_id: metres / METRES_PER_MILE for venue_id, metres in found.items()}


def has_samples(session: Session) -> bool:
    """Whether the sample providers of `seeds/` are in the catalogue."""
    # As the partial index has it: for SQLite `is_sample = 1` is something else, and it would read all providers.
    return session.scalar(select(Provider.id).where(text("is_sample")).limit(1)) is not None


def _with_provider() -> Select[Opportunity]:
    return select(Opportunity).options(joinedload(Opportunity.provider, innerjoin=True))


def _next_starts(session: Session, ids: Sequence[int], filters: Filters) -> dict[int, datetime]:
    statement = (
        select(Occurrence.opportunity_id, func.min(Occurrence.starts_at).label("starts_at"))
        .where(Occurrence.opportunity_id.in_(ids), *filters.sitting())
        .group_by(Occurrence.opportunity_id)
    )
    return {row.opportunity_id: row.starts_at for row in session.execute(statement)}
