from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.words import Kind, Layer, Reach
from feeds.fetching import FetchFailed
from feeds.icalendar_feed import FORMAT, read
from feeds.reading import Bad, Item, SourceUnreadable
from feeds.record import OpportunityRecord, ProviderRecord, VenueRecord
from tests.feeds.fakes_openactive import NOW, Source

SAMPLE = Path(__file__).parent / "samples" / "icalendar" / "hall.ics"
ADDRESS = "https://elm.example/events.ics"


def calendar(*lines: str, top: str = "X-WR-CALNAME:Elm Hall") -> bytes:
    """A calendar of one event with these lines, or several where they end and begin one."""
    event = ["UID:1", "SUMMARY:Coding", *lines]
    return "\r\n".join(["BEGIN:VCALENDAR", top, "BEGIN:VEVENT", *event, "END:VEVENT", "END:VCALENDAR", ""]).encode()


def source(body: bytes, address: str = ADDRESS) -> Source:
    made = Source(read, address, {address.replace("webcal:", "https:"): body})
    made.refresh()
    return made


def starts(*lines: str) -> list[str]:
    return [f"{sitting.starts_at:%m-%d %H:%M}" for sitting in source(calendar(*lines)).record().sittings]


def test_a_calendar_becomes_its_events() -> None:
    made = Source(read, str(SAMPLE))
    made.refresh()
    found = made.records()
    mend = found.pop("repairs@elm.example")
    assert isinstance(mend, OpportunityRecord)
    assert [f"{sitting.starts_at:%m-%d %H:%M}" for sitting in mend.sittings] == [
        "10-13 17:30",
        "10-27 18:30",
        "11-04 19:00",
        "11-10 18:30",
    ]
    assert mend == OpportunityRecord(
        title="Mend it",
        kind=Kind.WORKSHOP,
        layer=Layer.PARTICIPATE,
        provider=ProviderRecord(name="Elm Hall"),
        description="Bring what is broken, we have tools.\nAsk … or ….",
        venues=(
            VenueRecord(
                name="Elm Hall", address="2 Elm Street, Plymouth", postcode="PL1 2AA", latitude=50.37, longitude=-4.14
            ),
        ),
        sittings=mend.sittings,
        url="https://elm.example/mend",
    )
    fair = found.pop("fair@elm.example")
    assert isinstance(fair, OpportunityRecord)
    assert (fair.kind, fair.layer, fair.reach) == (Kind.EVENT, Layer.ENGAGE, Reach.ONLINE)
    (sitting,) = fair.sittings
    assert sitting.starts_at == datetime(2026, 7, 10, 23, tzinfo=UTC)
    assert sitting.ends_at - sitting.starts_at == timedelta(days=2)
    assert found == {"off@elm.example": "It is cancelled."}


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["DTSTART:20260707T190000"], ["07-07 18:00"]),
        (["DTSTART:20260707T190000Z"], ["07-07 19:00"]),
        (["DTSTART;TZID=Europe/Paris:20260707T190000"], ["07-07 17:00"]),
        (["DTSTART;TZID=GMT Standard Time:20260707T190000"], ["07-07 18:00"]),
        (["DTSTART;TZID=Nowhere:20260707T190000"], ["07-07 18:00"]),
        (["DTSTART;VALUE=DATE:20260707"], ["07-06 23:00"]),
        (["DTSTART:20260707T180000Z", "RRULE:FREQ=DAILY;UNTIL=20260709T170000Z"], ["07-07 18:00", "07-08 18:00"]),
        (["DTSTART:20260707T180000Z", "RRULE:FREQ=DAILY;UNTIL=20260708"], ["07-07 18:00", "07-08 18:00"]),
        (["DTSTART:20260707T180000Z", "RDATE:20260801T180000Z"], ["07-07 18:00", "08-01 18:00"]),
        (["DTSTART:20260707T180000Z", "RRULE:FREQ=DAILY;COUNT=3", "EXDATE;VALUE=DATE:20260708"],
         ["07-07 18:00", "07-09 18:00"]),
        (["DTSTART:20260731T180000Z", "RRULE:FREQ=MONTHLY;COUNT=2;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"],
         ["07-31 18:00", "08-31 18:00"]),
        (["DTSTART:20260731T180000Z", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "RDATE:20260801T180000Z"],
         ["08-01 18:00"]),
    ],
)  # fmt: skip
def test_when_an_event_is(lines: list[str], expected: list[str]) -> None:
    assert starts(*lines) == expected


