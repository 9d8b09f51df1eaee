"""Where a badge can be earned: near, far, without a place or nowhere; and which badges there are."""

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from catalogue import badge_queries, derived
from catalogue.badge_queries import Earned, earned
from catalogue.earth import Point
from catalogue.models import Badge, Opportunity
from catalogue.words import Layer, Reach
from tests.catalogue.factories import opportunity
from tests.catalogue.pathways import NOW, Here, badge, counting, miles_north

HERE = Here()


def asked(session: Session, one: Badge, located: Point | None, *rows: Opportunity, **more: Any) -> Earned:
    session.add_all([one, *rows])
    session.flush()
    derived.index(session)
    return earned(session, one, located, NOW, **more)


def shown(found: Earned) -> list[Opportunity]:
    return [card.opportunity for card in found.near]


def test_the_nearest_come_first_with_how_far_they_are(session: Session) -> None:
    one, other = badge(), badge("other")
    rows = [opportunity(miles_north(miles), badges=[one]) for miles in (30, 2, 9)]
    found = asked(session, one, HERE, *rows, opportunity(miles_north(1), badges=[other]))
    assert shown(found) == [rows[1], rows[2], rows[0]]
    assert [round(card.distance_miles or 0) for card in found.near] == [2, 9, 30]
    assert (found.near_count, found.is_far, found.may_be_more_near) == (3, False, False)


def test_what_is_over_or_full_or_farther_than_fifty_miles_is_not_near(session: Session) -> None:
    one = badge()
    over = opportunity(miles_north(1), badges=[one], ends_at=NOW)
    full = opportunity(miles_north(2), badges=[one], is_full=True)
    far = opportunity(miles_north(60), badges=[one])
    near = opportunity(miles_north(49), badges=[one])
    assert shown(asked(session, one, HERE, over, full, far, near)) == [near]


def test_with_nothing_near_the_one_nearest_anywhere_is_told_as_far(session: Session) -> None:
    one = badge()
    rows = [opportunity(miles_north(miles), badges=[one]) for miles in (300, 54)]
    found = asked(session, one, HERE, *rows)
    assert shown(found) == [rows[1]]
    assert (found.near_count, found.is_far) == (0, True)
    assert not earned(session, one, HERE, NOW, slack_miles=5).is_far


def test_they_are_counted_to_ten(session: Session) -> None:
    one = badge()
    found = asked(session, one, HERE, *(opportunity(miles_north(each), badges=[one]) for each in range(1, 13)))
    assert found.near_count == 10
    assert found.may_be_more_near


def test_those_without_a_place_are_counted_and_a_few_shown(session: Session) -> None:
    one = badge()
    online = [opportunity(badges=[one], ends_at=NOW + timedelta(days=days)) for days in (5, 4, 3, 2, 1)]
    national = opportunity(badges=[one], reach=Reach.NATIONAL)
    over = opportunity(badges=[one], ends_at=NOW)
    unrelated = opportunity()
    first = asked(session, one, None, *online, national, over, unrelated)
    for found in (first, earned(session, one, HERE, NOW)):
        assert [card.opportunity for card in found.elsewhere] == online[:0:-1]
        assert found.elsewhere_count == 6
        assert not found.may_be_more_elsewhere
        assert found.is_earned
        assert not found.near


def test_without_a_place_to_measure_from_it_is_known_whether_it_is_earned(session: Session) -> None:
    one = badge()
    ended = opportunity(miles_north(1), badges=[one], ends_at=NOW)
    full = opportunity(badges=[one], is_full=True)
    assert not asked(session, one, None, ended, full, opportunity(miles_north(1))).is_earned
    assert not earned(session, one, HERE, NOW).is_earned
    found = asked(session, one, None, opportunity(miles_north(1), badges=[one]))
    assert found.is_earned
    assert (found.near, found.elsewhere) == ([], [])


def test_badges_are_in_order_of_their_layer_then_of_their_name(session: Session) -> None:
    layers = (Layer.LEAD, Layer.ENGAGE, Layer.DEMONSTRATE, Layer.PARTICIPATE)
    session.add_all(badge(f"{layer}-{name}", name=name, layer=layer) for name in "ba" for layer in layers)
    session.flush()
    order = [(layer, name) for layer in Layer for name in "ab"]
    assert [(each.layer, each.name) for each in badge_queries.badges(session)] == order
    assert [(each.layer, each.name) for each in badge_queries.badges(session, 3, skip=2)] == order[2:5]


def test_what_it_costs_does_not_grow_with_what_earns_it(session: Session) -> None:
    one = badge()
    rows = [opportunity(miles_north(each / 10), badges=[one]) for each in range(1, 30)]
    asked(session, one, None, *rows, *(opportunity(badges=[one]) for _ in range(30)))
    with counting(session.connection()) as statements:
        earned(session, one, HERE, NOW)
    # How many have no place; how far to look (at most five circles); what is near, in at most six circles, each
    # with the distances of its venues; three for the cards, and for those without a place one for each part of the
    # order and their dates.
    assert len(statements) <= 1 + 5 + 2 * 6 + 3 + 8 + 1
    with counting(session.connection()) as statements:
        earned(session, one, None, NOW)
    assert len(statements) <= 1 + 8 + 1
