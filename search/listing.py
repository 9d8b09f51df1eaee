"""A search as one list, page by page: by the number of a page, or from a place in the list on.

A page by its number shifts while things are added and removed. A place does not: it is the key of the last entry in
the order of the list, with all that would change what the list is if it were found anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from catalogue import queries
from catalogue.filters import Filters
from catalogue.nearest import Hit, Key, nearest_after
from catalogue.queries import COUNT_BOUND
from gazetteer.locate import Located
from search.forms import Sort


@dataclass(frozen=True, slots=True)
class Place:
    """Where a list goes on.

    `number` is that of the last entry, and `key` its key in the order. `radius_miles` is how far the list looks, and
    `any_will_do` whether some of the words are enough. `now` is the minute by which "soonest" goes, that of its first
    page; other orders have none, so that the same place is always written the same. `bound` is the key by distance of
    the farthest that takes part in an order that takes in the nearest only; None if they all do.
    """

    number: int
    radius_miles: float
    any_will_do: bool
    now: datetime | None
    key: Key
    bound: Key | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """Where and for what a list looks. `hits` are the nearest, at most `COUNT_BOUND`, by distance."""

    located: Located
    filters: Filters
    hits: Sequence[Hit]
    sort: Sort | None


def first(session: Session, look: Look, most: int) -> tuple[list[tuple[Key, Hit]], Key | None]:
    """The list, or more than its first `most`, with the key of each, and the `bound` of those that take part."""
    if look.sort in (Sort.SOONEST, Sort.NEWEST):
        bound = _by_distance(look.hits[-1]) if len(look.hits) >= COUNT_BOUND else None
        return _by_moment(session, look, look.hits, minute(look)), bound
    if _is_by_words(look):
        return nearest_after(session, look.located, look.filters, min(most + 1, COUNT_BOUND)), None
    return [(_by_distance(hit), hit) for hit in look.hits], None


def after(session: Session, look: Look, place: Place, most: int) -> list[tuple[Key, Hit]]:
    """What comes after a place, at most so many."""
    if look.sort in (Sort.SOONEST, Sort.NEWEST):
        # What was added since is among them, if it is near enough.
        hits = nearest_after(session, look.located, look.filters, 2 * COUNT_BOUND, by_distance=True)
        taking_part = [hit for key, hit in hits if place.bound is None or key <= place.bound]
        ordered = _by_moment(session, look, taking_part, place.now)
        return [(key, hit) for key, hit in ordered if key > place.key][:most]
    by_distance = not _is_by_words(look)
    return nearest_after(session, look.located, look.filters, most, by_distance, place.key)


def _is_by_words(look: Look) -> bool:
    return look.sort is None and look.filters.words is not None


def minute(look: Look) -> datetime | None:
    """The `now` of the places of a list whose first page this is."""
    return look.filters.now.replace(second=0, microsecond=0) if look.sort is Sort.SOONEST else None


def _by_moment(session: Session, look: Look, hits: Sequence[Hit], now: datetime | None) -> list[tuple[Key, Hit]]:
    if look.sort is Sort.SOONEST:
        return queries.by_soonest(session, hits, replace(look.filters, now=now or look.filters.now))
    return queries.by_newest(session, hits)


def _by_distance(hit: Hit) -> Key:
    return hit.distance_m, hit.opportunity_id
