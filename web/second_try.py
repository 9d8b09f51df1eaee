"""Answering a request anew, once, where the database failed it and would not again. And who may read from a replica.

A visitor who has written something has a cookie of ours from then on, so whoever comes without one cannot miss
anything of theirs. Pages whose address is a key are read by others than those who wrote what is on them, often beside
them: these are never behind either.
"""

from collections.abc import Callable, Iterable
from functools import partial
from io import BytesIO
from typing import Any

from flask import Flask, Response, request

from database.session import AskAgain, allow_second_try, read_behind
from web import anonymous_key
from web.logs import log
from web.private_pages import is_private

READING = ("GET", "HEAD")
LARGEST_BODY = 64 * 1024  # of what can be sent again; our forms are far smaller
_IS_LAST, _IS_FAILED = "doorstep.is_last_try", "doorstep.is_failed"

Ask = Callable[[dict[str, Any], Any], Iterable[bytes]]


def init_app(app: Flask) -> None:
    app.before_request(_choose)
    app.register_error_handler(AskAgain, _note)
    app.wsgi_app = partial(_answer, app.wsgi_app)  # type: ignore[method-assign]  # as Flask's documentation has it


def may_be_behind() -> bool:
    """Whether this request may be answered from a replica: it writes nothing, and is nobody's who has."""
    has_written = not anonymous_key.NAMES.isdisjoint(request.cookies)
    return request.method in READING and not has_written and not is_private()


def _choose() -> None:
    if request.environ.get(_IS_LAST):
        return
    allow_second_try()
    if may_be_behind():
        read_behind()


def _note(problem: AskAgain) -> tuple[Response, int]:
    """The answer that nobody gets to see."""
    log.warning("asked anew", reason=type(problem.__cause__).__name__)
    request.environ[_IS_FAILED] = True
    return Response(), 503


def _answer(ask: Ask, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    body = _body(environ)
    if body is None:
        environ[_IS_LAST] = True
        return ask(environ, start_response)
    environ["wsgi.input"] = BytesIO(body)
    started: list[Any] = []
    answer = ask(environ, lambda *head: started.append(head))
    if not environ.pop(_IS_FAILED, False):
        start_response(*started[-1])
        return answer
    close = getattr(answer, "close", None)
    if close:
        close()
    environ["wsgi.input"] = BytesIO(body)
    environ[_IS_LAST] = True
    return ask(environ, start_response)


def _body(environ: dict[str, Any]) -> bytes | None:
    """What was sent; None if that is too much to keep, or nobody knows how much it is."""
    length = environ.get("CONTENT_LENGTH") or "0"
    if "HTTP_TRANSFER_ENCODING" in environ or not length.isdecimal() or int(length) > LARGEST_BODY:
        return None
    sent: bytes = environ["wsgi.input"].read(int(length)) if int(length) else b""
    return sent
