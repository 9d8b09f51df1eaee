"""What is near by each of many ways at once, exactly and in order of distance.

All ways are asked together of a growing circle (`catalogue.spots`). One that has
enough drops out, so that what is common is found next door and only what is
rare is looked for far away.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import inf, pi, sqrt

from sqlalchemy.orm import Session

from catalogue.distances import venue_distances
from catalogue.earth import Point
from catalogue.models import Opportunity
from catalogue.nearest import HALF_WAY_ROUND_M, Hit
from catalogue.pathway_ways import Way
from catalogue.spots import MOST_AT_A_VENUE, Cells, Question, placeless, spotted
from catalogue.words import Reach

COUNTED = MOST_AT_A_VENUE  # ways near are counted to here: enough to say that there is a choice
ELSEWHERE_COUNTED = 20
FIRST_M = 500.0
LEAST_GROWTH, MOST_GROWTH = 1.5, 4.0
MARGIN = 2.5  # times as many as are wanted are aimed at, for they lie in clumps
ROUNDS = 6  # the last of which looks as far as it was asked
FAR_GROWTH = 2.0
FAR_M = 1_000_000.0  # about from one end of Britain to the other: what is farther is looked for everywhere at once

Measured = tuple[float, int, int]  # a hit before it is one: there are five times as many


@dataclass(slots=True)
class Found:
    """What there is by a way.

    `near` are those within the distance that was asked for which can still be joined, by distance
    and then by id, at most `COUNTED`; `full` is the nearest of those that are full; `elsewhere` are the ids of
    those without a place, at most `ELSEWHERE_COUNTED`.
    """

    way: Way
    near: list[Hit] = field(default_factory=list)
    full: Hit | None = None
    elsewhere: frozenset[int] = frozenset()

    @property
    def near_count(self) -> int:
        return len(self.near)

    @property
    def elsewhere_count(self) -> int:
        return len(self.elsewhere)


class WaySearch:
    """A search around a point at a moment. It asks for the distance to each venue once.

    `named` are the hits of the named opportunities it has met, by id, however far away and whether over or not.
    """

    def __init__(self, session: Session, located: Point, now: datetime) -> None:
        self.session = session
        self.located = located
        self.now = now
        self.named: dict[int, Hit] = {}
        self._distances: dict[int, float] = {}

    def near(self, ways: Sequence[Way], within_m: float) -> dict[Way, Found]:
        """What there is by each way within a distance in metres. The statements do not depend on the ways."""
        found = [Found(way) for way in ways]
        self._find_named(found, within_m)
        pending = [(number, way.question) for number, way in enumerate(ways) if not way.opportunity]
        for number, some in placeless(self.session, pending, ELSEWHERE_COUNTED, self.now).items():
            found[number].elsewhere = some
        wanted = [(number, asks, min(FIRST_M, within_m)) for number, asks in pending]
        for remaining in reversed(range(ROUNDS)):
            free, full, sure, density = self._hits(wanted)
            for number, _, _ in wanted:
                found[number].near = [hit for hit in free.get(number, ()) if hit.distance_m <= within_m]
                found[number].full = full.get(number)
            wanted = [
                (number, asks, _wider(sure[number], density[number], within_m) if remaining > 1 else within_m)
                for number, asks, _ in wanted
                if found[number].near_count < COUNTED and sure[number] < within_m
            ]
        return {each.way: each for each in found}

    def far(self, by_step: Sequence[Sequence[Way]], beyond_m: float) -> list[Hit | None]:
        """The nearest by any way of each step, where there is nothing by any of them within a distance in metres."""
        best = [min(self._joinable(each), default=None) for each in by_step]
        radius_m = beyond_m
        while radius_m < HALF_WAY_ROUND_M:
            lacking = [step for step, hit in enumerate(best) if hit is None or hit.distance_m > radius_m]
            ways = _once(way for step in lacking for way in by_step[step] if not way.opportunity)
            if not ways:
                break
            radius_m = radius_m * FAR_GROWTH if radius_m < FAR_M else HALF_WAY_ROUND_M
            free, _, _, _ = self._hits([(number, way.question, radius_m) for number, way in enumerate(ways)])
            firsts = {way: free[number][0] for number, way in enumerate(ways) if number in free}
            for step in lacking:
                hits = [firsts[way] for way in by_step[step] if way in firsts]
                best[step] = min([*hits, *filter(None, [best[step]])], default=None)
        return best

    def _hits(
        self, asked: Sequence[tuple[int, Question, float]]
    ) -> tuple[dict[int, list[Hit]], dict[int, Hit], dict[int, float], dict[int, float]]:
        """The first `COUNTED` that can be joined, and the first that is full, by question.

        Of all within a radius of the question's own, in metres, or a greater one: how far one can be sure is the third.
        The fourth is how many that can be joined lie on a square metre of all the cells that were read.
        """
        around = {radius_m: Cells.around(self.located, radius_m) for radius_m in {each for _, _, each in asked}}
        cells = [(number, asks, around[radius_m]) for number, asks, radius_m in asked]
        sure = {number: each.radius_m for number, _, each in cells}
        spots = spotted(self.session, cells, self.now)
        self._measure({spot.venue_id for spot in spots})
        seen = dict.fromkeys(sure, 0)
        free: defaultdict[int, list[Measured]] = defaultdict(list)
        full: defaultdict[int, list[Measured]] = defaultdict(list)
        for question, opportunity_id, venue_id, is_full in spots:
            distance_m = self._distances.get(venue_id, inf)
            seen[question] += not is_full
            if distance_m <= sure[question]:
                (full if is_full else free)[question].append((distance_m, opportunity_id, venue_id))
        return (
            {number: _firsts(some) for number, some in free.items()},
            {number: Hit(*min(some)) for number, some in full.items()},
            sure,
            {number: seen[number] / each.area_m2 for number, _, each in cells},
        )

    def _measure(self, venue_ids: set[int]) -> None:
        new = sorted(venue_ids - self._distances.keys())
        if new:
            # A venue that was deleted between the statements has no distance.
            self._distances |= venue_distances(self.session, self.located, new)

    def _find_named(self, found: Sequence[Found], within_m: float) -> None:
        """Named opportunities that have a venue, at their nearest. One statement, or none."""
        named = [(each, each.way.opportunity) for each in found if each.way.opportunity]
        self._measure({venue.id for _, opportunity in named for venue in opportunity.venues})
        for each, opportunity in named:
            can_join = can_be_joined(opportunity, self.now)
            if opportunity.reach is not Reach.VENUE:
                each.elsewhere = frozenset({opportunity.id} if can_join else ())
                continue
            hits = [
                Hit(self._distances[venue.id], opportunity.id, venue.id)
                for venue in opportunity.venues
                if venue.id in self._distances
            ]
            if hits:
                hit = self.named[opportunity.id] = min(hits)
                each.near = [hit] if can_join and hit.distance_m <= within_m else []

    def _joinable(self, ways: Iterable[Way]) -> list[Hit]:
        named = [way.opportunity for way in ways if way.opportunity]
        return [self.named[each.id] for each in named if each.id in self.named and can_be_joined(each, self.now)]


def can_be_joined(opportunity: Opportunity, now: datetime) -> bool:
    """Whether it is neither over nor full."""
    return not opportunity.is_full and (opportunity.ends_at is None or opportunity.ends_at > now)


def _firsts(some: list[Measured]) -> list[Hit]:
    """The nearest, each opportunity at its nearest venue, at most `COUNTED`."""
    first: dict[int, Hit] = {}
    for distance_m, opportunity_id, venue_id in sorted(some):
        if opportunity_id not in first:
            first[opportunity_id] = Hit(distance_m, opportunity_id, venue_id)
            if len(first) == COUNTED:
                break
    return list(first.values())


def _wider(radius_m: float, density: float, within_m: float) -> float:
    """Where to look next: about as far as it takes to find enough, if they lie as close farther out."""
    enough = sqrt(MARGIN * COUNTED / pi / density) if density else inf
    return min(max(enough, radius_m * LEAST_GROWTH), radius_m * MOST_GROWTH, within_m)


def _once(ways: Iterable[Way]) -> list[Way]:
    return list(dict.fromkeys(ways))
