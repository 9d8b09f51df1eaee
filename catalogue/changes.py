"""The catalogue as a list of changes that others follow, each with a number that grows.

A change gets its number not when it is written but when somebody asks: triggers only mark it. Whoever numbers locks
the count until that is committed, and passes over what is being changed at the moment. So numbers appear in their
order, whatever order transactions began or ended in, and who has read up to a number misses nothing that comes
before it. Each look numbers a bounded lot.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.orm import Session, joinedload, selectinload

from catalogue.change_models import Change, ChangeCount
from catalogue.models import Occurrence, Opportunity
from catalogue.words import Kind

# At least seven days, says https://openactive.io/realtime-paged-data-exchange/; a follower may be down for longer.
GONE_KEPT = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class Followed:
    """Which opportunities are listed: of some kinds those that have sittings, of others all, until they have ended."""

    dated: frozenset[Kind]
    undated: frozenset[Kind]


@dataclass(frozen=True, slots=True)
class Numbered:
    """A change: `is_listed` is whether the opportunity is there; `kind` is what it is, or last was."""

    number: int
    opportunity_id: int
    kind: Kind
    is_listed: bool


def after(session: Session, number: int, limit: int) -> list[Numbered]:
    """The changes after a number, in order, each opportunity once: at its last."""
    statement = select(Change).where(Change.number > number).order_by(Change.number).limit(limit)
    return [
        Numbered(each.number, each.opportunity_id, Kind(each.kind), each.is_listed)
        for each in session.scalars(statement)
        if each.number is not None and each.kind is not None
    ]


def are_waiting(session: Session, now: datetime) -> bool:
    """Whether there is something for `number_waiting` to do."""
    return any(session.scalar(each.limit(1)) is not None for each in _waiting(now))


def number_waiting(session: Session, now: datetime, followed: Followed, limit: int) -> None:
    """Number what has changed or ended since it was numbered, at most so many of each. The caller commits.

    What was never told of and is not to be, is forgotten; so is what has been gone for `GONE_KEPT`.
    """
    # The first thing to do: it keeps all others who number waiting, on both databases.
    (number,) = session.scalars(update(ChangeCount).values(number=ChangeCount.number).returning(ChangeCount.number))
    waiting = [
        change
        for each in _waiting(now)
        for change in session.scalars(each.limit(limit).with_for_update(skip_locked=True))
    ]
    waiting.sort(key=lambda each: each.opportunity_id)
    listed = _listed(session, [each.opportunity_id for each in waiting], followed)
    forgotten = []
    for each in waiting:
        kind, end = listed.get(each.opportunity_id, (each.kind, now))
        is_there = end is None or end > now
        if not is_there and not each.is_listed and each.gone_at is None:
            forgotten.append(each.opportunity_id)
            continue
        number += 1
        each.number, each.kind, each.is_listed = number, kind, is_there
        each.listed_until = end if is_there else None
        each.gone_at = None if is_there else each.gone_at or now
    session.execute(update(ChangeCount).values(number=number))
    session.flush()
    long_gone = select(Change.opportunity_id).where(Change.gone_at < now - GONE_KEPT, Change.number.is_not(None))
    for ids in (session.scalars(long_gone.limit(limit).with_for_update(skip_locked=True)).all(), forgotten):
        session.execute(delete(Change).where(Change.opportunity_id.in_(ids)), execution_options=_PLAIN)


def opportunities(session: Session, ids: Collection[int]) -> dict[int, Opportunity]:
    """Opportunities by id with all that is told of them; fewer than ids where some are gone."""
    statement = (
        select(Opportunity)
        .where(Opportunity.id.in_(ids))
        .options(
            joinedload(Opportunity.provider, innerjoin=True),
            selectinload(Opportunity.venues),
            selectinload(Opportunity.skills),
            selectinload(Opportunity.occurrences),
        )
    )
    return {found.id: found for found in session.scalars(statement)}


_PLAIN = {"synchronize_session": False}


def _waiting(now: datetime) -> tuple[Select[Change], Select[Change]]:
    """What has changed, and what has ended. Each is found by an index of its own, and in no order."""
    changed = Change.number.is_(None)
    return select(Change).where(changed), select(Change).where(Change.number.is_not(None), Change.listed_until <= now)


def _listed(session: Session, ids: Sequence[int], followed: Followed) -> dict[int, tuple[str, datetime | None]]:
    """The kind of each of those that are to be listed, and until when, None for good; without those that are not."""
    last = func.max(Occurrence.ends_at, type_=Occurrence.ends_at.type)
    statement = (
        select(Opportunity.id, Opportunity.kind, Opportunity.ends_at, last)
        .outerjoin(Occurrence, Occurrence.opportunity_id == Opportunity.id)
        .where(Opportunity.id.in_(ids), Opportunity.kind.in_(sorted(followed.dated | followed.undated)))
        .group_by(Opportunity.id)
    )
    found: dict[int, tuple[str, datetime | None]] = {}
    for opportunity_id, kind, ends_at, last_end in session.execute(statement):
        if kind in followed.undated:
            found[opportunity_id] = kind.value, ends_at
        elif last_end is not None:
            found[opportunity_id] = kind.value, min(last_end, ends_at or last_end)
    return found
