"""`flask database`: looking after the tables."""

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from database import migrate
from database.ready import check
from readiness import NotReady

database = AppGroup("database", help="The tables of the catalogue.")


@database.command("upgrade")
def upgrade_command() -> None:
    """Make the tables, or bring them to the newest shape."""
    upgrade_or_stop()
    click.echo("The database is up to date")


def upgrade_or_stop() -> None:
    """Upgrade this app's database. Ends the command with one line if that cannot be done."""
    try:
        engine: Engine = current_app.extensions["engine"]
        check(engine)
        migrate.upgrade(engine)
    except (NotReady, SQLAlchemyError) as error:
        raise click.ClickException(str(error).splitlines()[0]) from error
