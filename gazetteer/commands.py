"""`flask gazetteer`: making the table of postcodes and places."""

import click
from flask import current_app
from flask.cli import AppGroup
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from gazetteer.table import GazetteerUnavailable, Table

gazetteer = AppGroup("gazetteer", help="The table of postcodes and places.")


@gazetteer.command("build")
@click.option("--if-missing", is_flag=True, help="Do nothing if a whole table is there.")
def build_command(if_missing: bool) -> None:
    """Build the table from the packages that carry the data."""
    # Numpy and the data packages are for this command alone.
    from gazetteer import packages
    from gazetteer.writer import write

    table: Table = current_app.extensions["gazetteer"]
    if if_missing and _is_whole(table):
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    try:
        packages.check()
        with Progress(*columns, console=Console(stderr=True)) as bar:
            task = bar.add_task("Postcodes", total=None)
            counts = write(
                table.path,
                packages.units(),
                packages.places(),
                lambda done, total: bar.update(task, completed=done, total=total),
            )
    except GazetteerUnavailable as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{counts.units:,} postcodes, {counts.centres:,} areas and {counts.places:,} places in {table.path}")


def _is_whole(table: Table) -> bool:
    try:
        table.check()
    except GazetteerUnavailable:
        return False
    return True
