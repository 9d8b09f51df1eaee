"""Open Referral UK (HSDS-UK 3.0): what councils and charities offer, from their service directories.

The address is that of the API, whose `/services?page=1` lists services and whose `/services/{id}` gives each in
full; or that of a file with one service, a list of full ones, or an organisation with its services.

Lists carry no places, repeat their entries, and their totals lie: reading goes by identifiers, and ends at the page
that says it is the last, at an empty one, or where nothing new comes.

The full records are kept between readings (`feeds.kept`). One is asked for again when the list's `last_modified` is
another, where the list does not tell, and after a week, since a place may move without it. One that cannot be fetched
stays as it was for four weeks, unless it is there no more. How a service becomes an opportunity is in
`feeds.open_referral_service`.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from urllib.parse import quote

from feeds.answers import FetchFailed
from feeds.documents import is_not_there, is_on_web, keep_pace, open_json
from feeds.json_values import NotJson, content, fields, number, text, without
from feeds.kept import forget, forget_others, keep, last_known, unchanged
from feeds.open_referral_service import record
from feeds.reading import Bad, Feed, Format, Gone, Item, Read, SourceUnreadable

ENDED = frozenset({"inactive", "defunct", "temporarily closed"})

# Names of persons, which Doorstep has no use for; they reach neither its memory nor its quarantine.
PERSONAL = frozenset({"contacts", "contact", "attention", "assurer_email"})

CALLS, PER_SECONDS = 120, 60.0
MOST_PAGES = 2_000
# Servers that know no pages give the first one again and again.
BARREN_PAGES = 3
FAILURES_IN_A_ROW = 5

_ALL = "services"


def read(feed: Feed) -> Iterator[Read]:
    """Every service once, in full. Ends early, so that no absence is believed, when five in a row cannot be read."""
    yield from (_from_web if is_on_web(feed.address) else _from_file)(feed)


def _from_file(feed: Feed) -> Iterator[Read]:
    seen: set[str] = set()
    for place, service in enumerate(services_in(open_json(feed, feed.address)), 1):
        where = f"service {place}"
        identifier = text(fields(service).get("id"))
        if not identifier:
            yield Bad(where, "It has no id.")
        elif identifier not in seen:
            seen.add(identifier)
            yield Gone(identifier) if _has_ended(service) else _item(feed, identifier, _public(service), where)


def services_in(answer: object) -> list[object]:
    """The services in whatever of the standard's answers it is. Raises `SourceUnreadable` where there are none."""
    whole = fields(answer)
    entries = answer if isinstance(answer, list) else _contents(whole)
    if entries is None and (fields(whole.get("service")) or _SERVICE_NAMES & whole.keys()):
        entries = [answer]
    if entries is None:
        raise SourceUnreadable("It holds no services: an answer of /services or /services/{id} is asked for")
    if "services" in whole:
        by = {"organization": {name: value for name, value in whole.items() if name != "services"}}
        return [entry if fields(entry).get("organization") else {**fields(entry), **by} for entry in entries]
    return [_with_its_location(entry) for entry in entries]


# What no other answer has.
_SERVICE_NAMES = frozenset({"status", "organization", "service_at_locations"})


def _contents(answer: Mapping[str, object]) -> list[object] | None:
    # `content` is of the version before.
    found = (answer.get(name) for name in ("contents", "content", "services"))
    return next((value for value in found if isinstance(value, list)), None)


def _with_its_location(entry: object) -> object:
    """The service of a service at a location, with that location."""
    service = fields(entry).get("service")
    if not isinstance(service, dict):
        return entry
    return {**service, "service_at_locations": [{"location": fields(entry).get("location")}]}


def _from_web(feed: Feed) -> Iterator[Read]:
    keep_pace(feed, CALLS, PER_SECONDS)
    seen: set[str] = set()
    failures = 0
    for where, entry in _listing(feed):
        identifier = text(entry.get("id"))
        if not identifier:
            yield Bad(where, "It has no id.")
            continue
        if identifier in seen:
            continue
        seen.add(identifier)
        if _has_ended(entry):
            forget(feed, identifier)
            yield Gone(identifier)
            continue
        service: Mapping[str, object] | None
        try:
            service = _full(feed, identifier, text(entry.get("last_modified")))
            failures = 0
        except (FetchFailed, SourceUnreadable) as error:
            failures += not is_not_there(error)
            if failures == FAILURES_IN_A_ROW:
                raise
            yield Bad(where, f"The full record of {identifier} cannot be read: {error}")
            kept = None if is_not_there(error) else last_known(feed, identifier)
            service = None if kept is None else fields(kept)
        if service is not None:
            yield Gone(identifier) if _has_ended(service) else _item(feed, identifier, service, where)
    forget_others(feed, _ALL, seen)


def _listing(feed: Feed) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Where each entry of the lists stands and what it is, repeated ones too."""
    seen: set[str] = set()
    barren = 0
    total = 0.0
    for page in range(1, MOST_PAGES + 1):
        try:
            answer = open_json(feed, services_address(feed.address), params={"page": str(page)})
        except FetchFailed:
            # The list went on past what it said, to be sure.
            if 0 < total < page:
                return
            raise
        entries = answer if isinstance(answer, list) else _contents(fields(answer))
        if entries is None:
            raise SourceUnreadable(f"page {page} has no list of services")
        for place, entry in enumerate(entries, 1):
            yield f"page {page}, service {place}", fields(entry)
        names = {text(fields(entry).get("id")) for entry in entries} - seen
        seen |= names
        barren = 0 if names else barren + 1
        total = number(fields(answer).get("total_pages")) or 0
        if not entries or _says_it_is_last(answer, page, total) or barren == (1 if page >= total else BARREN_PAGES):
            return
    raise SourceUnreadable(f"there is no end after {MOST_PAGES:,} pages")


def _says_it_is_last(answer: object, page: int, total: float) -> bool:
    return fields(answer).get("last_page") is True and page >= total


def services_address(address: str) -> str:
    """Where the services are, from the address of the API with or without `/services`."""
    return f"{address.strip().rstrip('/').removesuffix('/services')}/services"


def _full(feed: Feed, identifier: str, modified: str) -> Mapping[str, object]:
    if (same := unchanged(feed, identifier, modified)) is not None:
        return fields(same)
    address = f"{services_address(feed.address)}/{quote(identifier, safe='')}"
    answer = open_json(feed, address)
    service = fields(_public(answer[0] if isinstance(answer, list) and answer else answer))
    if text(service.get("id")) != identifier:
        raise SourceUnreadable(f"{address} gives no service of that id")
    try:
        keep(feed, _ALL, identifier, modified, service)
    except NotJson as error:
        raise SourceUnreadable(f"{address} cannot be kept: {error}") from None
    return service


def _has_ended(service: object) -> bool:
    return text(fields(service).get("status")).lower() in ENDED


def _public(value: object) -> object:
    return without(value, PERSONAL)


def _item(feed: Feed, identifier: str, service: object, where: str) -> Item | Bad:
    try:
        return Item(identifier, content(service), partial(record, fields(service), feed.now.date()), where)
    except NotJson as error:
        return Bad(where, f"It cannot be read: {error}.")


FORMAT = Format(name="open-referral", title="Open Referral UK", read=read, is_whole=True)
