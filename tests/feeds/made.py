"""A format that tests fill by hand: what a source has stands in a list, and may change between readings."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from catalogue.source_models import Source, SourceRun
from catalogue.words import Kind, Layer
from feeds import formats
from feeds.places import placer
from feeds.reading import Feed, Format, Item, NoWeb, Read
from feeds.record import OpportunityRecord, ProviderRecord, Sitting, VenueRecord
from feeds.refresh import Tell, refresh, tell_nobody
from gazetteer.table import Table

NOW = datetime(2027, 1, 10, 9, 0, tzinfo=UTC)
PLYMOUTH = VenueRecord(name="Drake Hall", town="Plymouth", postcode="PL1 2AA", latitude=50.3699, longitude=-4.1422)
BASE = OpportunityRecord(
    title="Bike repair",
    kind=Kind.WORKSHOP,
    layer=Layer.PARTICIPATE,
    provider=ProviderRecord(name="Cog Works"),
    summary="Mend your own bike.",
    venues=(PLYMOUTH,),
)


def record(title: str = "Bike repair", **values: Any) -> OpportunityRecord:
    return replace(BASE, title=title, **values)


def item(identifier: str, made: OpportunityRecord | Exception | None = None, where: str = "") -> Item:
    """An item that reads as `made`, or raises it; its content is all of that."""
    made = made if made is not None else record(f"Opportunity {identifier}")
    return Item(identifier, repr(made).encode(), partial(_give, made), where or f"item {identifier}")


def _give(made: OpportunityRecord | Exception) -> OpportunityRecord:
    if isinstance(made, Exception):
        raise made
    return made


def sitting(days: float, hours: float = 2, now: datetime = NOW) -> Sitting:
    start = now + timedelta(days=days)
    return Sitting(start, start + timedelta(hours=hours))


class MadeSource:
    """A source in the database whose content a test sets."""

    def __init__(
        self, session: Session, table: Table, monkeypatch: pytest.MonkeyPatch, slug: str, is_whole: bool = True
    ) -> None:
        self.session = session
        self.content: Sequence[Read | Exception] = ()
        self.feeds: list[Feed] = []
        self.format = Format(f"made-{slug}", "Made by a test", self._read, is_whole)
        monkeypatch.setitem(formats.FORMATS, self.format.name, self.format)
        self.source = Source(slug=slug, name=slug.title(), format=self.format.name, address="nowhere", every_hours=24)
        session.add(self.source)
        session.commit()
        self._place = placer(table)

    def _read(self, feed: Feed) -> Iterator[Read]:
        self.feeds.append(feed)
        for each in self.content:
            if isinstance(each, Exception):
                raise each
            yield each

    def refresh(
        self, *content: Read | Exception, now: datetime = NOW, is_confirmed: bool = False, tell: Tell = tell_nobody
    ) -> SourceRun:
        if content:
            self.content = content
        engine = self.session.get_bind().engine
        assert isinstance(engine, Engine)
        return refresh(
            self.session, engine, self.source, self._place, NoWeb(), now, is_confirmed=is_confirmed, tell=tell
        )


def counts(run: SourceRun) -> dict[str, int]:
    """What came of a run, without what did not."""
    names = ("read", "new", "changed", "unchanged", "gone", "ended", "refused")
    return {name: getattr(run, name) for name in names if getattr(run, name)}
