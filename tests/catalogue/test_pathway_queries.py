"""Which steps an opportunity or a badge can complete, and what comes after each."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from catalogue.models import Badge, Opportunity, Skill
from catalogue.pathway_models import Pathway, Step, StepGroup, StepOption
from catalogue.pathway_queries import steps_with, steps_with_badge
from catalogue.words import DestinationKind, Kind, Layer, OptionKind
from tests.catalogue.factories import opportunity, provider
from tests.catalogue.pathways import counting


@pytest.fixture
def skill() -> Skill:
    return Skill(slug="welding", name="Welding", framework="test", identifier="welding")


@pytest.fixture
def badge() -> Badge:
    return Badge(
        slug="spark", provider=provider(), name="Spark", summary="S", criteria="C", layer=Layer.LEAD, type="Skill"
    )


@pytest.fixture
def one(session: Session, skill: Skill, badge: Badge) -> Opportunity:
    made = opportunity(skills=[skill], badges=[badge])
    session.add(made)
    session.flush()
    return made


def pathway(session: Session, title: str, *steps: list[StepOption]) -> Pathway:
    made = Pathway(
        slug=title.lower(),
        provider=provider(),
        title=title,
        summary="S",
        destination_kind=DestinationKind.JOB,
        destination="A job",
        steps=[
            Step(
                position=number,
                slug=f"step-{number}",
                title=f"Step {number}",
                asks_for="A",
                layer=Layer.LEAD,
                options=options,
            )
            for number, options in enumerate(steps, start=1)
        ],
    )
    session.add(made)
    session.flush()
    return made


def rule(position: int = 1, **parts: Any) -> StepOption:
    return StepOption(position=position, option_kind=OptionKind.RULE, **parts)


def places(session: Session, one: Opportunity) -> list[tuple[str, int, int]]:
    return [(each.pathway.title, each.step.position, each.step_count) for each in steps_with(session, one, 12)]


def test_named_by_badge_and_by_rule_in_order_of_title_and_step(
    session: Session, one: Opportunity, badge: Badge, skill: Skill
) -> None:
    named = StepOption(position=1, option_kind=OptionKind.OPPORTUNITY, opportunity=one)
    earned = StepOption(position=1, option_kind=OptionKind.BADGE, badge=badge)
    pathway(session, "Zeal", [rule(rule_skill=skill)], [rule(rule_kind=Kind.JOB)], [named])
    pathway(session, "Art", [rule(rule_kind=Kind.JOB)], [earned])
    pathway(session, "None of it", [rule(rule_kind=Kind.JOB)])
    assert places(session, one) == [("Art", 2, 2), ("Zeal", 1, 3), ("Zeal", 3, 3)]


def test_every_part_of_a_rule_must_fit(session: Session, one: Opportunity, skill: Skill) -> None:
    cooking = Skill(slug="cooking", name="Cooking", framework="test", identifier="cooking")
    pathway(
        session,
        "Rules",
        [rule(rule_kind=one.kind, rule_layer=one.layer, rule_skill=skill, rule_provider=one.provider)],
        [rule(rule_kind=one.kind, rule_layer=Layer.LEAD)],
        [rule(rule_kind=one.kind, rule_skill=cooking)],
        [rule(rule_kind=one.kind, rule_provider=provider())],
        [rule(rule_kind=Kind.JOB, rule_skill=skill)],
        [rule(rule_layer=one.layer)],
        [rule(rule_provider=one.provider)],
    )
    assert places(session, one) == [("Rules", 1, 7), ("Rules", 6, 7), ("Rules", 7, 7)]


def test_a_badge_counts_only_with_a_skill_of_the_step_or_else_of_the_pathway(
    session: Session, one: Opportunity, badge: Badge, skill: Skill
) -> None:
    cooking = Skill(slug="cooking", name="Cooking", framework="test", identifier="cooking")

    def earned(position: int = 1) -> StepOption:
        return StepOption(position=position, option_kind=OptionKind.BADGE, badge=badge)

    pathway(
        session, "Of its own", [earned(), rule(2, rule_skill=skill, rule_kind=Kind.JOB)], [rule(rule_skill=cooking)]
    )
    pathway(
        session, "Of another", [earned(), rule(2, rule_skill=cooking)], [rule(rule_skill=skill, rule_kind=Kind.JOB)]
    )
    pathway(session, "Of the pathway", [earned()], [rule(rule_skill=skill, rule_kind=Kind.JOB)])
    pathway(session, "Off the pathway", [earned()], [rule(rule_skill=cooking)])
    assert places(session, one) == [("Of its own", 1, 2), ("Of the pathway", 1, 2)]


def test_there_are_at_most_so_many(session: Session, one: Opportunity) -> None:
    for title in "cab":
        pathway(session, title, [rule(rule_kind=one.kind)], [rule(rule_kind=one.kind)])
    found = steps_with(session, one, 3)
    assert [(each.pathway.title, each.step.position) for each in found] == [("a", 1), ("a", 2), ("b", 1)]


def test_a_step_appears_once_however_many_of_its_options_fit(session: Session, one: Opportunity, skill: Skill) -> None:
    pathway(session, "Twice", [rule(rule_kind=one.kind), rule(2, rule_skill=skill)])
    assert places(session, one) == [("Twice", 1, 1)]


def test_what_has_neither_skills_nor_badges_meets_rules_without_them(session: Session) -> None:
    plain = opportunity()
    session.add(plain)
    session.flush()
    pathway(session, "Plain", [rule(rule_kind=plain.kind)])
    assert places(session, plain) == [("Plain", 1, 1)]


def test_a_badge_has_the_steps_that_name_it_whatever_they_are_about(
    session: Session, one: Opportunity, badge: Badge, skill: Skill
) -> None:
    def earned(position: int = 1) -> StepOption:
        return StepOption(position=position, option_kind=OptionKind.BADGE, badge=badge)

    pathway(session, "Zeal", [rule(rule_kind=Kind.JOB)], [rule(rule_skill=skill), earned(2)], [earned()])
    pathway(session, "Art", [earned(), rule(2, rule_kind=Kind.JOB)])
    pathway(session, "By its skill only", [rule(rule_skill=skill)])
    found = steps_with_badge(session, badge, 12)
    assert [(each.pathway.title, each.step.position) for each in found] == [("Art", 1), ("Zeal", 2), ("Zeal", 3)]
    assert [each.step.position for each in steps_with_badge(session, badge, 2)] == [1, 2]


def test_what_comes_next_is_the_step_after_or_the_goal(session: Session, one: Opportunity) -> None:
    pathway(session, "Two", [rule(rule_kind=one.kind)], [rule(rule_kind=one.kind)])
    first, last = steps_with(session, one, 12)
    assert first.next_step is last.step
    assert last.next_step is None


def test_after_one_of_a_group_comes_what_is_still_needed(session: Session, one: Opportunity) -> None:
    steps = [[rule(rule_kind=one.kind)] for _ in range(4)]
    made = pathway(session, "Grouped", *steps)
    made.groups = [StepGroup(number=1, needed=1)]
    session.flush()
    for each in made.steps[1:3]:
        each.group_number = 1
    session.flush()

    def following() -> list[int | None]:
        found = [each.next_step for each in steps_with(session, one, 12)]
        return [each.position if each else None for each in found]

    assert following() == [2, 4, 4, None]
    made.groups[0].needed = 2
    assert following() == [2, 3, 4, None]


def test_pathways_cost_three_statements_however_many_there_are(session: Session, one: Opportunity) -> None:
    for number in range(5):
        pathway(session, f"P{number}", *([rule(rule_kind=one.kind)] for _ in range(12)))
    session.expire_all()
    assert (len(one.badges), len(one.skills)) == (1, 1)  # read before what is counted
    with counting(session.connection()) as statements:
        found = steps_with(session, one, 60)
        assert {each.step_count for each in found} == {12}
        assert sum(each.next_step is None for each in found) == 5
    # The steps with their pathways; all steps of these; their groups.
    assert len(statements) == 3, statements
