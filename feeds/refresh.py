"""One reading of a source, from its first item to what is gone: in batches, each of which is whole.

A reading may be killed at any moment. What was committed stays right, and the next reading goes on from the last
mark, or from the beginning where its format has none, with the same end. Nothing is taken away before a reading
has come to its end, and not then if more than half would go: that is held until someone says that it is so.
"""

import gc
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, delete, func, select
from sqlalchemy.orm import Session

from catalogue import derived
from catalogue.source_models import (
    MAX_IDENTIFIER,
    MAX_REASON,
    Outcome,
    Source,
    SourceMark,
    SourceRecord,
    SourceRun,
    State,
)
from database import bulk
from database.session import refresh_statistics
from feeds import locks, refusals, store
from feeds.answers import FetchFailed
from feeds.asking import Asking, Unchanged, read_at, remembered, written
from feeds.clean import clean
from feeds.formats import FORMATS
from feeds.matching import fingerprint, number
from feeds.named import Names
from feeds.parts import KeptParts
from feeds.places import Placer, put_in_place
from feeds.reading import Bad, Feed, Fetching, Format, Gone, Item, Mark, SourceUnreadable
from feeds.record import CalledOff, Refused
from feeds.refusals import Refusal
from feeds.store import Known, Ready

BATCH = 1_200
MARK_SECONDS = 2.0  # a mark is kept at least so often, however small the pages are
VERSION = 1  # raised with every change to how records are cleaned and stored, so that all are written anew
FORGET_ENDED = timedelta(days=1)
KEPT_AFTER_THE_END = timedelta(days=365)  # its page says that it is over for 90 days, and then that it is gone
MANY = 5_000  # so many new ones, and what counts them is brought up to date
CONDITIONS = "conditions"  # the mark of what to ask a source for, see `feeds.asking`
UNCHANGED = "It says that nothing has changed."
COUNTS = ("read", "new", "changed", "unchanged", "gone", "ended", "refused")

Tell = Callable[[str, str, str], None]
"""Told of each item: where it stands and what it is called, what became of it, and why."""


def tell_nobody(_where: str, _outcome: str, _why: str) -> None:
    pass


class Numbers:
    """A set of positive numbers that takes a bit each: a million of them in 125 kB."""

    def __init__(self) -> None:
        self._bits = bytearray()

    def add(self, number: int) -> None:
        byte = number >> 3
        if byte >= len(self._bits):
            self._bits.extend(bytes(byte + 1 - len(self._bits) + (len(self._bits) >> 2)))
        self._bits[byte] |= 1 << (number & 7)

    def __contains__(self, number: int) -> bool:
        byte = number >> 3
        return byte < len(self._bits) and bool(self._bits[byte] >> (number & 7) & 1)


@dataclass
class Reading:
    """One reading as it goes on."""

    session: Session
    source: Source
    run: SourceRun
    format: Format
    place: Placer
    now: datetime
    tell: Tell
    parts: KeptParts
    last_id: int
    names: Names = field(default_factory=Names)
    counts: Counter[str] = field(default_factory=Counter)
    seen: Numbers = field(default_factory=Numbers)
    waiting: dict[str, Item | Gone] = field(default_factory=dict)
    bad: list[Refusal] = field(default_factory=list)
    marks: dict[str, str] = field(default_factory=dict)
    kept_at: float = field(default_factory=time.monotonic)
    settle_at: int = field(default_factory=lambda: MANY)
    asking: Asking | None = None
    last_whole: datetime | None = None


def refresh(
    session: Session,
    engine: Engine,
    source: Source,
    place: Placer,
    fetcher: Fetching,
    now: datetime,
    *,
    key: str | None = None,
    is_confirmed: bool = False,
    tell: Tell = tell_nobody,
) -> SourceRun:
    """Read a source to its end, committing as it goes; the run that says what came of it.

    Args:
        key: the value of the key that the source asks for.
        is_confirmed: that it is right if more than half are gone.

    Raises:
        locks.Busy: another process is reading it.
    """
    with locks.reading(engine, source.id), _without_old_garbage(), bulk.seldom_checkpointed(session):
        run = SourceRun(source_id=source.id, started_at=now, **dict.fromkeys(COUNTS, 0))
        source.tried_at = now
        session.add(run)
        session.commit()
        last_id = session.scalar(select(func.max(SourceRecord.id))) or 0
        parts = KeptParts(session, source.id)
        reading = Reading(session, source, run, FORMATS[source.format], place, now, tell, parts, last_id)
        try:
            _read(reading, fetcher, key)
        except Unchanged:
            return _finished(reading, is_confirmed, UNCHANGED)
        except (FetchFailed, SourceUnreadable) as problem:
            return _failed(reading, str(problem))
        except KeyboardInterrupt:
            session.rollback()
            _end(reading, Outcome.FAILED, source.state, "It was stopped. The next reading goes on from there.")
            raise
        except Exception:
            _failed(reading, f"A fault of ours: {traceback.format_exc(limit=-1).splitlines()[-1]}")
            raise
        return _finished(reading, is_confirmed)


