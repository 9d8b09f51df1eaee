"""Reading a source: what is stored, changed, taken away, held and refused, on both databases."""

from datetime import UTC, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalogue import derived, fulltext, matching, queries, source_queries, spots
from catalogue.models import Opportunity, Provider, Venue
from catalogue.source_models import Outcome, SourceMark, SourceRecord, SourceRefusal, SourceRun, State
from catalogue.sums import venue_sum
from catalogue.words import Kind, Reach
from database.engine import dialect_of
from feeds.reading import Bad, Gone, Mark, Part, SourceUnreadable
from feeds.record import CalledOff, ProviderRecord, Refused, SkillRecord, VenueRecord
from tests.feeds.conftest import NewSource
from tests.feeds.made import NOW, PLYMOUTH, counts, item, record, sitting


def titles(session: Session) -> list[str]:
    """Of what can still be joined."""
    found = select(Opportunity.title).where((Opportunity.ends_at > NOW) | Opportunity.ends_at.is_(None))
    return sorted(session.scalars(found))


def test_what_a_source_has_is_stored_with_all_that_hangs_on_it(session: Session, new_source: NewSource) -> None:
    skill = SkillRecord(name="Bicycle repair", framework="Ours", identifier="x:bikes")
    made = record(
        sittings=(sitting(3), sitting(1)),
        cost_pence=500,
        age_min=14,
        age_max=19,
        url="www.example.org/bikes",
        description="<p>Bring a <b>bike</b>.</p><script>alert(1)</script><ul><li>Tools &amp; tea</li></ul>",
        skills=(skill,),
        is_full=True,
    )
    run = new_source().refresh(item("1", made))
    assert (run.outcome, counts(run)) == (Outcome.DONE, {"read": 1, "new": 1})
    found = session.scalars(select(Opportunity)).one()
    assert found.key == "college:1"
    assert found.slug == "bike-repair"
    assert found.description == "Bring a bike.\n\n- Tools & tea"
    assert found.url == "https://www.example.org/bikes"
    assert (found.cost_pence, found.age_min, found.age_max, found.is_full) == (500, 14, 19, True)
    assert [each.starts_at for each in found.occurrences] == [sitting(1).starts_at, sitting(3).starts_at]
    assert found.ends_at == sitting(3).ends_at
    assert found.checked_at == NOW
    assert [each.name for each in found.skills] == ["Bicycle repair"]
    assert [(each.name, each.postcode) for each in found.venues] == [("Drake Hall", "PL1 2AA")]
    assert found.provider.slug == "cog-works"


def test_what_is_stored_is_found_by_words_by_tag_and_on_the_map(session: Session, new_source: NewSource) -> None:
    new_source().refresh(item("1"), item("2"))
    query = fulltext.read(session, "opportunity")
    assert query is not None
    assert len(session.scalars(matching.having(dialect_of(session), query)).all()) == 2
    assert session.scalar(select(func.count()).select_from(spots.spot).where(spots.spot.c.tag == 0)) == 2
    assert session.scalar(select(venue_sum.c.total)) == 2


def test_a_second_reading_changes_only_what_has_changed(session: Session, new_source: NewSource) -> None:
    college = new_source()
    college.refresh(item("1"), item("2", record("Before", venues=(PLYMOUTH,))), item("3"))
    ids = dict(session.execute(select(Opportunity.key, Opportunity.id)).all())
    truro = VenueRecord(name="Truro library", town="Truro", postcode="TR1 1DH")
    changed = item("2", record("After", venues=(truro,), sittings=(sitting(4),)))
    run = college.refresh(item("1"), changed, item("3"), item("4"), now=NOW + timedelta(hours=1))
    assert counts(run) == {"read": 4, "new": 1, "changed": 1, "unchanged": 2}
    found = session.scalars(select(Opportunity).where(Opportunity.key == "college:2")).one()
    assert found.id == ids["college:2"]
    assert (found.title, [each.name for each in found.venues]) == ("After", ["Truro library"])
    assert len(found.occurrences) == 1
    assert found.added_at == NOW
    assert dict(session.execute(select(Venue.name, venue_sum.c.total).join(venue_sum)).all()) == {
        "Drake Hall": 3,
        "Truro library": 1,
    }


