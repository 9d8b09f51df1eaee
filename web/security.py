"""The headers that keep a page to itself: one content security policy, in one file.

A view that may be framed sets `g.frame_ancestors`: the origins that may, `("*",)` for any, `()` for none.
It sets `g.page_style` to the text of the one `<style>` that its page may have.
"""

import secrets
from base64 import b64encode
from hashlib import sha256
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


def policy(nonce: str, tiles: str, ancestors: tuple[str, ...] = (), style: str = "") -> str:
    """The content security policy of a page. Only a map's tiles come from another host.

    Args:
        ancestors: the origins that may frame it, `*` for any.
        style: a style sheet that stands in the page.
    """
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' 'nonce-{nonce}'",
            f"style-src 'self' {_digest(style) if style else ''}".rstrip(),
            f"img-src 'self' data: {tiles}".rstrip(),
            "font-src 'self'",
            "connect-src 'self'",
            "frame-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            f"frame-ancestors {_framers(ancestors)}",
        )
    )


def _framers(ancestors: tuple[str, ...]) -> str:
    """The policy's words for origins. Where there is a list we are on it too, for our own previews."""
    if not ancestors or "*" in ancestors:
        return "*" if ancestors else "'none'"
    return " ".join(("'self'", *ancestors))


def _digest(style: str) -> str:
    """What lets one style sheet in, by its content: a nonce would make every copy of a page another."""
    return f"'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'"


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    ancestors: tuple[str, ...] | None = g.get("frame_ancestors")
    if ancestors is not None:
        # It knows only no one and ourselves, and some browsers would heed it before the policy.
        del response.headers["X-Frame-Options"]
    response.headers["Content-Security-Policy"] = policy(
        csp_nonce(), current_app.extensions["tile_origin"], ancestors or (), g.get("page_style", "")
    )
    return response
