"""Answering a search."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from math import inf, isinf

from flask_babel import gettext
from sqlalchemy.orm import Session

from catalogue import fulltext, pathway_pages, queries
from catalogue.circles import LADDER_MILES, Circle, around, circles, fitting, fitting_radius, wider
from catalogue.facets import Facets, facets, unchosen
from catalogue.filters import METRES_PER_MILE, Filters
from catalogue.grid import Box
from catalogue.nearest import Found, Hit, nearest, nearest_found
from catalogue.queries import COUNT_BOUND, Card
from catalogue.words import Layer
from gazetteer.locate import Located, Online, Unlocated, locate, middle_of_map
from gazetteer.table import Table
from search import days, journeys, listing
from search.days import Soon
from search.forms import Journey, SearchRequest
from search.journeys import Reach
from search.listing import Place
from search.results import Asked, NumberedCard, Results, Shelf
from travel.estimate import CHOICES_MINUTES, ESTIMATED
from travel.router import Router

SHELF = 4
FEW = 5
JOURNEYS = tuple(Journey(minutes, by) for by in ESTIMATED for minutes in CHOICES_MINUTES)
# Those that one chooses from; any other may stand in the URL.
AGES = (5, 8, 11, 12, 13, 14, 15, 16, 17, 18, 19, 21, 25, 35, 50, 65)


def find(
    session: Session,
    table: Table,
    wanted: SearchRequest,
    page_size: int,
    online: Online | None = None,
    as_list: bool = False,
    with_choices: bool = True,
    router: Router | None = None,
    after: Place | None = None,
) -> Results:
    """Answer a search: as shelves, or as one list if it asks for anything but a place and a distance.

    Args:
        as_list: as a list in any case.
        with_choices: with the counts that stand beside the choices; without them it is cheaper.
        router: asked for real travel times in a search by time, and only then.
        after: where the list goes on, instead of at a page.
    """
    place = _middle(table, wanted.box) if wanted.box else locate(table, wanted.near, online)
    asked, filters = ask(session, wanted, datetime.now(UTC))
    if isinstance(place, Unlocated):
        return Results(place, asked)
    if after and after.any_will_do:
        asked, filters = _with_any_words(asked, filters)
    if after and wanted.radius_miles is None and not wanted.box:
        wanted = replace(wanted, within_miles=after.radius_miles)
    look = _Look.at(session, place, filters, wanted, router)
    if not look.found and not after and filters.words and len(filters.words.terms) > 1:
        # Nothing has all the words: then what has some of them.
        asked, filters = _with_any_words(asked, filters)
        look = _Look.at(session, place, filters, wanted, router)
    choices = _choices(session, look) if with_choices else None
    elsewhere_count = choices.elsewhere if choices else None
    found = Results(
        place,
        asked,
        count=len(look.found),
        radius_miles=look.radius_miles,
        circles=look.rings(wanted),
        wider=wider(look.circles, look.radius_miles) if look.circles and len(look.found) < FEW else (),
        nearest_anywhere=None if look.found or wanted.box else _first(session, place, filters),
        is_in_box=wanted.box is not None,
        elsewhere=queries.without_venue(session, filters, SHELF),
        elsewhere_count=queries.count_without_venue(session, filters) if elsewhere_count is None else elsewhere_count,
        facets=choices,
        journey=None if wanted.box else wanted.journey,
        seconds=look.reach.seconds,
        is_partly_routed=look.reach.is_partly,
        journeys=look.journeys(wanted),
    )
    if as_list or wanted.is_list:
        return _as_list(session, look, wanted, page_size, found, after)
    return _as_shelves(session, look, found)


def _with_any_words(asked: Asked, filters: Filters) -> tuple[Asked, Filters]:
    words = replace(filters.words, any_will_do=True) if filters.words else None
    return replace(asked, words=words), replace(filters, words=words)


def _middle(table: Table, box: Box) -> Located:
    return middle_of_map(table, box.latitude, box.longitude, gettext("this part of the map"))


def ask(session: Session, wanted: SearchRequest, now: datetime) -> tuple[Asked, Filters]:
    """What a request means to the catalogue, distance aside: its skills and words are looked up."""
    skills = queries.skills(session, wanted.skills)
    unknown = sorted(wanted.skills - {skill.slug for skill in skills})
    problems = [gettext("We do not know the skill “%(skill)s”, so it was left out.", skill=slug) for slug in unknown]
    words = fulltext.read(session, wanted.q) if wanted.q else None
    filters = replace(wanted.filters(now, words), skills=frozenset(skill.slug for skill in skills))
    return Asked(skills, words, tuple(problems)), filters


@dataclass(frozen=True, slots=True)
class _Look:
    """A look around: the nearest within a radius, at most `COUNT_BOUND`, and how many lie in other circles.

    `filters` have the distance; `farther` the same without it. `all_found` are the nearest, within the radius or not,
    at most `COUNT_BOUND`.
    """

    place: Located
    radius_miles: float
    filters: Filters
    farther: Filters
    found: Sequence[Found]
    all_found: Sequence[Found]
    circles: Sequence[Circle]
    reach: Reach

    @property
    def hits(self) -> list[Hit]:
        return [each.hit for each in self.found]

    @classmethod
    def at(
        cls, session: Session, place: Located, filters: Filters, wanted: SearchRequest, router: Router | None
    ) -> "_Look":
        if wanted.box:
            return cls.inside(session, place, filters, wanted.box, wanted.within_miles)
        return cls.around(session, place, filters, journeys.reach(session, router, place, filters, wanted))

    @classmethod
    def inside(
        cls, session: Session, place: Located, filters: Filters, box: Box, within_miles: float | None
    ) -> "_Look":
        """A look into a box, `place` being its middle, and no farther from that than a distance, if that is asked."""
        radius = min(within_miles or inf, box.reach_m / METRES_PER_MILE)
        near = replace(filters, box=box, within_miles=radius)
        found = nearest_found(session, place, near, COUNT_BOUND, by_distance=True)
        return cls(place, radius, near, near, found, found, (), Reach(radius))

    @classmethod
    def around(cls, session: Session, place: Located, filters: Filters, reach: Reach) -> "_Look":
        also = [each.miles for each in JOURNEYS]
        # From the middle of an area: nothing is left out that may be within the distance of one's own door.
        slack = place.radius_miles
        everything = None
        fits = None
        if not reach.radius_miles:
            if filters == Filters(filters.now):
                everything = around(session, place, filters, LADDER_MILES[-1], slack, also_miles=also)
            fits = fitting(everything) if everything is not None else fitting_radius(session, place, filters)
        radius = reach.radius_miles or fits or inf
        near = filters if isinf(radius) else replace(filters, within_miles=radius + slack)
        everything = everything or around(session, place, filters, radius, slack, also)
        counted = circles(session, filters, everything, radius, slack, also)
        found = [each for each in everything if each.hit.distance_m <= (radius + slack) * METRES_PER_MILE]
        if reach.too_far:
            near = replace(near, venues_too_far=reach.too_far)
            found = everything = nearest_found(session, place, near, COUNT_BOUND, by_distance=True)
        return cls(place, radius, near, filters, found, everything, counted, reach)

    def rings(self, wanted: SearchRequest) -> list[Circle]:
        """The distances to choose from: those of the ladder, any, and the one that was chosen."""
        shown = {*LADDER_MILES, inf, wanted.within_miles}
        return [circle for circle in self.circles if circle.miles in shown]

    def journeys(self, wanted: SearchRequest) -> Mapping[Journey, int]:
        """How many the estimate has within each of the times to choose from, at most within the distance chosen."""
        if not self.circles:
            return {}
        counts = {circle.miles: circle.count for circle in self.circles}
        most = counts[self.radius_miles] if wanted.within_miles else inf
        return {each: int(min(counts[each.miles], most)) for each in JOURNEYS}


def _choices(session: Session, look: _Look) -> Facets:
    filters = look.filters
    ages = {*AGES, filters.age} if filters.age is not None else set(AGES)
    spans = {soon.value: days.span(soon, filters.now) for soon in Soon}
    near = look.found if filters == unchosen(filters) else None
    return facets(session, look.place, filters, sorted(ages), spans, near)


def _as_list(
    session: Session, look: _Look, wanted: SearchRequest, page_size: int, found: Results, after: Place | None
) -> Results:
    listed = listing.Look(look.place, look.filters, look.hits, wanted.sort)
    if after:
        before, bound, now = after.number, after.bound, after.now
        rest = listing.after(session, listed, after, page_size + 1)
        shown, has_more = rest[:page_size], len(rest) > page_size
    else:
        before, end, now = (wanted.page - 1) * page_size, wanted.through * page_size, listing.minute(listed)
        everything, bound = listing.first(session, listed, end)
        shown, has_more = everything[before:end], len(everything) > end
    cards = queries.cards(session, [hit for _, hit in shown], look.filters)
    numbered = [NumberedCard(number, card) for number, card in enumerate(cards, start=before + 1)]
    words = look.filters.words
    any_will_do = words is not None and words.any_will_do
    last = Place(before + len(shown), look.radius_miles, any_will_do, now, shown[-1][0], bound) if shown else None
    return replace(found, cards=numbered, has_more=has_more, last=last)


def _as_shelves(session: Session, look: _Look, found: Results) -> Results:
    near = {layer: _of_layer(session, look, look.filters, layer) for layer in Layer}
    beyond = replace(look.farther, within_miles=LADDER_MILES[-1])
    is_widest = look.radius_miles >= LADDER_MILES[-1]
    filled = {
        layer: hits if hits or is_widest else _of_layer(session, look, beyond, layer) for layer, hits in near.items()
    }
    cards = queries.cards(session, [hit for hits in filled.values() for hit in hits], look.filters)
    counts = found.facets.layers if found.facets else {}
    shelves = [
        Shelf(
            layer,
            [card for card in cards if card.opportunity.layer is layer],
            counts.get(layer, 0),
            is_beyond=not near[layer],
        )
        for layer in Layer
        if filled[layer]
    ]
    return replace(
        found,
        shelves=shelves,
        pathways=pathway_pages.first_cards(session, SHELF),
        pathway_count=pathway_pages.count_pathways(session),
    )


def _of_layer(session: Session, look: _Look, filters: Filters, layer: Layer) -> list[Hit]:
    """The first of a layer: of those that were found already, if they are enough or all there are."""
    farthest_m = filters.within_m or inf
    of_layer = (each.hit for each in look.all_found if each.layer == layer and each.hit.distance_m <= farthest_m)
    first = list(islice(of_layer, SHELF))
    if len(first) == SHELF or len(look.all_found) < COUNT_BOUND:
        return first
    return nearest(session, look.place, replace(filters, layers=frozenset({layer})), SHELF)


def _first(session: Session, place: Located, filters: Filters) -> Card | None:
    return next(iter(queries.cards(session, nearest(session, place, filters, 1), filters)), None)
