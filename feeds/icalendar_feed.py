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
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from catalogue.words import Kind, Layer, Reach
from feeds import schedules
from feeds.contacts import without_contacts
from feeds.reading import Bad, Feed, Format, Item, Read, SourceUnreadable
from feeds.record import CalledOff, OpportunityRecord, ProviderRecord, Refused, Sitting, VenueRecord
from feeds.schedules import A_DAY, Every, Rule
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
_FREQUENCIES: dict[str, Every] = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year"}
# What a rule of days may say; the others are about hours, or so rare that nobody's calendar has them.
_RULE_PARTS = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTH", "BYMONTHDAY", "BYSETPOS", "WKST"}
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
        for one in parsed or []:
            found.subcomponents += one.walk("VEVENT")
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
        main = next((event for event in events if not _one(event, "RECURRENCE-ID")), events[0])
        if _one(main, "RRULE") is not None and not _rule(main, date(2000, 1, 1), calendar.zone):
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
    return f"{_words(event, 'SUMMARY')}\n{reason}".encode()


def _calendar(parsed: Any, address: str) -> Calendar:
    names = (_words(parsed, name) for name in ("X-WR-CALNAME", "NAME"))
    provider = next((name for name in names if name and "@" not in name), None)
    zone = schedules.read_zone(_words(parsed, "X-WR-TIMEZONE")) or UK_TIME
    return Calendar(provider or _organiser(parsed) or (urlsplit(address).hostname if "://" in address else None), zone)


def _organiser(parsed: Any) -> str | None:
    """The name of the first event's organiser, if it is not a person."""
    for event in parsed.walk("VEVENT")[:1]:
        said = _one(event, "ORGANIZER")
        parameters = getattr(said, "params", {})
        name = str(parameters.get("CN", "")).strip()
        if name and "@" not in name and str(parameters.get("CUTYPE", "")).upper() != "INDIVIDUAL":
            return name
    return None


def _one(component: Any, name: str) -> Any:
    """A property that is not broken; the first where there are several that should be one."""
    try:
        value = component.get(name)
        value = value[0] if isinstance(value, list) and value else value
        return None if _is_broken(value) else value
    except (ValueError, LookupError, TypeError, AttributeError):
        return None


def _several(component: Any, name: str) -> list[Any]:
    """All the properties of a name, broken ones left out."""
    value = component.get(name)
    found = value if isinstance(value, list) else [value]
    return [each for each in found if each is not None and not _is_broken(each)]


def _is_broken(value: Any) -> bool:
    """Whether it is what the parser puts where it could not read a property: any look inside it raises."""
    return type(value).__name__ == "vBroken"


def _words(component: Any, name: str) -> str:
    value = _one(component, name)
    return str(value).strip().encode(errors="replace").decode() if isinstance(value, str) else ""


def _identifier(event: Any) -> str:
    """Its UID; where it has none, or one that is too long, a digest."""
    uid = _words(event, "UID")
    if 0 < len(uid) <= 200:
        return uid
    said = uid or f"{_words(event, 'SUMMARY')} {getattr(_one(event, 'DTSTART'), 'dt', '')}"
    return hashlib.blake2b(said.encode(), digest_size=16).hexdigest()


def _record(main: Any, events: Sequence[Any], calendar: Calendar, now: datetime) -> OpportunityRecord:
    if _words(main, "STATUS").upper() == "CANCELLED":
        raise CalledOff("It is cancelled.")
    if _words(main, "CLASS").upper() in ("PRIVATE", "CONFIDENTIAL"):
        raise CalledOff("It is marked as private.")
    title = _words(main, "SUMMARY")
    if not title:
        raise Refused("It has no name.")
    if not calendar.provider:
        raise Refused("It does not say who offers it: the calendar has no name.")
    sittings = schedules.soonest(_sittings(main, events, calendar.zone, now), now)
    if not sittings:
        raise CalledOff("No date of it is known.")
    kind, layer = _kind(main)
    reach, venues = _where(main)
    url = _words(main, "URL")
    return OpportunityRecord(
        title=title,
        kind=kind,
        layer=layer,
        provider=ProviderRecord(name=calendar.provider),
        reach=reach,
        description=without_contacts(_words(main, "DESCRIPTION")),
        venues=venues,
        sittings=sittings,
        url=url if re.fullmatch(r"https?://\S+", url) else None,
    )


