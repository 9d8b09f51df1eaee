"""Starting: with everything in place it serves, without it stops with one line that says what to do."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click import Context
from flask import Flask
from sqlalchemy import delete, select

from app import create_app
from catalogue.progress_models import Progress
from catalogue.shortlist_models import Shortlist, ShortlistOwner
from commands import COMMANDS
from database.engine import DatabaseUnavailable, connect, load_spatialite
from database.session import session
from settings import ROOT, Settings
from tests.client import CheckedClient
from tests.conftest import GAZETTEER

NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"


def start(**environment: str) -> "subprocess.CompletedProcess[str]":
    """Make the app in a process of its own, as gunicorn would."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", "from app import ready_app; ready_app()"],
        cwd=ROOT,
        env=os.environ | {"GAZETTEER_FILE": str(GAZETTEER)} | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_command_starts_without_the_pages(tmp_path: Path) -> None:
    """They would take as much memory as a long import needs besides."""
    program = (
        "import sys; from flask.cli import main; sys.argv[1:] = ['feeds', 'formats']\n"
        "try: main()\nfinally: print(sorted({'pages', 'discover', 'alembic', 'shapely', 'babel'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": f"sqlite:///{tmp_path}/site.db"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    formats, _, loaded = done.stdout.strip().rpartition("\n")
    assert "course-directory" in formats
    assert loaded == "[]"


def test_every_command_is_listed_and_there() -> None:
    app = create_app(Settings(_env_file=None, gazetteer_file=GAZETTEER))
    for name in app.cli.list_commands(Context(app.cli)):
        assert app.cli.get_command(Context(app.cli), name)
    assert set(COMMANDS) <= set(app.cli.list_commands(Context(app.cli)))
    app.extensions["engine"].dispose()


def says_one_line(result: "subprocess.CompletedProcess[str]", *parts: str) -> None:
    assert result.returncode == 1
    (line,) = result.stderr.strip().splitlines()
    for part in parts:
        assert part in line


def test_with_everything_in_place_it_starts(site_settings: Settings) -> None:
    result = start(DATABASE_URL=site_settings.database_url)
    assert (result.returncode, result.stderr) == (0, "")


def test_without_a_gazetteer(site_settings: Settings, tmp_path: Path) -> None:
    result = start(DATABASE_URL=site_settings.database_url, GAZETTEER_FILE=str(tmp_path / "none.db"))
    says_one_line(result, "The gazetteer", "is missing", "flask gazetteer build")


def test_with_half_a_gazetteer(site_settings: Settings, tmp_path: Path) -> None:
    half = tmp_path / "half.db"
    half.write_bytes(GAZETTEER.read_bytes()[:100_000])
    result = start(DATABASE_URL=site_settings.database_url, GAZETTEER_FILE=str(half))
    says_one_line(result, "incomplete", "flask gazetteer build")


def test_without_a_database() -> None:
    says_one_line(start(DATABASE_URL=NOWHERE), "cannot be reached", "check DATABASE_URL")


def test_a_password_is_not_printed() -> None:
    result = start(DATABASE_URL="postgresql://someone:secret@127.0.0.1:1/nothing")
    assert "secret" not in result.stderr
    says_one_line(result, "cannot be reached")


def test_with_a_database_that_has_no_tables(tmp_path: Path) -> None:
    says_one_line(start(DATABASE_URL=f"sqlite:///{tmp_path}/new.db"), "flask database upgrade")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "99999"),
        ("PAGE_SIZE", "many"),
        ("LOG_LEVEL", "LOUD"),
        ("TILE_URL", "nonsense"),
        ("DATABASE_URL", "mysql://x"),
        ("DATABASE_URL", "sqlite:////no/such/folder/x.db"),
        ("DATABASE_REPLICA_URL", "mysql://x"),
        ("DATABASE_REPLICA_URL", "postgresql://of-an-sqlite-file"),
        ("REDIS_URL", "http://127.0.0.1:6379"),
        ("FEATURED_PLACES", "Plymouth"),
    ],
)
def test_with_a_setting_that_cannot_be(name: str, value: str) -> None:
    says_one_line(start(**{name: value}), name.lower() if name == "FEATURED_PLACES" else name)


def test_with_an_online_geocoder_that_does_not_exist() -> None:
    says_one_line(start(ONLINE_GEOCODER="nowhere"), "ONLINE_GEOCODER")


def test_without_spatialite() -> None:
    engine = connect("sqlite://")
    with engine.connect() as connection, pytest.raises(DatabaseUnavailable, match="libsqlite3-mod-spatialite"):
        load_spatialite(connection.connection.dbapi_connection, "no_such_library")
    engine.dispose()


def test_a_database_that_goes_away_is_a_page_that_says_so() -> None:
    settings = Settings(_env_file=None, database_url=NOWHERE, gazetteer_file=GAZETTEER, log_level="CRITICAL")
    page = CheckedClient(create_app(settings)).get("/discover?near=PL1+2AA")
    assert page.status == 500
    assert "Something went wrong on our side" in page.text


def flask(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "flask", *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_prepare_makes_fills_and_can_be_repeated(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/prepared.db"
    for _ in range(2):
        result = flask("prepare", DATABASE_URL=url)
        assert result.returncode == 0, result.stderr
    assert start(DATABASE_URL=url).returncode == 0


def test_prepare_deletes_progress_that_nobody_has_used_for_a_year(site: Flask) -> None:
    today = datetime.now(UTC).date()
    with site.app_context():
        for letter, days in (("a", 366), ("b", 365), ("c", 0)):
            session().add(Progress(key_hash=letter * 64, used_on=today - timedelta(days=days)))
        session().commit()
    assert site.test_cli_runner().invoke(args=["prepare"]).exit_code == 0
    with site.app_context():
        assert set(session().scalars(select(Progress.key_hash))) == {"b" * 64, "c" * 64}
        session().execute(delete(Progress))
        session().commit()


def test_prepare_deletes_shortlists_that_nobody_has_used_for_ninety_days(site: Flask) -> None:
    today = datetime.now(UTC).date()
    with site.app_context():
        for letter, days in (("a", 91), ("b", 90)):
            used_on = today - timedelta(days=days)
            owner = ShortlistOwner(key_hash=letter * 64, used_on=used_on)
            session().add(owner)
            session().flush()
            session().add(Shortlist(owner_id=owner.id, title=letter, used_on=used_on))
        session().commit()
    assert site.test_cli_runner().invoke(args=["prepare"]).exit_code == 0
    with site.app_context():
        assert session().scalars(select(Shortlist.title)).all() == ["b"]
        assert session().scalars(select(ShortlistOwner.key_hash)).all() == ["b" * 64]
        session().execute(delete(ShortlistOwner))
        session().commit()


@pytest.mark.parametrize("command", [["prepare"], ["database", "upgrade"], ["seed"]])
def test_a_command_without_its_database_says_one_line(command: list[str]) -> None:
    says_one_line(flask(*command, DATABASE_URL=NOWHERE), "cannot be reached")
