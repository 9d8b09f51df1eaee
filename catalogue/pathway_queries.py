"""Which steps of which pathways an opportunity can complete."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, not_, or_, select
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


def steps_with(session: Session, opportunity: Opportunity, limit: int) -> list[Membership]:
    """The steps of which an opportunity is an option: named, by a badge that it earns, or by a rule that it meets.

    A badge counts as `catalogue.pathway_ways.subject` has it. In order of the pathway's title, then of the
    step; at most `limit`. One statement, besides those that load the opportunity's skills and badges
    where they are not loaded yet.
    """
    one = aliased(Step)
    step_count = select(func.count(one.id)).where(one.pathway_id == Pathway.id).scalar_subquery()
    earned = StepOption.badge_id.in_([badge.id for badge in opportunity.badges])
    options = (
        select(StepOption.step_id)
        .join(Step, Step.id == StepOption.step_id)
        .where(
            or_(
                StepOption.opportunity_id == opportunity.id,
                and_(earned, _is_on_subject(opportunity)),
                _meets_rule(opportunity),
            )
        )
    )
    statement = (
        select(Pathway, Step, step_count)
        .join(Step, Step.pathway_id == Pathway.id)
        .where(Step.id.in_(options))
        .order_by(Pathway.title, Pathway.id, Step.position)
        .limit(limit)
    )
    return [Membership(pathway, step, count) for pathway, step, count in session.execute(statement)]


def _is_on_subject(opportunity: Opportunity) -> ColumnElement[bool]:
    """That the rules of a `step` row name a skill of the opportunity.

    Of a step whose rules name none those of its pathway count; if these name none either, it is met.
    """
    taught = [skill.id for skill in opportunity.skills]
    sibling, rule = aliased(Step), aliased(StepOption)
    named = select(rule.id).join(sibling, sibling.id == rule.step_id).where(rule.rule_skill_id.is_not(None))
    here, along = (
        named.where(of).correlate(Step) for of in (sibling.id == Step.id, sibling.pathway_id == Step.pathway_id)
    )
    return or_(
        here.where(rule.rule_skill_id.in_(taught)).exists(),
        and_(not_(here.exists()), along.where(rule.rule_skill_id.in_(taught)).exists()),
        not_(along.exists()),
    )


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
