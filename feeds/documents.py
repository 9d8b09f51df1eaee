"""What stands at an address: on the web, or in a file of this machine."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from feeds.json_values import NotJson, parse
from feeds.reading import Feed, SourceUnreadable

MOST_BYTES = 32_000_000
_PLAIN_ADDRESS = re.compile(r"https?://[a-zA-Z0-9-]*[a-zA-Z0-9](?:\.[a-zA-Z0-9-]+)*(?::[0-9]{1,4})?(?:[/?#][!-~]*)?")


@dataclass(frozen=True, slots=True)
class Document:
    """`media_type` is without parameters and empty where nothing tells; `address` is where it was found at last."""

    address: str
    body: bytes
    media_type: str = ""
    charset: str | None = None


def is_on_web(address: str) -> bool:
    return address.lower().startswith(("http://", "https://"))


def is_plain_address(text: str) -> bool:
    """Whether a text is an address of the web such as most are: nothing in it needs a closer look."""
    return _PLAIN_ADDRESS.fullmatch(text) is not None


def open_document(feed: Feed, address: str, *, max_bytes: int = MOST_BYTES, **how: Any) -> Document:
    """What stands there; `how` goes to the fetcher and says nothing of files.

    Raises `SourceUnreadable` for files, the fetcher's `FetchFailed` for the web.
    """
    if not is_on_web(address):
        return _local(Path(address), max_bytes)
    answer = feed.fetcher.get(address, max_bytes=max_bytes, **how)
    return Document(answer.url or address, answer.body, answer.media_type.lower(), answer.charset)


def _local(path: Path, max_bytes: int) -> Document:
    try:
        with path.open("rb") as file:
            body = file.read(max_bytes + 1)
    except (OSError, ValueError) as error:
        raise SourceUnreadable(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if len(body) > max_bytes:
        raise SourceUnreadable(f"{path} is larger than {max_bytes:,} bytes")
    return Document(str(path), body)


def keep_pace(feed: Feed, calls: int, per_seconds: float) -> None:
    """Ask no more than so many times, from now on."""
    feed.fetcher.pace(calls, per_seconds)


def is_not_there(error: Exception) -> bool:
    """Whether an address failed since nothing stands there any more, which another try does not change."""
    return getattr(error, "status", None) in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)


def open_json(
    feed: Feed, address: str, *, headers: Mapping[str, str] | None = None, params: Mapping[str, str] | None = None
) -> object:
    """The JSON that stands there. Raises as `open_document` does, and `SourceUnreadable` where it is no JSON."""
    document = open_document(feed, address, headers=headers or {}, params=params)
    try:
        return parse(document.body)
    except NotJson as error:
        page = " ".join(f"{name}={value}" for name, value in (params or {}).items())
        raise SourceUnreadable(f"{' '.join(filter(None, (address, page)))} is not JSON: {error}") from None
