"""schema.org JSON-LD: pages, sitemaps and files, and what their things become."""

import gzip
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.words import Kind, Layer, Reach
from feeds.fetching import FetchFailed
from feeds.reading import Item, SourceUnreadable
from feeds.record import OpportunityRecord, ProviderRecord, Refused, Sitting, SkillRecord, VenueRecord
from feeds.schedules import window
from feeds.schema_org import FORMAT
from feeds.schema_org_prices import cost, pay
from feeds.schema_org_record import age_range, kind_of, record
from feeds.schema_org_times import said_schedule, sittings
from settings import UK_TIME
from tests.feeds.fakes_documents import NOT_THERE, NOW, FakeFetcher, FakeParts, a_feed, account, damages

SAMPLE = Path(__file__).parent / "samples/schema_org/page.html"
GRAPH = SAMPLE.with_name("graph.json")
SITE = "https://www.makers.example.org"
PAGE = f"{SITE}/whats-on"
MAP = f"{SITE}/sitemap.xml"


def event(name: str = "Open day", **more: object) -> dict[str, Any]:
    return {"@type": "Event", "name": name, "startDate": "2026-07-01T10:00", "organizer": "Makers", **more}


def made(node: dict[str, Any]) -> OpportunityRecord:
    return record(node, PAGE, "")


def page(*things: object) -> bytes:
    scripts = (f'<script type="application/ld+json">{json.dumps(thing)}</script>' for thing in things)
    return f"<html>{''.join(scripts)}</html>".encode()


def sitemap(*addresses: str, modified: str = "") -> bytes:
    lastmod = f"<lastmod>{modified}</lastmod>" if modified else ""
    return f"<urlset>{''.join(f'<url><loc>{each}</loc>{lastmod}</url>' for each in addresses)}</urlset>".encode()


def uk(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=UK_TIME)


def test_a_page_with_awkward_blocks_gives_what_can_be_read_and_says_what_cannot() -> None:
    web = FakeFetcher({PAGE: SAMPLE.read_bytes()})
    found = account(FORMAT, a_feed(PAGE, web))
    assert [line.split(": ")[0] for line in found.bad] == [f"{PAGE}, block 2"]
    assert list(found.records) == [f"{PAGE}#solder", next(name for name in found.records if "solder" not in name)]
    solder, kiln = found.records.values()
    assert solder == OpportunityRecord(
        title="Learn to solder",
        kind=Kind.WORKSHOP,
        layer=Layer.PARTICIPATE,
        provider=ProviderRecord(name="Tamar Makers", url=f"{SITE}/"),
        reach=Reach.VENUE,
        description="<p>Bring nothing. <b>Leave with a lamp.</b></p>\n\nIn Welsh.",
        venues=(
            VenueRecord(
                name="The Shed",
                address="4 Quay Road",
                town="Plymouth",
                postcode="PL1 2AA",
                latitude=50.37,
                longitude=-4.14,
            ),
        ),
        sittings=(Sitting(uk(2026, 7, 4, 10), datetime(2026, 7, 4, 11, 30, tzinfo=UTC)),),
        cost_pence=500,
        cost_note="From £5 Under 18; £12.50 Adult",
        age_min=11,
        how_to_apply="Book at https://tickets.example.org/solder",
        url=f"{SITE}/events/solder",
    )
    assert kiln == OpportunityRecord(
        title="Kiln technician",
        kind=Kind.JOB,
        layer=Layer.DEMONSTRATE,
        provider=ProviderRecord(name="Tamar Makers"),
        description="Fire\nthe kiln.",
        venues=(VenueRecord(address="The Shed, 4 Quay Road, Plymouth PL12AA", postcode="PL1 2AA"),),
        closes_at=uk(2026, 8, 1, 23, 59, 59),
        cost_pence=0,
        cost_note="Paid, £13.40 an hour",
        url=PAGE,
    )
    assert [request.obey_robots for request in web.requests] == [True]


