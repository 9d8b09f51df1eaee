"""What does each step of a pathway where a person lives: the nearest that counts, and how much there is."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalogue.circles import LADDER_MILES
from catalogue.earth import Point
from catalogue.filters import METRES_PER_MILE, Filters
from catalogue.models import Opportunity, Skill
from catalogue.nearest import Hit
from catalogue.pathway_models import Pathway, Step
from catalogue.pathway_ways import Way, subject, ways, ways_there
from catalogue.queries import Card, cards
from catalogue.way_search import COUNTED, Found, WaySearch
from catalogue.words import Reach

NEAR_MILES = LADDER_MILES[-1]
OTHERS = 3

# A step, or None for the destination, and the ways to do it.
Asked = tuple[Step | None, Sequence[Way]]


class Why(StrEnum):
    """Why something that counts is not offered."""

    ENDED = "ended"
    FULL = "full"
    FAR = "far"


@dataclass(frozen=True, slots=True)
class PassedOver:
    """An opportunity that would do a step, but for why. `distance_m` (metres) is None where it has no place."""

    opportunity: Opportunity
    why: Why
    distance_m: float | None

    @property
    def distance_miles(self) -> float | None:
        return None if self.distance_m is None else self.distance_m / METRES_PER_MILE


@dataclass(frozen=True, slots=True)
class Answer:
    """What does a step (None: what the destination is) near a place.

    `card` is the nearest, which is far if it lies beyond the distance that was asked for;
    `others` are the next few. `near_count` is of all different ones near, by each way counted to `COUNTED`. A rule of a
    kind or a layer alone gives these only where nothing else is near.
    """

    step: Step | None
    ways: Sequence[Found]
    card: Card | None = None
    others: Sequence[Card] = ()
    is_far: bool = False
    near_count: int = 0
    passed_over: Sequence[PassedOver] = ()

    @property
    def elsewhere_count(self) -> int:
        """How many different ones need no place, by each way counted to `ELSEWHERE_COUNTED`."""
        return len(frozenset().union(*(each.elsewhere for each in self.ways)))

    @property
    def is_counted_out(self) -> bool:
        """Whether there are no more near than `near_count`."""
        return all(each.near_count < COUNTED for each in self.ways)

    @property
    def is_gap(self) -> bool:
        """Whether nothing does it here, nor from home."""
        return not self.near_count and not self.elsewhere_count


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers of a pathway's steps, in order, and what its destination is; None for one in words."""

    steps: Sequence[Answer]
    destination: Answer | None = None


def anywhere(pathway: Pathway) -> Answers:
    """The steps and their ways, as they are wherever one lives. No statement, if the pathway is from `pathway`."""
    there = ways_there(pathway)
    steps = [Answer(step, [Found(way) for way in each]) for step, each in ways_by_step(pathway)]
    return Answers(steps, Answer(None, [Found(way) for way in there]) if there else None)


def near(
    session: Session,
    pathway: Pathway,
    located: Point,
    now: datetime,
    *,
    slack_miles: float = 0.0,
    within_miles: float = NEAR_MILES,
    interests: Set[Skill] = frozenset(),
) -> Answers:
    """The steps and the destination, each with what is nearest and with how many there are by each way.

    Args:
        slack_miles: how much farther to look than is asked for, where the point is the middle of an area.
        within_miles: how far is near.
        interests: skills; ways about one of them come first, and so does what is near by them.
    """
    asked: list[Asked] = list(ways_by_step(pathway, interests))
    there = ways_there(pathway)
    if there:
        asked.append((None, there))
    found = answers(session, asked, located, now, within_miles + slack_miles, interests)
    return Answers(found[: len(pathway.steps)], found[-1] if there else None)


def ways_by_step(pathway: Pathway, interests: Set[Skill] = frozenset()) -> list[tuple[Step, list[Way]]]:
    """The ways to do each step, those about an interest first."""
    about = subject(*pathway.steps)
    return [(step, sorted(ways(step, about), key=lambda way: not way.teaches(interests))) for step in pathway.steps]


