"""Pages for what went wrong: each says what happened and what to do next."""

from flask import Flask, render_template
from werkzeug.exceptions import HTTPException, InternalServerError

from web.logs import log


def init_app(app: Flask) -> None:
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)


def _http_error(error: HTTPException) -> tuple[str, int] | HTTPException:
    if error.code is None or error.code < 400:
        return error
    return render_template("web/error.html", code=error.code), error.code


def _unexpected(error: Exception) -> tuple[str, int] | HTTPException:
    log.error("unexpected", exc_info=error)
    return _http_error(InternalServerError())