def test_what_a_whole_source_has_no_more_ends_and_comes_back_as_it_was(session: Session, new_source: NewSource) -> None:
    college = new_source()
    college.refresh(item("1"), item("2"), item("3"))
    was = session.scalars(select(Opportunity.id).where(Opportunity.key == "college:3")).one()
    run = college.refresh(item("1"), item("2"))
    assert counts(run) == {"read": 2, "unchanged": 2, "gone": 1}
    assert titles(session) == ["Opportunity 1", "Opportunity 2"]
    ended = session.get_one(Opportunity, was)
    assert ended.ends_at == NOW
    until = select(spots.spot.c.until).where(spots.spot.c.opportunity_id == was, spots.spot.c.tag == 0)
    assert session.scalar(until) == int(NOW.timestamp())
    college.refresh(item("1"), item("2"), item("3"))
    assert session.scalars(select(Opportunity.id).where(Opportunity.key == "college:3")).one() == was
    assert len(titles(session)) == 3


def test_a_source_that_says_what_is_gone_loses_only_that(session: Session, new_source: NewSource) -> None:
    feed = new_source(is_whole=False)
    feed.refresh(item("1"), item("2"), item("3"), Mark("feed", "next=3"))
    run = feed.refresh(Gone("2"), Gone("never known"), Mark("feed", "next=5"))
    assert counts(run) == {"gone": 1}
    assert titles(session) == ["Opportunity 1", "Opportunity 3"]
    assert session.scalar(select(SourceMark.value)) == "next=5"
    feed.refresh(item("4"))
    assert feed.feeds[-1].marks == {"feed": "next=5"}


def test_an_item_that_goes_and_comes_back_in_one_reading_is_there(session: Session, new_source: NewSource) -> None:
    feed = new_source(is_whole=False)
    feed.refresh(item("1"), item("2"), item("3"))
    run = feed.refresh(Gone("1"), item("1"))
    assert counts(run) == {"read": 1, "unchanged": 1}
    assert len(titles(session)) == 3


def test_a_source_that_shrinks_by_more_than_half_is_held_until_someone_says_so(
    session: Session, new_source: NewSource
) -> None:
    college = new_source()
    college.refresh(*(item(str(number)) for number in range(10)))
    few = [item(str(number)) for number in range(4)]
    run = college.refresh(*few)
    assert (run.outcome, college.source.state) == (Outcome.HELD, State.HELD)
    assert run.message == "6 of 10 would go. If that is so: flask feeds refresh college --confirm"
    assert len(titles(session)) == 10
    back = college.refresh(*(item(str(number)) for number in range(10)))
    assert (back.outcome, counts(back)) == (Outcome.DONE, {"read": 10, "unchanged": 10})
    college.refresh(*few)
    confirmed = college.refresh(*few, is_confirmed=True)
    assert (confirmed.outcome, college.source.state) == (Outcome.DONE, State.WELL)
    assert counts(confirmed) == {"read": 4, "unchanged": 4, "gone": 6}
    assert len(titles(session)) == 4


def test_an_empty_answer_takes_nothing_away(session: Session, new_source: NewSource) -> None:
    college = new_source()
    college.refresh(item("1"))
    college.content = ()
    assert college.refresh().outcome is Outcome.HELD
    assert len(titles(session)) == 1


def test_deletions_that_a_feed_says_are_held_likewise(session: Session, new_source: NewSource) -> None:
    feed = new_source(is_whole=False)
    feed.refresh(*(item(str(number)) for number in range(4)))
    held = feed.refresh(Gone("0"), Gone("1"), Gone("2"))
    assert held.outcome is Outcome.HELD
    feed.content = ()
    assert feed.refresh().outcome is Outcome.HELD  # and stays so, though the feed does not say it again
    assert len(titles(session)) == 4
    assert counts(feed.refresh(is_confirmed=True)) == {"gone": 3}


