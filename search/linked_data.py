"""Where an opportunity is, in the words that schema.org and OpenActive have in common."""

from typing import Any

from catalogue.models import Opportunity, Venue

Data = dict[str, Any]


def known(data: Data) -> Data:
    """The data without what is not known."""
    return {name: value for name, value in data.items() if value is not None and value not in ("", [])}


def place(venue: Venue) -> Data:
    """A venue as a `Place`. Coordinates to a tenth of a metre: beyond that the databases differ."""
    address = {
        "@type": "PostalAddress",
        "streetAddress": venue.address,
        "addressLocality": venue.town,
        "postalCode": venue.postcode,
        "addressCountry": "GB",
    }
    point = {"@type": "GeoCoordinates", "latitude": round(venue.latitude, 6), "longitude": round(venue.longitude, 6)}
    return {"@type": "Place", "name": venue.name, "address": known(address), "geo": point}


def area(opportunity: Opportunity) -> Data:
    """The region or the country as a `Place`, where that is all that is known."""
    address = {"@type": "PostalAddress", "addressRegion": opportunity.region, "addressCountry": "GB"}
    return {"@type": "Place", "name": opportunity.region or "United Kingdom", "address": known(address)}
