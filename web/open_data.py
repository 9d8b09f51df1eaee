"""What is there for programs: the API, and searches as feeds and tables.

Scripts of any site may read it; whoever has it already is told so; and nobody takes so much that little is left
for others.
"""

from flask import Flask, Response, current_app, json, request
from flask_babel import gettext

from web import caching
from web.errors import API_PREFIX, is_for_api
from web.rates import WINDOW_S, Rate, address_of

FEEDS = ("/discover.atom", "/discover.ics", "/discover.csv")
# What a browser lets scripts of other sites read besides what it always does.
EXPOSED = "ETag, RateLimit, RateLimit-Policy, Retry-After"
# https://fetch.spec.whatwg.org/#cors-preflight-fetch
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "If-None-Match, If-Modified-Since",
    "Access-Control-Max-Age": "86400",
}
READING = ("GET", "HEAD")
KEPT_S = 60
_RATE = "open_data_rate"


def init_app(app: Flask, most_a_minute: int) -> None:
    """Take questions for programs: at most so many a minute from one address, or any number if that is 0."""
    app.extensions[_RATE] = Rate(most_a_minute) if most_a_minute else None
    app.before_request(_refuse_too_many)
    app.after_request(_open)


def is_open() -> bool:
    """Whether the address that is asked for is one for programs."""
    return request.path.startswith(API_PREFIX) or request.path in FEEDS


def kept(response: Response, seconds: int = KEPT_S, is_public: bool = True) -> Response:
    """An answer that may be kept for so many seconds: by caches that many share too, if it is public."""
    return caching.kept(response, f"{'public' if is_public else 'private'}, max-age={seconds}")


def _refuse_too_many() -> Response | None:
    rate = _rate()
    if rate is None or request.method not in READING:
        return None
    address = address_of(request)
    wait_s = rate.wait_s(address)
    rate.count(address)
    return _too_many(wait_s) if wait_s else None


def _too_many(wait_s: int) -> Response:
    sentence = gettext("You have asked very often. Wait a minute, then ask again.")
    if is_for_api():
        answer = Response(json.dumps({"error": sentence}), 429, mimetype="application/json")
    else:
        answer = Response(sentence + "\n", 429, mimetype="text/plain")
    answer.headers["Retry-After"] = str(wait_s)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _open(response: Response) -> Response:
    """The headers that let any site's scripts read it, and those that say how much more one may ask.

    https://fetch.spec.whatwg.org/#http-cors-protocol and
    https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
    """
    if not is_open() or request.method not in (*READING, "OPTIONS"):
        return response
    response.headers["Access-Control-Allow-Origin"] = "*"
    if request.method == "OPTIONS":
        response.headers.update(PREFLIGHT)
        return response
    response.headers["Access-Control-Expose-Headers"] = EXPOSED
    rate = _rate()
    if rate is not None:
        address = address_of(request)
        response.headers["RateLimit-Policy"] = f'"address";q={rate.most};w={WINDOW_S:.0f}'
        response.headers["RateLimit"] = f'"address";r={rate.left(address)};t={rate.renewed_in_s(address)}'
    return response


def _rate() -> Rate | None:
    """What counts this request, if anything does."""
    return current_app.extensions[_RATE] if is_open() else None
