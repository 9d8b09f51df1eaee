"""The pages of shortlists: one's own, what others see of it, on paper, side by side."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import segno
from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as BaseResponse

from catalogue.shortlist_models import MAX_LIST_TITLE, MAX_NOTE, Shortlist
from database.session import session
from gazetteer.locate import Located
from search.forms import SearchRequest
from search.place_asked import place_asked
from shortlists import mine
from shortlists.changes import blueprint as changes
from shortlists.compare import blueprint as compare
from shortlists.lines import Line, drawing, lines
from shortlists.pdf import pdf
from shortlists.problems import problem
from web.addresses import absolute
from web.rates import TooManyTries

blueprint = Blueprint("shortlists", __name__)
blueprint.register_blueprint(changes)
blueprint.register_blueprint(compare)


@dataclass(frozen=True)
class Asked:
    """From where a reader wants to know distances, as a page asks for it."""

    near: str
    place: Any
    located: Located | None


@blueprint.record_once
def _for_templates(state: Any) -> None:
    state.app.jinja_env.globals.update(
        on_shortlist=mine.on_list, is_on_shortlist=mine.is_on_list, is_first_button=mine.is_first
    )


@blueprint.after_request
def _for_one_person(response: Response) -> Response:
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return mine.not_kept(response)


@blueprint.errorhandler(TooManyTries)
def _too_many_guesses(error: TooManyTries) -> BaseResponse:
    session().rollback()
    answer = make_response(problem("guesses", 429))
    answer.headers["Retry-After"] = str(error.wait_s)
    return answer


@blueprint.get("/shortlist")
def show() -> str:
    my = mine.find()
    asked = _asked()
    if my is None:
        return render_template("shortlists/none.html", said=_said())
    mine.renew(my.current)
    return render_template(
        "shortlists/mine.html",
        my=my,
        number=mine.number(my.key, my.current),
        number_of=partial(mine.number, my.key),
        said=_said(),
        undone=[each for each in my.current.items if each.is_removed] if request.args.get("after") == "removed" else [],
        most_title=MAX_LIST_TITLE,
        most_note=MAX_NOTE,
        **_sheet(my.current, asked, _link(my)),
    )


@blueprint.get("/shortlist/paper")
def paper() -> str:
    my = mine.find()
    if my is None:
        return render_template("shortlists/none.html", said=None)
    return render_template(
        "shortlists/paper.html", pdf_address=_here(".paper_pdf"), **_sheet(my.current, _asked(), _link(my))
    )


@blueprint.get("/shortlist/<key>")
def shared(key: str) -> BaseResponse | tuple[str, int]:
    found = _found(key)
    if not isinstance(found, Shortlist):
        return found
    my = mine.find()
    page = render_template(
        "shortlists/shared.html",
        key=key,
        is_mine=my is not None and any(each.id == found.id for each in my.lists),
        pdf_address=_here(".shared_pdf", key=key),
        **_sheet(found, _asked(), absolute(url_for(".shared", key=key))),
    )
    return make_response(page)


@blueprint.get("/shortlist.pdf")
def paper_pdf() -> BaseResponse:
    my = mine.find()
    if my is None:
        return redirect(url_for(".show"), 303)
    return _pdf(my.current, _link(my))


@blueprint.get("/shortlist/<key>.pdf")
def shared_pdf(key: str) -> BaseResponse | tuple[str, int]:
    found = _found(key)
    if not isinstance(found, Shortlist):
        return found
    return _pdf(found, absolute(url_for(".shared", key=key)))


def _pdf(found: Shortlist, link: str | None) -> BaseResponse:
    made = pdf(render_template("shortlists/pdf.html", **_sheet(found, _asked(), link)))
    answer = Response(made, content_type="application/pdf")
    answer.headers.set("Content-Disposition", "inline", filename="shortlist.pdf")
    return answer


def _found(key: str) -> Shortlist | tuple[str, int]:
    """The list that a link leads to, or why it leads to none."""
    found = mine.by_link(key)
    if found is None:
        return problem("link", 404)
    mine.renew(found)
    return found


def _asked() -> Asked:
    near = SearchRequest.from_args(request.args).near
    place = place_asked(near)
    return Asked(near, place, place if isinstance(place, Located) else None)


def _sheet(found: Shortlist, asked: Asked, link: str | None) -> dict[str, Any]:
    """Everything that is read of a list, on a page or on paper."""
    now = datetime.now(UTC)
    shown: list[Line] = lines(session(), found.shown, asked.located, now)
    return {
        "list": found,
        "lines": shown,
        "drawing": drawing(current_app.extensions["gazetteer"], shown, asked.located),
        "near": asked.near,
        "place": asked.place,
        "located": asked.located,
        "link": link,
        "qr": qr(link) if link else None,
    }


def qr(link: str) -> str:
    """A drawing of a link for a phone's camera, dark on white in every light: many cameras need that."""
    drawn: str = segno.make_qr(link, error="m").svg_inline(
        border=4, dark="#000", light="#fff", omitsize=True, title=gettext("The link, as a square for a phone’s camera")
    )
    return drawn


def _link(my: mine.Mine) -> str | None:
    salt = my.current.salt
    return absolute(url_for(".shared", key=mine.link_key(my.key, salt))) if salt else None


def _here(endpoint: str, **values: Any) -> str:
    return url_for(endpoint, **values, near=request.args.get("near") or None)


def _said() -> str | None:
    sentences = {
        "already": gettext("That was on your list already, so nothing has changed."),
        "removed": None,
        "noted": gettext("Your note is kept."),
        "titled": gettext("The list has its new title."),
        "new": gettext("Here is a new, empty list. The others are kept."),
        "copied": gettext("Here is your own copy. You can change it; the list that it came from stays as it is."),
        "revoked": gettext("The old link leads nowhere now."),
        "linked": gettext("Here is a new link."),
        "cleared": gettext("The list is gone for good, and so is its link."),
        "all": gettext("All lists are gone for good, and so is the cookie on this device."),
    }
    return sentences.get(request.args.get("after", ""))