def test_what_repeats_without_an_end_is_seen_for_26_weeks_and_changes_with_the_weeks() -> None:
    made = source(calendar("DTSTART:20200107T180000Z", "RRULE:FREQ=WEEKLY"))
    assert len(made.record().sittings) == 26
    before = made.items["1"].content
    made.refresh(NOW + timedelta(days=2))
    assert made.items["1"].content == before
    made.refresh(NOW + timedelta(days=9))
    assert made.items["1"].content != before


def test_a_date_that_was_called_off_is_left_out() -> None:
    off = ["END:VEVENT", "BEGIN:VEVENT", "UID:1", "RECURRENCE-ID:20260708T180000Z", "DTSTART:20260708T180000Z"]
    lines = ["DTSTART:20260707T180000Z", "RRULE:FREQ=DAILY;COUNT=3", *off, "STATUS:CANCELLED"]
    assert starts(*lines) == ["07-07 18:00", "07-09 18:00"]


def test_a_rule_of_hours_gives_its_first_date_and_says_so() -> None:
    made = source(calendar("DTSTART:20260707T180000Z", "RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30"))
    assert len(made.record().sittings) == 1
    assert [bad.reason for bad in made.bad] == ["It repeats in a way that is not read: only its first date is."]


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([], "No date of it is known."),
        (["DTSTART:soon"], "No date of it is known."),
        (["DTSTART:00010101T000000Z"], "No date of it is known."),
        (["DTSTART:20260707T180000Z", "CLASS:PRIVATE"], "It is marked as private."),
        (["DTSTART:20260707T180000Z", "STATUS:cancelled"], "It is cancelled."),
    ],
)
def test_what_cannot_be_an_opportunity_is_refused(lines: list[str], reason: str) -> None:
    assert source(calendar(*lines)).records() == {"1": reason}


@pytest.mark.parametrize(
    ("top", "organiser", "provider"),
    [
        ("X-WR-CALNAME:Elm Hall", "ORGANIZER;CN=Library:mailto:x@elm.example", "Elm Hall"),
        ("NAME:Elm Hall", "X-A:b", "Elm Hall"),
        ("X-WR-CALNAME:jo@elm.example", "ORGANIZER;CN=Library:mailto:x@elm.example", "Library"),
        ("X-A:b", "ORGANIZER;CUTYPE=INDIVIDUAL;CN=Jo:mailto:x@elm.example", "elm.example"),
        ("X-A:b", "ORGANIZER;CN=jo@elm.example:mailto:jo@elm.example", "elm.example"),
    ],
)
def test_who_offers_it(top: str, organiser: str, provider: str) -> None:
    found = source(calendar("DTSTART:20260707T180000Z", organiser, top=top)).record()
    assert found.provider.name == provider


@pytest.mark.parametrize(
    ("lines", "reach", "venue"),
    [
        (["LOCATION:Online"], Reach.ONLINE, None),
        (["LOCATION:Zoom call"], Reach.ONLINE, None),
        (["X-A:b"], Reach.UNKNOWN, None),
        (["GEO:50.1;-4.2"], Reach.VENUE, VenueRecord(latitude=50.1, longitude=-4.2)),
        (["GEO:north", "LOCATION:Library\\npl12aa"], Reach.VENUE, VenueRecord(name="Library", postcode="PL1 2AA")),
        (["LOCATION:Online Street 4"], Reach.VENUE, VenueRecord(name="Online Street 4")),
    ],
)
def test_where_it_is(lines: list[str], reach: Reach, venue: VenueRecord | None) -> None:
    found = source(calendar("DTSTART:20260707T180000Z", *lines)).record()
    assert (found.reach, found.venues) == (reach, (venue,) if venue else ())


@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        (["CATEGORIES:Training"], (Kind.WORKSHOP, Layer.PARTICIPATE)),
        (["CATEGORIES:Talk", "CATEGORIES:Workshop"], (Kind.EVENT, Layer.ENGAGE)),
        (["CATEGORIES:Classical"], (Kind.EVENT, Layer.ENGAGE)),
        (["DESCRIPTION:A workshop"], (Kind.EVENT, Layer.ENGAGE)),
    ],
)
def test_what_kind_it_is(lines: list[str], kind: tuple[Kind, Layer]) -> None:
    found = source(calendar("DTSTART:20260707T180000Z", *lines)).record()
    assert (found.kind, found.layer) == kind


