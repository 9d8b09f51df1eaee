import json
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalogue.words import Kind, Layer, Reach
from feeds.fetching import FetchFailed
from feeds.openactive import FORMAT, read
from feeds.reading import Gone, Item, Mark, Read, SourceUnreadable
from feeds.record import OpportunityRecord, ProviderRecord, SkillRecord, VenueRecord
from feeds.schedules import MOST_SITTINGS
from tests.feeds.fakes_openactive import NOW, Source, outcome

SAMPLES = Path(__file__).parent / "samples" / "openactive"
SERIES_FEED = "https://bookings.example/feeds/series"
SESSIONS_FEED = "https://bookings.example/feeds/sessions"
SERIES = "https://bookings.example/session-series/7"
FACILITY = "https://bookings.example/facility-uses/1"
COURT = f"{FACILITY}/courts/1"
Data = dict[str, Any]


def sample(name: str) -> Data:
    """The data of the one item in a sample."""
    data: Data = json.loads((SAMPLES / f"{name}.json").read_text())["items"][0]["data"]
    return data


def updated(kind: str, identifier: str | int, data: Any) -> Data:
    return {"state": "updated", "kind": kind, "id": identifier, "modified": "1", "data": data}


def deleted(kind: str, identifier: str | int) -> Data:
    return {"state": "deleted", "kind": kind, "id": identifier, "modified": 2}


def series(**changes: Any) -> Data:
    """A series that has no schedule."""
    data = {name: value for name, value in sample("session_series").items() if name != "eventSchedule"}
    return updated("SessionSeries", 7, data | changes)


def session(number: int, day: int = 7, **changes: Any) -> Data:
    data = {
        "@type": "ScheduledSession",
        "@id": f"{SERIES}#/{number}",
        "superEvent": SERIES,
        "startDate": f"2026-07-{day:02}T18:00:00Z",
        "endDate": f"2026-07-{day:02}T19:00:00Z",
    }
    return updated("ScheduledSession", number, data | changes)


def slot(number: int, starts_at: datetime, uses: int = 1, facility: Any = COURT) -> Data:
    starts = starts_at.isoformat()
    data = {"type": "Slot", "facilityUse": facility, "startDate": starts, "duration": "PT30M", "remainingUses": uses}
    return updated("FacilityUse/Slot", number, data)


class Feeds:
    """Feeds that publishers add to: each batch of items is one page."""

    def __init__(self, *addresses: str) -> None:
        self.batches: dict[str, list[list[Data]]] = {address: [] for address in addresses}
        self.source = Source(read, " ".join(addresses), self.page)

    def page(self, url: str) -> bytes:
        address, _, after = url.partition("?after=")
        number = int(after or 0)
        batches = self.batches[address]
        here = batches[number] if number < len(batches) else []
        following = min(number + 1, len(batches))
        return json.dumps({"next": f"{address}?after={following}", "items": here}).encode()

    def publish(self, address: str, *items: Data, now: datetime = NOW) -> list[Read]:
        self.batches[address].append(list(items))
        return self.source.refresh(now)


def one_feed(*items: Data) -> Source:
    feeds = Feeds(SERIES_FEED)
    feeds.publish(SERIES_FEED, *items)
    return feeds.source


def _brief(made: OpportunityRecord) -> tuple[str, Kind, Reach, int]:
    return made.title, made.kind, made.reach, len(made.sittings)


def test_each_sample_becomes_what_it_is() -> None:
    found: dict[str, Any] = {}
    for path in SAMPLES.glob("*.json"):
        source = Source(read, str(path))
        source.refresh()
        for made in source.records().values():
            found[path.stem] = made if isinstance(made, str) else _brief(made)
    assert found == {
        "session_series": ("Barbell basics", Kind.WORKSHOP, Reach.VENUE, 9),
        "series_with_sessions": ("Barbell basics", Kind.WORKSHOP, Reach.VENUE, 2),
        "scheduled_session": ("Barbell basics", Kind.WORKSHOP, Reach.VENUE, 1),
        "session_alone": ("One-off spin", Kind.WORKSHOP, Reach.VENUE, 1),
        "course_instance": ("Netball camp", Kind.COURSE, Reach.VENUE, 1),
        "event_in_series": ("Sunday ride", Kind.EVENT, Reach.VENUE, 1),
        "virtual_session": ("Yoga at home", Kind.WORKSHOP, Reach.ONLINE, 1),
        "on_demand": ("Chair exercises", Kind.ONLINE, Reach.ONLINE, 0),
        "facility_use": ("Tennis Court", Kind.INFORMATION, Reach.VENUE, 0),
        "place": "Its type, Place, is not one that a person can do by itself.",
        # A slot waits for its facility, so it is not in here.
    }


