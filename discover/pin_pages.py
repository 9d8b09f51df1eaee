"""What an interactive map asks for: its skeleton, the pins of the part it shows, and what is at one of them."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request, url_for
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from catalogue import pins, queries
from catalogue.distances import venue_distances
from catalogue.filters import Filters
from catalogue.grid import FINEST_LEVEL, Box, box_of
from catalogue.nearest import Hit
from catalogue.pins import Square
from database.session import session
from gazetteer.locate import Located
from maps import pin_features
from maps.tiles import Tiles, tiles
from search import boxes
from search.find import ask
from search.forms import SearchRequest
from search.place_asked import place_asked
from web.caching import kept

blueprint = Blueprint("pins", __name__, url_prefix="/discover")
MOST_SQUARES = 30
MOST_AT_A_PIN = 30
_SQUARE = re.compile(r"([0-9]{1,7})\.([0-9]{1,7})")
blueprint.app_context_processor(lambda: {"map_version": _version})
Answer = Response | tuple[dict[str, Any], int]


class Unusable(ValueError):
    """A value that says no part of the map. The message is a sentence for people."""


@blueprint.get("/map.js")
def script() -> Response:
    found = Response(_skeleton(tiles(current_app.extensions["settings"])), mimetype="text/javascript")
    return kept(found, f"public, max-age={24 * 3600}")


def _version() -> str:
    """Changes with the settings, so that browsers may keep the script."""
    return sha256(repr(tiles(current_app.extensions["settings"])).encode()).hexdigest()[:10]


@cache
def _skeleton(background: Tiles | None) -> str:
    from maps.folium_map import skeleton  # folium brings numpy: not before a map is asked for

    return skeleton(background)


@blueprint.get("/pins")
def in_box() -> Answer:
    """The pins in `bbox` at `zoom`, as GeoJSON; with `names=1` also the names of places, for want of a background."""
    try:
        box, zoom = _box(request.args), _whole(request.args, "zoom", FINEST_LEVEL)
        _, filters = _asked()
    except Unusable as problem:
        return {"error": str(problem)}, 400
    names = pin_features.names_in(current_app.extensions["gazetteer"], box) if "names" in request.args else ()
    found = jsonify(pin_features.collection(pins.pins(session(), box, zoom, filters), names))
    found.mimetype = "application/geo+json"
    return found


@blueprint.get("/pins/at")
def at() -> Answer:
    """What is on offer at a pin, by venue: in its `square`s of a `level`, as the pin has them."""
    try:
        level = _whole(request.args, "level", FINEST_LEVEL)
        squares = _squares(request.args, level)
        wanted, filters = _asked()
    except Unusable as problem:
        return {"error": str(problem)}, 400
    place = place_asked(wanted.near)
    person = place if isinstance(place, Located) else None
    rows = pins.at(session(), level, squares, filters, MOST_AT_A_PIN + 1)
    around = box_of(level, squares)
    here = person or around
    metres = venue_distances(session(), here, sorted({venue_id for venue_id, _ in rows}))
    hits = [Hit(metres[venue_id], opportunity_id, venue_id) for venue_id, opportunity_id in rows[:MOST_AT_A_PIN]]
    data: dict[str, Any] = {"venues": pin_features.venues(queries.cards(session(), hits, filters), person)}
    if len(rows) > MOST_AT_A_PIN:
        data["more"] = url_for("discover.search", **wanted.in_box(around).query())
    return data, 200


def _asked() -> tuple[SearchRequest, Filters]:
    wanted = SearchRequest.from_args(request.args)
    asked, filters = ask(session(), wanted, datetime.now(UTC))
    for problem in (*wanted.problems, *asked.problems):
        raise Unusable(problem)
    return wanted, filters


def _box(args: MultiDict[str, str]) -> Box:
    try:
        return boxes.parse(args.get("bbox", ""))
    except ValueError:
        raise Unusable(
            gettext("Give “bbox” as the west, south, east and north edge in degrees, such as -4.2,50.3,-4.1,50.4.")
        ) from None


def _whole(args: MultiDict[str, str], name: str, most: int) -> int:
    text = args.get(name, "")
    if not re.fullmatch("[0-9]{1,2}", text) or int(text) > most:
        raise Unusable(gettext("Give “%(name)s” as a whole number from 0 to %(most)s.", name=name, most=most))
    return int(text)


def _squares(args: MultiDict[str, str], level: int) -> Sequence[Square]:
    found = [_SQUARE.fullmatch(text) for text in args.getlist("square")]
    squares = [(int(each[1]), int(each[2])) for each in found if each]
    if not 0 < len(squares) == len(found) <= MOST_SQUARES or max(map(max, squares)) >> level:
        raise Unusable(gettext("Give “square” as the pins of this level have it, such as 8003.5530."))
    return squares
