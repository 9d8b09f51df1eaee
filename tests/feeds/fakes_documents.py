"""Stand-ins for the web and the store's memory, and JSON that is wrong in one place."""

import copy
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple, cast
from urllib.parse import urlencode

from hypothesis import strategies as st

from feeds.fetching import Fetcher, FetchFailed
from feeds.reading import Bad, Feed, Format, Gone, Item, Part
from feeds.record import OpportunityRecord, Refused

NOT_THERE = b"404"
NOW = datetime(2026, 6, 10, 12, tzinfo=UTC)


class Answer(NamedTuple):
    url: str
    body: bytes
    media_type: str = ""
    charset: str | None = None


class Request(NamedTuple):
    url: str
    headers: Mapping[str, str]
    obey_robots: bool


class FakeFetcher:
    """Answers from a table of addresses with their queries; what is missing there fails as a busy server does."""

    def __init__(self, pages: Mapping[str, bytes] | Callable[[str], bytes | None]) -> None:
        self._page = pages if callable(pages) else pages.get
        self.requests: list[Request] = []
        self.pace_kept: tuple[int, float] | None = None

    def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        max_bytes: int | None = None,
        obey_robots: bool = False,
    ) -> Answer:
        asked = f"{url}?{urlencode(params)}" if params else url
        self.requests.append(Request(asked, headers or {}, obey_robots))
        body = self._page(asked)
        if body is None:
            raise FetchFailed(f"{asked} answers 503")
        if body == NOT_THERE:
            error = FetchFailed(f"{asked} answers 404")
            setattr(error, "status", 404)  # noqa: B010 # which the type has from the real fetcher on
            raise error
        return Answer(asked, body, "text/html" if body.lstrip()[:1] == b"<" else "application/json")

    def pace(self, calls: int, per_seconds: float) -> None:
        self.pace_kept = (calls, per_seconds)

    @property
    def asked(self) -> list[str]:
        return [request.url for request in self.requests]


class FakeParts:
    def __init__(self) -> None:
        self.kept: dict[str, Part] = {}

    def put(self, part: Part) -> None:
        self.kept[part.identifier] = part

    def get(self, identifier: str) -> Part | None:
        return self.kept.get(identifier)

    def children(self, parent: str) -> list[Part]:
        return sorted((part for part in self.kept.values() if part.parent == parent), key=lambda part: part.identifier)

    def forget(self, identifier: str) -> None:
        self.kept.pop(identifier, None)

    def due(self, at: datetime) -> Iterator[Part]:
        return iter(part for part in self.kept.values() if part.again_at is not None and part.again_at <= at)


def a_feed(
    address: str,
    fetcher: FakeFetcher | None = None,
    *,
    key: str | None = None,
    parts: FakeParts | None = None,
    now: datetime = NOW,
) -> Feed:
    return Feed(address, cast(Fetcher, fetcher or FakeFetcher({})), parts or FakeParts(), now, key)


class Account(NamedTuple):
    """What a reading gave: records and refusals by identifier, what is gone, and what was bad and why."""

    records: dict[str, OpportunityRecord]
    refused: dict[str, str]
    gone: list[str]
    bad: list[str]


def account(format_: Format, feed: Feed) -> Account:
    found = Account({}, {}, [], [])
    for read in format_.read(feed):
        if isinstance(read, Item):
            assert read.identifier not in {*found.records, *found.refused}, f"{read.identifier} comes twice"
            assert read.identifier
            try:
                found.records[read.identifier] = read.read()
            except Refused as refused:
                found.refused[read.identifier] = str(refused)
        elif isinstance(read, Gone):
            found.gone.append(read.identifier)
        elif isinstance(read, Bad):
            found.bad.append(f"{read.where}: {read.reason}")
    return found


RUBBISH: list[Any] = [
    None,
    7,
    -1,
    1e308,
    float("nan"),
    True,
    "",
    "x",
    "\ud800\x00",
    [],
    {},
    [[]],
    [{"a": [1]}],
    {"@id": "x"},
]


def paths(value: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every node of some JSON."""
    yield before
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, node in inner:
        yield from paths(node, (*before, name))


def damaged(whole: Any, path: tuple[Any, ...], by: Any) -> Any:
    """The same JSON with another thing in one place."""
    if not path:
        return by
    result = copy.deepcopy(whole)
    place = result
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = by
    return result


def damages(whole: Any) -> st.SearchStrategy[Any]:
    """Some JSON with rubbish in one place or two."""
    one = st.builds(
        lambda path, by: damaged(whole, path, by), st.sampled_from(list(paths(whole))), st.sampled_from(RUBBISH)
    )
    return one | one.flatmap(
        lambda once: st.builds(
            lambda path, by: damaged(once, path, by), st.sampled_from(list(paths(once))), st.sampled_from(RUBBISH)
        )
    )
