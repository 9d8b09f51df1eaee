"""`/healthz`: the process answers. `/readyz`: so do the parts that it needs."""

from flask import Blueprint, Response, current_app, jsonify

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
    # A source that is late makes the site staler, not unready.
    return jsonify(status="ok", overdue_sources=current_app.extensions["overdue_sources"]()), 200