def test_what_has_ended_by_itself_does_not_count_as_lost(session: Session, new_source: NewSource) -> None:
    college = new_source()
    soon = [item(str(number), record(f"Soon {number}", sittings=(sitting(1),))) for number in range(3)]
    college.refresh(*soon, item("9"))
    later = NOW + timedelta(days=2)
    assert college.refresh(item("9"), now=later).outcome is Outcome.DONE


def test_a_reading_that_fails_keeps_what_it_had_and_takes_nothing_away(session: Session, new_source: NewSource) -> None:
    college = new_source()
    college.refresh(item("1"), item("2"))
    run = college.refresh(item("3"), SourceUnreadable("page 2 is no JSON"))
    assert (run.outcome, run.message) == (Outcome.FAILED, "page 2 is no JSON")
    assert (college.source.state, college.source.failures) == (State.FAILING, 1)
    assert college.source.read_at == NOW
    assert len(titles(session)) == 3
    college.refresh(item("1"), item("2"), item("3"))
    assert (college.source.state, college.source.failures, college.source.message) == (State.WELL, 0, "")


def test_a_fault_of_ours_is_noted_and_not_hidden(session: Session, new_source: NewSource) -> None:
    college = new_source()
    with pytest.raises(ZeroDivisionError):
        college.refresh(item("1"), ZeroDivisionError("oh"))
    run = session.scalars(select(SourceRun)).one()
    assert (run.outcome, run.message) == (Outcome.FAILED, "A fault of ours: ZeroDivisionError: oh")


def test_what_is_refused_is_kept_with_its_reason_until_it_comes_right(session: Session, new_source: NewSource) -> None:
    college = new_source()
    run = college.refresh(item("1"), item("2", Refused("It is cancelled.")), Bad("line 3", "It is torn.", "{{"))
    assert counts(run) == {"read": 3, "new": 1, "refused": 2}
    kept = session.scalars(select(SourceRefusal).order_by(SourceRefusal.identifier)).all()
    assert [(each.identifier, each.reason) for each in kept] == [("2", "It is cancelled."), ("@line 3", "It is torn.")]
    college.refresh(item("1"), item("2"))
    assert session.scalars(select(SourceRefusal)).all() == []
    assert len(titles(session)) == 2


def test_what_goes_bad_keeps_its_last_good_state(session: Session, new_source: NewSource) -> None:
    college = new_source()
    college.refresh(item("1"), item("2"))
    run = college.refresh(item("1"), item("2", record("  ")))
    assert counts(run) == {"read": 2, "unchanged": 1, "refused": 1}
    assert titles(session) == ["Opportunity 1", "Opportunity 2"]


def test_what_is_called_off_goes(session: Session, new_source: NewSource) -> None:
    college = new_source()
    off = item("2", CalledOff("It is cancelled."))
    assert counts(college.refresh(off)) == {"read": 1, "refused": 1}
    college.refresh(item("1"), item("2"), item("3"))
    run = college.refresh(item("1"), off, item("3"))
    assert counts(run) == {"read": 3, "unchanged": 2, "gone": 1}
    assert titles(session) == ["Opportunity 1", "Opportunity 3"]
    college.refresh(item("1"), item("2"), item("3"))
    assert len(titles(session)) == 3


def test_a_format_that_stumbles_over_an_item_loses_only_that(session: Session, new_source: NewSource) -> None:
    run = new_source().refresh(item("1", RecursionError("deep")), item("2"), item("x" * 201), item(""))
    assert counts(run) == {"read": 4, "new": 1, "refused": 3}
    reasons = set(session.scalars(select(SourceRefusal.reason)))
    assert reasons == {
        "It could not be read: RecursionError. That is a fault of ours.",
        "Its identifier is empty, or longer than 200 characters.",
    }


def test_what_was_over_before_it_was_known_is_not_kept(session: Session, new_source: NewSource) -> None:
    told: list[tuple[str, str, str]] = []
    over = item("1", record("Last year", sittings=(sitting(-300),)))
    run = new_source().refresh(over, tell=lambda *said: told.append(said))
    assert counts(run) == {"read": 1, "ended": 1}
    assert told == [("item 1", "ended", "1: Last year")]


