"""Small rows for tests, with everything that a test does not care about filled in."""

from itertools import count
from typing import Any

from catalogue.geometry import point
from catalogue.models import Opportunity, Provider, Venue
from catalogue.words import Kind, Layer, Reach

_numbers = count(1)


def provider(**values: Any) -> Provider:
    number = next(_numbers)
    return Provider(**{"slug": f"provider-{number}", "name": f"Provider {number}"} | values)


def venue(latitude: float, longitude: float, **values: Any) -> Venue:
    number = next(_numbers)
    defaults = {"slug": f"venue-{number}", "name": f"Venue {number}", "postcode": "PL1 2AA"}
    return Venue(**defaults | {"location": point(latitude, longitude)} | values)


def opportunity(*venues: Venue, **values: Any) -> Opportunity:
    number = next(_numbers)
    defaults: dict[str, Any] = {
        "key": f"test:{number}",
        "slug": f"opportunity-{number}",
        "title": f"Opportunity {number}",
        "summary": "A thing to do.",
        "kind": Kind.WORKSHOP,
        "layer": Layer.PARTICIPATE,
        "reach": Reach.VENUE if venues else Reach.ONLINE,
    }
    if "provider" not in values and "provider_id" not in values:
        defaults["provider"] = provider()
    return Opportunity(venues=list(venues), **defaults | values)
