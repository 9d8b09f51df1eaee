"""The pins of a part of the map as GeoJSON: https://www.rfc-editor.org/rfc/rfc7946."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from flask import url_for
from flask_babel import gettext, ngettext

from catalogue.filters import METRES_PER_MILE
from catalogue.grid import Box
from catalogue.pins import Counted, Pin, Pins
from catalogue.queries import Card
from gazetteer.locate import Located
from gazetteer.table import Table
from search import labels
from web.formats import miles

DECIMALS = 5  # of a degree: about a metre
MOST_NAMES = 12


def collection(found: Pins, names: Sequence[tuple[str, float, float]] = ()) -> dict[str, Any]:
    """A FeatureCollection. Beside it stand what its squares are of, what is said of it, and names of places."""
    return {
        "type": "FeatureCollection",
        "level": found.level,
        "count": found.count,
        "counted": found.counted,
        "said": said(found),
        "features": [_feature(pin) for pin in found.pins],
        "names": [
            {"name": name, "latitude": round(latitude, DECIMALS), "longitude": round(longitude, DECIMALS)}
            for name, latitude, longitude in names
        ],
    }


def said(found: Pins) -> str:
    """How much there is in the part of the map shown."""
    if found.counted is Counted.ABOUT:
        return gettext("About %(count)s on this part of the map", count=f"{found.count:,}")
    if found.counted is Counted.AT_MOST:
        return gettext(
            "Fewer than %(count)s fit on this part of the map. Move closer, and we can count them.",
            count=f"{found.count + 1:,}",
        )
    return ngettext("%(num)s on this part of the map", "%(num)s on this part of the map", found.count)


def names_in(table: Table, box: Box) -> list[tuple[str, float, float]]:
    """The largest places in a box, for a map without a background: name, latitude, longitude."""
    around = table.places_around(box.latitude, box.longitude, box.reach_m)
    inside = [place for place in around if box.holds(place.longitude, place.latitude)]
    return [(place.name, place.latitude, place.longitude) for place in inside[:MOST_NAMES]]


def venues(cards: Sequence[Card], person: Located | None) -> list[dict[str, Any]]:
    """What is on offer at venues. Cards of one venue stand together; distances are from the person, if there is one."""
    return [
        {
            "name": venue.name,
            "where": ", ".join(filter(None, (venue.address, venue.town))),
            "distance": _away(of_venue[0], person),
            "items": [_item(card, person) for card in of_venue],
        }
        for venue, of_venue in ((venue, list(each)) for venue, each in groupby(cards, key=lambda card: card.venue))
        if venue is not None
    ]


def _feature(pin: Pin) -> dict[str, Any]:
    of_venue = {"name": pin.name, "kind": pin.kind, "layer": pin.layer} if pin.venue_id is not None else {}
    return {
        "type": "Feature",
        "geometry": {
            "type": "Point",
            "coordinates": [round(pin.longitude, DECIMALS), round(pin.latitude, DECIMALS)],
        },
        "properties": {
            "squares": [f"{x}.{y}" for x, y in pin.squares],
            "count": pin.count,
            "venues": pin.venues,
        }
        | {name: value for name, value in of_venue.items() if value},
    }


def _away(card: Card, person: Located | None) -> str:
    if person is None or card.distance_m is None:
        return ""
    return gettext("%(miles)s miles away", miles=miles(card.distance_m / METRES_PER_MILE, person.radius_miles))


def _item(card: Card, person: Located | None) -> dict[str, Any]:
    found = card.opportunity
    near = person.outward if person else None
    return {
        "id": found.id,
        "title": found.title,
        "url": url_for("opportunities.show", opportunity_id=found.id, slug=found.slug, near=near),
        "kind": found.kind,
        "layer": found.layer,
        "said": f"{labels.KINDS[found.kind]}, {labels.LAYERS[found.layer]}",
    }