@pytest.mark.parametrize(
    ("node", "kind", "layer"),
    [
        ({"@type": "Event"}, Kind.EVENT, Layer.ENGAGE),
        ({"@type": ["Thing", "schema:hackathon"]}, Kind.PROJECT, Layer.DEMONSTRATE),
        ({"@type": "JobPosting", "employmentType": ["FULL_TIME", "INTERN"]}, Kind.WORK_EXPERIENCE, Layer.DEMONSTRATE),
        ({"@type": "JobPosting", "employmentType": "Volunteer"}, Kind.VOLUNTEERING, Layer.DEMONSTRATE),
        ({"@type": "JobPosting", "title": "Apprentice baker"}, Kind.APPRENTICESHIP, Layer.DEMONSTRATE),
        ({"@type": "WorkBasedProgram"}, Kind.APPRENTICESHIP, Layer.DEMONSTRATE),
    ],
)
def test_types_become_kinds(node: dict[str, Any], kind: Kind, layer: Layer) -> None:
    assert kind_of(node) == (kind, layer)


@pytest.mark.parametrize("kind", ["EventReservation", "BroadcastEvent", "Organization", "Person", 7, None])
def test_other_types_are_no_opportunities(kind: object) -> None:
    assert kind_of({"@type": kind}) is None


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"name": ""}, "no name"),
        ({"startDate": "soon"}, "no date"),
        ({"eventStatus": "https://schema.org/EventCancelled"}, "cancelled"),
        ({"eventStatus": "EventPostponed"}, "postponed"),
        ({"location": {"address": {"addressCountry": "FR"}}}, "another country"),
        ({"location": {"address": {"addressCountry": {"@type": "Country", "name": "France"}}}}, "another country"),
    ],
)
def test_what_cannot_be_an_opportunity_is_refused(more: dict[str, Any], said: str) -> None:
    with pytest.raises(Refused, match=said):
        made(event(**more))


def test_a_thing_that_nobody_offers_is_refused_in_a_file_and_stands_under_its_host_on_the_web() -> None:
    node = event(organizer=None)
    with pytest.raises(Refused, match="nobody"):
        record(node, "", "")
    assert made(node).provider.name == "makers.example.org"
    assert record({**node, "location": {"name": "The Shed"}}, PAGE, "").provider.name == "The Shed"
    assert record(node, PAGE, "Tamar Makers").provider.name == "Tamar Makers"


@pytest.mark.parametrize(
    ("more", "reach"),
    [
        ({"location": {"@type": "VirtualLocation", "url": "https://call.example.org"}}, Reach.ONLINE),
        ({"location": "https://call.example.org"}, Reach.ONLINE),
        ({"location": "Town Hall", "eventStatus": "https://schema.org/EventMovedOnline"}, Reach.ONLINE),
        ({"location": "Town Hall", "eventAttendanceMode": "schema:OnlineEventAttendanceMode"}, Reach.ONLINE),
        ({"location": "Town Hall", "eventAttendanceMode": "schema:MixedEventAttendanceMode"}, Reach.VENUE),
        ({"location": [{"@type": "VirtualLocation"}, {"@type": "Place", "name": "Hall"}]}, Reach.VENUE),
        ({}, Reach.UNKNOWN),
    ],
)
def test_where_it_is(more: dict[str, Any], reach: Reach) -> None:
    found = made(event(**more))
    assert found.reach is reach
    assert bool(found.venues) == (reach is Reach.VENUE)


def test_a_job_from_home_is_online_unless_it_has_an_office() -> None:
    job = {"@type": "JobPosting", "title": "Coder", "hiringOrganization": "Us", "jobLocationType": "TELECOMMUTE"}
    assert made(job).reach is Reach.ONLINE
    assert made({**job, "jobLocation": "Leeds"}).reach is Reach.VENUE
    with pytest.raises(Refused, match="another country"):
        made({**job, "applicantLocationRequirements": {"@type": "Country", "name": "USA"}})


def test_a_course_that_is_online_is_of_its_own_kind_and_takes_all_from_its_instances() -> None:
    course = {
        "@type": "Course",
        "name": "Python",
        "provider": {"name": "College"},
        "educationalLevel": {"@type": "DefinedTerm", "name": "Beginner"},
        "timeRequired": "PT20H",
        "teaches": [{"@type": "DefinedTerm", "name": "Python", "termCode": "S1", "inDefinedTermSet": "ESCO"}, "Loops"],
        "hasCourseInstance": [
            {"@type": "CourseInstance", "courseMode": "Online", "startDate": "2026-09-07", "endDate": "2026-09-08"},
            {"@type": "CourseInstance", "courseMode": "online", "offers": {"price": 0, "priceCurrency": "GBP"}},
        ],
    }
    found = made(course)
    assert (found.kind, found.layer, found.reach) == (Kind.ONLINE, Layer.PARTICIPATE, Reach.ONLINE)
    assert (found.level, found.time_needed, found.cost_pence) == ("Beginner", "20 hours", 0)
    assert found.sittings == (Sitting(uk(2026, 9, 7), uk(2026, 9, 8, 23, 59, 59)),)
    assert found.skills == (SkillRecord(name="Python", framework="ESCO", identifier="S1"),)


