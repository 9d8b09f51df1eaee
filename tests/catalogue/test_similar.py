"""What is like an opportunity: the likest first, then the nearest, and never itself."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from catalogue import derived
from catalogue.models import Opportunity, Skill
from catalogue.queries import Card
from catalogue.similar import similar
from catalogue.words import Kind, Layer, Reach
from tests.catalogue.factories import opportunity, venue

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOME = (50.3714, -4.1422)
# Each about 0.7 miles further north.
STEP_NORTH = 0.01


def north(steps: int) -> tuple[float, float]:
    return HOME[0] + steps * STEP_NORTH, HOME[1]


@pytest.fixture
def welding() -> Skill:
    return Skill(slug="welding", name="Welding", framework="test", identifier="welding")


@pytest.fixture
def one(session: Session, welding: Skill) -> Opportunity:
    return keep(session, opportunity(venue(*HOME), skills=[welding], title="This one"))


def keep(session: Session, made: Opportunity) -> Opportunity:
    session.add(made)
    session.flush()
    derived.index(session, [made.id])
    return made


def titles(cards: list[Card]) -> list[str]:
    return [card.opportunity.title for card in cards]


def test_a_shared_skill_comes_before_the_kind_and_the_kind_before_the_layer(
    session: Session, one: Opportunity, welding: Skill
) -> None:
    keep(session, opportunity(venue(*north(1)), title="Layer", kind=Kind.COURSE, layer=one.layer))
    keep(session, opportunity(venue(*north(2)), title="Kind", layer=Layer.LEAD))
    keep(session, opportunity(venue(*north(3)), title="Skill, farther", skills=[welding]))
    keep(session, opportunity(venue(*north(2)), title="Skill", skills=[welding]))
    keep(session, opportunity(venue(*north(1)), title="Neither", kind=Kind.JOB, layer=Layer.LEAD))
    found = similar(session, one, None, NOW, 10)
    assert titles(found) == ["Skill", "Skill, farther", "Kind", "Layer"]
    assert [card.distance_m is not None and card.venue is not None for card in found] == [True] * 4
    assert titles(similar(session, one, None, NOW, 3)) == ["Skill", "Skill, farther", "Kind"]


def test_distances_are_from_the_point_where_one_is_known(session: Session, one: Opportunity) -> None:
    near_it = keep(session, opportunity(venue(*north(1)), title="Near it"))
    near_you = keep(session, opportunity(venue(*north(8)), title="Near you"))
    assert titles(similar(session, one, None, NOW, 5)) == ["Near it", "Near you"]
    assert titles(similar(session, one, near_you.venues[0], NOW, 5)) == ["Near you", "Near it"]
    assert similar(session, one, near_it.venues[0], NOW, 5)[0].distance_m == 0


def test_what_has_ended_is_not_offered(session: Session, one: Opportunity) -> None:
    keep(session, opportunity(venue(*north(1)), title="Over", ends_at=NOW - timedelta(hours=1)))
    keep(session, opportunity(venue(*north(1)), title="Open", ends_at=NOW + timedelta(hours=1)))
    assert titles(similar(session, one, None, NOW, 5)) == ["Open"]


def test_far_ones_are_offered_only_where_there_is_nothing_near(session: Session, one: Opportunity) -> None:
    keep(session, opportunity(venue(55.95, -3.19), title="In Edinburgh"))
    assert titles(similar(session, one, None, NOW, 5)) == ["In Edinburgh"]
    keep(session, opportunity(venue(*north(1)), title="Near", kind=Kind.COURSE))
    assert titles(similar(session, one, None, NOW, 5)) == ["Near"]


def test_one_without_a_place_is_like_others_without_one(session: Session, welding: Skill) -> None:
    online = keep(session, opportunity(title="This one", kind=Kind.ONLINE, skills=[welding]))
    keep(session, opportunity(venue(*HOME), title="At a place", kind=Kind.ONLINE, skills=[welding]))
    keep(session, opportunity(title="Kind", kind=Kind.ONLINE, reach=Reach.NATIONAL))
    keep(session, opportunity(title="Skill", kind=Kind.JOB, skills=[welding]))
    keep(session, opportunity(title="Both", kind=Kind.ONLINE, reach=Reach.NATIONAL, skills=[welding]))
    keep(session, opportunity(title="Neither", kind=Kind.JOB))
    assert titles(similar(session, online, None, NOW, 5)) == ["Both", "Kind", "Skill"]
    assert titles(similar(session, online, None, NOW, 1)) == ["Both"]


def test_one_without_a_place_or_skills_is_like_its_kind(session: Session) -> None:
    online = keep(session, opportunity(title="This one", kind=Kind.ONLINE))
    keep(session, opportunity(title="Kind", kind=Kind.ONLINE))
    keep(session, opportunity(title="Other", kind=Kind.JOB))
    assert titles(similar(session, online, None, NOW, 5)) == ["Kind"]
