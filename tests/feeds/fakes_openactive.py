"""What a reader is given, without a database or the web."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from feeds.fetching import Fetcher, FetchFailed
from feeds.reading import Bad, Feed, Gone, Item, Mark, Part, Read
from feeds.record import OpportunityRecord, Refused

NOW = datetime(2026, 7, 6, 9, 30, tzinfo=UTC)  # a Monday


@dataclass(frozen=True, slots=True)
class FakeAnswer:
    url: str
    body: bytes


class FakeFetcher:
    """Answers from a dict of addresses, or a function; what it does not know fails."""

    def __init__(self, pages: Mapping[str, bytes] | Callable[[str], bytes | None]) -> None:
        self.pages = pages.get if isinstance(pages, Mapping) else pages
        self.asked: list[str] = []

    def get(self, url: str, **_options: Any) -> FakeAnswer:
        self.asked.append(url)
        body = self.pages(url)
        if body is None:
            raise FetchFailed(f"{url} was not found.")
        return FakeAnswer(url, body)


class FakeParts:
    """Parts in a dict."""

    def __init__(self) -> None:
        self.kept: dict[str, Part] = {}

    def put(self, part: Part) -> None:
        self.kept[part.identifier] = part

    def get(self, identifier: str) -> Part | None:
        return self.kept.get(identifier)

    def children(self, parent: str) -> list[Part]:
        return [part for _name, part in sorted(self.kept.items()) if part.parent == parent]

    def forget(self, identifier: str) -> None:
        self.kept.pop(identifier, None)

    def due(self, at: datetime) -> Iterator[Part]:
        return iter([part for _name, part in sorted(self.kept.items()) if part.again_at and part.again_at <= at])


class Source:
    """A source that is read again and again: what it has given so far, by identifier."""

    def __init__(
        self,
        read: Callable[[Feed], Iterator[Read]],
        address: str,
        pages: Mapping[str, bytes] | Callable[[str], bytes | None] = {},  # noqa: B006 — it is never changed
    ) -> None:
        self.read = read
        self.address = address
        self.fetcher = FakeFetcher(pages)
        self.parts = FakeParts()
        self.marks: dict[str, str] = {}
        self.items: dict[str, Item] = {}
        self.bad: list[Bad] = []

    def refresh(self, now: datetime = NOW, most: int | None = None) -> list[Read]:
        """Read it once; what it gave. After so many it is killed: what was put since the last is lost."""
        given: list[Read] = []
        parts = dict(self.parts.kept)
        feed = Feed(self.address, cast(Fetcher, self.fetcher), self.parts, now, marks=dict(self.marks))
        for one in self.read(feed):
            if len(given) == most:
                self.parts.kept = parts
                break
            parts = dict(self.parts.kept)
            given.append(one)
            match one:
                case Item(identifier=identifier):
                    self.items[identifier] = one
                case Gone(identifier=identifier):
                    self.items.pop(identifier, None)
                case Mark(name=name, value=value):
                    self.marks[name] = value
                case Bad():
                    self.bad.append(one)
        return given

    def records(self) -> dict[str, OpportunityRecord | str]:
        """What became of each item: its record, or why it was refused."""
        return {identifier: outcome(item) for identifier, item in self.items.items()}

    def record(self) -> OpportunityRecord:
        """The record of its only item."""
        (found,) = self.records().values()
        assert isinstance(found, OpportunityRecord), found
        return found


def outcome(item: Item) -> OpportunityRecord | str:
    try:
        return item.read()
    except Refused as refused:
        return str(refused)
