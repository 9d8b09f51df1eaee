"""Which steps of which pathways an opportunity can complete."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from catalogue.models import Opportunity
from catalogue.pathway_models import Pathway, Step, StepOption
from catalogue.words import OptionKind


@dataclass(frozen=True, slots=True)
class Membership:
    """That an opportunity is an option of a step, and how many steps the pathway has."""

    pathway: Pathway
    step: Step
    step_count: int


def steps_with(session: Session, opportunity: Opportunity) -> list[Membership]:
    """The steps of which an opportunity is an option: named, by a badge that it earns, or by a rule that it meets.

    In order of the pathway's title, then of the step. One statement, besides those
    that load the opportunity's skills and badges where they are not loaded yet.
    """
    one = aliased(Step)
    step_count = select(func.count(one.id)).where(one.pathway_id == Pathway.id).scalar_subquery()
    options = select(StepOption.step_id).where(
        or_(
            StepOption.opportunity_id == opportunity.id,
            StepOption.badge_id.in_([badge.id for badge in opportunity.badges]),
            _meets_rule(opportunity),
        )
    )
    statement = (
        select(Pathway, Step, step_count)
        .join(Step, Step.pathway_id == Pathway.id)
        .where(Step.id.in_(options))
        .order_by(Pathway.title, Pathway.id, Step.position)
    )
    return [Membership(pathway, step, count) for pathway, step, count in session.execute(statement)]


def _meets_rule(opportunity: Opportunity) -> ColumnElement[bool]:
    """That a `step_option` row is a rule each part of which, where it is set, fits the opportunity."""
    rule = StepOption
    return and_(
        rule.option_kind == OptionKind.RULE,
        or_(rule.rule_kind.is_(None), rule.rule_kind == opportunity.kind),
        or_(rule.rule_layer.is_(None), rule.rule_layer == opportunity.layer),
        or_(rule.rule_skill_id.is_(None), rule.rule_skill_id.in_([skill.id for skill in opportunity.skills])),
        or_(rule.rule_provider_id.is_(None), rule.rule_provider_id == opportunity.provider_id),
    )
