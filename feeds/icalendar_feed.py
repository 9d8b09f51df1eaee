"""Calendars: RFC 5545, as a file or at an address (`webcal://` too).

All the components of one UID are one opportunity: the event, and those of its
dates that were moved (RECURRENCE-ID). What repeats is expanded as
`feeds.schedules` says, on the clock of the event's zone. A moment without a zone
is in that of the calendar (X-WR-TIMEZONE), else in the UK's; a day without a time
lasts from midnight to midnight there. An event without an end takes an hour.

Who is invited is never looked at. An organiser stands in for the calendar's name
only where the calendar has none, and not one that is marked as a person or
written as an e-mail address.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from catalogue.words import Kind, Layer, Reach
from feeds import schedules
from feeds.contacts import without_contacts
from feeds.icalendar_times import one, rule_of, several, sittings_of, words
from feeds.reading import Bad, Feed, Format, Item, Read, SourceUnreadable
from feeds.record import CalledOff, OpportunityRecord, ProviderRecord, Refused, VenueRecord
from gazetteer import postcode
from settings import UK_TIME

# By the first of these words in its categories, else in its name. What says nothing of the kind is an event.
KINDS: dict[str, tuple[Kind, Layer]] = {
    "open day": (Kind.EVENT, Layer.ENGAGE),
    "open evening": (Kind.EVENT, Layer.ENGAGE),
    "taster": (Kind.EVENT, Layer.ENGAGE),
    "talk": (Kind.EVENT, Layer.ENGAGE),
    "workshop": (Kind.WORKSHOP, Layer.PARTICIPATE),
    "masterclass": (Kind.WORKSHOP, Layer.PARTICIPATE),
    "class": (Kind.WORKSHOP, Layer.PARTICIPATE),
    "lesson": (Kind.WORKSHOP, Layer.PARTICIPATE),
    "training": (Kind.WORKSHOP, Layer.PARTICIPATE),
    "hands-on": (Kind.WORKSHOP, Layer.PARTICIPATE),
    "club": (Kind.EVENT, Layer.PARTICIPATE),
    "session": (Kind.EVENT, Layer.PARTICIPATE),
}
OTHERWISE = (Kind.EVENT, Layer.ENGAGE)
MOST_EVENTS = 50_000
_ONLINE = re.compile(r"https?://\S+|(on-?line|virtual|zoom|(microsoft )?teams|google meet|webinar)( \S+)?", re.I)
# The rule of a time zone is evaluated by a library that would run for hours on one of every second.
_ZONE_RULE = re.compile(
    r"RRULE:FREQ=YEARLY(;(BYMONTH=[0-9]{1,2}|BYDAY=[+-]?[0-9]?[A-Z]{2}|BYMONTHDAY=[0-9,-]{1,40}|UNTIL=[0-9TZ]+"
    r"|INTERVAL=1|WKST=[A-Z]{2}))*",
    re.I,
)
_NAMES = re.compile(r"^(?:X-WR-CALNAME|NAME|X-WR-TIMEZONE)[:;].*$", re.I | re.M)
_EVENT = re.compile(r"^BEGIN:VEVENT\s*$.*?^END:VEVENT\s*$", re.I | re.M | re.S)
_ZONE = re.compile(r"^BEGIN:VTIMEZONE\s*$.*?^END:VTIMEZONE\s*$\n?", re.I | re.M | re.S)


@dataclass(frozen=True, slots=True)
class Calendar:
    """What a calendar says of all its events. `provider` is None where none can be named."""

    provider: str | None
    zone: tzinfo


def read(feed: Feed) -> Iterator[Read]:
    """Every event of a source's calendars. Raises `SourceUnreadable`, or the fetcher's `FetchFailed`."""
    for address in feed.address.split() if "://" in feed.address else [feed.address]:
        calendars, broken = _parsed(_body(feed, address), address)
        for calendar in calendars:
            yield from _events(feed, calendar, address)
        for number, event in enumerate(broken, 1):
            yield Bad(f"broken event {number}", "It cannot be read as an event.", event[:2_000])


def _body(feed: Feed, address: str) -> bytes:
    if "://" in address:
        fetcher: Any = feed.fetcher
        return fetcher.get(re.sub(r"^webcals?://", "https://", address)).body
    try:
        return Path(address).read_bytes()
    except OSError as error:
        raise SourceUnreadable(f"{address} cannot be read: {error.strerror}.") from error


def _parsed(body: bytes, address: str) -> tuple[list[Any], list[str]]:
    """The calendars in an answer, and those of its events that cannot be read, as text."""
    text = _text(body)
    lines = text.strip().upper()
    if "BEGIN:VCALENDAR" not in lines[:1_000]:
        raise SourceUnreadable(f"{address} is not a calendar.")
    if not lines.endswith("END:VCALENDAR"):
        raise SourceUnreadable(f"{address} breaks off before the calendar ends.")
    # A time zone that is broken would take the whole calendar with it; most zones are known by their names anyway.
    for attempt in (_ZONE.sub(_harmless, text), _ZONE.sub("", text)):
        if parsed := _parse(attempt):
            return parsed, []
    return _rescued(text, address)


def _parse(text: str) -> list[Any] | None:
    """The calendars in a text, or None where the parser does not get through it."""
    from icalendar import Calendar as Parser  # it takes 60 ms to load, which only a calendar is worth

    try:
        return list(Parser.from_ical(text, multiple=True))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


def _rescued(text: str, address: str) -> tuple[list[Any], list[str]]:
    """One calendar of the events that can be read each by itself, and the others as text."""
    head = "\n".join(line for line in _NAMES.findall(text) if _parse(_wrapped(line)))
    (found,) = _parse(_wrapped(head)) or [None]
    if found is None:
        raise SourceUnreadable(f"{address} is a calendar that cannot be read.")
    broken = []
    for event in _EVENT.findall(text)[:MOST_EVENTS]:
        parsed = _parse(_wrapped(event))
        if parsed is None:
            broken.append(event)
        for calendar in parsed or []:
            found.subcomponents += calendar.walk("VEVENT")
    return [found], broken


def _wrapped(text: str) -> str:
    return f"BEGIN:VCALENDAR\n{text}\nEND:VCALENDAR\n"


def _text(body: bytes) -> str:
    """The text with its folded lines joined (RFC 5545, 3.1): they may be folded within a character."""
    body = re.sub(rb"\r?\n[ \t]", b"", body)
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = body.decode("cp1252", errors="replace")
    return text.replace("\r\n", "\n").replace("\0", "")


def _harmless(zone: re.Match[str]) -> str:
    lines = zone[0].split("\n")
    return "\n".join(line for line in lines if not line.upper().startswith("RRULE") or _ZONE_RULE.fullmatch(line))


def _events(feed: Feed, parsed: Any, address: str) -> Iterator[Read]:
    calendar = _calendar(parsed, address)
    together: dict[str, list[Any]] = {}
    for event in parsed.walk("VEVENT")[:MOST_EVENTS]:
        together.setdefault(_identifier(event), []).append(event)
    for number, (identifier, events) in enumerate(together.items(), 1):
        where = f"event {number}"
        main = next((event for event in events if not one(event, "RECURRENCE-ID")), events[0])
        if one(main, "RRULE") is not None and not rule_of(main, date(2000, 1, 1), calendar.zone):
            yield Bad(where, "It repeats in a way that is not read: only its first date is.", identifier)
        try:
            made = _record(main, events, calendar, feed.now)
        except Refused as refused:
            yield Item(identifier, _account(main, str(refused)), partial(_refuse, str(refused)), where)
        else:
            yield Item(identifier, repr(made).encode(), partial(_give, made), where)


def _give(made: OpportunityRecord) -> OpportunityRecord:
    return made


def _refuse(reason: str) -> OpportunityRecord:
    raise Refused(reason)


def _account(event: Any, reason: str) -> bytes:
    return f"{words(event, 'SUMMARY')}\n{reason}".encode()


def _calendar(parsed: Any, address: str) -> Calendar:
    names = (words(parsed, name) for name in ("X-WR-CALNAME", "NAME"))
    provider = next((name for name in names if name and "@" not in name), None)
    zone = schedules.read_zone(words(parsed, "X-WR-TIMEZONE")) or UK_TIME
    return Calendar(provider or _organiser(parsed) or (urlsplit(address).hostname if "://" in address else None), zone)


def _organiser(parsed: Any) -> str | None:
    """The name of the first event's organiser, if it is not a person."""
    for event in parsed.walk("VEVENT")[:1]:
        said = one(event, "ORGANIZER")
        parameters = getattr(said, "params", {})
        name = str(parameters.get("CN", "")).strip()
        if name and "@" not in name and str(parameters.get("CUTYPE", "")).upper() != "INDIVIDUAL":
            return name
    return None


