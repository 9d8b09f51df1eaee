"""What a thing of schema.org becomes: events, courses, programmes and jobs."""

import re
from collections.abc import Iterator, Mapping
from functools import cache

from catalogue.words import Kind, Layer, Reach
from feeds.iso_times import said_duration
from feeds.json_ld import types, word, words
from feeds.json_values import ages, fields, listed, paragraphs, text, web_address
from feeds.record import CalledOff, OpportunityRecord, ProviderRecord, Refused, SkillRecord
from feeds.schedules import Window
from feeds.schema_org_places import is_elsewhere, reach_of, venues
from feeds.schema_org_prices import cost, is_full, pay
from feeds.schema_org_thing import absolute, first, host, instances, is_work, statuses, title
from feeds.schema_org_times import CALLED_OFF, closing, said_schedule, sittings

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


_AGES = re.compile(r"(\d{1,3})?\s*(-|–|to|\+)?\s*(\d{1,3})?", re.IGNORECASE)
_WORK_DETAILS = ("responsibilities", "qualifications", "educationRequirements", "experienceRequirements", "jobBenefits")


@cache
def _languages() -> Mapping[str, str]:
    """The English names of languages, by their codes."""
    from babel import Locale  # reads a long list: only for sources that name any

    names: Mapping[str, str] = Locale("en").languages
    return names


def kind_of(node: Mapping[str, object]) -> tuple[Kind, Layer] | None:
    """By `KINDS`, the first of its types that is there; none for what is no opportunity."""
    names = [name.lower() for name in types(node)]
    found = next((KINDS[name] for name in names if name in KINDS), None)
    if found != KINDS["jobposting"]:
        return found
    said = [re.sub(r"[^a-z]", "", employment.lower()) for employment in words(node.get("employmentType"))]
    called = "apprentice" if re.search(r"\bapprentice(?:ship)?s?\b", title(node), re.IGNORECASE) else ""
    return next((EMPLOYMENT[name] for name in (*said, called) if name in EMPLOYMENT), found)


def record(node: Mapping[str, object], page: str, publisher: str, seen: Window | None = None) -> OpportunityRecord:
    """The opportunity that a thing is. Raises `Refused`.

    `page` is where it stands and what its addresses are relative to. Where the thing names nobody who offers it,
    `publisher` stands in, the organisation that the page is of; else the place, else the host of the page.
    `seen` is the window in which its schedules are looked at.
    """
    kinds = kind_of(node)
    if kinds is None:
        raise Refused("It is of no type that is an opportunity.")
    kind, layer = kinds
    name = title(node)
    if not name:
        raise Refused("It has no name.")
    called_off = next((CALLED_OFF[name] for name in statuses(node) if name in CALLED_OFF), None)
    if called_off:
        raise CalledOff(called_off)
    if is_elsewhere(node):
        raise Refused("It is in another country.")
    places = venues(node)
    held, is_event = sittings(node, seen), _is_event(node)
    if is_event and not held and not listed(node.get("eventSchedule")):
        raise Refused("It says no date.")
    reach = reach_of(node, places)
    cost_pence, cost_note = pay(node) if is_work(node) else cost(node)
    age_min, age_max = age_range(node)
    here = absolute(page, node.get("url"))
    booking = _booking(node, page)
    return OpportunityRecord(
        title=name,
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
        is_full=is_full(node),
        skills=tuple(dict.fromkeys(_skills(node))),
    )


def _is_event(node: Mapping[str, object]) -> bool:
    return any(KINDS.get(name.lower(), ("",))[0] in (Kind.EVENT, Kind.WORKSHOP, Kind.PROJECT) for name in types(node))


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


def _booking(node: Mapping[str, object], page: str) -> str | None:
    found = (absolute(page, fields(offer).get("url")) for offer in listed(node.get("offers")))
    return next(filter(None, found), None)


def age_range(node: Mapping[str, object]) -> tuple[int | None, int | None]:
    """From `typicalAgeRange` (`18+`, `7-9`, `-11`), else from the ages of an audience."""
    found = _AGES.fullmatch(text(node.get("typicalAgeRange")))
    if found and (found[1] or found[3]):
        return ages(found[1], found[3] or (found[1] if not found[2] else None))
    audience = fields(first(node.get("audience")))
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
        for each in (node, *instances(node)):
            said = word(each.get(name))
            if said:
                return said_duration(said) or (None if re.fullmatch(r"P[\dA-Z.]*", said) else said)
    return None


def _description(node: Mapping[str, object]) -> str:
    schedules = (said_schedule(fields(schedule)) for schedule in listed(node.get("eventSchedule")))
    spoken = {text(code).lower()[:2] for code in words(node.get("inLanguage"))} - {"en", ""}
    languages = [name for code in sorted(spoken) if (name := _languages().get(code))]
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
