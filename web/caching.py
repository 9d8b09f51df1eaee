"""What may be kept of an answer, by a browser and by caches before this site, and the asking whether it still holds.

Pages show what is on now, and with a cookie of ours what is somebody's own. So a browser asks each time, and is told
in a few bytes that nothing has changed. A page whose address says nothing of who asks may be kept for a minute by a
cache that many share: https://www.rfc-editor.org/rfc/rfc9111#section-5.2.2.10. Whatever has a query is for one
person, for it says where they are; and what is somebody's own is kept by nobody, which those pages say themselves.
"""

from flask import Flask, Response, request

FOR_ALL = "public, max-age=0, s-maxage=60"
FOR_ONE = "private, no-cache"


def init_app(app: Flask) -> None:
    """Mark every page. To be called after `compression.init_app`: what still holds need not be compressed."""
    app.after_request(_mark_page)


def kept(response: Response, cache_control: str) -> Response:
    """An answer that may be kept so long, and that need not be sent again to who has it.

    Whoever made it may have said how long already. Its mark is weak, so that it is the same however the answer is
    compressed. An error is not kept.
    """
    if response.status_code != 200:
        return response
    response.headers.setdefault("Cache-Control", cache_control)
    response.add_etag(weak=True)
    response.make_conditional(request)
    return response


def _mark_page(response: Response) -> Response:
    is_page = response.mimetype == "text/html" and request.method in ("GET", "HEAD")
    if not is_page or "Cache-Control" in response.headers or "Set-Cookie" in response.headers:
        return response
    response.vary.add("Cookie")
    return kept(response, FOR_ALL if _is_for_all() else FOR_ONE)


def _is_for_all() -> bool:
    """Whether the address says nothing of one person, and it is a whole page that was asked for."""
    return not request.query_string and "HX-Request" not in request.headers
