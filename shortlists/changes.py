"""What changes a list: each is a form that leads back to where it was sent from."""

from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Blueprint, abort, make_response, redirect, render_template, request
from flask import after_this_request as after
from flask_babel import gettext
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as BaseResponse

from catalogue import shortlists
from catalogue.shortlist_models import MAX_LIST_TITLE, MAX_NOTE
from catalogue.shortlists import Thing
from database.session import session
from shortlists import mine
from shortlists.problems import problem
from web import anonymous_key
from web.fragments import wants_fragment
from web.plain_text import one_line, paragraphs
from web.rates import address_of

Answer = BaseResponse | tuple[str, int]

HOME = "/shortlist"

blueprint = Blueprint("changes", __name__)


@blueprint.errorhandler(RequestEntityTooLarge)
def _too_large(_error: RequestEntityTooLarge) -> Answer:
    session().rollback()
    return problem("note", 413, text="", item="")


@blueprint.errorhandler(shortlists.TooManyItems)
def _too_many_items(_error: shortlists.TooManyItems) -> Answer:
    session().rollback()
    return problem("items", 409)


@blueprint.errorhandler(shortlists.TooManyLists)
def _too_many_lists(_error: shortlists.TooManyLists) -> Answer:
    session().rollback()
    return problem("lists", 409)


@blueprint.post("/shortlist/add")
def add() -> Answer:
    wanted = _thing()
    title = shortlists.title_of(session(), wanted) if wanted else None
    if wanted is None or title is None:
        return problem("thing", 404)
    my = mine.hold() or mine.begin(gettext("My shortlist"))
    is_new = shortlists.add(session(), my.current, wanted, title)
    session().commit()
    if wants_fragment():
        return _button(my, wanted, title, gettext("On your list: %(title)s", title=title))
    return _back("" if is_new else "already", _anchor(wanted))


@blueprint.post("/shortlist/remove")
def remove() -> Answer:
    wanted = _thing()
    my = mine.hold()
    there = shortlists.item(my.current, wanted) if my and wanted else None
    if my is None or wanted is None or there is None:
        return _back("")
    title = there.title
    shortlists.remove(session(), my.current, wanted)
    session().commit()
    if wants_fragment():
        return _button(my, wanted, title, gettext("Taken off your list: %(title)s", title=title))
    return _back("removed", _anchor(wanted))


@blueprint.post("/shortlist/undo")
def undo() -> Answer:
    my = mine.hold()
    if my:
        shortlists.undo(session(), my.current)
        session().commit()
    return _back("")


@blueprint.post("/shortlist/move")
def move() -> Answer:
    wanted, to = _thing(), request.form.get("to", "")
    if wanted is None or not (to.isascii() and to.isdigit() and len(to) < 5):
        abort(400)
    my = mine.hold()
    if my:
        shortlists.move(session(), my.current, wanted, int(to))
        session().commit()
    return _back("", _anchor(wanted))


@blueprint.post("/shortlist/note")
def note() -> Answer:
    wanted = _thing()
    text = paragraphs(request.form.get("note", "")[: 100 * MAX_NOTE]).strip()
    my = mine.hold()
    there = shortlists.item(my.current, wanted) if my and wanted else None
    if wanted is None or there is None:
        return problem("thing", 404)
    if len(text) > MAX_NOTE:
        session().rollback()
        return problem("note", 400, text=text[: 10 * MAX_NOTE], item=str(wanted))
    there.note = text
    session().commit()
    return _back("noted", _anchor(wanted))


@blueprint.post("/shortlist/title")
def title() -> Answer:
    text = one_line(request.form.get("title", "")[:1000])[:MAX_LIST_TITLE].strip()
    my = mine.hold()
    if my:
        my.current.title = text or gettext("My shortlist")
        session().commit()
    return _back("titled")


@blueprint.post("/shortlist/new")
def new() -> Answer:
    my = mine.hold()
    if my is None:
        mine.begin(gettext("My shortlist"))
    else:
        name = gettext("Shortlist %(number)s", number=len(my.lists) + 1)
        shortlists.open_list(session(), my.owner, name, mine.new_link(my.key), mine.today())
    session().commit()
    return redirect(f"{HOME}?after=new", 303)


@blueprint.post("/shortlist/switch")
def switch() -> Answer:
    my = mine.hold()
    number = request.form.get("list", "")
    chosen = next((each for each in my.lists if str(each.id) == number), None) if my else None
    if my and chosen:
        shortlists.choose(session(), my.owner, chosen, mine.today())
        session().commit()
    return redirect(HOME, 303)


@blueprint.post("/shortlist/clear")
def clear() -> Answer:
    """One list, or all of them: for good."""
    is_all = request.form.get("which") == "all"
    my = mine.hold()
    is_last = my is None or len(my.lists) == 1
    if my and (is_all or is_last):
        shortlists.forget(session(), my.owner)
    elif my:
        shortlists.forget_list(session(), my.owner, my.current)
    session().commit()
    if is_all or is_last:
        after(mine.dropping)
    return redirect(f"{HOME}?after={'all' if is_all else 'cleared'}", 303)


@blueprint.post("/shortlist/link")
def link() -> Answer:
    """A new link, which revokes the old one; or only that."""
    is_new = request.form.get("link") == "new"
    my = mine.hold()
    if my:
        shortlists.share(session(), my.current, mine.new_link(my.key) if is_new else None)
        session().commit()
    return _back("linked" if is_new else "revoked", "hand-over")


@blueprint.post("/shortlist/copy")
def copy() -> Answer:
    key = request.form.get("key", "")
    address = address_of(request)
    wait_s = mine.guesses.wait_s(address)
    is_key = anonymous_key.is_key(key) and not wait_s
    source = shortlists.shared(session(), anonymous_key.hash_of(key), mine.today()) if is_key else None
    if source is None:
        mine.guesses.count(address)
        return problem("link", 404)
    my = mine.hold()
    if my:
        link_of_copy = mine.new_link(my.key)
        target = shortlists.open_list(session(), my.owner, source.title, link_of_copy, mine.today())
    else:
        target = mine.begin(source.title).current
    shortlists.copy(session(), source, target)
    session().commit()
    return redirect(f"{HOME}?after=copied", 303)


def _thing() -> Thing | None:
    return shortlists.thing(request.form.get("item", ""))


def _anchor(wanted: Thing) -> str:
    return "keep-" + str(wanted).replace(":", "-")


def _button(my: mine.Mine, wanted: Thing, title: str, said: str) -> BaseResponse:
    things = {shortlists.of_item(each) for each in my.current.shown}
    return make_response(
        render_template(
            "shortlists/_kept.html",
            thing=str(wanted),
            title=title,
            is_on=wanted in things,
            count=len(things),
            said=said,
            near=dict(parse_qsl(urlsplit(request.referrer or "").query)).get("near"),
        )
    )


def _back(said: str, anchor: str = "") -> BaseResponse:
    """To the page that sent the form, at the same place; to the list where the browser does not say which it was."""
    parts = urlsplit(request.referrer or "")
    path = parts.path if parts.path.startswith("/") and not parts.path.startswith("//") else HOME
    # Where a form leads to a page of its own, that is no place to go back to.
    if path.startswith(HOME + "/") or said == "already":
        path = HOME
    query = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != "after"]
    if path == HOME:
        query = [pair for pair in query if pair[0] == "near"] + ([("after", said)] if said else [])
    address = f"{path}?{urlencode(query)}" if query else path
    return redirect(address + (f"#{anchor}" if anchor else ""), 303)
