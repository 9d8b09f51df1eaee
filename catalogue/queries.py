"""Reading the catalogue: what pages show of it. How near things are is `catalogue.nearest`."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache, lru_cache

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, func, or_, select, text
from sqlalchemy.orm import Session, joinedload, selectinload

from catalogue.distances import venue_distances
from catalogue.earth import Point
from catalogue.few import as_parameter, few, ids_in, offers_of
from catalogue.filters import KEPT_STATEMENTS, METRES_PER_MILE, NOW, Filters
from catalogue.matching import ids_within
from catalogue.models import Occurrence, Offer, Opportunity, Provider, Skill, Venue
from catalogue.nearest import Hit, Key
from catalogue.words import Reach
from database.engine import dialect_of
from database.plain import plain_rows

COUNT_BOUND = 500  # counted no further: who has so many to choose from does not ask how many more
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
    dialect = dialect_of(session)
    some = session.scalars(_opportunities(dialect), {"ids": as_parameter(dialect, ids)})
    opportunities = {found.id: found for found in some}
    at = venues(session, {hit.venue_id for hit in hits})
    starts = _next_starts(session, ids, filters)
    return [
        Card(opportunities[hit.opportunity_id], starts.get(hit.opportunity_id), at[hit.venue_id], hit.distance_m)
        for hit in hits
        # One that was deleted between the statements is left out.
        if hit.opportunity_id in opportunities and hit.venue_id in at
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
    for reach, is_endless, further in _in_order(after):
        if len(found) >= skip + limit:
            break
        statement = _along_index(dialect_of(session), filters.shape, reach, is_endless)
        if further or among is not None:
            statement = statement.where(*further, *([] if among is None else [Opportunity.id.in_(among)]))
        found += session.scalars(statement, {"now": filters.now, "most": skip + limit - len(found)})
    starts = _next_starts(session, [opportunity.id for opportunity in found[skip:]], filters)
    return [Card(opportunity, starts.get(opportunity.id)) for opportunity in found[skip:]]


def _in_order(after: Placeless | None) -> Iterator[tuple[Reach, bool, list[ColumnElement[bool]]]]:
    """The parts of what has no place, in the order of `without_venue`: their reach, and whether they never end.

    With `after`, beginning with what comes next, and what the first part must meet besides.
    """
    for reach in REACH_ORDER[REACH_ORDER.index(after.reach) if after else 0 :]:
        if after is None or after.reach is not reach:
            yield reach, False, []
            yield reach, True, []
            continue
        later = Opportunity.id > after.opportunity_id
        if after.ends_at is None:
            yield reach, True, [later]
            continue
        beyond = or_(Opportunity.ends_at > after.ends_at, and_(Opportunity.ends_at == after.ends_at, later))
        yield reach, False, [Opportunity.ends_at >= after.ends_at, beyond]
        yield reach, True, []


@lru_cache(maxsize=KEPT_STATEMENTS)
def _along_index(dialect: str, filters: Filters, reach: Reach, is_endless: bool) -> Select[Opportunity]:
    """Of what has no place a part, read along an index in order of ends. How many stands in the parameter `most`."""
    part = Opportunity.ends_at.is_(None) if is_endless else Opportunity.ends_at > NOW
    return (
        _with_provider()
        .where(*filters.placeless(dialect), Opportunity.reach == reach, part)
        .order_by(Opportunity.ends_at, Opportunity.id)
        .limit(bindparam("most", type_=Integer))
    )


def count_without_venue(session: Session, filters: Filters) -> int:
    """How many `without_venue` could list, counted to at most `COUNT_BOUND`."""
    ((number,),) = plain_rows(session, _counting_placeless(dialect_of(session), filters.shape), {"now": filters.now})
    return int(number)


@lru_cache(maxsize=KEPT_STATEMENTS)
def _counting_placeless(dialect: str, filters: Filters) -> Select[int]:
    bounded = select(Opportunity.id).where(*filters.placeless(dialect)).limit(COUNT_BOUND).subquery()
    return select(func.count()).select_from(bounded)


def count_with_venue(session: Session, filters: Filters) -> int:
    """How many have a venue anywhere and meet the filters, distance aside, counted to at most `COUNT_BOUND`."""
    ids = few(session, filters, COUNT_BOUND)
    if ids is None and filters.words:
        # Of so many that have the words enough likely meet the rest, which is all that is left to ask of them.
        some = ids_within(session, filters.words, (), 4 * COUNT_BOUND)
        if (number := _count_offered(session, replace(filters, words=None), some)) == COUNT_BOUND:
            return number
    return _count_offered(session, filters, ids)


def _count_offered(session: Session, filters: Filters, ids: Collection[int] | None) -> int:
    """How many of some, or of all, have a venue and meet the filters, counted to at most `COUNT_BOUND`."""
    dialect = dialect_of(session)
    chosen = select(Offer.opportunity_id).where(*filters.conditions(dialect, Offer))
    values = {} if ids is None else {"ids": as_parameter(dialect, ids)}
    if ids is not None:
        chosen = offers_of(dialect, chosen)
    # Few have several venues. To look for different ones only, PostgreSQL would read them all.
    some = chosen.limit(2 * COUNT_BOUND).subquery()
    number = session.scalar(select(func.count(some.c.opportunity_id.distinct())), values) or 0
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
    dialect = dialect_of(session)
    return {venue.id: venue for venue in session.scalars(_venues(dialect), {"ids": as_parameter(dialect, ids)})}


def skills(session: Session, slugs: Collection[str]) -> list[Skill]:
    """The skills with these slugs, by name; fewer than slugs where there is no such skill."""
    return list(session.scalars(select(Skill).where(Skill.slug.in_(slugs)).order_by(Skill.name))) if slugs else []


def by_soonest(session: Session, hits: Sequence[Hit], filters: Filters) -> list[tuple[Key, Hit]]:
    """Hits by what comes next: the next sitting of those asked for, or the closing date of what has none.

    What is always open comes last. Each has its key in that order: (seconds since 1970, metres, id).
    """
    ids = [hit.opportunity_id for hit in hits]
    starts = _next_starts(session, ids, filters)
    dialect = dialect_of(session)
    closing = select(Opportunity.id, Opportunity.ends_at).where(Opportunity.id.in_(ids_in(dialect)))
    known = session.execute(closing, {"ids": as_parameter(dialect, ids)})
    moments = {number: starts.get(number) or ends_at for number, ends_at in known}
    return _keyed(hits, {number: (moment or ALWAYS).timestamp() for number, moment in moments.items()})


def by_newest(session: Session, hits: Sequence[Hit]) -> list[tuple[Key, Hit]]:
    """Hits by when they came into the catalogue, the latest first, each with its key: (minus seconds, metres, id)."""
    dialect = dialect_of(session)
    added = select(Opportunity.id, Opportunity.added_at).where(Opportunity.id.in_(ids_in(dialect)))
    known = session.execute(added, {"ids": as_parameter(dialect, [hit.opportunity_id for hit in hits])})
    return _keyed(hits, {number: -added_at.timestamp() for number, added_at in known})


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
    return bool(plain_rows(session, _of_samples()))


@cache
def _of_samples() -> Select[int]:
    # As the partial index has it: for SQLite `is_sample = 1` is something else, and it would read all providers.
    return select(Provider.id).where(text("is_sample")).limit(1)


@cache
def _with_provider() -> Select[Opportunity]:
    return select(Opportunity).options(joinedload(Opportunity.provider, innerjoin=True))


@cache
def _opportunities(dialect: str) -> Select[Opportunity]:
    """Those whose ids stand in the parameter `ids`."""
    return _with_provider().where(Opportunity.id.in_(ids_in(dialect)))


@cache
def _venues(dialect: str) -> Select[Venue]:
    return select(Venue).where(Venue.id.in_(ids_in(dialect)))


def _next_starts(session: Session, ids: Sequence[int], filters: Filters) -> dict[int, datetime]:
    dialect = dialect_of(session)
    asked = Filters(NOW, span=filters.span, times=filters.times)
    values = {"now": filters.now, "ids": as_parameter(dialect, ids)}
    return dict(plain_rows(session, _starting(dialect, asked), values))


@lru_cache(maxsize=KEPT_STATEMENTS)
def _starting(dialect: str, filters: Filters) -> Select[int, datetime]:
    return (
        select(Occurrence.opportunity_id, func.min(Occurrence.starts_at))
        .where(Occurrence.opportunity_id.in_(ids_in(dialect)), *filters.sitting())
        .group_by(Occurrence.opportunity_id)
    )