@pytest.mark.parametrize(
    ("more", "ends"),
    [
        ({"endDate": "2026-07-01T11:30"}, uk(2026, 7, 1, 11, 30)),
        ({"endDate": "2026-07-03"}, uk(2026, 7, 3, 23, 59, 59)),
        ({"duration": "PT90M"}, uk(2026, 7, 1, 11, 30)),
        ({"endDate": "2026-06-01T11:30"}, uk(2026, 7, 1, 11)),
        ({}, uk(2026, 7, 1, 11)),
    ],
)
def test_when_it_ends(more: dict[str, Any], ends: datetime) -> None:
    assert sittings(event(**more)) == (Sitting(uk(2026, 7, 1, 10), ends),)


def test_parts_without_a_name_of_their_own_are_dates_of_the_whole() -> None:
    dates = [{"@type": "Event", "startDate": f"2026-07-0{day}"} for day in (2, 1)]
    dates.append({"@type": "Event", "startDate": "2026-07-03", "eventStatus": "EventCancelled"})
    series = {"@type": "EventSeries", "name": "Club", "organizer": "Us", "subEvent": dates}
    found = account(FORMAT, a_feed(PAGE, FakeFetcher({PAGE: page(series)})))
    (club,) = found.records.values()
    assert [held.starts_at.day for held in club.sittings] == [1, 2]


def test_parts_with_names_are_things_of_their_own_and_share_what_the_whole_says() -> None:
    talk = {"@type": "Event", "name": "Talk", "startDate": "2026-07-01"}
    whole = event("Festival", subEvent=[talk], location="Leeds")
    found = account(FORMAT, a_feed(PAGE, FakeFetcher({PAGE: page(whole)})))
    assert sorted(each.title for each in found.records.values()) == ["Festival", "Talk"]
    assert {(each.provider.name, each.venues[0].address) for each in found.records.values()} == {("Makers", "Leeds")}


def test_a_part_is_as_it_was_when_only_another_part_changes() -> None:
    def contents(second: str) -> dict[str, bytes]:
        talks = [{"@type": "Event", "name": name, "startDate": "2026-07-01"} for name in ("First", second)]
        web = FakeFetcher({PAGE: page(event("Festival", subEvent=talks))})
        return {each.read().title: each.content for each in FORMAT.read(a_feed(PAGE, web)) if isinstance(each, Item)}

    assert contents("Second")["First"] == contents("Other")["First"]


def test_a_schedule_is_said_and_its_end_is_the_end() -> None:
    schedule = {
        "byDay": "https://schema.org/Wednesday",
        "startTime": "19:00:00",
        "endTime": "20:00:00",
        "endDate": "2026-12-31",
    }
    found = made(event(startDate=None, eventSchedule=schedule))
    assert (found.description, found.sittings) == ("Wednesday, 7pm to 8pm.", ())
    assert found.closes_at == uk(2026, 12, 31, 23, 59, 59)
    assert said_schedule({"byDay": ["MO", "http://schema.org/Friday"]}) == "Monday, Friday"


def test_a_schedule_gives_the_dates_to_come_on_its_own_clock() -> None:
    schedule = {
        "@type": "Schedule",
        "byDay": ["https://schema.org/Wednesday"],
        "repeatFrequency": "P1W",
        "startTime": "19:00",
        "endTime": "20:30",
        "exceptDate": "2026-10-28",
        "scheduleTimezone": "Europe/London",
    }
    weekly = event(startDate="2026-10-21", endDate="2026-11-11", eventSchedule=schedule | {"endDate": "2026-11-11"})
    seen = window(uk(2026, 10, 20))
    held = [(uk(2026, *day, 19), uk(2026, *day, 20, 30)) for day in ((10, 21), (11, 4), (11, 11))]
    found = record(weekly, PAGE, "", seen)
    assert [(each.starts_at, each.ends_at) for each in found.sittings] == held
    assert [each.starts_at.astimezone(UTC).hour for each in found.sittings] == [18, 19, 19]
    listed = weekly | {"subEvent": {"@type": "Event", "startDate": "2026-10-22T10:00"}}
    assert [each.starts_at for each in sittings(listed, seen)] == [uk(2026, 10, 22, 10)]


