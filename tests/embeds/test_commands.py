"""`flask providers` and `flask embeds`."""

import csv
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from io import StringIO

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import delete
from sqlalchemy.orm import Session

from app import create_app
from catalogue import embed_queries
from catalogue.embed_models import EmbedCount, ProviderOrigin
from database import migrate
from database.engine import connect
from embeds import commands
from settings import UK_TIME, Settings
from tests.catalogue.factories import provider
from tests.conftest import GAZETTEER, NewDatabase
from tests.test_start import NOWHERE

ORIGIN = "https://college.example"


@pytest.fixture(scope="session")
def quiet_site(new_database: NewDatabase) -> Iterator[Flask]:
    """A site with two providers and nothing else."""
    url = new_database("commands")
    engine = connect(url)
    migrate.upgrade(engine)
    with Session(engine) as session:
        session.add_all([provider(slug="college", name="A College"), provider(slug="works", name="The Works")])
        session.commit()
    engine.dispose()
    app = create_app(Settings(_env_file=None, database_url=url, gazetteer_file=GAZETTEER, log_level="ERROR"))
    yield app
    app.extensions["engine"].dispose()


@pytest.fixture
def app(quiet_site: Flask) -> Iterator[Flask]:
    yield quiet_site
    with quiet_site.extensions["engine"].begin() as connection:
        connection.execute(delete(ProviderOrigin))
        connection.execute(delete(EmbedCount))


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=list(arguments))


def says(result: Result, *lines: str) -> None:
    assert (result.exit_code, result.output.splitlines()) == (0, list(lines))


def refuses(result: Result, sentence: str) -> None:
    assert result.exit_code == 1
    (line,) = result.output.splitlines()
    assert line.startswith("Error: ")
    assert sentence in line


def count(app: Flask, day: date, widget: str, host: str, views: int, clicks: int) -> None:
    with app.extensions["engine"].begin() as connection:
        embed_queries.add(connection, day, widget, host, views=views, clicks=clicks)


def test_an_origin_is_allowed_listed_and_forbidden(app: Flask) -> None:
    says(
        run(app, "providers", "allow-origin", "college", "HTTPS://College.example/"),
        f"{ORIGIN} may show what A College offers",
    )
    says(
        run(app, "providers", "allow-origin", "college", ORIGIN), f"{ORIGIN} may show what A College offers, as before"
    )
    says(run(app, "providers", "allow-origin", "works", ORIGIN), f"{ORIGIN} may show what The Works offers")
    says(run(app, "providers", "origins"), f"college {ORIGIN}", f"works {ORIGIN}")
    says(run(app, "providers", "origins", "college"), f"college {ORIGIN}")
    for slug, name in (("college", "A College"), ("works", "The Works")):
        says(
            run(app, "providers", "forbid-origin", slug, ORIGIN),
            f"{ORIGIN} is off the list of {name}",
            "That list is empty now, so anyone may show what it offers (EMBED_UNLISTED)",
        )
    says(run(app, "providers", "origins", "college"), "college has no list, so anyone may (EMBED_UNLISTED)")
    says(run(app, "providers", "origins"), "No provider has a list, so anyone may (EMBED_UNLISTED)")


def test_what_is_wrong_is_said_in_one_line(app: Flask) -> None:
    refuses(run(app, "providers", "allow-origin", "nobody", ORIGIN), "There is no provider 'nobody'")
    refuses(run(app, "providers", "origins", "nobody"), "There is no provider 'nobody'")
    refuses(run(app, "providers", "allow-origin", "college", "http://college.example"), "must be https")
    refuses(run(app, "providers", "allow-origin", "college", f"{ORIGIN}/courses"), "no path")
    refuses(run(app, "providers", "forbid-origin", "college", "nonsense"), "a scheme and a host")
    refuses(run(app, "providers", "forbid-origin", "college", ORIGIN), "is not on the list of college")
    refuses(run(app, "embeds", "report", "--since", "yesterday"), "is not a day: write it as in 2026-11-01")
    assert embed_origins(app) == []


def embed_origins(app: Flask) -> list[tuple[str, str]]:
    with Session(app.extensions["engine"]) as session:
        return embed_queries.origins(session)


def test_a_list_ends_somewhere(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "MAX_ORIGINS", 1)
    assert run(app, "providers", "allow-origin", "college", ORIGIN).exit_code == 0
    refuses(run(app, "providers", "allow-origin", "college", "https://other.example"), "has 1 origins already")
    assert embed_origins(app) == [("college", ORIGIN)]


@pytest.mark.parametrize(
    "command",
    [
        ("providers", "allow-origin", "college", ORIGIN),
        ("providers", "forbid-origin", "college", ORIGIN),
        ("providers", "origins"),
        ("embeds", "report"),
        ("embeds", "report", "--csv"),
    ],
)
def test_without_its_database_a_command_says_one_line(command: tuple[str, ...]) -> None:
    away = create_app(Settings(_env_file=None, database_url=NOWHERE, gazetteer_file=GAZETTEER, log_level="CRITICAL"))
    refuses(run(away, *command), "cannot be reached")


def test_the_report_lists_and_adds_up(app: Flask) -> None:
    today = datetime.now(UK_TIME).date()
    count(app, today, "search", "b.example", 7, 0)
    count(app, today, "pathway:a", "b.example", 10, 3)
    count(app, today, "pathway:a", "", 1, 0)
    count(app, today - timedelta(days=27), "search", "", 1, 0)
    count(app, today - timedelta(days=28), "search", "", 100, 0)
    result = run(app, "embeds", "report")
    assert result.exit_code == 0
    rows = [line.split() for line in result.output.splitlines()]
    assert rows == [
        ["day", "widget", "host", "views", "clicks"],
        [str(today - timedelta(days=27)), "search", "1", "0"],
        [str(today), "pathway:a", "1", "0"],
        [str(today), "pathway:a", "b.example", "10", "3"],
        [str(today), "search", "b.example", "7", "0"],
        ["total", "19", "3"],
    ]
    assert len({len(line) for line in result.output.splitlines()}) == 1


def test_the_report_as_csv_can_be_read_back(app: Flask) -> None:
    day = date(2026, 11, 1)
    count(app, day, "pathway:a", "b.example", 10, 3)
    count(app, day, "search", "", 2, 0)
    count(app, date(2026, 10, 31), "search", "", 100, 0)
    result = run(app, "embeds", "report", "--csv", "--since", "2026-11-01")
    assert list(csv.DictReader(StringIO(result.output))) == [
        {"day": "2026-11-01", "widget": "pathway:a", "host": "b.example", "views": "10", "clicks": "3"},
        {"day": "2026-11-01", "widget": "search", "host": "", "views": "2", "clicks": "0"},
    ]


def test_a_report_of_nothing_says_so_and_as_csv_has_its_heading(app: Flask) -> None:
    says(run(app, "embeds", "report", "--since", "2026-11-01"), "No embed was shown since 2026-11-01")
    says(run(app, "embeds", "report", "--csv"), "day,widget,host,views,clicks")
