"""Serving loads what pages need and no more: start and memory are paid by every worker."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from jinja2 import Environment

from commands import COMMANDS
from settings import ROOT, Settings
from tests.conftest import GAZETTEER
from web import templates

# What maps, papers, calendars, tables, feeds and commands are made with, and the routing engine is asked with.
HEAVY = (
    *("alembic", "branca", "fontTools", "folium", "geopy", "httpx2", "icalendar", "mako", "nh3", "numpy", "openpyxl"),
    *("PIL", "protego", "requests", "rich.progress", "shapely", "weasyprint", "xyzservices", "yaml"),
)
# The drawn maps of an opportunity, of a list and of a pathway are made without any of it.
PAGES = (
    *("/", "/discover?near=PL1+2AA", "/discover?near=PL1+2AA&sort=distance&q=weldin", "/discover/map?near=PL1+2AA"),
    *("/pathways", "/pathways/cook-for-a-living?near=PL1+2AA", "/badges", "/places/plymouth", "/sources"),
    *("/discover/pins?bbox=-4.2,50.3,-4.1,50.4&zoom=12", "/api/v1/opportunities?near=PL1+2AA"),
    *("/embed/pathways/cook-for-a-living?near=PL1+2AA", "/discover.atom?near=PL1+2AA", "/discover.csv?near=PL1+2AA"),
)
SERVE = """
import re, sys
from app import ready_app
client = ready_app().test_client()
pages, heavy = sys.argv[1].split(), sys.argv[2].split()
text = "".join(client.get(page).text for page in pages)
pages.append(re.search(r'href="(/opportunities/[^"?]+)', text)[1] + "?near=PL1+2AA")
for page in pages:
    answer = client.get(page)
    print(answer.status_code, page, *[each for each in heavy if each in sys.modules])
"""


def test_no_page_loads_what_only_some_answers_need(site_settings: Settings) -> None:
    result = subprocess.run(
        [sys.executable, "-c", SERVE, " ".join(PAGES), " ".join(HEAVY)],
        cwd=ROOT,
        env=os.environ
        | {"DATABASE_URL": site_settings.database_url, "GAZETTEER_FILE": str(GAZETTEER), "LOG_LEVEL": "ERROR"},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    said = result.stdout.splitlines()
    assert len(said) == len(PAGES) + 1
    assert [line for line in said if not re.fullmatch(r"200 \S+", line)] == []


def test_every_command_is_where_it_is_said_to_be(site: Flask) -> None:
    told = site.test_cli_runner().invoke(args=["--help"])
    assert told.exit_code == 0
    for name in COMMANDS:
        helped = site.test_cli_runner().invoke(args=[name, "--help"])
        assert helped.exit_code == 0
        assert helped.output.startswith("Usage: ")
        assert re.search(rf"^  {name} ", told.output, re.MULTILINE)


def test_templates_are_compiled_once_and_then_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "pages" / "a.html"
    page.parent.mkdir()
    page.write_text("{{ 1 + 1 }}")

    def load() -> str:
        app = Flask(__name__, template_folder=page.parent)
        templates.load_all(app, tmp_path / "kept")
        return app.jinja_env.get_template("a.html").render()

    compiled: list[str] = []
    compiling = Environment._generate

    def note(self: Environment, source: Any, name: str, *rest: Any, **options: Any) -> str:
        compiled.append(name)
        return compiling(self, source, name, *rest, **options)

    monkeypatch.setattr(Environment, "_generate", note)
    assert (load(), load(), compiled) == ("2", "2", ["a.html"])
    page.write_text("{{ 1 + 2 }}")
    assert (load(), compiled) == ("3", ["a.html", "a.html"])


def test_where_nothing_can_be_written_templates_are_compiled_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("a file where the folder should be")
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "a.html").write_text("{{ 1 + 1 }}")
    app = Flask(__name__, template_folder=tmp_path / "pages")
    templates.load_all(app, tmp_path / "kept")
    assert app.jinja_env.bytecode_cache is None
    assert app.jinja_env.get_template("a.html").render() == "2"


@pytest.mark.parametrize("name", ["nonsense", "seeds"])
def test_a_command_that_is_not_there_is_named(site: Flask, name: str) -> None:
    told = site.test_cli_runner().invoke(args=[name])
    assert told.exit_code == 2
    assert name in told.output
