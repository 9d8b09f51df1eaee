"""Where a list goes on: the place of its last entry in its order, as a text that means nothing to whoever holds it.

A place stays right while things are added and removed around it, which the number of a page does not. The text ends
with a digest of itself and of the list that it belongs to, so that one of another search, or one that was changed,
is refused and not answered wrongly. There is no secret in it: who makes one of their own learns nothing that asking
for the list would not say.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from hashlib import sha256
from math import isfinite

MOST_CHARACTERS = 1_000
DIGEST_BYTES = 9
_PURPOSE = b"doorstep cursor 1"

Value = str | int | float | bool | None


class NoSuchPlace(ValueError):
    """A text that is no cursor of this list."""


def write(of: str, place: Sequence[Value]) -> str:
    """The cursor of a place in a list. `of` says which list that is."""
    said = json.dumps(place, separators=(",", ":")).encode()
    return urlsafe_b64encode(_digest(of, said) + said).decode().rstrip("=")


def read(of: str, text: str) -> list[Value]:
    """The place that a cursor says.

    Raises:
        NoSuchPlace: it was not written by `write` for this list.
    """
    if len(text) > MOST_CHARACTERS or not text.isascii():
        raise NoSuchPlace
    try:
        whole = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        digest, said = whole[:DIGEST_BYTES], whole[DIGEST_BYTES:]
        if digest != _digest(of, said):
            raise NoSuchPlace
        found = json.loads(said)
    except ValueError as error:
        raise NoSuchPlace from error
    if not isinstance(found, list) or not all(_is_plain(each) for each in found):
        raise NoSuchPlace
    return found


def _is_plain(value: object) -> bool:
    """Whether a value may stand in a query: no number is larger than a database's."""
    if isinstance(value, float):
        return isfinite(value)
    if isinstance(value, int):
        return abs(value) < 2**62
    return value is None or (isinstance(value, str) and "\0" not in value)


def _digest(of: str, said: bytes) -> bytes:
    return sha256(b"\0".join((_PURPOSE, of.encode(), said))).digest()[:DIGEST_BYTES]
