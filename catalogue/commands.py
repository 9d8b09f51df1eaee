"""`flask seed`: the samples that show a new installation at work."""

from datetime import datetime

import click
from flask.cli import with_appcontext

from catalogue.seeds import BadSeed, load, read
from database.commands import upgrade_or_stop
from database.session import session
from settings import UK_TIME


@click.command("seed")
@with_appcontext
def seed() -> None:
    """Load the sample towns, with dates counted from today."""
    upgrade_or_stop()
    click.echo(f"{load_samples()} sample opportunities")


def load_samples() -> int:
    """Load and commit the samples as of today; how many there are. Ends the command if a file is not right."""
    try:
        count = load(session(), read(), datetime.now(UK_TIME).date())
    except BadSeed as error:
        raise click.ClickException(str(error)) from error
    session().commit()
    return count
