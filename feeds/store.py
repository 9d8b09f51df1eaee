"""Writing what sources say into the catalogue: a batch of records in one transaction, the same again at no harm.

What is derived from opportunities is brought up to date in the same transaction, so that a process may be killed
at any moment; only the map's sums wait for `catalogue.derived.settle`.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple, TypeVar

from sqlalchemy import case, delete, func, or_, select, update
from sqlalchemy.orm import Session

from catalogue import derived
from catalogue.models import Occurrence, Opportunity, opportunity_skill, opportunity_venue, time_of_week
from catalogue.slugs import slug_of
from catalogue.source_models import Source, SourceRecord
from catalogue.words import Reach
from database import bulk
from feeds.clean import Clean, remark
from feeds.named import Names, provider_slug
from feeds.places import PlacedVenue

MAX_KEY = 300
MAX_SLUG = 80
AT_ONCE = 500
Value = TypeVar("Value")
_SAID = (
    "slug", "provider_id", "title", "summary", "description", "kind", "layer", "reach", "region", "cost_pence",
    "cost_note", "age_min", "age_max", "level", "time_needed", "how_to_apply", "url", "accessibility", "is_full",
)  # fmt: skip
_NEW = ("id", "key", *_SAID, "added_at", "checked_at", "ends_at")
_SITTING = ("opportunity_id", "starts_at", "ends_at", "time_of_week")


class Known(NamedTuple):
    """What the store has of an item."""

    id: int
    digest: int
    opportunity_id: int
    is_gone: bool


@dataclass(frozen=True, slots=True)
class Ready:
    """An item that may be written: its record, cleaned, with its venues placed, and what is known of it, if it is."""

    identifier: str
    digest: int
    clean: Clean
    venues: tuple[PlacedVenue, ...]
    fingerprint: int
    known: Known | None


def known(session: Session, source: Source, identifiers: Collection[str]) -> dict[str, Known]:
    """What is stored of some items of a source, by identifier."""
    columns = (SourceRecord.id, SourceRecord.digest, SourceRecord.opportunity_id, SourceRecord.is_gone)
    found = select(SourceRecord.identifier, *columns).where(
        SourceRecord.source_id == source.id, bulk.among(session, SourceRecord.identifier, identifiers)
    )
    return {
        identifier: Known(number, digest, opportunity_id, is_gone)
        for identifier, number, digest, opportunity_id, is_gone in session.execute(found)
    }


def _owned(session: Session, source: Source, there: Sequence[Ready]) -> dict[int, Ready]:
    """The opportunities that say what these items say, by id: the others are another source's."""
    slug = source.slug
    keys = {_key(slug, each.identifier): each for each in there}
    found = select(Opportunity.key, Opportunity.id).where(bulk.among(session, Opportunity.key, keys))
    return {number: keys[key] for key, number in session.execute(found)} if keys else {}


def key_of(source: Source, identifier: str) -> str:
    """What an opportunity is called by its source, as `catalogue.models.Opportunity.key` has it."""
    return _key(source.slug, identifier)


def _key(slug: str, identifier: str) -> str:
    return f"{slug}:{identifier}"[:MAX_KEY]


def write(session: Session, source: Source, batch: Sequence[Ready], names: Names, now: datetime) -> Counter[str]:
    """Bring the catalogue to what some items say; identifiers stand in the batch once. The caller commits.

    Returns:
        How many were `new` and how many `changed`.
    """
    records = [each.clean.record for each in batch]
    names.learn(
        session,
        [record.provider for record in records],
        [venue for each in batch for venue in each.venues],
        [skill for record in records for skill in record.skills],
    )
    new = [each for each in batch if each.known is None]
    changed = _owned(session, source, [each for each in batch if each.known])
    returned, matched = _there_already(session, source, new), _in_other_sources(session, source, new)
    changed |= {returned[each.identifier]: each for each in new if each.identifier in returned}
    fresh = [each for each in new if each.identifier not in returned and each.identifier not in matched]
    ids = bulk.take_ids(session, "opportunity", len(fresh)) if fresh else []
    _insert(session, source, dict(zip(ids, fresh, strict=True)), names, now)
    _update(session, changed, names, now)
    made = {each.identifier: number for number, each in zip(ids, fresh, strict=True)} | returned | matched
    _note_new(session, source, [(each, made[each.identifier]) for each in new])
    _note_changed(session, [each for each in batch if each.known])
    derived.index_written(session, ids, list(changed), names.words)
    return Counter(new=len(new), changed=len(batch) - len(new))


def has_unread(session: Session, source: Source) -> bool:
    """Whether an item is to be written at the next reading, as it is or not: see `_hand_over`."""
    which = (SourceRecord.source_id == source.id, SourceRecord.digest == 0)
    return session.scalar(select(SourceRecord.id).where(*which).limit(1)) is not None