def test_a_series_has_all_its_fields() -> None:
    found = one_feed(updated("SessionSeries", 7, sample("session_series"))).record()
    assert found.sittings[0].starts_at == datetime(2026, 6, 2, 18, tzinfo=UTC)
    assert found == OpportunityRecord(
        title="Barbell basics",
        kind=Kind.WORKSHOP,
        layer=Layer.PARTICIPATE,
        provider=ProviderRecord(name="Millfield Leisure", url="https://millfield.example"),
        description="Lift light weights to loud music. Ask Nic on … or ….\n\nFor women and girls only.",
        venues=(
            VenueRecord(
                name="Millfield Leisure Centre",
                address="1 Mill Road",
                town="Plymouth",
                postcode="PL1 2AA",
                latitude=50.3716,
                longitude=-4.143,
            ),
        ),
        sittings=found.sittings,
        cost_pence=330,
        cost_note="This is the lowest of several prices.",
        age_min=14,
        age_max=25,
        level="Beginner",
        url="https://millfield.example/barbell",
        accessibility="Support for: Visual impairment.",
        skills=(
            SkillRecord(
                name="Bodypump",
                framework="OpenActive activity list",
                identifier="https://openactive.io/activity-list#5e78bcbe-36db-425a-9064-bf96d09cc351",
            ),
        ),
    )


def test_nothing_of_a_person_is_kept() -> None:
    source = one_feed(updated("SessionSeries", 7, sample("session_series")))
    kept = b"".join(part.content for part in source.parts.kept.values()) + source.items[SERIES].content
    assert not [word for word in (b"Nicole", b"nic@", b"07700", b"01752", b"hello@") if word in kept]
    alone = one_feed(series(organizer={"type": "Person", "name": "Jane Smith"}))
    assert b"Jane" not in b"".join(part.content for part in alone.parts.kept.values())


@pytest.mark.parametrize("order", [[SERIES_FEED, SESSIONS_FEED], [SESSIONS_FEED, SERIES_FEED]])
def test_split_feeds_are_joined_in_either_order(order: list[str]) -> None:
    feeds = Feeds(*order)
    feeds.batches[SERIES_FEED] = [[series()]]
    feeds.batches[SESSIONS_FEED] = [[session(1, 7), session(2, 14)], [session(3, 21)]]
    feeds.source.refresh()
    assert [sitting.starts_at.day for sitting in feeds.source.record().sittings] == [7, 14, 21]
    assert feeds.source.marks == {SERIES_FEED: f"{SERIES_FEED}?after=1", SESSIONS_FEED: f"{SESSIONS_FEED}?after=2"}


def test_a_session_waits_for_its_series() -> None:
    feeds = Feeds(SESSIONS_FEED, SERIES_FEED)
    given = feeds.publish(SESSIONS_FEED, session(1))
    assert {type(one) for one in given} == {Mark}
    given = feeds.publish(SERIES_FEED, series())
    assert [one.identifier for one in given if isinstance(one, Item)] == [SERIES]


def test_a_page_gives_each_opportunity_once_and_then_its_mark() -> None:
    given = Feeds(SERIES_FEED).publish(SERIES_FEED, session(1), series(), session(2), session(3))
    assert [type(one) for one in given] == [Item, Mark, Mark]
    item = given[0]
    assert isinstance(item, Item)
    assert item.where == "page 1, item 4"


def test_nothing_new_gives_nothing() -> None:
    feeds = Feeds(SERIES_FEED)
    feeds.publish(SERIES_FEED, series(), session(1))
    given = feeds.source.refresh()
    assert given == [Mark(SERIES_FEED, f"{SERIES_FEED}?after=1")]


