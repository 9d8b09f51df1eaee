"""What an interactive map shows, as the data that `static/js/map.js` reads. Every text is plain."""

from collections.abc import Sequence
from math import isinf
from typing import Any

from flask import url_for
from flask_babel import gettext

from catalogue.filters import METRES_PER_MILE
from catalogue.grid import Box
from catalogue.words import Layer
from gazetteer.locate import Located
from maps.stops import PathwayStop, StopsMap
from search import labels
from search.forms import SearchRequest
from search.results import Results, Stop

EXACT_M = 100.0  # about as far off as the middle of a postcode may be, and as a device's place is rounded


def of_results(wanted: SearchRequest, results: Results, person: Located | None) -> dict[str, Any]:
    """The map of a page of results, whose other pins it fetches as it is moved.

    Args:
        person: where the person is; None where only a part of the map is searched.
    """
    asked = wanted.but(box=None, within_miles=None).query()
    pins = {name: value for name, value in asked.items() if name != "sort"}
    return {
        "here": _here(person) if person else None,
        "ring": _ring(person, results.radius_miles) if person and not wanted.box else None,
        "box": _edges(wanted.box) if wanted.box else None,
        "stops": [_stop(stop) for stop in results.stops],
        "pins": url_for("pins.in_box", **pins),
        "at": url_for("pins.at", **pins),
        "area": url_for("discover.search_map", **asked),
        "words": _words(),
    }


def of_stops(drawing: StopsMap) -> dict[str, Any]:
    """The map of a pathway's stops, joined in step order."""
    person = drawing.origin
    return {
        "here": _here(person) if isinstance(person, Located) else None,
        "stops": [_at_one_door(stops) for stops in _by_door(drawing.stops)],
        "way": [(stop.latitude, stop.longitude) for stop in drawing.stops],
        # A stop is one step: there is nothing to count.
        "words": _words() | {"venue": "{name}"},
    }


def _by_door(stops: Sequence[PathwayStop]) -> list[list[PathwayStop]]:
    doors: dict[tuple[float, float], list[PathwayStop]] = {}
    for stop in stops:
        doors.setdefault((stop.latitude, stop.longitude), []).append(stop)
    return list(doors.values())


def _at_one_door(stops: Sequence[PathwayStop]) -> dict[str, Any]:
    return {
        "numbers": [stop.number for stop in stops],
        "latitude": stops[0].latitude,
        "longitude": stops[0].longitude,
        "layer": _one([stop.layer for stop in stops]),
        "name": "; ".join(stop.name for stop in stops),
    }


def _here(person: Located) -> dict[str, Any]:
    return {
        "latitude": person.latitude,
        "longitude": person.longitude,
        "radius_m": max(EXACT_M, person.radius_m),
        "name": gettext("You are here: %(place)s", place=person.label),
    }


def _ring(person: Located, radius_miles: float) -> dict[str, float] | None:
    """How far was searched: from the middle of an area so much farther as it is wide."""
    if isinf(radius_miles):
        return None
    return {"radius_m": radius_miles * METRES_PER_MILE + person.radius_m}


def _edges(box: Box) -> list[float]:
    return [box.west, box.south, box.east, box.north]


def _stop(stop: Stop) -> dict[str, Any]:
    opportunities = [each.card.opportunity for each in stop.cards]
    return {
        "numbers": [each.number for each in stop.cards],
        "latitude": stop.venue.latitude,
        "longitude": stop.venue.longitude,
        "layer": _one([each.layer for each in opportunities]),
        "kind": _one([each.kind for each in opportunities]),
        "name": stop.venue.name,
    }


def _one(words: Sequence[str | Layer]) -> str | None:
    """The word that all are, if they are alike."""
    return str(words[0]) if len(set(words)) == 1 else None


def _words() -> dict[str, str]:
    """What the script says; `{…}` stands for what it fills in."""
    return {
        "numbers": gettext("Numbers {numbers}"),
        "number": gettext("Number {numbers}"),
        "venue": gettext("{name}: {count} to do"),
        "crowd": gettext("{count} to do in {venues} places"),
        "more": gettext("See all of these in a list"),
        "failed": gettext("We could not fetch what is here. Check your connection and try again."),
        "close": gettext("Close"),
        "held": gettext("The map moves with one finger now."),
        "free": gettext("Use two fingers to move the map, or tap it first."),
        "searched": gettext("The part of the map that is searched"),
        **{f"layer {layer}": str(word) for layer, word in labels.LAYERS.items()},
        **{f"kind {kind}": str(word) for kind, word in labels.KINDS.items()},
    }
