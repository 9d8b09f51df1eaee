"""The National Careers Service course directory: its live courses as published, one CSV of a million rows.

The address is the CSV (a path or an http address; gzip and zip are unpacked), or that, a space and the CSV of the
providers, which the directory publishes beside it. Columns go by the names in the header, in any order; those that
are not named here are ignored. Encodings and broken rows: `feeds.tables`.

One row is one run of a course: a start, a place, a price. Runs of one course stay apart, since the file is not in
order and is never held as a whole. A row whose COURSE_RUN_ID has come before is `Bad`.

- The courses have only the provider's UKPRN, its number in the UK Register of Learning Providers. Its name comes from a
  PROVIDER_NAME in the row, or from the providers' CSV: the first of TRADING_NAME (the name people know) and
  PROVIDER_NAME. Where neither says one, it is "Provider 10001234": no name that people know, but one that can be looked
  up, and better than not showing a course that is there. An operator sees at once that the providers' CSV is missing.
- A run with a start date has no times and no end, so it has no sitting. It closes at the end of the day it starts in
  Europe/London, and its summary says when that is. A flexible start closes never.
- No skills are given: LEARN_AIM_REF names a qualification and SECTOR a list of what is funded.

The values of the columns are those of the code that writes the report, the SkillsFundingAgency's course directory, and
of the README beside the sample of its header.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache, partial
from hashlib import blake2b
from operator import itemgetter
from pathlib import Path

from catalogue.words import Kind, Layer, Reach
from feeds import table_files, tables
from feeds.documents import is_on_web, is_plain_address
from feeds.reading import Bad, Feed, Fetching, Format, Item, Read, SourceUnreadable
from feeds.record import OpportunityRecord, ProviderRecord, Refused, VenueRecord
from settings import UK_TIME

# By DELIVER_MODE. A run of at most a day in a classroom is a workshop.
KINDS: dict[str, tuple[Kind, Layer]] = {
    "1": (Kind.COURSE, Layer.PARTICIPATE),  # classroom
    "2": (Kind.ONLINE, Layer.PARTICIPATE),  # online
    "3": (Kind.COURSE, Layer.DEMONSTRATE),  # work-based: learned and shown at work, as an NVQ is
    "4": (Kind.COURSE, Layer.PARTICIPATE),  # blended: partly online, with a place to come to
    "": (Kind.COURSE, Layer.PARTICIPATE),
}
# By COURSE_TYPE, where that says more. All others are courses, under their own names.
KINDS_OF_TYPES: dict[str, tuple[Kind, Layer]] = {
    # Some weeks of training, then work experience and an interview.
    "Sector-based Work Academy Programme": (Kind.WORK_EXPERIENCE, Layer.DEMONSTRATE),
}
# The enumeration CourseType, as a learner should read it; the file has the numbers. 9 and 10 say nothing to a learner.
COURSE_TYPES = {
    "1": "Essential Skills",
    "2": "T Level",
    "3": "Higher Technical Qualification",
    "4": "Free Courses for Jobs",
    "5": "Multiply: free numeracy",
    "6": "Skills Bootcamp",
    "7": "AS Level",
    "8": "A Level",
    "11": "Degree",
}
STUDY_MODES = {"1": "full-time", "2": "part-time", "3": "with flexible hours"}
ATTENDANCE_PATTERNS = {"1": "in the daytime", "2": "in the evening", "3": "at the weekend", "4": "in blocks of days"}
DURATION_UNITS = {"1": "day", "2": "week", "3": "month", "4": "year", "5": "hour", "6": "minute"}
# The longest run in a classroom that is a workshop, by DURATION_UNIT.
WORKSHOP_AT_MOST = {"1": 1, "5": 8, "6": 480}
# NotionalNVQLevelv2 of the learning aims: H (higher), M (mixed) and X (not applicable) say no level.
LEVELS = {"E": "Entry level", "0": "Entry level"} | {number: f"Level {number}" for number in "12345678"}
# A T Level is only for these, as its COST_DESCRIPTION in the file says.
T_LEVEL_AGES = (16, 19)
ENGLISH_REGIONS = 9

REQUIRED = ("COURSE_RUN_ID", "COURSE_NAME", "PROVIDER_UKPRN")
OPTIONAL = (
    *("PROVIDER_NAME", "WHO_THIS_COURSE_IS_FOR", "COURSE_DESCRIPTION", "DELIVER_MODE", "STUDY_MODE"),
    *("ATTENDANCE_PATTERN", "FLEXIBLE_STARTDATE", "STARTDATE", "DURATION_UNIT", "DURATION_VALUE", "COST"),
    *("COST_DESCRIPTION", "NATIONAL", "REGIONS", "LOCATION_NAME", "LOCATION_ADDRESS1", "LOCATION_ADDRESS2"),
    *("LOCATION_EMAIL", "LOCATION_LATITUDE", "LOCATION_LONGITUDE", "LOCATION_POSTCODE", "LOCATION_TELEPHONE"),
    *("LOCATION_TOWN", "LOCATION_WEBSITE", "COURSE_URL", "ENTRY_REQUIREMENTS", "HOW_YOU_WILL_BE_ASSESSED"),
    *("COURSE_TYPE", "EDUCATION_LEVEL", "AWARDING_BODY"),
)
# The columns of the providers' CSV: ours, and what such tables call them elsewhere.
PROVIDER_NUMBERS = ("PROVIDER_UKPRN", "UKPRN", "PROVIDER_ID", "PROVIDERREFERENCENUMBER")
PROVIDER_NAMES = ("TRADING_NAME", "PROVIDER_TRADING_NAME", "PROVIDER_NAME", "NAME", "PROVIDER", "LEGAL_NAME")
PROVIDER_SITES = ("CONTACT_WEBSITE", "PROVIDER_WEBSITE", "WEBSITE", "URL")
MAX_PROVIDERS = 100_000
MAX_COST_PENCE = 100_000_000
MAX_URL_CHARACTERS = 500
# Runs share their places, days and prices: what is made of those is kept, so many of each.
REMEMBERED = 5_000

_UNIT = "\x1f"
_WORK_ACADEMY = re.compile(r"sector[ -]based work academy|\bSWAP\b", re.IGNORECASE)
_SUM = re.compile(r"£?\s*([0-9][0-9,]{0,11})(?:\.([0-9]{1,2})0*)?", re.ASCII)
_EMPTY = {"", "null", "n/a", "na", "none", "-", "tbc", "."}


def read(feed: Feed) -> Iterator[Read]:
    """Yield every row of the courses' CSV, a `Bad` for what is none.

    Raises:
        SourceUnreadable: a file is not there, damaged, without a header, or lacks a column that is needed.
        FetchFailed: from the fetcher.
    """
    courses, providers = _addresses(feed.address)
    with ExitStack() as stack:
        named = _providers(providers, feed.fetcher) if providers else {}
        table = tables.read(stack.enter_context(table_files.opened(courses, feed.fetcher)))
        yield from _items(table, named)


def _addresses(address: str) -> tuple[str, str | None]:
    """The courses' address and the providers'. Paths may have spaces in them, where the files are there."""
    words = address.split()
    ways = [(" ".join(words[:at]), " ".join(words[at:])) for at in range(1, len(words) + 1)]
    if not ways:
        raise SourceUnreadable("The source has no address")
    for courses, providers in reversed(ways):
        if _is_there(courses) and (not providers or _is_there(providers)):
            return courses, providers or None
    if len(words) > 2:
        raise SourceUnreadable("The address is that of the courses, a space, and that of the providers, and no more")
    return words[0], words[1] if len(words) == 2 else None


def _is_there(address: str) -> bool:
    if is_on_web(address):
        return " " not in address
    try:
        return Path(address).is_file()
    except (OSError, ValueError):
        return False


def _columns(header: Sequence[str]) -> dict[str, int]:
    """Where each name of a header stands, the first where one stands twice."""
    places: dict[str, int] = {}
    for place, name in enumerate(header):
        places.setdefault(re.sub(r"[^A-Z0-9]+", "_", name.upper()).strip("_"), place)
    return places


def _providers(address: str, fetcher: Fetching) -> dict[str, ProviderRecord]:
    """The providers by UKPRN. Later rows of a number that has a name already are ignored."""
    with table_files.opened(address, fetcher) as file:
        table = tables.read(file, by_hand=True)
        columns = _columns(table.header)
        number = next((columns[name] for name in PROVIDER_NUMBERS if name in columns), None)
        names = [columns[name] for name in PROVIDER_NAMES if name in columns]
        site = next((columns[name] for name in PROVIDER_SITES if name in columns), None)
        if number is None or not names:
            raise SourceUnreadable(
                f"The providers' CSV needs a column {PROVIDER_NUMBERS[0]} and one of {', '.join(PROVIDER_NAMES)}"
            )
        found: dict[str, ProviderRecord] = {}
        for each in table.rows:
            if isinstance(each, Bad):
                continue
            row = each[1]
            name = next((said for place in names if (said := _said(row[place]))), "")
            if name and len(found) < MAX_PROVIDERS:
                url = _url(row[site]) if site is not None else None
                found.setdefault(row[number].strip(), ProviderRecord(name=name, url=url))
        return found


def _items(table: tables.Table, providers: Mapping[str, ProviderRecord]) -> Iterator[Read]:
    columns = _columns(table.header)
    missing = [name for name in REQUIRED if name not in columns]
    if missing:
        raise SourceUnreadable(f"The CSV of the courses has no column {' and none '.join(missing)}")
    fields = _fields(columns, len(table.header))
    run, ukprn = columns["COURSE_RUN_ID"], columns["PROVIDER_UKPRN"]
    known = tables.Seen()
    # A row means something else under another header.
    under = blake2b(_UNIT.join(table.header).encode(), digest_size=8).hexdigest()
    unnamed = ProviderRecord(name="")
    for each in table.rows:
        if isinstance(each, Bad):
            yield each
            continue
        line, row = each
        identifier = row[run].strip()
        if not identifier:
            yield _bad(each, "It has no COURSE_RUN_ID")
        elif known.add(identifier):
            yield _bad(each, f"The COURSE_RUN_ID {identifier[:80]} has come before")
        else:
            provider = providers.get(row[ukprn].strip(), unnamed)
            content = _UNIT.join((*row, provider.name, provider.url or "", under)).encode()
            yield Item(identifier, content, partial(_record, row, fields, provider), f"line {line}")


def _bad(row: tables.Row, reason: str) -> Bad:
    return Bad(f"line {row[0]}", reason, ",".join(row[1])[: tables.SHOWN_CHARACTERS])


@dataclass(frozen=True, slots=True)
class Fields:
    """The names of the columns that are read, and what takes their cells, in this order, from a row and `""`."""

    names: Sequence[str]
    cells: Callable[[Sequence[str]], Sequence[str]]


def _fields(columns: Mapping[str, int], width: int) -> Fields:
    names = (*REQUIRED, *OPTIONAL)
    return Fields(names, itemgetter(*(columns.get(name, width) for name in names)))


Said = Mapping[str, str]
"""What a row says in each column, without the space around it; empty where that is nothing or the column missing."""


def _said(text: str) -> str:
    text = text.strip()
    if len(text) < 5 and text.lower() in _EMPTY:
        return ""
    return text.replace("\0", "").strip() if "\0" in text else text


def _record(row: Sequence[str], fields: Fields, provider: ProviderRecord) -> OpportunityRecord:
    """One row, for `Item.read`. Raises `Refused` where it has no name, or nothing that says whose it is."""
    cells = fields.cells([*row, ""])
    said = {name: cell and _said(cell) for name, cell in zip(fields.names, cells, strict=True)}
    title = said["COURSE_NAME"]
    if not title:
        raise Refused("It has no COURSE_NAME.")
    reach, region, venues = _place(said)
    begins, closes_at = _start(said["STARTDATE"], said["FLEXIBLE_STARTDATE"])
    kind, layer = _kind(said, title)
    cost_pence = _pence(said["COST"])
    ages = T_LEVEL_AGES if said["COURSE_TYPE"] == "2" else (None, None)
    url = _url(said["COURSE_URL"]) or _url(said["LOCATION_WEBSITE"])
    return OpportunityRecord(
        title=title,
        kind=kind,
        layer=layer,
        provider=_provider(said, provider),
        reach=reach,
        region=region,
        summary=_summary(said, begins),
        description=_description(said),
        venues=venues,
        closes_at=closes_at,
        cost_pence=cost_pence,
        cost_note=said["COST_DESCRIPTION"] or None,
        age_min=ages[0],
        age_max=ages[1],
        level=_level(said["EDUCATION_LEVEL"]),
        time_needed=_time_needed(
            said["DURATION_VALUE"], said["DURATION_UNIT"], said["STUDY_MODE"], said["ATTENDANCE_PATTERN"]
        ),
        how_to_apply=None if url else _contact(said),
        url=url,
    )


def _provider(said: Said, joined: ProviderRecord) -> ProviderRecord:
    """Whose course it is: see the top of this module. The name in the row is that of the row's own day."""
    if joined.name:
        return joined
    if name := said["PROVIDER_NAME"]:
        return ProviderRecord(name=name)
    if ukprn := said["PROVIDER_UKPRN"]:
        return ProviderRecord(name=f"Provider {ukprn}")
    raise Refused("It has no PROVIDER_UKPRN and no PROVIDER_NAME, so nobody knows whose course it is.")


