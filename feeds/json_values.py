"""JSON of other people: taken as it is, with nothing believed about what stands where.

Each function takes whatever stood in a place and gives the type asked for, or what is empty of that type, so that
a number where a text should be is a missing text and no crash.
"""

import json
import math
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

# Databases take none of these in a text.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_SECRETS_DEPTH = 40
_MOST_PENCE = 100_000_000


class NotJson(ValueError):
    """It is not JSON, or nested past reading. The message is a part of a sentence."""


def parse(body: bytes | str, *, is_strict: bool = True) -> object:
    """What JSON says. NaN and the infinities, which JSON has not, are none.

    Bytes are in UTF-8, 16 or 32; failing that in Windows-1252, which old systems still send. Where it is not strict,
    texts may go over several lines. Raises `NotJson`.
    """
    written = body if isinstance(body, str) else _decoded(body)
    try:
        return json.loads(written, parse_constant=lambda _: None, strict=is_strict)
    except RecursionError:
        raise NotJson("it is nested too deeply") from None
    except ValueError as error:
        raise NotJson(str(error)) from None


def _decoded(body: bytes) -> str:
    try:
        return body.decode(json.detect_encoding(body)).removeprefix("\ufeff")
    except ValueError:
        return body.decode("cp1252", "replace")


def content(value: object) -> bytes:
    """The same bytes for the same JSON, in whatever order its names stand. Raises `NotJson`."""
    try:
        return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
    except (RecursionError, ValueError):
        raise NotJson("it is nested too deeply") from None


def fields(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def listed(value: object) -> list[object]:
    """A list as it is, one thing as a list of it, nothing as an empty one."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def text(value: object) -> str:
    """Without what stands around it and what no database takes; a number becomes its digits."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value) if abs(value) < 1e15 else ""
    return _UNPRINTABLE.sub("", value).strip() if isinstance(value, str) else ""


def number(value: object) -> float | None:
    """A finite number, also where it is written as a text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        read = float(value)
    except (ValueError, OverflowError):
        return None
    return read if math.isfinite(read) else None


def pence(value: object) -> int | None:
    """Pounds, as a number or in words such as "£1,250.50", in pence; none for what is no price."""
    written = text(value).replace(",", "").replace("£", "").removesuffix(".").strip()
    try:
        amount = Decimal(written) * 100
        return round(amount) if 0 <= amount <= _MOST_PENCE else None
    except InvalidOperation:
        return None


def years(value: object) -> int | None:
    """An age in whole years that a person can have; 0 says nothing and is none."""
    read = number(value)
    return int(read) if read is not None and 1 <= read <= 120 else None


def ages(low: object, high: object) -> tuple[int | None, int | None]:
    """The youngest and the oldest; both none where they stand the wrong way round."""
    youngest, oldest = years(low), years(high)
    if youngest is not None and oldest is not None and youngest > oldest:
        return None, None
    return youngest, oldest


def web_address(value: object) -> str | None:
    """An address that a link may lead to, of http or https; one that begins with `www.` is taken for https."""
    written = text(value)
    if written.lower().startswith("www."):
        written = f"https://{written}"
    return written if re.match(r"https?://[^\s/]+\S*$", written, re.IGNORECASE) else None


def paragraphs(*texts: str) -> str:
    """Those that say something, each once, with a line between."""
    return "\n\n".join(dict.fromkeys(filter(None, texts)))


def without(value: object, names: frozenset[str], depth: int = 0) -> object:
    """The same without what stands under these names, wherever it stands; nor what is nested past reading."""
    if depth > _SECRETS_DEPTH:
        return None
    if isinstance(value, dict):
        return {name: without(inner, names, depth + 1) for name, inner in value.items() if name not in names}
    if isinstance(value, list):
        return [without(inner, names, depth + 1) for inner in value]
    return value