def test_a_year_after_its_end_a_thing_is_forgotten(session: Session, new_source: NewSource) -> None:
    college = new_source()
    soon = item("1", record("Soon over", sittings=(sitting(1),)))
    college.refresh(soon, item("2"))
    college.refresh(soon, item("2"), now=NOW + timedelta(days=364))
    assert session.scalar(select(func.count()).select_from(Opportunity)) == 2
    college.refresh(item("2"), now=NOW + timedelta(days=368))
    assert session.scalars(select(Opportunity.title)).all() == ["Opportunity 2"]


def test_the_same_opportunity_of_two_sources_is_shown_once(session: Session, new_source: NewSource) -> None:
    college, council = new_source("college"), new_source("council")
    first = record("Bike Repair!", provider=ProviderRecord(name="Cog Works Ltd"), sittings=(sitting(5),))
    second = record("Bike repairs", provider=ProviderRecord(name="COG WORKS"), sittings=(sitting(5),), cost_pence=100)
    college.refresh(item("a", first))
    council.refresh(item("b", second))
    assert titles(session) == ["Bike Repair!"]
    assert session.scalar(select(func.count()).select_from(SourceRecord)) == 2
    # The first goes on deciding what it says, until it has it no more.
    council.refresh(item("b", record("Bike repair for all", sittings=(sitting(5),))))
    assert titles(session) == ["Bike Repair!"]
    college.refresh(item("other"), is_confirmed=True)
    assert "Bike Repair!" in titles(session)
    council.refresh()
    assert titles(session) == ["Bike repair for all", "Opportunity other"]


def test_each_reading_to_the_end_checks_all_that_a_source_has(session: Session, new_source: NewSource) -> None:
    college = new_source()
    college.refresh(item("1"), item("2"))
    later = NOW + timedelta(days=3)
    college.refresh(item("1"), item("2"), now=later)
    college.refresh(SourceUnreadable("away"), now=later + timedelta(days=1))
    found = session.scalars(select(Opportunity)).all()
    assert source_queries.checks(session, found) == {each.id: later for each in found}
    sources = source_queries.sources_of(session, found[0])
    assert source_queries.checked_at(found[0], sources) == later


def test_two_of_one_source_stay_two_however_alike(session: Session, new_source: NewSource) -> None:
    college, council = new_source("college"), new_source("council")
    college.refresh(item("a", record()), item("b", record()))
    assert len(titles(session)) == 2
    council.refresh(item("c", record()), item("d", record()))
    assert len(titles(session)) == 3


