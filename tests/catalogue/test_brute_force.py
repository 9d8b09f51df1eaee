"""What the pathways' solver finds, against reading everything and measuring every distance."""

import random
from dataclasses import dataclass
from datetime import timedelta

import pytest
from geopy.distance import geodesic
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from catalogue import derived, pathway_pages
from catalogue.filters import METRES_PER_MILE
from catalogue.models import Badge, Opportunity, Skill
from catalogue.pathway_answers import OTHERS, Answer, near
from catalogue.pathway_models import Step, StepOption
from catalogue.pathway_ways import Way, subject, ways
from catalogue.way_search import COUNTED, ELSEWHERE_COUNTED
from catalogue.words import Kind, Layer, Reach
from tests.catalogue.factories import opportunity, provider, venue
from tests.catalogue.pathways import NOW, badge, named, pathway, rule, skill, step

PATHWAYS = 200
TOWNS = [(51.51, -0.13), (50.37, -4.14), (57.48, -4.22), (53.8, -1.55), (60.15, -1.15)]
WITHIN = [1.0, 5.0, 10.0, 50.0]


@dataclass(frozen=True)
class Spot:
    latitude: float
    longitude: float


Rows = tuple[list[Opportunity], list[Skill], list[Badge]]


@pytest.fixture
def rows(session: Session) -> Rows:
    """600 opportunities in and around five towns: some with several doors, some without, some over, some full."""
    chance = random.Random(7)
    doors = [
        venue(latitude + chance.gauss(0, spread), longitude + chance.gauss(0, spread))
        for latitude, longitude in TOWNS
        for spread in (0.01, 0.1, 0.6)
        for _ in range(8)
    ]
    skills = [skill(f"skill-{number}") for number in range(6)]
    badges = [badge(f"badge-{number}") for number in range(4)]
    providers = [provider() for _ in range(5)]
    made = [
        opportunity(
            *(chance.sample(doors, chance.choice([1, 1, 1, 2, 3])) if chance.random() < 0.8 else ()),
            kind=chance.choice(list(Kind)),
            layer=chance.choice(list(Layer)),
            provider=chance.choice(providers),
            skills=chance.sample(skills, chance.randint(0, 3)),
            badges=chance.sample(badges, chance.randint(0, 1)),
            ends_at=NOW + timedelta(days=chance.choice([-3, 5, 9])) if chance.random() < 0.5 else None,
            is_full=chance.random() < 0.1,
        )
        for _ in range(600)
    ]
    session.add_all(made)
    session.flush()
    derived.index(session)
    session.expire_all()
    loaded = session.scalars(
        select(Opportunity).options(selectinload(Opportunity.skills), selectinload(Opportunity.badges))
    )
    return list(loaded), skills, badges


def an_option(chance: random.Random, rows: Rows) -> StepOption:
    everything, skills, badges = rows
    kind = chance.choice([None, *Kind])
    other = chance.choice(everything)
    return chance.choice(
        [
            named(chance.choice(badges)),
            named(other),
            rule(kind=kind, skill=chance.choice(skills)),
            rule(layer=chance.choice(list(Layer)), skill=chance.choice(skills)),
            rule(kind=kind, provider=other.provider),
            rule(kind=kind or Kind.EVENT),
        ]
    )


def a_step(chance: random.Random, rows: Rows) -> Step:
    options = [an_option(chance, rows) for _ in range(chance.randint(1, 4))]
    return step(*options)


def meets(each: Opportunity, way: Way) -> bool:
    if way.opportunity:
        return each.id == way.opportunity.id
    if way.badge:
        return way.badge in each.badges and (not way.subject or not way.subject.isdisjoint(each.skills))
    return (
        (not way.kinds or each.kind in way.kinds)
        and way.layer in (None, each.layer)
        and (way.skill is None or way.skill in each.skills)
        and (way.provider is None or way.provider.id == each.provider_id)
    )


class Brute:
    """The same questions, of a list of everything."""

    def __init__(self, everything: list[Opportunity], here: Spot) -> None:
        self.open = [each for each in everything if not each.is_full and (not each.ends_at or each.ends_at > NOW)]
        measured: dict[int, float] = {}
        for each in everything:
            for door in each.venues:
                if door.id not in measured:
                    there = (door.latitude, door.longitude)
                    measured[door.id] = geodesic((here.latitude, here.longitude), there).meters
        self.metres = {
            each.id: min(measured[door.id] for door in each.venues) for each in everything if each.reach is Reach.VENUE
        }

    def by(self, way: Way) -> list[int]:
        found = [each.id for each in self.open if each.reach is Reach.VENUE and meets(each, way)]
        return sorted(found, key=lambda number: (round(self.metres[number], 3), number))

    def elsewhere(self, way: Way) -> int:
        return sum(each.reach is not Reach.VENUE and meets(each, way) for each in self.open)

    def within(self, way: Way, miles: float) -> list[int]:
        return [number for number in self.by(way) if self.metres[number] <= miles * METRES_PER_MILE][:COUNTED]


def check(answer: Answer, brute: Brute, asked: list[Way], miles: float) -> None:
    assert [each.way for each in answer.ways] == asked
    for each in answer.ways:
        assert [hit.opportunity_id for hit in each.near] == brute.within(each.way, miles)
        assert each.elsewhere_count == min(brute.elsewhere(each.way), ELSEWHERE_COUNTED)
    specific = {number for way in asked if not way.is_bare for number in brute.within(way, miles)}
    pool = specific or {number for way in asked for number in brute.within(way, miles)}
    order = sorted(pool, key=lambda number: (round(brute.metres[number], 3), number))
    anywhere = sorted(
        {number for way in asked for number in brute.by(way)[:1]},
        key=lambda number: (round(brute.metres[number], 3), number),
    )
    expected = order[: 1 + OTHERS] or anywhere[:1]
    shown = [answer.card, *answer.others] if answer.card else []
    assert [card.opportunity.id for card in shown] == expected
    assert answer.near_count == len(order)
    assert answer.is_far == (bool(expected) and not order)


def test_two_hundred_pathways_and_places_are_answered_as_by_brute_force(session: Session, rows: Rows) -> None:
    chance = random.Random(11)
    pathways = [
        pathway(*(a_step(chance, rows) for _ in range(chance.randint(1, 4))), slug=f"pathway-{number}")
        for number in range(PATHWAYS)
    ]
    session.add_all(pathways)
    session.flush()
    for number in range(PATHWAYS):
        latitude, longitude = chance.choice(TOWNS)
        here = Spot(latitude + chance.gauss(0, 0.2), longitude + chance.gauss(0, 0.2))
        miles = chance.choice(WITHIN)
        found = pathway_pages.pathway(session, f"pathway-{number}")
        assert found is not None
        brute = Brute(rows[0], here)
        about = subject(*found.steps)
        answers = near(session, found, here, NOW, within_miles=miles).steps
        for answer, each in zip(answers, found.steps, strict=True):
            check(answer, brute, ways(each, about), miles)
