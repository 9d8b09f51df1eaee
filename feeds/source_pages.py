"""The page that says where everything comes from, under which licence, and how fresh it is; the tables to fill in."""

from flask import Blueprint, Response, render_template

from catalogue.source_queries import read_ones
from database.session import session
from feeds.spreadsheet import template_csv
from feeds.spreadsheet_workbook import template_xlsx

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

blueprint = Blueprint("sources", __name__, url_prefix="/sources")


@blueprint.get("")
def index() -> str:
    return render_template("feeds/sources.html", sources=read_ones(session()))


@blueprint.get("/template.csv")
def csv_template() -> Response:
    return _file(template_csv(), "text/csv; charset=utf-8", "opportunities.csv")


@blueprint.get("/template.xlsx")
def xlsx_template() -> Response:
    return _file(template_xlsx(), XLSX, "opportunities.xlsx")


def _file(content: bytes, content_type: str, name: str) -> Response:
    answer = Response(content, content_type=content_type)
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    answer.headers["Cache-Control"] = "public, max-age=86400"
    return answer