def _identifier(event: Any) -> str:
    """Its UID; where it has none, or one that is too long, a digest."""
    uid = words(event, "UID")
    if 0 < len(uid) <= 200:
        return uid
    said = uid or f"{words(event, 'SUMMARY')} {getattr(one(event, 'DTSTART'), 'dt', '')}"
    return hashlib.blake2b(said.encode(), digest_size=16).hexdigest()


def _record(main: Any, events: Sequence[Any], calendar: Calendar, now: datetime) -> OpportunityRecord:
    if words(main, "STATUS").upper() == "CANCELLED":
        raise CalledOff("It is cancelled.")
    if words(main, "CLASS").upper() in ("PRIVATE", "CONFIDENTIAL"):
        raise CalledOff("It is marked as private.")
    title = words(main, "SUMMARY")
    if not title:
        raise Refused("It has no name.")
    if not calendar.provider:
        raise Refused("It does not say who offers it: the calendar has no name.")
    sittings = schedules.soonest(sittings_of(main, events, calendar.zone, now), now)
    if not sittings:
        raise CalledOff("No date of it is known.")
    kind, layer = _kind(main)
    reach, venues = _where(main)
    url = words(main, "URL")
    return OpportunityRecord(
        title=title,
        kind=kind,
        layer=layer,
        provider=ProviderRecord(name=calendar.provider),
        reach=reach,
        description=without_contacts(words(main, "DESCRIPTION")),
        venues=venues,
        sittings=sittings,
        url=url if re.fullmatch(r"https?://\S+", url) else None,
    )


