"""What a source gave, and what is kept of it to ask for what is new.

Formats import this; what speaks HTTP is loaded only where there is something to fetch.
"""

import re
from dataclasses import dataclass
from email.message import Message
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx2

NOT_CHANGED = 304
LONGEST_VALIDATOR = 500
SENDABLE = re.compile(r"[\x21-\x7e]+(?: [\x21-\x7e]+)*")


class FetchFailed(Exception):
    """The source could not be read.

    The message is one line for the operator, without keys and without query values that look like keys. `status` is
    the HTTP status where that was the reason, so that a caller can tell what is gone (404, 410) from what is broken.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Conditions:
    """What the last good answer said of itself, to ask for what has changed since."""

    etag: str | None = None
    last_modified: str | None = None


NO_CONDITIONS = Conditions()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a source gave.

    `url` is where it was in the end, after redirects, and may hold keys: show it with `addresses.shown`. `media_type`
    is in lower case without parameters, or empty; `charset` is a codec that Python knows, where one was named.
    `is_unchanged` says that nothing is new since `Conditions`; the body is empty then, and after `download`.
    """

    url: str
    media_type: str
    charset: str | None
    conditions: Conditions
    is_unchanged: bool
    body: bytes


def conditional(conditions: Conditions) -> dict[str, str]:
    """The headers that ask for what is new since then."""
    asked = {"If-None-Match": _validator(conditions.etag), "If-Modified-Since": _validator(conditions.last_modified)}
    return {name: value for name, value in asked.items() if value}


def _validator(text: str | None) -> str | None:
    """What can be sent back as it came, or None."""
    sendable = text and len(text) <= LONGEST_VALIDATOR and SENDABLE.fullmatch(text)
    return text if sendable else None


def answered(url: "httpx2.URL", response: "httpx2.Response", before: Conditions) -> Answer:
    """The answer without its body. `before` are the conditions that it was asked with and keeps where it names none."""
    headers = response.headers
    kind = Message()
    kind["Content-Type"] = headers.get("content-type", "")
    conditions = Conditions(
        _validator(headers.get("etag")) or before.etag, _validator(headers.get("last-modified")) or before.last_modified
    )
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    return Answer(str(url), media_type, _charset(kind), conditions, response.status_code == NOT_CHANGED, b"")


def _charset(kind: Message) -> str | None:
    name = kind.get_content_charset()
    try:
        b"    ".decode(name or "", "replace")  # refuses what is no encoding of text, such as zip
    except (LookupError, ValueError):
        return None
    return name
