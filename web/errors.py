"""What went wrong, said as a page, and under `/api/` as JSON: each says what happened and what to do next."""

from flask import Flask, abort, json, render_template, request
from flask_babel import gettext
from werkzeug import Response
from werkzeug.exceptions import HTTPException, InternalServerError

from web.logs import log

API_PREFIX = "/api/"


def init_app(app: Flask) -> None:
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)
    app.before_request(_refuse_nul)


def is_for_api() -> bool:
    """Whether a program asks, by the address: what is there and what is not."""
    return request.path.startswith(API_PREFIX)


def _refuse_nul() -> None:
    # No address has one, and PostgreSQL refuses to look for it.
    if "\0" in request.path:
        abort(404)


def _http_error(error: HTTPException) -> Response | HTTPException:
    if error.code is None or error.code < 400:
        return error
    # With the headers that belong to it, such as the methods that are allowed.
    answer = Response(status=error.code, headers=[each for each in error.get_headers() if each[0] != "Content-Type"])
    if is_for_api():
        answer.mimetype = "application/json"
        answer.set_data(json.dumps({"error": _sentence(error.code)}))
    else:
        answer.mimetype = "text/html"
        answer.set_data(render_template("web/error.html", code=error.code))
    return answer


def _unexpected(error: Exception) -> Response | HTTPException:
    log.error("unexpected", exc_info=error)
    return _http_error(InternalServerError())


def _sentence(code: int) -> str:
    if code == 404:
        return gettext("There is nothing at this address.")
    if code == 405:
        return gettext("This address cannot be asked in that way.")
    if code < 500:
        return gettext("We could not use that request.")
    return gettext("Something went wrong on our side. Try again in a minute.")
