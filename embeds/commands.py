"""`flask providers`: who may show a provider's embeds. `flask embeds`: what embeds did for them."""

import csv
import sys
from collections.abc import Sequence
from datetime import date, datetime, timedelta

import click
from flask import current_app
from flask.cli import AppGroup

from catalogue import embed_queries, provider_queries
from catalogue.embed_models import EmbedCount
from catalogue.models import Provider
from catalogue.origins import BadOrigin, origin
from database.ready import check_current
from database.session import session
from embeds.framing import unlisted_ancestors
from readiness import NotReady
from settings import UK_TIME

REPORT_DAYS = 28
MAX_ORIGINS = 50  # of a provider: they all stand in one header
COLUMNS = ("day", "widget", "host", "views", "clicks")

providers = AppGroup("providers", help="Which sites may show a provider's embeds.")
embeds = AppGroup("embeds", help="What embeds did for those who show them.")


@providers.command("allow-origin")
@click.argument("slug")
@click.argument("address", metavar="ORIGIN")
def allow_origin(slug: str, address: str) -> None:
    """Let the site at ORIGIN, such as https://college.example, show what the provider SLUG offers."""
    found = _provider(slug)
    wanted = _origin(address)
    is_new = embed_queries.allow(session(), found, wanted)
    count = len(embed_queries.origins(session(), slug))
    if count > MAX_ORIGINS:
        raise click.ClickException(f"{slug} has {MAX_ORIGINS} origins already: forbid one first")
    session().commit()
    click.echo(f"{wanted} may show what {found.name} offers" + ("" if is_new else ", as before"))


@providers.command("forbid-origin")
@click.argument("slug")
@click.argument("address", metavar="ORIGIN")
def forbid_origin(slug: str, address: str) -> None:
    """Take ORIGIN off the list of the provider SLUG."""
    found = _provider(slug)
    wanted = _origin(address)
    if not embed_queries.forbid(session(), found, wanted):
        raise click.ClickException(f"{wanted} is not on the list of {slug}: see `flask providers origins {slug}`")
    session().commit()
    click.echo(f"{wanted} is off the list of {found.name}")
    if not embed_queries.origins(session(), slug):
        click.echo(f"That list is empty now, so {_unlisted()} may show what it offers (EMBED_UNLISTED)")


@providers.command("origins")
@click.argument("slug", required=False)
def list_origins(slug: str | None) -> None:
    """Print who may show the embeds of SLUG, or of every provider that has a list."""
    if slug is None:
        _check()
    else:
        _provider(slug)
    found = embed_queries.origins(session(), slug)
    for owner, allowed in found:
        click.echo(f"{owner} {allowed}")
    if not found:
        click.echo(f"{slug or 'No provider'} has {'no' if slug else 'a'} list, so {_unlisted()} may (EMBED_UNLISTED)")


@embeds.command("report")
@click.option("--since", metavar="DAY", help=f"From this day on, as in 2026-11-01; else the last {REPORT_DAYS} days.")
@click.option("--csv", "as_csv", is_flag=True, help="As comma-separated values.")
def report(since: str | None, as_csv: bool) -> None:
    """Print how often embeds were shown and led on, by day, widget and host."""
    first = _day(since) if since else datetime.now(UK_TIME).date() - timedelta(days=REPORT_DAYS - 1)
    _check()
    found = embed_queries.counts(session(), first)
    if as_csv:
        csv.writer(sys.stdout, lineterminator="\n").writerows([COLUMNS, *map(_row, found)])
    elif found:
        _print(found)
    else:
        click.echo(f"No embed was shown since {first}")


def _print(found: Sequence[EmbedCount]) -> None:
    total = ("total", "", "", str(sum(each.views for each in found)), str(sum(each.clicks for each in found)))
    rows = [COLUMNS, *map(_row, found), total]
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    for row in rows:
        words = [cell.ljust(width) for cell, width in zip(row[:3], widths[:3], strict=True)]
        numbers = [cell.rjust(width) for cell, width in zip(row[3:], widths[3:], strict=True)]
        click.echo("  ".join(words + numbers))


def _row(each: EmbedCount) -> tuple[str, ...]:
    return (str(each.day), each.widget, each.host, str(each.views), str(each.clicks))


def _unlisted() -> str:
    return "anyone" if unlisted_ancestors() else "no one"


def _provider(slug: str) -> Provider:
    _check()
    found = provider_queries.provider(session(), slug)
    if found is None:
        raise click.ClickException(f"There is no provider {slug!r}")
    return found


def _origin(address: str) -> str:
    try:
        return origin(address)
    except BadOrigin as problem:
        raise click.ClickException(str(problem)) from problem


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise click.ClickException(f"{text!r} is not a day: write it as in 2026-11-01") from error


def _check() -> None:
    """End the command with one line unless the database can be used."""
    try:
        check_current(current_app.extensions["engine"])
    except NotReady as problem:
        raise click.ClickException(str(problem)) from problem
