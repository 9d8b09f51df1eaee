"""What does each step of a pathway near a place."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from catalogue import pathway_pages, way_search
from catalogue.models import Opportunity
from catalogue.pathway_answers import Answer, Why, anywhere, near
from catalogue.pathway_models import MAX_STEPS, Pathway
from catalogue.way_search import COUNTED
from catalogue.words import Kind, Layer, Reach
from tests.catalogue.factories import opportunity, provider
from tests.catalogue.pathways import (
    NOW,
    Here,
    badge,
    counting,
    kept,
    miles_north,
    named,
    pathway,
    rule,
    skill,
    step,
)


def steps_near(session: Session, pathway: Pathway, **options: Any) -> list[Answer]:
    return list(near(session, pathway, Here(), NOW, **options).steps)


def test_a_rule_is_answered_with_the_nearest_that_meets_it(session: Session) -> None:
    near = opportunity(miles_north(2), kind=Kind.COURSE)
    rows = [near, opportunity(miles_north(5), kind=Kind.COURSE), opportunity(miles_north(1), kind=Kind.EVENT)]
    found = kept(session, *rows, pathway(step(rule(kind=Kind.COURSE))))
    (answer,) = steps_near(session, found)
    assert answer.card is not None
    assert answer.card.opportunity is near
    assert answer.card.distance_miles is not None
    assert round(answer.card.distance_miles, 1) == 2.0
    assert not answer.is_far
    assert [(each.near_count, each.elsewhere_count) for each in answer.ways] == [(2, 0)]


def test_the_nearest_of_all_the_ways_is_shown(session: Session) -> None:
    gardening, earned = skill("gardening"), badge()
    by_skill = opportunity(miles_north(3), kind=Kind.COURSE, skills=[gardening])
    by_badge = opportunity(miles_north(2), badges=[earned], skills=[gardening])
    by_name = opportunity(miles_north(9), miles_north(1))
    ended = opportunity(miles_north(0), badges=[earned], ends_at=NOW - timedelta(hours=1))
    asked = {"skill": gardening, "kind": Kind.COURSE}
    steps = [
        step(rule(**asked)),
        step(rule(**asked), named(earned)),
        step(rule(**asked), named(earned), named(by_name)),
    ]
    found = kept(session, by_skill, by_badge, by_name, ended, pathway(*steps))
    answers = steps_near(session, found)
    assert [each.card and each.card.opportunity for each in answers] == [by_skill, by_badge, by_name]
    assert [way.near_count for way in answers[2].ways] == [1, 1, 1]


def test_a_badge_counts_where_it_is_earned_with_a_skill_of_its_step(session: Session) -> None:
    coaching, building, painting = skill("coaching"), skill("building"), skill("painting")
    earned = badge()
    site = opportunity(miles_north(1), skills=[building], badges=[earned])
    pitch = opportunity(miles_north(3), skills=[coaching], badges=[earned])
    online = opportunity(skills=[building], badges=[earned])
    steps = [
        step(rule(skill=coaching, kind=Kind.EVENT), named(earned)),
        step(rule(skill=painting, kind=Kind.EVENT), named(earned)),
        # Without a skill of its own it goes by those of the whole pathway.
        step(rule(layer=Layer.LEAD), named(earned)),
    ]
    found = kept(session, site, pitch, online, pathway(*steps))
    answers = steps_near(session, found)
    assert [each.card and each.card.opportunity for each in answers] == [pitch, None, pitch]
    assert [(each.ways[1].near_count, each.ways[1].elsewhere_count) for each in answers] == [(1, 0), (0, 0), (1, 0)]


def test_in_a_pathway_that_names_no_skill_every_way_to_earn_a_badge_counts(session: Session) -> None:
    earned = badge()
    site = opportunity(miles_north(1), skills=[skill("building")], badges=[earned])
    (answer,) = steps_near(session, kept(session, site, pathway(step(named(earned)))))
    assert answer.card is not None
    assert answer.card.opportunity is site


def test_a_rule_of_a_kind_alone_gives_the_card_only_where_nothing_else_is_near(session: Session) -> None:
    gardening = skill("gardening")
    anything = opportunity(miles_north(1), kind=Kind.EVENT)
    specific = opportunity(miles_north(20), skills=[gardening])
    bare, far_one = rule(kind=Kind.EVENT), opportunity(miles_north(60))
    steps = [step(bare, rule(skill=gardening)), step(rule(kind=Kind.EVENT), named(far_one))]
    found = kept(session, anything, specific, far_one, pathway(*steps))
    answers = steps_near(session, found)
    assert [each.card and each.card.opportunity for each in answers] == [specific, anything]


def test_a_rule_asks_for_all_that_it_names(session: Session) -> None:
    gardening, theirs = skill("gardening"), provider()
    right = opportunity(
        miles_north(9), kind=Kind.PROJECT, layer=Layer.LEAD, skills=[gardening, skill("planning")], provider=theirs
    )
    wrong: list[dict[str, Any]] = [
        {"kind": Kind.JOB},
        {"layer": Layer.ENGAGE},
        {"skills": []},
        {"provider": provider()},
    ]
    same = {"kind": Kind.PROJECT, "layer": Layer.LEAD, "skills": [gardening], "provider": theirs}
    others = [opportunity(miles_north(1), **same | each) for each in wrong]
    asked = rule(kind=Kind.PROJECT, layer=Layer.LEAD, skill=gardening, provider=theirs)
    (answer,) = steps_near(session, kept(session, right, *others, pathway(step(asked))))
    assert answer.card is not None
    assert answer.card.opportunity is right


def test_what_is_beyond_fifty_miles_is_shown_as_far(session: Session) -> None:
    far = opportunity(miles_north(51), kind=Kind.JOB)
    named_far = opportunity(miles_north(60))
    found = kept(session, far, named_far, pathway(step(rule(kind=Kind.JOB)), step(named(named_far))))
    answers = steps_near(session, found)
    assert [each.card and each.card.opportunity for each in answers] == [far, named_far]
    assert [each.is_far for each in answers] == [True, True]
    assert [way.near_count for each in answers for way in each.ways] == [0, 0]
    # From the middle of an area one's own door may be nearer.
    assert [each.is_far for each in steps_near(session, found, slack_miles=2)] == [False, True]


def test_a_venue_that_goes_between_two_statements_is_left_out(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = opportunity(miles_north(1))
    found = kept(session, one, pathway(step(named(one))))
    monkeypatch.setattr(way_search, "venue_distances", lambda *_: {})
    (answer,) = steps_near(session, found)
    assert answer.card is None


def test_what_needs_no_place_is_counted_beside_what_is_near(session: Session) -> None:
    online, webinar = opportunity(reach=Reach.NATIONAL, kind=Kind.COURSE), opportunity(reach=Reach.ONLINE)
    near = opportunity(miles_north(2), kind=Kind.COURSE)
    steps = [step(rule(kind=Kind.COURSE)), step(named(webinar))]
    first, second = steps_near(session, kept(session, online, webinar, near, pathway(*steps)))
    assert first.card is not None
    assert first.elsewhere_count == 1
    assert second.card is None
    assert second.elsewhere_count == 1


def test_a_step_that_nothing_can_do_says_so_and_no_more(session: Session) -> None:
    ended = opportunity(miles_north(1), ends_at=NOW - timedelta(hours=1))
    found = kept(session, ended, pathway(step(rule(kind=Kind.JOB)), step(named(ended))))
    answers = steps_near(session, found)
    assert [each.card for each in answers] == [None, None]
    assert [[over.why for over in each.passed_over] for each in answers] == [[], [Why.ENDED]]
    assert all(each.is_gap and not each.is_far for each in answers)


def test_many_are_counted_to_a_bound(session: Session) -> None:
    spot = miles_north(1)
    rows = [opportunity(spot, kind=Kind.JOB) for _ in range(COUNTED + 5)]
    (answer,) = steps_near(session, kept(session, *rows, pathway(step(rule(kind=Kind.JOB)))))
    assert answer.ways[0].near_count == COUNTED


def test_the_longest_pathway_costs_a_bounded_number_of_statements(session: Session) -> None:
    earned = badge(skills=[skill("painting")])
    with_venue = opportunity(miles_north(300))
    steps = [
        step(rule(skill=skill(f"skill-{number}")), rule(kind=Kind.JOB), named(earned), named(with_venue))
        for number in range(MAX_STEPS)
    ]
    session.add_all([*steps, with_venue, pathway(*steps)])
    session.flush()
    session.expunge_all()
    with counting(session.connection()) as statements:
        found = pathway_pages.pathway(session, "into-tests")
        assert found is not None
        read = len(statements)
        # The pathway with its provider; its groups; steps; options; badges; their skills; opportunities with their
        # providers; their venues; the skills and, as no rule names one, not the providers of rules.
        assert read == 9, statements
        assert len(steps_near(session, found)) == MAX_STEPS
    # Five circles at most find how far to look first (1, 4, 16, 64 km and all); one statement finds the distances of
    # named opportunities, one counts what has no place. All ways share each circle, of which there are six at most
    # (0.4, 1, 2.5, 6, 16, 39 km, and 50 miles) and, as nothing is near, six more (100 to 800 miles, and all), each
    # with one for the distances of what is new in it. Three make the cards, one reads what is full.
    assert len(statements) - read <= 5 + 1 + 1 + 2 * (7 + 6) + 3 + 1


def test_steps_without_a_place_cost_nothing_more(session: Session) -> None:
    found = kept(session, pathway(step(rule(skill=skill("painting")), named(badge())), step(named(opportunity()))))
    with counting(session.connection()) as statements:
        answers = anywhere(found).steps
        assert [len(each.ways) for each in answers] == [2, 1]
        assert pathway_pages.skills(found)[0].name == "Painting"
    assert statements == []


def over(answer: Answer) -> list[tuple[Opportunity, Why, float | None]]:
    return [
        (each.opportunity, each.why, each.distance_miles and round(each.distance_miles, 1))
        for each in answer.passed_over
    ]


def test_what_a_step_names_but_cannot_be_done_gives_way_to_the_next_nearest_and_is_said_why(session: Session) -> None:
    ended = opportunity(miles_north(1), ends_at=NOW - timedelta(hours=1))
    full = opportunity(miles_north(2), is_full=True)
    far = opportunity(miles_north(12))
    next_best = opportunity(miles_north(4), kind=Kind.COURSE)
    steps = [step(named(one), rule(kind=Kind.COURSE)) for one in (ended, full, far, next_best)]
    found = kept(session, ended, full, far, next_best, pathway(*steps))
    answers = steps_near(session, found, within_miles=10)
    assert [each.card and each.card.opportunity for each in answers] == [next_best] * 4
    assert [over(each) for each in answers] == [
        [(ended, Why.ENDED, 1.0)],
        [(full, Why.FULL, 2.0)],
        [(far, Why.FAR, 12.0)],
        [],
    ]


def test_a_nearer_one_that_is_full_is_named(session: Session) -> None:
    full = opportunity(miles_north(1), kind=Kind.COURSE, is_full=True)
    fuller = opportunity(miles_north(9), kind=Kind.COURSE, is_full=True)
    free = opportunity(miles_north(3), kind=Kind.COURSE)
    found = kept(session, full, fuller, free, pathway(step(rule(kind=Kind.COURSE)), step(rule(kind=Kind.JOB))))
    answer, nothing = steps_near(session, found)
    assert answer.card is not None
    assert answer.card.opportunity is free
    assert (answer.near_count, over(answer)) == (1, [(full, Why.FULL, 1.0)])
    assert over(nothing) == []


def test_what_is_shown_though_it_is_far_is_not_passed_over_too(session: Session) -> None:
    far = opportunity(miles_north(60))
    (answer,) = steps_near(session, kept(session, far, pathway(step(named(far)))))
    assert (answer.is_far, answer.passed_over) == (True, [])


def test_the_next_few_stand_beside_the_nearest_each_once(session: Session) -> None:
    earned, gardening = badge(), skill("gardening")
    rows = [opportunity(miles_north(miles), badges=[earned], skills=[gardening]) for miles in range(1, 7)]
    asked = step(named(earned), rule(skill=gardening), named(rows[2]))
    (answer,) = steps_near(session, kept(session, *rows, pathway(asked)))
    assert answer.card is not None
    assert [card.opportunity for card in (answer.card, *answer.others)] == rows[:4]
    assert (answer.near_count, answer.is_counted_out) == (6, True)


def test_what_one_likes_comes_first(session: Session) -> None:
    baking, sewing = skill("baking"), skill("sewing")
    near_by = opportunity(miles_north(1), skills=[baking])
    liked = opportunity(miles_north(3), skills=[sewing])
    asked = step(rule(skill=baking), rule(skill=sewing), rule(kind=Kind.EVENT))
    found = kept(session, near_by, liked, pathway(asked))
    (answer,) = steps_near(session, found, interests={sewing})
    assert answer.card is not None
    assert answer.card.opportunity is liked
    assert [card.opportunity for card in answer.others] == [near_by]
    assert [each.way.skill for each in answer.ways] == [sewing, baking, None]


def test_the_destination_is_looked_up_by_its_skill(session: Session) -> None:
    baking = skill("baking")
    job = opportunity(miles_north(4), kind=Kind.JOB, skills=[baking])
    other = opportunity(miles_north(1), kind=Kind.JOB)
    found = kept(session, job, other, pathway(step(rule(kind=Kind.EVENT)), destination_skill=baking))
    there = near(session, found, Here(), NOW).destination
    assert there is not None
    assert there.card is not None
    assert there.card.opportunity is job


def test_a_destination_without_a_skill_is_not_looked_up(session: Session) -> None:
    found = kept(session, opportunity(miles_north(4), kind=Kind.JOB), pathway(step(rule(kind=Kind.EVENT))))
    assert near(session, found, Here(), NOW).destination is None
    assert anywhere(found).destination is None
