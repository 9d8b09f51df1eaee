"""schema.org JSON-LD: what providers say on their own pages for search engines to read.

The address is that of a page, of a sitemap or an index of them (also in gzip), of JSON, or of a file of any of these;
several addresses stand with spaces between. Every page is asked for as robots.txt allows, one a second.

What is there: `Event` and its subtypes, `EventSeries`, `Course`, `CourseInstance`, `JobPosting`,
`EducationalOccupationalProgram` and `WorkBasedProgram`, alone, in lists, in `@graph`, or as what a page or an
organisation is about (`feeds.json_ld`). `feeds.schema_org_record` and its neighbours make opportunities of them.

A block that cannot be read is put aside, and the others go on. What a page held is kept (`feeds.kept`): it is not asked
for again for a week while its sitemap gives it the same `lastmod`. Where a page cannot be fetched, or has a block that
cannot be read, its things stay as they were for four weeks, unless the page is there no more. So what fails takes
nothing with it, though what is absent has gone.

A thing is known by its `@id`, else by its `url`, else by its page with its type, name and date; where several of a page
share one, the date of each is put to it, or its name.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from urllib.parse import urldefrag, urljoin

from feeds.answers import FetchFailed
from feeds.documents import Document, is_not_there, is_on_web, keep_pace, open_document
from feeds.json_ld import MOST_NODES, Graph, parse_block, types, word
from feeds.json_values import NotJson, content, fields, listed, text, without
from feeds.kept import forget_others, keep, last_known, unchanged
from feeds.pages import blocks
from feeds.reading import Bad, Feed, Format, Item, Read, SourceUnreadable
from feeds.schedules import window
from feeds.schema_org_record import kind_of, record
from feeds.schema_org_thing import host, instances, title
from feeds.sitemaps import Listed, NotSitemap, is_sitemap, read_sitemap, unzipped

CALLS, PER_SECONDS = 60, 60.0
PAGE_BYTES = 8_000_000
MOST_PAGES = 5_000
MOST_SITEMAPS = 100
FAILURES_IN_A_ROW = 10

# Counters and pictures change without the thing, and contact points name persons.
PASSING = frozenset(
    {"interactionStatistic", "aggregateRating", "review", "image", "contactPoint", "applicationContact"}
)

# What a part has from the event that it belongs to.
INHERITED = ("organizer", "provider", "location", "offers")

_PUBLISHERS = ("Organization", "School", "College", "University", "Business", "WebSite", "Library", "Museum", "NGO")
_PAGES = "pages"

# A name that several may share, and the thing with its page and who publishes it.
Thing = tuple[str, dict[str, object]]


def read(feed: Feed) -> Iterator[Read]:
    """Everything that is found in the source's pages, each thing once."""
    if any(is_on_web(address) for address in _addresses(feed)):
        keep_pace(feed, CALLS, PER_SECONDS)
    seen: set[str] = set()
    pages: set[str] = set()
    for address in _addresses(feed):
        for found in _from_address(feed, address, pages):
            if not isinstance(found, Item) or found.identifier not in seen:
                yield found
            if isinstance(found, Item):
                seen.add(found.identifier)
    forget_others(feed, _PAGES, pages)


def _addresses(feed: Feed) -> list[str]:
    parts = feed.address.split()
    return parts if parts and all(map(is_on_web, parts)) else [feed.address]


def _from_address(feed: Feed, address: str, pages: set[str]) -> Iterator[Read]:
    document = _open(feed, address)
    if is_sitemap(document.body):
        yield from _from_sitemap(feed, document, pages)
        return
    pages.add(address)
    found = list(_from_page(feed, document, address, ""))
    yield from found or [Bad(address, "It holds no JSON-LD with an event, a course, a programme or a job.")]


def _open(feed: Feed, address: str) -> Document:
    document = open_document(
        feed, address, max_bytes=PAGE_BYTES, **({"obey_robots": True} if is_on_web(address) else {})
    )
    try:
        body = unzipped(document.body)
    except NotSitemap as error:
        raise SourceUnreadable(f"{address} cannot be read: {error}") from None
    return Document(document.address, body, document.media_type, document.charset)