def unflag(session: Session, ids: Collection[int]) -> None:
    """Items that were gone, by the ids of their records, are there again."""
    for some in _in_parts(ids):
        session.execute(update(SourceRecord).where(SourceRecord.id.in_(some)).values(is_gone=False))


def flag_gone(session: Session, source: Source, identifiers: Collection[str]) -> None:
    """Note that a source took items away; `withdraw` then does it."""
    for some in _in_parts(identifiers):
        which = (SourceRecord.source_id == source.id, SourceRecord.identifier.in_(some))
        session.execute(update(SourceRecord).where(*which).values(is_gone=True))


def flag_unseen(session: Session, ids: Collection[int]) -> None:
    """The same, by the ids of the items' records."""
    for some in _in_parts(ids):
        session.execute(update(SourceRecord).where(SourceRecord.id.in_(some)).values(is_gone=True))


def live_and_gone(session: Session, source: Source, now: datetime) -> tuple[int, int]:
    """How many opportunities of a source can still be joined, and how many of those it has taken away."""
    which = (SourceRecord.source_id == source.id, or_(Opportunity.ends_at.is_(None), Opportunity.ends_at > now))
    gone = func.sum(case((SourceRecord.is_gone, 1), else_=0))
    counted = select(func.count(), func.coalesce(gone, 0)).select_from(SourceRecord).join(Opportunity).where(*which)
    many, taken = session.execute(counted).one()
    return many, taken


def withdraw_some(session: Session, source: Source, now: datetime) -> int:
    """Take items that are flagged as gone out of the catalogue, `AT_ONCE` at most. The caller commits.

    An opportunity that no other source has ends now, and says so for as long as what
    has ended does; of one that another has, that other is believed from now on.

    Returns:
        How many there were: call it again until there are none.
    """
    flagged = select(SourceRecord.id, SourceRecord.opportunity_id)
    flagged = flagged.where(SourceRecord.source_id == source.id, SourceRecord.is_gone).limit(AT_ONCE)
    rows = session.execute(flagged).all()
    if not rows:
        return 0
    session.execute(delete(SourceRecord).where(SourceRecord.id.in_([row[0] for row in rows])))
    ids = {row[1] for row in rows}
    _hand_over(session, ids)
    still = set(
        session.scalars(select(SourceRecord.opportunity_id).where(SourceRecord.opportunity_id.in_(ids)).distinct())
    )
    ended = sorted(ids - still)
    open_ones = (Opportunity.id.in_(ended), or_(Opportunity.ends_at.is_(None), Opportunity.ends_at > now))
    session.execute(update(Opportunity).where(*open_ones).values(ends_at=now))
    derived.index_written(session, [], ended)
    return len(rows)


def forget_some(session: Session, source: Source, before: datetime) -> int:
    """Delete what a source brought that ended before a moment, `AT_ONCE` at most. The caller commits.

    Returns:
        How many there were: call it again until there are none.
    """
    of_source = Opportunity.key.startswith(f"{source.slug}:", autoescape=True)
    # The last id stays, for SQLite would give it to the next opportunity, and old links with it.
    not_last = Opportunity.id < select(func.max(Opportunity.id)).scalar_subquery()
    is_long_over = (of_source, Opportunity.ends_at < before, not_last)
    ids = session.scalars(select(Opportunity.id).where(*is_long_over).limit(AT_ONCE)).all()
    session.execute(delete(Opportunity).where(Opportunity.id.in_(ids)))
    return len(ids)


def _hand_over(session: Session, ids: Collection[int]) -> None:
    """Of opportunities that several sources have, believe the first that is left, and read its item anew."""
    left = (
        select(SourceRecord, Opportunity.key)
        .join(Opportunity, Opportunity.id == SourceRecord.opportunity_id)
        .where(SourceRecord.opportunity_id.in_(ids))
        .order_by(SourceRecord.id)
    )
    heirs: dict[int, SourceRecord] = {}
    owned: set[int] = set()
    for record, key in session.execute(left):
        heirs.setdefault(record.opportunity_id, record)
        if key == key_of(record.source, record.identifier):
            owned.add(record.opportunity_id)
    for opportunity_id, record in heirs.items():
        if opportunity_id not in owned:
            key = key_of(record.source, record.identifier)
            session.execute(update(Opportunity).where(Opportunity.id == opportunity_id).values(key=key))
            record.digest = 0
    session.flush()


def _there_already(session: Session, source: Source, new: Sequence[Ready]) -> dict[str, int]:
    """Opportunities that were of these items before the source took them away: identifier to id."""
    slug = source.slug
    keys = {_key(slug, each.identifier): each.identifier for each in new}
    found = select(Opportunity.key, Opportunity.id).where(bulk.among(session, Opportunity.key, keys))
    return {keys[key]: opportunity_id for key, opportunity_id in session.execute(found)}


