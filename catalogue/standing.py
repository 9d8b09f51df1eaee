"""How far somebody is on a pathway: what is done, what comes next, how much is to go."""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from itertools import groupby

from catalogue.pathway_models import Pathway, Step


@dataclass(frozen=True, slots=True)
class Standing:
    """How far somebody is on a pathway.

    `done` are the slugs of its steps that are ticked off. `next_steps` is the first step that is still needed, or
    what is left of the first group, of which any `next_count` will do; empty where nothing more is needed.
    `to_go` is how many steps are still needed in all: optional ones never are, and a group's are as many as it needs.
    """

    pathway: Pathway
    done: frozenset[str]
    next_steps: tuple[Step, ...]
    next_count: int
    to_go: int


def standing(pathway: Pathway, ticked: Set[str]) -> Standing:
    """Where one stands who has ticked off steps of these slugs. Those that are no steps of it are left out."""
    parts = [_left(steps, count, ticked) for steps, count in _needed(pathway)]
    left = [(steps, count) for steps, count in parts if count > 0]
    next_steps, next_count = left[0] if left else ((), 0)
    return Standing(
        pathway=pathway,
        done=frozenset(step.slug for step in pathway.steps if step.slug in ticked),
        next_steps=next_steps,
        next_count=next_count,
        to_go=sum(count for _, count in left),
    )


def _needed(pathway: Pathway) -> Iterator[tuple[Sequence[Step], int]]:
    """Steps in their order, and how many of them are needed: a step alone, or the steps of a group."""
    needed = {group.number: group.needed for group in pathway.groups}
    steps = (step for step in pathway.steps if not step.is_optional)
    for number, together in groupby(steps, key=lambda step: step.group_number):
        if number is None:
            yield from (([step], 1) for step in together)
        else:
            yield list(together), needed[number]


def _left(steps: Sequence[Step], count: int, ticked: Set[str]) -> tuple[tuple[Step, ...], int]:
    """Those that are not ticked off, and how many of them are still needed."""
    undone = tuple(step for step in steps if step.slug not in ticked)
    return undone, count - (len(steps) - len(undone))
