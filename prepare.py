"""`flask prepare`: what `make run` does before it serves."""

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from catalogue import fulltext, sums
from catalogue.commands import load_samples
from catalogue.models import Provider
from catalogue.queries import has_samples
from database.commands import upgrade_or_stop
from database.session import session


@click.command("prepare")
@with_appcontext
def prepare() -> None:
    """Make or upgrade the tables; fill an empty catalogue with samples, or bring their dates up to today.

    A catalogue with providers of its own and no samples is left as it is, but what cannot be searched by words yet
    is indexed, and what the map's sums leave out or no longer hold is counted.
    """
    upgrade_or_stop()
    is_empty = session().scalar(select(Provider.id).limit(1)) is None
    if is_empty or has_samples(session()):
        load_samples()
    fulltext.index_missing(session())
    sums.index_missing(session())
    session().commit()
