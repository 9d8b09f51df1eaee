"""The headers that keep a page to itself: one content security policy, in one file."""

import secrets
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g

HEADERS = {
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=(), payment=()",
}


def init_app(app: Flask, tile_url: str) -> None:
    """Send the headers with every answer, and let templates call `csp_nonce()`."""
    app.extensions["tile_origin"] = tile_origin(tile_url)
    app.jinja_env.globals["csp_nonce"] = csp_nonce
    app.after_request(_add_headers)


def csp_nonce() -> str:
    """This request's nonce: what a `<script>` must carry to run."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    nonce: str = g.csp_nonce
    return nonce


def tile_origin(tile_url: str) -> str:
    """The origin that a tile template loads from, with any `{s}` subdomain as a wildcard; empty for our own."""
    parts = urlsplit(tile_url)
    if not parts.netloc:
        return ""
    host = parts.netloc.replace("{s}", "*")
    return f"{parts.scheme or 'https'}://{host}"


def policy(nonce: str, tiles: str) -> str:
    """The content security policy of a page. Only a map's tiles come from another host."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' 'nonce-{nonce}'",
            "style-src 'self'",
            f"img-src 'self' data: {tiles}".rstrip(),
            "font-src 'self'",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["Content-Security-Policy"] = policy(csp_nonce(), current_app.extensions["tile_origin"])
    return response