@contextmanager
def _without_old_garbage() -> Iterator[None]:
    """Have the collector look at what a reading makes and not, each time, at all that was loaded before."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _read(reading: Reading, fetcher: Fetching, key: str | None) -> None:
    session, source = reading.session, reading.source
    found = select(SourceMark.name, SourceMark.value).where(SourceMark.source_id == source.id)
    marks = dict(session.execute(found).all())
    if reading.format.is_conditional and all("://" in each for each in source.address.split()):
        fetcher = reading.asking = _asking(reading, fetcher, marks.pop(CONDITIONS, None))
    feed = Feed(source.address, fetcher, reading.parts, reading.now, key, marks)
    session.rollback()  # nothing is open while the source is waited for
    try:
        for each in reading.format.read(feed):
            match each:
                case Item() | Gone():
                    reading.waiting[each.identifier] = each
                case Bad():
                    reading.bad.append(Refusal("", each.where, each.reason, each.content))
                    reading.tell(each.where, "refused", each.reason)
                case Mark():
                    reading.marks[each.name] = each.value
            if _is_time_to_keep(reading, isinstance(each, Mark)):
                _keep(reading)
    except (FetchFailed, SourceUnreadable, Unchanged):
        _keep(reading)
        raise
    _keep(reading)


def _asking(reading: Reading, fetcher: Fetching, mark: str | None) -> Asking:
    """The way to the web that asks for what has changed, unless an item is to be read anew whatever the source says."""
    known = remembered(mark, _version(reading), reading.now)
    if known and store.has_unread(reading.session, reading.source):
        known = {}
    reading.last_whole = read_at(mark) if mark and known else None
    return Asking(fetcher, reading.source.address, known)


def _version(reading: Reading) -> int:
    return reading.format.version * 1_000 + VERSION


def _is_time_to_keep(reading: Reading, is_at_mark: bool) -> bool:
    """A mark must not be kept without the parts and items before it, nor long after them."""
    is_much = len(reading.waiting) + len(reading.bad) >= BATCH
    if is_at_mark:
        return is_much or time.monotonic() - reading.kept_at > MARK_SECONDS
    return is_much and not reading.marks


def _keep(reading: Reading) -> None:
    """Write what is waiting, with the parts and marks that belong to it, in one transaction."""
    session, source = reading.session, reading.source
    items = {name: each for name, each in reading.waiting.items() if isinstance(each, Item)}
    gone = [name for name, each in reading.waiting.items() if isinstance(each, Gone)]
    reading.waiting, read = {}, len(items) + len(reading.bad)
    sorted_out = _sort(reading, items)
    session.rollback()
    locks.hold_writing(session)
    reading.parts.write()
    if sorted_out.ready or sorted_out.refused or gone:
        _forget_conditions(reading)
    if sorted_out.ready:
        reading.counts += store.write(session, source, sorted_out.ready, reading.names, reading.now)
    store.unflag(session, sorted_out.back)
    gone += sorted_out.off
    store.flag_gone(session, source, gone)
    refusals.release(session, source, [each.identifier for each in sorted_out.ready] + gone)
    refusals.keep(session, source, reading.run.id, [*sorted_out.refused, *reading.bad], reading.now)
    for name, value in reading.marks.items():
        session.merge(SourceMark(source_id=source.id, name=name, value=value))
    reading.counts["read"] += read
    reading.counts["refused"] += len(sorted_out.refused) + len(reading.bad)
    _note(reading)
    session.commit()
    reading.bad, reading.marks = [], {}
    if reading.counts["new"] >= reading.settle_at:
        reading.settle_at = reading.counts["new"] + max(MANY, _settle(reading))
    reading.kept_at = time.monotonic()


def _settle(reading: Reading) -> int:
    """Bring up to date what says how much there is, which searches and the database's planner go by; how much that is.

    It is done at the end, and whenever there is twice as much as the last time, so that neither is ever far off.
    """
    there = derived.settle(reading.session, locks.hold_writing)
    if reading.counts["new"] >= MANY:
        refresh_statistics(reading.session)
        reading.session.commit()
    return there


@dataclass
class SortedOut:
    """The items of a batch: to be written, there again though flagged as gone (by their records' ids), refused.

    `off` are items that are known and called off now.
    """

    ready: list[Ready] = field(default_factory=list)
    back: list[int] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    off: list[str] = field(default_factory=list)


def _sort(reading: Reading, items: dict[str, Item]) -> SortedOut:
    """What is to be done with each item. Takes them out of `items`, so that they go as their records come."""
    known = store.known(reading.session, reading.source, items)
    found = SortedOut()
    salt = _version(reading)
    for identifier in list(items):
        item = items.pop(identifier)
        there = known.get(identifier)
        if there:
            reading.seen.add(there.id)
        digest = number(item.content, salt)
        if there and there.digest == digest:
            reading.counts["unchanged"] += 1
            if there.is_gone:
                found.back.append(there.id)
            reading.tell(item.where, "unchanged", identifier)
            continue
        try:
            ready = _ready(reading, item, digest, there)
        except Refused as problem:
            is_off = bool(there) and isinstance(problem, CalledOff)
            if is_off:
                found.off.append(identifier)
            else:
                found.refused.append(_refusal(item, str(problem)))
            reading.tell(item.where, "gone" if is_off else "refused", f"{identifier}: {problem}")
            continue
        if there is None and ready.clean.ends_at and ready.clean.ends_at < reading.now - FORGET_ENDED:
            reading.counts["ended"] += 1
            reading.tell(item.where, "ended", f"{identifier}: {ready.clean.record.title}")
            continue
        found.ready.append(ready)
        outcome = "changed" if there else "new"
        reading.tell(
            item.where, outcome, " ".join((f"{identifier}: {ready.clean.record.title}.", *ready.clean.remarks))
        )
    return found


def _ready(reading: Reading, item: Item, digest: int, there: Known | None) -> Ready:
    """Raises `Refused`."""
    if not item.identifier or len(item.identifier) > MAX_IDENTIFIER:
        raise Refused(f"Its identifier is empty, or longer than {MAX_IDENTIFIER} characters.")
    try:
        record = item.read()
    except Refused:
        raise
    except Exception as fault:  # a format that stumbles over one item must not lose the others
        raise Refused(f"It could not be read: {type(fault).__name__}. That is a fault of ours.") from fault
    cleaned = clean(record, reading.now)
    placed, venues = put_in_place(cleaned, reading.place)
    told = fingerprint(placed.record, tuple(each.placed.postcode for each in venues))
    return Ready(item.identifier, digest, placed, venues, told, there)


def _refusal(item: Item, reason: str) -> Refusal:
    return Refusal(item.identifier, item.where, reason, item.content[: refusals.MAX_CONTENT].decode("utf-8", "replace"))


def _finished(reading: Reading, is_confirmed: bool, message: str = "") -> SourceRun:
    """Take away what is gone, unless that is more than half and nobody has said that it is so.

    Args:
        message: why nothing was read, so that nothing is gone.
    """
    session, source, run, now = reading.session, reading.source, reading.run, reading.now
    if reading.format.is_whole and not message:
        _flag_unseen(reading)
        refusals.release_old(session, source, run.id)
        session.commit()
    live, gone = store.live_and_gone(session, source, now)
    if gone * 2 > live and not is_confirmed:
        _forget_conditions(reading)
        would_go = f"{gone} of {live} would go. If that is so: flask feeds refresh {source.slug} --confirm"
        return _end(reading, Outcome.HELD, State.HELD, would_go)
    while many := store.withdraw_some(session, source, now):
        reading.counts["gone"] += many
        _note(reading)
        session.commit()
    if source.read_at is None or source.read_at.date() < now.date():  # once a day, for it looks at all there is
        while store.forget_some(session, source, now - KEPT_AFTER_THE_END):
            session.commit()
    source.read_at = now
    source.failures = 0
    _remember_conditions(reading)
    return _end(reading, Outcome.DONE, State.WELL, message)


def _remember_conditions(reading: Reading) -> None:
    if reading.asking and (conditions := reading.asking.conditions()):
        mark = written(conditions, _version(reading), reading.last_whole or reading.now)
        reading.session.merge(SourceMark(source_id=reading.source.id, name=CONDITIONS, value=mark))
    else:
        _forget_conditions(reading)


def _forget_conditions(reading: Reading) -> None:
    """What is stored is no more what the source had when it was last read to its end."""
    which = (SourceMark.source_id == reading.source.id, SourceMark.name == CONDITIONS)
    reading.session.execute(delete(SourceMark).where(*which))


def _flag_unseen(reading: Reading) -> None:
    """Flag the items that were there before this reading and were not in it."""
    session = reading.session
    ids = select(SourceRecord.id).where(
        SourceRecord.source_id == reading.source.id, SourceRecord.id <= reading.last_id, ~SourceRecord.is_gone
    )
    unseen = [
        number for number in session.scalars(ids.execution_options(yield_per=10_000)) if number not in reading.seen
    ]
    locks.hold_writing(session)
    store.flag_unseen(session, unseen)


def _failed(reading: Reading, message: str) -> SourceRun:
    reading.session.rollback()
    reading.source.failures += 1
    return _end(reading, Outcome.FAILED, State.FAILING, message)


def _end(reading: Reading, outcome: Outcome, state: State, message: str) -> SourceRun:
    session, source, run = reading.session, reading.source, reading.run
    session.commit()
    _settle(reading)
    run.outcome, source.state = outcome, state
    run.message = source.message = message[:MAX_REASON]
    run.ended_at = datetime.now(UTC)
    _note(reading)
    session.commit()
    return run


def _note(reading: Reading) -> None:
    for name in COUNTS:
        setattr(reading.run, name, reading.counts[name])
