"""When an answer is a fragment for htmx and when it is a page."""

from flask import Flask, Response, request
from flask_htmx import HTMX

htmx = HTMX()


def init_app(app: Flask) -> None:
    htmx.init_app(app)
    app.after_request(_vary)


def wants_fragment() -> bool:
    """Whether this request asks for a part of a page: by htmx, neither boosted nor to restore its history."""
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def wants_part(target: str) -> bool:
    """Whether a fragment is asked for to go into the element with this id."""
    return wants_fragment() and htmx.target == target


def _vary(response: Response) -> Response:
    # Set on every page, not only where the answer did depend on it: a cache must keep the two apart.
    if response.mimetype == "text/html" and request.method in ("GET", "HEAD"):
        response.vary.update(("HX-Request", "HX-Target"))
    return response
