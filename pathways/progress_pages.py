"""Progress without an account: ticking steps off, all of mine, a private link to it, deleting it.

It is found again by an anonymous key in a cookie, which is set with the first tick and never before.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from urllib.parse import urlencode

import segno
from flask import Blueprint, Response, abort, current_app, make_response, redirect, render_template, request, url_for
from flask import after_this_request as after
from flask_babel import gettext
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response as BaseResponse

from catalogue import progress
from catalogue.pathway_models import Pathway, Step
from catalogue.progress_models import Progress
from catalogue.standing import Standing, standing
from database.brief import brief
from database.session import session
from web import anonymous_key
from web.addresses import absolute
from web.fragments import wants_fragment
from web.logs import log

COOKIE = anonymous_key.named("progress")
DONE = {"yes": True, "no": False}

blueprint = Blueprint("progress", __name__)


@dataclass(frozen=True)
class Shown:
    """What the page of a pathway shows of progress. `standing` is None where nothing is kept.

    Ticks are sent to `tick_address`, which leads back to the page as it was asked for.
    """

    standing: Standing | None
    tick_address: str

    @property
    def done(self) -> frozenset[str]:
        return self.standing.done if self.standing else frozenset()


def shown(pathway: Pathway) -> Shown:
    """How far this visitor is on a pathway, for its page, which then is for nobody else."""
    mine = _mine()
    ticked = progress.ticked(session(), mine, pathway.slug) if mine else None
    return _shown(pathway, None if ticked is None else standing(pathway, ticked))


@blueprint.after_request
def _for_one_person(response: Response) -> Response:
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return _not_kept(response)


@blueprint.post("/pathways/<slug>/tick")
def tick(slug: str) -> BaseResponse | tuple[str, int]:
    found = progress.pathway(session(), slug) or abort(404)
    done = DONE.get(request.form.get("done", ""))
    step = next((each for each in found.steps if each.slug == request.form.get("step")), None)
    if done is None:
        abort(400)
    if step is None:
        return _problem("step", 404, found)
    try:
        ticked = _tick(found, step, done)
    except progress.TooManyPathways:
        return _problem("many", 409, found)
    if wants_fragment():
        now = _shown(found, standing(found, ticked))
        return make_response(render_template("pathways/_ticked.html", pathway=found, step=step, progress=now))
    return redirect(_with_query(url_for("pathways.show", slug=slug)) + f"#step-{step.position}", 303)


@blueprint.get("/progress")
def mine() -> str:
    kept = _mine()
    key = anonymous_key.read(COOKIE)
    link = absolute(url_for(".linked", key=key)) if kept and key else None
    return render_template(
        "progress/mine.html",
        standings=progress.begun(session(), kept) if kept else [],
        link=link,
        qr=_qr(link) if link else None,
        said=None if kept and request.args.get("after") == "deleted" else _said(request.args.get("after", "")),
    )


@blueprint.get("/progress/link/<path:key>")
def linked(key: str) -> str | tuple[str, int]:
    theirs = _kept_under(key)
    if theirs is None:
        return _problem("link", 404)
    mine = _mine()
    return render_template(
        "progress/linked.html",
        standings=progress.begun(session(), theirs),
        key=key,
        is_here=mine is not None and mine.id == theirs.id,
        has_other=mine is not None and mine.id != theirs.id,
    )


@blueprint.post("/progress/keep")
def keep() -> BaseResponse | tuple[str, int]:
    key = request.form.get("key", "")
    theirs, mine = _kept_under(key), anonymous_key.read(COOKIE)
    if theirs is None:
        return _problem("link", 404)
    try:
        progress.put_together(session(), anonymous_key.hash_of(key), anonymous_key.hash_of(mine or key), _today())
    except progress.TooManyPathways:
        return _problem("many", 409)
    session().commit()
    after(_keeping(key))
    return redirect(url_for(".mine", after="kept"), 303)


@blueprint.get("/progress/delete")
def ask_to_delete() -> str:
    kept = _mine()
    return render_template("progress/delete.html", standings=progress.begun(session(), kept) if kept else [])


@blueprint.post("/progress/delete")
def delete() -> BaseResponse:
    mine = anonymous_key.read(COOKIE)
    kept = progress.hold(session(), anonymous_key.hash_of(mine), _today()) if mine else None
    if kept:
        progress.forget(session(), kept)
        session().commit()
    after(_dropping)
    return redirect(url_for(".mine", after="deleted"), 303)


def _mine() -> Progress | None:
    """What this visitor's cookie leads to, which is used by that. A cookie that leads nowhere is taken away."""
    after(_varying)
    if COOKIE not in request.cookies:
        return None
    after(_not_kept)
    key = anonymous_key.read(COOKIE)
    kept = progress.find(session(), anonymous_key.hash_of(key), _today()) if key else None
    after(_keeping(key) if kept and key else _dropping)
    if kept and kept.used_on != _today():
        _renew(kept.id)
    return kept


