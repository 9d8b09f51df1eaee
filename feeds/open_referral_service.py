"""What a service of Open Referral UK (HSDS-UK 3.0) becomes."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime

from catalogue.words import Kind, Layer, Reach
from feeds.iso_times import clock, day, in_order, said_clock, sitting
from feeds.json_values import ages, fields, listed, number, paragraphs, pence, text, web_address
from feeds.pay import lowest_of
from feeds.record import OpportunityRecord, ProviderRecord, Refused, Sitting, VenueRecord
from settings import UK_TIME

# By a word in the names of its taxonomy terms; the first that fits. Directories hold help and advice above all.
KINDS: dict[str, tuple[Kind, Layer]] = {
    "volunteer": (Kind.VOLUNTEERING, Layer.DEMONSTRATE),
    "volunteering": (Kind.VOLUNTEERING, Layer.DEMONSTRATE),
    "work experience": (Kind.WORK_EXPERIENCE, Layer.DEMONSTRATE),
    "work placement": (Kind.WORK_EXPERIENCE, Layer.DEMONSTRATE),
    "adult education": (Kind.COURSE, Layer.PARTICIPATE),
    "adult learning": (Kind.COURSE, Layer.PARTICIPATE),
    "course": (Kind.COURSE, Layer.PARTICIPATE),
    "training": (Kind.COURSE, Layer.PARTICIPATE),
    "workshop": (Kind.WORKSHOP, Layer.PARTICIPATE),
    # What one joins in with meets again and again, as workshops of the catalogue do.
    "class": (Kind.WORKSHOP, Layer.PARTICIPATE),
    "club": (Kind.WORKSHOP, Layer.PARTICIPATE),
    "activity": (Kind.WORKSHOP, Layer.PARTICIPATE),
    "activities": (Kind.WORKSHOP, Layer.PARTICIPATE),
    "sport": (Kind.WORKSHOP, Layer.PARTICIPATE),
    "event": (Kind.EVENT, Layer.ENGAGE),
    "open day": (Kind.EVENT, Layer.ENGAGE),
}
OTHERWISE = (Kind.INFORMATION, Layer.ENGAGE)

FREE = frozenset({"free", "free of charge", "no charge", "no cost", "no fee", "no fees", "none", "nil"})
NATIONAL = frozenset({"national", "nationwide", "england", "great britain", "united kingdom", "uk", "gb"})

# https://www.rfc-editor.org/rfc/rfc5545#section-3.3.10: `byday`, with which one of the month before it.
DAYS = dict(
    zip(
        ("MO", "TU", "WE", "TH", "FR", "SA", "SU"),
        ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
        strict=True,
    )
)
WHICH = {"1": "first", "2": "second", "3": "third", "4": "fourth", "5": "fifth", "-1": "last"}
PERIODS = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year"}

_ONLINE = re.compile(r"\b(?:online|virtual|video|remote)", re.IGNORECASE)
_REGION_LENGTH = 100


def record(service: Mapping[str, object], today: date) -> OpportunityRecord:
    """The opportunity that a service is. Raises `Refused`.

    Opening hours become words, not sittings: one may come in at any of them, and directories leave old `valid_to`
    behind, so that a service ends when its directory says so. Only where each schedule is of one day are they sittings.
    """
    title = text(service.get("name"))
    if not title:
        raise Refused("It has no name.")
    organization = fields(service.get("organization"))
    provider = text(organization.get("name"))
    if not provider:
        raise Refused("It names no organisation.")
    kind, layer = kind_of(service)
    website = web_address(organization.get("website")) or web_address(organization.get("url"))
    places = venues(service)
    reach, region = reach_of(service, places)
    cost_pence, cost_note = cost(service, today)
    age_min, age_max = ages(service.get("minimum_age"), service.get("maximum_age"))
    return OpportunityRecord(
        title=title,
        kind=kind,
        layer=layer,
        provider=ProviderRecord(name=provider, url=website),
        reach=reach,
        region=region,
        description=_description(service),
        venues=places,
        sittings=sittings(service),
        cost_pence=cost_pence,
        cost_note=cost_note,
        age_min=age_min,
        age_max=age_max,
        how_to_apply=_how_to_apply(service),
        url=web_address(service.get("url")) or website,
        accessibility=_accessibility(service) or None,
    )


def kind_of(service: Mapping[str, object]) -> tuple[Kind, Layer]:
    """By `KINDS`; information where no term fits."""
    said = " / ".join(_terms(service)).lower()
    found = (row for word, row in KINDS.items() if re.search(rf"\b{word}(?:s|es)?\b", said))
    return next(found, OTHERWISE)


def _terms(service: Mapping[str, object]) -> Iterator[str]:
    for attribute in listed(service.get("attributes")):
        term = fields(fields(attribute).get("taxonomy_term"))
        yield from filter(None, (text(term.get("name")), text(term.get("term"))))


def _description(service: Mapping[str, object]) -> str:
    hours = [f"Open: {said}." for schedule in _schedules(service) if (said := opening_hours(schedule))]
    more = [text(schedule.get(name)) for schedule in _schedules(service) for name in _ABOUT_SCHEDULES]
    languages = [text(fields(language).get("name")) for language in listed(service.get("languages"))]
    return paragraphs(
        text(service.get("alert")),
        text(service.get("description")),
        *hours,
        *more,
        text(service.get("eligibility_description")),
        f"Languages: {', '.join(spoken)}." if (spoken := list(filter(None, languages))) else "",
        text(service.get("accreditations")),
    )


_ABOUT_SCHEDULES = ("description", "attending_type", "notes")


def _schedules(service: Mapping[str, object]) -> list[Mapping[str, object]]:
    at_places = [each for place in _at_places(service) for each in listed(place.get("schedules"))]
    return [fields(schedule) for schedule in (*listed(service.get("schedules")), *at_places)]


def _at_places(service: Mapping[str, object]) -> list[Mapping[str, object]]:
    return [fields(place) for place in listed(service.get("service_at_locations"))]


def opening_hours(schedule: Mapping[str, object]) -> str:
    """Such as "Thursday and Friday, 10am to 6pm", "the first Monday of the month" or "every 2 weeks, Friday"."""
    days = [_said_day(written, schedule) for written in re.findall(r"[-+]?\d*[A-Z]{2}", _upper(schedule, "byday"))]
    opens, closes = clock(schedule.get("opens_at")), clock(schedule.get("closes_at"))
    period = PERIODS.get(_upper(schedule, "freq"), "")
    count = number(schedule.get("interval")) or 1
    said = _said_list(list(dict.fromkeys(filter(None, days))))
    of_month = " of the month" if said.startswith("the ") else ""
    often = f"every {count:g} {period}s" if 1 < count < 100 and period else "every day" if period == "day" else ""
    hours = f"{said_clock(opens)} to {said_clock(closes)}" if opens and closes else ""
    return ", ".join(filter(None, (often, said + of_month, hours)))


def _upper(schedule: Mapping[str, object], name: str) -> str:
    return ",".join(filter(None, map(text, listed(schedule.get(name))))).upper()


def _said_day(written: str, schedule: Mapping[str, object]) -> str:
    name, which = DAYS.get(written[-2:], ""), WHICH.get(written[:-2].lstrip("+"), "")
    return f"the {which} {name}" if name and which and _upper(schedule, "freq") == "MONTHLY" else name


def _said_list(words: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def sittings(service: Mapping[str, object]) -> tuple[Sitting, ...]:
    """Those of a service whose schedules are all of one day each; in the time of the UK."""
    found = [_sitting(schedule) for schedule in _schedules(service)]
    return in_order(each for each in found if each) if all(found) else ()


def _sitting(schedule: Mapping[str, object]) -> Sitting | None:
    first, last = day(schedule.get("dtstart")) or day(schedule.get("valid_from")), day(schedule.get("valid_to"))
    opens, closes = clock(schedule.get("opens_at")), clock(schedule.get("closes_at"))
    is_single = not text(schedule.get("freq")) and (last is None or last == first) and not text(schedule.get("byday"))
    if not is_single or first is None or opens is None or closes is None:
        return None
    return sitting(datetime.combine(first, opens, UK_TIME), datetime.combine(first, closes, UK_TIME))


def _locations(service: Mapping[str, object]) -> list[Mapping[str, object]]:
    return [fields(place.get("location")) for place in _at_places(service)]


def venues(service: Mapping[str, object]) -> tuple[VenueRecord, ...]:
    """Where one can go: its physical locations, and those that do not say what they are; each once."""
    physical = (
        place for place in _locations(service) if text(place.get("location_type")).lower() not in {"virtual", "postal"}
    )
    return tuple(dict.fromkeys(venue for venue in map(_venue, physical) if venue != VenueRecord()))


def _venue(location: Mapping[str, object]) -> VenueRecord:
    # A person may stand in `attention`, which is why it is no part of the address.
    addresses = [fields(address) for address in listed(location.get("addresses"))]
    addresses.sort(key=lambda address: text(address.get("address_type")).lower() != "physical")
    address = addresses[0] if addresses else {}
    lines = (text(address.get("address_1")), text(address.get("address_2")))
    return VenueRecord(
        name=text(location.get("name")),
        address=", ".join(filter(None, lines)),
        town=text(address.get("city")),
        postcode=text(address.get("postal_code")),
        latitude=number(location.get("latitude")),
        longitude=number(location.get("longitude")),
    )


def reach_of(service: Mapping[str, object], places: tuple[VenueRecord, ...]) -> tuple[Reach, str | None]:
    """Its venues, else online, else the one area that it serves; and the name of that area."""
    if places:
        return Reach.VENUE, None
    types = [text(place.get("location_type")).lower() for place in _locations(service)]
    attending = " ".join(text(schedule.get("attending_type")) for schedule in _schedules(service))
    if "virtual" in types or _ONLINE.search(attending):
        return Reach.ONLINE, None
    areas = {text(fields(area).get("name")) for area in listed(service.get("service_areas"))} - {""}
    if any(area.lower() in NATIONAL for area in areas):
        return Reach.NATIONAL, None
    area = areas.pop() if len(areas) == 1 else ""
    return (Reach.REGION, area) if 0 < len(area) <= _REGION_LENGTH else (Reach.UNKNOWN, None)


def cost(service: Mapping[str, object], today: date) -> tuple[int | None, str | None]:
    """The lowest price in pence with the options in words; without prices what `fees` says.

    Options that are over are left out. Those without a currency are in pounds.
    """
    options = [fields(option) for option in listed(service.get("cost_options"))]
    current = [option for option in options if (day(option.get("valid_to")) or today) >= today]
    priced = [(amount, _said_option(option)) for option in current if (amount := _price(option)) is not None]
    foreign = [f"{text(option.get('amount'))} {_currency(option)}" for option in current if _currency(option) != "GBP"]
    fees = text(service.get("fees")) or text(service.get("fees_description"))
    if not priced:
        is_free = fees.lower().strip(" .!") in FREE and not foreign
        return (0, None) if is_free else (None, fees or "; ".join(foreign) or None)
    return lowest_of(priced)


def _currency(option: Mapping[str, object]) -> str:
    return text(option.get("currency")).upper() or "GBP"


def _price(option: Mapping[str, object]) -> int | None:
    return pence(option.get("amount")) if _currency(option) == "GBP" else None


def _said_option(option: Mapping[str, object]) -> str:
    return ", ".join(filter(None, (text(option.get("option")), text(option.get("amount_description")))))


def _how_to_apply(service: Mapping[str, object]) -> str | None:
    process, email = text(service.get("application_process")), text(service.get("email"))
    return process or (f"Email {email}" if "@" in email else None)


def _accessibility(service: Mapping[str, object]) -> str:
    features = [fields(each) for place in _locations(service) for each in listed(place.get("accessibility"))]
    return " ".join(dict.fromkeys(filter(None, (text(f.get(name)) for f in features for name in _ABOUT_ACCESS))))


_ABOUT_ACCESS = ("description", "details")
