"""Synthetic opportunities: the same for the same seed, like the country in their numbers, and nobody else's trouble."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from app import create_app
from catalogue import fulltext, matching, seeds, synthetic
from catalogue.filters import Filters
from catalogue.models import (
    Badge,
    Occurrence,
    Opportunity,
    Provider,
    Skill,
    Venue,
    opportunity_badge,
    opportunity_skill,
    opportunity_venue,
)
from catalogue.nearest import nearest
from catalogue.synthetic_chance import Weighted, heavy_tailed
from catalogue.synthetic_words import NAMES, THEMES, name
from catalogue.words import Kind, Layer, Reach
from database import migrate
from database.engine import connect, dialect_of
from gazetteer.table import Drawn, Table
from settings import UK_TIME, Settings
from tests.catalogue import factories
from tests.conftest import GAZETTEER, NewDatabase

COUNT = 3_000
TODAY = date(2026, 11, 22)
SPOTS = [(f"PL{1 + number} 2AA", 50 + number / 10, -4 + number / 10, f"Town {number}") for number in range(18)]
# Of 300 with seed 1. Where it changes, so do the benchmarks' databases: raise synthetic.VERSION with it.
DIGEST = "0cecd24b9b55d013"
IS_SYNTHETIC = Opportunity.key.startswith("synthetic:")


@pytest.fixture(scope="module")
def filled(new_database: NewDatabase, table: Table) -> Iterator[Engine]:
    """A database with the samples and `COUNT` synthetic opportunities."""
    engine = connect(new_database("synthetic"))
    migrate.upgrade(engine)
    with Session(engine) as session:
        seeds.load(session, seeds.read(), TODAY)
        spots = table.draw(synthetic.venues_for(COUNT), Random(1).random)
        synthetic.load(session, spots, COUNT, 1, TODAY)
        session.commit()
    yield engine
    engine.dispose()


@pytest.fixture
def many(filled: Engine) -> Iterator[Session]:
    with Session(filled) as session:
        yield session


@pytest.fixture
def sampled(session: Session) -> Session:
    """A session on a database with the samples and one opportunity of somebody's."""
    seeds.load(session, seeds.read(), TODAY)
    session.add(factories.opportunity(factories.venue(50.4, -4.1), key="college:1", title="Real thing"))
    session.flush()
    fulltext.index(session)
    return session


def make(session: Session, count: int = 300, seed: int = 1) -> None:
    synthetic.load(session, SPOTS, count, seed, TODAY)


def rows(session: Session, is_wanted: Any) -> list[tuple[object, ...]]:
    """Opportunities with all that hangs on them, without ids."""
    session.expire_all()
    return [
        (
            *(each.key, each.slug, each.title, each.summary, each.description, each.kind, each.layer, each.reach),
            *(each.region, each.cost_pence, each.cost_note, each.age_min, each.age_max, each.level, each.time_needed),
            *(each.how_to_apply, each.url, each.accessibility, each.added_at, each.checked_at, each.ends_at),
            (each.provider.slug, each.provider.name),
            [(venue.slug, venue.name, venue.latitude, venue.longitude) for venue in each.venues],
            [skill.slug for skill in each.skills],
            [badge.slug for badge in each.badges],
            [(sitting.starts_at, sitting.ends_at, sitting.time_of_week) for sitting in each.occurrences],
        )
        for each in session.scalars(select(Opportunity).where(is_wanted).order_by(Opportunity.key))
    ]


def count(session: Session, model: Any, *conditions: Any) -> int:
    return session.scalar(select(func.count()).select_from(model).where(*conditions)) or 0


def test_a_seed_always_makes_the_same_on_every_database(sampled: Session) -> None:
    make(sampled)
    first = rows(sampled, IS_SYNTHETIC)
    make(sampled)
    assert rows(sampled, IS_SYNTHETIC) == first
    assert hashlib.sha256(repr(first).encode()).hexdigest()[:16] == DIGEST
    make(sampled, seed=2)
    assert rows(sampled, IS_SYNTHETIC) != first


def test_all_kinds_layers_and_reaches_are_there_and_most_are_at_venues(many: Session) -> None:
    for column, words in ((Opportunity.kind, Kind), (Opportunity.layer, Layer)):
        found = set(many.scalars(select(column).where(IS_SYNTHETIC).distinct()))
        assert found == set(words)
    reaches = Counter(many.scalars(select(Opportunity.reach).where(IS_SYNTHETIC)))
    assert set(reaches) == set(Reach) - {Reach.UNKNOWN}
    assert 0.93 < reaches[Reach.VENUE] / COUNT < 0.97
    assert count(many, Opportunity, IS_SYNTHETIC) == COUNT