def test_a_deleted_session_changes_its_series_and_a_deleted_series_is_gone() -> None:
    feeds = Feeds(SERIES_FEED)
    feeds.publish(SERIES_FEED, series(), session(1, 7), session(2, 14))
    feeds.publish(SERIES_FEED, deleted("ScheduledSession", 1))
    assert [sitting.starts_at.day for sitting in feeds.source.record().sittings] == [14]
    assert Gone(SERIES) in feeds.publish(SERIES_FEED, deleted("SessionSeries", 7))
    assert feeds.publish(SERIES_FEED, deleted("SessionSeries", 99), deleted("Event", 7)) == [
        Mark(SERIES_FEED, f"{SERIES_FEED}?after={number}") for number in (4, 4)
    ]
    feeds.publish(SERIES_FEED, series())
    assert len(feeds.source.record().sittings) == 1, "its other session was still known"


def test_the_same_id_in_two_feeds_is_two_things() -> None:
    feeds = Feeds(SERIES_FEED, SESSIONS_FEED)
    feeds.batches[SERIES_FEED] = [[updated("Event", 1, sample("session_alone") | {"name": "A"})]]
    feeds.batches[SESSIONS_FEED] = [[updated("Event", 1, sample("session_alone") | {"name": "B"})]]
    feeds.source.refresh()
    assert len(feeds.source.items) == 2
    feeds.publish(SESSIONS_FEED, deleted("Event", "1"))
    assert feeds.source.record().title == "A"


def test_a_session_that_moves_to_another_series_leaves_the_first() -> None:
    feeds = Feeds(SERIES_FEED)
    other = f"{SERIES}0"
    feeds.publish(SERIES_FEED, series(), updated("SessionSeries", 70, series()["data"] | {"@id": other}), session(1))
    assert feeds.source.records()[other] == "No date of it is known."
    feeds.publish(SERIES_FEED, session(1, superEvent={"@type": "SessionSeries", "@id": other}))
    assert feeds.source.records()[SERIES] == "No date of it is known."
    assert isinstance(feeds.source.records()[other], OpportunityRecord)


def test_a_session_that_holds_its_series_stands_in_for_it() -> None:
    feeds = Feeds(SERIES_FEED)
    held = sample("scheduled_session")
    later = held | {"@id": f"{SERIES}#/2", "startDate": "2026-07-15T18:00:00Z"}
    feeds.publish(SERIES_FEED, updated("ScheduledSession", 1, held), updated("ScheduledSession", 2, later))
    assert len(feeds.source.record().sittings) == 2
    feeds.publish(SERIES_FEED, deleted("ScheduledSession", 1))
    assert len(feeds.source.record().sittings) == 1
    assert Gone(SERIES) in feeds.publish(SERIES_FEED, deleted("ScheduledSession", 2))


def test_sessions_that_hold_a_series_without_an_address_are_joined_by_its_identifier() -> None:
    held = sample("scheduled_session")
    held["superEvent"] = {**held["superEvent"], "identifier": 123}
    del held["superEvent"]["@id"]
    found = one_feed(updated("S", 1, held), updated("S", 2, held | {"startDate": "2026-07-16T18:00:00Z"})).record()
    assert len(found.sittings) == 2


def test_a_series_is_told_of_by_an_event_series_and_a_place_in_other_feeds() -> None:
    above, place = "https://bookings.example/event-series/1", "https://bookings.example/places/1"
    bare = {name: series()["data"][name] for name in ("@type", "@id", "url")}
    feeds = Feeds(SERIES_FEED, SESSIONS_FEED)
    feeds.publish(SERIES_FEED, updated("SessionSeries", 7, bare | {"superEvent": above, "location": place}), session(1))
    assert outcome(feeds.source.items[SERIES]) == "It has no name."
    words = {name: series()["data"][name] for name in ("name", "description", "organizer")}
    feeds.publish(SESSIONS_FEED, updated("EventSeries", 1, words | {"@type": "EventSeries", "@id": above}))
    found = outcome(feeds.source.items[SERIES])
    assert isinstance(found, OpportunityRecord)
    assert (found.title, found.reach) == ("Barbell basics", Reach.UNKNOWN)
    feeds.publish(SESSIONS_FEED, updated("Place", "P1", sample("place")))
    found = outcome(feeds.source.items[SERIES])
    assert isinstance(found, OpportunityRecord)
    assert [venue.postcode for venue in found.venues] == ["PL1 2AA"]


