"""Start again: nothing of the last person stays in this browser, for the next to sit down at it."""

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from web import anonymous_key

# https://www.w3.org/TR/clear-site-data/#header. Browsers heed it over https, and on this machine. Never "cookies":
# those it would take from the whole registrable domain, and sign people out of a council's other sites.
CLEARED = '"cache", "storage"'

blueprint = Blueprint("start_again", __name__, url_prefix="/start-again")


@blueprint.after_request
def _not_kept(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@blueprint.get("")
def ask() -> str:
    return render_template("web/start_again.html", keeps=not anonymous_key.NAMES.isdisjoint(request.cookies))


@blueprint.post("")
def start_again() -> Response:
    answer = make_response(redirect(url_for("discover.front"), 303))
    for name in sorted(anonymous_key.NAMES):
        anonymous_key.drop(answer, name)
    answer.headers["Clear-Site-Data"] = CLEARED
    return answer