def _kind(said: Said, title: str) -> tuple[Kind, Layer]:
    """The kind and layer of a row, by the tables at the top."""
    if _WORK_ACADEMY.search(said["COURSE_TYPE"]) or _WORK_ACADEMY.search(title):
        return KINDS_OF_TYPES["Sector-based Work Academy Programme"]
    mode = said["DELIVER_MODE"]
    kind, layer = KINDS.get(mode, KINDS[""])
    if mode == "1":
        value, most = _number(said["DURATION_VALUE"]), WORKSHOP_AT_MOST.get(said["DURATION_UNIT"])
        if value and most and value <= most:
            return Kind.WORKSHOP, layer
    return kind, layer


def _place(said: Said) -> tuple[Reach, str | None, tuple[VenueRecord, ...]]:
    """Where a run is: online, anywhere, at its venue, in its regions, or not said.

    A `National` among the regions is how the directory marks some national runs; all regions of England are that too.
    """
    if said["DELIVER_MODE"] == "2":
        return Reach.ONLINE, None, ()
    regions = _regions(said["REGIONS"]) if said["REGIONS"] else ()
    if said["NATIONAL"].lower() in ("true", "1", "yes") or "National" in regions:
        return Reach.NATIONAL, None, ()
    if venue := _venue(*_where(said)):
        return Reach.VENUE, None, (venue,)
    if len(regions) >= ENGLISH_REGIONS:
        return Reach.NATIONAL, None, ()
    return (Reach.REGION, ", ".join(regions), ()) if regions else (Reach.UNKNOWN, None, ())


