"""Which pathways fit what is asked of them, and in what order."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from catalogue import derived
from catalogue.models import Skill
from catalogue.pathway_models import Pathway
from catalogue.pathway_search import Wanted, skills_of_pathways, suggestions
from catalogue.words import DestinationKind, Kind
from tests.catalogue.factories import opportunity
from tests.catalogue.pathways import NOW, Here, badge, counting, miles_north, named, pathway, rule, skill, step

Made = dict[str, Pathway]


@pytest.fixture
def skills(session: Session) -> dict[str, Skill]:
    return {name: skill(name) for name in ("baking", "sewing", "driving")}


@pytest.fixture
def made(session: Session, skills: dict[str, Skill]) -> Made:
    """Bread starts a mile away, cloth five, vans nowhere; apps from home."""
    earned = badge(skills=[skills["sewing"]])
    rows = [
        opportunity(miles_north(1), kind=Kind.EVENT, skills=[skills["baking"]]),
        opportunity(miles_north(5), kind=Kind.EVENT, badges=[earned]),
        opportunity(kind=Kind.INFORMATION),
    ]
    job, goal = DestinationKind.JOB, DestinationKind.WORDS
    found = {
        "vans": pathway(step(rule(skill=skills["driving"])), slug="vans", title="Drive vans", destination_kind=job),
        "cloth": pathway(step(named(earned)), slug="cloth", title="Work with cloth", destination_kind=goal),
        "bread": pathway(
            step(rule(skill=skills["baking"])), step(named(earned)), slug="bread", title="Bake", destination_kind=job
        ),
        "apps": pathway(step(rule(kind=Kind.INFORMATION)), slug="apps", title="Apps", destination_kind=goal),
    }
    session.add_all([*rows, *found.values()])
    session.flush()
    derived.index(session)
    session.expire_all()
    return found


def slugs(session: Session, located: Here | None = None, **asked: Any) -> list[str]:
    return [each.pathway.slug for each in suggestions(session, Wanted(**asked), located, NOW)]


def test_without_a_place_they_stand_by_title(session: Session, made: Made) -> None:
    assert slugs(session) == ["apps", "bread", "vans", "cloth"]
    assert all(each.first is None for each in suggestions(session, Wanted(), None, NOW))


def test_with_a_place_the_one_whose_first_step_is_nearest_comes_first(session: Session, made: Made) -> None:
    assert slugs(session, Here()) == ["bread", "cloth", "apps", "vans"]
    firsts = {each.pathway.slug: each.first for each in suggestions(session, Wanted(), Here(), NOW)}
    assert {slug: first.elsewhere_count for slug, first in firsts.items() if first} == {
        "bread": 0,
        "cloth": 0,
        "apps": 1,
        "vans": 0,
    }


def test_they_are_found_by_goal_by_skill_and_by_words(session: Session, made: Made) -> None:
    assert slugs(session, goals=frozenset({DestinationKind.JOB})) == ["bread", "vans"]
    # By a rule's skill and by a badge's.
    assert slugs(session, skills=frozenset({"sewing"})) == ["bread", "cloth"]
    assert slugs(session, skills=frozenset({"sewing", "baking"})) == ["bread"]
    assert slugs(session, skills=frozenset({"unheard-of"})) == []
    assert slugs(session, words="driver of the van") == []
    assert slugs(session, words="drives VANS") == ["vans"]
    assert slugs(session, words="baking with sewing") == ["bread"]
    assert slugs(session, words="the of") == slugs(session)


def test_what_one_likes_comes_first_and_nothing_is_left_out(session: Session, made: Made) -> None:
    liked: dict[str, Any] = {"liked_skills": frozenset({"sewing"}), "liked_goals": frozenset({DestinationKind.WORDS})}
    assert slugs(session, Here(), **liked) == ["cloth", "bread", "apps", "vans"]
    found = suggestions(session, Wanted(**liked), Here(), NOW)
    assert [sorted(each.fits) for each in found] == [["sewing", "words"], ["sewing"], ["words"], []]


def test_the_skills_are_those_of_rules_and_badges(session: Session, made: Made) -> None:
    session.add(skill("unused"))
    session.flush()
    assert [each.slug for each in skills_of_pathways(session)] == ["baking", "driving", "sewing"]


def test_the_statements_do_not_grow_with_the_pathways(session: Session, made: Made) -> None:
    counts = []
    for _ in range(2):
        session.expunge_all()
        with counting(session.connection()) as statements:
            suggestions(session, Wanted("bake", liked_skills=frozenset({"baking"})), Here(), NOW)
        counts.append(len(statements))
        taught = skill(f"weaving-{len(counts)}")
        more = range(10 * len(counts), 10 * len(counts) + 10)
        session.add_all(pathway(step(rule(skill=taught)), slug=f"more-{each}", title=f"Bake {each}") for each in more)
        session.flush()
    # The pathways and their steps; their skills by rule and by badge, for the words and for the interests; the first
    # steps with their options, badges, skills and opportunities; what is near, as for a pathway's page.
    assert max(counts) <= 2 + 2 * 2 + 7 + 1 + 2 * (7 + 6) + 4
    assert counts[1] <= counts[0] + 2