def test_a_schedule_that_cannot_be_read_leaves_the_date_of_the_thing() -> None:
    odd = event(eventSchedule={"repeatFrequency": "now and then"}, endDate="2026-07-01T12:00")
    assert sittings(odd, window(NOW)) == (Sitting(uk(2026, 7, 1, 10), uk(2026, 7, 1, 12)),)


def test_what_repeats_is_read_anew_as_time_goes_on_and_nothing_else_is() -> None:
    repeats = event("Choir", startDate="2026-01-05", eventSchedule={"byDay": "Monday", "startTime": "19:00"})
    web = FakeFetcher({PAGE: page(repeats, event("Fair"))})

    def contents(days: int) -> dict[str, bytes]:
        found = FORMAT.read(replace(a_feed(PAGE, web), now=NOW + timedelta(days=days)))
        return {each.read().title: each.content for each in found if isinstance(each, Item)}

    assert contents(7)["Fair"] == contents(0)["Fair"]
    assert contents(7)["Choir"] != contents(0)["Choir"]


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({"offers": {"price": "£7.50"}}, (750, None)),
        ({"offers": {"lowPrice": 5, "highPrice": 9, "priceCurrency": "GBP"}}, (500, None)),
        ({"offers": {"priceSpecification": {"price": 3, "priceCurrency": "GBP"}}}, (300, None)),
        ({"offers": {"price": "13.00", "priceCurrency": "USD"}}, (None, "13.00 USD")),
        ({"offers": {"price": 0, "priceCurrency": "EUR"}}, (0, None)),
        ({"offers": "tickets.example.org"}, (None, None)),
        ({"isAccessibleForFree": True}, (0, None)),
        ({}, (None, None)),
    ],
)
def test_what_it_costs(more: dict[str, Any], found: tuple[int | None, str | None]) -> None:
    assert cost(more) == found


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({"baseSalary": {"minValue": 9, "maxValue": 12.5, "unitText": "HOUR"}}, (0, "Paid, £9 to £12.50 an hour")),
        ({"baseSalary": "100000", "salaryCurrency": "USD"}, (0, "Paid, 100000 USD")),
        ({"baseSalary": "negotiable"}, (0, "Paid, negotiable")),
        ({"trainingSalary": {"currency": "GBP", "duration": "PT1H", "median": "9.00"}}, (0, "Paid, £9 an hour")),
        ({}, (None, None)),
    ],
)  # fmt: skip
def test_what_it_pays(more: dict[str, Any], found: tuple[int | None, str | None]) -> None:
    assert pay(more) == found


def test_what_is_sold_out_is_full() -> None:
    sold_out = {"availability": "https://schema.org/SoldOut", "price": 1}
    assert made(event(offers=sold_out)).is_full
    assert made(event(remainingAttendeeCapacity=0)).is_full
    assert not made(event(offers=[sold_out, {"availability": "InStock"}])).is_full


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("18+", (18, None)),
        ("7-9", (7, 9)),
        ("16-", (16, None)),
        ("-11", (None, 11)),
        ("9-7", (None, None)),
        ("all", (None, None)),
    ],
)
def test_ages(written: str, found: tuple[int | None, int | None]) -> None:
    assert age_range({"typicalAgeRange": written}) == found


def test_things_that_share_an_address_are_told_apart_by_their_dates() -> None:
    dates = [event(url="/club", startDate=f"2026-07-0{day}") for day in (1, 2)]
    found = account(FORMAT, a_feed(PAGE, FakeFetcher({PAGE: page(dates)})))
    assert list(found.records) == [f"{SITE}/club#2026-07-01", f"{SITE}/club#2026-07-02"]


def test_things_that_share_an_address_and_a_date_are_told_apart_by_their_names() -> None:
    things = [event("A", url="/club"), event("B", url="/club"), event("B", url="/club")]
    found = account(FORMAT, a_feed(PAGE, FakeFetcher({PAGE: page(things)})))
    assert [each.title for each in found.records.values()] == ["A", "B"]