def _in_other_sources(session: Session, source: Source, new: Sequence[Ready]) -> dict[str, int]:
    """Opportunities that other sources have, each for one item of this: identifier to id."""
    wanted = {each.fingerprint: each.identifier for each in reversed(new)}
    is_told = bulk.among(session, SourceRecord.fingerprint, wanted)
    ours = select(SourceRecord.opportunity_id).where(SourceRecord.source_id == source.id, is_told)
    found = (
        select(SourceRecord.fingerprint, func.min(SourceRecord.opportunity_id))
        .where(
            is_told,
            SourceRecord.source_id != source.id,
            ~SourceRecord.is_gone,
            SourceRecord.opportunity_id.not_in(ours),
        )
        .group_by(SourceRecord.fingerprint)
    )
    return {wanted[told]: opportunity_id for told, opportunity_id in session.execute(found)}


def _insert(session: Session, source: Source, fresh: dict[int, Ready], names: Names, now: datetime) -> None:
    if not fresh:
        return
    slug, moment = source.slug, bulk.moment(now)
    rows = [
        (
            *(opportunity_id, _key(slug, each.identifier)),
            *_said(each, names),
            *(moment, moment, bulk.moment(each.clean.ends_at) if each.clean.ends_at else None),
        )
        for opportunity_id, each in fresh.items()
    ]
    bulk.write(session, "opportunity", _NEW, rows)
    _link(session, fresh, names)


def _update(session: Session, changed: dict[int, Ready], names: Names, now: datetime) -> None:
    if not changed:
        return
    rows = []
    for opportunity_id, each in changed.items():
        values = dict(zip(_SAID, _said(each, names), strict=True))
        rows.append(values | {"id": opportunity_id, "checked_at": now, "ends_at": each.clean.ends_at})
    session.execute(update(Opportunity), rows)
    for some in _in_parts(changed):
        for link in (opportunity_venue, opportunity_skill):
            session.execute(delete(link).where(link.c.opportunity_id.in_(some)))
        session.execute(delete(Occurrence).where(Occurrence.opportunity_id.in_(some)))
    _link(session, changed, names)


def _said(each: Ready, names: Names) -> tuple[object, ...]:
    """What an item says of its opportunity: the columns `_SAID`."""
    record = each.clean.record
    return (
        _slug(record.title) or record.kind.value,
        names.providers[provider_slug(record.provider.name)],
        record.title,
        record.summary,
        record.description,
        record.kind.value,
        record.layer.value,
        record.reach.value,
        record.region if record.reach is Reach.REGION else None,
        record.cost_pence,
        record.cost_note,
        record.age_min,
        record.age_max,
        record.level,
        record.time_needed,
        record.how_to_apply,
        record.url,
        record.accessibility,
        record.is_full,
    )


@lru_cache(maxsize=5_000)
def _slug(title: str) -> str:
    return slug_of(title)[:MAX_SLUG].strip("-")


def _link(session: Session, batch: dict[int, Ready], names: Names) -> None:
    """Write the venues, skills and sittings of some opportunities, by id, that have none."""
    venues, skills, sittings = [], [], []
    for opportunity_id, each in batch.items():
        record = each.clean.record
        for venue in {names.venues[one]: None for one in each.venues}:
            venues.append((opportunity_id, venue))
        if record.skills:
            ids = dict.fromkeys(names.skills[one.framework, one.identifier] for one in record.skills)
            skills += [(opportunity_id, skill) for skill in ids]
        for one in record.sittings:
            when = (bulk.moment(one.starts_at), bulk.moment(one.ends_at), time_of_week(one.starts_at).value)
            sittings.append((opportunity_id, *when))
    bulk.write(session, "opportunity_venue", ("opportunity_id", "venue_id"), venues)
    bulk.write(session, "opportunity_skill", ("opportunity_id", "skill_id"), skills)
    bulk.write(session, "occurrence", _SITTING, sittings)


def _note_new(session: Session, source: Source, new: Sequence[tuple[Ready, int]]) -> None:
    source_id = source.id
    rows = [
        (source_id, each.identifier, number, each.digest, each.fingerprint, False, remark(each.clean.remarks))
        for each, number in new
    ]
    columns = ("source_id", "identifier", "opportunity_id", "digest", "fingerprint", "is_gone", "remark")
    bulk.write(session, "source_record", columns, rows)


def _note_changed(session: Session, changed: Sequence[Ready]) -> None:
    rows = [
        {
            "id": each.known.id,
            "digest": each.digest,
            "fingerprint": each.fingerprint,
            "is_gone": False,
            "remark": remark(each.clean.remarks),
        }
        for each in changed
        if each.known
    ]
    if rows:
        session.execute(update(SourceRecord), rows)


def _in_parts(values: Collection[Value]) -> list[list[Value]]:
    listed = list(values)
    return [listed[start : start + AT_ONCE] for start in range(0, len(listed), AT_ONCE)]
