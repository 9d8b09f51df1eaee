"""`flask gazetteer`: making the table of postcodes and places. `flask geocode`: asking it."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
import rich.progress
from flask import current_app
from flask.cli import AppGroup, with_appcontext
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn

from gazetteer.answers import answer
from gazetteer.locate import locate
from gazetteer.table import GazetteerUnavailable, Table

if TYPE_CHECKING:
    from gazetteer.writer import Counts, PlaceRow, Progress

gazetteer = AppGroup("gazetteer", help="The table of postcodes and places.")


@gazetteer.command("build")
def build_command() -> None:
    """Build the table from the packages that carry the data."""
    # Numpy and the data packages are for this command alone.
    from gazetteer import packages
    from gazetteer.writer import write

    table: Table = current_app.extensions["gazetteer"]
    try:
        packages.check()
        with _progress_bar() as progress:
            counts = write(table.path, packages.units(), packages.places(), progress)
    except GazetteerUnavailable as error:
        raise click.ClickException(str(error)) from error
    click.echo(_written(counts, table))


@gazetteer.command("load")
@click.argument("file", type=click.Path(path_type=Path))
def load_command(file: Path) -> None:
    """Take the postcodes of FILE in place of those in the table; its places stay.

    FILE is ONSPD, NSPL, Code-Point Open or a csv with the columns Postcode, lat
    and long: as it was downloaded (zip), unpacked (a folder or a csv), or packed
    with xz or gzip.
    """
    from gazetteer import files
    from gazetteer.writer import write

    table: Table = current_app.extensions["gazetteer"]
    summary = files.Summary()
    before = table.size() if _is_whole(table) else 0
    try:
        with _progress_bar() as progress:
            counts = write(table.path, files.units(file, summary), _places(table), progress)
    except (GazetteerUnavailable, files.BadFile) as error:
        raise click.ClickException(str(error)) from error
    click.echo("\n".join(summary.lines()))
    click.echo(_written(counts, table))
    if counts.units < before / 2:
        click.echo(f"It held {before:,} postcodes before. To have those back, run `flask gazetteer build`")


@contextmanager
def _progress_bar() -> "Iterator[Progress]":
    """Draw a bar on the terminal; what is given moves it."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with rich.progress.Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("Postcodes", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _places(table: Table) -> "Iterable[PlaceRow]":
    """The places of the table as it is, or those of the packages where there is none yet."""
    from gazetteer import packages
    from gazetteer.writer import kept_places

    if _is_whole(table):
        return kept_places(table.path)
    try:
        packages.check()
    except GazetteerUnavailable:
        raise GazetteerUnavailable("There are no places to keep yet: run `flask gazetteer build` first") from None
    return packages.places()


@click.command("geocode")
@click.argument("texts", nargs=-1, required=True, metavar="TEXT...")
@with_appcontext
def geocode(texts: tuple[str, ...]) -> None:
    """Say where each TEXT is, one JSON object a line; `-` reads texts from standard input, one a line."""
    parts = current_app.extensions
    try:
        parts["gazetteer"].check()
    except GazetteerUnavailable as error:
        raise click.ClickException(str(error)) from error
    for text in _each(texts):
        result = locate(parts["gazetteer"], text, parts["online_geocoder"])
        click.echo(json.dumps(answer(result) | {"text": text}, ensure_ascii=False))


def _each(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        if text == "-":
            with click.open_file("-", errors="replace") as lines:
                yield from (line.rstrip("\r\n") for line in lines)
        else:
            yield text


def _written(counts: "Counts", table: Table) -> str:
    return f"{counts.units:,} postcodes, {counts.centres:,} areas and {counts.places:,} places in {table.path}"


def _is_whole(table: Table) -> bool:
    try:
        table.check()
    except GazetteerUnavailable:
        return False
    return True
