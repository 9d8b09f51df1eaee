"""From the words of OpenActive's data to the fields of a record.

The names are those of the Modelling Opportunity Data specification 2.0,
https://openactive.io/modelling-opportunity-data/. Everything here takes what
`plain` has made of an item and copes with any type anywhere in it: a field of
another shape than the specification's is as if it were absent.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from catalogue.words import Kind, Layer, Reach
from feeds import schedules
from feeds.contacts import without_contacts
from feeds.record import CalledOff, OpportunityRecord, ProviderRecord, Refused, Sitting, SkillRecord, VenueRecord
from feeds.schedules import as_list
from gazetteer import postcode

Data = dict[str, Any]

ACTIVITIES = "OpenActive activity list"
LOWEST_OF_SEVERAL = "This is the lowest of several prices."
GENDERS = {"FemaleOnly": "For women and girls only.", "MaleOnly": "For men and boys only."}

# All that is kept of an item. No leader, no telephone, no e-mail address: nobody's personal data is stored.
_KEPT_NAMES = """
    type id identifier name description formattedDescription url
    startDate endDate duration eventStatus eventAttendanceMode isVirtual
    location virtualLocation containedInPlace address streetAddress addressLocality postalCode geo latitude longitude
    organizer provider superEvent subEvent event facilityUse aggregateFacilityUse individualFacilityUse instanceOfCourse
    eventSchedule repeatFrequency repeatCount byDay byMonth byMonthDay startTime endTime exceptDate scheduleTimezone
    activity facilityType prefLabel level genderRestriction accessibilitySupport accessibilityInformation
    ageRange ageRestriction minValue maxValue meetingPoint
    offers price priceCurrency isAccessibleForFree remainingAttendeeCapacity remainingUses
"""
KEPT = frozenset(_KEPT_NAMES.split())
# People write their own numbers and addresses into these.
_FREE_TEXTS = frozenset({"description", "formattedDescription", "meetingPoint", "accessibilityInformation"})
_DEEPEST = 10
_MOST_CHARACTERS = 20_000
_MOST_ENTRIES = 2_000
MOST_VENUES = 20
_MOST_POUNDS = 100_000
# These are to be had at any time, the others only when they take place.
WITHOUT_DATES = frozenset({"FacilityUse", "IndividualFacilityUse", "OnDemandEvent"})
_SERIES = frozenset({"SessionSeries", "EventSeries"})


@dataclass(frozen=True, slots=True)
class When:
    """The sittings of an opportunity, whether all to come are full, and why there are none."""

    sittings: tuple[Sitting, ...]
    is_full: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Whole:
    """One opportunity, put together: itself, what describes it from above, some of what happens in it, and when."""

    root: Data
    above: tuple[Data, ...]
    below: tuple[Data, ...]
    when: When

    @property
    def nodes(self) -> tuple[Data, ...]:
        """Where a field is looked for, in this order."""
        return (self.root, *self.above, *self.below)


def plain(said: Any, depth: int = 0) -> Any:
    """What is kept of a piece of JSON: known names without their prefix (`@type`, `beta:…`, `schema:…`).

    Where a name stands with a prefix and without, the one without counts. Deep, long
    and many things are cut short, so that what is stored is bounded.
    """
    if isinstance(said, dict):
        return _plain_object(said, depth) if depth < _DEEPEST else None
    if isinstance(said, list):
        return [plain(each, depth + 1) for each in said[:_MOST_ENTRIES]] if depth < _DEEPEST else None
    if isinstance(said, str):
        # Half of a surrogate pair can stand in JSON and nowhere else.
        return said[:_MOST_CHARACTERS].encode(errors="replace").decode().replace("\0", "")
    if isinstance(said, float) and not -1e15 < said < 1e15:
        return None
    if isinstance(said, int) and not isinstance(said, bool) and abs(said) > 10**18:
        return None
    return said


def _plain_object(said: Data, depth: int) -> Data:
    made: Data = {}
    for name in sorted(said, key=lambda name: (-len(name), name)):  # the plain name last, so that it counts
        bare = re.split(r"[:#/]", name)[-1].removeprefix("@")
        if bare in KEPT and said[name] is not None:
            value = plain(said[name], depth + 1)
            made[bare] = without_contacts(value) if bare in _FREE_TEXTS and isinstance(value, str) else value
    kind = type_of(made)
    if kind == "Person":
        return {"type": kind}
    made.pop("type", None)
    return made | ({"type": kind} if kind else {})


def type_of(data: Any) -> str | None:
    """The type without its prefix or schema: `SessionSeries`, `oa:SessionSeries`, `https://openactive.io/…`."""
    if not isinstance(data, dict):
        return None
    return next((word(said) for said in as_list(data.get("type")) if isinstance(said, str)), None)


def word(said: Any) -> str:
    """The last part of a term's address: `https://schema.org/EventCancelled` gives `EventCancelled`."""
    return re.split(r"[/#:]", said.strip().rstrip("/"))[-1] if isinstance(said, str) else ""


