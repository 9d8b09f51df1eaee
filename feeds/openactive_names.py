"""What OpenActive's items are called, and which others they name.

The rules that `feeds.openactive` describes. Everything takes data that
`feeds.openactive_record.plain` has made, with its type.
"""

import hashlib
from collections.abc import Iterator
from typing import Any

from feeds.openactive_record import Data, objects

# What is part of another opportunity if it names one, and where it does. All others stand by themselves; a
# SessionSeries too, whose EventSeries only describes it: the series may be in many towns.
BELONGS = {
    "ScheduledSession": "superEvent",
    "Event": "superEvent",
    "Slot": "facilityUse",
    "IndividualFacilityUse": "aggregateFacilityUse",
}
# Types whose `@id` may name one another.
_FAMILIES = {
    "SessionSeries": "session",
    "ScheduledSession": "session",
    "FacilityUse": "facility",
    "IndividualFacilityUse": "facility",
    "Slot": "facility",
    "Place": "place",
    "Course": "course",
}
_LONGEST_NAME = 200


def type_of_kind(kind: str) -> str:
    """`SessionSeries.ScheduledSession` holds sessions within their series; `FacilityUse/Slot` is a slot."""
    return kind.split("/")[-1].split(".")[0]


def own_name(data: Data, name: str) -> str:
    """What others call an item; where it has no `@id`, the name of its part."""
    return reference(data.get("id"), family(data)) or name


def whole_name(data: Data, name: str) -> str:
    """The name of the opportunity that an item is part of: its own where it stands by itself."""
    return _parent_name(data, name) or own_name(data, name)


def described_by(data: Data) -> Iterator[tuple[str, Data]]:
    """The names of other items that say more about this one, each with the object whose `location` it is, if so."""
    if data["type"] not in BELONGS and is_bare(above := data.get("superEvent")):
        yield from _named(above, "event", {})
    if is_bare(course := data.get("instanceOfCourse")):
        yield from _named(course, "course", {})
    for key, holder in [("location", data), *(("containedInPlace", each) for each in objects(data.get("location")))]:
        if is_bare(holder.get(key)):
            yield from _named(holder[key], "place", holder)


def is_bare(said: Any) -> bool:
    """Whether it only says which thing is meant, and nothing of it."""
    if isinstance(said, dict):
        return bool(said.get("id")) and not said.keys() - {"type", "id", "identifier"}
    return isinstance(said, str) and said.strip().startswith(("http://", "https://"))


def digest(text: str) -> str:
    """32 letters and digits that stand for a text."""
    return hashlib.blake2b(text.encode(errors="replace"), digest_size=16).hexdigest()


def name_of(*words: str) -> str:
    """The words as one name of at most 200 characters."""
    text = " ".join(words).encode(errors="replace").decode().replace("\0", "")
    return text if len(text) <= _LONGEST_NAME else f"{text[: _LONGEST_NAME - 33]} {digest(text)}"


def _parent_name(data: Data, name: str) -> str | None:
    above = data.get(BELONGS.get(data["type"], ""))
    above = next(iter(above), None) if isinstance(above, list) else above
    if not isinstance(above, dict):
        return reference(above, family(data))
    if found := reference(above.get("id"), family(data)):
        return found
    # Without an `@id` its other identifier joins the sessions that hold it, within this feed.
    other = above.get("identifier")
    is_one = isinstance(other, str | int) and not isinstance(other, bool) and other != ""
    return name_of(name.split(" ")[0], family(data), str(other)) if is_one else None


def family(data: Data) -> str:
    """The types whose `@id` may name one another: those of sessions, of facilities, of events..."""
    return _FAMILIES.get(data.get("type") or "", "event")


def reference(said: Any, family: str) -> str | None:
    """What an `@id` says, as a name."""
    if isinstance(said, bool) or not isinstance(said, str | int) or not str(said).strip():
        return None
    text = str(said).strip()
    return name_of(text) if text.startswith(("http://", "https://")) else name_of(family, text)


def _named(said: Any, family: str, holder: Data) -> Iterator[tuple[str, Data]]:
    if name := reference(said.get("id") if isinstance(said, dict) else said, family):
        yield name, holder
