"""`flask database`: looking after the tables."""

import os
import subprocess
import sys

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from database import migrate
from database.ready import check, is_current
from readiness import NotReady
from settings import ROOT

database = AppGroup("database", help="The tables of the catalogue.")


@database.command("upgrade")
def upgrade_command() -> None:
    """Make the tables, or bring them to the newest shape."""
    upgrade_or_stop()
    click.echo("The database is up to date")


def upgrade_or_stop() -> None:
    """Upgrade this app's database. Ends the command with one line if that cannot be done."""
    engine: Engine = current_app.extensions["engine"]
    if not _is_current_or_stop(engine):
        try:
            migrate.upgrade(engine)
        except SQLAlchemyError as error:
            raise click.ClickException(str(error).splitlines()[0]) from error


def upgrade_apart_or_stop() -> None:
    """The same in a process of its own, for commands that then work for long: what migrations load goes with it."""
    engine: Engine = current_app.extensions["engine"]
    if _is_current_or_stop(engine):
        return
    command = [sys.executable, "-m", "flask", "--app", "app", "database", "upgrade"]
    environment = os.environ | {"DATABASE_URL": engine.url.render_as_string(hide_password=False)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)  # noqa: S603  (our own)
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["the tables could not be upgraded"]
        raise click.ClickException(said[-1].removeprefix("Error: "))


def _is_current_or_stop(engine: Engine) -> bool:
    try:
        check(engine)
        return is_current(engine)
    except (NotReady, SQLAlchemyError) as error:
        raise click.ClickException(str(error).splitlines()[0]) from error
