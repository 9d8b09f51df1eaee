"""The index of where everything is, by what it counts for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from catalogue import spots
from catalogue.earth import box_around
from catalogue.models import Opportunity
from catalogue.spots import ANYTHING, SKILL_BITS, Cells, Question, badge_tag, placeless, provider_tag, spot, spotted
from catalogue.words import Kind, Layer
from tests.catalogue.factories import opportunity, venue
from tests.catalogue.pathways import NOW, Here, badge, miles_north, skill

EVERYWHERE = Cells(0, 180 * spots.BANDS_PER_DEGREE, 0, 360 * spots.CELLS_PER_DEGREE, 1.0)


@pytest.fixture
def earned(session: Session) -> Opportunity:
    made = opportunity(miles_north(1), miles_north(2), kind=Kind.JOB, skills=[skill("a"), skill("b")], badges=[badge()])
    session.add(made)
    session.flush()
    spots.index(session)
    return made


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(spot)) or 0


def found(session: Session, question: Question) -> set[int]:
    return {each.opportunity_id for each in spotted(session, [(5, question, EVERYWHERE)], NOW)}


def counts(session: Session, questions: list[tuple[int, Question]], most: int) -> dict[int, int]:
    return {number: len(some) for number, some in placeless(session, questions, most, NOW).items()}


def test_each_door_stands_there_once_for_each_tag(session: Session, earned: Opportunity) -> None:
    # Two doors, each for anything, its provider, two skills and a badge.
    assert count(session) == 2 * 5
    spots.index(session, [earned.id])
    assert count(session) == 2 * 5


def test_what_changes_is_indexed_anew_and_what_is_deleted_leaves(session: Session, earned: Opportunity) -> None:
    earned.kind, earned.badges = Kind.EVENT, []
    spots.index(session, [earned.id])
    assert count(session) == 2 * 4
    assert found(session, Question(kinds=frozenset({Kind.JOB}))) == set()
    assert found(session, Question(kinds=frozenset({Kind.EVENT, Kind.COURSE}))) == {earned.id}
    session.execute(delete(Opportunity).where(Opportunity.id == earned.id))
    assert count(session) == 0


def test_only_what_is_missing_is_indexed(session: Session, earned: Opportunity) -> None:
    session.add(opportunity(miles_north(3)))
    session.flush()
    assert [spots.index_missing(session), spots.index_missing(session)] == [1, 0]


def test_a_question_asks_for_all_that_it_says(session: Session, earned: Opportunity) -> None:
    first = earned.skills[0].id
    tag = provider_tag(earned.provider_id)
    assert found(session, Question(tag, frozenset({Kind.JOB}), Layer.PARTICIPATE, frozenset({first, 987}))) == {
        earned.id
    }
    assert found(session, Question(tag, layer=Layer.LEAD)) == set()
    assert found(session, Question(tag, skill_ids=frozenset({987}))) == set()
    assert found(session, Question(provider_tag(987))) == set()


def test_a_badge_is_found_by_the_skills_it_is_earned_with(session: Session, earned: Opportunity) -> None:
    tag, first = badge_tag(earned.badges[0].id), earned.skills[0].id
    assert found(session, Question(tag, skill_ids=frozenset({first}))) == {earned.id}
    assert found(session, Question(tag, frozenset({Kind.JOB}), skill_ids=frozenset({first, 987}))) == {earned.id}
    assert found(session, Question(tag, frozenset({Kind.EVENT}), skill_ids=frozenset({first}))) == set()
    assert found(session, Question(tag)) == {earned.id}
    # One that has the same bit, and yet is another.
    assert found(session, Question(tag, skill_ids=frozenset({first + SKILL_BITS}))) == set()


def test_what_has_no_place_is_counted_by_kind_and_to_a_bound(session: Session) -> None:
    session.add_all([opportunity(kind=Kind.COURSE) for _ in range(4)] + [opportunity(kind=Kind.INFORMATION)])
    session.add_all([opportunity(kind=Kind.EVENT, is_full=True), opportunity(kind=Kind.EVENT, ends_at=NOW)])
    session.flush()
    spots.index(session)
    kinds = [frozenset({Kind.COURSE}), frozenset({Kind.COURSE, Kind.INFORMATION}), frozenset({Kind.EVENT}), frozenset()]
    questions = [(number, Question(ANYTHING, each)) for number, each in enumerate(kinds)]
    assert counts(session, questions, 100) == {0: 4, 1: 5, 2: 0, 3: 5}
    assert counts(session, questions, 3) == {0: 3, 1: 3, 2: 0, 3: 3}
    assert counts(session, [], 3) == {}
    assert found(session, Question()) == set()


def test_kinds_and_layers_stand_under_codes_that_never_change() -> None:
    """What is indexed already goes by them: whoever changes these indexes everything anew in a migration."""
    kinds = "event workshop course online-learning volunteering work-experience project apprenticeship job information"
    assert {kind.value: code for kind, code in spots.KIND_CODES.items()} == {
        kind: code for code, kind in enumerate(kinds.split())
    }
    layers = {"engage": 0, "participate": 1, "demonstrate": 2, "lead": 3}
    assert {layer.value: code for layer, code in spots.LAYER_CODES.items()} == layers


@given(st.floats(-90, 90), st.floats(-180, 180), st.floats(1, 20_000_000))
def test_the_cells_around_a_circle_hold_it(latitude: float, longitude: float, radius_m: float) -> None:
    point = Here(latitude, longitude)
    cells = Cells.around(point, radius_m)
    assert cells.radius_m >= radius_m
    assert cells.area_m2 > 0
    west, south, east, north = box_around(point, cells.radius_m)
    slack = 1e-9  # of a degree: a tenth of a millimetre
    if cells.radius_m > radius_m:
        assert west >= cells.west_edge - slack
        assert east <= cells.east_edge + slack
    assert south >= min(cells.south_edge, -90.0) - slack or cells.south_edge <= -90
    assert north <= cells.north_edge + slack or cells.north_edge >= 90


def test_the_area_of_cells_is_about_that_of_the_square_they_make() -> None:
    cells = Cells.around(Here(51.5, -0.1), 20_000)
    assert 40_000**2 < cells.area_m2 < 43_000**2


def test_a_venue_on_the_edge_of_the_earth_has_a_cell(session: Session) -> None:
    session.add_all([opportunity(venue(90, 180)), opportunity(venue(-90, -180)), opportunity(venue(0, 0))])
    session.flush()
    spots.index(session)
    assert len(found(session, Question())) == 3
