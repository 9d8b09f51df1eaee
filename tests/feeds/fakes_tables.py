"""What the readers of tables are given in tests: a web of a few files, no parts, a fixed day."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, cast

from feeds.fetching import Fetcher, FetchFailed
from feeds.reading import Bad, Feed, Format, Item, Parts
from feeds.record import OpportunityRecord, Refused

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


class FakeWeb:
    """Addresses and what is there. Its answers are whole."""

    def __init__(self, files: Mapping[str, bytes] | None = None) -> None:
        self.files = files or {}

    def download(self, url: str, into: BinaryIO, *, max_bytes: int) -> None:
        if url not in self.files:
            raise FetchFailed(f"{url} is not there")
        if len(self.files[url]) > max_bytes:
            raise FetchFailed(f"{url} is too large")
        into.write(self.files[url])


def feed(address: str | Path, web: Mapping[str, bytes] | None = None) -> Feed:
    return Feed(str(address), cast(Fetcher, FakeWeb(web)), cast(Parts, None), NOW)


Outcome = OpportunityRecord | str


def outcomes(
    format_: Format, address: str | Path, web: Mapping[str, bytes] | None = None
) -> Iterator[tuple[str, Outcome]]:
    """What each piece of a source became: its identifier and record, or why not; where it is and why, if it is bad."""
    for each in format_.read(feed(address, web)):
        if isinstance(each, Bad):
            yield each.where, each.reason
        elif isinstance(each, Item):
            try:
                yield each.identifier, each.read()
            except Refused as refused:
                yield each.identifier, str(refused)