def test_a_new_stamp_changes_nothing() -> None:
    found = [
        source(calendar("DTSTART:20260707T180000Z", f"DTSTAMP:2026070{n}T000000Z")).items["1"].content for n in (1, 2)
    ]
    assert found[0] == found[1]


def test_an_event_without_a_uid_has_a_lasting_name() -> None:
    body = calendar("DTSTART:20260707T180000Z").replace(b"UID:1\r\n", b"")
    (name,) = source(body).items
    assert list(source(body).items) == [name]


def test_what_is_unreadable_says_so() -> None:
    whole = calendar("DTSTART:20260707T180000Z")
    for body in (b"", b"<html>", whole[:-20]):
        with pytest.raises(SourceUnreadable):
            source(body)
    with pytest.raises(SourceUnreadable):
        Source(read, "/nowhere/at/all.ics").refresh()
    with pytest.raises(FetchFailed):
        Source(read, ADDRESS).refresh()


def test_old_encodings_marks_and_addresses_are_read() -> None:
    body = calendar("DTSTART:20260707T180000Z", "DESCRIPTION:Café")
    assert source(body.decode().encode("cp1252")).record().description == "Café"
    assert source(b"\xef\xbb\xbf" + body, ADDRESS.replace("https", "webcal")).record().description == "Café"


def test_a_broken_time_zone_does_not_hide_the_events() -> None:
    broken = SAMPLE.read_bytes().replace(b"TZOFFSETTO:+0100", b"TZOFFSETTO:soon")
    assert len(source(broken).items) == 3
    endless = SAMPLE.read_bytes().replace(b"FREQ=YEARLY;BYMONTH=3;", b"FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30;")
    assert len(source(endless).items) == 3


def test_an_event_that_is_broken_does_not_hide_the_others() -> None:
    ends = b"END:VCALENDAR\n" * 3
    made = source(SAMPLE.read_bytes().replace(b"SUMMARY:Careers fair\n", ends).replace(b"VERSION:2.0", b"no line"))
    assert set(made.items) == {"repairs@elm.example", "off@elm.example"}
    assert [bad.reason for bad in made.bad] == ["It cannot be read as an event."]
    assert isinstance(made.records()["repairs@elm.example"], OpportunityRecord)


def test_each_reading_gives_all_there_is() -> None:
    assert FORMAT.is_whole


ODD = [
    *(
        "",
        ":",
        ";",
        "BEGIN:VEVENT",
        "END:VEVENT",
        "CATEGORIES:",
        "ORGANIZER:",
        "TZOFFSETTO:+9999",
        "LOCATION:\x00\ud83d",
    ),
    *("RRULE:FREQ=DAILY;INTERVAL=0", "RRULE:FREQ=YEARLY;COUNT=-1", "RRULE:FREQ=MONTHLY;UNTIL=00010101"),
    *("RRULE:FREQ=WEEKLY;BYDAY=9MO;BYSETPOS=400", "DURATION:-P1D", "DTEND:19000101", "DTSTART:22001231T235959Z"),
    *("RDATE;VALUE=PERIOD:20260101T000000Z/P1D", "EXDATE:x", "RECURRENCE-ID:20260101", "GEO:1;nan"),
    "DTSTART;VALUE=DATE:20260230",
]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 60), st.sampled_from(ODD), st.booleans()), min_size=1, max_size=6))
def test_no_calendar_breaks_the_reader(changes: list[tuple[int, str, bool]]) -> None:
    lines = SAMPLE.read_text().splitlines()
    for place, odd, is_instead in changes:
        at = place % len(lines)
        lines[at : at + is_instead] = [odd]
    made = Source(read, ADDRESS, {ADDRESS: "\n".join(lines).encode(errors="replace")})
    try:
        given = made.refresh()
    except SourceUnreadable:
        return
    assert all(isinstance(one, Item | Bad) for one in given)
    for found in made.records().values():
        assert isinstance(found, str) or found.sittings


def test_a_sitting_far_in_the_past_is_one() -> None:
    (sitting,) = source(calendar("DTSTART;VALUE=DATE:20180707")).record().sittings
    assert sitting.starts_at.date() == date(2018, 7, 6)
