"""A search to take along, without an account: what is new in it as an Atom feed, its dates, all of it as a table."""

from dataclasses import replace
from datetime import UTC, datetime

from flask import Blueprint, Response, current_app, request

from catalogue import queries
from catalogue.queries import COUNT_BOUND
from database.session import session
from discover import atom, table
from discover.calendar import calendar_of_search
from gazetteer.locate import Problem, Unlocated
from search import labels
from search.find import ask, find
from search.forms import SearchRequest, Sort
from search.results import Results
from web import logs
from web.addresses import absolute
from web.open_data import kept

MOST_ENTRIES = 50
MOST_OPPORTUNITIES = 100
MOST_SITTINGS = 200
MOST_ROWS = COUNT_BOUND
KEPT_S = 900
MALFORMED = (Problem.EMPTY, Problem.TOO_LONG)

blueprint = Blueprint("feeds", __name__)


@blueprint.get("/discover.atom")
def atom_feed() -> Response:
    wanted, results = _search(Sort.NEWEST, MOST_ENTRIES)
    if isinstance(results.place, Unlocated):
        return _unlocated(results.place)
    problems = (*wanted.problems, *results.asked.problems)
    cards = [each.card for each in results.cards]
    now = datetime.now(UTC)
    answer = Response(atom.atom(wanted, results.place, cards, problems, now), mimetype=atom.MEDIA_TYPE)
    answer.last_modified = max((card.opportunity.added_at for card in cards), default=None)
    return _kept(answer, 400 if problems else 200)


@blueprint.get("/discover.ics")
def calendar_feed() -> Response:
    wanted, results = _search(Sort.SOONEST, MOST_OPPORTUNITIES)
    if isinstance(results.place, Unlocated):
        return _unlocated(results.place)
    problems = (*wanted.problems, *results.asked.problems)
    _, filters = ask(session(), wanted, datetime.now(UTC))
    at = {each.card.opportunity.id: each.card.venue for each in results.cards}
    sittings = queries.sittings(session(), list(at), filters, MOST_SITTINGS)
    opportunities = {each.card.opportunity.id: each.card.opportunity for each in results.cards}
    title = " ".join((f"Doorstep: {labels.heading(wanted, results.place)}", *problems))
    coming = [(opportunities[each.opportunity_id], at[each.opportunity_id], each) for each in sittings]
    answer = Response(calendar_of_search(title, coming, absolute("")), content_type="text/calendar; charset=utf-8")
    return _kept(answer, 400 if problems else 200)


@blueprint.get("/discover.csv")
def table_of_search() -> Response:
    wanted, results = _search(SearchRequest.from_args(request.args).sort, MOST_ROWS)
    if isinstance(results.place, Unlocated):
        return _unlocated(results.place)
    problems = (*wanted.problems, *results.asked.problems)
    if problems:
        # A table has no place to say what was left out.
        return Response("\n".join(problems) + "\n", 400, mimetype="text/plain")
    rows = table.csv_of([each.card for each in results.cards], results.place)
    answer = Response(rows, content_type="text/csv; charset=utf-8; header=present")
    answer.headers.set("Content-Disposition", "attachment", filename="doorstep.csv")
    return _kept(answer, 200)


def _search(sort: Sort | None, most: int) -> tuple[SearchRequest, Results]:
    """The search as it was asked, without its order, and its first so many in another."""
    # No page means anything here.
    wanted = replace(SearchRequest.from_args(request.args), sort=None).but()
    parts = current_app.extensions
    ordered = wanted.but(sort=sort)
    results = find(
        *(session(), parts["gazetteer"], ordered, most, parts["online_geocoder"]),
        as_list=True,
        with_choices=False,
        router=parts["router"],
    )
    logs.note(near=results.located.outward if results.located else None)
    return wanted, results


def _kept(answer: Response, status: int) -> Response:
    """The answer, or that what the reader has is still the same."""
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.status_code = status
    return kept(answer, KEPT_S, is_public=False)


def _unlocated(place: Unlocated) -> Response:
    """A reader of feeds has no box to type into: no place is an error, as the API has it."""
    status = 400 if place.problem in MALFORMED else 404
    return Response(labels.unlocated(place) + "\n", status, mimetype="text/plain")
