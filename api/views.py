"""The public JSON: the same answers as the pages give, as data."""

from typing import Any

from flask import Blueprint, current_app, request

from gazetteer.answers import answer
from gazetteer.locate import Located, Problem, locate
from web import logs

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
MALFORMED = (Problem.EMPTY, Problem.TOO_LONG)


@blueprint.get("/geocode")
def geocode() -> tuple[dict[str, Any], int]:
    """Where `q` is: 200 if it is found, 404 if it has no place, 400 if it is empty or too long."""
    parts = current_app.extensions
    result = locate(parts["gazetteer"], request.args.get("q", ""), parts["online_geocoder"])
    if isinstance(result, Located):
        logs.note(near=result.outward)
        return answer(result), 200
    return answer(result), 400 if result.problem in MALFORMED else 404
