"""What a pathway costs and how long it takes in all, as far as that is known."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from math import inf

from catalogue.filters import PAID_KINDS
from catalogue.models import Opportunity
from catalogue.pathway_answers import Answer
from catalogue.pathway_models import Pathway
from catalogue.workload import minutes_in_all


@dataclass(frozen=True, slots=True)
class Totals:
    """Over the nearest way to do each step that is needed: pence and minutes of those that say, and how many do not."""

    step_count: int
    cost_pence: int
    cost_unknown: int
    minutes: int
    time_unknown: int


def totals(pathway: Pathway, answers: Iterable[Answer]) -> Totals:
    """Add up the nearest ways. Steps that one can skip are left out, and of a group only the nearest needed count."""
    needed = list(_needed(pathway, answers))
    offers = [answer.card.opportunity if answer.card and not answer.is_far else None for answer in needed]
    costs = [_cost(offer) for offer in offers]
    times = [minutes_in_all(offer.time_needed) if offer else None for offer in offers]
    return Totals(
        len(needed),
        sum(cost for cost in costs if cost is not None),
        costs.count(None),
        sum(minutes for minutes in times if minutes is not None),
        times.count(None),
    )


def _needed(pathway: Pathway, answers: Iterable[Answer]) -> Iterable[Answer]:
    counts = {group.number: group.needed for group in pathway.groups}
    for number, members in groupby(answers, lambda answer: answer.step.group_number if answer.step else None):
        if number is None:
            yield from (each for each in members if each.step and not each.step.is_optional)
        else:
            yield from sorted(members, key=_distance)[: counts[number]]


def _distance(answer: Answer) -> float:
    return inf if answer.card is None or answer.card.distance_m is None else answer.card.distance_m


def _cost(offer: Opportunity | None) -> int | None:
    if offer is None:
        return None
    return 0 if offer.kind in PAID_KINDS else offer.cost_pence