def objects(said: Any) -> list[Data]:
    """The objects in one or several."""
    return [each for each in as_list(said) if isinstance(each, dict)]


def embedded_above(data: Data) -> Iterator[Data]:
    """What an item holds of the things above it: its series, that one's series, its course."""
    for _ in range(_DEEPEST):
        yield from objects(data.get("instanceOfCourse"))[:1]
        found = objects(data.get("superEvent"))[:1] or objects(data.get("aggregateFacilityUse"))[:1]
        if not found:
            return
        data = found[0]
        yield data


def embedded_below(data: Data) -> list[Data]:
    """What an item holds of the sessions or slots in it."""
    found = objects(data.get("subEvent")) + objects(data.get("event"))
    for use in objects(data.get("individualFacilityUse")):
        found += objects(use.get("event"))
    return found


def sitting_of(data: Data) -> Sitting | None:
    """From when to when one thing is."""
    return schedules.read_sitting(
        data.get("startDate"), data.get("endDate"), schedules.read_duration(data.get("duration"))
    )


def is_put_off(data: Data) -> bool:
    """Whether it is cancelled, or postponed with no other date."""
    return word(data.get("eventStatus")) in ("EventCancelled", "EventPostponed")


def when(root: Data, above: Sequence[Data], below: Sequence[Data], now: datetime) -> When:
    """When an opportunity is.

    The sessions or slots it has are the truth while any of them is to come;
    otherwise its schedule adds to them, without what they say is cancelled. An
    event without either is from its own start to its end. A slot that is taken is
    no sitting.
    """
    taken, found, put_off = _sessions(below)
    open_to_come = [sitting for sitting in found if sitting[0].ends_at > now]
    taken_to_come = [sitting for sitting in taken if sitting.ends_at > now]
    sittings = [sitting for sitting, _full in found]
    is_later = False
    if not open_to_come and not taken_to_come:
        expanded, is_later = _scheduled(root, above, now)
        sittings += [sitting for sitting in expanded if sitting.starts_at not in put_off]
    if not sittings and not below and not is_later and type_of(root) not in _SERIES:
        sittings += filter(None, [sitting_of(root)])
    if open_to_come or taken_to_come:
        is_full = all(full for _sitting, full in open_to_come)
    else:
        is_full = _is_none_left(root.get("remainingAttendeeCapacity"))
    return When(schedules.soonest(sittings, now), is_full, _why_none(bool(put_off), is_later))


def _sessions(below: Sequence[Data]) -> tuple[list[Sitting], list[tuple[Sitting, bool]], set[datetime]]:
    """Slots that are taken; sittings, each with whether it is full; the starts of what is cancelled or postponed."""
    taken, found, put_off = [], [], set()
    for session in below:
        sitting = sitting_of(session)
        if not sitting:
            continue
        if is_put_off(session):
            put_off.add(sitting.starts_at)
        elif _is_none_left(session.get("remainingUses")):
            taken.append(sitting)
        else:
            found.append((sitting, _is_none_left(session.get("remainingAttendeeCapacity"))))
    return taken, found, put_off


def _scheduled(root: Data, above: Sequence[Data], now: datetime) -> tuple[list[Sitting], bool]:
    """What its schedules give, and whether there is nothing only because it begins after the window."""
    seen = schedules.window(now)
    made = schedules_of(root, above)
    found = [sitting for schedule in made for sitting in schedules.sittings(schedule, seen)]
    return found, not found and any(schedules.goes_on(schedule.rule, seen) for schedule in made)


def schedules_of(root: Data, above: Sequence[Data]) -> list[schedules.Schedule]:
    """The schedules of the nearest that has any."""
    for node in (root, *above):
        length = schedules.read_duration(node.get("duration"))
        said = as_list(node.get("eventSchedule"))[: schedules.MOST_SCHEDULES]
        if made := [schedule for each in said if (schedule := schedules.read_schedule(each, length))]:
            return made
    return []


def _why_none(is_put_off: bool, is_later: bool) -> str:
    if is_later:
        return "Its first date is more than 26 weeks ahead."
    return "All its dates are cancelled or postponed." if is_put_off else "No date of it is known."


def _is_none_left(said: Any) -> bool:
    number = _number(said)
    return number is not None and number <= 0


