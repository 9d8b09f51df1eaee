"""Pages whose address is a key: whoever knows it may see them, so it goes nowhere.

Not to search engines, not into caches, not to other pages as a referrer, and not onto paper. This holds for
every answer below these addresses, also for what is not there or goes wrong.
"""

from flask import Flask, Response, request

PREFIXES = ("/progress/link/", "/shortlist/")
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}


def init_app(app: Flask) -> None:
    app.after_request(_add_headers)


def is_private() -> bool:
    """Whether the address that is asked for has a key in it."""
    return request.path.startswith(PREFIXES)


def _add_headers(response: Response) -> Response:
    if is_private():
        response.headers.update(HEADERS)
    return response