def answers(
    session: Session,
    asked: Sequence[Asked],
    located: Point,
    now: datetime,
    within_miles: float = NEAR_MILES,
    interests: Set[Skill] = frozenset(),
    or_far: bool = True,
) -> list[Answer]:
    """What does each of some steps within a distance of a point, and where there is nothing, the nearest anywhere.

    Args:
        or_far: false to leave it at that where there is nothing.
    """
    within_m = within_miles * METRES_PER_MILE
    search = WaySearch(session, located, now)
    found = search.near(list(dict.fromkeys(way for _, each in asked for way in each)), within_m)
    drafts = [_Draft(step, [found[way] for way in each], interests) for step, each in asked]
    lacking = [draft for draft in drafts if or_far and not draft.hits]
    for draft, hit in zip(lacking, search.far([draft.ways for draft in lacking], within_m), strict=True):
        draft.hits, draft.is_far = [hit] if hit else [], hit is not None
    shown = {card.opportunity.id: card for card in cards(session, _to_show(drafts), Filters(now))}
    full = _by_id(session, [hit.opportunity_id for draft in drafts if (hit := draft.nearer_but_full)])
    return [draft.answer(shown, full, search.named, now) for draft in drafts]


class _Draft:
    """An answer before its opportunities are read. `hits` are what does it, the nearest first; if far, one."""

    def __init__(self, step: Step | None, found: list[Found], interests: Set[Skill]) -> None:
        self.step = step
        self.found = found
        self.hits = _in_order(found, interests)
        self.is_far = False

    @property
    def ways(self) -> list[Way]:
        return [each.way for each in self.found]

    @property
    def nearer_but_full(self) -> Hit | None:
        """The nearest that is full, if all that can be joined is farther away."""
        full = min((each.full for each in self.found if each.full), default=None)
        return full if full and not any(hit < full for hit in self.hits) else None

    def answer(
        self, shown: Mapping[int, Card], full: Mapping[int, Opportunity], named: Mapping[int, Hit], now: datetime
    ) -> Answer:
        some = [shown[hit.opportunity_id] for hit in self.hits[: 1 + OTHERS] if hit.opportunity_id in shown]
        passed_over = list(_named_passed_over(self.found, named, now, {card.opportunity.id for card in some}))
        hit = self.nearer_but_full
        if hit and hit.opportunity_id in full:
            passed_over.append(PassedOver(full[hit.opportunity_id], Why.FULL, hit.distance_m))
        return Answer(
            self.step,
            self.found,
            some[0] if some else None,
            some[1:],
            is_far=self.is_far and bool(some),
            near_count=0 if self.is_far else len(self.hits),
            passed_over=list({each.opportunity.id: each for each in passed_over}.values()),
        )


def _in_order(found: Sequence[Found], interests: Set[Skill]) -> list[Hit]:
    """What is near by the ways about an interest, then by the others; by bare rules only if there is nothing else."""
    specific = [each for each in found if not each.way.is_bare]
    liked = [each for each in specific if each.way.teaches(interests)]
    first: dict[int, Hit] = {}
    for hit in [*_sorted(liked), *_sorted(specific)] or _sorted(found):
        first.setdefault(hit.opportunity_id, hit)
    return list(first.values())


def _sorted(found: Iterable[Found]) -> list[Hit]:
    return sorted(hit for each in found for hit in each.near)


def _named_passed_over(
    found: Iterable[Found], named: Mapping[int, Hit], now: datetime, shown: Set[int]
) -> Iterable[PassedOver]:
    """The named opportunities that are not offered, and why."""
    for each in found:
        opportunity = each.way.opportunity
        if opportunity is None or each.near or each.elsewhere_count or opportunity.id in shown:
            continue
        hit = named.get(opportunity.id)
        distance_m = hit.distance_m if hit else None
        if opportunity.ends_at is not None and opportunity.ends_at <= now:
            yield PassedOver(opportunity, Why.ENDED, distance_m)
        elif opportunity.is_full:
            yield PassedOver(opportunity, Why.FULL, distance_m)
        elif hit and opportunity.reach is Reach.VENUE:
            yield PassedOver(opportunity, Why.FAR, distance_m)


def _to_show(drafts: Iterable[_Draft]) -> list[Hit]:
    """The hits of which cards are shown, each opportunity once."""
    return list({hit.opportunity_id: hit for draft in drafts for hit in draft.hits[: 1 + OTHERS]}.values())


def _by_id(session: Session, ids: Sequence[int]) -> dict[int, Opportunity]:
    """Opportunities by id. One statement, or none."""
    if not ids:
        return {}
    return {each.id: each for each in session.scalars(select(Opportunity).where(Opportunity.id.in_(ids)))}
