"""`flask feeds`: where opportunities come from, and reading them."""

import logging
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.exc import OperationalError

from catalogue import derived
from catalogue.source_models import Outcome, Source, SourceRun, State
from catalogue.source_queries import is_overdue
from database.commands import upgrade_apart_or_stop
from database.session import session
from feeds import refusals, sources
from feeds.formats import FORMATS
from feeds.locks import Busy, hold_writing, reading
from feeds.places import placer
from feeds.reading import Fetching, NoWeb
from feeds.refresh import refresh, tell_nobody
from feeds.sources import BadSource
from readiness import NotReady

SHOWN_REFUSALS = 20
SHOWN_RUNS = 10
SHOWN_CONTENT = 200
log = logging.getLogger(__name__)


class _Commands(AppGroup):
    """Commands that end with one line where the database is full, read-only or away."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except OperationalError as fault:
            raise click.ClickException(_without_database(fault)) from fault


feeds = _Commands("feeds", help="Where opportunities come from, and reading them.")


def _options(command: Callable[..., None]) -> Callable[..., None]:
    """What a source may be told when it is added."""
    for option in (
        click.option(
            "--private", "may_be_private", is_flag=True, help="It may be in a private network or on this machine."
        ),
        click.option(
            "--every", "every_hours", type=click.IntRange(1, 24 * 366), metavar="HOURS", help="How often to read it."
        ),
        click.option("--attribution", default="", help="Who is to be named beside what comes from it."),
        click.option("--licence-url", default=None, help="Where the licence can be read."),
        click.option("--licence", default="", help="The licence it is under, such as CC BY 4.0."),
        click.option(
            "--key", "key_name", default=None, metavar="NAME", help="The environment's name of the key it asks for."
        ),
    ):
        command = option(command)
    return command


@feeds.command("add")
@click.argument("name")
@click.argument("format")
@click.argument("address", nargs=-1, required=True)
@_options
def add(name: str, format: str, address: tuple[str, ...], **options: Any) -> None:  # noqa: A002  (the argument's name)
    """Add a source: FORMAT is one of those that `flask feeds formats` lists."""
    upgrade_apart_or_stop()
    source = Source(slug=sources.slug(name), name=name, format=format, address=sources.address_of(address), **options)
    _add(source)
    click.echo(f"Added {source.slug}. To read it now: flask feeds refresh {source.slug}")


@feeds.command("formats")
def list_formats() -> None:
    """Print the formats that sources may have."""
    for each in sorted(FORMATS.values(), key=lambda each: each.name):
        click.echo(f"{each.name:<18} {each.title}")


@feeds.command("list")
def list_sources() -> None:
    """Print every source on a line: name, format, how it is, when it was last read, address."""
    for source in sources.every(session()):
        read = f"{source.read_at:%Y-%m-%d %H:%M}" if source.read_at else "never"
        click.echo(f"{source.slug}\t{source.format}\t{source.state}\t{read}\t{source.address}")


@feeds.command("remove")
@click.argument("slug")
@click.confirmation_option(prompt="All that came from it ends today. Remove it?")
def remove(slug: str) -> None:
    """Take the source SLUG away, with all that it brought."""
    source = _source(slug)
    count = _remove(source)
    session().commit()
    derived.settle(session(), hold_writing)
    click.echo(f"Removed {slug}, which had {count:,} items")


@feeds.command("import")
@click.argument("format")
@click.argument("address", nargs=-1, required=True)
@click.option("--name", default="", help="What to call the source; its host or file name if left out.")
@click.option("--each", is_flag=True, help="Say what became of each item.")
@click.option("--confirm", is_flag=True, help="It is right if more than half are gone.")
@_options
def import_(format: str, address: tuple[str, ...], name: str, each: bool, confirm: bool, **options: Any) -> None:  # noqa: A002
    """Read a source now, and keep it for the next time; what is told of one that is known counts from now on."""
    upgrade_apart_or_stop()
    name = name or _named_after(address[0])
    source = _kept(
        Source(slug=sources.slug(name), name=name, format=format, address=sources.address_of(address)), options
    )
    if not _refresh(source, each, confirm):
        sys.exit(1)


@feeds.command("refresh")
@click.argument("slugs", nargs=-1, metavar="[SLUG]...")
@click.option("--each", is_flag=True, help="Say what became of each item.")
@click.option("--confirm", is_flag=True, help="It is right if more than half are gone.")
def refresh_(slugs: tuple[str, ...], each: bool, confirm: bool) -> None:
    """Read the sources named, or all that are due. Safe to run at any time, and from cron."""
    upgrade_apart_or_stop()
    if confirm and not slugs:
        raise click.ClickException("Name the source whose losses are right")
    wanted = [_source(slug) for slug in slugs] if slugs else sources.due(session(), datetime.now(UTC))
    went_well = []
    for slug in [source.slug for source in wanted]:  # by name: each takes its time, and a later one may be removed
        source = sources.find(session(), slug)
        if source is not None:
            went_well.append(_refresh(source, each, confirm))
    if not all(went_well):
        sys.exit(1)


@feeds.command("status")
@click.argument("slug", required=False)
def status(slug: str | None) -> None:
    """Say how every source is, or all about one: its last readings, and what it has that was refused, and why."""
    if slug is not None:
        _print_source(_source(slug))
        return
    for source in sources.every(session()):
        click.echo(f"{source.slug}: {_state(source)}")


def _add(source: Source) -> None:
    try:
        sources.add(session(), source)
    except BadSource as problem:
        raise click.ClickException(str(problem)) from problem
    session().commit()


def _kept(told: Source, options: Mapping[str, Any]) -> Source:
    """The source of this name with the options that are given now; added if there is none, or one that never was."""
    known = sources.find(session(), told.slug)
    if known is None or (known.format, known.address) == (told.format, told.address):
        source = known or told
    elif sources.is_untried(session(), known):
        _remove(known)
        known, source = None, told
    else:
        raise click.ClickException(
            f"There is a source called {known.slug} that is another, {known.format} at {known.address}: give a --name"
        )
    for option, value in options.items():
        if value or known is None:
            setattr(source, option, value)
    if known is None:
        _add(source)
    session().commit()
    return source


def _remove(source: Source) -> int:
    """Take a source away while nobody reads it: what a reading went on to store would be nobody's, and stay."""
    try:
        with reading(current_app.extensions["engine"], source.id):
            return sources.remove(session(), source, datetime.now(UTC))
    except Busy:
        raise click.ClickException(
            f"{source.slug} is being read just now: wait for the end of that, or stop it, and say this again"
        ) from None


