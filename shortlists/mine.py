"""A visitor's own lists: found by an anonymous key in a cookie, which is set with the first addition and never before.

Every page asks what is on the current one, for its buttons and for the link in its head.
"""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256

from flask import Response, current_app, g, request
from flask import after_this_request as after
from sqlalchemy.exc import SQLAlchemyError

from catalogue import shortlists
from catalogue.shortlist_models import Shortlist, ShortlistOwner
from catalogue.shortlists import KEPT_DAYS, Link, OnCurrent
from database.brief import brief
from database.session import session
from web import anonymous_key
from web.logs import log
from web.rates import Rate, TooManyTries, address_of

COOKIE = anonymous_key.named("shortlist")
# Apart, so that a class whose link was revoked keeps nobody at the same address from a list of their own.
MOST_GUESSES = 30  # keys that lead nowhere, from one address within a minute
guesses = Rate(MOST_GUESSES, name="links")
cookie_guesses = Rate(MOST_GUESSES, name="cookies")


@dataclass(frozen=True)
class Mine:
    """A visitor's key and the lists under it, of which `current` is one."""

    key: str
    owner: ShortlistOwner
    lists: list[Shortlist]
    current: Shortlist


class ListGone(Exception):
    """A form is about a list that is not there any more, or not as it was."""


def on_list() -> OnCurrent | None:
    """This visitor's current list; None for somebody without one. Asked once a request, if at all."""
    if "on_shortlist" not in g:
        g.on_shortlist = _on_list()
    found: OnCurrent | None = g.on_shortlist
    return found


def is_on_list(text: str) -> bool:
    """Whether a thing, as forms write it, is on this visitor's current list."""
    current = on_list()
    return text in {str(each) for each in current.things} if current else False


def is_first(text: str) -> bool:
    """Whether this is the first button of a thing on this page: only one can have the id that one comes back to."""
    seen: set[str] = g.setdefault("shortlist_buttons", set())
    is_new = text not in seen
    seen.add(text)
    return is_new


def find() -> Mine | None:
    """What this visitor's cookie leads to. A cookie that leads nowhere is taken away.

    Raises:
        TooManyTries: cookies are being guessed from where this visitor is. Theirs may be right, and stays.
    """
    after(varying)
    if COOKIE not in request.cookies:
        return None
    key = _key()
    owner = _of(key, shortlists.find(session(), anonymous_key.hash_of(key)) if key else None)
    found = list(shortlists.lists(session(), owner, today())) if owner else []
    chosen = shortlists.current(owner, found) if owner else None
    if key is None or owner is None or chosen is None:
        _count_wrong(key)
        after(dropping)
        return None
    after(keeping(key))
    return Mine(key, owner, found, chosen)


def hold(wanted: str | None = None) -> Mine | None:
    """The same, locked until this request commits, and kept for another ninety days.

    Args:
        wanted: the list that a form is about, as its `number`. It becomes the current one.

    Raises:
        TooManyTries: as above.
        ListGone: there is no such list under this visitor's key, for another window cleared it or changed its link.
    """
    key = _key()
    owner = _of(key, shortlists.hold(session(), anonymous_key.hash_of(key), today()) if key else None)
    found = list(shortlists.lists(session(), owner, today())) if owner else []
    chosen = shortlists.current(owner, found) if owner else None
    if key is None or owner is None or chosen is None:
        _count_wrong(key)
        if wanted is not None:
            raise ListGone
        return None
    if wanted is not None:
        chosen = next((each for each in found if number(key, each) == wanted), None)
        if chosen is None:
            raise ListGone
    shortlists.choose(session(), owner, chosen, today())
    after(keeping(key))
    return Mine(key, owner, found, chosen)


def number(key: str, of: Shortlist) -> str:
    """What a list is called in forms, so that in another window they are about the list that they stand on.

    Not its id alone: on SQLite a list that is begun after the newest was cleared has the id of that one. With another
    link a list is called otherwise too.
    """
    return hmac.new(key.encode(), f"list {of.id} {of.salt}".encode(), sha256).hexdigest()[:16]


def by_link(key: str) -> Shortlist | None:
    """The list that the key of a link leads to.

    Raises:
        TooManyTries: keys are being guessed from where this visitor is.
    """
    address = address_of(request)
    guesses.check(address)
    found = shortlists.shared(session(), anonymous_key.hash_of(key), today()) if anonymous_key.is_key(key) else None
    if found is None or not anonymous_key.is_of(key, found.link_hash or ""):
        guesses.count(address)
        return None
    return found


def begin(title: str) -> Mine:
    """A first list, under a new key: never under one that leads nowhere, for somebody else may have planted it."""
    key = anonymous_key.new_key()
    owner = shortlists.begin(session(), anonymous_key.hash_of(key), today())
    made = shortlists.open_list(session(), owner, title, new_link(key), today())
    after(keeping(key))
    return Mine(key, owner, [made], made)


def new_link(key: str) -> Link:
    """A link that nobody has had before, for a list under a key."""
    salt = secrets.token_hex(anonymous_key.BYTES)
    return Link(salt, anonymous_key.hash_of(link_key(key, salt)))


def link_key(key: str, salt: str) -> str:
    """The key of a list's link, of 128 bits. Without the owner's key nobody can make it, nor the other way round.

    HMAC as in https://www.rfc-editor.org/rfc/rfc2104, cut as its section 5 allows.
    """
    return hmac.new(key.encode(), salt.encode(), sha256).hexdigest()[: 2 * anonymous_key.BYTES]


def renew(found: Shortlist) -> None:
    """Keep a list that is looked at. Once a day, and without keeping anybody waiting: tomorrow will do as well."""
    if found.used_on == today():
        return
    try:
        with brief(current_app.extensions["engine"]) as connection:
            shortlists.use(connection, found.id, today())
            connection.commit()
    except SQLAlchemyError as error:
        log.warning("shortlist not renewed", reason=type(error).__name__)


def today() -> date:
    return datetime.now(UTC).date()


def keeping(key: str) -> Callable[[Response], Response]:
    def keep_on(response: Response) -> Response:
        anonymous_key.keep(response, COOKIE, key, KEPT_DAYS)
        return response

    return keep_on


def dropping(response: Response) -> Response:
    anonymous_key.drop(response, COOKIE)
    return response


def varying(response: Response) -> Response:
    response.vary.add("Cookie")
    return response


def not_kept(response: Response) -> Response:
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _on_list() -> OnCurrent | None:
    after(varying)
    if COOKIE not in request.cookies:
        return None
    after(not_kept)
    try:
        key = _key()
        found = shortlists.on_current(session(), anonymous_key.hash_of(key), today()) if key else None
        if key and found is None and shortlists.find(session(), anonymous_key.hash_of(key)) is None:
            _count_wrong(key)
            after(dropping)
        return found
    except (SQLAlchemyError, TooManyTries):
        # The page that says that something went wrong has a head too.
        return None


def _of(key: str | None, owner: ShortlistOwner | None) -> ShortlistOwner | None:
    return owner if key and owner and anonymous_key.is_of(key, owner.key_hash) else None


def _key() -> str | None:
    """The key in the cookie, if it could be one."""
    key = anonymous_key.read(COOKIE)
    if key:
        cookie_guesses.check(address_of(request))
    return key


def _count_wrong(key: str | None) -> None:
    if key:
        cookie_guesses.count(address_of(request))
