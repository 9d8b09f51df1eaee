"""Answering a search: where it is, what is near there, and what needs no place."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from math import inf, isinf

from sqlalchemy.orm import Session

from catalogue import queries
from catalogue.circles import Circle, fitting_radius, wider_circles
from catalogue.filters import Filters
from catalogue.models import Venue
from catalogue.nearest import nearest
from catalogue.queries import Card
from gazetteer.locate import Located, Online, Unlocated, locate
from gazetteer.table import Table
from search.forms import SearchRequest

SHELF = 4
FEW = 5


@dataclass(frozen=True, slots=True)
class NumberedCard:
    """A card and its number in the list, which the map's pin carries too."""

    number: int
    card: Card


@dataclass(frozen=True, slots=True)
class Stop:
    """A venue with those of a page's cards that are there: one pin on the map."""

    venue: Venue
    cards: Sequence[NumberedCard]

    @property
    def distance_m(self) -> float:
        return self.cards[0].card.distance_m or 0.0

    @property
    def label(self) -> str:
        """The numbers on the pin, as `number_label` gives them."""
        return number_label([each.number for each in self.cards])


@dataclass(frozen=True, slots=True)
class Results:
    """What a search found. Without a place on the map there are only the opportunities that need none.

    `radius_miles` is how far it looked, infinite for any distance; `wider` are the
    circles that hold more where it found few, `nearest_anywhere` the nearest of all
    where it found none. `shelf` holds a few of the `elsewhere_count` online, national and unplaced ones.
    """

    place: Located | Unlocated
    cards: Sequence[NumberedCard] = ()
    has_more: bool = False
    radius_miles: float = inf
    wider: Sequence[Circle] = ()
    nearest_anywhere: Card | None = None
    shelf: Sequence[Card] = ()
    elsewhere_count: int = 0

    @property
    def located(self) -> Located | None:
        return self.place if isinstance(self.place, Located) else None

    @property
    def stops(self) -> list[Stop]:
        """The page's cards by venue, the nearest venue first."""
        with_venue = sorted(
            (each for each in self.cards if each.card.venue),
            key=lambda each: (each.card.distance_m, each.card.venue.id, each.number),  # type: ignore[union-attr]
        )
        return [
            Stop(venue, list(cards))
            for venue, cards in groupby(with_venue, key=lambda each: each.card.venue)
            if venue is not None
        ]


def number_label(numbers: Sequence[int]) -> str:
    """Ascending numbers as a pin shows them: `3`, `3–5`, `3, 7–9`."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def find(
    session: Session, table: Table, wanted: SearchRequest, page_size: int, online: Online | None = None
) -> Results:
    """Answer a search: its page of cards, how far it looked, and the first few opportunities that need no place."""
    place = locate(table, wanted.near, online)
    if isinstance(place, Unlocated):
        return Results(place)
    anywhere = wanted.filters()
    radius = wanted.within_miles or fitting_radius(session, place, anywhere)
    # From the middle of an area: nothing is left out that may be within the distance of one's own door.
    filters = anywhere if isinf(radius) else replace(anywhere, within_miles=radius + place.radius_miles)
    before = (wanted.page - 1) * page_size
    hits = nearest(session, place, filters, limit=before + page_size + 1)
    shown = queries.cards(session, hits[before : before + page_size], filters.now)
    return Results(
        place,
        [NumberedCard(number, card) for number, card in enumerate(shown, start=before + 1)],
        has_more=len(hits) > before + page_size,
        radius_miles=radius,
        wider=wider_circles(session, place, anywhere, radius, place.radius_miles) if len(hits) < FEW else (),
        nearest_anywhere=_first(session, place, anywhere) if not hits else None,
        shelf=queries.without_venue(session, filters, SHELF),
        elsewhere_count=queries.count_without_venue(session, filters),
    )


def _first(session: Session, place: Located, filters: Filters) -> Card | None:
    return next(iter(queries.cards(session, nearest(session, place, filters, 1), filters.now)), None)