def _source(slug: str) -> Source:
    found = sources.find(session(), slug)
    if found is None:
        known = ", ".join(source.slug for source in sources.every(session())) or "none yet"
        raise click.ClickException(f"There is no source {slug}. There are: {known}")
    return found


def _named_after(address: str) -> str:
    parts = urlsplit(address)
    return parts.hostname or address.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]


def _refresh(source: Source, each: bool, is_confirmed: bool) -> bool:
    """Read a source and say what came of it. Returns whether it went well."""
    slug = source.slug
    parts = current_app.extensions
    try:
        parts["gazetteer"].check()
        key = sources.key(source)
        with _fetching(source) as fetcher:
            run = refresh(
                session(),
                parts["engine"],
                source,
                placer(parts["gazetteer"]),
                fetcher,
                datetime.now(UTC),
                key=key,
                is_confirmed=is_confirmed,
                tell=_tell if each else tell_nobody,
            )
    except Busy:
        click.echo(f"{slug}: is being read already")
        return True
    except (BadSource, NotReady) as problem:
        click.echo(f"{slug}: {problem}", err=True)
        return False
    except OperationalError as fault:
        session().rollback()
        click.echo(f"{slug}: {_without_database(fault)}", err=True)
        return False
    except Exception as fault:
        # One source must not keep the others from being read.
        log.exception("reading %s", slug)
        click.echo(f"{slug}: a fault of ours, {type(fault).__name__}: {fault}", err=True)
        session().rollback()
        return False
    click.echo(f"{slug}: {_sum(run)}")
    if run.refused:
        _print_counted("refused", refusals.reasons(session(), source), "  ")
    return run.outcome is Outcome.DONE


