"""One line a request, as JSON.

Never a query string, which is where people say where they are. A view may add to
its line what it knows is coarse enough: a postcode district, the name of a town.
"""

import logging
import time

import structlog
from flask import Flask, Response, g, request

log = structlog.get_logger()


def init_app(app: Flask, level: str) -> None:
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        cache_logger_on_first_use=True,
    )
    app.before_request(_start)
    app.after_request(_finish)


def note(**facts: str | None) -> None:
    """Add facts to this request's line. Nothing finer than a postcode district may go in."""
    g.setdefault("log_facts", {}).update(facts)


def _start() -> None:
    g.started = time.perf_counter()


def _finish(response: Response) -> Response:
    milliseconds = round((time.perf_counter() - g.started) * 1000, 1)
    facts = g.get("log_facts", {})
    # The pattern of the address, not the address: a stranger may write anything into that.
    path = request.url_rule.rule if request.url_rule else None
    log.info("request", method=request.method, path=path, status=response.status_code, ms=milliseconds, **facts)
    return response
