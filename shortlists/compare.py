"""Two to four things side by side."""

from datetime import UTC, datetime

from flask import Blueprint, render_template, request
from flask_babel import gettext

from catalogue import shortlists
from catalogue.shortlists import Thing
from database.session import session
from gazetteer.locate import Located
from search.forms import SearchRequest
from search.place_asked import place_asked
from shortlists.lines import leads_to, lines_of

LEAST = 2
MOST = 4

blueprint = Blueprint("compare", __name__)


@blueprint.get("/shortlist/compare")
def show() -> tuple[str, int]:
    things, problems = _asked(request.args.getlist("item"))
    near = SearchRequest.from_args(request.args).near
    place = place_asked(near)
    located = place if isinstance(place, Located) else None
    lines = lines_of(session(), things, located, datetime.now(UTC))
    if len(lines) < len(things):
        problems.append(gettext("Something that you ticked is not there any more, so it was left out."))
    if len(lines) < LEAST:
        problems.append(gettext("Tick two, three or four things on your list, then compare them."))
    page = render_template(
        "shortlists/compare.html",
        lines=lines,
        leads={line.number: leads_to(session(), line) for line in lines},
        carried={"item": [str(each) for each in things]},
        problems=problems,
        near=near,
        place=place,
        located=located,
    )
    return page, 200 if len(lines) >= LEAST else 400


def _asked(texts: list[str]) -> tuple[list[Thing], list[str]]:
    """The first few things that a query names, each once, and sentences about what could not be used."""
    read = [shortlists.thing(text) for text in dict.fromkeys(texts[:100])]
    things = [each for each in read if each]
    problems = []
    if len(things) < len(read):
        problems.append(gettext("Part of that address names nothing that can be compared, so it was left out."))
    if len(things) > MOST:
        problems.append(gettext("Four fit side by side, so these are the first four that you ticked."))
    return things[:MOST], problems
