"""Pathways as their pages read them."""

from sqlalchemy.orm import Session

from catalogue import pathway_pages
from catalogue.words import Kind, Layer
from tests.catalogue.pathways import badge, counting, kept, named, pathway, rule, skill, step


def test_the_skills_are_those_of_rules_and_badges_each_once(session: Session) -> None:
    one, two, three = skill("one"), skill("two"), skill("three")
    steps = [step(rule(skill=two)), step(named(badge(skills=[one, two])), rule(kind=Kind.JOB)), step(rule(skill=three))]
    assert pathway_pages.skills(kept(session, pathway(*steps))) == [two, one, three]


def test_pathways_come_by_title_in_bounded_pages(session: Session) -> None:
    session.add_all([pathway(step(rule(kind=Kind.JOB)), slug=f"p-{title}", title=title) for title in "cab"])
    session.flush()
    assert [each.title for each in pathway_pages.pathways(session)] == ["a", "b", "c"]
    assert [each.title for each in pathway_pages.pathways(session, 2, skip=1)] == ["b", "c"]
    assert [each.title for each in pathway_pages.pathways(session, 1)] == ["a"]
    assert pathway_pages.count_pathways(session) == 3
    maker = pathway_pages.pathways(session)[1].provider
    assert [each.title for each in pathway_pages.pathways_by(session, maker.id, 5)] == ["b"]
    assert pathway_pages.pathway(session, "nothing") is None


def test_a_list_of_pathways_costs_two_statements(session: Session) -> None:
    session.add_all([pathway(step(rule(kind=Kind.JOB)), slug=f"p-{number}") for number in range(20)])
    session.flush()
    session.expunge_all()
    with counting(session.connection()) as statements:
        found = pathway_pages.pathways(session)
        assert [(each.provider.name != "", len(each.steps)) for each in found] == [(True, 1)] * 20
    # The pathways with their providers; all their steps.
    assert len(statements) == 2, statements


def test_the_first_cards_say_what_the_first_pathways_do(session: Session) -> None:
    steps = [step(rule(kind=Kind.JOB)) for _ in range(2)]
    steps[0].layer = Layer.PARTICIPATE
    session.add(pathway(*steps, slug="p-b", title="b"))
    session.add_all([pathway(step(rule(kind=Kind.JOB)), slug=f"p-{title}", title=title) for title in "ca"])
    session.flush()
    session.expunge_all()
    with counting(session.connection()) as statements:
        cards = pathway_pages.first_cards(session, 2)
    assert len(statements) == 2, statements
    assert [card.title for card in cards] == ["a", "b"]
    assert [each.layer for each in cards[1].steps] == [Layer.PARTICIPATE, Layer.ENGAGE]
    for card, whole in zip(cards, pathway_pages.pathways(session), strict=False):
        for name in ("slug", "title", "summary", "destination_kind", "destination"):
            assert getattr(card, name) == getattr(whole, name)
        assert card.provider.name == whole.provider.name
        assert [each.layer for each in card.steps] == [each.layer for each in whole.steps]