def record(whole: Whole, kind: Kind, layer: Layer) -> OpportunityRecord:
    """The record of one opportunity. Raises `Refused`."""
    _check(whole)
    reach, venues = _where(whole)
    cost_pence, cost_note = _cost(whole.nodes)
    age_min, age_max = _ages(whole.nodes)
    return OpportunityRecord(
        title=_title(whole),
        kind=kind,
        layer=layer,
        provider=_provider(whole),
        reach=reach,
        description=_description(whole),
        venues=venues,
        sittings=whole.when.sittings,
        cost_pence=cost_pence,
        cost_note=cost_note,
        age_min=age_min,
        age_max=age_max,
        level=", ".join(_labels(_first(whole.nodes, "level"))) or None,
        time_needed=_time_needed(whole.root),
        url=_url(whole.nodes),
        accessibility=_accessibility(whole.nodes),
        is_full=whole.when.is_full,
        skills=_skills(whole.nodes),
    )


def _check(whole: Whole) -> None:
    match word(whole.root.get("eventStatus")):
        case "EventCancelled":
            raise CalledOff("It is cancelled.")
        case "EventPostponed":
            raise CalledOff("It is postponed, and no other date is given.")
    if type_of(whole.root) not in WITHOUT_DATES and not whole.when.sittings:
        raise CalledOff(whole.when.reason)


def _first(nodes: Sequence[Data], name: str) -> Any:
    """The first value of that name that is not empty."""
    return next((node[name] for node in nodes if node.get(name) not in (None, "", [], {})), None)


def _text(node: Any, name: str) -> str:
    value = node.get(name) if isinstance(node, dict) else None
    return value.strip() if isinstance(value, str) else ""


def _first_text(nodes: Sequence[Data], *names: str) -> str:
    return next((text for node in nodes for name in names if (text := _text(node, name))), "")


