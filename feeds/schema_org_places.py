"""Where a thing of schema.org is."""

import re
from collections.abc import Mapping

from catalogue.words import Reach
from feeds.json_ld import types, word
from feeds.json_values import fields, listed, number, text, web_address
from feeds.record import VenueRecord
from feeds.schema_org_thing import first, instances, is_work, statuses

HERE = frozenset(
    {"gb", "gbr", "uk", "united kingdom", "great britain", "england", "scotland", "wales", "cymru", "northern ireland"}
)

_PLACES = ("location", "jobLocation")
_POSTCODE = re.compile(r"\b([A-Z]{1,2}\d[A-Z\d]?)[ \u00a0]?(\d[A-Z]{2})\b", re.IGNORECASE)


def _all_places(node: Mapping[str, object]) -> list[object]:
    own = [place for name in _PLACES for place in listed(node.get(name))]
    of_instances = [place for each in instances(node) for place in listed(each.get("location"))]
    return own or of_instances or listed(fields(node.get("superEvent")).get("location")) or [None]


def is_elsewhere(node: Mapping[str, object]) -> bool:
    """Whether all its places are in other countries, or one may apply from others only."""
    return not any(map(_is_here, _all_places(node))) or not _may_apply_from_here(node)


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
    address = place if "PostalAddress" in types(place) else first(place.get("address"))
    at = fields(first(place.get("geo"))) or place
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
        for each in (node, *instances(node))
        for name in ("eventAttendanceMode", "courseMode", "jobLocationType")
        for value in listed(each.get(name))
    )
    is_online = "eventmovedonline" in statuses(node) or (
        re.search(r"onlineeventattendancemode|\bonline\b|telecommute", modes) is not None
        and not re.search(r"mixed|blended|onsite|hybrid", modes)
    )
    # A job from home may still have an office, where one goes at times.
    if places and not (is_online and not is_work(node)):
        return Reach.VENUE
    return Reach.ONLINE if is_online or any(map(_is_virtual, _all_places(node))) else Reach.UNKNOWN
