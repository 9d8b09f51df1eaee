"""What a pathway costs and takes in all, and how that is said."""

from typing import Any

import pytest
from flask import Flask

from catalogue.nearest import Hit
from catalogue.pathway_answers import Answer, PassedOver, Why
from catalogue.pathway_models import Pathway, Step, StepGroup
from catalogue.pathway_ways import Way
from catalogue.queries import Card
from catalogue.way_search import Found
from catalogue.words import Kind
from pathways import words
from pathways.totals import Totals, totals
from tests.catalogue.factories import opportunity

NOT_ALL = " Not every step says."


def answer(step: dict[str, Any] | None = None, distance_m: float = 1.0, **offered: Any) -> Answer:
    values: dict[str, Any] = {"kind": Kind.COURSE, "cost_pence": 500, "time_needed": "2 hours"} | offered
    card = Card(opportunity(**values), None, distance_m=distance_m)
    return Answer(Step(**{"is_optional": False} | (step or {})), [], card, near_count=1)


def test_the_nearest_of_each_step_are_added_up() -> None:
    found = totals(Pathway(), [answer(), answer(cost_pence=250, time_needed="3 hours"), answer(kind=Kind.JOB)])
    assert found == Totals(3, 750, 0, 420, 0)


def test_what_is_not_known_is_counted(wordy_app: Flask) -> None:
    nothing = Answer(Step(is_optional=False), [])
    far = Answer(Step(is_optional=False), [], answer().card, is_far=True)
    found = totals(Pathway(), [answer(), answer(cost_pence=None, time_needed="A while"), nothing, far])
    assert found == Totals(4, 500, 3, 120, 3)


def test_what_one_can_skip_is_left_out_and_of_a_group_the_nearest_count() -> None:
    pathway = Pathway(groups=[StepGroup(number=1, needed=1)])
    grouped = {"group_number": 1}
    answers = [
        answer({"is_optional": True}, cost_pence=9_000),
        answer(grouped, 900.0, cost_pence=100),
        answer(grouped, 20.0, cost_pence=30),
        answer(cost_pence=1),
    ]
    assert totals(pathway, answers).cost_pence == 31


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (Totals(2, 750, 0, 420, 0), "Done the nearest way: £7.50 in all and about 7 hours of your time."),
        (
            Totals(2, 0, 0, 20, 1),
            "Done the nearest way: nothing in all and at least 1 hour of your time." + NOT_ALL,
        ),
        (Totals(3, 500, 1, 0, 3), "Done the nearest way: at least £5 in all." + NOT_ALL),
        (Totals(2, 0, 2, 0, 2), "The nearest ways do not say what they cost, nor how long they take."),
    ],
)
def test_they_are_said_as_far_as_they_are_known(wordy_app: Flask, found: Totals, said: str) -> None:
    with wordy_app.test_request_context():
        assert words.in_all(found) == said


@pytest.mark.parametrize(
    ("why", "metres", "said"),
    [
        (Why.ENDED, 800.0, "“Bake” is over."),
        (Why.FULL, 1609.344, "“Bake”, 1.0 miles away, is full just now."),
        (Why.FULL, None, "“Bake” is full just now."),
        (Why.FAR, 16093.44, "“Bake” is 10.0 miles away, farther than you chose."),
    ],
)
def test_why_something_is_not_offered_is_said(wordy_app: Flask, why: Why, metres: float | None, said: str) -> None:
    with wordy_app.test_request_context():
        assert words.passed_over(PassedOver(opportunity(title="Bake"), why, metres), 0.0) == said


def test_a_group_says_how_many_of_which_steps_are_needed(wordy_app: Flask) -> None:
    steps = [Step(position=number, group_number=1 if number > 1 else None) for number in (1, 2, 3)]
    pathway = Pathway(groups=[StepGroup(number=1, needed=1)], steps=steps)
    with wordy_app.test_request_context():
        assert words.any_of(pathway, steps[1]) == "Any 1 of steps 2 and 3"
        steps.append(Step(position=4, group_number=1))
        pathway.steps.append(steps[-1])
        assert words.any_of(pathway, steps[1]) == "Any 1 of steps 2 to 4"


@pytest.mark.parametrize(
    ("near", "elsewhere", "said"),
    [
        (0, 0, "How it can be done"),
        (1, 0, "How it can be done"),
        (2, 0, "1 more way near"),
        (4, 2, "3 more ways near, 2 online or anywhere"),
        (10, 25, "9+ more ways near, 20+ online or anywhere"),
    ],
)
def test_more_ways_are_counted(wordy_app: Flask, near: int, elsewhere: int, said: str) -> None:
    hits = [Hit(1.0, number, 1) for number in range(near)]
    asked = Answer(None, [Found(Way(), hits, None, frozenset(range(elsewhere)))], near_count=near)
    with wordy_app.test_request_context():
        assert words.more_ways(asked) == said