def _kind(event: Any) -> tuple[Kind, Layer]:
    categories = " ".join(
        str(word) for each in _several(event, "CATEGORIES") for word in getattr(each, "cats", None) or [each]
    )
    for text in (categories, _words(event, "SUMMARY")):
        found = [(match.start(), word) for word in KINDS if (match := re.search(rf"\b{word}(es|s)?\b", text, re.I))]
        if found:
            return KINDS[min(found)[1]]
    return OTHERWISE


def _where(event: Any) -> tuple[Reach, tuple[VenueRecord, ...]]:
    """Where the LOCATION and GEO say it is: the name comes first, the rest is the address."""
    text = without_contacts(", ".join(_words(event, "LOCATION").split("\n")))
    if _ONLINE.fullmatch(text.strip()):
        return Reach.ONLINE, ()
    code = postcode.inside(text) or ""
    if code:
        outward, inward = code.split(" ")
        text = re.sub(rf"\b{outward}[\s,/-]?{inward}\b", "", text, flags=re.I)
    name, *address = [part.strip() for part in text.split(",") if part.strip()] or [""]
    geo = _one(event, "GEO")
    made = VenueRecord(
        name=name,
        address=", ".join(address),
        postcode=code,
        latitude=getattr(geo, "latitude", None),
        longitude=getattr(geo, "longitude", None),
    )
    return (Reach.VENUE, (made,)) if made != VenueRecord() else (Reach.UNKNOWN, ())


@dataclass(frozen=True, slots=True)
class _Span:
    """When an event is by the clocks of a zone. `is_day`: whole days, from midnight to midnight."""

    starts: datetime
    length: timedelta
    zone: tzinfo
    is_day: bool

    def on(self, day: date) -> Sitting:
        """The same on another day."""
        wall = datetime.combine(day, self.starts.time())
        return Sitting(_moment(wall, self.zone), _moment(wall + self.length, self.zone))


def _moment(said: date, zone: tzinfo) -> datetime:
    """A moment, or the midnight of a day, in UTC. One without a zone is in `zone`."""
    if not isinstance(said, datetime):
        said = datetime.combine(said, time())
    return (said if said.tzinfo else said.replace(tzinfo=zone)).astimezone(UTC)


def _said(event: Any, name: str) -> Any:
    """The date, moment or length that a property says, or None. Far years would break sums with days."""
    said = getattr(_one(event, name), "dt", None)
    if isinstance(said, date) and not 1900 <= said.year <= 2200:
        return None
    return said if isinstance(said, date | timedelta) else None


def _span(event: Any, zone: tzinfo) -> _Span | None:
    starts = _said(event, "DTSTART")
    if not isinstance(starts, date):
        return None
    is_day = not isinstance(starts, datetime)
    zone = (starts.tzinfo if isinstance(starts, datetime) else None) or zone
    wall = _wall(starts, zone)
    ends, length = _said(event, "DTEND"), _said(event, "DURATION")
    if isinstance(ends, date):
        length = _wall(ends, zone) - wall
    if not isinstance(length, timedelta) or not timedelta() < length <= schedules.LONGEST:
        length = A_DAY if is_day else schedules.UNSAID_LENGTH
    return _Span(wall, length, zone, is_day)


def _wall(said: date, zone: tzinfo) -> datetime:
    """What a clock on the wall in the zone shows."""
    if not isinstance(said, datetime):
        return datetime.combine(said, time())
    return (said.astimezone(zone) if said.tzinfo else said).replace(tzinfo=None)


