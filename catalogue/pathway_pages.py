"""What the pages of pathways show: all of them, and one. How near its steps are is `catalogue.pathway_ways`."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from sqlalchemy import Integer, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from catalogue.few import as_parameter, ids_in
from catalogue.models import Badge, Opportunity, Provider, Skill
from catalogue.pathway_models import Pathway, Step, StepOption, pathway_leads_on
from catalogue.words import DestinationKind, Layer
from database.engine import dialect_of
from database.plain import plain_rows

PAGE = 200


class CardStep(NamedTuple):
    """A step as a card paints it."""

    layer: Layer


class CardProvider(NamedTuple):
    """Who made a pathway, as its card says."""

    name: str


@dataclass(frozen=True, slots=True)
class PathwayCard:
    """A pathway as a card shows it, to be read like a `Pathway`. Objects of the session would take longer."""

    slug: str
    title: str
    summary: str
    destination_kind: DestinationKind
    destination: str
    provider: CardProvider
    steps: Sequence[CardStep]


def first_cards(session: Session, limit: int) -> list[PathwayCard]:
    """The cards of the first pathways by title."""
    found = plain_rows(session, _first(), {"most": limit})
    dialect = dialect_of(session)
    ids = as_parameter(dialect, [row.id for row in found])
    steps: dict[int, list[CardStep]] = defaultdict(list)
    for number, layer in plain_rows(session, _steps(dialect), {"ids": ids}):
        steps[number].append(CardStep(layer))
    return [
        PathwayCard(slug, title, summary, destination_kind, destination, CardProvider(provider), steps[number])
        for number, slug, title, summary, destination_kind, destination, provider in found
    ]


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
def _first() -> Select[int, str, str, str, DestinationKind, str, str]:
    """As many as the parameter `most` says."""
    told = Pathway.slug, Pathway.title, Pathway.summary, Pathway.destination_kind, Pathway.destination
    return (
        select(Pathway.id, *told, Provider.name)
        .join(Pathway.provider)
        .order_by(Pathway.title, Pathway.id)
        .limit(bindparam("most", type_=Integer))
    )


@cache
def _steps(dialect: str) -> Select[int, Layer]:
    """The steps of the pathways whose ids stand in the parameter `ids`."""
    return select(Step.pathway_id, Step.layer).where(Step.pathway_id.in_(ids_in(dialect))).order_by(Step.position)


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