@pytest.mark.parametrize("slots_first", [True, False])
def test_the_slots_of_a_court_are_those_of_its_facility(slots_first: bool) -> None:
    slots = [slot(n, NOW + timedelta(hours=n), n % 2) for n in range(1, 5)]
    facility = [updated("FacilityUse", 1, sample("facility_use"))]
    feeds = Feeds(SERIES_FEED)
    feeds.publish(SERIES_FEED, *(slots if slots_first else facility))
    feeds.publish(SERIES_FEED, *(facility if slots_first else slots))
    found = feeds.source.record()
    assert [sitting.starts_at.hour for sitting in found.sittings] == [10, 12]
    assert not found.is_full
    feeds.publish(SERIES_FEED, *(slot(n, NOW + timedelta(hours=n), 0) for n in range(1, 5)))
    assert feeds.source.record().is_full
    feeds.publish(SERIES_FEED, deleted("FacilityUse", 1))
    assert not feeds.source.items


def test_a_court_in_a_feed_of_its_own_belongs_to_its_facility() -> None:
    facility = sample("facility_use")
    del facility["individualFacilityUse"]
    court = {"@type": "IndividualFacilityUse", "@id": COURT, "aggregateFacilityUse": FACILITY, "name": "Court 1"}
    feeds = Feeds(SERIES_FEED)
    feeds.publish(SERIES_FEED, slot(1, NOW), updated("FacilityUse", 1, facility))
    assert feeds.source.record().sittings == ()
    feeds.publish(SERIES_FEED, updated("IndividualFacilityUse", 5, court))
    assert len(feeds.source.record().sittings) == 1
    feeds.publish(SERIES_FEED, deleted("IndividualFacilityUse", 5))
    assert feeds.source.record().sittings == ()


def test_of_many_slots_the_soonest_are_sittings() -> None:
    slots = [slot(n, NOW + timedelta(hours=n), facility=FACILITY) for n in range(-20, 400)]
    found = one_feed(updated("FacilityUse", 1, sample("facility_use")), *slots).record()
    assert len(found.sittings) == MOST_SITTINGS
    assert found.sittings[0].ends_at > NOW


def test_a_series_is_full_when_all_to_come_are() -> None:
    full = [session(1, 5, remainingAttendeeCapacity=4), session(2, 7, remainingAttendeeCapacity=0)]
    assert one_feed(series(), *full).record().is_full
    assert not one_feed(series(), *full, session(3, 9)).record().is_full


def test_cancelled_and_postponed_sessions_are_left_out() -> None:
    cancelled = session(1, 7, eventStatus="https://schema.org/EventCancelled")
    postponed = session(2, 14, eventStatus="EventPostponed")
    assert len(one_feed(series(), cancelled, postponed, session(3, 21)).record().sittings) == 1
    assert list(one_feed(series(), cancelled).records().values()) == ["All its dates are cancelled or postponed."]
    planned = updated("SessionSeries", 7, sample("session_series"))
    days = [sitting.starts_at.day for sitting in one_feed(planned, cancelled).record().sittings]
    assert 14 in days
    assert days.count(7) == 0


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"eventStatus": "https://schema.org/EventCancelled"}, "It is cancelled."),
        ({"eventStatus": "schema:EventPostponed"}, "It is postponed, and no other date is given."),
        ({"organizer": {"@type": "Person", "name": "Jane"}}, "It names no organisation that offers it."),
        ({"name": " ", "activity": None}, "It has no name."),
        ({"startDate": "soon"}, "No date of it is known."),
    ],
)
def test_what_cannot_be_an_opportunity_is_refused(changes: Data, reason: str) -> None:
    assert list(one_feed(updated("Event", 1, sample("session_alone") | changes)).records().values()) == [reason]


@pytest.mark.parametrize(
    ("changes", "reach"),
    [
        ({"eventAttendanceMode": "https://schema.org/OnlineEventAttendanceMode"}, Reach.ONLINE),
        ({"eventAttendanceMode": "schema:MixedEventAttendanceMode"}, Reach.VENUE),
        ({"eventAttendanceMode": "MixedEventAttendanceMode", "location": None}, Reach.ONLINE),
        ({"beta:isVirtual": True}, Reach.ONLINE),
        ({"location": {"@type": "VirtualLocation", "url": "https://video.example"}}, Reach.ONLINE),
        ({"location": None}, Reach.UNKNOWN),
        ({"location": {"geo": {"latitude": "0", "longitude": 0}}}, Reach.VENUE),
        ({"location": "Guildhall, Plymouth PL1 2AA"}, Reach.VENUE),
    ],
)
def test_where_it_is(changes: Data, reach: Reach) -> None:
    found = one_feed(updated("Event", 1, sample("session_alone") | changes)).record()
    assert found.reach == reach
    assert bool(found.venues) == (reach == Reach.VENUE)


