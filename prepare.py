"""`flask prepare`: what `make run` does before it serves."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import click
from flask.cli import with_appcontext
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalogue import derived, progress, shortlists
from catalogue.commands import load_samples
from catalogue.models import Provider
from catalogue.queries import has_samples
from database.commands import upgrade_or_stop
from database.session import session


@click.command("prepare")
@with_appcontext
def prepare() -> None:
    """Make or upgrade the tables; fill an empty catalogue with samples, or bring their dates up to today.

    A catalogue with providers of its own and no samples is left as it is, but what is not indexed yet
    is. Progress that nobody has used for a year is deleted, and so are shortlists after ninety days.
    """
    upgrade_or_stop()
    is_empty = session().scalar(select(Provider.id).limit(1)) is None
    if is_empty or has_samples(session()):
        load_samples()
    derived.index_missing(session())
    session().commit()
    _forget_old(progress.forget_old)
    _forget_old(shortlists.forget_old)


def _forget_old(some: Callable[[Session, date], int]) -> None:
    """So many at a time, that a site which is being served meanwhile never waits long."""
    while some(session(), datetime.now(UTC).date()):
        session().commit()
