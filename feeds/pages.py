"""The page that says where everything comes from, under which licence, and how fresh it is."""

from flask import Blueprint, render_template

from catalogue.source_queries import read_ones
from database.session import session

blueprint = Blueprint("sources", __name__, url_prefix="/sources")


@blueprint.get("")
def index() -> str:
    return render_template("feeds/sources.html", sources=read_ones(session()))
