"""Asking after sources: whose word an opportunity is, and which have not been read for too long."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalogue.models import Opportunity
from catalogue.source_models import Source, SourceRecord

GRACE = timedelta(hours=1)


def sources_of(session: Session, opportunity: Opportunity) -> Sequence[Source]:
    """The sources that have an opportunity, in the order in which they brought it; none of what is written here."""
    found = select(Source).join(SourceRecord, SourceRecord.source_id == Source.id)
    return session.scalars(found.where(SourceRecord.opportunity_id == opportunity.id).order_by(SourceRecord.id)).all()


def checked_at(opportunity: Opportunity, sources: Sequence[Source]) -> datetime:
    """When a source last said that an opportunity is so: each reading to the end says it of all that it has."""
    return max([opportunity.checked_at, *(source.read_at for source in sources if source.read_at)])


def checks(session: Session, opportunities: Iterable[Opportunity]) -> dict[int, datetime]:
    """The same for many, by their ids."""
    found = {each.id: each.checked_at for each in opportunities}
    read = (
        select(SourceRecord.opportunity_id, func.max(Source.read_at))
        .join(Source, Source.id == SourceRecord.source_id)
        .where(SourceRecord.opportunity_id.in_(found), Source.read_at.is_not(None))
        .group_by(SourceRecord.opportunity_id)
    )
    newer = {number: read_at for number, read_at in session.execute(read) if read_at}
    return {number: max(own, newer.get(number, own)) for number, own in found.items()}


def read_ones(session: Session) -> Sequence[Source]:
    """The sources that have been read, by name."""
    return session.scalars(select(Source).where(Source.read_at.is_not(None)).order_by(Source.name, Source.id)).all()


def overdue(session: Session, now: datetime) -> list[Source]:
    """The sources that are, by name."""
    scheduled = session.scalars(select(Source).where(Source.every_hours.is_not(None)).order_by(Source.slug))
    return [source for source in scheduled if is_overdue(source, now)]


def is_overdue(source: Source, now: datetime) -> bool:
    """Whether a source with a schedule has not been read to its end for twice as long as that says, and an hour."""
    if not source.every_hours:
        return False
    return now - (source.read_at or source.added_at) > timedelta(hours=2 * source.every_hours) + GRACE
