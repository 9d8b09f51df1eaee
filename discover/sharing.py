"""Links to pass an opportunity on, and to find the way to it. Plain links: nobody else's script is needed."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from flask_babel import gettext

from catalogue.models import Venue
from discover.plain_text import one_line


@dataclass(frozen=True, slots=True)
class Ways:
    """Directions to a venue. `geo` (RFC 5870) is for phones on which an app answers to it."""

    by_app: Mapping[str, str]
    geo: str


def share_links(title: str, url: str) -> dict[str, str]:
    """Where to pass on an address, by name. `url` is whole and says nothing of who shares it."""
    title = one_line(title)
    body = gettext("I found this on Doorstep: %(title)s", title=title) + f"\r\n\r\n{url}\r\n"
    return {
        "WhatsApp": "https://wa.me/?" + _query(text=f"{title}\n{url}"),
        "LinkedIn": "https://www.linkedin.com/sharing/share-offsite/?" + _query(url=url),
        gettext("E-mail"): "mailto:?" + _query(subject=title, body=body),
    }


def directions(venue: Venue) -> Ways:
    """Ways to a venue from wherever the phone is: where a person starts is not in the link.

    https://developers.google.com/maps/documentation/urls/get-started#directions-action
    and https://developer.apple.com/library/archive/featuredarticles/iPhoneURLScheme_Reference/MapLinks/MapLinks.html
    """
    point = f"{venue.latitude:.5f},{venue.longitude:.5f}"
    return Ways(
        {
            "Google Maps": "https://www.google.com/maps/dir/?" + _query(api=1, destination=point),
            "Apple Maps": "https://maps.apple.com/?" + _query(daddr=point),
            "OpenStreetMap": "https://www.openstreetmap.org/directions?" + _query(to=point),
        },
        f"geo:{point}?" + _query(q=f"{point}({venue.name})"),
    )


def _query(**values: object) -> str:
    # A space as %20: mail programs show a plus as a plus.
    return urlencode(values, quote_via=quote, safe="")
