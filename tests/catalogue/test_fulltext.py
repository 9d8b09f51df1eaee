"""Words: stemmed, forgiving, and ranked together with distance, alike on both databases."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from catalogue import fulltext
from catalogue.filters import Filters
from catalogue.models import Opportunity, Skill
from catalogue.nearest import nearest
from catalogue.stems import stem, words_of
from tests.catalogue.factories import opportunity, provider, venue
from tests.catalogue.test_nearest import Here

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HERE = Here(50.37, -4.14)
A_MILE_NORTH = 1 / 69.0  # degrees of latitude


@pytest.fixture
def titles(session: Session) -> Session:
    """Eight opportunities, half a mile apart, the first the nearest."""
    welding = Skill(slug="welding", name="Welding", framework="f", identifier="w")
    told = [
        {"title": "Your first weld", "summary": "Join two pieces of steel."},
        {"title": "Meet the people who mend ships", "summary": "Welders and riggers.", "skills": [welding]},
        {"title": "Photography walk", "summary": "Pictures of the harbour."},
        {"title": "Careers fair", "summary": "Forty employers."},
        {"title": "Care work taster", "summary": "A day in a home."},
        {"title": "Electrician's apprentice", "summary": "Four years, paid."},
        {"title": "Canŵio ar yr afon", "summary": "Canoeing, in Welsh.", "provider": provider(name="Menai Paddlers")},
        {"title": "Gardening club", "summary": "A word about welding robots."},
    ]
    for number, values in enumerate(told):
        spot = venue(HERE.latitude + number * A_MILE_NORTH / 2, HERE.longitude)
        session.add(opportunity(spot, **values))  # type: ignore[arg-type]  # the values are of several types
    session.flush()
    fulltext.index(session)
    return session


def found(session: Session, typed: str, within_miles: float | None = None) -> list[str]:
    query = fulltext.read(session, typed)
    assert query is not None
    hits = nearest(session, HERE, Filters(now=NOW, words=query, within_miles=within_miles), 20)
    names = {number: title for number, title in session.execute(select(Opportunity.id, Opportunity.title))}  # noqa: C416
    return [names[hit.opportunity_id] for hit in hits]


@pytest.mark.parametrize("typed", ["weld", "welding", "WELDS", "a weld near me", "  wéld! "])
def test_a_word_is_found_in_all_its_forms(titles: Session, typed: str) -> None:
    assert found(titles, typed)[0] == "Your first weld"


def test_a_match_in_the_title_or_the_skills_comes_before_one_in_passing(titles: Session) -> None:
    assert found(titles, "welding") == ["Your first weld", "Meet the people who mend ships", "Gardening club"]


def test_a_far_match_in_the_title_comes_after_a_near_one_in_the_skills(titles: Session) -> None:
    spot = venue(HERE.latitude + 20 * A_MILE_NORTH, HERE.longitude)
    far = opportunity(spot, title="Welding week")
    titles.add(far)
    titles.flush()
    fulltext.index(titles, [far.id])
    assert found(titles, "welding")[-1] == "Welding week"
    assert found(titles, "welding", within_miles=5.0) == [
        "Your first weld",
        "Meet the people who mend ships",
        "Gardening club",
    ]


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("weldng", "Your first weld"),
        ("photografy", "Photography walk"),
        ("photo", "Photography walk"),
        ("electrical", "Electrician's apprentice"),
        ("electricain", "Electrician's apprentice"),
        ("electricians", "Electrician's apprentice"),
        ("gardning", "Gardening club"),
        ("canwio", "Canŵio ar yr afon"),
        ("menai", "Canŵio ar yr afon"),
    ],
)
def test_typing_mistakes_and_beginnings_are_forgiven(titles: Session, typed: str, title: str) -> None:
    assert title in found(titles, typed)


def test_a_correction_is_told_and_an_unknown_word_too(titles: Session) -> None:
    corrected = fulltext.read(titles, "gardning xyzzyq")
    assert corrected is not None
    assert corrected.corrected == (("gardning", ("gardening",)),)
    assert corrected.unknown == ("xyzzyq",)
    assert found(titles, "gardening xyzzyq") == []


def test_any_of_the_words_will_do_if_asked(titles: Session) -> None:
    query = fulltext.read(titles, "careers fair welding")
    assert query is not None
    hits = nearest(titles, HERE, Filters(now=NOW, words=replace(query, any_will_do=True)), 20)
    assert len(hits) == 4


def test_slips_are_read_alike_on_both_databases(titles: Session) -> None:
    # Swapped, left out, added and changed letters; three are as close to one word as to another.
    for typed, read in [
        ("hsips", ("ships",)),
        ("harbor", ("harbour",)),
        ("foryt", ("forty",)),
        ("tastr", ("taster",)),
        ("padlers", ("paddlers",)),
    ]:
        query = fulltext.read(titles, typed)
        assert query is not None
        assert query.corrected == ((typed, read),), typed


def test_words_after_the_eighth_are_named(titles: Session) -> None:
    query = fulltext.read(titles, "one two three four five six seven eight nine ten")
    assert query is not None
    assert query.ignored == ("nine", "ten")


@pytest.mark.parametrize("word", ["8e4a", "2e1a", "1e5", "3d", "0x1f", "৪", "日本語"])
def test_stems_are_kept_whole(titles: Session, word: str) -> None:
    odd = opportunity(venue(HERE.latitude, HERE.longitude), title=f"Class {word}")
    titles.add(odd)
    titles.flush()
    fulltext.index(titles, [odd.id])
    assert found(titles, word)[0] == odd.title


def test_what_was_there_before_the_index_is_indexed_later(titles: Session) -> None:
    titles.execute(text("DELETE FROM opportunity_text"))
    assert found(titles, "weld") == []
    assert fulltext.index_missing(titles) == 8
    assert found(titles, "weld")
    assert fulltext.index_missing(titles) == 0


def test_a_short_word_does_not_bring_what_it_begins(titles: Session) -> None:
    assert found(titles, "care") == ["Care work taster"]


def test_all_words_must_be_there(titles: Session) -> None:
    assert found(titles, "first weld") == ["Your first weld"]
    assert found(titles, "weld careers") == []


def test_words_that_say_nothing_are_left_out(titles: Session) -> None:
    assert found(titles, "what is a weld") == found(titles, "weld")
    assert fulltext.read(titles, " -- !! ") is None


def test_what_changed_is_found_by_its_new_words_and_what_is_gone_not_at_all(titles: Session) -> None:
    first = titles.scalars(select(Opportunity).where(Opportunity.title == "Your first weld")).one()
    first.title = "Your first kayak"
    titles.flush()
    fulltext.index(titles, [first.id])
    assert "Your first kayak" not in found(titles, "welds")
    assert found(titles, "kayak") == ["Your first kayak"]
    titles.delete(first)
    titles.flush()
    assert found(titles, "kayak") == []
    assert titles.scalar(text("SELECT count(*) FROM opportunity_text")) == 7


@given(typed=st.text(max_size=60))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_anything_may_be_typed(titles: Session, typed: str) -> None:
    query = fulltext.read(titles, typed)
    if query:
        nearest(titles, HERE, Filters(now=NOW, words=query), 5)


@pytest.mark.parametrize(
    "typed", ['"weld"', "weld OR 1", "title:weld", "weld*", "weld' | 'x", "NEAR(weld)", "{title}", "\0weld"]
)
def test_the_databases_own_query_languages_are_not_spoken(titles: Session, typed: str) -> None:
    query = fulltext.read(titles, typed)
    assert query is not None
    nearest(titles, HERE, Filters(now=NOW, words=query), 5)


def test_words_and_stems() -> None:
    assert words_of("Café's  D&T -- 3D_print’s") == ["cafes", "d", "t", "3d", "prints"]
    assert [stem(word) for word in ("welding", "apprenticeships", "ŵyr")] == ["weld", "apprenticeship", "ŵyr"]
