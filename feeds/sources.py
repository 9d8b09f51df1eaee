"""The sources: adding and removing them, and which are due or overdue."""

import os
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from catalogue.slugs import slug_of
from catalogue.source_models import Outcome, Source, SourceRecord, SourceRun, State
from feeds import store
from feeds.formats import FORMATS

FIRST_RETRY = timedelta(minutes=15)
MAX_SLUG = 80


class BadSource(ValueError):
    """A source cannot be so. The message is one line that says what to do."""


def add(session: Session, source: Source) -> None:
    """Add a source that `check` lets pass. The caller commits.

    Raises:
        BadSource: it cannot be read as it stands, or there is one of its name.
    """
    check(source)
    if find(session, source.slug):
        raise BadSource(
            f"There is a source called {source.slug} already: remove it first, or give this one another name"
        )
    session.add(source)
    session.flush()


def check(source: Source) -> None:
    """Raise `BadSource` unless a source has all that reading it needs."""
    if source.format not in FORMATS:
        raise BadSource(f"There is no format {source.format}: choose one of {', '.join(sorted(FORMATS))}")
    if not source.slug:
        raise BadSource("Give it a name with letters or digits in it")
    if not source.address.split():
        raise BadSource("Give an address of the web, or the path of a file")
    for address in [source.address] if _is_file(source.address) else source.address.split():
        _check_address(address, source.may_be_private)


def _check_address(address: str, may_be_private: bool | None) -> None:
    try:
        parts = urlsplit(address)
    except ValueError:
        raise BadSource(f"{address} is no address: it should be like https://college.example/courses.csv") from None
    if parts.scheme not in ("", "http", "https") and len(parts.scheme) > 1:
        raise BadSource(f"{parts.scheme} addresses cannot be read: give http, https or the path of a file")
    if parts.username or parts.password:
        raise BadSource("Leave the password out of the address: set a key in the environment, and --key names it")
    if parts.scheme in ("http", "https") and not parts.hostname:
        raise BadSource(f"{address} names no site: it should be like https://college.example/courses.csv")
    if parts.hostname and not may_be_private and _is_private(parts.hostname):
        raise BadSource(f"{parts.hostname} is a private address: if it is to be read, say so with --private")
    if not parts.scheme and Path(address).is_dir():
        raise BadSource(f"{address} is a folder: give the path of one file in it")
    if not parts.scheme and not _is_file(address):
        hint = "" if address.startswith(("/", ".")) else ". An address of the web begins with https://"
        raise BadSource(f"There is no file {address}{hint}")


def _is_private(host: str) -> bool:
    """What can be told without asking for its address; the fetcher looks at that too."""
    from feeds.addresses import PRIVATE, why_refused  # with what speaks HTTP, which is large

    return host == "localhost" or why_refused(host) == PRIVATE


def address_of(words: Iterable[str]) -> str:
    """What a source is read from, as a command has it: files by their whole path, since cron runs elsewhere."""
    return " ".join(str(Path(each).absolute()) if _is_file(each) else each for each in words)


def _is_file(address: str) -> bool:
    try:
        return Path(address).is_file()
    except (OSError, ValueError):  # too long, or with a NUL in it
        return False


def slug(name: str) -> str:
    """What a source of this name is called in commands and keys."""
    return slug_of(name)[:MAX_SLUG].strip("-")


def find(session: Session, slug: str) -> Source | None:
    return session.scalar(select(Source).where(Source.slug == slug))


def is_untried(session: Session, source: Source) -> bool:
    """Whether a source was never read to its end and has nothing in the catalogue."""
    has_items = select(SourceRecord.id).where(SourceRecord.source_id == source.id).limit(1)
    return source.read_at is None and session.scalar(has_items) is None


def every(session: Session) -> Sequence[Source]:
    """All sources, by name."""
    return session.scalars(select(Source).order_by(Source.name, Source.id)).all()


def due(session: Session, now: datetime) -> list[Source]:
    """The sources that it is time to read, the one that has waited longest first."""
    found = [source for source in every(session) if source.every_hours and next_at(session, source) <= now]
    return sorted(found, key=lambda source: (source.tried_at or source.added_at, source.id))


def next_at(session: Session, source: Source) -> datetime:
    """When a source with a schedule is next to be read.

    At once if it never was, or the last reading was killed; sooner than its schedule says, but ever less so, while
    it fails.
    """
    if source.tried_at is None or _was_killed(session, source):
        return source.added_at
    wait = timedelta(hours=source.every_hours or 0)
    if source.state is State.FAILING:
        wait = min(wait, FIRST_RETRY * 2 ** min(source.failures, 10))
    return source.tried_at + wait


def runs(session: Session, source: Source, most: int) -> Sequence[SourceRun]:
    """The last readings of a source, the newest first."""
    found = select(SourceRun).where(SourceRun.source_id == source.id).order_by(SourceRun.id.desc()).limit(most)
    return session.scalars(found).all()


def remarks(session: Session, source: Source) -> list[tuple[str, int]]:
    """What was odd about items that are shown all the same, and of how many, the most first."""
    number = func.count()
    found = select(SourceRecord.remark, number).where(
        SourceRecord.source_id == source.id, ~SourceRecord.is_gone, SourceRecord.remark.is_not(None)
    )
    grouped = found.group_by(SourceRecord.remark).order_by(number.desc(), SourceRecord.remark)
    return [(remark or "", many) for remark, many in session.execute(grouped)]


def key(source: Source) -> str | None:
    """The value of a source's key, from the environment.

    Raises:
        BadSource: it names one that is not set.
    """
    if not source.key_name:
        return None
    if value := os.environ.get(source.key_name, "").strip():
        return value
    raise BadSource(f"{source.slug} needs a key: set {source.key_name} in the environment")


def remove(session: Session, source: Source, now: datetime) -> int:
    """Take a source away with all it brought; what others have too stays. Commits as it goes.

    Returns:
        How many items it had.
    """
    session.execute(update(SourceRecord).where(SourceRecord.source_id == source.id).values(is_gone=True))
    session.commit()
    count = 0
    while many := store.withdraw_some(session, source, now):
        count += many
        session.commit()
    session.execute(delete(Source).where(Source.id == source.id))
    session.commit()
    return count


def _was_killed(session: Session, source: Source) -> bool:
    last = next(iter(runs(session, source, 1)), None)
    if last is None:
        return False
    was_stopped = last.outcome is Outcome.FAILED and source.state is not State.FAILING
    return last.outcome is Outcome.RUNNING or was_stopped
