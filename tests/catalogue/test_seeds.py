"""The samples: enough of them, sound, and never past."""

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from geopy.distance import geodesic
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalogue.embed_queries import allow, forbid, origins
from catalogue.models import Opportunity, Provider
from catalogue.pathway_models import Pathway, Step, StepOption
from catalogue.queries import has_samples
from catalogue.sample_records import Dates, Weekday
from catalogue.seeds import BadSeed, Samples, load, read, sittings_of
from catalogue.words import Kind, Layer
from gazetteer.locate import Located, Precision, locate
from gazetteer.table import Table
from settings import UK_TIME

TODAY = date(2026, 11, 22)
EARNED_BY_NO_SAMPLE = {
    "code-someone-uses": "the code that samples teach is not yet used by somebody else",
    "dinner-for-twenty": "at the community meal in the samples a cook leads, not the learner",
}
TOWNS = {"Plymouth", "Brighton and Hove", "Southampton", "Cambridge", "Leeds", "Bradford", "Belfast"} | {
    "Kingston upon Thames"
}


@pytest.fixture(scope="module")
def samples() -> Samples:
    return read()


def test_eight_towns_have_twenty_each_over_all_kinds_and_layers(samples: Samples) -> None:
    assert {town.name for town in samples.towns} == TOWNS
    for town in samples.towns:
        assert len(town.opportunities) >= 20, town.name
        assert {each.kind for each in town.opportunities} == set(Kind), town.name
        assert {each.layer for each in town.opportunities} == set(Layer), town.name


def test_there_are_a_dozen_pathways_with_the_goals_that_were_asked_for(samples: Samples) -> None:
    pathways = samples.pathways.pathways
    assert len(pathways) >= 12
    titles = " ".join(f"{pathway.title} {pathway.destination}".lower() for pathway in pathways)
    for goal in ("digital marketing", "engineering operative", "construction", "care", "game", "film", "business"):
        assert goal in titles, goal


def test_slugs_are_told_apart(samples: Samples) -> None:
    for records in (samples.opportunities, samples.venues, samples.providers, samples.pathways.pathways):
        twice = [slug for slug, times in Counter(record.slug for record in records).items() if times > 1]
        assert twice == []


def test_most_say_how_to_take_part_and_in_words_of_their_own(samples: Samples) -> None:
    said = [each.accessibility for each in samples.opportunities if each.accessibility]
    assert len(said) >= 0.6 * len(samples.opportunities)
    sentences = Counter(sentence for words in said for sentence in re.split(r"(?<=[.?!]) ", words))
    assert [sentence for sentence, times in sentences.items() if times > 3] == []


def test_opportunities_name_badges_that_exist_and_at_most_two(samples: Samples) -> None:
    known = {badge.slug for badge in samples.pathways.badges}
    for each in samples.opportunities:
        assert set(each.badges) <= known, each.slug
        assert len(each.badges) == len(set(each.badges)) <= 2, each.slug


def test_badges_of_pathway_steps_can_be_earned_by_a_sample_or_say_why_not(samples: Samples) -> None:
    steps = [step for pathway in samples.pathways.pathways for step, _ in pathway.all_steps]
    asked_for = {option.badge for step in steps for option in step.options if option.badge}
    earned = {badge for each in samples.opportunities for badge in each.badges}
    assert asked_for - earned == set(EARNED_BY_NO_SAMPLE)


def test_destinations_that_are_looked_up_are_there(samples: Samples) -> None:
    looked_up = [each for each in samples.pathways.pathways if each.destination_skill]
    assert len(looked_up) >= 6
    for pathway in looked_up:
        kind = Kind(pathway.destination_kind.value)
        skills = {skill for each in samples.opportunities if each.kind is kind for skill in each.skills}
        assert pathway.destination_skill in skills, pathway.slug


def test_some_pathways_lead_on_and_some_leave_a_choice_of_steps(samples: Samples) -> None:
    pathways = samples.pathways.pathways
    known = {pathway.slug for pathway in pathways}
    assert len([pathway for pathway in pathways if pathway.leads_on]) >= 5
    assert {slug for pathway in pathways for slug in pathway.leads_on} < known
    assert len([pathway for pathway in pathways if pathway.groups]) >= 2


def test_every_venue_stands_where_its_postcode_is(samples: Samples, table: Table) -> None:
    for venue in samples.venues:
        place = locate(table, venue.postcode)
        assert isinstance(place, Located), venue
        off_m = geodesic((place.latitude, place.longitude), (venue.latitude, venue.longitude)).m
        if venue.postcode.startswith("BT"):
            assert off_m < 13_000, venue  # known by district only
        else:
            assert place.precision is Precision.UNIT, venue
            assert off_m < 250, venue


