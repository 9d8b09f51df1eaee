"""The answer to a search as GeoJSON: https://www.rfc-editor.org/rfc/rfc7946.

What it says besides the features stands beside them, as foreign members (section 6.1).
`api/openapi.yaml` describes every member.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from math import isinf
from typing import Any

from flask import url_for

from catalogue.facets import Facets
from catalogue.models import Venue
from catalogue.queries import COUNT_BOUND, Card
from gazetteer.answers import answer
from gazetteer.locate import Located
from search.results import NumberedCard, Results
from settings import UK_TIME
from web.addresses import absolute
from web.formats import step_miles

MEDIA_TYPE = "application/geo+json"
EXACT_MILES = 0.1
DECIMALS = 6  # of a degree: 11 centimetres


def near(results: Results, located: Located) -> dict[str, Any]:
    """What was found near a place, as a FeatureCollection."""
    return _collection(results.cards, located) | {
        "near": answer(located),
        "radius_miles": None if isinf(results.radius_miles) else results.radius_miles,
        **_counted(results.count),
        "elsewhere_count": results.elsewhere_count,
    }


def elsewhere(cards: Iterable[NumberedCard], count: int) -> dict[str, Any]:
    """What is tied to no one place, as a FeatureCollection."""
    return _collection(cards) | {"near": None, "radius_miles": None, **_counted(count), "elsewhere_count": count}


def facets(counted: Facets) -> dict[str, Any]:
    """How many each choice would leave; of kinds, layers and ages those that would leave any."""
    return {
        "total": counted.total,
        "kinds": _positive(counted.kinds),
        "layers": _positive(counted.layers),
        "skills": [{"slug": skill.slug, "name": skill.name, "count": number} for skill, number in counted.skills],
        "free": counted.free,
        "ages": _positive(counted.ages),
        "when": dict(counted.spans),
        "time": dict(counted.times),
        "is_bounded": counted.is_bounded,
    }


def properties(card: Card, located: Located | None) -> dict[str, Any]:
    """What there is to say of an opportunity besides where it is."""
    found = card.opportunity
    return {
        "id": found.id,
        "title": found.title,
        "summary": found.summary,
        "kind": found.kind,
        "layer": found.layer,
        "reach": found.reach,
        "provider": {"name": found.provider.name, "slug": found.provider.slug},
        "venue": _venue(card.venue) if card.venue else None,
        **distance(card.distance_miles, located),
        "next_start": _moment(card.next_at),
        "ends_at": _moment(found.ends_at),
        "cost_pence": found.cost_pence,
        "cost_note": found.cost_note,
        "ages": {"min": found.age_min, "max": found.age_max},
        "url": absolute(url_for("opportunities.show", opportunity_id=found.id, slug=found.slug)),
    }


def _collection(cards: Iterable[NumberedCard], located: Located | None = None) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": [_feature(each, located) for each in cards]}


def _feature(numbered: NumberedCard, located: Located | None) -> dict[str, Any]:
    card = numbered.card
    return {
        "type": "Feature",
        "id": card.opportunity.id,
        "geometry": _point(card.venue) if card.venue else None,
        "properties": {"number": numbered.number} | properties(card, located),
    }


def _point(venue: Venue) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [round(venue.longitude, DECIMALS), round(venue.latitude, DECIMALS)]}


def _venue(venue: Venue) -> dict[str, str]:
    return {"name": venue.name, "address": venue.address, "town": venue.town, "postcode": venue.postcode}


def distance(miles: float | None, located: Located | None) -> dict[str, Any]:
    """A distance no finer than it is known, as pages say it."""
    step = step_miles(located.radius_miles) if located else EXACT_MILES
    return {
        "distance_miles": None if miles is None else round(round(miles / step) * step, 1),
        "distance_is_approximate": miles is not None and step > EXACT_MILES,
    }


def _counted(number: int) -> dict[str, Any]:
    return {"count": number, "count_is_at_least": number >= COUNT_BOUND}


def _positive(counter: Mapping[Any, int]) -> dict[str, int]:
    return {str(choice): number for choice, number in counter.items() if number}


def _moment(moment: datetime | None) -> str | None:
    return moment.astimezone(UK_TIME).isoformat() if moment else None
