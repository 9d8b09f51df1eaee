"""The statements of `catalogue.nearest`: what is to be had within a circle, in order, for each sort of search one.

A statement is put together once for each sort of search and kept; what changes from one search to the next are its
parameters.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Double,
    Select,
    String,
    and_,
    cast,
    column,
    func,
    literal,
    or_,
    select,
    table,
    type_coerce,
)

from catalogue.distances import distance, here_postgis, parameter
from catalogue.few import ids_in
from catalogue.filters import KEPT_STATEMENTS, METRES_PER_MILE, Filters
from catalogue.matching import factor
from catalogue.models import Offer, Venue, opportunity_venue

SPARE = 10
NEXT_DOOR_M = METRES_PER_MILE  # within which nothing is much nearer than anything else, when words are looked for
SIDES = ("west", "south", "east", "north")


@dataclass(frozen=True, slots=True)
class Look:
    """What a statement is made for, values aside: the order, and what is asked. `filters` have no box nor venues.

    `is_of_few` is whether the only ones that can be meant are known, by id, and `has_words` whether they are known to
    have the words; `is_once` whether each is looked for at its nearest venue only.
    """

    filters: Filters
    limit: int
    by_distance: bool
    is_of_few: bool
    is_after: bool
    is_in_box: bool
    is_too_far_known: bool
    is_once: bool = False
    has_words: bool = False

    @property
    def spare(self) -> int:
        """How many rows likely hold the limit: few have several venues."""
        return self.limit + self.limit // 4 + SPARE


@lru_cache(maxsize=KEPT_STATEMENTS)
def statement(dialect: str, look: Look) -> Select[Any]:
    """The statement of a look: it takes longer to put together than a small town takes to search."""
    rows = _offers(dialect, look)
    if not look.is_once and not look.is_after:
        return rows.order_by(*_order(rows.selected_columns, look)).limit(look.spare)
    place = func.row_number().over(
        partition_by=Offer.opportunity_id, order_by=(rows.selected_columns.distance_m, Offer.venue_id)
    )
    near = rows.add_columns(place.label("place")).subquery()
    order = _order(near.c, look)
    statement = select(near).where(near.c.place == 1).order_by(*order).limit(look.limit)
    return statement.where(_is_beyond(order)) if look.is_after else statement


def _order(columns: Any, look: Look) -> list[ColumnElement[Any]]:
    by_place = [columns.distance_m, columns.opportunity_id]
    # The last tells venues apart that are equally far.
    return [
        *([] if look.by_distance else [columns.counted_m]),
        *by_place,
        *([] if look.is_after else [columns.venue_id]),
    ]


def _is_beyond(order: Sequence[ColumnElement[Any]], place: int = 0) -> ColumnElement[bool]:
    """That a row comes after a key in an order: in its first column, or where that is equal in the rest."""
    (column, *others), value = order, parameter(f"after_{place}")
    # As a double: where the database counts exactly, the number we have must be the one that it gave.
    number = cast(column, Double)
    if not others:
        return number > value
    return or_(number > value, and_(number == value, _is_beyond(others, place + 1)))


def _offers(dialect: str, look: Look) -> Select[Any]:
    """Those within a circle that meet the filters, at each of their venues, as the columns of `Found`.

    `counted_m` is how far away it counts for the order.
    """
    filters = look.filters
    near = _venues_near(dialect, look)
    is_there = near.c.venue_id == Offer.venue_id
    if look.is_of_few:
        is_there = and_(is_there, near.c.opportunity_id == Offer.opportunity_id)
    counts: ColumnElement[Any] = literal(1.0)
    if filters.words and not look.by_distance:
        counts = cast(factor(dialect, filters.words, Offer.opportunity_id), Double)
    rows = (
        select(
            ((cast(near.c.distance_m, Double) + NEXT_DOOR_M) * counts).label("counted_m"),
            near.c.distance_m,
            Offer.opportunity_id,
            Offer.venue_id,
            type_coerce(Offer.kind, String).label("kind"),
            type_coerce(Offer.layer, String).label("layer"),
            Offer.cost_pence,
            Offer.age_min,
            Offer.age_max,
        )
        .select_from(near)
        .join(Offer, is_there)
    )
    if look.is_too_far_known:
        rows = rows.where(near.c.venue_id.not_in(ids_in(dialect, "too_far")))
    asked = replace(filters, words=None) if look.has_words else filters
    return rows.where(near.c.distance_m <= parameter("radius_m"), *asked.conditions(dialect, Offer))


def _venues_near(dialect: str, look: Look) -> CTE:
    """The venues in a circle, and perhaps some outside it: (venue_id, distance_m to the millimetre).

    Where few can be meant, theirs: (venue_id, distance_m, opportunity_id).
    """
    venues = select(Venue.id.label("venue_id"), distance(dialect).label("distance_m"))
    if look.is_of_few:
        link = opportunity_venue.c
        venues = venues.add_columns(link.opportunity_id).join(opportunity_venue, link.venue_id == Venue.id)
        venues = venues.where(link.opportunity_id.in_(ids_in(dialect)))
        if look.has_words:
            # The squares hold about twice what the circle does: no need to measure how far all of that is.
            venues = venues.where(*_is_in("tree"))
    elif dialect == "postgresql":
        # The very expression that is indexed: a cast with a type modifier would not be.
        venues = venues.where(
            func.ST_DWithin(func.geography(Venue.location), here_postgis(), parameter("radius_m") + 1)
        )
    else:
        tree = table("idx_venue_location", *map(column, ("pkid", "xmin", "xmax", "ymin", "ymax")))
        west, south, east, north = (parameter(f"tree_{side}") for side in SIDES)
        venues = (
            venues.select_from(tree)
            .join(Venue, Venue.id == tree.c.pkid)
            .where(tree.c.xmin <= east, tree.c.xmax >= west, tree.c.ymin <= north, tree.c.ymax >= south)
        )
    if look.is_in_box:
        venues = venues.where(*_is_in("box"))
    return venues.cte("near").prefix_with("MATERIALIZED")


def _is_in(box: str) -> list[ColumnElement[bool]]:
    """That a venue is in a box, whose edges are parameters."""
    west, south, east, north = (parameter(f"{box}_{side}") for side in SIDES)
    return [Venue.longitude.between(west, east), Venue.latitude.between(south, north)]