def test_those_at_venues_have_venues_and_no_others(many: Session) -> None:
    placed = set(many.scalars(select(opportunity_venue.c.opportunity_id)))
    for number, reach in many.execute(select(Opportunity.id, Opportunity.reach).where(IS_SYNTHETIC)):
        assert (number in placed) == (reach is Reach.VENUE)


def test_a_few_venues_and_providers_have_very_many(many: Session) -> None:
    at_venue = Counter(many.scalars(select(opportunity_venue.c.venue_id).join(Opportunity).where(IS_SYNTHETIC)))
    of_provider = Counter(many.scalars(select(Opportunity.provider_id).where(IS_SYNTHETIC)))
    assert count(many, Venue, Venue.slug.startswith("synthetic--")) == 180
    for counted, most, times in ((at_venue, 180, 5), (of_provider, 36, 3)):
        largest = counted.most_common(1)[0][1]
        median = sorted(counted.values())[len(counted) // 2]
        assert largest > times * median
        assert 0.8 * most < len(counted) <= most


def test_a_million_would_have_venues_with_thousands() -> None:
    draw = heavy_tailed(Random(1), synthetic.venues_for(1_000_000))
    times = Counter(draw() for _ in range(200_000))
    assert synthetic.venues_for(1_000_000) == 60_000
    assert 2_000 < 5 * times.most_common(1)[0][1] < 10_000
    assert max(times) > 59_000


def test_venues_stand_at_live_postcodes_within_the_country(many: Session, table: Table) -> None:
    for venue in many.scalars(select(Venue).where(Venue.slug.startswith("synthetic--"))):
        unit = table.unit(venue.postcode)
        assert unit is not None
        assert not unit.is_terminated
        assert (venue.latitude, venue.longitude) == (unit.latitude, unit.longitude)
        assert 49 < venue.latitude < 61
        assert -9 < venue.longitude < 2


def test_all_but_a_few_can_be_joined_from_today_and_some_never_end(many: Session) -> None:
    midnight = datetime.combine(TODAY, datetime.max.time(), UK_TIME)
    ends = list(many.scalars(select(Opportunity.ends_at).where(IS_SYNTHETIC)))
    ended = [each for each in ends if each is not None and each <= midnight]
    assert 0.01 < len(ended) / COUNT < 0.05
    assert min(ended) > midnight - timedelta(days=90)
    assert 0.05 < ends.count(None) / COUNT < 0.4


def test_nobody_can_join_after_the_last_sitting(many: Session) -> None:
    last = (
        select(Opportunity.ends_at, func.max(Occurrence.ends_at))
        .join(Occurrence)
        .where(IS_SYNTHETIC)
        .group_by(Opportunity.id, Opportunity.ends_at)
    )
    closes_early = 0
    dated = many.execute(last).all()
    for ends_at, of_sittings in dated:
        # SQLite gives the highest moment without its zone.
        over = of_sittings if isinstance(of_sittings, datetime) else datetime.fromisoformat(of_sittings)
        assert ends_at is not None
        assert ends_at <= over.replace(tzinfo=over.tzinfo or UTC)
        closes_early += ends_at < over.replace(tzinfo=over.tzinfo or UTC)
    assert len(dated) > COUNT / 3
    assert 0.05 < closes_early / len(dated) < 0.25


def test_sittings_know_their_time_of_week(many: Session) -> None:
    sittings = many.scalars(select(Occurrence).join(Opportunity).where(IS_SYNTHETIC)).all()
    kept = [each.time_of_week for each in sittings]
    assert len(set(kept)) == 3
    for each, time_of_week in zip(sittings, kept, strict=True):
        assert Occurrence(starts_at=each.starts_at).time_of_week is time_of_week


def test_every_sample_skill_is_taught_the_first_of_a_theme_the_most(many: Session) -> None:
    assert {skill.slug for skill in seeds.read().shared.skills} == {slug for theme in THEMES.values() for slug in theme}
    taught = Counter(
        many.scalars(select(Skill.slug).join(opportunity_skill).join(Opportunity).where(IS_SYNTHETIC)).all()
    )
    assert set(taught) == {slug for theme in THEMES.values() for slug in theme}
    each_of = Counter(many.scalars(select(opportunity_skill.c.opportunity_id).join(Opportunity).where(IS_SYNTHETIC)))
    assert len(each_of) == COUNT
    assert set(each_of.values()) == {1, 2, 3}
    for theme in THEMES.values():
        slugs = list(theme)
        assert taught[slugs[0]] > 2 * taught[slugs[-1]]


def test_skills_go_with_the_kind(many: Session) -> None:
    def share(kind: Kind, theme: str) -> float:
        taught = select(Skill.slug).join(opportunity_skill).join(Opportunity).where(IS_SYNTHETIC)
        slugs = many.scalars(taught.where(Opportunity.kind == kind)).all()
        return sum(slug in THEMES[theme] for slug in slugs) / len(slugs)

    assert share(Kind.APPRENTICESHIP, "building") > 3 * share(Kind.EVENT, "building")
    assert share(Kind.VOLUNTEERING, "outdoors") > 3 * share(Kind.JOB, "outdoors")


def test_some_earn_a_sample_badge_that_shows_their_skill(many: Session) -> None:
    earned = many.execute(
        select(Opportunity, Badge)
        .join(opportunity_badge, opportunity_badge.c.opportunity_id == Opportunity.id)
        .join(Badge, Badge.id == opportunity_badge.c.badge_id)
        .where(IS_SYNTHETIC)
    ).all()
    assert 0.02 < len(earned) / COUNT < 0.3
    for opportunity, badge in earned:
        assert {skill.id for skill in badge.skills} & {skill.id for skill in opportunity.skills}


def test_many_are_free_and_most_welcome_adults(many: Session) -> None:
    free = count(many, Opportunity, IS_SYNTHETIC, Opportunity.cost_pence == 0)
    priced = count(many, Opportunity, IS_SYNTHETIC, Opportunity.cost_pence > 0)
    assert free > priced > COUNT / 10
    assert count(many, Opportunity, IS_SYNTHETIC, Opportunity.cost_pence.is_(None)) > COUNT / 10
    assert len(set(many.scalars(select(Opportunity.age_min).where(IS_SYNTHETIC)))) > 5


def test_providers_are_plainly_made_up_and_are_no_samples(many: Session) -> None:
    made_up = many.scalars(select(Provider).join(Opportunity).where(IS_SYNTHETIC).distinct()).all()
    assert all(each.name.startswith("Synthetic ") and not each.is_sample for each in made_up)
    assert len({each.name for each in made_up}) == len(made_up)


def test_words_are_common_and_rare_and_found(many: Session) -> None:
    def found(typed: str) -> int:
        query = fulltext.read(many, typed)
        assert query is not None
        return count(many, matching.having(dialect_of(many), query).subquery())

    assert found("synthetic") == COUNT
    assert found("synthetic welding") > 1
    once = [each for each in (name(number) for number in range(0, NAMES, 500)) if found(f"synthetic {each}") == 1]
    assert len(once) > 2


def test_a_search_with_words_finds_them_near(many: Session) -> None:
    query = fulltext.read(many, "synthetic")
    london = Drawn("SW1A 1AA", 51.5, -0.12, "London")
    found = nearest(many, london, Filters(now=datetime.now(UTC), words=query), 20)
    assert len(found) == 20


def test_what_is_indexed_in_bulk_is_what_is_indexed_one_by_one(sampled: Session) -> None:
    make(sampled)
    everything = text("SELECT * FROM opportunity_text ORDER BY 1, 2")
    words = text("SELECT word, stem FROM search_word ORDER BY word")
    bulk = sampled.execute(everything).all(), sampled.execute(words).all()
    fulltext.index(sampled)
    assert (sampled.execute(everything).all(), sampled.execute(words).all()) == bulk


def test_samples_and_others_rows_are_left_as_they_are(sampled: Session) -> None:
    before = rows(sampled, ~IS_SYNTHETIC)
    tables = (Provider, Venue, Skill, Badge)
    ids = [list(sampled.scalars(select(table.id).order_by(table.id))) for table in tables]
    make(sampled)
    assert rows(sampled, ~IS_SYNTHETIC) == before
    synthetic.remove(sampled)
    assert rows(sampled, ~IS_SYNTHETIC) == before
    assert [list(sampled.scalars(select(table.id).order_by(table.id))) for table in tables] == ids


def test_a_second_run_replaces_the_first(sampled: Session) -> None:
    others = count(sampled, Opportunity)
    make(sampled, 300)
    make(sampled, 100)
    assert count(sampled, Opportunity, IS_SYNTHETIC) == 100
    assert sampled.scalar(text("SELECT count(*) FROM opportunity_text")) == others + 100
    assert count(sampled, Provider, Provider.slug.startswith("synthetic--")) == 1


def test_what_comes_after_gets_an_id_of_its_own(sampled: Session) -> None:
    make(sampled)
    new = factories.opportunity(factories.venue(50.4, -4.1))
    sampled.add(new)
    sampled.flush()
    assert new.id == sampled.scalar(select(func.max(Opportunity.id)))


def test_samples_may_be_loaded_again_beside_them(sampled: Session) -> None:
    make(sampled)
    seeds.load(sampled, seeds.read(), TODAY)
    assert count(sampled, Opportunity, IS_SYNTHETIC) == 300


def test_an_interrupted_run_leaves_what_was_there(filled: Engine) -> None:
    def interrupt(what: str, _done: int, _total: int) -> None:
        if what == "What is derived":
            raise KeyboardInterrupt

    with Session(filled) as session:
        with pytest.raises(KeyboardInterrupt):
            synthetic.load(session, SPOTS, 50, 2, TODAY, interrupt)
        session.rollback()
        assert count(session, Opportunity, IS_SYNTHETIC) == COUNT


def test_without_the_sample_skills_it_says_what_to_do(session: Session) -> None:
    with pytest.raises(ValueError, match="run `flask seed` first"):
        make(session)


def test_what_weighs_nothing_is_never_drawn_and_what_weighs_little_now_and_then() -> None:
    draw = Weighted(Random(1), "abc", (1, 0, 1_000_000))
    drawn = Counter(draw() for _ in range(100_000))
    assert set(drawn) == {"a", "c"}
    assert drawn["c"] > 100 * drawn["a"]


def test_every_invented_name_is_another() -> None:
    assert len({name(number) for number in range(NAMES)}) > 0.98 * NAMES


@pytest.fixture(scope="module")
def app(new_database: NewDatabase) -> Iterator[Flask]:
    """A site whose database is still empty."""
    made = create_app(
        Settings(_env_file=None, database_url=new_database("seeded"), gazetteer_file=GAZETTEER, log_level="ERROR")
    )
    yield made
    made.extensions["engine"].dispose()


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["seed", *arguments])