@pytest.mark.parametrize(
    ("offers", "pence", "note"),
    [
        ([{"price": 0}], 0, None),
        ([{"price": "7.05", "priceCurrency": "GBP"}], 705, None),
        ([{"price": 9, "priceCurrency": "EUR"}], None, "The price is in another currency, EUR."),
        ([{"price": -1}, {"price": "free"}, {"price": 1e300}, None], None, None),
    ],
)
def test_what_it_costs(offers: Any, pence: int | None, note: str | None) -> None:
    found = one_feed(updated("Event", 1, sample("session_alone") | {"offers": offers})).record()
    assert (found.cost_pence, found.cost_note) == (pence, note)


def test_a_schedule_is_expanded_again_as_time_goes_on() -> None:
    endless = sample("session_series")
    del endless["eventSchedule"][0]["endDate"]
    feeds = Feeds(SERIES_FEED)
    feeds.publish(SERIES_FEED, updated("SessionSeries", 7, endless))
    before = feeds.source.items[SERIES]
    assert not [one for one in feeds.source.refresh(NOW + timedelta(weeks=3)) if isinstance(one, Item)]
    given = feeds.source.refresh(NOW + timedelta(weeks=5))
    (again,) = (one for one in given if isinstance(one, Item))
    assert again.content != before.content
    assert feeds.source.record().sittings[-1].starts_at > NOW + timedelta(weeks=30)
    assert not [one for one in feeds.source.refresh(NOW + timedelta(weeks=5)) if isinstance(one, Item)]


def test_a_schedule_that_begins_far_ahead_is_given_when_it_comes_near() -> None:
    far = sample("session_series")
    far["eventSchedule"][0] |= {"startDate": "2027-03-02", "endDate": "2027-06-30"}
    feeds = Feeds(SERIES_FEED)
    feeds.publish(SERIES_FEED, updated("SessionSeries", 7, far))
    assert feeds.source.records()[SERIES] == "Its first date is more than 26 weeks ahead."
    feeds.source.refresh(NOW + timedelta(weeks=12))
    assert isinstance(feeds.source.records()[SERIES], OpportunityRecord)


def test_sessions_that_ended_a_while_ago_are_forgotten_but_for_the_last() -> None:
    feeds = Feeds(SERIES_FEED)
    feeds.publish(SERIES_FEED, series(), session(1, 7), session(2, 8))
    feeds.source.refresh(NOW + timedelta(days=30))
    assert [sitting.starts_at.day for sitting in feeds.source.record().sittings] == [8]
    assert len(feeds.source.parts.kept) == 2
    feeds.publish(SERIES_FEED, session(3, 31), now=NOW + timedelta(days=30))
    feeds.source.refresh(NOW + timedelta(days=60))
    assert [sitting.starts_at.day for sitting in feeds.source.record().sittings] == [31]


def eventful() -> Feeds:
    """Feeds with a series known before, in which everything happens at once."""
    other = f"{SERIES}0"
    feeds = Feeds(SERIES_FEED, SESSIONS_FEED)
    feeds.publish(SERIES_FEED, series(), updated("SessionSeries", 70, series()["data"] | {"@id": other}))
    feeds.publish(SESSIONS_FEED, session(1), session(2, 8), session(3, 9), session(4, 9, superEvent=other))
    feeds.publish(SERIES_FEED, updated("FacilityUse", 1, sample("facility_use")), slot(1, NOW), slot(2, NOW))
    feeds.batches[SERIES_FEED] += [
        [deleted("SessionSeries", 7), deleted("FacilityUse/Slot", 1)],
        [series(), deleted("SessionSeries", 70), updated("OnDemandEvent", 5, sample("on_demand"))],
    ]
    feeds.batches[SESSIONS_FEED] += [
        [session(1, superEvent=other), deleted("ScheduledSession", 2)],
        [deleted("ScheduledSession", 4), session(5, 20)],
    ]
    return feeds