def test_the_organisation_that_a_page_is_of_offers_what_nobody_else_does() -> None:
    about = [{"@type": "WebSite", "name": "Makers online"}, {"@type": "LocalBusiness", "name": "Tamar Makers"}]
    found = account(FORMAT, a_feed(PAGE, FakeFetcher({PAGE: page(*about, event("A", organizer=None))})))
    assert [each.provider.name for each in found.records.values()] == ["Tamar Makers"]


def test_instances_and_dates_that_a_page_describes_by_themselves_are_parts_of_the_whole() -> None:
    course = {"@type": "Course", "name": "C", "provider": "Us", "hasCourseInstance": {"@id": "#autumn"}}
    autumn = {"@type": "CourseInstance", "@id": "#autumn", "name": "C in autumn", "startDate": "2026-09-01"}
    found = account(FORMAT, a_feed(PAGE, FakeFetcher({PAGE: page([course, autumn])})))
    assert [(each.title, len(each.sittings)) for each in found.records.values()] == [("C", 1)]


def test_what_a_broken_block_held_stays_as_it_was() -> None:
    parts = FakeParts()
    whole = page(event("A"), event("B"))
    account(FORMAT, a_feed(PAGE, FakeFetcher({PAGE: whole}), parts=parts))
    found = account(FORMAT, a_feed(PAGE, FakeFetcher({PAGE: whole.replace(b'"A",', b'"A')}), parts=parts))
    assert sorted(each.title for each in found.records.values()) == ["A", "B"]
    assert len(found.bad) == 1
    gone = account(FORMAT, a_feed(PAGE, FakeFetcher({PAGE: page(event("B"))}), parts=parts))
    assert [each.title for each in gone.records.values()] == ["B"]


def test_a_name_does_not_follow_from_where_a_thing_stands_in_its_page() -> None:
    one, other = event("One"), event("Other")
    forth = account(FORMAT, a_feed(PAGE, FakeFetcher({PAGE: page(one, other)})))
    back = account(FORMAT, a_feed(PAGE, FakeFetcher({PAGE: page(other, one)})))
    assert set(forth.records) == set(back.records)
    assert len(forth.records) == 2


def test_every_page_of_a_sitemap_and_of_those_in_it_is_read_and_each_thing_comes_once() -> None:
    more = f"{SITE}/more.xml.gz"
    index = f"<sitemapindex><sitemap><loc>{more}</loc></sitemap><sitemap><loc>{MAP}</loc></sitemap></sitemapindex>"
    pages = {
        MAP: index.encode(),
        more: gzip.compress(sitemap(f"{SITE}/a", f"{SITE}/b#part", f"{SITE}/a", "https://other.example.com/c")),
        f"{SITE}/a": page(event("A", url="/x")),
        f"{SITE}/b": page(event("A", url="/x"), event("B", url="/b")),
    }
    web = FakeFetcher(pages)
    found = account(FORMAT, a_feed(MAP, web))
    assert list(found.records) == [f"{SITE}/x", f"{SITE}/b"]
    assert web.asked == [MAP, more, f"{SITE}/a", f"{SITE}/b"]
    assert web.pace_kept == (60, 60)


def test_a_page_that_its_sitemap_says_is_unchanged_is_not_asked_for_again_for_a_week() -> None:
    parts = FakeParts()
    pages = {MAP: sitemap(f"{SITE}/a", modified="2026-06-01"), f"{SITE}/a": page(event("A"))}
    first = [
        read.content for read in FORMAT.read(a_feed(MAP, FakeFetcher(pages), parts=parts)) if isinstance(read, Item)
    ]
    web = FakeFetcher(pages)
    again = [read.content for read in FORMAT.read(a_feed(MAP, web, parts=parts)) if isinstance(read, Item)]
    assert (again, web.asked) == (first, [MAP])
    account(FORMAT, a_feed(MAP, web, parts=parts, now=NOW + timedelta(days=7)))
    assert web.asked == [MAP, MAP, f"{SITE}/a"]