def test_the_command_loads_the_samples_and_so_many_more(app: Flask) -> None:
    result = run(app, "--synthetic", "40")
    assert result.exit_code == 0, result.output
    assert "40 synthetic opportunities at 2 venues, for measuring only" in result.output
    with Session(app.extensions["engine"]) as session:
        assert count(session, Opportunity, IS_SYNTHETIC) == 40
        assert count(session, Opportunity, Opportunity.key.startswith("sample:")) > 160
        titles = session.scalars(select(Opportunity.title).where(IS_SYNTHETIC).order_by(Opportunity.key)).all()
    run(app, "--synthetic", "40", "--random-seed", "7")
    with Session(app.extensions["engine"]) as session:
        others = session.scalars(select(Opportunity.title).where(IS_SYNTHETIC).order_by(Opportunity.key)).all()
    assert len(others) == 40
    assert others != titles


def test_the_command_says_what_it_is_for(app: Flask) -> None:
    assert "For measuring, never for a public site" in " ".join(run(app, "--help").output.split())


@pytest.mark.parametrize("number", ["0", "-5", "5000001"])
def test_a_number_that_cannot_be_is_refused_in_one_line(app: Flask, number: str) -> None:
    result = run(app, "--synthetic", number)
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        f"Error: Between 1 and 5,000,000 synthetic opportunities can be made, not {int(number):,}"
    ]


def test_without_a_gazetteer_it_is_refused_in_one_line(app: Flask, tmp_path: Path) -> None:
    url = app.extensions["engine"].url.render_as_string(hide_password=False)
    bare = create_app(
        Settings(_env_file=None, database_url=url, gazetteer_file=tmp_path / "none.db", log_level="ERROR")
    )
    result = run(bare, "--synthetic", "10")
    bare.extensions["engine"].dispose()
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        f"Error: The gazetteer {tmp_path}/none.db is missing: run `flask gazetteer build`"
    ]
