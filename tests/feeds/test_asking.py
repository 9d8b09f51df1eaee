"""A source that has nothing new says so, and only one that was read to its end is asked."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session

from catalogue.models import Opportunity
from catalogue.source_models import Outcome, Source, SourceMark, SourceRecord, SourceRun, State
from feeds import formats
from feeds.answers import NO_CONDITIONS, Answer, Conditions, FetchFailed
from feeds.asking import BELIEVED_FOR
from feeds.places import placer
from feeds.reading import Feed, Format, Item, Read
from feeds.refresh import CONDITIONS, UNCHANGED, refresh
from gazetteer.table import Table
from tests.feeds.made import NOW, counts, item

SAMPLES = Path(__file__).parent / "samples"
ONE, OTHER = "https://college.example/one", "https://college.example/other"


class Site:
    """Addresses and what is there; each answer has its content's length and count of changes for an ETag."""

    def __init__(self) -> None:
        self.bodies: dict[str, bytes] = {}
        self.has_etags = True
        self.asked: list[tuple[str, bool]] = []
        """What was asked for, and whether there was anything new."""

    def get(self, url: str, *, conditions: Conditions = NO_CONDITIONS, **_how: Any) -> Answer:
        if url not in self.bodies:
            raise FetchFailed(f"{url} is not there")
        now = Conditions(f'"{self.bodies[url].hex()[-40:]}"' if self.has_etags else None)
        is_unchanged = conditions != NO_CONDITIONS and conditions == now
        self.asked.append((url, not is_unchanged))
        return Answer(url, "", None, now, is_unchanged, b"" if is_unchanged else self.bodies[url])

    def download(self, url: str, into: BinaryIO, **how: Any) -> Answer:
        answer = self.get(url, **how)
        into.write(answer.body)
        return answer

    def pace(self, calls: int, per_seconds: float) -> None:
        pass


def _read_lines(feed: Feed) -> Iterator[Read]:
    """A format whose documents have an item on each line; `+` and an address is one more document."""
    for address in feed.address.split():
        for line in feed.fetcher.get(address).body.decode().splitlines():
            if line.startswith("+"):
                feed.fetcher.get(line[1:])
            else:
                yield item(line)


Refresh = Callable[..., SourceRun]


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def read_again(session: Session, table: Table, monkeypatch: pytest.MonkeyPatch, site: Site) -> Refresh:
    """Read a source of one or two addresses, days after `NOW`."""
    lines = Format("lines", "Lines", _read_lines, is_whole=True, is_conditional=True)
    monkeypatch.setitem(formats.FORMATS, "lines", lines)

    def read(address: str = ONE, days: float = 0, format_name: str = "lines", is_confirmed: bool = False) -> SourceRun:
        source = session.scalar(select(Source))
        if source is None:
            source = Source(slug="college", name="College", format=format_name, address=address)
            session.add(source)
            session.commit()
        engine = session.get_bind().engine
        assert isinstance(engine, Engine)
        at = NOW + timedelta(days=days)
        return refresh(session, engine, source, placer(table), site, at, is_confirmed=is_confirmed)

    return read


def read_at(session: Session) -> datetime | None:
    return session.scalar(select(Source.read_at))


def live(session: Session) -> int:
    still = Opportunity.ends_at.is_(None) | (Opportunity.ends_at > NOW + timedelta(days=30))
    return session.scalar(select(func.count()).where(still)) or 0


def test_what_has_not_changed_is_noted_and_nothing_is_lost(session: Session, site: Site, read_again: Refresh) -> None:
    site.bodies[ONE] = b"a\nb\nc"
    assert counts(read_again()) == {"read": 3, "new": 3}
    run = read_again(days=1)
    assert (run.outcome, run.message, counts(run)) == (Outcome.DONE, UNCHANGED, {})
    assert site.asked == [(ONE, True), (ONE, False)]
    assert read_at(session) == NOW + timedelta(days=1)
    assert live(session) == 3
    site.bodies[ONE] = b"a\nb\nd"
    run = read_again(days=2)
    assert (run.message, counts(run)) == ("", {"read": 3, "new": 1, "unchanged": 2, "gone": 1})


def test_all_is_read_anew_after_a_week(site: Site, read_again: Refresh) -> None:
    site.bodies[ONE] = b"a\nb\nc"
    whole = [counts(read_again(days=day)) != {} for day in (0, 3, BELIEVED_FOR.days, BELIEVED_FOR.days + 1, 9)]
    assert whole == [True, False, False, True, False]


def test_a_source_without_validators_is_read_each_time(session: Session, site: Site, read_again: Refresh) -> None:
    site.bodies[ONE], site.has_etags = b"a\nb\nc", False
    read_again()
    assert counts(read_again(days=1)) == {"read": 3, "unchanged": 3}
    assert session.scalars(select(SourceMark)).all() == []


