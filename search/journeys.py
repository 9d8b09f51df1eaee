"""How long it takes to get to what a search finds: which venues are near enough, and how that is said."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf

from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session

from catalogue import queries
from catalogue.filters import Filters
from catalogue.models import Venue
from catalogue.nearest import nearest
from catalogue.queries import COUNT_BOUND, Card
from gazetteer.locate import Located
from search.forms import Journey, SearchRequest
from search.results import Results
from travel import estimate
from travel.estimate import ESTIMATED, LONGEST_MINUTES, STEPS_MINUTES, Mode
from travel.router import Router
from web.formats import step_miles

# A card says a walk only, and only one that many people would take.
LONGEST_ON_A_CARD_MINUTES = 30
LONGEST_SAID_MINUTES = {
    Mode.FOOT: LONGEST_MINUTES,
    Mode.BIKE: LONGEST_MINUTES,
    Mode.CAR: 3 * LONGEST_MINUTES,
    Mode.TRANSIT: 3 * LONGEST_MINUTES,
}
ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a search looks: a radius, None for a fitting one, without venues that take too long.

    `seconds` are an engine's, by venue id; `is_partly` if it was not asked about all in the radius.
    """

    radius_miles: float | None
    too_far: frozenset[int] = frozenset()
    seconds: Mapping[int, float] = field(default_factory=dict)
    is_partly: bool = False


def reach(session: Session, router: Router | None, place: Located, filters: Filters, wanted: SearchRequest) -> Reach:
    """How far a search looks. Without an engine a journey is the radius that the estimate gives it.

    An engine is asked about the nearest venues in the circle that a straight street would reach, as nothing beyond it
    is near enough. Where it has not answered about all in there, the estimate's circle stays the limit.
    """
    by_estimate = Reach(wanted.radius_miles)
    journey = wanted.journey
    if journey is None or router is None or _step(journey.by, place.radius_miles) != STEPS_MINUTES[0]:
        return by_estimate
    straight = min(estimate.miles_within(journey.minutes, journey.by, detour=1.0), wanted.within_miles or inf)
    seconds, is_whole = _ask(session, router, place, replace(filters, within_miles=straight), journey)
    if not seconds:
        return by_estimate
    radius = round(straight, 2) if is_whole else wanted.radius_miles
    return Reach(radius, _too_far(seconds, journey), seconds, is_partly=not is_whole)


def _ask(
    session: Session, router: Router, place: Located, filters: Filters, journey: Journey
) -> tuple[dict[int, float], bool]:
    """Seconds by venue, and whether they are of every venue that counts."""
    deadline = time.monotonic() + router.timeout_seconds
    seconds: dict[int, float] = {}
    # An opportunity whose nearest venue takes too long may have another.
    for _ in range(ROUNDS):
        left = replace(filters, venues_too_far=_too_far(seconds, journey))
        hits = nearest(session, place, left, COUNT_BOUND, by_distance=True)
        unasked = list(dict.fromkeys(hit.venue_id for hit in hits if hit.venue_id not in seconds))
        if not unasked:
            return seconds, len(hits) < COUNT_BOUND
        venues = _venues(session, unasked[: router.most - len(seconds)])
        answers = router.seconds(place, venues, journey.by, deadline - time.monotonic())
        new = {venue.id: each for venue, each in zip(venues, answers, strict=True) if each is not None}
        if not new:
            break
        seconds |= new
    return seconds, False


def _venues(session: Session, ids: Sequence[int]) -> list[Venue]:
    found = queries.venues(session, ids)
    return [found[each] for each in ids if each in found]


def _too_far(seconds: Mapping[int, float], journey: Journey) -> frozenset[int]:
    return frozenset(venue for venue, each in seconds.items() if each > journey.minutes * 60)


def on_card(card: Card, located: object, results: Results | None) -> str | None:
    """A walk of up to half an hour; in a search by time how long that takes, by what was chosen."""
    if card.distance_miles is None or not isinstance(located, Located):
        return None
    journey = results.journey if results else None
    mode = journey.by if journey else Mode.FOOT
    known = results.seconds.get(card.venue.id) if results and card.venue else None
    most = LONGEST_MINUTES if journey else LONGEST_ON_A_CARD_MINUTES
    return said(mode, card.distance_miles, located.radius_miles, known, most)


def all_ways(distance_miles: float, radius_miles: float, seconds: Mapping[Mode, float | None]) -> list[str]:
    """Each way to go that is worth saying, on foot first: by the engine where it has answered, else by the estimate."""
    ways = (said(mode, distance_miles, radius_miles, seconds.get(mode), LONGEST_SAID_MINUTES[mode]) for mode in Mode)
    return [way for way in ways if way]


def said(mode: Mode, distance_miles: float, radius_miles: float, seconds: float | None, most: int) -> str | None:
    """How long one way takes: `about 25 minutes’ walk`, no finer than the place is known.

    None where nobody would go so far that way, where the place is known too roughly to tell, or where the engine knows
    no way. An engine's time from an exact place is said to the minute, and without "about".
    """
    step = _step(mode, radius_miles)
    if step is None or (seconds is None and mode not in ESTIMATED):
        return None
    minutes = estimate.minutes(distance_miles, mode) if seconds is None else seconds / 60
    if minutes > most:
        return None
    if seconds is not None and step == STEPS_MINUTES[0]:
        return _by(mode, max(1, round(minutes)))
    return gettext("about %(time)s", time=_by(mode, estimate.rounded(minutes, step)))


def _step(mode: Mode, radius_miles: float) -> int | None:
    return estimate.step_minutes(step_miles(radius_miles), mode)


def _by(mode: Mode, minutes: int) -> str:
    if mode is Mode.FOOT:
        return ngettext("%(num)s minute’s walk", "%(num)s minutes’ walk", minutes)
    if mode is Mode.BIKE:
        return gettext("%(time)s by bike", time=_duration(minutes))
    if mode is Mode.CAR:
        return gettext("%(time)s by car", time=_duration(minutes))
    return gettext("%(time)s by public transport", time=_duration(minutes))


def _duration(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    parts = [ngettext("%(num)s hour", "%(num)s hours", hours)] if hours else []
    parts += [ngettext("%(num)s minute", "%(num)s minutes", rest)] if rest else []
    return " ".join(parts)


def source(results: Results) -> str | None:
    """In a search by time, where the times come from."""
    if results.journey is None:
        return None
    if not results.seconds:
        return gettext("Times are worked out from the distance, so they are rough.")
    if not results.is_partly_routed:
        return gettext("Times are from a route planner.")
    return gettext(
        "Times are from a route planner for the nearest %(count)s places, and worked out from the distance for others.",
        count=len(results.seconds),
    )
