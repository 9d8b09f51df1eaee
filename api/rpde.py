"""Our own catalogue as an RPDE 1.0 feed: https://openactive.io/realtime-paged-data-exchange/1.0/.

It goes by change numbers. What is gone, over or no longer of a kind that is told of comes once more as deleted.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request, url_for
from flask_babel import gettext
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from api import openactive
from catalogue import changes
from catalogue.changes import Numbered
from catalogue.models import Opportunity
from database.brief import brief
from database.session import read_newest, session
from readiness import NotReady
from web.addresses import absolute, this_address
from web.logs import log
from web.open_data import kept

PAGE = 500  # as RPDE suggests
ROUNDS = 10  # of numbering, at most, for one page
# As OpenActive's guide to scaling feeds advises: https://developer.openactive.io/publishing-data/data-feeds/scaling-feeds
FULL_KEPT_S, LAST_KEPT_S = 3_600, 8
_WHOLE = re.compile(r"[0-9]{1,18}")

blueprint = Blueprint("rpde", __name__, url_prefix="/api/v1/rpde")


@blueprint.get("/opportunities")
def opportunities() -> Response | tuple[dict[str, str], int]:
    asked = {name: request.args.getlist(name) or ["0"] for name in ("afterChangeNumber", "again")}
    for name, said in asked.items():
        if len(said) > 1 or not _WHOLE.fullmatch(said[0]):
            return {"error": gettext("Give “%(name)s” once, as the address in “next” has it.", name=name)}, 400
    number, again = (int(said[0]) for said in asked.values())
    read_newest()  # it numbers what waits, and reads that at once
    found, is_more_waiting = _after(number)
    if found:
        following = url_for(".opportunities", afterChangeNumber=found[-1].number)
    else:
        following = url_for(".opportunities", afterChangeNumber=number, again=again + 1)
    answer = jsonify(
        next=absolute(following) if found or is_more_waiting else this_address(),
        items=_items(found, absolute(url_for(".opportunities"))),
        license=current_app.extensions["settings"].feed_licence,
    )
    return kept(answer, FULL_KEPT_S if len(found) == PAGE else LAST_KEPT_S)


def _after(number: int) -> tuple[list[Numbered], bool]:
    """The changes after a number. Where they would not fill a page, some that wait for their number get it first.

    Of very many that wait none may be one that is told of; then there are none, and it says that more are waiting.
    """
    found = changes.after(session(), number, PAGE)
    for _ in range(ROUNDS):
        if len(found) == PAGE or not _number_waiting():
            return found, False
        session().rollback()  # to see what has been numbered
        found = changes.after(session(), number, PAGE)
        if found:
            return found, False
    return [], True


def _number_waiting() -> bool:
    """Number a lot of what waits. If the database does not let us now, the next who asks will."""
    now = datetime.now(UTC)
    if not changes.are_waiting(session(), now):
        return False
    try:
        with brief(current_app.extensions["engine"]) as connection, Session(connection) as own:
            changes.number_waiting(own, now, openactive.FOLLOWED, PAGE)
            connection.commit()
    except (SQLAlchemyError, NotReady) as error:
        log.warning("changes not numbered", reason=type(error).__name__)
        return False
    return True


def _items(found: Sequence[Numbered], feed: str) -> list[dict[str, Any]]:
    rows = changes.opportunities(session(), [each.opportunity_id for each in found if each.is_listed])
    return [_item(each, rows.get(each.opportunity_id), feed) for each in found]


def _item(change: Numbered, opportunity: Opportunity | None, feed: str) -> dict[str, Any]:
    """A change as an item. What was deleted or became something else since it was numbered is about to come again."""
    found = openactive.TYPES[opportunity.kind if opportunity else change.kind]
    known = openactive.TYPES[change.kind] or openactive.Type("", "Event", "")
    item = {"state": "deleted", "kind": known.kind, "id": change.opportunity_id, "modified": change.number}
    if opportunity is None or found is None:
        return item
    return item | {"state": "updated", "kind": found.kind, "data": openactive.data(opportunity, found, feed)}