# Sitemaps


def _from_sitemap(feed: Feed, sitemap: Document, names: set[str]) -> Iterator[Read]:
    failures = 0
    for listed_page in _pages(feed, sitemap):
        address = listed_page.address
        if address in names:
            continue
        if len(names) == MOST_PAGES:
            raise SourceUnreadable(f"its sitemaps list more than {MOST_PAGES:,} pages: name one that lists fewer")
        names.add(address)
        kept = unchanged(feed, address, listed_page.modified)
        if kept is not None:
            yield from _items(feed, listed(kept), address)
            continue
        try:
            yield from list(_from_page(feed, _open(feed, address), address, listed_page.modified))
            failures = 0
        except (FetchFailed, SourceUnreadable) as error:
            failures += not is_not_there(error)
            if failures == FAILURES_IN_A_ROW:
                raise SourceUnreadable(f"{failures} pages in a row cannot be read, the last since {error}") from None
            yield Bad(address, f"The page cannot be read: {error}")
            if not is_not_there(error):
                yield from _items(feed, listed(last_known(feed, address)), address)


def _pages(feed: Feed, first: Document) -> Iterator[Listed]:
    """The pages of a sitemap and of those that it lists, each once. One that cannot be read ends the reading."""
    waiting, known, count = [first], {first.address}, 0
    pages: set[str] = set()
    while waiting:
        sitemap = waiting.pop(0)
        for each in _listed(sitemap):
            address = urldefrag(each.address).url
            if each.is_sitemap and address not in known:
                known.add(address)
                count += 1
                if count > MOST_SITEMAPS:
                    raise SourceUnreadable(f"{first.address} lists more than {MOST_SITEMAPS} sitemaps")
                waiting.append(_open(feed, address))
            elif not each.is_sitemap and address not in pages and is_on_web(address):
                pages.add(address)
                yield Listed(address, each.modified, False)


def _listed(sitemap: Document) -> list[Listed]:
    """What is of its own host, as the protocol asks; a file may list any."""
    try:
        found = read_sitemap(sitemap.body)
    except NotSitemap as error:
        raise SourceUnreadable(f"{sitemap.address} cannot be read as a sitemap: {error}") from None
    if not is_on_web(sitemap.address):
        return found
    return [each for each in found if host(each.address) == host(sitemap.address)]


# Pages


def _from_page(feed: Feed, document: Document, address: str, modified: str) -> Iterator[Read]:
    """What a page holds; what only a broken block of it could hold stays as it was."""
    found, bad = things_in(document)
    yield from bad
    if bad:
        names = {text(fields(thing).get("name")) for thing in found}
        before = listed(last_known(feed, address))
        found += [thing for thing in before if text(fields(thing).get("name")) not in names]
    else:
        try:
            keep(feed, _PAGES, address, modified, found)
        except NotJson as error:
            yield Bad(address, f"It cannot be kept: {error}.")
    yield from _items(feed, found, address)


def things_in(document: Document) -> tuple[list[object], list[Bad]]:
    """What a page describes, as JSON that can be kept: each with its name, its page and who publishes it; and what is
    broken.
    """
    roots: list[object] = []
    bad: list[Bad] = []
    for place, block in enumerate(_blocks(document), 1):
        try:
            roots.append(parse_block(block))
        except NotJson as error:
            bad.append(Bad(f"{document.address}, block {place}", f"It is not JSON: {error}.", block))
    graph = Graph(roots)
    if graph.is_cut:
        bad.append(Bad(document.address, f"It describes more than {MOST_NODES:,} things: the rest is left out."))
    publisher = _publisher(graph)
    page = document.address if is_on_web(document.address) else ""
    own = [(node, parent, graph.whole(node)) for node, parent in graph.things() if kind_of(node) is not None]
    parts = _parts([whole for _, _, whole in own])
    found: list[Thing] = []
    for node, parent, whole in own:
        if _is_part(node, parent) or text(node.get("@id")) in parts:
            continue
        above = fields(whole.get("superEvent")) or (graph.whole(parent) if kind_of(parent) else {})
        whole["superEvent"] = {name: above[name] for name in INHERITED if name in above}
        by = word(parent.get("name")) if _publishes(parent) else ""
        thing = fields(without(whole, PASSING))
        found.append((_name(thing, page), {"node": thing, "page": page, "publisher": by or publisher}))
    return _named(found), bad


