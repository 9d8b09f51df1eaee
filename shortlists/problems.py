"""What cannot be done with a list, said as a page."""

from flask import render_template, request

from catalogue.shortlist_models import MAX_NOTE
from catalogue.shortlists import MAX_ITEMS, MAX_LISTS


def problem(what: str, status: int, **values: str) -> tuple[str, int]:
    """A page that says what is wrong and what to do. `what` is one of those that the template knows."""
    page = render_template(
        "shortlists/problem.html",
        what=what,
        most_items=MAX_ITEMS,
        most_lists=MAX_LISTS,
        most_note=MAX_NOTE,
        method=request.method,
        **values,
    )
    return page, status
