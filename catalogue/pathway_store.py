"""Bringing pathways to what a file says of them, in place: people's progress hangs on their steps' slugs."""

from collections.abc import Sequence
from itertools import count
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalogue.models import Badge, Opportunity, Provider, Skill
from catalogue.pathway_models import Pathway, Step, StepGroup, StepOption
from catalogue.sample_records import OptionRecord, PathwayRecord, StepRecord
from catalogue.words import Kind, OptionKind

Named = TypeVar("Named", Provider, Skill, Badge, Pathway)


class Unknown(Exception):
    """A pathway names what is not there. The message says what."""


def store(session: Session, records: Sequence[PathwayRecord], key_prefix: str = "") -> list[Pathway]:
    """Make or update pathways by their slugs, with their steps. What they name must be in the database.

    Args:
        key_prefix: what is put before the name of an opportunity to make its key.

    Raises:
        Unknown: one names a provider, skill, badge, opportunity or pathway that is not there.
        sqlalchemy.exc.IntegrityError: pathways would lead on in a circle.
    """
    rows = [_store(session, record, key_prefix) for record in records]
    session.flush()
    # What leads where is known when all are there; what was goes first, for a circle may have been turned round.
    for row in rows:
        row.leads_on = []
    session.flush()
    for row, record in zip(rows, records, strict=True):
        row.leads_on = [named(session, Pathway, slug) for slug in record.leads_on]
    session.flush()
    return rows


def named(session: Session, model: type[Named], slug: str) -> Named:
    """The row of this slug.

    Raises:
        Unknown: there is none.
    """
    row = session.scalar(select(model).where(model.slug == slug))
    if row is None:
        raise Unknown(f"there is no {model.__tablename__} {slug!r}")
    return row


def _store(session: Session, record: PathwayRecord, key_prefix: str) -> Pathway:
    row = session.scalar(select(Pathway).where(Pathway.slug == record.slug)) or Pathway(slug=record.slug)
    for name in ("title", "summary", "description", "destination_kind", "destination"):
        setattr(row, name, getattr(record, name))
    row.provider = named(session, Provider, record.provider)
    row.destination_skill = named(session, Skill, record.destination_skill) if record.destination_skill else None
    session.add(row)
    slugs = _slugs(record, {step.position: step.slug for step in row.steps})
    # The old steps go before the new ones take their places, and before the groups that they are in.
    row.steps = []
    session.flush()
    row.groups = []
    session.flush()
    row.groups = [StepGroup(number=number, needed=each.any) for number, each in enumerate(record.groups, start=1)]
    session.flush()
    for position, ((step, group), slug) in enumerate(zip(record.all_steps, slugs, strict=True), start=1):
        row.steps.append(_step(session, step, position, slug, group, key_prefix))
    return row


def _slugs(record: PathwayRecord, before: dict[int, str]) -> list[str]:
    """The slugs of the steps. One whose title alone was changed keeps the slug that its place had."""
    new = record.step_slugs
    kept = []
    for position, (step, _), slug in zip(count(1), record.all_steps, new):
        old = before.get(position)
        is_retitled = not step.slug and slug not in before.values() and old is not None and old not in new
        kept.append(old if is_retitled and old else slug)
    return kept


def _step(session: Session, record: StepRecord, position: int, slug: str, group: int | None, key_prefix: str) -> Step:
    options = [option for each in record.options for option in _options(session, each, key_prefix)]
    for place, option in enumerate(options, start=1):
        option.position = place
    return Step(
        position=position,
        slug=slug,
        title=record.title,
        asks_for=record.asks_for,
        layer=record.layer,
        is_optional=record.optional,
        group_number=group,
        options=options,
    )


def _options(session: Session, record: OptionRecord, key_prefix: str) -> list[StepOption]:
    """One option, or for a rule with several kinds one a kind."""
    if record.badge:
        return [StepOption(option_kind=OptionKind.BADGE, badge=named(session, Badge, record.badge))]
    if record.opportunity:
        opportunity = session.scalar(select(Opportunity).where(Opportunity.key == key_prefix + record.opportunity))
        if opportunity is None:
            raise Unknown(f"there is no opportunity {record.opportunity!r}")
        return [StepOption(option_kind=OptionKind.OPPORTUNITY, opportunity=opportunity)]
    kinds: list[Kind | None] = [*record.kind] or [None]
    return [
        StepOption(
            option_kind=OptionKind.RULE,
            rule_kind=kind,
            rule_layer=record.layer,
            rule_skill=named(session, Skill, record.skill) if record.skill else None,
            rule_provider=named(session, Provider, record.provider) if record.provider else None,
        )
        for kind in kinds
    ]