def _blocks(document: Document) -> Iterator[str]:
    body = document.body.lstrip(b"\xef\xbb\xbf \t\r\n")
    if "json" in document.media_type or body[:1] in (b"{", b"["):
        yield _decoded(document)
    else:
        yield from blocks(_decoded(document))


def _decoded(document: Document) -> str:
    """The text of a page, by what its answer says or in UTF-8, else in Windows-1252, as browsers take it."""
    for charset in (document.charset, "utf-8-sig"):
        try:
            return document.body.decode(charset or "utf-8-sig")
        except (ValueError, LookupError):
            continue
    return document.body.decode("cp1252", "replace")


def _is_part(node: object, parent: object) -> bool:
    """Whether it is a date of what it stands in rather than a thing of its own."""
    name = word(fields(node).get("name"))
    return kind_of(fields(parent)) is not None and name in ("", word(fields(parent).get("name")))


def _parts(things: list[dict[str, object]]) -> set[str]:
    """The names of what is described by itself though it is a date of another thing."""
    found: set[str] = set()
    for thing in things:
        parts = [part for name in ("subEvent", "subEvents") for part in map(fields, listed(thing.get(name)))]
        found |= {text(part.get("@id")) for part in parts if len(part) > 1 and _is_part(part, thing)}
        found |= {text(each.get("@id")) for each in instances(thing)}
    return found - {""}


def _publishes(node: object) -> bool:
    return any(kind.endswith(_PUBLISHERS) for kind in types(fields(node)))


def _publisher(graph: Graph) -> str:
    """The one organisation that the page describes, else the one site."""
    published = [(types(node), word(node.get("name"))) for node, _ in graph.things() if _publishes(node)]
    for is_site in (False, True):
        names = {name for kinds, name in published if name and ("WebSite" in kinds) is is_site}
        if len(names) == 1:
            return names.pop()
    return ""


def _name(node: Mapping[str, object], page: str) -> str:
    for own in (text(node.get("@id")), text(node.get("url"))):
        if own and not own.startswith("_:"):
            try:
                return urljoin(page, own)
            except ValueError:
                continue
    return f"{page}#{_digest(node)}"


def _digest(node: Mapping[str, object]) -> str:
    said = "|".join((*types(node), title(node), text(node.get("startDate"))))
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _named(found: list[Thing]) -> list[object]:
    """Each with a name of its own: the date is put to those that several share, and where that is shared too, more."""
    shared = Counter(name for name, _ in found)
    dates = Counter((name, _start(thing)) for name, thing in found)
    named: dict[str, object] = {}
    for name, thing in found:
        if shared[name] > 1:
            own = _start(thing) if dates[name, _start(thing)] == 1 else ""
            name = f"{name}#{own or _digest(fields(thing.get('node')))}"
        short = name if len(name) <= 200 else f"{name[:100]}#{hashlib.sha256(name.encode()).hexdigest()}"
        named.setdefault(short, {"name": short, **thing})
    return list(named.values())


def _start(thing: Mapping[str, object]) -> str:
    return text(fields(thing.get("node")).get("startDate"))


def _items(feed: Feed, found: list[object], where: str) -> Iterator[Item | Bad]:
    seen = window(feed.now)
    for thing in map(fields, found):
        name, page = text(thing.get("name")), text(thing.get("page"))
        node = fields(thing.get("node"))
        make = partial(record, node, page, text(thing.get("publisher")), seen)
        # What repeats is read anew when the window has moved.
        until = seen.last.isoformat().encode() if node.get("eventSchedule") else b""
        try:
            yield Item(name, content(thing) + until, make, where)
        except NotJson as error:
            yield Bad(where, f"{name} cannot be read: {error}.")


FORMAT = Format(name="schema-org", title="schema.org JSON-LD", read=read, is_whole=True, is_conditional=True, version=2)