@lru_cache(maxsize=REMEMBERED)
def _regions(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part for each in text.split(",") if (part := each.strip())))


_where = itemgetter(
    *("LOCATION_NAME", "LOCATION_ADDRESS1", "LOCATION_ADDRESS2", "LOCATION_TOWN", "LOCATION_POSTCODE"),
    *("LOCATION_LATITUDE", "LOCATION_LONGITUDE"),
)


@lru_cache(maxsize=REMEMBERED)
def _venue(
    name: str, line_1: str, line_2: str, town: str, postcode: str, latitude: str, longitude: str
) -> VenueRecord | None:
    venue = VenueRecord(
        name=name,
        address=", ".join(line for line in (line_1, line_2) if line),
        town=town,
        postcode=postcode,
        latitude=_degrees(latitude),
        longitude=_degrees(longitude),
    )
    is_placed = venue.postcode or venue.town or (venue.latitude is not None and venue.longitude is not None)
    return venue if is_placed else None


@lru_cache(maxsize=REMEMBERED)
def _start(text: str, flexible: str) -> tuple[str, datetime | None]:
    """When a run starts, in words, and the end of that day; nothing and none where there is no such day."""
    if flexible.lower() in ("true", "1", "yes"):
        return "The start date is flexible.", None
    found = re.fullmatch(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})(?: [0-9:]+)?", text, re.ASCII)
    try:
        start = date(int(found[3]), int(found[2]), int(found[1])) if found else None
    except ValueError:
        start = None
    if start is None:
        return "", None
    return f"Starts {start.day} {start:%B %Y}.", datetime.combine(start, time(23, 59, 59), UK_TIME)


