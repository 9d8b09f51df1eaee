"""Pins of a part of the map: every opportunity once, none on top of another, and alike however they are counted."""

import math
import random
from collections import Counter
from collections.abc import Collection
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from catalogue import fulltext, pins, sums
from catalogue.filters import Filters
from catalogue.grid import FINEST_LEVEL, Box, cell, cells, position
from catalogue.models import Opportunity, Skill, opportunity_venue
from catalogue.pins import MOST_PINS, TOO_CLOSE, Counted, Pin, at
from catalogue.words import Kind, Layer, Reach
from tests.catalogue.factories import opportunity, provider, venue

NOW = datetime.now(UTC)
ANY = Filters(now=NOW)
TOWN = Box(-4.3, 50.3, -4.0, 50.5)
COUNTRY = Box(-9.0, 49.0, 3.0, 61.0)
KINDS, LAYERS = list(Kind), list(Layer)


@pytest.fixture
def town(session: Session) -> Session:
    """Sixty venues around Plymouth with a hundred and eighty opportunities, every third with a second venue."""
    chance = random.Random(5)
    spots = [venue(chance.uniform(50.3, 50.5), chance.uniform(-4.3, -4.0)) for _ in range(60)]
    welding = Skill(slug="welding", name="Welding", framework="f", identifier="w")
    offers = provider()
    for count in range(180):
        also = [spots[(count + 7) % 60]] if count % 3 == 0 else []
        made = opportunity(
            spots[count % 60],
            *also,
            provider=offers,
            kind=KINDS[count % 10],
            layer=LAYERS[count % 4],
            cost_pence=0 if count % 2 else 500,
            age_min=18 if count % 5 == 0 else None,
            skills=[welding] if count % 20 == 0 else [],
            title="A weld" if count % 20 == 0 else "A thing",
        )
        session.add(made)
    session.flush()
    fulltext.index(session)
    sums.index_missing(session)
    return session


def shown(session: Session, box: Box, zoom: int, filters: Filters = ANY) -> list[Pin]:
    return list(pins.pins(session, box, zoom, filters).pins)


def links(session: Session) -> list[tuple[int, int]]:
    return [(row[0], row[1]) for row in session.execute(select(opportunity_venue))]


@pytest.mark.parametrize("zoom", [0, 5, 8, 10, 11, 12, 14, 17, 19])
def test_every_venue_is_in_one_pin_whatever_the_zoom(town: Session, zoom: int) -> None:
    found = pins.pins(town, TOWN, zoom, ANY)
    assert sum(pin.venues for pin in found.pins) == 60
    assert found.count == 180
    assert found.counted is Counted.EXACTLY
    assert len(found.pins) <= MOST_PINS
    squares = [square for pin in found.pins for square in pin.squares]
    assert len(squares) == len(set(squares))


def test_the_closer_one_looks_the_fewer_share_a_pin(town: Session) -> None:
    numbers = [len(shown(town, TOWN, zoom)) for zoom in (6, 9, 11, 13)]
    assert numbers == sorted(numbers)
    assert numbers[0] == 1
    close = Box(-4.16, 50.39, -4.1, 50.41)
    assert all(pin.venues == 1 and pin.name.startswith("Venue") for pin in shown(town, close, 18))


@pytest.mark.parametrize("bound", [pins.EXACT, 0], ids=["one by one", "summed"])
@pytest.mark.parametrize("zoom", [8, 11, 12, 15])
def test_no_two_pins_touch(town: Session, monkeypatch: pytest.MonkeyPatch, zoom: int, bound: int) -> None:
    monkeypatch.setattr(pins, "EXACT", bound)
    found = pins.pins(town, TOWN, zoom, ANY)
    spots = [position(pin.longitude, pin.latitude, found.level) for pin in found.pins]
    assert spots
    for number, one in enumerate(spots):
        assert all(math.dist(one, other) >= TOO_CLOSE for other in spots[:number])


FILTERS = [
    ANY,
    Filters(now=NOW, kinds=frozenset({Kind.JOB})),
    Filters(now=NOW, layers=frozenset({Layer.LEAD, Layer.ENGAGE})),
    Filters(now=NOW, kinds=frozenset({Kind.JOB, Kind.EVENT}), layers=frozenset({Layer.ENGAGE})),
]


@pytest.mark.parametrize("filters", FILTERS, ids=["all", "a kind", "two layers", "both"])
@pytest.mark.parametrize("zoom", [7, 11, 12, 14])
def test_sums_say_what_counting_says(
    town: Session, monkeypatch: pytest.MonkeyPatch, zoom: int, filters: Filters
) -> None:
    """Where no opportunity has two venues, the two ways agree."""
    one_each = delete(opportunity_venue).where(opportunity_venue.c.opportunity_id % 3 == 1)
    town.execute(one_each)
    twice = [each for each, many in Counter(number for number, _ in links(town)).items() if many > 1]
    town.execute(delete(opportunity_venue).where(opportunity_venue.c.opportunity_id.in_(twice)))
    sums.index_missing(town)
    counted = pins.pins(town, TOWN, zoom, filters)
    monkeypatch.setattr(pins, "EXACT", -1)
    summed = pins.pins(town, TOWN, zoom, filters)
    assert (counted.counted, summed.counted) == (Counted.EXACTLY, Counted.ABOUT)
    assert summed.count == counted.count

    def by_square(found: Collection[Pin]) -> dict[tuple[int, int], tuple[int, int]]:
        return {min(pin.squares): (pin.count, pin.venue_id or 0) for pin in found}

    # Above the blocks a square's middle is that of all its venues, not only of those with something of a kind.
    if zoom + 2 > sums.BLOCK_LEVEL or filters is ANY:
        assert by_square(summed.pins) == by_square(counted.pins)


