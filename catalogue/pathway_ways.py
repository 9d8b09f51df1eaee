"""The ways to do each step of a pathway, and what is near by each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalogue.circles import LADDER_MILES, fitting_radius
from catalogue.filters import METRES_PER_MILE, Filters
from catalogue.models import IS_PLACELESS, Badge, Opportunity, Provider, Skill
from catalogue.nearest import GROWTH, Hit, Point, nearest, venue_distances
from catalogue.pathway_models import Pathway, Step
from catalogue.queries import COUNT_BOUND, Card, cards
from catalogue.words import Kind, Layer, OptionKind, Reach

NEAR_MILES = LADDER_MILES[-1]
COUNTED = 10  # ways near are counted to here: enough to say that there is a choice


@dataclass(frozen=True, slots=True)
class Way:
    """One way to do a step: a badge, a named opportunity, or those of its rules that differ in their kind only.

    A rule asks for what is set: for any one of `kinds`, and for the layer, the skill and the provider.
    A badge counts only where it is earned with one of the skills of `subject`, slugs; with any, if there are none.
    """

    badge: Badge | None = None
    subject: frozenset[str] = frozenset()
    opportunity: Opportunity | None = None
    kinds: tuple[Kind, ...] = ()
    layer: Layer | None = None
    skill: Skill | None = None
    provider: Provider | None = None

    @property
    def is_bare(self) -> bool:
        """Whether it is a rule of a kind or a layer alone, which nearly anything meets."""
        return not (self.badge or self.opportunity or self.skill or self.provider)

    def filters(self, now: datetime) -> Filters:
        """What a search for a badge or by a rule asks of opportunities. Not for one that is named."""
        return Filters(
            now,
            kinds=frozenset(self.kinds),
            layers=frozenset({self.layer} if self.layer else ()),
            skills=frozenset({self.skill.slug}) if self.skill else self.subject,
            badge_id=self.badge.id if self.badge else None,
            provider_id=self.provider.id if self.provider else None,
        )


@dataclass(frozen=True, slots=True)
class WayNear:
    """A way, the nearest opportunity by it, and how many there are.

    `near_count` is of those within `NEAR_MILES`, counted to `COUNTED`, and `elsewhere_count`
    of those without a place. `first` is within them too, but for a named opportunity, which is where it is.
    """

    way: Way
    first: Hit | None = None
    near_count: int = 0
    elsewhere_count: int = 0


@dataclass(frozen=True, slots=True)
class StepNear:
    """A step with its ways and the nearest opportunity to do it, which is far if it is beyond `NEAR_MILES`.

    A rule of a kind or a layer alone gives the card only where nothing else is near.
    """

    step: Step
    ways: Sequence[WayNear]
    card: Card | None = None
    is_far: bool = False

    @property
    def elsewhere_count(self) -> int:
        return sum(each.elsewhere_count for each in self.ways)


def subject(*steps: Step) -> frozenset[str]:
    """What some steps are about: the slugs of the skills that their rules name."""
    options = (option for step in steps for option in step.options)
    return frozenset(option.rule_skill.slug for option in options if option.rule_skill)


def ways(step: Step, now: datetime, about: frozenset[str] = frozenset()) -> list[Way]:
    """The ways to do a step, in their order, without named opportunities that have ended.

    Badges such as "Saw it done" are earned in kitchens and on building sites alike: a step means those
    that are earned with a skill that its rules name, or else with one of its pathway's.

    Args:
        about: the `subject` of all steps of its pathway.
    """
    about = subject(step) or about
    found: dict[object, Way] = {}
    for option in step.options:
        if option.option_kind is not OptionKind.RULE:
            if option.opportunity is None or _is_open(option.opportunity, now):
                skills = about if option.badge else frozenset()
                found[option.id] = Way(badge=option.badge, subject=skills, opportunity=option.opportunity)
            continue
        # A rule is of at most one kind: those that are alike but for it are one way with several.
        alike = (option.rule_layer, option.rule_skill_id, option.rule_provider_id)
        way = Way(
            kinds=(option.rule_kind,) if option.rule_kind else (),
            layer=option.rule_layer,
            skill=option.rule_skill,
            provider=option.rule_provider,
        )
        found[alike] = replace(way, kinds=_either(found[alike], way)) if alike in found else way
    return list(found.values())


def steps_anywhere(pathway: Pathway, now: datetime) -> list[StepNear]:
    """The steps and their ways, as they are wherever one lives. No statement, if the pathway is from `pathway`."""
    about = subject(*pathway.steps)
    return [StepNear(step, [WayNear(way) for way in ways(step, now, about)]) for step in pathway.steps]


def steps_near(
    session: Session, pathway: Pathway, located: Point, now: datetime, slack_miles: float = 0.0
) -> list[StepNear]:
    """The steps, each with its nearest live opportunity and with how many there are by each way.

    The work is bounded by the ways: for each that is no named opportunity one search
    within `NEAR_MILES`; where a step has nothing there, one more search each. A way
    that several steps share is looked up once.

    Args:
        slack_miles: how much farther to look than `NEAR_MILES`, where the point is the middle of an area.
    """
    about = subject(*pathway.steps)
    by_step = [ways(step, now, about) for step in pathway.steps]
    within_miles = NEAR_MILES + slack_miles
    known = _known(session, located, list(dict.fromkeys(way for each in by_step for way in each)), now, within_miles)
    firsts = _first_hits(session, located, by_step, known, now, within_miles)
    shown = {card.opportunity.id: card for card in cards(session, [hit for hit in firsts if hit], Filters(now))}
    return [
        StepNear(
            step,
            [known[way] for way in each],
            shown.get(first.opportunity_id) if first else None,
            is_far=first is not None and first.distance_m > within_miles * METRES_PER_MILE,
        )
        for step, each, first in zip(pathway.steps, by_step, firsts, strict=True)
    ]


def _known(
    session: Session, located: Point, ways: Sequence[Way], now: datetime, within_miles: float
) -> dict[Way, WayNear]:
    within_m = within_miles * METRES_PER_MILE
    named = _named_hits(session, located, [way.opportunity for way in ways if way.opportunity])
    searched = [way for way in ways if way.opportunity is None]
    elsewhere = _elsewhere_counts(session, [way.filters(now) for way in searched])
    # A circle that holds enough of everything is a better start than a fixed one: fewer searches where there is little.
    start_m = fitting_radius(session, located, Filters(now)) * METRES_PER_MILE
    found = {}
    for way, elsewhere_count in zip(searched, elsewhere, strict=True):
        near = replace(way.filters(now), within_miles=within_miles)
        hits = nearest(session, located, near, COUNTED, start_m)
        found[way] = WayNear(way, hits[0] if hits else None, len(hits), elsewhere_count)
    for way in ways:
        if way.opportunity is not None:
            hit = named.get(way.opportunity.id)
            is_near = hit is not None and hit.distance_m <= within_m
            found[way] = WayNear(way, hit, int(is_near), int(_is_placeless(way.opportunity)))
    return found


def _first_hits(
    session: Session,
    located: Point,
    by_step: list[list[Way]],
    known: dict[Way, WayNear],
    now: datetime,
    within_miles: float,
) -> list[Hit | None]:
    """The nearest hit of each step: however far away it is, where there is none near."""
    wanting = [way for each in by_step if not any(known[way].near_count for way in each) for way in each]
    far: dict[Way, Hit] = {}
    for way in dict.fromkeys(wanting):
        if way.opportunity is None:
            start_m = within_miles * METRES_PER_MILE * GROWTH
            far.update((way, hit) for hit in nearest(session, located, way.filters(now), 1, start_m))
    return [_first_near(each, known) or _first_of(known[way].first or far.get(way) for way in each) for each in by_step]


def _first_near(ways: Sequence[Way], known: dict[Way, WayNear]) -> Hit | None:
    """The nearest hit within `NEAR_MILES`: by a bare rule only if there is none by another way."""
    near = [way for way in ways if known[way].near_count]
    return _first_of(known[way].first for way in near if not way.is_bare) or _first_of(known[way].first for way in near)


def _first_of(hits: Iterable[Hit | None]) -> Hit | None:
    return min((hit for hit in hits if hit), default=None)


def _elsewhere_counts(session: Session, asked: Sequence[Filters]) -> list[int]:
    """How many opportunities without a place meet each of some filters, as `count_without_venue` counts them."""
    if not asked:
        return []
    bounded = [
        select(Opportunity.id).where(IS_PLACELESS, *filters.conditions(session)).limit(COUNT_BOUND).subquery()
        for filters in asked
    ]
    counts = [select(func.count()).select_from(each).scalar_subquery() for each in bounded]
    return list(session.execute(select(*counts)).one())


def _named_hits(session: Session, located: Point, named: Sequence[Opportunity]) -> dict[int, Hit]:
    """Named opportunities that have a venue, at their nearest, by id. One statement, or none."""
    venue_ids = sorted({venue.id for opportunity in named for venue in opportunity.venues})
    distances = venue_distances(session, located, venue_ids) if venue_ids else {}
    found = {}
    for opportunity in named:
        # A venue that was deleted between the statements has no distance.
        hits = [
            Hit(distances[venue.id], opportunity.id, venue.id) for venue in opportunity.venues if venue.id in distances
        ]
        if hits and not _is_placeless(opportunity):
            found[opportunity.id] = min(hits)
    return found


def _either(one: Way, other: Way) -> tuple[Kind, ...]:
    """The kinds of two rules that are alike otherwise; none where one of them takes any kind."""
    if not one.kinds or not other.kinds:
        return ()
    return tuple(kind for kind in Kind if kind in (*one.kinds, *other.kinds))


def _is_open(opportunity: Opportunity, now: datetime) -> bool:
    return opportunity.ends_at is None or opportunity.ends_at > now


def _is_placeless(opportunity: Opportunity) -> bool:
    return opportunity.reach is not Reach.VENUE
