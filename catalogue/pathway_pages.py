"""What the pages of pathways show: all of them, and one. How near its steps are is `catalogue.pathway_ways`."""

from collections.abc import Sequence
from functools import cache

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from catalogue.models import Badge, Opportunity, Skill
from catalogue.pathway_models import Pathway, Step, StepOption, pathway_leads_on
from database.plain import plain_rows

PAGE = 200


def pathways(
    session: Session, limit: int = PAGE, skip: int = 0, after: tuple[str, int] | None = None
) -> Sequence[Pathway]:
    """Pathways by title, with their providers and steps. At most one more than `PAGE` of them.

    `after` is a title and an id: only those that come after them.
    """
    chosen = _for_cards()
    if after:
        title, number = after
        chosen = chosen.where(or_(Pathway.title > title, and_(Pathway.title == title, Pathway.id > number)))
    return session.scalars(chosen.limit(min(limit, PAGE + 1)).offset(skip)).all()


def count_pathways(session: Session) -> int:
    ((number,),) = plain_rows(session, _counting())
    return int(number)


def pathways_by(session: Session, provider_id: int, limit: int) -> Sequence[Pathway]:
    """The pathways that a provider curates, by title."""
    return session.scalars(_for_cards().where(Pathway.provider_id == provider_id).limit(limit)).all()


def pathway(session: Session, slug: str) -> Pathway | None:
    """One pathway with all that its page shows of it."""
    options = selectinload(Pathway.steps).selectinload(Step.options)
    named = options.selectinload(StepOption.opportunity)
    return session.scalar(
        select(Pathway)
        .where(Pathway.slug == slug)
        .options(
            joinedload(Pathway.provider, innerjoin=True),
            joinedload(Pathway.destination_skill),
            selectinload(Pathway.groups),
            options.selectinload(StepOption.badge).selectinload(Badge.skills),
            named.selectinload(Opportunity.venues),
            named.joinedload(Opportunity.provider, innerjoin=True),
            options.selectinload(StepOption.rule_skill),
            options.selectinload(StepOption.rule_provider),
        )
    )


def following(session: Session, pathway: Pathway) -> Sequence[Pathway]:
    """The pathways that go on from one, by title, with their providers and steps."""
    after = select(pathway_leads_on.c.next_id).where(pathway_leads_on.c.pathway_id == pathway.id)
    return session.scalars(_for_cards().where(Pathway.id.in_(after)).limit(PAGE)).all()


def skills(pathway: Pathway) -> list[Skill]:
    """The skills that the steps' rules and badges name, each once, in the order of the steps."""
    found: list[Skill] = []
    for option in (option for step in pathway.steps for option in step.options):
        found += [option.rule_skill] if option.rule_skill else []
        found += option.badge.skills if option.badge else []
    return list(dict.fromkeys(found))


@cache
def _counting() -> Select[int]:
    return select(func.count()).select_from(Pathway)


@cache
def _for_cards() -> Select[Pathway]:
    return (
        select(Pathway)
        .options(joinedload(Pathway.provider, innerjoin=True), selectinload(Pathway.steps))
        .order_by(Pathway.title, Pathway.id)
    )