def test_a_single_venue_says_its_kind_and_layer_where_it_has_one(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone, mixed = venue(50.4, -4.1), venue(50.45, -4.2)
    session.add(opportunity(alone, kind=Kind.JOB, layer=Layer.LEAD))
    session.add_all([opportunity(mixed, kind=Kind.JOB), opportunity(mixed, kind=Kind.EVENT)])
    session.flush()
    sums.index_missing(session)
    for bound in (pins.EXACT, -1):
        monkeypatch.setattr(pins, "EXACT", bound)
        told = {(pin.name, pin.kind, pin.layer, pin.count) for pin in shown(session, TOWN, 14)}
        assert told == {(alone.name, Kind.JOB, Layer.LEAD, 1), (mixed.name, None, Layer.PARTICIPATE, 2)}
        jobs = Filters(now=NOW, kinds=frozenset({Kind.JOB}))
        assert {(pin.name, pin.kind) for pin in shown(session, TOWN, 14, jobs)} == {
            (alone.name, Kind.JOB),
            (mixed.name, Kind.JOB),
        }


def test_what_sums_do_not_know_is_the_most_there_can_be(town: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    free = Filters(now=NOW, is_free=True)
    assert pins.pins(town, TOWN, 12, free).count == 90 + 18  # those paid to the learner
    monkeypatch.setattr(pins, "EXACT", 20)
    found = pins.pins(town, TOWN, 12, free)
    assert found.counted is Counted.AT_MOST
    assert found.count == sum(pin.count for pin in found.pins) >= 180


@pytest.mark.parametrize("what", ["skill", "words"])
def test_few_with_a_word_or_a_skill_are_counted_wherever_they_are(
    town: Session, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setattr(pins, "EXACT", 20)
    rare = (
        Filters(now=NOW, skills=frozenset({"welding"}), is_free=False)
        if what == "skill"
        else Filters(now=NOW, words=fulltext.read(town, "welding"))
    )
    found = pins.pins(town, COUNTRY, 5, rare)
    assert (found.count, found.counted) == (9, Counted.EXACTLY)
    assert found.pins[0].count == 9


def test_only_what_lies_in_the_box_is_shown(town: Session) -> None:
    half = Box(TOWN.west, TOWN.south, TOWN.longitude, TOWN.north)
    found = shown(town, half, 15)
    assert 0 < sum(pin.venues for pin in found) < 60
    assert all(half.holds(pin.longitude, pin.latitude) for pin in found)
    assert shown(town, Box(1.0, 52.0, 1.1, 52.1), 12) == []


def test_what_has_ended_or_has_no_place_is_not_shown(session: Session) -> None:
    spot = venue(50.4, -4.1)
    session.add(opportunity(spot, ends_at=NOW - timedelta(days=1)))
    session.add(opportunity(spot, reach=Reach.ONLINE))
    session.add(opportunity(spot, ends_at=NOW + timedelta(days=1)))
    session.flush()
    sums.index_missing(session)
    (pin,) = shown(session, TOWN, 14)
    assert pin.count == 1


def test_sums_follow_what_changes(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pins, "EXACT", -1)
    first, second = venue(50.4, -4.1), venue(50.45, -4.2)
    moving, staying = opportunity(first), opportunity(first)
    session.add_all([moving, staying, opportunity(second)])
    session.flush()
    assert sums.index_missing(session) == 2
    assert sums.index_missing(session) == 0

    def counts() -> dict[str, int]:
        return {pin.name: pin.count for pin in shown(session, TOWN, 14)}

    assert counts() == {first.name: 2, second.name: 1}
    moving.venues = [second]
    session.flush()
    sums.index(session, [moving.id])
    assert counts() == {first.name: 1, second.name: 2}
    session.execute(delete(Opportunity).where(Opportunity.id == staying.id))
    assert sums.index_missing(session) == 1
    assert counts() == {second.name: 2}
    moving.ends_at = datetime.now(UTC) + timedelta(hours=1)
    session.flush()
    sums.index(session, [moving.id])
    monkeypatch.setattr(sums, "now", lambda: datetime.now(UTC) + timedelta(days=1))
    assert sums.index_missing(session) == 1


def test_a_square_opens_with_all_that_is_in_it(town: Session) -> None:
    found = pins.pins(town, TOWN, 12, ANY)
    crowd = max(found.pins, key=lambda pin: pin.venues)
    rows = at(town, found.level, crowd.squares, ANY, 500)
    assert len({opportunity_id for _, opportunity_id in rows}) == crowd.count
    assert len({venue_id for venue_id, _ in rows}) == crowd.venues
    assert rows == sorted(rows)
    assert at(town, found.level, crowd.squares, ANY, 3) == rows[:3]
    single = next(pin for pin in found.pins if pin.venues == 1)
    assert {venue_id for venue_id, _ in at(town, found.level, single.squares, ANY, 500)} == {single.venue_id}


def test_the_grid_is_that_of_web_maps() -> None:
    # https://wiki.openstreetmap.org/wiki/Slippy_map_tilenames: the tile of Greenwich's pier on zoom 10.
    assert cell(-0.0095, 51.4834, 10) == (511, 340)
    assert cell(-180, 90, 3) == (0, 0)
    assert cell(180, -90, 3) == (7, 7)
    touched = cells(TOWN, 10)
    assert touched.count == (touched.right - touched.left + 1) * (touched.bottom - touched.top + 1) > 0
    x, y = cell(-4.1, 50.4, FINEST_LEVEL)
    assert (x >> 12, y >> 12) == cell(-4.1, 50.4, 10)
