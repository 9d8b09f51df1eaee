"""`flask pathways`: pathways from a file, and back into one."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from catalogue import badge_store, pathway_pages, pathway_store
from catalogue.models import Badge
from catalogue.pathway_export import as_yaml, badge_data, pathway_data
from catalogue.pathway_files import read_pathways
from catalogue.pathway_models import Pathway
from catalogue.sample_records import PathwayFile
from catalogue.yaml_file import BadFile
from database.ready import check_current
from database.session import session
from readiness import NotReady

pathways = AppGroup("pathways", help="Pathways from a file, and back into one.")


@pathways.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would be done, and store nothing.")
def import_file(file: Path, dry_run: bool) -> None:
    """Make or update the badges and the pathways of FILE: see docs/pathways.md.

    If anything in it is wrong, every mistake is said with its line and nothing is stored.
    """
    _check()
    try:
        lines = _stored(session(), read_pathways(session(), file))
    except BadFile as bad:
        session().rollback()
        raise click.ClickException(_told(file, bad)) from bad
    except (pathway_store.Unknown, DBAPIError) as problem:
        # Somebody else changed the catalogue since it was read.
        session().rollback()
        raise click.ClickException(f"{file}: {str(problem).splitlines()[0]}. Nothing was stored") from problem
    if dry_run:
        session().rollback()
    else:
        session().commit()
    for line in lines:
        click.echo(line)
    if dry_run:
        click.echo("This was a trial: nothing was stored")


@pathways.command("export")
@click.argument("slugs", metavar="SLUG...", nargs=-1, required=True)
def export(slugs: Sequence[str]) -> None:
    """Print pathways, with the badges that they use, as a file that can be imported."""
    _check()
    click.echo(as_yaml([_pathway(slug) for slug in slugs]), nl=False)


def _stored(session: Session, records: PathwayFile) -> list[str]:
    """Store them; what became of each, as lines to print. The caller commits."""
    badges_before = {row.slug: badge_data(row) for row in _rows(session, Badge, [each.slug for each in records.badges])}
    before = {
        row.slug: (pathway_data(row), [step.slug for step in row.steps])
        for row in _rows(session, Pathway, [each.slug for each in records.pathways])
    }
    lines = []
    for badge in badge_store.store(session, records.badges):
        lines.append(f"badge {badge.slug}: {_change(badges_before.get(badge.slug), badge_data(badge))}")
    for row in pathway_store.store(session, records.pathways):
        data, slugs = before.get(row.slug, (None, []))
        said = f"pathway {row.slug}: {_change(data, pathway_data(row))}"
        lines.append(said + _steps_changed(slugs, [step.slug for step in row.steps]))
    return lines


def _rows(session: Session, model: type[Any], slugs: Sequence[str]) -> list[Any]:
    return list(session.scalars(select(model).where(model.slug.in_(slugs))))


def _change(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> str:
    if before is None:
        return "made"
    changed = [name for name in {**after, **before} if before.get(name) != after.get(name)]
    return f"changed ({', '.join(changed)})" if changed else "as before"


def _steps_changed(before: Sequence[str], after: Sequence[str]) -> str:
    """Which steps are new and which are gone, by their slugs: people's progress hangs on these."""
    if not before:
        return f", {len(after)} steps: {', '.join(after)}"
    new, gone = [each for each in after if each not in before], [each for each in before if each not in after]
    said = f"; new steps: {', '.join(new)}" if new else ""
    return said + (f"; steps gone, with the progress on them: {', '.join(gone)}" if gone else "")


def _told(file: Path, bad: BadFile) -> str:
    lines = [f"{file}:{each.line}: {each.message}" if each.line else f"{file}: {each.message}" for each in bad.wrongs]
    if len(lines) > 1:
        lines.append(f"{len(lines)} mistakes. Nothing was stored")
    return "\n".join(lines)


def _pathway(slug: str) -> Pathway:
    found = pathway_pages.pathway(session(), slug)
    if found is None:
        raise click.ClickException(f"There is no pathway {slug!r}")
    return found


def _check() -> None:
    """End the command with one line unless the database can be used."""
    try:
        check_current(current_app.extensions["engine"])
    except NotReady as problem:
        raise click.ClickException(str(problem)) from problem
