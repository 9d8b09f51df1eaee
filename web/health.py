"""`/healthz`: the process answers. `/readyz`: so do the parts that it needs."""

from flask import Blueprint, Flask, Response, current_app, jsonify

from readiness import problems
from web.logs import log

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    found = problems(current_app.extensions["checks"])
    # What is wrong goes to the log; a stranger needs to know only that something is.
    for problem in found:
        log.error("not ready", problem=problem)
    if found:
        return jsonify(status="unavailable"), 503
    lacking = say_what_helpers_lack(current_app)
    # A source that is late makes the site staler, not unready; without a replica it is slower, and without the
    # primary it still answers whoever only reads.
    status = "degraded" if lacking else "ok"
    return jsonify(status=status, overdue_sources=current_app.extensions["overdue_sources"]()), 200


def say_what_helpers_lack(app: Flask) -> list[str]:
    """Log a line for each part that the site can do without, for a while, and that does not work."""
    lacking = problems(app.extensions["helper_checks"])
    for problem in lacking:
        log.warning("degraded", problem=problem)
    return lacking
