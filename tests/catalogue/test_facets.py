"""Counts beside choices, against counting one by one."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from catalogue import derived, fulltext
from catalogue import facets as module
from catalogue.facets import Facets, facets
from catalogue.filters import Filters, Span
from catalogue.models import Occurrence, Skill
from catalogue.nearest import nearest
from catalogue.queries import count_without_venue, without_venue
from catalogue.words import Kind, Layer, TimeOfWeek
from tests.catalogue.factories import opportunity, provider, venue
from tests.catalogue.test_nearest import HERE

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)  # a Wednesday
DAY = timedelta(days=1)
LIVE = Filters(now=NOW, within_miles=5.0)
AGES = (11, 16, 18, 40)
SPANS = {"soon": Span(NOW, NOW + 2 * DAY), "later": Span(NOW + 2 * DAY, NOW + 20 * DAY)}
SKILLS = ("welding", "singing", "maths")


@pytest.fixture
def town(session: Session) -> Session:
    """160 opportunities of every sort, within and beyond five miles, and with no place at all."""
    chance = random.Random(4)
    skills = [Skill(slug=name, name=name.title(), framework="f", identifier=name) for name in SKILLS]
    owner = provider()
    spots = [venue(HERE.latitude + chance.uniform(-0.12, 0.12), HERE.longitude) for _ in range(25)]
    for _ in range(160):
        sittings = []
        if chance.random() < 0.7:
            starts = sorted(
                {NOW + timedelta(hours=6 * chance.randrange(-4, 40)) for _ in range(chance.randrange(1, 4))}
            )
            sittings = [Occurrence(starts_at=start, ends_at=start + timedelta(hours=2)) for start in sorted(starts)]
        youngest = chance.choice([None, 11, 16, 18])
        last = max((each.ends_at for each in sittings), default=None)
        session.add(
            opportunity(
                *chance.sample(spots, chance.choice([0, 1, 1, 1, 2])),
                provider=owner,
                title=chance.choice(["Weld", "Sing", "Count"]),
                kind=chance.choice(list(Kind)),
                layer=chance.choice(list(Layer)),
                cost_pence=chance.choice([None, 0, 0, 500]),
                age_min=youngest,
                age_max=chance.choice([None, 18, 25]),
                skills=chance.sample(skills, chance.randrange(3)),
                occurrences=sittings,
                ends_at=chance.choice([last, NOW + 30 * DAY, NOW + 30 * DAY, NOW - DAY]),
            )
        )
    derived.index(session)
    return session


def count(session: Session, filters: Filters) -> int:
    """By going and looking."""
    return len(nearest(session, HERE, filters, 1_000)) + len(without_venue(session, filters, 1_000))


SEARCHES: dict[str, dict[str, Any]] = {
    "nothing": {},
    "a kind": {"kinds": frozenset({Kind.WORKSHOP, Kind.COURSE, Kind.JOB})},
    "a layer": {"layers": frozenset({Layer.ENGAGE, Layer.LEAD})},
    "a skill": {"skills": frozenset({"welding", "maths"})},
    "free": {"is_free": True},
    "an age": {"age": 16},
    "days": {"span": SPANS["soon"]},
    "a time": {"times": frozenset({TimeOfWeek.EVENING})},
    "days and a time": {"span": SPANS["later"], "times": frozenset({TimeOfWeek.WEEKEND, TimeOfWeek.DAYTIME})},
    "much": {
        "layers": frozenset({Layer.ENGAGE, Layer.PARTICIPATE}),
        "is_free": True,
        "age": 18,
        "span": SPANS["later"],
    },
    "no distance": {"within_miles": None, "is_free": True},
}


@pytest.mark.parametrize("search", SEARCHES)
def test_every_count_is_what_going_there_would_give(town: Session, search: str) -> None:
    filters = replace(LIVE, **SEARCHES[search])
    found = facets(town, HERE, filters, AGES, SPANS)
    assert not found.is_bounded
    assert found.total == count(town, filters)
    assert found.elsewhere == count_without_venue(town, filters) > 0
    assert_choices(town, filters, found)


def assert_choices(session: Session, filters: Filters, found: Facets) -> None:
    def counts(name: str, values: Any) -> list[int]:
        return [count(session, replace(filters, **{name: value})) for value in values]

    assert [found.kinds[kind] for kind in Kind] == counts("kinds", [frozenset({kind}) for kind in Kind])
    assert [found.layers[layer] for layer in Layer] == counts("layers", [frozenset({layer}) for layer in Layer])
    assert [found.free] == counts("is_free", [True])
    assert [found.ages[age] for age in AGES] == counts("age", AGES)
    assert [found.spans[name] for name in SPANS] == counts("span", SPANS.values())
    assert [found.times[time] for time in TimeOfWeek] == counts("times", [frozenset({time}) for time in TimeOfWeek])
    by_slug = {skill.slug: number for skill, number in found.skills}
    assert [by_slug.get(slug, 0) for slug in SKILLS] == counts("skills", [frozenset({slug}) for slug in SKILLS])
    for name, question, options in (
        ("kinds", "kind", list(Kind)),
        ("layers", "layer", list(Layer)),
        ("times", "sitting", list(TimeOfWeek)),
        ("skills", "skill", list(SKILLS)),
    ):
        chosen = getattr(filters, name)
        for option in options if chosen else []:
            expected = count(session, replace(filters, **{name: chosen | {option}})) - found.total
            assert found.added[question][option] == expected, option  # type: ignore[index]  # a StrEnum is its text
    without = {"kinds": frozenset[Kind](), "layers": frozenset[Layer](), "is_free": False, "age": None}
    for question, (name, value) in zip(("kind", "layer", "free", "age"), without.items(), strict=True):
        assert [found.without[question]] == counts(name, [value])  # type: ignore[index]  # a StrEnum is its text


def test_words_are_part_of_every_count(town: Session) -> None:
    filters = replace(LIVE, words=fulltext.read(town, "welding"), layers=frozenset({Layer.LEAD}))
    found = facets(town, HERE, filters, AGES, SPANS)
    assert found.total == count(town, filters)
    assert 0 < sum(found.kinds.values()) < count(town, LIVE)
    assert_choices(town, filters, found)


def test_what_is_at_several_venues_counts_once(session: Session) -> None:
    session.add(opportunity(venue(50.37, -4.14), venue(50.371, -4.14), venue(50.372, -4.14)))
    session.flush()
    assert facets(session, HERE, LIVE, AGES, SPANS).total == 1


def test_beyond_the_bound_the_counts_are_said_to_be_at_least(town: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "COUNT_BOUND", 20)
    found = facets(town, HERE, LIVE, AGES, SPANS)
    assert found.is_bounded
    assert 0 < found.total <= 40
    assert found.elsewhere == 20
    # How many of all are free, the first 20 do not tell.
    assert facets(town, HERE, replace(LIVE, is_free=True), AGES, SPANS).elsewhere is None


def test_a_few_statements_do(town: Session) -> None:
    statements: list[str] = []
    event.listen(town.connection(), "before_cursor_execute", lambda *call: statements.append(call[2]))
    facets(town, HERE, replace(LIVE, **SEARCHES["much"]), AGES, SPANS)
    # Up to two circles, and what has no place; who has a skill, and a sitting; the sittings; the skills (3).
    assert len(statements) <= 9, statements
