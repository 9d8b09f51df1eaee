"""What a format is given and what it gives back: the contract between `feeds.store` and the formats."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO, Protocol

from feeds.answers import NO_CONDITIONS, Answer, Conditions, FetchFailed
from feeds.record import OpportunityRecord


class SourceUnreadable(Exception):
    """Reading cannot go on: the source is not what it should be. The message is one line for the operator."""


@dataclass(frozen=True, slots=True)
class Item:
    """One opportunity of a source, not looked at yet.

    Attributes:
        identifier: its lasting name in the source, never empty, at most 200 characters (longer ones are refused).
        content: all that the record is made of, as bytes that are the same as long as the item is. Where it is as
            it was at the last reading, nothing more is done with the item.
        read: makes the record. Raises `feeds.record.Refused` with one sentence that says why not.
        where: where it stands in the source, for the operator: `line 12`, `page 3, item 4`.
    """

    identifier: str
    content: bytes
    read: Callable[[], OpportunityRecord]
    where: str = ""


@dataclass(frozen=True, slots=True)
class Gone:
    """The source says that an item of this identifier is there no more. It may never have been known."""

    identifier: str


@dataclass(frozen=True, slots=True)
class Bad:
    """Something in the source that is not even an item: a broken block, a line of another length."""

    where: str
    reason: str
    content: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """All before this was given: a reading that is interrupted may begin again from here.

    `name` says of which of a source's addresses, `value` is kept word by word.
    """

    name: str
    value: str


Read = Item | Gone | Bad | Mark


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of an opportunity that the source publishes by itself, such as a session of a series."""

    identifier: str
    parent: str | None
    content: bytes
    again_at: datetime | None = None


class Fetching(Protocol):
    """The only way to the web; see `feeds.fetching.Fetcher`, whose methods raise `FetchFailed`."""

    def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] = ...,
        params: Mapping[str, str | int] | None = None,
        conditions: Conditions = NO_CONDITIONS,
        max_bytes: int | None = None,
        obey_robots: bool = False,
    ) -> Answer: ...

    def download(
        self,
        url: str,
        into: BinaryIO,
        *,
        headers: Mapping[str, str] = ...,
        params: Mapping[str, str | int] | None = None,
        conditions: Conditions = NO_CONDITIONS,
        max_bytes: int,
    ) -> Answer: ...

    def pace(self, calls: int, per_seconds: float) -> None: ...


class NoWeb:
    """What a source that is a file gets: it reaches no network."""

    def get(self, url: str, **_options: object) -> Answer:
        raise FetchFailed("This source is a file, and reads nothing from the web")

    def download(self, url: str, into: BinaryIO, **_options: object) -> Answer:
        raise FetchFailed("This source is a file, and reads nothing from the web")

    def pace(self, calls: int, per_seconds: float) -> None:
        pass


class Parts(Protocol):
    """The pieces that a source has published so far, kept between readings, for formats that join them.

    What is put is kept once the items that follow it are: both or neither.
    """

    def put(self, part: Part) -> None:
        """Keep a part in the place of what has its identifier. `parent` is the part it belongs to, known or not."""

    def get(self, identifier: str) -> Part | None: ...

    def children(self, parent: str) -> list[Part]:
        """The parts that belong to one, in the order of their identifiers."""

    def forget(self, identifier: str) -> None: ...

    def due(self, at: datetime) -> Iterator[Part]:
        """The parts whose `again_at` has come, in the order of their identifiers."""


@dataclass(frozen=True, slots=True)
class Feed:
    """One source, open to be read.

    Attributes:
        address: where it is: an address of the web, several parted by spaces, or the path of a file.
        fetcher: the only way to the web.
        parts: for formats that join pieces.
        now: the moment of this reading, with its zone.
        key: the value of the source's key, or none.
        marks: those that the last readings kept, name to value.
    """

    address: str
    fetcher: Fetching
    parts: Parts
    now: datetime
    key: str | None = None
    marks: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Format:
    """A format that sources may have; `feeds.formats` lists them all.

    Attributes:
        name: as commands say it, such as `openactive`.
        title: as pages and messages say it.
        read: yields what is in a source. Raises `SourceUnreadable`, or the fetcher's `FetchFailed`; what was yielded
            before stays.
        is_whole: each reading gives all there is, so that what is absent has gone. Otherwise only `Gone` says so.
        is_conditional: it reads what stands at the source's addresses and, mostly, nothing else: see `feeds.asking`.
        version: raised with every change to how items are read, so that all are read anew.
    """

    name: str
    title: str
    read: Callable[[Feed], Iterator[Read]]
    is_whole: bool
    is_conditional: bool = False
    version: int = 1
