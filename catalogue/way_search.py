"""What is near by each of many ways at once, exactly and in order of distance.

All ways are asked together of a growing circle (`catalogue.spots`). One that has
enough drops out, so that what is common is found next door and only what is
rare is looked for far away.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from catalogue.circles import ENOUGH
from catalogue.filters import Filters
from catalogue.models import Opportunity
from catalogue.nearest import HALF_WAY_ROUND_M, Hit, Point, nearest, venue_distances
from catalogue.pathway_ways import Way
from catalogue.spots import Question, placeless_counts, spotted
from catalogue.words import Reach

COUNTED = 10  # ways near are counted to here: enough to say that there is a choice
ELSEWHERE_COUNTED = 100
GROWTH = 2.5
FAR_GROWTH = 2.0
FAR_M = 1_000_000.0  # about from one end of Britain to the other: what is farther is looked for everywhere at once
LEAST_START_M = 400.0


@dataclass(slots=True)
class Found:
    """What there is by a way.

    `near` are those within the distance that was asked for which can still be joined, by distance
    and then by id, at most `COUNTED`; `full` is the nearest of those that are full; `elsewhere_count` is of those
    without a place, counted to `ELSEWHERE_COUNTED`.
    """

    way: Way
    near: list[Hit] = field(default_factory=list)
    full: Hit | None = None
    elsewhere_count: int = 0

    @property
    def near_count(self) -> int:
        return len(self.near)


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
        for number, count in placeless_counts(self.session, pending, ELSEWHERE_COUNTED, self.now).items():
            found[number].elsewhere_count = count
        radius_m = self._start_m(within_m) if pending else within_m
        while pending:
            free, full = self._hits(pending, radius_m)
            for number, _ in pending:
                found[number].near = free.get(number, [])[:COUNTED]
                found[number].full = min(full.get(number, ()), default=None)
            pending = [each for each in pending if len(found[each[0]].near) < COUNTED]
            if radius_m >= within_m:
                break
            radius_m = min(radius_m * GROWTH, within_m)
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
            free, _ = self._hits([(number, way.question) for number, way in enumerate(ways)], radius_m)
            firsts = {way: free[number][0] for number, way in enumerate(ways) if number in free}
            for step in lacking:
                hits = [firsts[way] for way in by_step[step] if way in firsts]
                best[step] = min([*hits, *filter(None, [best[step]])], default=None)
        return best

    def _start_m(self, within_m: float) -> float:
        """A circle that holds enough of everything is a better start than a fixed one: fewer circles in all."""
        hits = nearest(self.session, self.located, Filters(self.now, within_miles=None), ENOUGH)
        return min(max(hits[-1].distance_m, LEAST_START_M), within_m) if hits else within_m

    def _hits(
        self, asked: Sequence[tuple[int, Question]], radius_m: float
    ) -> tuple[dict[int, list[Hit]], dict[int, list[Hit]]]:
        """By question, what can be joined within a circle, in order, and what is full; each at its nearest venue."""
        spots = spotted(self.session, asked, self.located, radius_m, self.now)
        self._measure({spot.venue_id for spot in spots})
        nearest_of: dict[tuple[int, bool, int], Hit] = {}
        for spot in spots:
            distance_m = self._distances.get(spot.venue_id)
            if distance_m is None or distance_m > radius_m:
                continue
            key = (spot.question, spot.is_full, spot.opportunity_id)
            hit = Hit(distance_m, spot.opportunity_id, spot.venue_id)
            if key not in nearest_of or hit < nearest_of[key]:
                nearest_of[key] = hit
        free: dict[int, list[Hit]] = {}
        full: dict[int, list[Hit]] = {}
        for (question, is_full, _), hit in nearest_of.items():
            (full if is_full else free).setdefault(question, []).append(hit)
        for hits in free.values():
            hits.sort()
        return free, full

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
                each.elsewhere_count = int(can_join)
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


def _once(ways: Iterable[Way]) -> list[Way]:
    return list(dict.fromkeys(ways))