def _without_database(fault: OperationalError) -> str:
    reason = str(fault.orig).strip().partition("\n")[0]
    return f"The database does not answer ({reason}). What was stored stays; put that right and say this again"


@contextmanager
def _fetching(source: Source) -> Iterator[Fetching]:
    """The way to the web, for a source that is there."""
    if "://" not in source.address:
        yield NoWeb()
        return
    from feeds.fetching import Fetcher, user_agent  # what speaks HTTP is large, and only for this

    agent = user_agent(current_app.extensions["settings"].public_url)
    with Fetcher(user_agent=agent, allow_private=source.may_be_private) as fetcher:
        yield fetcher


def _tell(where: str, outcome: str, why: str) -> None:
    click.echo(f"  {where or '-'}: {outcome}: {why}")


def _sum(run: SourceRun) -> str:
    """A reading in one line."""
    seconds = (run.ended_at - run.started_at).total_seconds() if run.ended_at else 0
    counts = (
        f"{run.read:,} read, {run.new:,} new, {run.changed:,} changed, {run.unchanged:,} unchanged, {run.gone:,} gone, "
        f"{run.ended:,} over already, {run.refused:,} refused"
    )
    counts = f"{counts}, in {seconds:.1f} s"
    if run.outcome is Outcome.DONE:
        return f"{run.message} ({counts})" if run.message else counts
    if run.outcome is Outcome.FAILED and not run.read:
        return f"failed: {run.message}"
    return f"{run.outcome}: {run.message} ({counts})"


def _state(source: Source) -> str:
    now = datetime.now(UTC)
    read = f"read {source.read_at:%d %b %Y %H:%M} UTC" if source.read_at else "never read to its end"
    told = {
        State.NEW: "new",
        State.WELL: "well",
        State.FAILING: f"failing, {source.failures} in a row: {source.message}",
        State.HELD: f"held: {source.message}",
    }[source.state]
    late = "; OVERDUE" if is_overdue(source, now) else ""
    return f"{told}; {read}{late}; {refusals.count(session(), source):,} refused"


def _print_source(source: Source) -> None:
    click.echo(f"{source.name} ({source.slug})")
    click.echo(f"  {source.format} at {source.address}")
    click.echo(f"  {_state(source)}")
    from rich.console import Console  # for tables alone
    from rich.table import Table

    schedule = f"every {source.every_hours} hours" if source.every_hours else "only when told to"
    click.echo(
        f"  read {schedule}; licence: {source.licence or 'not said'}; attribution: {source.attribution or 'none'}"
    )
    table = Table("began (UTC)", "read", "new", "changed", "unchanged", "gone", "over", "refused", "seconds", "ended")
    for run in sources.runs(session(), source, SHOWN_RUNS):
        seconds = f"{(run.ended_at - run.started_at).total_seconds():.1f}" if run.ended_at else ""
        counts = (run.read, run.new, run.changed, run.unchanged, run.gone, run.ended, run.refused)
        ended = f"{run.outcome}: {run.message}" if run.message else str(run.outcome)
        table.add_row(f"{run.started_at:%Y-%m-%d %H:%M}", *(f"{each:,}" for each in counts), seconds, ended)
    Console(width=160).print(table)
    _print_counted("refused", refusals.reasons(session(), source))
    _print_counted("shown, but odd", sources.remarks(session(), source))
    for each in refusals.some(session(), source, SHOWN_REFUSALS):
        click.echo(f"  {each.place or each.identifier}: {each.reason}")
        click.echo(f"    {' '.join(each.content.split())[:SHOWN_CONTENT]}")


def _print_counted(outcome: str, reasons: Sequence[tuple[str, int]], indent: str = "") -> None:
    """The commonest reasons for something, and how many there are of the others."""
    for reason, many in reasons[:SHOWN_REFUSALS]:
        click.echo(f"{indent}{outcome} {many:,}: {reason}")
    if rest := sum(many for _, many in reasons[SHOWN_REFUSALS:]):
        click.echo(f"{indent}{outcome} {rest:,} more, for other reasons")
