"""The pages that a sitemap lists: https://www.sitemaps.org/protocol.html"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from xml.parsers import expat

from feeds.documents import MOST_BYTES

_NAMESPACES = ("", "http://www.sitemaps.org/schemas/sitemap/0.9", "http://www.google.com/schemas/sitemap/0.84")


class NotSitemap(ValueError):
    """It cannot be read as a sitemap. The message is a part of a sentence."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A page, or another sitemap; `modified` is word by word, empty where nothing is said."""

    address: str
    modified: str
    is_sitemap: bool


def unzipped(body: bytes, max_bytes: int = MOST_BYTES) -> bytes:
    """Without the gzip that it may be in. Raises `NotSitemap` where it is broken or comes to more than that."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    unzip = zlib.decompressobj(wbits=31)
    try:
        plain = unzip.decompress(body, max_bytes + 1)
    except zlib.error as error:
        raise NotSitemap(f"its gzip is broken: {error}") from None
    if len(plain) > max_bytes:
        raise NotSitemap(f"it comes to more than {max_bytes:,} bytes")
    return plain


def is_sitemap(body: bytes) -> bool:
    """Whether its root is that of a sitemap or of an index of them."""
    beginning = body[:2_000].lower()
    return b"<urlset" in beginning or b"<sitemapindex" in beginning


def read_sitemap(body: bytes) -> list[Listed]:
    """What it lists, each once and in its order. Raises `NotSitemap`, as it does for one with entities of its own."""
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.characters
    parser.buffer_text = True
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        raise NotSitemap(f"it is not XML: {error}") from None
    except (ValueError, LookupError) as error:
        raise NotSitemap(str(error)) from None
    return list(dict.fromkeys(reader.listed()))


def _refuse_doctype(*_: object) -> None:
    raise NotSitemap("it declares a document type, which no sitemap does")


class _Reader:
    """Follows the elements of a sitemap."""

    def __init__(self) -> None:
        self._found: list[Listed] = []
        self._inside: dict[str, str] = {}
        self._text: list[str] = []

    def listed(self) -> Iterator[Listed]:
        return (each for each in self._found if each.address)

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        self._text = []
        if _local(name) in ("url", "sitemap"):
            self._inside = {}

    def characters(self, data: str) -> None:
        self._text.append(data)

    def end(self, name: str) -> None:
        local = _local(name)
        if local in ("loc", "lastmod"):
            self._inside[local] = "".join(self._text).strip()
        elif local in ("url", "sitemap"):
            self._found.append(Listed(self._inside.get("loc", ""), self._inside.get("lastmod", ""), local == "sitemap"))


def _local(name: str) -> str:
    """The name of an element of sitemaps; nothing for those of others, such as the `loc` of an image."""
    namespace, _, local = name.rpartition(" ")
    return local if namespace.rstrip("/") in _NAMESPACES else ""