def _kind(event: Any) -> tuple[Kind, Layer]:
    categories = " ".join(
        str(word) for each in several(event, "CATEGORIES") for word in getattr(each, "cats", None) or [each]
    )
    for text in (categories, words(event, "SUMMARY")):
        found = [(match.start(), word) for word in KINDS if (match := re.search(rf"\b{word}(es|s)?\b", text, re.I))]
        if found:
            return KINDS[min(found)[1]]
    return OTHERWISE


def _where(event: Any) -> tuple[Reach, tuple[VenueRecord, ...]]:
    """Where the LOCATION and GEO say it is: the name comes first, the rest is the address."""
    text = without_contacts(", ".join(words(event, "LOCATION").split("\n")))
    if _ONLINE.fullmatch(text.strip()):
        return Reach.ONLINE, ()
    code = postcode.inside(text) or ""
    if code:
        outward, inward = code.split(" ")
        text = re.sub(rf"\b{outward}[\s,/-]?{inward}\b", "", text, flags=re.I)
    name, *address = [part.strip() for part in text.split(",") if part.strip()] or [""]
    geo = one(event, "GEO")
    made = VenueRecord(
        name=name,
        address=", ".join(address),
        postcode=code,
        latitude=getattr(geo, "latitude", None),
        longitude=getattr(geo, "longitude", None),
    )
    return (Reach.VENUE, (made,)) if made != VenueRecord() else (Reach.UNKNOWN, ())


FORMAT = Format(name="icalendar", title="iCalendar", read=read, is_whole=True, is_conditional=True)
