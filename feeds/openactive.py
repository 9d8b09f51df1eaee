"""OpenActive: sport and community activity, as RPDE feeds of Modelling Opportunity Data 2.0.

A dataset comes as several feeds, such as one of SessionSeries and one of their
ScheduledSessions, each paged by itself and in any order. A source's address is
one or several of them; a file holds one page. Each item is kept as a part:

- its identifier is made of feed, kind and id, for that is all that a deletion
  says, and ids are only unique within those;
- its parent is the name of the opportunity that it is a part of: the `@id` of
  the series, event or facility. An item that stands by itself has its own name
  for a parent, so that `children(name)` is everything of one opportunity.

That name is the identifier under which the opportunity is given. Where an item
has no `@id`, it is the part's identifier; an `@id` that is no address of the web
is only unique within its family of types, so the family stands before it. What
changed in a page is given once after it, whole. A session whose series is not
known yet waits, unless it holds its series: then that stands in for it. The
`modified` of an item is not looked at: what comes later in a feed is newer.

Two small parts help. `alias` says that what belongs to one name (a court) belongs
to another (the tennis courts it is one of). `link` says that an opportunity is
described by another item, such as a place in a feed of places, and has to be put
together anew when that changes.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from catalogue.words import Kind, Layer
from feeds import rpde, schedules
from feeds.answers import FetchFailed
from feeds.openactive_names import (
    BELONGS,
    described_by,
    digest,
    family,
    is_bare,
    name_of,
    own_name,
    reference,
    type_of_kind,
    whole_name,
)
from feeds.openactive_record import (
    Data,
    When,
    Whole,
    embedded_above,
    embedded_below,
    objects,
    plain,
    record,
    schedules_of,
    sitting_of,
    type_of,
    when,
)
from feeds.reading import Bad, Feed, Format, Gone, Item, Mark, Part, Read, SourceUnreadable
from feeds.record import OpportunityRecord, Refused

KINDS: dict[str, tuple[Kind, Layer]] = {
    # One goes along and takes part, most often every week.
    "SessionSeries": (Kind.WORKSHOP, Layer.PARTICIPATE),
    "ScheduledSession": (Kind.WORKSHOP, Layer.PARTICIPATE),
    "CourseInstance": (Kind.COURSE, Layer.PARTICIPATE),
    "Event": (Kind.EVENT, Layer.PARTICIPATE),
    "EventSeries": (Kind.EVENT, Layer.PARTICIPATE),
    # A festival, a run, a day of many things: one comes to see.
    "HeadlineEvent": (Kind.EVENT, Layer.ENGAGE),
    "OnDemandEvent": (Kind.ONLINE, Layer.PARTICIPATE),
    # A court or a pitch to hire: nobody teaches or leads, so it tells what there is.
    "FacilityUse": (Kind.INFORMATION, Layer.ENGAGE),
    "IndividualFacilityUse": (Kind.INFORMATION, Layer.ENGAGE),
}
EXPAND_AGAIN = timedelta(weeks=4)
# A session that has ended is kept so long: publishers may drop it without saying so.
KEEP_ENDED = timedelta(days=7)
_MOST_BELOW = 20
_HIGHEST = 3


@dataclass(slots=True)
class _Touched:
    """The names of what changed, in order, each with where it was; those that lost something; and its tombstones."""

    names: dict[str, str] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    tombstones: set[str] = field(default_factory=set)

    def changed(self, names: Iterable[str], where: str) -> None:
        self.names.update(dict.fromkeys(names, where))


def read(feed: Feed) -> Iterator[Read]:
    """What is new in a source's feeds, with a mark after each page.

    A feed that cannot be read does not keep the others from being read; its
    failure is raised at the end.
    """
    yield from _due(feed)
    failures: list[SourceUnreadable | FetchFailed] = []
    for address in _addresses(feed.address):
        try:
            yield from _feed(feed, address)
        except (SourceUnreadable, FetchFailed) as error:
            failures.append(error)
    if failures:
        raise failures[0]


def _addresses(address: str) -> list[str]:
    return address.split() if "://" in address else [address]


def _feed(feed: Feed, address: str) -> Iterator[Read]:
    if "://" not in address:
        yield from _page(feed, address, rpde.page_of_file(Path(address)))
        return
    for page in rpde.pages(feed.fetcher, address, feed.marks.get(address)):
        yield from _page(feed, address, page)
        if page.next is not None:
            yield Mark(address, page.next)


def _page(feed: Feed, address: str, page: rpde.Page) -> Iterator[Read]:
    touched = _Touched()
    for number, item in enumerate(page.items, 1):
        where = f"page {page.number}, item {number}"
        if reason := _keep(feed, address, item, where, touched):
            yield Bad(where, reason, _shown(item))
    yield from _settle(feed, touched)


def _keep(feed: Feed, address: str, item: Any, where: str, touched: _Touched) -> str | None:
    """Take one item of a page in: what it changes goes to `touched`. Answers what is wrong with it."""
    if not isinstance(item, dict):
        return "It is not an object."
    kind, identifier = item.get("kind"), item.get("id")
    if not isinstance(identifier, str | int) or isinstance(identifier, bool) or identifier == "":
        return "It has no id."
    if not isinstance(kind, str):
        return "It has no kind."
    name = name_of(digest(address)[:8], kind, str(identifier))
    if item.get("state") == "deleted":
        _forget(feed, name, where, touched)
        return None
    if not isinstance(item.get("data"), dict):
        return "It has no data, and is not deleted."
    _put(feed, name, plain(item["data"]), kind, where, touched)
    return None


def _shown(item: Any) -> str:
    try:
        return json.dumps(item)[:2_000]
    except RecursionError:
        return ""


def _put(feed: Feed, name: str, data: Data, kind: str, where: str, touched: _Touched) -> None:
    data["type"] = type_of(data) or plain(type_of_kind(kind))
    own, whole = own_name(data, name), whole_name(data, name)
    parts = {name: Part(name, whole, _content(own, data), _again_at(feed, own == whole, data))}
    parts |= {part.identifier: part for part in _helpers(name, own, whole, data)}
    before = feed.parts.get(name)
    if before:
        if before.parent != whole:
            _bury(feed, name_of("moved", name), before.parent or name, where, touched)
        for helper in _helpers_of(before):
            if helper.identifier not in parts:
                feed.parts.forget(helper.identifier)
    for part in parts.values():
        feed.parts.put(part)
    touched.tombstones.discard(name)
    touched.changed([whole], where)


def _forget(feed: Feed, name: str, where: str, touched: _Touched) -> None:
    before = feed.parts.get(name)
    if before:
        for helper in _helpers_of(before):
            feed.parts.forget(helper.identifier)
        _bury(feed, name, before.parent or name, where, touched)


def _bury(feed: Feed, name: str, whole: str, where: str, touched: _Touched) -> None:
    """Note that an opportunity has lost a part. It has to be put together anew, and may have gone.

    A tombstone stands in the part's place until that is given: a reading that is
    interrupted before finds it due at the next.
    """
    feed.parts.put(_tombstone(feed, name, whole))
    touched.tombstones.add(name)
    touched.changed([whole], where)
    touched.lost.add(whole)


def _tombstone(feed: Feed, name: str, whole: str) -> Part:
    return Part(name, whole, _content("", {}), feed.now)


def _helpers(name: str, own: str, whole: str, data: Data) -> Iterator[Part]:
    """The aliases and links that come with an item."""
    if data["type"] == "IndividualFacilityUse" and own != whole:
        yield _alias(own, whole)
    for use in objects(data.get("individualFacilityUse")) if own == whole else ():
        court = reference(use.get("id"), "facility")
        if court and court != whole:
            yield _alias(court, whole)
    for other in dict.fromkeys(found for found, _place in described_by(data)):
        yield Part(name_of("link", digest(name + other)), other, _content(own, {"to": whole}))


def _alias(own: str, whole: str) -> Part:
    return Part(name_of("alias", own), whole, _content(own, {"alias": own}))


def _helpers_of(part: Part) -> Iterator[Part]:
    kept = _read(part)
    if "type" in kept["data"]:
        yield from _helpers(part.identifier, kept["own"], part.parent or part.identifier, kept["data"])


def _again_at(feed: Feed, is_own: bool, data: Data) -> datetime | None:
    """When a part has to be looked at again: its schedule reaches beyond what is expanded, or it will have ended."""
    seen = schedules.window(feed.now)
    above = list(embedded_above(data))
    found = []
    if any(schedules.goes_on(schedule.rule, seen) for schedule in schedules_of(data, above)):
        found.append(feed.now + EXPAND_AGAIN)
    if not is_own and (sitting := sitting_of(data)):
        found.append(max(sitting.ends_at, feed.now) + KEEP_ENDED)
    return min(found, default=None)


def _due(feed: Feed) -> Iterator[Read]:
    """What time alone has changed: schedules that reach further now, sessions that ended a while ago.

    And what an interrupted reading has left to be given. When to look again is only set after it is given.
    """
    wholes = dict.fromkeys(part.parent or part.identifier for part in feed.parts.due(feed.now))
    for whole in wholes:
        touched = _Touched({whole: "known before"}, {whole})
        again = _renew(feed, whole, touched)
        yield from _settle(feed, touched)
        for part in again:
            feed.parts.put(part)


def _renew(feed: Feed, whole: str, touched: _Touched) -> list[Part]:
    """Bury the sessions that ended a while ago. Answers the other parts that were due, with their next time.

    The last session is kept if no other is left: without any, a series that is over would have no date at all.
    """
    parts = [(part, _read(part)) for part in feed.parts.children(whole)]
    sessions = {part.identifier: sitting_of(kept["data"]) for part, kept in parts if kept["own"] != whole}
    ended = [
        (sitting.ends_at, name)
        for name, sitting in sessions.items()
        if sitting and sitting.ends_at + KEEP_ENDED <= feed.now
    ]
    left = sum(sitting is not None for sitting in sessions.values()) - len(ended)
    forgotten = {name for _ends_at, name in sorted(ended)[: None if left else -1]}
    again = []
    for part, kept in parts:
        if part.identifier in forgotten:
            _forget(feed, part.identifier, "known before", touched)
        elif "type" not in kept["data"] and part.again_at:
            touched.tombstones.add(part.identifier)
        elif part.again_at and part.again_at <= feed.now:
            again_at = _again_at(feed, kept["own"] == whole, kept["data"])
            again.append(Part(part.identifier, part.parent, part.content, again_at))
    return again


def _settle(feed: Feed, touched: _Touched) -> Iterator[Read]:
    """Give each opportunity that something changed in, once."""
    known: dict[str, list[Part]] = {}
    wholes: dict[str, str] = {}
    lost = set(touched.lost)
    for name, where in touched.names.items():
        top = _top(feed, name)
        wholes[top] = where
        known[top] = feed.parts.children(top)
        described = (_read(part)["data"].get("to") for part in known[top])
        wholes |= {_top(feed, to): where for to in described if to}
        if name in lost:
            lost.add(top)
    for name, where in wholes.items():
        if whole := _whole(feed, known.get(name) or feed.parts.children(name), name):
            yield Item(name, _dump(_account(whole)), partial(_record, whole), where)
        elif name in lost:
            yield Gone(name)
    for name in sorted(touched.tombstones):
        feed.parts.forget(name)


def _top(feed: Feed, name: str) -> str:
    """The name of the opportunity that what has this name belongs to."""
    for _ in range(_HIGHEST):
        alias = feed.parts.get(name_of("alias", name))
        if not alias or not alias.parent:
            break
        name = alias.parent
    return name


def _whole(feed: Feed, parts: list[Part], name: str) -> Whole | None:
    """One opportunity put together from its parts, or None where that which would hold them is not known."""
    root: Data | None = None
    held: list[Data] = []
    for part in parts:
        kept = _read(part)
        data = kept["data"]
        if "alias" in data:
            held += _slots(feed, data["alias"])
        elif kept["own"] == name and "to" not in data:
            root = root or data
        elif data.get("type") in BELONGS and data["type"] != "IndividualFacilityUse":
            held.append(data)
    root = root or _held_root(held)
    return _described(feed, root, held) if root else None


def _slots(feed: Feed, name: str) -> list[Data]:
    """The slots of a court that belongs to a facility."""
    found = (_read(part)["data"] for part in feed.parts.children(name))
    return [data for data in found if data.get("type") == "Slot"]


def _held_root(held: list[Data]) -> Data | None:
    """The series as the last of its sessions holds it."""
    for data in sorted(held, key=_start, reverse=True):
        for above in objects(data.get(BELONGS.get(data["type"], "")))[:1]:
            if not is_bare(above) and above.keys() - {"type", "id", "identifier"}:
                type_name = type_of(above) or {"session": "SessionSeries", "facility": "FacilityUse"}.get(family(data))
                return {**above, "type": type_name or "EventSeries"}
    return None


def _described(feed: Feed, root: Data, held: list[Data]) -> Whole:
    known = {data["id"] for data in held if isinstance(data.get("id"), str)}
    held += [data for data in embedded_below(root) if not isinstance(data.get("id"), str) or data["id"] not in known]
    root, above = _resolved(feed, root)
    found = when(root, above, held, feed.now)
    return Whole(root, tuple(above), tuple(_some(feed, held)), found)


def _resolved(feed: Feed, data: Data) -> tuple[Data, list[Data]]:
    """An item with its place put in where it only names it, and all that describes it from above."""
    data = {"type": "Event", **data}
    if not any(described_by(data)):
        return data, list(embedded_above(data))
    data = json.loads(_dump(data))
    above = list(embedded_above(data))
    for name, holder in list(described_by(data)):
        other = _by_own_name(feed, name)
        if other is None:
            continue
        if holder is data:
            data["location"] = other
        elif holder:
            holder["containedInPlace"] = other
        else:
            above += [other, *embedded_above(other)]
    return data, above


def _by_own_name(feed: Feed, name: str) -> Data | None:
    kept = map(_read, feed.parts.children(name))
    return next((each["data"] for each in kept if each["own"] == name and "type" in each["data"]), None)


def _some(feed: Feed, held: list[Data]) -> list[Data]:
    """The first few sessions to come, or the last that were: they may say what the whole does not."""
    now = feed.now.isoformat()
    in_order = sorted(held, key=_start)
    to_come = [data for data in in_order if _start(data) >= now[:10]]
    return [_resolved(feed, data)[0] for data in (to_come or in_order[-_MOST_BELOW:])[:_MOST_BELOW]]


def _start(data: Data) -> str:
    start = data.get("startDate")
    return start if isinstance(start, str) else ""


def _record(whole: Whole) -> OpportunityRecord:
    kind = KINDS.get(whole.root["type"])
    if not kind:
        raise Refused(f"Its type, {whole.root['type'][:60]}, is not one that a person can do by itself.")
    return record(whole, *kind)


def _account(whole: Whole) -> Any:
    found: When = whole.when
    moments = [[sitting.starts_at.isoformat(), sitting.ends_at.isoformat()] for sitting in found.sittings]
    return [whole.root, whole.above, whole.below, moments, found.is_full, found.reason]


def _content(own: str, data: Data) -> bytes:
    return _dump({"own": own, "data": data})


def _read(part: Part) -> Any:
    return json.loads(part.content.decode())


def _dump(said: Any) -> bytes:
    return json.dumps(said, sort_keys=True, separators=(",", ":")).encode()


FORMAT = Format(name="openactive", title="OpenActive", read=read, is_whole=False)
