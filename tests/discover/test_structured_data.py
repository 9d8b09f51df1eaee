"""What search engines read of every opportunity: it parses, and has what Google's documentation requires."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalogue.models import Occurrence, Opportunity
from catalogue.words import Kind, Reach
from database.session import session as site_session
from discover.structured_data import SHAPES, structured_data
from tests.catalogue.factories import opportunity, provider, venue
from tests.client import CheckedClient

JsonLd = dict[str, Any]
URL = "https://doorstep.example/opportunities/1-x"
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
GOOGLE = "https://developers.google.com/search/docs/appearance/structured-data"

# Required properties by type, as Google's pages list them; a dot leads into what a property holds.
REQUIRED = {
    "Event": (f"{GOOGLE}/event", {"name", "startDate", "location"}),
    "Course": (f"{GOOGLE}/course", {"name", "description", "provider", "provider.name"}),
    "JobPosting": (
        f"{GOOGLE}/job-posting",
        {"title", "description", "datePosted", "hiringOrganization", "hiringOrganization.name"},
    ),
    # No rich result: what makes sense of it for anyone.
    "LearningResource": ("https://schema.org/LearningResource", {"name", "description", "url", "provider.name"}),
    "EducationalOccupationalProgram": (
        "https://schema.org/EducationalOccupationalProgram",
        {"name", "description", "url", "provider.name"},
    ),
    "Service": ("https://schema.org/Service", {"name", "description", "url", "provider.name"}),
}
# For the richer result about a course that has instances.
COURSE_INFO = (f"{GOOGLE}/course-info", {"offers", "offers.category", "hasCourseInstance.courseMode"})
SCHEDULE = {"repeatFrequency", "repeatCount"}
FREQUENCIES = {"Daily", "Weekly", "Monthly", "Yearly"}
CATEGORIES = {"Free", "Partially Free", "Subscription", "Paid"}
EMPLOYMENT = {"FULL_TIME", "PART_TIME", "CONTRACTOR", "TEMPORARY", "INTERN", "VOLUNTEER", "PER_DIEM", "OTHER"}
MOMENTS = {"startDate", "endDate", "datePosted", "validThrough", "validFrom", "applicationDeadline", "jobStartDate"}
ADDRESSES = {"url", "sameAs"}


@pytest.fixture(scope="module")
def by_kind(site: Flask) -> dict[Kind, list[JsonLd]]:
    """The data on the page of every sample."""
    client = CheckedClient(site)
    with site.app_context():
        rows = site_session().execute(select(Opportunity.id, Opportunity.slug, Opportunity.kind)).all()
    found: dict[Kind, list[JsonLd]] = {kind: [] for kind in Kind}
    for number, slug, kind in rows:
        scripts = client.get(f"/opportunities/{number}-{slug}").all(".//script[@type='application/ld+json']")
        assert len(scripts) == 1
        found[kind].append(json.loads(scripts[0].text or ""))
    return found


@pytest.fixture(scope="module")
def everything(by_kind: dict[Kind, list[JsonLd]]) -> list[JsonLd]:
    return [data for kind in Kind for data in by_kind[kind]]


def at(data: Any, path: str) -> Any:
    """What stands at a dotted path, or None."""
    for part in path.split("."):
        data = data.get(part) if isinstance(data, dict) else None
    return data


def things(data: Any) -> Iterator[JsonLd]:
    """Every object in the data, from the outermost in."""
    if isinstance(data, dict):
        yield data
        data = list(data.values())
    if isinstance(data, list):
        for each in data:
            yield from things(each)


def places(data: JsonLd, name: str) -> list[JsonLd]:
    found = data.get(name, [])
    return found if isinstance(found, list) else [found]


def test_every_sample_has_what_its_type_requires(everything: list[JsonLd]) -> None:
    for data in everything:
        assert data["@context"] == "https://schema.org"
        source, required = REQUIRED[data["@type"]]
        missing = {path for path in required if not at(data, path)}
        assert not missing, (source, data.get("name"), missing)


def test_events_say_where(everything: list[JsonLd]) -> None:
    events = [data for data in everything if data["@type"] == "Event"]
    for data in events:
        for place in places(data, "location"):
            if place["@type"] == "VirtualLocation":
                assert data["eventAttendanceMode"] == "https://schema.org/OnlineEventAttendanceMode"
                assert place["url"]
            else:
                assert place["@type"] == "Place"
                assert place["address"]["addressCountry"] == "GB"
    assert {place["@type"] for data in events for place in places(data, "location")} == {"Place", "VirtualLocation"}


def test_courses_with_instances_have_what_the_richer_result_requires(everything: list[JsonLd]) -> None:
    source, required = COURSE_INFO
    courses = [data for data in everything if "hasCourseInstance" in data]
    assert len(courses) > 40
    for data in courses:
        missing = {path for path in required if not at(data, path)}
        assert not missing, (source, data["name"], missing)
        assert data["offers"]["category"] in CATEGORIES
        assert data["hasCourseInstance"]["courseMode"] in {"Online", "Onsite", "Blended"}
        assert data["hasCourseInstance"].keys() & {"courseSchedule", "courseWorkload"}


def test_schedules_repeat_as_google_counts(everything: list[JsonLd]) -> None:
    schedules = [thing for data in everything for thing in things(data) if thing.get("@type") == "Schedule"]
    assert schedules
    for schedule in schedules:
        assert schedule.keys() >= SCHEDULE
        assert schedule["repeatFrequency"] in FREQUENCIES
        assert schedule["repeatCount"] > 1


def test_jobs_say_where_or_that_they_are_done_from_home(everything: list[JsonLd]) -> None:
    jobs = [data for data in everything if data["@type"] == "JobPosting"]
    for data in jobs:
        if data.get("jobLocationType") == "TELECOMMUTE":
            assert data["applicantLocationRequirements"] == {"@type": "Country", "name": "GB"}
            assert "jobLocation" not in data
        else:
            assert places(data, "jobLocation")
            assert all(place["address"]["addressCountry"] == "GB" for place in places(data, "jobLocation"))
        assert data.get("employmentType", "OTHER") in EMPLOYMENT
    assert {data.get("jobLocationType") for data in jobs} == {None, "TELECOMMUTE"}


def test_moments_have_an_offset_and_addresses_are_whole(everything: list[JsonLd]) -> None:
    for data in everything:
        for thing in things(data):
            for name, value in thing.items():
                if name in MOMENTS and thing["@type"] != "Schedule":
                    assert datetime.fromisoformat(value).utcoffset() is not None
                if name in ADDRESSES:
                    assert urlsplit(value).scheme in ("http", "https")
                    assert urlsplit(value).netloc


def test_every_kind_becomes_its_type(by_kind: dict[Kind, list[JsonLd]]) -> None:
    types = {kind: {data["@type"] for data in found} for kind, found in by_kind.items()}
    assert types == {
        Kind.EVENT: {"Event"},
        Kind.WORKSHOP: {"Event"},
        Kind.COURSE: {"Course"},
        Kind.ONLINE: {"Course"},
        Kind.VOLUNTEERING: {"Event", "JobPosting"},
        Kind.WORK_EXPERIENCE: {"Event", "JobPosting"},
        Kind.PROJECT: {"Event", "EducationalOccupationalProgram"},
        Kind.APPRENTICESHIP: {"JobPosting"},
        Kind.JOB: {"JobPosting"},
        Kind.INFORMATION: {"LearningResource"},
    }
    assert SHAPES.keys() == set(Kind)


def sitting(starts_at: datetime, hours: float = 2) -> Occurrence:
    return Occurrence(starts_at=starts_at, ends_at=starts_at + timedelta(hours=hours))


def made(session: Session, **values: Any) -> JsonLd:
    one = opportunity(**values)
    session.add(one)
    session.flush()
    return structured_data(one, URL, NOW)


def test_an_event_without_dates_is_no_event(session: Session) -> None:
    assert made(session, kind=Kind.EVENT)["@type"] == "Service"


def test_an_event_is_its_next_sitting_in_the_time_of_the_uk(session: Session) -> None:
    past = sitting(datetime(2026, 5, 20, 17, 30, tzinfo=UTC))
    coming = sitting(datetime(2026, 6, 3, 17, 30, tzinfo=UTC))
    data = made(session, kind=Kind.EVENT, occurrences=[past, coming], age_min=16, cost_pence=750)
    assert data["startDate"] == "2026-06-03T18:30:00+01:00"
    assert data["endDate"] == "2026-06-03T20:30:00+01:00"
    assert data["offers"]["price"] == "7.50"
    assert data["typicalAgeRange"] == "16-"


def test_a_course_repeats_by_the_week_and_sums_its_sittings(session: Session) -> None:
    # Across the end of summer time: by the wall clock it is a week, by the hours it is not.
    starts = [datetime(2026, 10, 19, 18, tzinfo=UTC), datetime(2026, 10, 26, 19, tzinfo=UTC)]
    instance = made(session, kind=Kind.COURSE, occurrences=[sitting(start, 1.5) for start in starts], cost_pence=0)[
        "hasCourseInstance"
    ]
    assert instance["courseSchedule"]["repeatFrequency"] == "Weekly"
    assert instance["courseSchedule"]["repeatCount"] == 2
    assert instance["courseSchedule"]["duration"] == "PT1H30M"
    assert instance["courseWorkload"] == "PT3H"


def test_sittings_of_several_lengths_have_no_schedule_but_a_sum(session: Session) -> None:
    starts = [datetime(2026, 6, day, 18, tzinfo=UTC) for day in (3, 10, 17)]
    sittings = [sitting(start, hours) for start, hours in zip(starts, (2, 2, 5), strict=True)]
    data = made(session, kind=Kind.COURSE, occurrences=sittings, cost_pence=0)
    assert "courseSchedule" not in data["hasCourseInstance"]
    assert data["hasCourseInstance"]["courseWorkload"] == data["timeRequired"] == "PT9H"


def test_what_is_over_of_a_course_is_part_of_its_work(session: Session) -> None:
    starts = [datetime(2026, 5, 27, 18, tzinfo=UTC), datetime(2026, 6, 3, 18, tzinfo=UTC)]
    data = made(session, kind=Kind.COURSE, occurrences=[sitting(start) for start in starts])
    assert data["timeRequired"] == "PT4H"


def test_a_course_of_which_little_is_known_has_no_instance(session: Session) -> None:
    assert "hasCourseInstance" not in made(session, kind=Kind.COURSE, cost_pence=0, time_needed="Six evenings")
    assert "hasCourseInstance" not in made(session, kind=Kind.COURSE, time_needed="Six hours")
    assert "hasCourseInstance" not in made(
        session, kind=Kind.COURSE, cost_pence=0, time_needed="Six hours", reach=Reach.NATIONAL
    )


@pytest.mark.parametrize(
    ("pence", "note", "category", "is_free"),
    [(0, None, "Free", True), (0, "Free up to age 24, then £45", "Partially Free", False), (500, None, "Paid", False)],
)
def test_a_price_for_some_is_not_free_for_all(
    session: Session, pence: int, note: str | None, category: str, is_free: bool
) -> None:
    data = made(session, kind=Kind.COURSE, cost_pence=pence, cost_note=note)
    assert (data["offers"]["category"], data["isAccessibleForFree"]) == (category, is_free)


def test_unpaid_work_is_marked_as_such(session: Session) -> None:
    assert made(session, kind=Kind.VOLUNTEERING)["employmentType"] == "VOLUNTEER"
    assert made(session, kind=Kind.WORK_EXPERIENCE)["employmentType"] == "INTERN"


def test_a_job_somewhere_in_a_region_is_not_one_from_home(session: Session) -> None:
    data = made(session, kind=Kind.JOB, reach=Reach.REGION, region="Sussex")
    assert data["jobLocation"]["address"] == {
        "@type": "PostalAddress",
        "addressRegion": "Sussex",
        "addressCountry": "GB",
    }
    assert "jobLocationType" not in data


def test_several_venues_are_several_places(session: Session) -> None:
    one = opportunity(venue(50.37, -4.14), venue(50.38, -4.15, town="Plymouth"), kind=Kind.JOB)
    session.add(one)
    session.flush()
    session.refresh(one)
    found = structured_data(one, URL, NOW)["jobLocation"]
    assert [round(place["geo"]["latitude"], 2) for place in found] == [50.37, 50.38]
    assert found[1]["address"]["addressLocality"] == "Plymouth"


def test_a_job_description_is_markup_in_which_the_providers_is_not(session: Session) -> None:
    data = made(session, kind=Kind.JOB, description="Bend <b>metal</b>.\n\nGo home & rest.")
    assert data["description"] == "<p>Bend &lt;b&gt;metal&lt;/b&gt;.</p><p>Go home &amp; rest.</p>"


def test_a_provider_whose_address_is_none_has_none(session: Session) -> None:
    data = made(session, kind=Kind.JOB, provider=provider(name="Bad", url="javascript:alert(1)"))
    assert data["hiringOrganization"] == {"@type": "Organization", "name": "Bad"}
