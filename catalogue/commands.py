"""`flask seed`: the samples that show a new installation at work, and very many made-up rows to measure it with."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from random import Random
from typing import Any

import click
import rich.progress
from flask import current_app
from flask.cli import with_appcontext
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn

from catalogue import synthetic
from catalogue.queries import has_samples
from catalogue.seeds import BadSeed, load, read
from database.commands import upgrade_or_stop
from database.session import session
from readiness import NotReady
from settings import UK_TIME


@click.command("seed")
@click.option(
    "--synthetic",
    "count",
    type=int,
    metavar="N",
    help="For measuring, never for a public site: N opportunities that nobody offers, at real postcodes, in the place "
    f"of those made before (at most {synthetic.MOST:,}). All else stays as it is; the samples are loaded if there "
    "are none.",
)
@click.option(
    "--random-seed", "seed", type=int, default=1, show_default=True, help="Another seed makes other synthetic ones."
)
@with_appcontext
def seed(count: int | None, seed: int) -> None:
    """Load the sample towns, with dates counted from today."""
    if count is not None:
        load_synthetic(count, seed)
        return
    upgrade_or_stop()
    click.echo(f"{load_samples()} sample opportunities")


def load_samples() -> int:
    """Load and commit the samples as of today; how many there are. Ends the command if a file is not right."""
    try:
        count = load(session(), read(), _today())
    except BadSeed as error:
        raise click.ClickException(str(error)) from error
    session().commit()
    return count


def load_synthetic(count: int, seed: int) -> None:
    """Make and commit synthetic opportunities. Ends the command with one line if that cannot be done."""
    gazetteer: Any = current_app.extensions["gazetteer"]  # gazetteer.table.Table, which the catalogue does not know
    try:
        synthetic.check_count(count)
        gazetteer.check()
        upgrade_or_stop()
        spots = gazetteer.draw(synthetic.venues_for(count), Random(seed).random)  # noqa: S311  (nothing secret)
        if not has_samples(session()):
            load_samples()
        with _progress_bars() as progress:
            synthetic.load(session(), spots, count, seed, _today(), progress)
            session().commit()
    except (ValueError, NotReady) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{count:,} synthetic opportunities at {len(spots):,} venues, for measuring only")


@contextmanager
def _progress_bars() -> "Iterator[synthetic.Progress]":
    """Draw a bar on the terminal for each thing that is done; what is given moves it."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with rich.progress.Progress(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[str, rich.progress.TaskID] = {}

        def progress(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total)
            bars.update(tasks[what], completed=done)

        yield progress


def _today() -> date:
    return datetime.now(UK_TIME).date()
