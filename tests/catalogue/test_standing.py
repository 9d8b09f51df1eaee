"""How far somebody is on a pathway, with steps that may be skipped and groups of which some will do."""

import pytest

from catalogue.pathway_models import Pathway, StepGroup
from catalogue.standing import standing
from tests.catalogue import pathways


def a_pathway(shape: str, **needed: int) -> Pathway:
    """A pathway of a step a letter: `-` is needed, `o` optional, a digit in the group of that number."""
    steps = [pathways.step() for _ in shape]
    for step, letter in zip(steps, shape, strict=True):
        step.is_optional = letter == "o"
        step.group_number = int(letter) if letter.isdigit() else None
    groups = [StepGroup(number=int(name[1:]), needed=count) for name, count in needed.items()]
    return pathways.pathway(*steps, groups=groups)


def slugs(*numbers: int) -> set[str]:
    return {f"step-{number}" for number in numbers}


@pytest.mark.parametrize(
    ("shape", "done", "next_numbers", "to_go"),
    [
        ("---", (), (1,), 3),
        ("---", (1,), (2,), 2),
        ("---", (1, 2), (3,), 1),
        ("---", (1, 2, 3), (), 0),
        ("---", (3,), (1,), 2),
        ("-o-", (1,), (3,), 1),
        ("-o-", (1, 3), (), 0),
        ("-o-", (2,), (1,), 2),
        ("o--", (), (2,), 2),
        ("oo", (), (), 0),
    ],
)
def test_the_next_is_the_first_that_is_needed_and_an_optional_step_never_is(
    shape: str, done: tuple[int, ...], next_numbers: tuple[int, ...], to_go: int
) -> None:
    found = standing(a_pathway(shape), slugs(*done))
    assert tuple(step.position for step in found.next_steps) == next_numbers
    assert found.to_go == to_go
    assert found.done == slugs(*done)
    assert found.next_count == (1 if next_numbers else 0)


@pytest.mark.parametrize(
    ("done", "next_numbers", "next_count", "to_go"),
    [
        ((), (1,), 1, 4),
        ((1,), (2, 3, 4), 2, 3),
        ((1, 3), (2, 4), 1, 2),
        ((1, 3, 4), (5,), 1, 1),
        ((1, 2, 3, 4), (5,), 1, 1),
        ((5,), (1,), 1, 3),
        ((1, 2, 4, 5), (), 0, 0),
    ],
)
def test_a_group_is_done_when_as_many_of_it_are_done_as_it_needs(
    done: tuple[int, ...], next_numbers: tuple[int, ...], next_count: int, to_go: int
) -> None:
    found = standing(a_pathway("-111-", g1=2), slugs(*done))
    assert tuple(step.position for step in found.next_steps) == next_numbers
    assert (found.next_count, found.to_go) == (next_count, to_go)


def test_two_groups_that_follow_each_other_are_two() -> None:
    path = a_pathway("1122", g1=1, g2=1)
    assert standing(path, slugs(1, 2)).to_go == 1
    assert [step.position for step in standing(path, slugs(1, 2)).next_steps] == [3, 4]


def test_ticks_of_steps_that_are_gone_do_not_count() -> None:
    found = standing(a_pathway("--"), {"step-1", "gone"})
    assert found.done == {"step-1"}
    assert found.to_go == 1
