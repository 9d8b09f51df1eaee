"""A reading that is killed at any moment leaves what is right, and the next one ends as if it had not been."""

import os
import signal
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import Engine, event, select, text
from sqlalchemy.orm import Session

from catalogue.models import Occurrence, Opportunity, Venue
from catalogue.source_models import Outcome, Source, SourceMark, SourcePart, SourceRecord, SourceRefusal
from catalogue.spots import spot
from catalogue.sums import cell_sum, venue_sum
from database import migrate
from database.engine import connect
from feeds import formats
from feeds.places import placer
from feeds.reading import Feed, Format, Gone, Item, Mark, NoWeb, Part, Read
from feeds.record import Refused, VenueRecord
from feeds.refresh import refresh
from gazetteer.table import Table
from tests.conftest import NewDatabase
from tests.feeds.made import NOW, item, record, sitting

KILLS = 13  # of each of two sorts of source on each of two databases: 52
PAGES = 12
POSTCODES = ("PL1 2AA", "TR1 1DH", "LS1 4DY", "BR3 4HG")


def page(number: int) -> list[Item | Gone]:
    """What a feed says on a page: new ones, changes, some that go, some that come again, some that are refused."""
    dice = Random(number)
    found: list[Item | Gone] = []
    for _ in range(8):
        name = str(dice.randrange(40))
        venue = VenueRecord(name=f"Hall {dice.randrange(6)}", postcode=dice.choice(POSTCODES))
        made = record(f"Title {name} of page {number}", venues=(venue,), sittings=(sitting(dice.randrange(1, 90)),))
        what = dice.random()
        if what < 0.15:
            found.append(Gone(name))
        else:
            found.append(item(name, Refused("It is cancelled.") if what < 0.25 else made))
    return found


def read_pages(feed: Feed) -> Iterator[Read]:
    """A feed that is gone on with from its mark, and keeps parts."""
    for number in range(int(feed.marks.get("feed", "0")), PAGES):
        feed.parts.put(Part(f"page {number % 5}", "book", str(number).encode()))
        yield from page(number)
        yield Mark("feed", str(number + 1))


def read_whole(feed: Feed) -> Iterator[Read]:
    """A source that says all that it has, of which the day before was another part."""
    last: dict[str, Item] = {}
    for number in range(PAGES if feed.now == NOW else PAGES // 2):
        last |= {each.identifier: each for each in page(number) if isinstance(each, Item)}
    leave_out = 0 if feed.now == NOW else 1
    yield from (each for name, each in last.items() if int(name) % 3 != leave_out)


def state(session: Session) -> dict[str, list[Any]]:
    """All that a reading leaves, without ids and moments, which may differ."""
    by_key = select(Opportunity.key, Opportunity.title, Opportunity.ends_at, Opportunity.reach)
    sittings = select(Opportunity.key, Occurrence.starts_at, Occurrence.time_of_week).join(Opportunity.occurrences)
    places = select(Opportunity.key, Venue.slug).join(Opportunity.venues)
    spots = select(Opportunity.key, spot.c.tag, spot.c.band, spot.c.cell, spot.c.until).join(
        spot, spot.c.opportunity_id == Opportunity.id
    )
    queries = {
        "opportunity": by_key,
        "sitting": sittings,
        "venue": places,
        "spot": spots.where(spot.c.tag == 0),
        "record": select(SourceRecord.identifier, SourceRecord.digest, SourceRecord.is_gone),
        "refusal": select(SourceRefusal.identifier, SourceRefusal.reason),
        "mark": select(SourceMark.name, SourceMark.value),
        "part": select(SourcePart.identifier, SourcePart.content),
        "sum": select(Venue.slug, venue_sum.c.total).join(venue_sum, venue_sum.c.venue_id == Venue.id),
        "cells": select(cell_sum.c.level, cell_sum.c.x, cell_sum.c.y, cell_sum.c.total),
        "words": select(text("count(*) FROM opportunity_text")),
    }
    return {name: sorted(map(tuple, session.execute(query))) for name, query in queries.items()}


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feeds.refresh.BATCH", 10)
    monkeypatch.setattr("feeds.refresh.MARK_SECONDS", 0.0)


@pytest.mark.parametrize("read", [read_pages, read_whole])
@pytest.mark.usefixtures("small_batches")
def test_killed_anywhere_and_read_again_it_ends_the_same(
    new_database: NewDatabase, table: Table, monkeypatch: pytest.MonkeyPatch, read: Any
) -> None:
    made = Format("killed", "Made by a test", read, is_whole=read is read_whole)
    monkeypatch.setitem(formats.FORMATS, "killed", made)
    engine = connect(new_database(f"kill-{read.__name__}"))
    migrate.upgrade(engine)
    _prepare(engine, table, made.is_whole)
    statements = _count_statements(engine, table)
    whole = _read_again(engine, table)
    dice = Random(1)
    for number in range(KILLS):
        _prepare(engine, table, made.is_whole)
        at = dice.randrange(1, statements)
        engine.dispose()
        assert _killed_after(engine, table, at) == signal.SIGKILL, f"statement {at} of {statements} was never reached"
        assert _read_again(engine, table) == whole, f"killed at statement {at} of {statements}, the {number}th time"
    engine.dispose()


def _refresh(engine: Engine, table: Table, now: datetime = NOW) -> Outcome:
    with Session(engine) as session:
        source = session.scalar(select(Source)) or Source(
            slug="feed", name="Feed", format="killed", address="nowhere", every_hours=1
        )
        session.add(source)
        session.commit()
        # Two that are gone of three is what these pages may well say.
        return refresh(session, engine, source, placer(table), NoWeb(), now, is_confirmed=True).outcome


def _read_again(engine: Engine, table: Table) -> dict[str, list[Any]]:
    assert _refresh(engine, table) is Outcome.DONE
    with Session(engine) as session:
        return state(session)


def _count_statements(engine: Engine, table: Table) -> int:
    counted = 0

    def count(*_: object) -> None:
        nonlocal counted
        counted += 1

    event.listen(engine, "before_cursor_execute", count)
    _refresh(engine, table)
    event.remove(engine, "before_cursor_execute", count)
    return counted


def _killed_after(engine: Engine, table: Table, statements: int) -> int:
    """Read in a process of its own, which is killed before its so many-th statement; the signal that ended it."""
    child = os.fork()
    if child == 0:
        left = statements

        def count(*_: object) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(engine, "before_cursor_execute", count)
        try:
            _refresh(engine, table)
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) * -1


def _prepare(engine: Engine, table: Table, is_whole: bool) -> None:
    """An empty catalogue, or one with what a whole source had the day before."""
    with engine.begin() as connection:
        for name in ("source", "opportunity", "venue", "provider", "venue_sum", "cell_sum"):
            connection.execute(text(f"DELETE FROM {name}"))  # noqa: S608  (our own names)
    if is_whole:
        _refresh(engine, table, NOW - timedelta(days=1))