def test_of_several_documents_all_must_be_as_they_were(site: Site, read_again: Refresh) -> None:
    site.bodies |= {ONE: b"a\nb", OTHER: b"c\nd"}
    both = f"{ONE} {OTHER}"
    read_again(both)
    assert read_again(both, days=1).message == UNCHANGED
    site.bodies[ONE] = b"a\nb\ne"
    assert counts(read_again(both, days=2)) == {"read": 5, "new": 1, "unchanged": 4}
    assert read_again(both, days=3).message == UNCHANGED
    assert [is_new for _, is_new in site.asked] == [True, True, True, False, True, True, True, False]


def test_a_reading_that_needed_more_than_its_addresses_is_not_remembered(site: Site, read_again: Refresh) -> None:
    site.bodies |= {ONE: f"a\n+{OTHER}".encode(), OTHER: b""}
    read_again()
    assert counts(read_again(days=1)) == {"read": 1, "unchanged": 1}


def test_a_reading_that_was_held_is_not_remembered(session: Session, site: Site, read_again: Refresh) -> None:
    whole = b"a\nb\nc"
    site.bodies[ONE] = whole
    read_again()
    site.bodies[ONE] = b"a"
    assert read_again(days=1).outcome is Outcome.HELD
    assert read_again(days=2).outcome is Outcome.HELD
    site.bodies[ONE] = whole
    assert counts(read_again(days=3)) == {"read": 3, "unchanged": 3}
    assert live(session) == 3
    site.bodies[ONE] = b"a"
    assert read_again(days=4, is_confirmed=True).outcome is Outcome.DONE
    assert read_again(days=5).message == UNCHANGED


def test_a_reading_that_broke_off_is_not_remembered(session: Session, site: Site, read_again: Refresh) -> None:
    site.bodies[ONE] = b"a\nb\nc"
    read_again()
    site.bodies[ONE] = f"a\nb\nc\nd\n+{OTHER}".encode()
    assert read_again(days=1).outcome is Outcome.FAILED
    assert session.scalars(select(SourceMark.name)).all() == []
    del site.bodies[ONE]
    assert read_again(days=2).outcome is Outcome.FAILED
    site.bodies[ONE] = b"a\nb\nc"
    assert counts(read_again(days=3)) == {"read": 3, "unchanged": 3, "gone": 1}


def test_a_failure_that_changed_nothing_forgets_nothing(session: Session, site: Site, read_again: Refresh) -> None:
    body = site.bodies[ONE] = b"a\nb\nc"
    read_again()
    del site.bodies[ONE]
    assert read_again(days=1).outcome is Outcome.FAILED
    site.bodies[ONE] = body
    assert read_again(days=2).message == UNCHANGED
    assert session.scalar(select(Source.state)) is State.WELL


def test_what_is_to_be_read_anew_is(session: Session, site: Site, read_again: Refresh) -> None:
    site.bodies[ONE] = b"a\nb\nc"
    read_again()
    session.execute(update(SourceRecord).where(SourceRecord.identifier == "b").values(digest=0))
    session.commit()
    assert counts(read_again(days=1)) == {"read": 3, "changed": 1, "unchanged": 2}
    assert session.scalars(select(SourceMark.name)).all() == [CONDITIONS]


@pytest.mark.parametrize(
    ("format_name", "sample"),
    [
        ("course-directory", "course_directory/courses.csv"),
        ("icalendar", "icalendar/hall.ics"),
        ("schema-org", "schema_org/page.html"),
    ],
)
def test_formats_of_one_document_ask_so(site: Site, read_again: Refresh, format_name: str, sample: str) -> None:
    site.bodies[ONE] = (SAMPLES / sample).read_bytes()
    assert read_again(format_name=format_name).read
    run = read_again(days=1)
    assert (run.message, counts(run)) == (UNCHANGED, {})


def test_a_reading_that_is_stopped_by_hand_says_so_and_is_due(
    session: Session, site: Site, read_again: Refresh, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(feed: Feed) -> Iterator[Item]:
        yield item("a")
        raise KeyboardInterrupt

    stopped = Format("lines", "Lines", stop, is_whole=True)
    monkeypatch.setitem(formats.FORMATS, "lines", stopped)
    with pytest.raises(KeyboardInterrupt):
        read_again()
    run = session.scalars(select(SourceRun)).one()
    assert (run.outcome, run.message[:15]) == (Outcome.FAILED, "It was stopped.")
    assert run.ended_at is not None
    assert session.scalars(select(Source)).one().failures == 0
