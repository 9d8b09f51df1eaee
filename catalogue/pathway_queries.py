"""Which steps of which pathways an opportunity or a badge can complete, and what comes next."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, not_, or_, select
from sqlalchemy.orm import Session, aliased, selectinload

from catalogue.models import Badge, Opportunity
from catalogue.pathway_models import Pathway, Step, StepOption
from catalogue.words import OptionKind


@dataclass(frozen=True, slots=True)
class Membership:
    """That an opportunity or a badge completes a step. The pathway has its steps and groups with it."""

    pathway: Pathway
    step: Step

    @property
    def step_count(self) -> int:
        return len(self.pathway.steps)

    @property
    def next_step(self) -> Step | None:
        """The step that comes after it; None where the goal does.

        Where one of a group is all that is needed, the others of the group are passed.
        """
        done = {group.number for group in self.pathway.groups if group.needed == 1}
        for each in self.pathway.steps:
            is_passed = each.group_number in done and each.group_number == self.step.group_number
            if each.position > self.step.position and not is_passed:
                return each
        return None


def steps_with(session: Session, opportunity: Opportunity, limit: int) -> list[Membership]:
    """The steps of which an opportunity is an option: named, by a badge that it earns, or by a rule that it meets.

    A badge counts as `catalogue.pathway_ways.subject` has it. In order of the pathway's title, then of the
    step; at most `limit`. Three statements, besides those that load the opportunity's skills and badges
    where they are not loaded yet.
    """
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
    return _memberships(session, options, limit)


def steps_with_badge(session: Session, badge: Badge, limit: int) -> list[Membership]:
    """The steps of which a badge is an option, in the order of `steps_with`. Three statements."""
    return _memberships(session, select(StepOption.step_id).where(StepOption.badge_id == badge.id), limit)


def _memberships(session: Session, options: Select[int], limit: int) -> list[Membership]:
    """The steps of these ids: they, the steps of their pathways, and their groups."""
    statement = (
        select(Pathway, Step)
        .join(Step, Step.pathway_id == Pathway.id)
        .where(Step.id.in_(options))
        .options(selectinload(Pathway.steps), selectinload(Pathway.groups))
        .order_by(Pathway.title, Pathway.id, Step.position)
        .limit(limit)
    )
    return [Membership(pathway, step) for pathway, step in session.execute(statement)]


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
