"""Bringing badges to what a file says of them, in place."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalogue.models import Badge, Provider, Skill
from catalogue.pathway_store import named
from catalogue.sample_records import BadgeRecord


def store(session: Session, records: Sequence[BadgeRecord]) -> list[Badge]:
    """Make or update badges by their slugs. What they name must be in the database.

    Raises:
        catalogue.pathway_store.Unknown: one names a provider or a skill that is not there.
    """
    return [_store(session, record) for record in records]


def _store(session: Session, record: BadgeRecord) -> Badge:
    provider = named(session, Provider, record.provider)
    skills = [named(session, Skill, slug) for slug in record.skills]
    row = session.scalar(select(Badge).where(Badge.slug == record.slug)) or Badge(slug=record.slug)
    for name, value in record.model_dump(exclude={"slug", "provider", "skills"}).items():
        setattr(row, name, value)
    row.provider, row.skills = provider, skills
    session.add(row)
    return row
