"""The headers that keep a page to itself: one content security policy, in one file.

A view that may be framed sets `g.frame_ancestors`: the origins that may, `("*",)` for any, `()` for none.
It sets `g.page_style` to the text of the one `<style>` that its page may have.

There is nothing in a policy that belongs to one answer, such as a nonce: whoever keeps a page and is told that it
still holds would have its scripts under one nonce and its policy with another. Scripts come from files of our own.
"""

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


# The one script that stands in a page, let in by its content. Whoever goes back before htmx is there gets the page of
# that address too, and a file may be as late as htmx is.
BACK_SCRIPT = 'addEventListener("popstate", () => window.htmx || location.reload())'


def init_app(app: Flask, tile_url: str) -> None:
    """Send the headers with every answer, and let templates write `back_script`."""
    app.extensions["tile_origin"] = tile_origin(tile_url)
    app.jinja_env.globals["back_script"] = BACK_SCRIPT
    app.after_request(_add_headers)


def tile_origin(tile_url: str) -> str:
    """The origin that a tile template loads from, with any `{s}` subdomain as a wildcard; empty for our own."""
    parts = urlsplit(tile_url)
    if not parts.netloc:
        return ""
    host = parts.netloc.replace("{s}", "*")
    return f"{parts.scheme or 'https'}://{host}"


def policy(tiles: str, ancestors: tuple[str, ...] = (), style: str = "") -> str:
    """The content security policy of a page. Only a map's tiles come from another host.

    Args:
        ancestors: the origins that may frame it, `*` for any.
        style: a style sheet that stands in the page.
    """
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' {_digest(BACK_SCRIPT)}",
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


def _digest(text: str) -> str:
    """What lets one style sheet or script in, by its content: https://www.w3.org/TR/CSP3/#grammardef-hash-source."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    ancestors: tuple[str, ...] | None = g.get("frame_ancestors")
    if ancestors is not None:
        # It knows only no one and ourselves, and some browsers would heed it before the policy.
        del response.headers["X-Frame-Options"]
    response.headers["Content-Security-Policy"] = policy(
        current_app.extensions["tile_origin"], ancestors or (), g.get("page_style", "")
    )
    return response
