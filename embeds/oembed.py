"""oEmbed 1.0: other sites ask for the embed of one of our pages. https://oembed.com"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from flask import Blueprint, Response, current_app, jsonify, request, url_for
from flask_babel import gettext
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from catalogue import pathway_pages, queries
from catalogue.models import Provider
from catalogue.origins import DEFAULT_PORTS
from database.session import session
from embeds.builder import SANDBOX, element, reserved_height
from embeds.framing import frame_ancestors
from embeds.options import EmbedOptions
from gazetteer.locate import Located, locate
from search.forms import SearchRequest
from search.places import place_of
from web.addresses import absolute

CACHE_AGE_S = 3600
WIDTH = 600
OPPORTUNITIES_HEIGHT = 640
SEARCH_HEIGHT = 240
LONGEST_URL = 2000
# As people write it; Python reads more.
_SIZE = re.compile(r"0*[1-9][0-9]{0,8}")

blueprint = Blueprint("oembed", __name__)


class Refused(Exception):
    """A question that has no embed for an answer: a status and a sentence that repeats nothing of it."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


@dataclass(frozen=True, slots=True)
class Widget:
    """The embed for a page: the path of the frame, what it holds, its usual height in pixels, the page's title."""

    path: str
    holds: str
    height: int
    title: str
    provider: Provider | None = None


@blueprint.get("/oembed")
def answer() -> Response:
    """The embed for `url`, no larger than `maxwidth` and `maxheight` pixels; JSON is the only `format`."""
    if request.args.get("format", "json").lower() not in ("", "json"):
        raise Refused(501, gettext("We answer in JSON only: ask with format=json, or without a format."))
    if not request.args.get("url"):
        raise Refused(400, gettext("Say in url which page you would like to embed."))
    most = _size("maxwidth"), _size("maxheight")
    response = jsonify(described(_widget(request.args["url"]), *most))
    response.headers["Cache-Control"] = f"public, max-age={CACHE_AGE_S}"
    return response


@blueprint.errorhandler(Refused)
def refused(problem: Refused) -> tuple[Response, int]:
    return jsonify(error=str(problem)), problem.status


@blueprint.after_request
def open_to_all(response: Response) -> Response:
    """Let scripts of any site ask: no cookie goes with it. https://fetch.spec.whatwg.org/#http-cors-protocol"""
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def described(widget: Widget, max_width: int | None, max_height: int | None) -> dict[str, Any]:
    """A `rich` answer as https://oembed.com/#section2.3 has it. Sizes are in pixels; None is for no limit."""
    width, height = min(WIDTH, max_width or WIDTH), min(widget.height, max_height or widget.height)
    frame = element(
        "iframe",
        {
            # Without a fragment: WordPress adds its own.
            "src": absolute(widget.path),
            "title": widget.holds,
            "width": str(width),
            "height": str(height),
            "loading": "lazy",
            "sandbox": SANDBOX,
            "style": "border:0;max-width:100%",
        },
    )
    said = {
        "type": "rich",
        "version": "1.0",
        "title": widget.title,
        "provider_name": "Doorstep",
        "provider_url": absolute(url_for("discover.front")),
        "cache_age": CACHE_AGE_S,
        "html": str(frame),
        "width": width,
        "height": height,
    }
    if widget.provider is not None:
        said["author_name"] = widget.provider.name
        said["author_url"] = absolute(url_for("providers.show", slug=widget.provider.slug))
    return said


def _widget(url: str) -> Widget:
    """The embed that fits a page of ours. Raises `Refused` with 404 if it is none, or nothing fits."""
    parts = _ours(url)
    endpoint, values = _page(parts)
    found = None
    if endpoint == "pathways.show":
        found = _pathway(values["slug"], _roughly(parts.query))
    elif endpoint == "opportunities.show":
        found = _opportunity(values["opportunity_id"], _roughly(parts.query))
    elif endpoint == "places.show":
        found = _place(values["slug"])
    if found is None:
        raise _nothing()
    if not frame_ancestors(found.provider.id if found.provider else None):
        raise Refused(404, gettext("This page is not for showing on other sites."))
    return found


def _pathway(slug: str, near: str | None) -> Widget | None:
    found = pathway_pages.pathway(session(), slug)
    if found is None:
        return None
    path = url_for("embeds.pathway", slug=found.slug, near=near)
    return Widget(path, found.title, reserved_height(found, EmbedOptions()), found.title, found.provider)


def _opportunity(opportunity_id: int, near: str | None) -> Widget | None:
    """What its provider offers, from where it is. None once it has ended: then it is no longer among that."""
    found = queries.opportunity(session(), opportunity_id)
    if found is None or (found.ends_at is not None and found.ends_at <= datetime.now(UTC)):
        return None
    where = near or next((venue.postcode.split(" ")[0] for venue in found.venues), None)
    path = url_for("embeds.opportunities", provider=found.provider.slug, near=where)
    holds = gettext("What %(provider)s offers", provider=found.provider.name)
    return Widget(path, holds, OPPORTUNITIES_HEIGHT, found.title, found.provider)


def _place(slug: str) -> Widget | None:
    """A search that begins in the place."""
    found = place_of(current_app.extensions["gazetteer"], slug)
    if found is None:
        return None
    holds = gettext("What you can learn and do in and around %(place)s", place=found.label)
    return Widget(url_for("embeds.search", near=found.label), holds, SEARCH_HEIGHT, holds)


def _ours(url: str) -> SplitResult:
    """An address on this site in its parts. Raises `Refused` with 404 for any other, and for one with credentials."""
    try:
        parts, own = urlsplit(url[:LONGEST_URL]), urlsplit(absolute(""))
        is_ours = "@" not in parts.netloc and _origin(parts) == _origin(own)
    except ValueError as error:  # a port or brackets that cannot be
        raise _nothing() from error
    if not is_ours or len(url) > LONGEST_URL:
        raise _nothing()
    return parts


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or DEFAULT_PORTS.get(parts.scheme)


def _page(parts: SplitResult) -> tuple[str, dict[str, Any]]:
    """The endpoint of a path and what it names, as if it were asked for."""
    path = unquote(parts.path, errors="replace")
    try:
        if "\0" in path:  # PostgreSQL refuses to look for it
            raise _nothing()
        endpoint, values = current_app.url_map.bind("").match(path, method="GET")
    except (HTTPException, RequestRedirect) as error:
        raise _nothing() from error
    return endpoint, dict(values)


def _roughly(query: str) -> str | None:
    """Where a page's address starts from, no finer than what may be passed on. No other service is asked."""
    near = SearchRequest.from_args(MultiDict(parse_qsl(query))).near
    place = locate(current_app.extensions["gazetteer"], near)
    return place.outward if isinstance(place, Located) else None


def _size(name: str) -> int | None:
    value = request.args.get(name, "").strip()
    if not value:
        return None
    if not _SIZE.fullmatch(value):
        raise Refused(400, gettext("Give %(name)s as a whole number of pixels from 1, such as 400.", name=name))
    return int(value)


def _nothing() -> Refused:
    return Refused(404, gettext("That is the address of no pathway, opportunity or place here."))