@pytest.mark.parametrize("later", [timedelta(), timedelta(days=40)])
def test_a_reading_that_is_killed_anywhere_ends_the_same_when_it_is_run_again(later: timedelta) -> None:
    def state(feeds: Feeds) -> Any:
        items = {name: item.content for name, item in feeds.source.items.items()}
        return items, feeds.source.parts.kept, feeds.source.marks

    whole = eventful()
    given = whole.source.refresh(NOW + later)
    assert len(given) > 10
    for number in range(len(given)):
        killed = eventful()
        killed.source.refresh(NOW + later, most=number)
        killed.source.refresh(NOW + later)
        assert state(killed) == state(whole), number


def test_an_item_is_unchanged_while_nothing_about_it_changes() -> None:
    feeds = Feeds(SERIES_FEED)
    feeds.publish(SERIES_FEED, series(), session(1))
    before = feeds.source.items[SERIES].content
    feeds.publish(SERIES_FEED, series(leader=[], image=[{"url": "https://millfield.example/new.jpg"}]))
    assert feeds.source.items[SERIES].content == before


@pytest.mark.parametrize(
    "item",
    [None, 5, [], {}, {"id": 1}, {"id": True, "kind": "E"}, {"id": 1, "kind": "E", "data": []}, {"id": 1, "kind": {}}],
)
def test_a_broken_item_is_told_and_the_others_are_read(item: Any) -> None:
    source = one_feed(item, updated("Event", 1, sample("session_alone")))
    assert len(source.items) == len(source.bad) == 1
    assert source.bad[0].where == "page 1, item 1"


def test_one_broken_feed_does_not_stop_the_others() -> None:
    feeds = Feeds(SERIES_FEED, SESSIONS_FEED)
    feeds.batches[SESSIONS_FEED] = [[updated("Event", 1, sample("session_alone"))]]
    whole = feeds.page
    feeds.source.fetcher.pages = lambda url: whole(url) if url.startswith(SESSIONS_FEED) else b"oops"
    with pytest.raises(SourceUnreadable):
        feeds.source.refresh()
    assert len(feeds.source.items) == 1
    feeds.source.fetcher.pages = lambda url: whole(url) if url.startswith(SESSIONS_FEED) else None
    with pytest.raises(FetchFailed):
        feeds.source.refresh()


def test_what_is_given_is_never_whole() -> None:
    assert not FORMAT.is_whole


ODD: list[Any] = [
    None,
    True,
    0,
    -5,
    10**400,
    1e308,
    float("nan"),
    "",
    "x" * 30_000,
    "\ud800\0",
    [],
    [[]],
    {},
    [None, 7],
]
ODD += [{"@type": ["Event", 3]}, {"id": "1"}, "2026-07-07", "9999-12-31T23:59:59Z", "0001-01-01", SERIES]


def nodes(said: Any) -> Iterator[tuple[Any, Any]]:
    """Each container with each of its keys."""
    for key in list(said) if isinstance(said, dict) else range(len(said)):
        yield said, key
        if isinstance(said[key], dict | list):
            yield from nodes(said[key])


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, 10_000), st.sampled_from(ODD)), min_size=1, max_size=6))
def test_no_item_breaks_the_reader(changes: list[tuple[int, Any]]) -> None:
    items = [json.loads(path.read_text())["items"][0] for path in sorted(SAMPLES.glob("*.json"))]
    for place, odd in changes:
        places = list(nodes(items))
        holder, key = places[place % len(places)]
        holder[key] = deepcopy(odd)
    feeds = Feeds(SERIES_FEED)
    feeds.publish(SERIES_FEED, *items)
    feeds.source.refresh(NOW + timedelta(weeks=6))
    for identifier, item in feeds.source.items.items():
        assert 0 < len(identifier) <= 200
        identifier.encode()
        made = outcome(item)
        said = made if isinstance(made, str) else made.title
        assert said.encode()
        assert "\0" not in said
    feeds.publish(SERIES_FEED, *(one | {"state": "deleted"} for one in items if isinstance(one, dict)))


def test_deep_nesting_breaks_nothing() -> None:
    deep: Any = "end"
    for _ in range(300):
        deep = {"superEvent": deep, "location": [deep]} if isinstance(deep, str) else {"superEvent": deep}
    assert list(one_feed(updated("Event", 1, deep)).records().values()) == ["No date of it is known."]