def _kept_under(key: str) -> Progress | None:
    if not anonymous_key.is_key(key):
        return None
    return progress.find(session(), anonymous_key.hash_of(key), _today())


def _tick(pathway: Pathway, step: Step, done: bool) -> set[str]:
    """Tick a step off or take its tick away. The slugs that are ticked off then."""
    key = anonymous_key.read(COOKIE)
    held = progress.hold(session(), anonymous_key.hash_of(key), _today()) if key else None
    if held is None and done:
        # Never under a key that leads nowhere: somebody else may have planted it.
        key = anonymous_key.new_key()
        held = progress.begin(session(), anonymous_key.hash_of(key), _today())
    if held is None or key is None:
        return set()
    (progress.tick if done else progress.untick)(session(), held, pathway.slug, step.slug)
    session().commit()
    after(_keeping(key))
    return progress.ticked(session(), held, pathway.slug)


def _renew(progress_id: int) -> None:
    """Once a day, and without keeping anybody waiting: tomorrow will do as well."""
    try:
        with brief(current_app.extensions["engine"]) as connection:
            progress.use(connection, progress_id, _today())
            connection.commit()
    except SQLAlchemyError as error:
        log.warning("progress not renewed", reason=type(error).__name__)


def _shown(pathway: Pathway, where: Standing | None) -> Shown:
    return Shown(where, _with_query(url_for("progress.tick", slug=pathway.slug)))


def _with_query(path: str) -> str:
    """A path with the query of this request: what else the page was asked for stays."""
    query = urlencode(list(request.args.items(multi=True)))
    return f"{path}?{query}" if query else path


def _problem(what: str, status: int, pathway: Pathway | None = None) -> tuple[str, int]:
    return render_template("progress/problem.html", what=what, pathway=pathway, most=progress.MAX_PATHWAYS), status


def _said(after_what: str) -> str | None:
    sentences = {
        "kept": gettext("Your progress is kept on this device now."),
        "deleted": gettext("Your progress is deleted, and the cookie is gone from this device."),
    }
    return sentences.get(after_what)


def _qr(link: str) -> str:
    """A drawing of the link for a phone's camera, dark on white in every light: many cameras need that."""
    drawing: str = segno.make_qr(link, error="m").svg_inline(border=4, dark="#000", light="#fff", omitsize=True)
    return drawing


def _keeping(key: str) -> Callable[[Response], Response]:
    def keep_on(response: Response) -> Response:
        anonymous_key.keep(response, COOKIE, key)
        return response

    return keep_on


def _dropping(response: Response) -> Response:
    anonymous_key.drop(response, COOKIE)
    return response


def _not_kept(response: Response) -> Response:
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _varying(response: Response) -> Response:
    response.vary.add("Cookie")
    return response


def _today() -> date:
    return datetime.now(UTC).date()