def _number(said: Any) -> Decimal | None:
    if isinstance(said, bool) or not isinstance(said, int | float | str) or len(str(said)) > 40:
        return None
    try:
        number = Decimal(str(said).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < 10**12 else None


def _title(whole: Whole) -> str:
    """Its name, else that of what it belongs to, else of what one does there."""
    if name := _first_text((whole.root, *whole.above), "name"):
        return name
    done = _labels(_first(whole.nodes, "activity")) or _labels(_first(whole.nodes, "facilityType"))
    if done:
        return ", ".join(done)
    if name := _first_text(whole.below, "name"):
        return name
    raise Refused("It has no name.")


def _provider(whole: Whole) -> ProviderRecord:
    """The organisation that runs it. People who run something by themselves are not named here."""
    for node in whole.nodes:
        for said in objects(node.get("organizer")) + objects(node.get("provider")):
            if name := _text(said, "name"):
                return ProviderRecord(name=name, url=_web(said.get("url")))
    raise Refused("It names no organisation that offers it.")


def _labels(said: Any) -> list[str]:
    """The names of concepts, which are texts or objects, each once."""
    found = [each.strip() if isinstance(each, str) else _text(each, "prefLabel") for each in as_list(said)[:10]]
    return list(dict.fromkeys(filter(None, found)))


def _description(whole: Whole) -> str:
    meeting = _first_text(whole.nodes, "meetingPoint")
    gender = GENDERS.get(word(_first(whole.nodes, "genderRestriction")), "")
    described = _first_text(whole.nodes, "description", "formattedDescription")
    return "\n\n".join(filter(None, (described, meeting and f"Where to meet: {meeting}", gender)))


def _where(whole: Whole) -> tuple[Reach, tuple[VenueRecord, ...]]:
    """Online things have no venue, though they may name a place that they come from (`affiliatedLocation`)."""
    mode = word(_first(whole.nodes, "eventAttendanceMode")).casefold()
    is_virtual = _first(whole.nodes, "isVirtual") is True
    if mode.startswith("online") or type_of(whole.root) == "OnDemandEvent" or (is_virtual and not mode):
        return Reach.ONLINE, ()
    if venues := _venues(whole):
        return Reach.VENUE, venues
    has_online = mode.startswith("mixed") or any(
        node.get("virtualLocation") or type_of(place) == "VirtualLocation"
        for node in whole.nodes
        for place in [*objects(node.get("location")), None]
    )
    return (Reach.ONLINE if has_online else Reach.UNKNOWN), ()


def _venues(whole: Whole) -> tuple[VenueRecord, ...]:
    """The places of the nearest that has any; of its sessions only where it has none itself."""
    for nodes in ((whole.root,), whole.above, whole.below):
        found = [venue for node in nodes for place in as_list(node.get("location")) if (venue := _venue(place))]
        if found:
            return tuple(dict.fromkeys(found))[:MOST_VENUES]
    return ()


def _venue(place: Any) -> VenueRecord | None:
    if isinstance(place, str) and place.strip() and not _web(place):
        return VenueRecord(name=place.strip(), postcode=postcode.inside(place) or "")
    if not isinstance(place, dict) or type_of(place) == "VirtualLocation":
        return None
    around = next(iter(objects(place.get("containedInPlace"))), {})
    address = place.get("address") or around.get("address")
    is_written = isinstance(address, str)
    written = address.strip() if isinstance(address, str) else _text(address, "streetAddress")
    geo = next(iter(objects(place.get("geo")) or objects(around.get("geo"))), {})
    latitude, longitude = _number(geo.get("latitude")), _number(geo.get("longitude"))
    has_point = latitude is not None and longitude is not None
    made = VenueRecord(
        name=_text(place, "name") or _text(around, "name"),
        address=written.strip(" ,"),
        town="" if is_written else _text(address, "addressLocality"),
        postcode=_text(address, "postalCode") or postcode.inside(written) or "",
        latitude=float(latitude) if has_point and latitude is not None else None,
        longitude=float(longitude) if has_point and longitude is not None else None,
    )
    return made if made != VenueRecord() else None


def _cost(nodes: Sequence[Data]) -> tuple[int | None, str | None]:
    """The lowest price in pence, and a note on it. An offer without a currency is in pounds."""
    offers = next((found for node in nodes if (found := objects(node.get("offers")))), [])
    priced = [
        (price, _text(offer, "priceCurrency") or "GBP") for offer in offers if (price := _price(offer)) is not None
    ]
    pounds = {price for price, currency in priced if currency.upper() == "GBP"}
    if pounds:
        return int((min(pounds) * 100).to_integral_value()), LOWEST_OF_SEVERAL if len(pounds) > 1 else None
    if _first(nodes, "isAccessibleForFree") is True:
        return 0, None
    return None, (f"The price is in another currency, {priced[0][1][:10]}." if priced else None)


def _price(offer: Data) -> Decimal | None:
    price = _number(offer.get("price"))
    return price if price is not None and 0 <= price <= _MOST_POUNDS else None


def _ages(nodes: Sequence[Data]) -> tuple[int | None, int | None]:
    """The youngest and the oldest. From birth is no limit; nor are ages that cannot be."""
    said = next(
        (found[0] for node in nodes for name in ("ageRange", "ageRestriction") if (found := objects(node.get(name)))),
        {},
    )
    least, most = _age(said.get("minValue")), _age(said.get("maxValue"))
    if least and most and least > most:
        return None, None
    return least or None, most or None


def _age(said: Any) -> int | None:
    number = _number(said)
    return int(number) if number is not None and 0 < number <= 120 else None


def _time_needed(root: Data) -> str | None:
    """How long a thing takes that can be started at any time."""
    length = schedules.read_duration(root.get("duration"))
    if type_of(root) != "OnDemandEvent" or not length:
        return None
    hours, minutes = divmod(length // timedelta(minutes=1), 60)
    parts = [(hours, "hour"), (minutes, "minute")]
    return " ".join(f"{number} {name}{'' if number == 1 else 's'}" for number, name in parts if number) or None


def _accessibility(nodes: Sequence[Data]) -> str | None:
    support = _labels(_first(nodes, "accessibilitySupport"))
    information = _first_text(nodes, "accessibilityInformation")
    named = f"Support for: {', '.join(support)}." if support else ""
    return " ".join(filter(None, (named, information))) or None


def _skills(nodes: Sequence[Data]) -> tuple[SkillRecord, ...]:
    """The activities that have an identifier in OpenActive's activity list."""
    found = {
        identifier: SkillRecord(name=label, framework=ACTIVITIES, identifier=identifier)
        for activity in objects(_first(nodes, "activity"))[:20]
        if (label := _text(activity, "prefLabel")) and "activity-list" in (identifier := _text(activity, "id"))
    }
    return tuple(found.values())


def _url(nodes: Sequence[Data]) -> str | None:
    own = next((url for node in nodes if (url := _web(node.get("url")))), None)
    offers = (offer for node in nodes for offer in objects(node.get("offers")))
    return own or next((url for offer in offers if (url := _web(offer.get("url")))), None)


def _web(said: Any) -> str | None:
    """An address of the web, or None."""
    return said.strip() if isinstance(said, str) and re.match(r"\s*https?://\S+\s*$", said) else None
