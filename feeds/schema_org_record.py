"""What a thing of schema.org becomes: events, courses, programmes and jobs."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from urllib.parse import urljoin, urlsplit

from babel import Locale

from catalogue.words import Kind, Layer, Reach
from feeds.iso_times import clock, day, end_of, in_order, moment, said_clock, said_duration, sitting, start_of
from feeds.json_ld import types, word, words
from feeds.json_values import ages, fields, listed, number, paragraphs, pence, text, web_address
from feeds.pay import lowest_of, said_pay
from feeds.record import OpportunityRecord, ProviderRecord, Refused, Sitting, SkillRecord, VenueRecord

# By type, without regard to case. Types that are not here (a broadcast, a sale, a reservation) are no opportunities.
KINDS: dict[str, tuple[Kind, Layer]] = {
    "event": (Kind.EVENT, Layer.ENGAGE),
    "businessevent": (Kind.EVENT, Layer.ENGAGE),
    "childrensevent": (Kind.EVENT, Layer.ENGAGE),
    "comedyevent": (Kind.EVENT, Layer.ENGAGE),
    "conferenceevent": (Kind.EVENT, Layer.ENGAGE),
    "danceevent": (Kind.EVENT, Layer.ENGAGE),
    "eventseries": (Kind.EVENT, Layer.ENGAGE),
    "exhibitionevent": (Kind.EVENT, Layer.ENGAGE),
    "festival": (Kind.EVENT, Layer.ENGAGE),
    "foodevent": (Kind.EVENT, Layer.ENGAGE),
    "literaryevent": (Kind.EVENT, Layer.ENGAGE),
    "musicevent": (Kind.EVENT, Layer.ENGAGE),
    "screeningevent": (Kind.EVENT, Layer.ENGAGE),
    "socialevent": (Kind.EVENT, Layer.ENGAGE),
    # Of a match one cannot tell whether to watch or to play.
    "sportsevent": (Kind.EVENT, Layer.ENGAGE),
    "theaterevent": (Kind.EVENT, Layer.ENGAGE),
    "visualartsevent": (Kind.EVENT, Layer.ENGAGE),
    # What one learns at, and what one makes something at.
    "educationevent": (Kind.WORKSHOP, Layer.PARTICIPATE),
    "hackathon": (Kind.PROJECT, Layer.DEMONSTRATE),
    "course": (Kind.COURSE, Layer.PARTICIPATE),
    "courseinstance": (Kind.COURSE, Layer.PARTICIPATE),
    "educationaloccupationalprogram": (Kind.COURSE, Layer.PARTICIPATE),
    # "Both educational and employment components. Typically represented as an apprenticeship" (schema.org).
    "workbasedprogram": (Kind.APPRENTICESHIP, Layer.DEMONSTRATE),
    "jobposting": (Kind.JOB, Layer.DEMONSTRATE),
}

# A job posting is something else by its `employmentType`.
EMPLOYMENT: dict[str, tuple[Kind, Layer]] = {
    "intern": (Kind.WORK_EXPERIENCE, Layer.DEMONSTRATE),
    "internship": (Kind.WORK_EXPERIENCE, Layer.DEMONSTRATE),
    "volunteer": (Kind.VOLUNTEERING, Layer.DEMONSTRATE),
    "apprentice": (Kind.APPRENTICESHIP, Layer.DEMONSTRATE),
    "apprenticeship": (Kind.APPRENTICESHIP, Layer.DEMONSTRATE),
}

# Learning that needs no place is a kind of its own.
ONLINE_KINDS = {Kind.COURSE: (Kind.ONLINE, Layer.PARTICIPATE)}

CALLED_OFF = {
    "eventcancelled": "It is cancelled.",
    "eventpostponed": "It is postponed, and no new date is given.",
}
HERE = frozenset(
    {"gb", "gbr", "uk", "united kingdom", "great britain", "england", "scotland", "wales", "cymru", "northern ireland"}
)
SUPPOSED_LENGTH = timedelta(hours=1)

_POSTCODE = re.compile(r"\b([A-Z]{1,2}\d[A-Z\d]?)[ \u00a0]?(\d[A-Z]{2})\b", re.IGNORECASE)
_AGES = re.compile(r"(\d{1,3})?\s*(-|–|to|\+)?\s*(\d{1,3})?", re.IGNORECASE)
_DAYS_OF_WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_LANGUAGES = Locale("en").languages
_PLACES = ("location", "jobLocation")
_WORK_DETAILS = ("responsibilities", "qualifications", "educationRequirements", "experienceRequirements", "jobBenefits")


def kind_of(node: Mapping[str, object]) -> tuple[Kind, Layer] | None:
    """By `KINDS`, the first of its types that is there; none for what is no opportunity."""
    names = [name.lower() for name in types(node)]
    found = next((KINDS[name] for name in names if name in KINDS), None)
    if found != KINDS["jobposting"]:
        return found
    said = [re.sub(r"[^a-z]", "", employment.lower()) for employment in words(node.get("employmentType"))]
    called = "apprentice" if re.search(r"\bapprentice(?:ship)?s?\b", _title(node), re.IGNORECASE) else ""
    return next((EMPLOYMENT[name] for name in (*said, called) if name in EMPLOYMENT), found)


def _title(node: Mapping[str, object]) -> str:
    return word(node.get("name")) or word(node.get("title")) or word(node.get("headline"))


def record(node: Mapping[str, object], page: str, publisher: str) -> OpportunityRecord:
    """The opportunity that a thing is. Raises `Refused`.

    `page` is where it stands and what its addresses are relative to. Where the thing names nobody who offers it,
    `publisher` stands in, the organisation that the page is of; else the place, else the host of the page.
    """
    kinds = kind_of(node)
    if kinds is None:
        raise Refused("It is of no type that is an opportunity.")
    kind, layer = kinds
    title = _title(node)
    if not title:
        raise Refused("It has no name.")
    called_off = next((CALLED_OFF[name] for name in _statuses(node) if name in CALLED_OFF), None)
    if called_off:
        raise Refused(called_off)
    if not any(map(_is_here, _all_places(node))) or not _may_apply_from_here(node):
        raise Refused("It is in another country.")
    places = venues(node)
    held, is_event = sittings(node), _is_event(node)
    if is_event and not held and not listed(node.get("eventSchedule")):
        raise Refused("It says no date.")
    reach = reach_of(node, places)
    cost_pence, cost_note = pay(node) if _is_work(node) else cost(node)
    age_min, age_max = age_range(node)
    here = absolute(page, node.get("url"))
    booking = _booking(node, page)
    return OpportunityRecord(
        title=title,
        kind=ONLINE_KINDS.get(kind, kinds)[0] if reach is Reach.ONLINE else kind,
        layer=layer,
        provider=_provider(node, page, publisher),
        reach=reach,
        description=_description(node),
        venues=places if reach is Reach.VENUE else (),
        sittings=held,
        closes_at=closing(node),
        cost_pence=cost_pence,
        cost_note=cost_note,
        age_min=age_min,
        age_max=age_max,
        level=word(node.get("educationalLevel")) or None,
        time_needed=_time_needed(node),
        how_to_apply=f"Book at {booking}" if booking and booking != here else None,
        url=here or web_address(page) or booking,
        is_full=_is_full(node),
        skills=tuple(dict.fromkeys(_skills(node))),
    )


def _is_work(node: Mapping[str, object]) -> bool:
    return any(name.lower() in ("jobposting", "workbasedprogram") for name in types(node))


def _is_event(node: Mapping[str, object]) -> bool:
    return any(KINDS.get(name.lower(), ("",))[0] in (Kind.EVENT, Kind.WORKSHOP, Kind.PROJECT) for name in types(node))


def _statuses(node: Mapping[str, object]) -> list[str]:
    return [re.split(r"[/:#]", text(status))[-1].lower() for status in listed(node.get("eventStatus"))]


def absolute(page: str, address: object) -> str | None:
    """An address of the web, from one that may be relative to a page."""
    try:
        return web_address(urljoin(page, text(address))) if text(address) else None
    except ValueError:
        return None


def host(address: str) -> str:
    """Without `www.`; empty where there is none."""
    try:
        return (urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


# Who


def _provider(node: Mapping[str, object], page: str, publisher: str) -> ProviderRecord:
    for name in ("organizer", "provider", "hiringOrganization"):
        for each in listed(node.get(name)) or listed(fields(node.get("superEvent")).get(name)):
            said = word(each)
            if said and not web_address(said):
                return ProviderRecord(name=said, url=absolute(page, fields(each).get("url")))
    place = next((venue.name for venue in venues(node) if venue.name), "")
    stand_in = publisher or place or host(page) or host(text(node.get("url")))
    if not stand_in:
        raise Refused("It names nobody who offers it.")
    return ProviderRecord(name=stand_in)


# Where


def _instances(node: Mapping[str, object]) -> list[Mapping[str, object]]:
    return [fields(each) for each in listed(node.get("hasCourseInstance"))]


def _all_places(node: Mapping[str, object]) -> list[object]:
    own = [place for name in _PLACES for place in listed(node.get(name))]
    instances = [
        place for each in listed(node.get("hasCourseInstance")) for place in listed(fields(each).get("location"))
    ]
    return own or instances or listed(fields(node.get("superEvent")).get("location")) or [None]


def _is_here(place: object) -> bool:
    """Whether a place may be in the UK: where no country is said, it is."""
    address = fields(place).get("address") or place
    country = word(fields(address).get("addressCountry")).lower().strip()
    return not country or country in HERE


def _may_apply_from_here(node: Mapping[str, object]) -> bool:
    required = [fields(place) for place in listed(node.get("applicantLocationRequirements"))]
    countries = [word(place.get("name")).lower() for place in required if "Country" in types(place)]
    return not countries or any(country in HERE for country in countries)


def _is_virtual(place: object) -> bool:
    is_named_so = text(place).lower() in ("online", "virtual")
    return is_named_so or web_address(place) is not None or "VirtualLocation" in types(fields(place))


def venues(node: Mapping[str, object]) -> tuple[VenueRecord, ...]:
    """The places of a thing, else those of its instances, else of the event that it is part of; each once."""
    physical = (place for place in _all_places(node) if not _is_virtual(place) and _is_here(place))
    return tuple(dict.fromkeys(venue for venue in map(_venue, physical) if venue != VenueRecord()))


def _venue(place: object) -> VenueRecord:
    """From a place, from an address alone, or from words; a postcode is found in words too."""
    if not isinstance(place, dict):
        return _from_words("", text(place))
    address = place if "PostalAddress" in types(place) else _first(place.get("address"))
    at = fields(_first(place.get("geo"))) or place
    name = word(place.get("name"))
    written = _written(fields(address)) if isinstance(address, dict) else _from_words(name, text(address))
    return VenueRecord(
        name=name,
        address=written.address,
        town=written.town,
        postcode=written.postcode,
        latitude=number(at.get("latitude")),
        longitude=number(at.get("longitude")),
    )


def _first(value: object) -> object:
    return next(iter(listed(value)), None)


def _written(address: Mapping[str, object]) -> VenueRecord:
    return VenueRecord(
        address=word(address.get("streetAddress")),
        town=word(address.get("addressLocality")),
        postcode=word(address.get("postalCode")),
    )


def _from_words(name: str, said: str) -> VenueRecord:
    found = _POSTCODE.search(said)
    return VenueRecord(name=name, address=said, postcode=f"{found[1]} {found[2]}".upper() if found else "")


def reach_of(node: Mapping[str, object], places: tuple[VenueRecord, ...]) -> Reach:
    """At its venues, unless it is said to be online only; mixed ones are at their venues."""
    modes = " ".join(
        text(value).lower()
        for each in (node, *_instances(node))
        for name in ("eventAttendanceMode", "courseMode", "jobLocationType")
        for value in listed(each.get(name))
    )
    is_online = "eventmovedonline" in _statuses(node) or (
        re.search(r"onlineeventattendancemode|\bonline\b|telecommute", modes) is not None
        and not re.search(r"mixed|blended|onsite|hybrid", modes)
    )
    # A job from home may still have an office, where one goes at times.
    if places and not (is_online and not _is_work(node)):
        return Reach.VENUE
    return Reach.ONLINE if is_online or any(map(_is_virtual, _all_places(node))) else Reach.UNKNOWN


# When


def sittings(node: Mapping[str, object]) -> tuple[Sitting, ...]:
    """The dates of a thing itself, of its instances, and of its parts that have no name of their own.

    Those of an `eventSchedule` are not among them: here is where `feeds.schedules` is to be asked for them.
    """
    title = _title(node)
    parts = [fields(part) for name in ("subEvent", "subEvents") for part in listed(node.get(name))]
    nameless = [part for part in parts if _title(part) in ("", title)]
    dated = [each for each in (*nameless, *_instances(node)) if not {*_statuses(each)} & CALLED_OFF.keys()]
    found = [held for each in dated if (held := _own_sitting(each))]
    own = None if found else _own_sitting(node)
    return in_order([own] if own else found)


def _own_sitting(node: Mapping[str, object]) -> Sitting | None:
    """From its start to its end. A day alone is meant whole; without an end its `duration` tells, or it is an hour."""
    starts_at, first = moment(node.get("startDate")), day(node.get("startDate"))
    if first is None:
        return None
    if starts_at is None:
        return sitting(start_of(first), end_of(max(day(node.get("endDate")) or first, first)))
    ends_at = moment(node.get("endDate"))
    last = day(node.get("endDate"))
    if ends_at is None and last is not None:
        ends_at = end_of(last)
    if ends_at is None or ends_at <= starts_at:
        ends_at = starts_at + (_length(node.get("duration")) or SUPPOSED_LENGTH)
    return sitting(starts_at, ends_at)


def _length(duration: object) -> timedelta | None:
    found = re.fullmatch(r"PT(?:(\d{1,3})H)?(?:(\d{1,4})M)?", text(duration).upper())
    length = timedelta(hours=int(found[1] or 0), minutes=int(found[2] or 0)) if found else timedelta()
    return length or None


def closing(node: Mapping[str, object]) -> datetime | None:
    """The last moment to apply; for what repeats by a schedule with an end, that end."""
    values = [node.get("validThrough") if _is_work(node) else None, node.get("applicationDeadline")]
    if not sittings(node):
        values += [fields(schedule).get("endDate") for schedule in listed(node.get("eventSchedule"))]
    ends = [at for value in values if (at := moment(value) or _day_end(value))]
    return max(ends, default=None)


def _day_end(value: object) -> datetime | None:
    last = day(value)
    return end_of(last) if last else None


def said_schedule(schedule: Mapping[str, object]) -> str:
    """The days and hours of a schedule: "Wednesday, 7pm to 8pm"."""
    named = [re.split(r"[/:#]", text(name))[-1] for name in listed(schedule.get("byDay"))]
    days = [name for name in _DAYS_OF_WEEK if name in named or name[:2].upper() in named]
    opens, closes = clock(schedule.get("startTime")), clock(schedule.get("endTime"))
    hours = f"{said_clock(opens)} to {said_clock(closes)}" if opens and closes else ""
    return ", ".join(filter(None, (*days, hours)))


# What it costs, or pays


def cost(node: Mapping[str, object]) -> tuple[int | None, str | None]:
    """The lowest price in pence and a note. Prices without a currency are in pounds; others become words."""
    offers = [fields(offer) for offer in _offers(node)]
    priced = [(amount, word(offer.get("name"))) for offer in offers if (amount := _price(offer)) is not None]
    if priced:
        return lowest_of(priced)
    if node.get("isAccessibleForFree") is True or text(node.get("isAccessibleForFree")).lower() == "true":
        return 0, None
    other = dict.fromkeys(filter(None, map(_other_price, offers)))
    return None, "; ".join(other) or None


def _offers(node: Mapping[str, object]) -> list[object]:
    instances = [offer for each in _instances(node) for offer in listed(each.get("offers"))]
    return listed(node.get("offers")) or instances or listed(fields(node.get("superEvent")).get("offers"))


def _amount(offer: Mapping[str, object]) -> tuple[str, str]:
    """A price and its currency, word by word."""
    detail = fields(_first(offer.get("priceSpecification")))
    amount = next(filter(None, (text(each.get(name)) for each in (offer, detail) for name in _PRICES)), "")
    return amount, (text(offer.get("priceCurrency")) or text(detail.get("priceCurrency"))).upper()


_PRICES = ("price", "lowPrice", "minPrice")


def _price(offer: Mapping[str, object]) -> int | None:
    amount, currency = _amount(offer)
    if amount.lower() == "free":
        return 0
    return pence(amount) if currency in ("", "GBP", "£") or pence(amount) == 0 else None


def _other_price(offer: Mapping[str, object]) -> str:
    amount, currency = _amount(offer)
    return f"{amount} {currency}".strip() if amount else ""


def pay(node: Mapping[str, object]) -> tuple[int | None, str | None]:
    """As of an apprenticeship (`feeds.pay`): 0 with what it pays, none where no pay is told."""
    for name in ("baseSalary", "estimatedSalary", "trainingSalary"):
        salary = _first(node.get(name))
        given = fields(salary)
        value = fields(given.get("value"))
        currency = text(given.get("currency")) or text(node.get("salaryCurrency"))
        low, high = (value or given).get("minValue"), (value or given).get("maxValue")
        amount = value.get("value") or given.get("value") or given.get("median") or (salary if not given else None)
        unit = text(value.get("unitText")) or text(given.get("unitText")) or _PER.get(text(given.get("duration")), "")
        if currency.upper() in ("", "GBP", "£") and (said := said_pay(amount, None, unit) or said_pay(low, high, unit)):
            return 0, f"Paid, {said}"
        foreign = " to ".join(filter(None, map(text, (amount, low, high)))) if currency else ""
        if foreign or text(salary):
            return 0, f"Paid, {foreign or text(salary)} {currency}".strip()
    return None, None


_PER = {"PT1H": "hour", "P1D": "day", "P1W": "week", "P1M": "month", "P1Y": "year"}


def _booking(node: Mapping[str, object], page: str) -> str | None:
    found = (absolute(page, fields(offer).get("url")) for offer in listed(node.get("offers")))
    return next(filter(None, found), None)


def _is_full(node: Mapping[str, object]) -> bool:
    offers = [fields(offer) for offer in listed(node.get("offers"))]
    states = {re.split(r"[/:#]", text(offer.get("availability")))[-1].lower() for offer in offers}
    return number(node.get("remainingAttendeeCapacity")) == 0 or (bool(offers) and states <= {"soldout", "outofstock"})


# For whom, and what one learns


def age_range(node: Mapping[str, object]) -> tuple[int | None, int | None]:
    """From `typicalAgeRange` (`18+`, `7-9`, `-11`), else from the ages of an audience."""
    found = _AGES.fullmatch(text(node.get("typicalAgeRange")))
    if found and (found[1] or found[3]):
        return ages(found[1], found[3] or (found[1] if not found[2] else None))
    audience = fields(_first(node.get("audience")))
    return ages(audience.get("suggestedMinAge"), audience.get("suggestedMaxAge"))


def _skills(node: Mapping[str, object]) -> Iterator[SkillRecord]:
    """Terms that name their set and have an identifier in it; others are words, which no one could match."""
    for term in (fields(each) for name in ("teaches", "skills") for each in listed(node.get(name))):
        terms = term.get("inDefinedTermSet")
        framework = word(terms) or text(fields(terms).get("url"))
        identifier = text(term.get("termCode")) or text(term.get("@id")) or text(term.get("url"))
        name = word(term.get("name"))
        if name and framework and identifier:
            yield SkillRecord(name=name, framework=framework, identifier=identifier)


def _time_needed(node: Mapping[str, object]) -> str | None:
    for name in ("timeRequired", "timeToComplete", "courseWorkload", "workHours"):
        for each in (node, *_instances(node)):
            said = word(each.get(name))
            if said:
                return said_duration(said) or (None if re.fullmatch(r"P[\dA-Z.]*", said) else said)
    return None


def _description(node: Mapping[str, object]) -> str:
    schedules = (said_schedule(fields(schedule)) for schedule in listed(node.get("eventSchedule")))
    spoken = {text(code).lower()[:2] for code in words(node.get("inLanguage"))} - {"en", ""}
    languages = [name for code in sorted(spoken) if (name := _LANGUAGES.get(code))]
    awarded = words(node.get("educationalCredentialAwarded")) or [
        word(fields(each).get("credentialCategory")) for each in listed(node.get("educationalCredentialAwarded"))
    ]
    return paragraphs(
        word(node.get("description")),
        *(f"{said}." for said in schedules if said),
        *(said for name in _WORK_DETAILS for said in words(node.get(name))),
        f"Leads to: {', '.join(filter(None, awarded))}." if any(awarded) else "",
        f"In {' and '.join(languages)}." if languages else "",
    )
