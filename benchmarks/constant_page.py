"""What the page of results is measured against: the same HTML, by a view that finds nothing.

`benchmarks.constant_page:app()` is for gunicorn. For each of the postcodes in the environment variable `POSTCODES` it
keeps what a search finds, in full, and renders the page's own templates from that.
"""

import os

from flask import Flask, render_template, request

from app import create_app
from database.session import session
from discover.views import _search
from search.forms import SearchRequest
from search.results import Results
from web import garbage

Constants = dict[str, tuple[SearchRequest, Results]]


def app() -> Flask:
    made = create_app()
    constants = {postcode: _found(made, postcode) for postcode in os.environ["POSTCODES"].split(",")}

    def search() -> str:
        wanted, results = constants[request.args["near"]]
        return render_template("discover/search.html", wanted=wanted, results=results, is_more=False)

    made.view_functions["discover.search"] = search
    made.context_processor(lambda: {"samples_loaded": lambda: True})
    made.extensions["engine"].dispose()
    garbage.settle()
    return made


def _found(made: Flask, postcode: str) -> tuple[SearchRequest, Results]:
    with made.test_request_context("/discover", query_string={"near": postcode}):
        wanted, results = _search()
        # Once, so that all that the page needs is loaded before the session closes.
        render_template("discover/search.html", wanted=wanted, results=results, is_more=False)
        session().expunge_all()
    return wanted, results
