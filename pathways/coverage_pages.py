"""Where the gaps of a pathway are, for providers and cities: a page and a table for spreadsheets."""

from datetime import UTC, datetime

from flask import Blueprint, Response, abort, current_app, render_template, request

from catalogue import pathway_pages
from catalogue.pathway_models import Pathway
from database.session import session
from pathways.coverage import MAX_DISTRICTS, CoverageRequest, Row, as_csv, coverage, needs, summaries

blueprint = Blueprint("pathway_coverage", __name__, url_prefix="/pathways")


@blueprint.get("/<slug>/coverage")
def show(slug: str) -> tuple[str, int]:
    pathway, asked, rows = _asked(slug)
    page = render_template(
        "pathways/coverage.html",
        pathway=pathway,
        asked=asked,
        rows=rows if asked.districts else [],
        summaries=summaries(rows, asked),
        needs=needs(pathway),
        most=MAX_DISTRICTS,
    )
    return page, 400 if asked.problems else 200


@blueprint.get("/<slug>/coverage.csv")
def table(slug: str) -> Response:
    pathway, asked, rows = _asked(slug)
    answer = Response(as_csv(pathway, rows, asked), 400 if asked.problems else 200, mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{pathway.slug}-coverage.csv"'
    return answer


def _asked(slug: str) -> tuple[Pathway, CoverageRequest, list[Row]]:
    found = pathway_pages.pathway(session(), slug)
    if found is None:
        abort(404)
    asked = CoverageRequest.from_args(request.args, current_app.extensions["gazetteer"])
    return found, asked, coverage(session(), found, asked, datetime.now(UTC))