def _sittings(main: Any, events: Sequence[Any], zone: tzinfo, now: datetime) -> list[Sitting]:
    """All the dates of an event: its own or those of its rule, more and fewer, and the ones that were moved."""
    found: dict[datetime, Sitting] = {}
    span = _span(main, zone)
    if span and main is not None and not _one(main, "RECURRENCE-ID"):
        made = [*_repeated(main, span, now), *(span.on(_wall(day, span.zone).date()) for day in _dates(main, "RDATE"))]
        found = {sitting.starts_at: sitting for sitting in made}
        for excepted in _dates(main, "EXDATE"):
            _leave_out(found, excepted, span)
    for event in events:
        moved = _said(event, "RECURRENCE-ID")
        if isinstance(moved, date):
            _leave_out(found, moved, span or _span(event, zone))
            own = _span(event, zone)
            if own and _words(event, "STATUS").upper() != "CANCELLED":
                sitting = own.on(own.starts.date())
                found[sitting.starts_at] = sitting
    return [sitting for sitting in found.values() if sitting.ends_at > sitting.starts_at]


def _repeated(event: Any, span: _Span, now: datetime) -> list[Sitting]:
    rule = _rule(event, span.starts.date(), span.zone)
    if not rule:
        return [span.on(span.starts.date())]
    until = next(iter(_rule_parts(event).get("UNTIL", [])), None)
    last = _moment(until, span.zone) if isinstance(until, datetime) else None
    made = (span.on(day) for day in schedules.days(rule, schedules.window(now)))
    return [sitting for sitting in made if last is None or sitting.starts_at <= last]


def _leave_out(found: dict[datetime, Sitting], said: date, span: _Span | None) -> None:
    """Take out what starts at a moment, or all of a day."""
    if not span:
        return
    if isinstance(said, datetime):
        found.pop(_moment(said, span.zone), None)
        return
    for starts_at in [at for at in found if at.astimezone(span.zone).date() == said]:
        del found[starts_at]


def _dates(event: Any, name: str) -> Iterator[date]:
    """The days and moments of EXDATE and RDATE; of a period its start."""
    for each in _several(event, name):
        for one in getattr(each, "dts", [])[: schedules.MOST_DAYS]:
            said = getattr(one, "dt", None)
            said = said[0] if isinstance(said, tuple) and said else said
            if isinstance(said, date) and 1900 <= said.year <= 2200:
                yield said


def _rule_parts(event: Any) -> dict[str, list[Any]]:
    said = _one(event, "RRULE")
    if not isinstance(said, dict):
        return {}
    return {str(name).upper(): value if isinstance(value, list) else [value] for name, value in said.items()}


def _rule(event: Any, first: date, zone: tzinfo) -> Rule | None:
    """The rule by which an event repeats, if it is one of days."""
    said = _rule_parts(event)
    every = _FREQUENCIES.get(str(next(iter(said.get("FREQ", [])), "")).upper())
    until = next(iter(said.get("UNTIL", [])), None)
    interval, count = (schedules.numbers(said.get(name), 1, schedules.MOST_DAYS) for name in ("INTERVAL", "COUNT"))
    if not every or said.keys() - _RULE_PARTS or (said.get("COUNT") and not count):
        return None
    last = _wall(until, zone).date() if isinstance(until, date) else date.max
    week_start = schedules.read_weekday(str(next(iter(said.get("WKST", [])), "MO")))
    return Rule(
        every=every,
        first=first,
        last=max(last, date(1900, 1, 1)),
        interval=interval[0] if interval else 1,
        count=count[0] if count else None,
        by_day=tuple(found for day in said.get("BYDAY", []) if (found := schedules.read_weekday(str(day)))),
        by_month=schedules.numbers([*map(str, said.get("BYMONTH", []))], 1, 12),
        by_month_day=schedules.numbers(said.get("BYMONTHDAY"), -31, 31),
        by_position=schedules.numbers(said.get("BYSETPOS"), -366, 366),
        week_start=week_start[1] if week_start else 0,
    )


FORMAT = Format(name="icalendar", title="iCalendar", read=read, is_whole=True)