def test_loading_twice_keeps_ids_and_makes_nothing_double(session: Session, samples: Samples) -> None:
    load(session, samples, TODAY)
    before = dict(session.execute(select(Opportunity.key, Opportunity.id)).all())
    steps = set(session.execute(select(Step.pathway_id, Step.slug, Step.title)).all())
    options = session.scalar(select(func.count()).select_from(StepOption))
    # As at the next start: nothing of it is in memory any more.
    session.expunge_all()
    load(session, samples, TODAY + timedelta(days=1))
    assert dict(session.execute(select(Opportunity.key, Opportunity.id)).all()) == before
    assert set(session.execute(select(Step.pathway_id, Step.slug, Step.title)).all()) == steps
    assert session.scalar(select(func.count()).select_from(StepOption)) == options
    assert len(before) == len(samples.opportunities)


def test_what_is_no_longer_in_the_files_goes_and_the_rest_stays(session: Session, samples: Samples) -> None:
    session.add(Provider(slug="real", name="A real one"))
    load(session, samples, TODAY)
    first = samples.towns[0]
    fewer = Samples(
        samples.shared,
        [first.model_copy(update={"opportunities": first.opportunities[1:]}), *samples.towns[1:]],
        samples.pathways,
    )
    load(session, fewer, TODAY)
    keys = set(session.scalars(select(Opportunity.key)))
    assert f"sample:{first.opportunities[0].slug}" not in keys
    assert len(keys) == len(samples.opportunities) - 1
    assert session.scalar(select(Provider.name).where(Provider.slug == "real")) == "A real one"


def test_origins_come_with_a_new_sample_and_then_stay_as_an_operator_set_them(
    session: Session, samples: Samples
) -> None:
    load(session, samples, TODAY)
    listed = [(each.slug, origin) for each in samples.providers for origin in each.origins]
    assert len({slug for slug, _ in listed}) >= 2
    assert origins(session) == sorted(listed)
    slug, origin = listed[0]
    owner = session.scalars(select(Provider).where(Provider.slug == slug)).one()
    forbid(session, owner, origin)
    allow(session, owner, "https://tried-out.example")
    changed = origins(session)
    load(session, samples, TODAY)
    assert origins(session) == changed


def test_no_sample_has_ended_on_the_day_it_is_loaded(session: Session, samples: Samples) -> None:
    load(session, samples, TODAY)
    end_of_day = datetime(2026, 11, 22, 23, 59, tzinfo=UTC)
    ended = select(func.count()).select_from(Opportunity).where(Opportunity.ends_at <= end_of_day)
    assert session.scalar(ended) == 0


def test_loaded_samples_are_known_as_samples(session: Session, samples: Samples) -> None:
    assert not has_samples(session)
    load(session, samples, TODAY)
    assert has_samples(session)
    assert session.scalar(select(func.count()).select_from(Pathway)) == len(samples.pathways.pathways)


def test_dates_fall_on_their_weekday_and_keep_their_hour_over_the_clock_change() -> None:
    dates = Dates(from_days=3, weekday=Weekday.SATURDAY, at="10:00", hours=2, times=3)
    sittings = sittings_of(dates, date(2027, 3, 15))
    local = [start.astimezone(UK_TIME) for start, _ in sittings]
    assert [f"{start:%a %d %b %H:%M}" for start in local] == [
        "Sat 20 Mar 10:00",
        "Sat 27 Mar 10:00",
        "Sat 03 Apr 10:00",
    ]
    assert [start.hour for start, _ in sittings] == [10, 10, 9]
    assert all(end - start == timedelta(hours=2) for start, end in sittings)


def test_a_file_that_is_not_right_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadSeed, match=r"shared\.yaml"):
        read(tmp_path)
    (tmp_path / "shared.yaml").write_text(yaml.safe_dump({"skills": [], "providers": [], "opportunities": [{}]}))
    with pytest.raises(BadSeed, match=r"(?s)shared\.yaml.*opportunities\.0\.slug"):
        read(tmp_path)
    (tmp_path / "shared.yaml").write_text("skills: [")
    with pytest.raises(BadSeed, match=r"shared\.yaml"):
        read(tmp_path)


def test_a_name_that_is_in_no_file_is_an_error(session: Session, samples: Samples) -> None:
    pathway = samples.pathways.pathways[0].model_copy(update={"provider": "nobody"})
    broken = Samples(samples.shared, samples.towns, samples.pathways.model_copy(update={"pathways": [pathway]}))
    with pytest.raises(BadSeed, match=r"there is no provider 'nobody', which pathways\.yaml names"):
        load(session, broken, TODAY)