def test_a_page_that_fails_keeps_its_things_for_four_weeks_and_a_page_that_is_left_out_does_not() -> None:
    parts = FakeParts()
    pages = {MAP: sitemap(f"{SITE}/a", f"{SITE}/b"), f"{SITE}/a": page(event("A")), f"{SITE}/b": page(event("B"))}
    account(FORMAT, a_feed(MAP, FakeFetcher(pages), parts=parts))
    del pages[f"{SITE}/a"]
    later = account(FORMAT, a_feed(MAP, FakeFetcher(pages), parts=parts, now=NOW + timedelta(days=27)))
    assert [each.title for each in later.records.values()] == ["A", "B"]
    assert later.bad == [f"{SITE}/a: The page cannot be read: {SITE}/a answers 503"]
    much_later = account(FORMAT, a_feed(MAP, FakeFetcher(pages), parts=parts, now=NOW + timedelta(days=29)))
    assert [each.title for each in much_later.records.values()] == ["B"]
    pages[MAP] = sitemap(f"{SITE}/b")
    account(FORMAT, a_feed(MAP, FakeFetcher(pages), parts=parts))
    assert list(parts.kept) == [f"{SITE}/b"]


def test_a_page_that_is_there_no_more_takes_its_things_with_it_and_stops_nothing() -> None:
    parts = FakeParts()
    old = [f"{SITE}/{number}" for number in range(12)]
    pages = {MAP: sitemap(*old, f"{SITE}/b"), **dict.fromkeys(old, NOT_THERE), f"{SITE}/b": page(event("B"))}
    account(FORMAT, a_feed(MAP, FakeFetcher({**pages, old[0]: page(event("A"))}), parts=parts))
    found = account(FORMAT, a_feed(MAP, FakeFetcher(pages), parts=parts))
    assert ([each.title for each in found.records.values()], len(found.bad)) == (["B"], 12)


def test_ten_pages_in_a_row_that_fail_end_the_reading() -> None:
    web = FakeFetcher({MAP: sitemap(*(f"{SITE}/{number}" for number in range(30)))})
    with pytest.raises(SourceUnreadable, match="10 pages in a row"):
        list(FORMAT.read(a_feed(MAP, web)))
    assert len(web.asked) == 11


def test_a_sitemap_without_end_is_left() -> None:
    def endless(url: str) -> bytes:
        return f"<sitemapindex><sitemap><loc>{url}x</loc></sitemap></sitemapindex>".encode()

    with pytest.raises(SourceUnreadable, match="more than 100 sitemaps"):
        list(FORMAT.read(a_feed(MAP, FakeFetcher(endless))))


def test_a_page_that_does_not_come_ends_the_reading_of_a_single_page() -> None:
    with pytest.raises(FetchFailed):
        list(FORMAT.read(a_feed(PAGE, FakeFetcher({}))))


def test_several_addresses_stand_with_spaces_between() -> None:
    other = f"{SITE}/other"
    web = FakeFetcher({PAGE: page(event("A")), other: json.dumps(event("B")).encode()})
    found = account(FORMAT, a_feed(f"{PAGE} {other}", web))
    assert [each.title for each in found.records.values()] == ["A", "B"]


def test_a_page_without_opportunities_says_so() -> None:
    found = account(FORMAT, a_feed(PAGE, FakeFetcher({PAGE: b"<html><p>Hello</html>"})))
    assert found.bad == [f"{PAGE}: It holds no JSON-LD with an event, a course, a programme or a job."]


def test_a_file_gives_the_same_names_wherever_it_lies(tmp_path: Path) -> None:
    names = []
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        path = tmp_path / folder / "events.json"
        path.write_text(json.dumps([event("A"), event("B", url="https://b.example.org/b")]))
        names.append(list(account(FORMAT, a_feed(str(path))).records))
    assert names[0] == names[1]
    assert str(tmp_path) not in repr(names)


def test_a_page_in_an_old_encoding_is_read_as_browsers_read_it() -> None:
    body = b'<script type="application/ld+json">' + json.dumps(event("Caf\u00e9"), ensure_ascii=False).encode("cp1252")
    found = account(FORMAT, a_feed(PAGE, FakeFetcher({PAGE: body})))
    assert [each.title for each in found.records.values()] == ["Café"]


@settings(deadline=None)
@given(damages(json.loads(GRAPH.read_text())), st.booleans())
def test_no_damage_to_a_page_is_more_than_a_line(damaged: Any, is_page: bool) -> None:
    body = page(damaged) if is_page else json.dumps(damaged).encode()
    found = account(FORMAT, a_feed(PAGE, FakeFetcher({PAGE: body})))
    for read in found.records.values():
        assert read.title
        assert read.provider.name
        repr(read).encode()
        assert all(held.starts_at.timestamp() < held.ends_at.timestamp() for held in read.sittings)
