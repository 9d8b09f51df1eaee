"""The calendar file, read by another parser than the one that wrote it."""

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from ical.calendar import Calendar
from ical.calendar_stream import IcsCalendarStream
from ical.event import Event
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalogue.models import Occurrence, Opportunity, Venue
from database.session import session as site_session
from discover.calendar import calendar, has_calendar
from settings import ROOT
from tests.catalogue.factories import opportunity, venue
from tests.client import CheckedClient

URL = "https://doorstep.example/opportunities/7-x"
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
START = datetime(2026, 6, 3, 17, 30, tzinfo=UTC)
TWO_HOURS = timedelta(hours=2)
TITLE = "Gŵyl y Môr, Llŷn; canu, dawnsio â’r band, coginio bara brith – a llawer, llawer mwy i’r plant \\ tŷ pawb"


def sitting(starts_at: datetime) -> Occurrence:
    return Occurrence(starts_at=starts_at, ends_at=starts_at + TWO_HOURS)


def written(session: Session, app: Flask, *venues: Venue, **values: Any) -> bytes:
    one = opportunity(*venues, **values)
    session.add(one)
    session.flush()
    session.refresh(one)
    assert has_calendar(one, NOW)
    with app.test_request_context():
        return calendar(one, URL, NOW)


def read(file: bytes) -> Calendar:
    return IcsCalendarStream.calendar_from_ics(file.decode())


def only_event(file: bytes) -> Event:
    (event,) = read(file).events
    return event


def test_each_sitting_to_come_is_an_event(session: Session, wordy_app: Flask) -> None:
    past, coming = START - timedelta(days=7), [START, START + timedelta(days=7)]
    found = read(written(session, wordy_app, occurrences=[sitting(each) for each in (past, *coming)])).events
    assert [event.dtstart for event in found] == coming
    assert [event.dtend for event in found] == [start + TWO_HOURS for start in coming]
    assert len({event.uid for event in found}) == 2


def test_any_title_comes_through_whole_in_short_lines(session: Session, wordy_app: Flask) -> None:
    file = written(
        session, wordy_app, title=TITLE, how_to_apply="Ring us;\nor, better, come.", occurrences=[sitting(START)]
    )
    assert only_event(file).summary == TITLE
    assert "Ring us;\nor, better, come." in (only_event(file).description or "")
    assert file.endswith(b"\r\n")
    lines = file.split(b"\r\n")
    assert not any(b"\n" in line for line in lines)
    assert max(map(len, lines)) <= 75


def test_it_says_where_and_leads_back(session: Session, wordy_app: Flask) -> None:
    hall = venue(50.3714, -4.1422, name="The Hall", address="1 High Street", town="Plymouth")
    event = only_event(written(session, wordy_app, hall, occurrences=[sitting(START)]))
    assert event.location == "The Hall, 1 High Street, Plymouth, PL1 2AA"
    assert event.geo is not None
    assert (round(event.geo.lat, 4), round(event.geo.lng, 4)) == (50.3714, -4.1422)
    assert str(event.url) == URL
    assert URL in (event.description or "")


def test_two_doors_are_both_named_and_neither_is_pointed_at(session: Session, wordy_app: Flask) -> None:
    doors = venue(50.37, -4.14, name="One"), venue(50.38, -4.15, name="Two")
    event = only_event(written(session, wordy_app, *doors, occurrences=[sitting(START)]))
    assert event.location == "One, PL1 2AA / Two, PL1 2AA"
    assert event.geo is None


def test_the_same_file_twice_makes_no_second_event(session: Session, wordy_app: Flask) -> None:
    one = opportunity(occurrences=[sitting(START)])
    session.add(one)
    session.flush()
    with wordy_app.test_request_context():
        first, later = calendar(one, URL, NOW), calendar(one, URL, NOW + timedelta(days=1))
    assert only_event(first).uid == only_event(later).uid
    assert first == later


def test_one_that_closes_is_a_whole_day_in_the_uk(session: Session, wordy_app: Flask) -> None:
    # The last second of 30 June in the UK, where it is summer.
    ends_at = datetime(2026, 6, 30, 22, 59, 59, tzinfo=UTC)
    event = only_event(written(session, wordy_app, title="Join us", ends_at=ends_at))
    assert (event.dtstart, event.dtend) == (date(2026, 6, 30), date(2026, 7, 1))
    assert event.summary == "Apply by: Join us"
    assert event.transparency == "TRANSPARENT"


def test_the_last_day_that_a_calendar_has_needs_no_day_after_it(session: Session, wordy_app: Flask) -> None:
    event = only_event(written(session, wordy_app, ends_at=datetime(9999, 12, 31, 12, tzinfo=UTC)))
    assert event.dtstart == date(9999, 12, 31)


def test_no_control_of_a_providers_text_gets_into_the_file(session: Session, wordy_app: Flask) -> None:
    hall = venue(50.3714, -4.1422, name="The\x0bHall\n", town="Ply\x07mouth")
    text = {
        "title": "Weld\x0band\r\nbend\x1b \x85it",
        "summary": "One\x0c\x07.",
        "how_to_apply": "Ring\tus.\n\nOr come.",
    }
    file = written(session, wordy_app, hall, occurrences=[sitting(START)], **text)
    assert not [byte for byte in file.replace(b"\r\n", b"") if byte < 0x20 or byte == 0x7F]
    event = only_event(file)
    assert event.summary == "Weld and bend it"
    assert event.location == "The Hall, Plymouth, PL1 2AA"
    assert (event.description or "").split("\n\n")[-3:] == ["Ring us.", "Or come.", URL]


@pytest.mark.parametrize(
    ("ends_at", "expected"), [(None, False), (NOW + timedelta(days=1), True), (NOW - timedelta(days=1), False)]
)
def test_what_has_no_date_or_has_ended_has_no_calendar(
    session: Session, ends_at: datetime | None, expected: bool
) -> None:
    one = opportunity(ends_at=ends_at)
    session.add(one)
    session.flush()
    assert has_calendar(one, NOW) is expected


def test_every_sample_that_has_a_date_has_a_calendar(client: CheckedClient, site: Flask) -> None:
    with site.app_context():
        columns = (Opportunity.id, Opportunity.slug, Opportunity.title, Opportunity.ends_at)
        rows = site_session().execute(select(*columns)).all()
    for number, slug, title, ends_at in rows:
        answer = client.get(f"/opportunities/{number}-{slug}.ics")
        assert answer.status == (200 if ends_at else 404)
        if answer.status == 200:
            assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
            assert answer.headers["Content-Disposition"] == f"attachment; filename={slug}.ics"
            assert all(title in (event.summary or "") for event in read(answer.text.encode()).events)
    assert {row.ends_at is None for row in rows} == {True, False}


def test_an_old_slug_leads_to_the_new_calendar(client: CheckedClient, site: Flask) -> None:
    with site.app_context():
        found = site_session().scalars(select(Opportunity).where(Opportunity.ends_at.is_not(None)).limit(1)).one()
        number, slug = found.id, found.slug
    answer = client.get(f"/opportunities/{number}-old-name.ics")
    assert answer.status == 301
    assert answer.headers["Location"] == f"/opportunities/{number}-{slug}.ics"
    assert client.get("/opportunities/987654-nothing.ics").status == 404


def test_the_start_does_not_wait_for_what_writes_calendars() -> None:
    program = "import sys, app; sys.exit('icalendar' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 0
