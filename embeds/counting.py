"""Counting what embeds did for those who show them: by day, widget and host, never by person.

Neither is anything kept of who looked, nor does a count that fails spoil the page.
"""

from datetime import datetime
from time import monotonic
from urllib.parse import urlsplit

from flask import current_app, request
from sqlalchemy.exc import SQLAlchemyError

from catalogue import embed_queries
from catalogue.origins import is_host
from database.brief import brief
from readiness import NotReady
from settings import UK_TIME
from web.addresses import absolute
from web.logs import log

REST_S = 10.0  # after a count that failed: the database may be away, and to find that out takes time
_RESTS_UNTIL = "embed_counting_rests_until"


def count_view(widget: str, host: str) -> None:
    """Count that a widget, such as `pathway:become-an-electrician`, was shown on a host's page, as `host_of` says it.

    Never raises because of the database: then it is not counted.
    """
    _count(widget, host, views=1)


def count_click(widget: str, host: str) -> None:
    """Count that somebody went from a widget to us. Like `count_view`."""
    _count(widget, host, clicks=1)


def host_of(referrer: str | None) -> str:
    """The host of a Referer, in lower case, to count under; empty if there is none, or none that could be."""
    try:
        host = urlsplit(referrer or "").hostname or ""
    except ValueError:
        return ""
    return host if is_host(host) else ""


def _count(widget: str, host: str, views: int = 0, clicks: int = 0) -> None:
    parts = current_app.extensions
    if monotonic() < parts.get(_RESTS_UNTIL, 0.0):
        return
    try:
        with brief(parts["engine"]) as connection:
            today = datetime.now(UK_TIME).date()
            embed_queries.add(connection, today, widget, _counted(host), views=views, clicks=clicks)
            connection.commit()
    except (SQLAlchemyError, NotReady) as error:
        parts[_RESTS_UNTIL] = monotonic() + REST_S
        log.warning("embed not counted", reason=type(error).__name__)


def _counted(host: str) -> str:
    """The host that a row may have, without a port. Our own pages, such as a preview, count under none."""
    name = host.partition(":")[0]
    is_ours = name in (urlsplit(absolute("")).hostname, urlsplit(request.host_url).hostname)
    return name if is_host(name) and not is_ours else ""