def _summary(said: Said, begins: str) -> str:
    """When it starts, what it is called by those who fund it, and whom it is for."""
    sort = COURSE_TYPES.get(said["COURSE_TYPE"], "")
    return " ".join([part for part in (begins, sort and f"{sort}.", _about(said)) if part])


def _about(said: Said) -> str:
    """The text about the course, under the column's name of now or the one that it had before."""
    return said["WHO_THIS_COURSE_IS_FOR"] or said["COURSE_DESCRIPTION"]


def _description(said: Said) -> str:
    parts = (
        ("", _about(said)),
        ("What you need: ", said["ENTRY_REQUIREMENTS"]),
        ("How you will be assessed: ", said["HOW_YOU_WILL_BE_ASSESSED"]),
        ("Awarded by: ", said["AWARDING_BODY"]),
    )
    return "\n\n".join([heading + text for heading, text in parts if text])


@lru_cache(maxsize=REMEMBERED)
def _level(text: str) -> str | None:
    return LEVELS.get(text.upper()) or (text if re.fullmatch(r"(?i)(entry )?level( [1-8])?", text) else None)


@lru_cache(maxsize=REMEMBERED)
def _time_needed(duration: str, in_units: str, study_mode: str, attendance: str) -> str | None:
    """How long and when: `12 weeks, part-time, in the evening`."""
    value, unit = _number(duration), DURATION_UNITS.get(in_units)
    parts = (
        f"{value:,} {unit}{'' if value == 1 else 's'}" if value and unit else "",
        STUDY_MODES.get(study_mode, ""),
        ATTENDANCE_PATTERNS.get(attendance, ""),
    )
    words = ", ".join(part for part in parts if part)
    return words[:1].upper() + words[1:] or None


