"""What the database itself refuses, whoever writes to it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from catalogue.models import Badge, Occurrence, Skill, opportunity_venue
from catalogue.pathway_models import Pathway, Step, StepGroup, StepOption, pathway_leads_on
from catalogue.words import DestinationKind, Kind, Layer, OptionKind, Reach
from tests.catalogue.factories import opportunity, provider, venue

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def refuses(session: Session, *rows: Any) -> None:
    session.add_all(rows)
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()


def test_a_kind_that_is_none_of_the_ten(session: Session) -> None:
    session.add(opportunity(key="one"))
    session.flush()
    with pytest.raises(IntegrityError):
        session.execute(text("UPDATE opportunity SET kind = 'nonsense' WHERE key = 'one'"))
    session.rollback()


@pytest.mark.parametrize(
    "values",
    [
        {"cost_pence": -1},
        {"age_min": 30, "age_max": 18},
        {"age_min": -1},
        {"age_max": 121},
        {"reach": Reach.REGION},
        {"reach": Reach.ONLINE, "region": "Sussex"},
    ],
)
def test_an_opportunity_that_contradicts_itself(session: Session, values: dict[str, Any]) -> None:
    refuses(session, opportunity(**values))


def test_a_second_opportunity_with_the_same_key(session: Session) -> None:
    refuses(session, opportunity(key="same"), opportunity(key="same"))


def test_an_occurrence_that_ends_before_it_starts(session: Session) -> None:
    refuses(session, opportunity(occurrences=[Occurrence(starts_at=NOON, ends_at=NOON - timedelta(hours=1))]))


def test_a_venue_that_does_not_exist(session: Session) -> None:
    session.add(made := opportunity())
    session.flush()
    with pytest.raises(IntegrityError):
        session.execute(insert(opportunity_venue).values(opportunity_id=made.id, venue_id=987654))
    session.rollback()


def pathway(**values: Any) -> Pathway:
    defaults = {"slug": "into-tests", "title": "Into tests", "summary": "", "provider": provider()}
    return Pathway(**defaults | {"destination_kind": DestinationKind.JOB, "destination": "Tester"} | values)


def step(position: int, *options: StepOption) -> Step:
    return Step(
        position=position,
        slug=f"step-{position}",
        title="A step",
        asks_for="Do it",
        layer=Layer.ENGAGE,
        options=list(options),
    )


@pytest.mark.parametrize("position", [0, 13])
def test_a_step_outside_one_to_twelve(session: Session, position: int) -> None:
    refuses(session, pathway(steps=[step(position)]))


def test_two_steps_at_one_position(session: Session) -> None:
    refuses(session, pathway(steps=[step(1), step(1)]))


def test_two_steps_of_one_name(session: Session) -> None:
    twice = step(2)
    twice.slug = "step-1"
    refuses(session, pathway(steps=[step(1), twice]))


def test_a_step_that_is_optional_and_in_a_group_too(session: Session) -> None:
    grouped = step(1)
    grouped.group_number, grouped.is_optional = 1, True
    refuses(session, pathway(groups=[StepGroup(number=1, needed=1)], steps=[grouped]))


def test_a_step_in_a_group_that_is_not_of_its_pathway(session: Session) -> None:
    other = pathway(slug="other", groups=[StepGroup(number=1, needed=1)])
    session.add(other)
    session.flush()
    grouped = step(1)
    grouped.group_number = 1
    refuses(session, pathway(steps=[grouped]))


@pytest.mark.parametrize("needed", [0, 12])
def test_a_group_of_which_none_or_more_than_there_can_be_are_needed(session: Session, needed: int) -> None:
    refuses(session, pathway(groups=[StepGroup(number=1, needed=needed)]))


def test_a_destination_in_words_that_is_looked_up_by_a_skill(session: Session) -> None:
    skill = Skill(slug="s", name="S", framework="Ours", identifier="s")
    refuses(session, pathway(destination_kind=DestinationKind.WORDS, destination_skill=skill))


def test_pathways_that_lead_on_in_a_circle(session: Session) -> None:
    first, second, third = (pathway(slug=slug) for slug in ("first", "second", "third"))
    first.leads_on, second.leads_on = [second, third], [third]
    session.add_all([first, second, third])
    session.flush()
    ids = {"pathway_id": third.id, "next_id": first.id}
    with pytest.raises(IntegrityError):
        session.execute(insert(pathway_leads_on).values(ids))
    session.rollback()


def test_a_pathway_that_leads_to_itself(session: Session) -> None:
    session.add(alone := pathway())
    session.flush()
    with pytest.raises(IntegrityError):
        session.execute(insert(pathway_leads_on).values(pathway_id=alone.id, next_id=alone.id))
    session.rollback()


def test_twelve_steps_are_kept_in_order(session: Session) -> None:
    session.add(made := pathway(steps=[step(number) for number in range(12, 0, -1)]))
    session.flush()
    session.refresh(made)
    assert [each.position for each in made.steps] == list(range(1, 13))


@pytest.mark.parametrize(
    "values",
    [
        {"option_kind": OptionKind.RULE},
        {"option_kind": OptionKind.BADGE},
        {"option_kind": OptionKind.OPPORTUNITY},
        {"option_kind": OptionKind.BADGE, "rule_kind": Kind.JOB},
        {"option_kind": OptionKind.RULE, "rule_kind": Kind.JOB, "position": 0},
    ],
)
def test_an_option_that_is_not_one_of_badge_opportunity_and_rule(session: Session, values: dict[str, Any]) -> None:
    refuses(session, pathway(steps=[step(1, StepOption(**{"position": 1} | values))]))


def test_a_rule_a_badge_and_an_opportunity_are_options(session: Session) -> None:
    badge = Badge(slug="b", name="B", summary="", criteria="", layer=Layer.ENGAGE, type="Skill", provider=provider())
    options = [
        StepOption(position=1, option_kind=OptionKind.RULE, rule_kind=Kind.JOB, rule_layer=Layer.LEAD),
        StepOption(position=2, option_kind=OptionKind.BADGE, badge=badge),
        StepOption(position=3, option_kind=OptionKind.OPPORTUNITY, opportunity=opportunity()),
    ]
    session.add(made := pathway(steps=[step(1, *options)]))
    session.flush()
    assert len(made.steps[0].options) == 3


def test_a_point_that_is_not_on_the_earth() -> None:
    with pytest.raises(ValueError, match="not on the Earth"):
        venue(100.0, 0.0)