def test_items_beyond_a_batch_are_all_stored(
    session: Session, new_source: NewSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feeds.refresh.BATCH", 7)
    many = [item(str(number)) for number in range(50)]
    run = new_source().refresh(*many)
    assert counts(run) == {"read": 50, "new": 50}
    assert len(titles(session)) == 50
    assert session.scalar(select(venue_sum.c.total)) == 50


def test_what_says_how_much_there_is_follows_while_a_source_is_read(
    session: Session, new_source: NewSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feeds.refresh.BATCH", 5)
    monkeypatch.setattr("feeds.refresh.MANY", 10)
    found: list[int] = []
    settle = derived.settle

    def heard(*asked: Any) -> int:
        found.append(settle(*asked))
        return found[-1]

    monkeypatch.setattr(derived, "settle", heard)
    new_source().refresh(*(item(str(number)) for number in range(100)))
    assert found == [10, 20, 40, 80, 100]


def test_parts_and_marks_are_kept_with_the_items_that_follow(session: Session, new_source: NewSource) -> None:
    feed = new_source(is_whole=False)
    feed.refresh(item("1"))
    parts = feed.feeds[-1].parts
    parts.put(Part("b", "series", b"2"))
    parts.put(Part("a", "series", b"1", again_at=NOW))
    parts.put(Part("c", None, b"3"))
    assert [each.identifier for each in parts.children("series")] == ["a", "b"]
    parts.write()  # type: ignore[attr-defined]
    parts.forget("b")
    parts.put(Part("d", "series", b"4"))
    assert [each.identifier for each in parts.children("series")] == ["a", "d"]
    assert parts.get("b") is None
    assert [each.identifier for each in parts.due(NOW.astimezone(UTC))] == ["a"]


@pytest.mark.parametrize(
    ("venue", "postcode", "remark"),
    [
        (VenueRecord(postcode="PL1 2AA", latitude=0.0, longitude=0.0), "PL1 2AA", "cannot be"),
        (VenueRecord(postcode="PL1 2AA", latitude=100.0, longitude=-4.0), "PL1 2AA", "cannot be"),
        (VenueRecord(postcode="PL1 2AA", latitude=51.5, longitude=-0.1), "PL1 2AA", "km from PL1 2AA"),
        (VenueRecord(address="Drake Circus, Plymouth PL1 2AA"), "PL1 2AA", None),
        (VenueRecord(postcode="ABC 1234", latitude=50.37, longitude=-4.14), "PL1", "not known"),
        (VenueRecord(latitude=50.37, longitude=-4.14), "PL1", None),
        (VenueRecord(postcode="pl12aa", latitude=50.3699, longitude=-4.1422), "PL1 2AA", None),
    ],
)
def test_a_place_is_where_coordinates_and_postcode_agree(
    session: Session, new_source: NewSource, venue: VenueRecord, postcode: str, remark: str | None
) -> None:
    new_source().refresh(item("1", record(venues=(venue,))))
    found = session.scalars(select(Venue)).one()
    assert found.postcode == postcode
    assert found.latitude == pytest.approx(50.37, abs=0.02)
    assert found.longitude == pytest.approx(-4.14, abs=0.02)
    said = session.scalar(select(SourceRecord.remark))
    assert (said is None) if remark is None else (remark in str(said))


def test_what_has_no_place_is_kept_and_says_so(session: Session, new_source: NewSource) -> None:
    nowhere = item("1", record("Nowhere", venues=(VenueRecord(name="The hall"),)))
    in_town = item("2", record("In town", venues=(VenueRecord(name="The hall", town="Truro", postcode="ABC 1234"),)))
    abroad = item("3", record("Abroad", venues=(VenueRecord(latitude=48.85, longitude=2.35),)))
    run = new_source().refresh(nowhere, in_town, abroad)
    assert counts(run) == {"read": 3, "new": 2, "refused": 1}
    found = session.execute(select(Opportunity.title, Opportunity.reach, Opportunity.region).order_by("title"))
    assert found.all() == [("In town", Reach.REGION, "Truro"), ("Nowhere", Reach.UNKNOWN, None)]


def test_two_buildings_of_one_name_and_postcode_are_two_venues(session: Session, new_source: NewSource) -> None:
    near = VenueRecord(name="Campus", postcode="PL1 2AA", latitude=50.3699, longitude=-4.1422)
    again = VenueRecord(name="Campus", postcode="PL1 2AA", latitude=50.3702, longitude=-4.1420)
    apart = VenueRecord(name="Campus", postcode="PL1 2AA", latitude=50.3799, longitude=-4.1422)
    new_source().refresh(*(item(str(n), record(f"T{n}", venues=(v,))) for n, v in enumerate((near, again, apart))))
    assert session.scalar(select(func.count()).select_from(Venue)) == 2


def test_real_providers_do_not_hang_on_samples(session: Session, new_source: NewSource) -> None:
    session.add(Provider(slug="cog-works", name="Cog Works", is_sample=True))
    session.flush()
    new_source().refresh(item("1"), item("2"))
    assert set(session.scalars(select(Provider.slug))) == {"cog-works", "cog-works-2"}
    assert session.scalars(select(Opportunity)).first().provider.is_sample is False  # type: ignore[union-attr]


def test_what_comes_from_feeds_has_its_page(session: Session, new_source: NewSource) -> None:
    new_source().refresh(item("1", record("Été à Plymouth 🚲", kind=Kind.EVENT)))
    made = session.scalars(select(Opportunity)).one()
    found = queries.opportunity(session, made.id)
    assert found is not None
    assert found.slug == "ete-a-plymouth"