def _contact(said: Said) -> str | None:
    """Whom to ask, where there is no page to go to. These are the contacts that the venue publishes."""
    telephone, email = said["LOCATION_TELEPHONE"], said["LOCATION_EMAIL"]
    ways = []
    if re.fullmatch(r"[0-9+() -]{5,30}", telephone):
        ways.append(f"ring {telephone}")
    if re.fullmatch(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+", email):
        ways.append(f"write to {email}")
    words = " or ".join(ways)
    return f"{words[0].upper()}{words[1:]}." if words else None


@lru_cache(maxsize=REMEMBERED)
def _pence(text: str) -> int | None:
    """`1,250.00` in pence; none where it is no sum, or one that no course costs."""
    found = _SUM.fullmatch(text)
    if found is None:
        return None
    pence = int(found[1].replace(",", "")) * 100 + int((found[2] or "0").ljust(2, "0"))
    return pence if pence <= MAX_COST_PENCE else None


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[0-9]{1,6}", text) else None


def _degrees(text: str) -> float | None:
    try:
        degrees = float(text)
    except ValueError:
        return None
    return degrees if math.isfinite(degrees) else None


def _url(text: str) -> str | None:
    """An address of the web as a browser takes it; `www.college.ac.uk` is one too, as people type them."""
    if is_plain_address(text) and len(text) <= MAX_URL_CHARACTERS and not set('<>"').intersection(text):
        return text
    text = text.strip()
    if "://" not in text and re.match(r"[\w-]+(\.[\w-]+)+(?=[/?#:]|$)", text):
        text = f"https://{text}"
    if not is_on_web(text) or len(text) > MAX_URL_CHARACTERS or re.search(r"[\s<>\"\0]", text):
        return None
    return text if re.match(r"(?i)https?://[^/?#:@]*\w", text) else None


FORMAT = Format(
    name="course-directory",
    title="National Careers Service course directory",
    read=read,
    is_whole=True,
    is_conditional=True,
)
