"""Links to find the way to a venue. Plain links: nobody else's script is needed."""

from collections.abc import Mapping
from dataclasses import dataclass

from catalogue.models import Venue
from web.sharing import query


@dataclass(frozen=True, slots=True)
class Ways:
    """Directions to a venue. `geo` (RFC 5870) is for phones on which an app answers to it."""

    by_app: Mapping[str, str]
    geo: str


def directions(venue: Venue) -> Ways:
    """Ways to a venue from wherever the phone is: where a person starts is not in the link.

    https://developers.google.com/maps/documentation/urls/get-started#directions-action
    and https://developer.apple.com/library/archive/featuredarticles/iPhoneURLScheme_Reference/MapLinks/MapLinks.html
    """
    point = f"{venue.latitude:.5f},{venue.longitude:.5f}"
    return Ways(
        {
            "Google Maps": "https://www.google.com/maps/dir/?" + query(api=1, destination=point),
            "Apple Maps": "https://maps.apple.com/?" + query(daddr=point),
            "OpenStreetMap": "https://www.openstreetmap.org/directions?" + query(to=point),
        },
        f"geo:{point}?" + query(q=f"{point}({venue.name})"),
    )
