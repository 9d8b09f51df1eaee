"""Open Referral UK: its lists and full records, and what a service becomes."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.words import Kind, Layer, Reach
from feeds.fetching import FetchFailed
from feeds.open_referral import FORMAT, services_address
from feeds.open_referral_service import cost, kind_of, opening_hours, reach_of, record, sittings
from feeds.reading import Item, SourceUnreadable
from feeds.record import OpportunityRecord, ProviderRecord, Refused, Sitting, VenueRecord
from settings import UK_TIME
from tests.feeds.fakes_documents import NOT_THERE, NOW, FakeFetcher, FakeParts, a_feed, account, damages

SAMPLE = Path(__file__).parent / "samples/open_referral/service.json"
SERVICE: dict[str, Any] = json.loads(SAMPLE.read_text())
API = "https://council.example.org/api"
TODAY = date(2026, 6, 10)


def service(identifier: str, **more: object) -> dict[str, Any]:
    return {"id": identifier, "name": f"Service {identifier}", "organization": {"name": "Council"}, **more}


def listing(*entries: object, **totals: object) -> dict[str, Any]:
    return {"contents": list(entries), **totals}


class Directory:
    """An API with these pages of its list, and these full records."""

    def __init__(self, *pages: object, full: list[dict[str, Any]]) -> None:
        self.answers: dict[str, object] = {
            f"{API}/services?page={number}": page for number, page in enumerate(pages, 1)
        }
        self.answers |= {f"{API}/services/{one['id']}": one for one in full}

    def web(self) -> FakeFetcher:
        return FakeFetcher({url: json.dumps(answer).encode() for url, answer in self.answers.items()})


def test_a_service_becomes_an_opportunity() -> None:
    assert record(SERVICE, TODAY) == OpportunityRecord(
        title="Repair café",
        kind=Kind.WORKSHOP,
        layer=Layer.PARTICIPATE,
        provider=ProviderRecord(name="Mend and Make", url="https://mend.example.org/"),
        reach=Reach.VENUE,
        description=(
            "We are closed on 29 August.\n\nBring what is broken and mend it with us.\n\n"
            "Open: Thursday and Friday, 10am to 6:30pm.\n\nLast things in at 6pm.\n\n"
            "For anyone who lives in Devonport.\n\nLanguages: Polish, British Sign Language."
        ),
        venues=(
            VenueRecord(
                name="Guildhall",
                address="Ker Street",
                town="Plymouth",
                postcode="PL1 4EL",
                latitude=50.3689,
                longitude=-4.1733,
            ),
        ),
        cost_pence=200,
        cost_note="From £2 Under 18s, with tea; £5 Adults",
        age_min=14,
        age_max=25,
        how_to_apply="Email hello@mend.example.org",
        url="https://mend.example.org/cafe",
        accessibility="Step-free from the square. Ring the bell on the left.",
    )


def test_no_name_of_a_person_is_kept_anywhere() -> None:
    parts = FakeParts()
    web = Directory(listing(SERVICE, last_page=True), full=[SERVICE]).web()
    (item,) = FORMAT.read(a_feed(API, web, parts=parts))
    assert isinstance(item, Item)
    assert b"ersona" not in item.content
    assert b"ersona" not in parts.kept["b1"].content
    assert "ersona" not in repr(item.read())


@pytest.mark.parametrize(
    ("terms", "kind", "layer"),
    [
        (["Volunteering opportunities", "Clubs"], Kind.VOLUNTEERING, Layer.DEMONSTRATE),
        (["Adult education"], Kind.COURSE, Layer.PARTICIPATE),
        (["Classes"], Kind.WORKSHOP, Layer.PARTICIPATE),
        (["Events for families"], Kind.EVENT, Layer.ENGAGE),
        (["Transport", "Eventual outcomes"], Kind.INFORMATION, Layer.ENGAGE),
        ([], Kind.INFORMATION, Layer.ENGAGE),
    ],
)
def test_what_a_service_is_follows_from_its_terms(terms: list[str], kind: Kind, layer: Layer) -> None:
    assert kind_of({"attributes": [{"taxonomy_term": {"name": term}} for term in terms]}) == (kind, layer)


@pytest.mark.parametrize(
    ("schedule", "said"),
    [
        ({"freq": "WEEKLY", "byday": "MO"}, "Monday"),
        ({"freq": "WEEKLY", "interval": 2, "byday": "MO,WE,SU"}, "every 2 weeks, Monday, Wednesday and Sunday"),
        ({"byday": "SA", "opens_at": "09:30", "closes_at": "12:00"}, "Saturday, 9:30am to 12pm"),
        ({"freq": "MONTHLY", "byday": ["1MO", "-1FR"]}, "the first Monday and the last Friday of the month"),
        ({"freq": "DAILY", "opens_at": "00:00:00", "closes_at": "23:59:00"}, "every day, 12am to 11:59pm"),
        ({"byday": "XX,TU", "opens_at": "25:00"}, "Tuesday"),
        ({}, ""),
    ],
)
def test_opening_hours_are_said(schedule: dict[str, Any], said: str) -> None:
    assert opening_hours(schedule) == said


def test_schedules_of_one_day_each_are_sittings() -> None:
    days = [{"dtstart": f"2026-07-{day}", "opens_at": "10:00", "closes_at": "12:00"} for day in ("08", "01")]
    assert sittings({"schedules": days}) == tuple(
        Sitting(datetime(2026, 7, day, 10, tzinfo=UK_TIME), datetime(2026, 7, day, 12, tzinfo=UK_TIME))
        for day in (1, 8)
    )
    assert sittings({"schedules": [*days, {"freq": "WEEKLY", "byday": "MO"}]}) == ()


@pytest.mark.parametrize(
    ("options", "fees", "found"),
    [
        ([], "Free.", (0, None)),
        ([], "Ask at the desk", (None, "Ask at the desk")),
        ([{"amount": 0}], "", (0, None)),
        ([{"amount": "3.50", "amount_description": "a session"}], "", (350, "a session")),
        ([{"amount": 4, "currency": "EUR"}], "", (None, "4 EUR")),
        ([{"amount": 4, "valid_to": "2026-06-09"}], "", (None, None)),
        ([{"amount": 4, "valid_to": "2026-06-10"}], "", (400, None)),
        ([{"amount": -4}, {"amount": None}, "rubbish"], "", (None, None)),
    ],
)
def test_costs(options: list[Any], fees: str, found: tuple[int | None, str | None]) -> None:
    assert cost({"cost_options": options, "fees": fees}, TODAY) == found


@pytest.mark.parametrize(
    ("given_", "reach"),
    [
        ({"service_at_locations": [{"location": {"location_type": "virtual", "name": "Zoom"}}]}, (Reach.ONLINE, None)),
        ({"schedules": [{"attending_type": "online"}]}, (Reach.ONLINE, None)),
        ({"service_areas": [{"name": "Cornwall"}]}, (Reach.REGION, "Cornwall")),
        ({"service_areas": [{"name": "England"}]}, (Reach.NATIONAL, None)),
        ({"service_areas": [{"name": "Cornwall"}, {"name": "Devon"}]}, (Reach.UNKNOWN, None)),
        ({"service_areas": [{"name": "a" * 101}]}, (Reach.UNKNOWN, None)),
        ({}, (Reach.UNKNOWN, None)),
    ],
)
def test_without_a_place_something_else_tells_where_it_is(given_: dict[str, Any], reach: tuple[Reach, str]) -> None:
    assert reach_of(given_, ()) == reach


def test_absurd_coordinates_are_passed_on_for_the_gazetteer_to_judge() -> None:
    location = {"location_type": "physical", "latitude": 100, "longitude": "101"}
    (venue,) = record(service("a", service_at_locations=[{"location": location}]), TODAY).venues
    assert (venue.latitude, venue.longitude) == (100, 101)


@pytest.mark.parametrize(("missing", "said"), [("name", "no name"), ("organization", "no organisation")])
def test_what_lacks_the_most_needed_is_refused(missing: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        record({**SERVICE, missing: None}, TODAY)


def test_each_service_is_fetched_in_full_once_however_often_lists_repeat_it() -> None:
    web = Directory(
        listing(service("a"), service("a"), service("b"), total_pages=2, last_page=False),
        listing(service("b"), service("c"), total_pages=2, last_page=True),
        full=[service("a"), service("b"), service("c")],
    ).web()
    assert list(account(FORMAT, a_feed(API, web)).records) == ["a", "b", "c"]
    assert web.asked == [
        f"{API}/services?page=1",
        f"{API}/services/a",
        f"{API}/services/b",
        f"{API}/services?page=2",
        f"{API}/services/c",
    ]
    assert web.pace_kept == (120, 60)


def test_a_total_that_is_too_low_hides_nothing() -> None:
    web = Directory(
        listing(service("a"), total_pages=1),
        listing(service("b"), total_pages=1),
        full=[service("a"), service("b")],
    ).web()
    assert list(account(FORMAT, a_feed(API, web)).records) == ["a", "b"]


def test_a_total_that_is_too_high_ends_where_nothing_new_comes() -> None:
    forever = listing(service("a"), total_pages=10**9)
    web = FakeFetcher(lambda url: json.dumps(service("a") if url.endswith("/a") else forever).encode())
    assert list(account(FORMAT, a_feed(API, web)).records) == ["a"]
    assert web.asked[-1] == f"{API}/services?page=4"


def test_a_list_without_end_is_left() -> None:
    def endless(url: str) -> bytes:
        name = url.rpartition("=")[2]
        return json.dumps(listing(service(name, status="inactive"))).encode()

    with pytest.raises(SourceUnreadable, match="no end after 2,000 pages"):
        list(FORMAT.read(a_feed(API, FakeFetcher(endless))))


def test_a_page_of_the_list_that_does_not_come_ends_the_reading() -> None:
    web = Directory(listing(service("a"), total_pages=3), full=[service("a")]).web()
    with pytest.raises(FetchFailed):
        list(FORMAT.read(a_feed(API, web)))


@pytest.mark.parametrize("status", ["inactive", "defunct", "Temporarily closed"])
def test_a_service_that_is_over_is_gone_without_another_look(status: str) -> None:
    web = Directory(listing(service("a", status=status), last_page=True), full=[]).web()
    found = account(FORMAT, a_feed(API, web))
    assert (found.gone, found.records, len(web.asked)) == (["a"], {}, 1)


def stamped(modified: str, **more: object) -> dict[str, Any]:
    return service("a", last_modified=modified, **more)


def read_twice(before: dict[str, Any], after: dict[str, Any], later: timedelta) -> list[str]:
    parts = FakeParts()
    list(FORMAT.read(a_feed(API, Directory(listing(before, last_page=True), full=[before]).web(), parts=parts)))
    web = Directory(listing(after, last_page=True), full=[after]).web()
    found = account(FORMAT, a_feed(API, web, parts=parts, now=NOW + later))
    assert found.records["a"].title == after["name"]
    return [url.rpartition("/")[2] for url in web.asked]


def test_a_service_that_the_list_says_is_unchanged_is_not_fetched_again() -> None:
    assert read_twice(stamped("2026-01-01"), stamped("2026-01-01"), timedelta(days=1)) == ["services?page=1"]


def test_a_service_is_fetched_again_when_it_changed_when_nothing_tells_and_after_a_week() -> None:
    asked = ["services?page=1", "a"]
    assert read_twice(stamped("2026-01-01"), stamped("2026-01-02", name="New"), timedelta(days=1)) == asked
    assert read_twice(service("a"), service("a", name="New"), timedelta(days=1)) == asked
    assert read_twice(stamped("2026-01-01"), stamped("2026-01-01", name="New"), timedelta(days=7)) == asked


def test_a_service_that_cannot_be_fetched_stays_as_it_was_for_four_weeks() -> None:
    parts = FakeParts()
    directory = Directory(listing(service("a"), last_page=True), full=[service("a")])
    list(FORMAT.read(a_feed(API, directory.web(), parts=parts)))
    del directory.answers[f"{API}/services/a"]
    later = account(FORMAT, a_feed(API, directory.web(), parts=parts, now=NOW + timedelta(days=27)))
    assert list(later.records) == ["a"]
    assert later.bad == [
        f"page 1, service 1: The full record of a cannot be read: {API}/services/a answers 503",
    ]
    much_later = account(FORMAT, a_feed(API, directory.web(), parts=parts, now=NOW + timedelta(days=29)))
    assert (much_later.records, len(much_later.bad)) == ({}, 1)


def test_a_service_whose_record_is_there_no_more_goes_at_once() -> None:
    parts = FakeParts()
    directory = Directory(listing(service("a"), service("b"), last_page=True), full=[service("a"), service("b")])
    account(FORMAT, a_feed(API, directory.web(), parts=parts))
    pages = {url: json.dumps(answer).encode() for url, answer in directory.answers.items()}
    found = account(FORMAT, a_feed(API, FakeFetcher({**pages, f"{API}/services/a": NOT_THERE}), parts=parts))
    assert (list(found.records), len(found.bad)) == (["b"], 1)


def test_five_failures_in_a_row_end_the_reading() -> None:
    entries = [service(str(number)) for number in range(9)]
    with pytest.raises(FetchFailed):
        list(FORMAT.read(a_feed(API, Directory(listing(*entries, last_page=True), full=entries[:2]).web())))


def test_what_the_directory_no_longer_lists_is_not_remembered() -> None:
    parts = FakeParts()
    for listed in ("ab", "b"):
        services = [service(name) for name in listed]
        list(FORMAT.read(a_feed(API, Directory(listing(*services, last_page=True), full=services).web(), parts=parts)))
    assert list(parts.kept) == ["b"]


def test_a_record_of_another_name_is_not_taken_for_the_one_asked_for() -> None:
    directory = Directory(listing(service("a"), last_page=True), full=[])
    directory.answers[f"{API}/services/a"] = service("b")
    found = account(FORMAT, a_feed(API, directory.web()))
    assert (found.records, len(found.bad)) == ({}, 1)


def test_an_identifier_is_written_into_the_address_safely() -> None:
    web = Directory(listing(service("../a b?"), last_page=True), full=[]).web()
    account(FORMAT, a_feed(API, web))
    assert web.asked[-1] == f"{API}/services/..%2Fa%20b%3F"


@pytest.mark.parametrize("end", ["", "/", "/services", "/services/"])
def test_the_address_may_name_the_services_or_not(end: str) -> None:
    assert services_address(API + end) == f"{API}/services"


@pytest.mark.parametrize(
    "whole",
    [
        SERVICE,
        [SERVICE],
        {"contents": [SERVICE, SERVICE]},
        {"id": "o1", "name": "Mend and Make", "services": [{**SERVICE, "organization": None}, SERVICE]},
        {"id": "l1", "location": {"name": "Guildhall"}, "service": SERVICE},
    ],
)
def test_a_file_may_hold_any_answer_with_services(whole: Any, tmp_path: Path) -> None:
    path = tmp_path / "answer.json"
    path.write_text(json.dumps(whole))
    found = account(FORMAT, a_feed(str(path)))
    assert [*found.records, *found.refused] == ["b1"]


def test_the_services_of_an_organisation_are_its_own(tmp_path: Path) -> None:
    path = tmp_path / "organization.json"
    path.write_text(json.dumps({"id": "o1", "name": "Mend and Make", "services": [{"id": "a", "name": "Café"}]}))
    assert account(FORMAT, a_feed(str(path))).records["a"].provider.name == "Mend and Make"


@pytest.mark.parametrize("whole", ["7", "{}", '{"version": "HSDS-UK-3.0"}', "[1", '{"service": {}, "data": []}'])
def test_a_file_without_services_is_said_so(whole: str, tmp_path: Path) -> None:
    path = tmp_path / "answer.json"
    path.write_text(whole)
    with pytest.raises(SourceUnreadable):
        list(FORMAT.read(a_feed(str(path))))


@settings(deadline=None)
@given(damages(SERVICE), damages(listing(SERVICE, last_page=True, total_pages=1)), st.booleans())
def test_no_damage_is_more_than_a_line(full: Any, page: Any, is_full_damaged: bool) -> None:
    answers = {f"{API}/services/b1": full if is_full_damaged else SERVICE, f"{API}/services?page=1": page}
    web = FakeFetcher({url: json.dumps(answer).encode() for url, answer in answers.items()})
    try:
        found = account(FORMAT, a_feed(API, web))
    except (SourceUnreadable, FetchFailed):
        return
    for read in found.records.values():
        assert read.title
        repr(read).encode()


@given(damages(SERVICE))
def test_no_damage_to_a_service_is_more_than_a_refusal(full: Any) -> None:
    try:
        found = record(full if isinstance(full, dict) else {}, TODAY)
    except Refused:
        return
    assert (found.reach is Reach.REGION) == bool(found.region)
    assert all(each.starts_at.astimezone(UTC) < each.ends_at.astimezone(UTC) for each in found.sittings)
