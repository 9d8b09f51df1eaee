"""The answer to a search: where it is, what is near there, and what needs no place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from math import inf

from catalogue.circles import Circle
from catalogue.facets import Facets
from catalogue.matching import Query
from catalogue.models import Skill, Venue
from catalogue.pathway_pages import PathwayCard
from catalogue.queries import Card
from catalogue.words import Layer
from gazetteer.locate import Located, Unlocated
from search.forms import Journey
from search.listing import Place


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
class Shelf:
    """A few of a layer, the nearest first. `count` of them meet the search; `is_beyond` if none lies in the circle."""

    layer: Layer
    cards: Sequence[Card]
    count: int
    is_beyond: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What the catalogue made of a request: the skills it names, its words as read, and what it does not know."""

    skills: Sequence[Skill] = ()
    words: Query | None = None
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Results:
    """What a search found. Without a place on the map there is nothing but what was asked.

    There are either `cards` or `shelves`; `last` is the place of the last card in the
    whole list. `radius_miles` is how far it looked, infinite for any distance; `count` is
    how many lie within, counted to at most `COUNT_BOUND`. `circles` are the distances to
    choose from; `wider` those that hold more where it found few, `nearest_anywhere` the
    nearest of all where it found none. In a part of the map (`is_in_box`) it looks nowhere
    else. `elsewhere` holds a few of the `elsewhere_count` online, national
    and unplaced ones, `pathways` a few of the `pathway_count`. `journey` is what
    was asked of the way, `seconds` what a routing engine said of it by venue id, and
    `is_partly_routed` if it said nothing of some venues. `journeys` are those to
    choose from and how many the estimate has within each.
    """

    place: Located | Unlocated
    asked: Asked = Asked()
    cards: Sequence[NumberedCard] = ()
    has_more: bool = False
    last: Place | None = None
    count: int = 0
    radius_miles: float = inf
    circles: Sequence[Circle] = ()
    wider: Sequence[Circle] = ()
    nearest_anywhere: Card | None = None
    is_in_box: bool = False
    shelves: Sequence[Shelf] = ()
    pathways: Sequence[PathwayCard] = ()
    pathway_count: int = 0
    elsewhere: Sequence[Card] = ()
    elsewhere_count: int = 0
    facets: Facets | None = None
    journey: Journey | None = None
    seconds: Mapping[int, float] = field(default_factory=dict)
    is_partly_routed: bool = False
    journeys: Mapping[Journey, int] = field(default_factory=dict)

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
