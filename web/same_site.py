"""Only our own pages may change anything: what another site's page sends in a visitor's name is refused.

By what browsers say of where a request comes from, beside the cookies' SameSite=Lax:
https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header and
https://www.rfc-editor.org/rfc/rfc6454#section-7. The rule is that of Go's net/http.CrossOriginProtection.
"""

from urllib.parse import urlsplit

from flask import Flask, abort, current_app, request

from web.errors import is_for_api

SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")


def init_app(app: Flask) -> None:
    app.before_request(_refuse_others)


def is_ours() -> bool:
    """Whether this request comes from a page of this site, or from no page at all."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    # Browsers of before 2023, and any over plain http, say only this. Programs say neither.
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    host = _host(origin)
    return host is not None and host in (request.host, _host(current_app.extensions["public_url"]))


def _host(origin: str) -> str | None:
    """The host and port of an origin; None of `null`, which a page says that hides where it comes from."""
    try:
        return urlsplit(origin).netloc or None
    except ValueError:
        return None


def _refuse_others() -> None:
    # The API knows nobody: no cookie says anything there.
    if request.method not in SAFE and not is_for_api() and not is_ours():
        abort(403)
