"""How many opportunities each choice of a search would leave.

Counted are those within the circle and those tied to no one place, as a page
shows both. For each question the others stay as they were asked: the number
beside "Jobs" is that of the jobs that meet everything but the chosen kinds.
Where other kinds are chosen already, choosing jobs too adds so many.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Integer, RowMapping, Select, case, func, literal, not_, or_, select
from sqlalchemy.orm import Session

from catalogue.filters import Asked, Filters, Span, costs_nothing
from catalogue.models import IS_PLACELESS, Occurrence, Opportunity, Skill, opportunity_skill
from catalogue.nearest import FIRST_RADIUS_M, Point, nearest
from catalogue.words import Kind, Layer, Reach, TimeOfWeek

# No more than so many are looked at near the place, and as many without one: work per request is bounded.
BOUND = 2_000
MOST_SKILLS = 12
CHOICES = (Asked.KIND, Asked.LAYER, Asked.SKILL, Asked.FREE, Asked.AGE, Asked.SITTING)


@dataclass(slots=True)
class Facets:
    """Counts by choice. If `is_bounded`, there may be more than each number says.

    `total` meets all that is asked. `skills` are those chosen and the commonest, with
    their counts; `spans` is by the name that was given to each. `added` holds for each
    question of which several choices may be made how many a further one would add.
    `without` is how many there would be if a question were not asked.
    """

    total: int = 0
    kinds: Counter[Kind] = field(default_factory=Counter)
    layers: Counter[Layer] = field(default_factory=Counter)
    free: int = 0
    ages: Counter[int] = field(default_factory=Counter)
    spans: Counter[str] = field(default_factory=Counter)
    times: Counter[TimeOfWeek] = field(default_factory=Counter)
    skills: list[tuple[Skill, int]] = field(default_factory=list)
    added: dict[Asked, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    without: Counter[Asked] = field(default_factory=Counter)
    is_bounded: bool = False


def facets(
    session: Session,
    point: Point,
    filters: Filters,
    ages: Sequence[int],
    spans: Mapping[str, Span],
    first_radius_m: float = FIRST_RADIUS_M,
) -> Facets:
    """Count the choices of a search, the distance of `filters` being how far it looks.

    `first_radius_m` is the first circle to try, as for `nearest`.
    """
    candidates, is_bounded = _candidates(session, point, filters, first_radius_m)
    asked = filters.asked(session)
    found = Facets(is_bounded=is_bounded)
    placeless = 0
    for row in session.execute(_groups(candidates, filters, asked, spans)).mappings():
        placeless += row["number"] * row["is_placeless"]
        _add(found, row, ages, spans)
    found.is_bounded |= placeless == BOUND
    _add_skills(found, session, candidates, filters, asked)
    return found


def _candidates(
    session: Session, point: Point, filters: Filters, first_radius_m: float
) -> tuple[ColumnElement[bool], bool]:
    """Which could be chosen from, all being met but the questions that have choices; and whether there are more.

    The near ones are found by a growing circle and named, so that a wide circle is not read whole.
    """
    fixed = Filters(
        filters.now,
        words=filters.words,
        badge_id=filters.badge_id,
        provider_id=filters.provider_id,
        within_miles=filters.within_miles,
        box=filters.box,
        venues_too_far=filters.venues_too_far,
    )
    hits = nearest(session, point, fixed, BOUND, first_radius_m, by_distance=True)
    here = [hit.opportunity_id for hit in hits]
    anywhere = select(Opportunity.id).where(IS_PLACELESS, *fixed.conditions(session)).limit(BOUND).subquery()
    return or_(Opportunity.id.in_(here), Opportunity.id.in_(select(anywhere.c.id))), len(here) == BOUND


def _groups(
    candidates: ColumnElement[bool],
    filters: Filters,
    asked: Mapping[Asked, ColumnElement[bool]],
    spans: Mapping[str, Span],
) -> Select[Any]:
    """Candidates by all that counts: what they are, which questions they fail, when they take place."""
    columns: list[ColumnElement[Any]] = [
        Opportunity.kind.label("kind"),
        Opportunity.layer.label("layer"),
        Opportunity.age_min.label("age_min"),
        Opportunity.age_max.label("age_max"),
        _flag(Opportunity.reach != Reach.VENUE).label("is_placeless"),
        _flag(costs_nothing()).label("is_free"),
        *(_flag(_has_sitting(filters, span=span)).label(f"span {name}") for name, span in spans.items()),
        *(_flag(_has_sitting(filters, time=time)).label(f"time {time}") for time in TimeOfWeek),
        *((_flag(asked[each]) if each in asked else literal(1, Integer)).label(f"meets {each}") for each in CHOICES),
    ]
    rows = select(*columns).where(candidates).subquery()
    return select(*rows.c, func.count().label("number")).group_by(*rows.c)


def _flag(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def _has_sitting(filters: Filters, span: Span | None = None, time: TimeOfWeek | None = None) -> ColumnElement[bool]:
    """A sitting in the span, at one of the times asked for; or at the time, in the span asked for."""
    wanted = Filters(
        filters.now,
        span=span or filters.span,
        times=frozenset({time}) if time else filters.times,
    )
    conditions = Occurrence.opportunity_id == Opportunity.id, *wanted.sitting()
    return select(Occurrence.id).where(*conditions).correlate(Opportunity).exists()


def _add(found: Facets, row: RowMapping, ages: Sequence[int], spans: Mapping[str, Span]) -> None:
    """Count a group for each question that is the only one it fails, and for all if it fails none."""
    number: int = row["number"]
    fails = {question for question in CHOICES if not row[f"meets {question}"]}
    counted_for = {question for question in CHOICES if fails <= {question}}
    found.total += 0 if fails else number
    found.without.update(dict.fromkeys(counted_for, number))
    if Asked.KIND in counted_for:
        found.kinds[row["kind"]] += number
        found.added[Asked.KIND][row["kind"]] += number if fails else 0
    if Asked.LAYER in counted_for:
        found.layers[row["layer"]] += number
        found.added[Asked.LAYER][row["layer"]] += number if fails else 0
    if Asked.FREE in counted_for:
        found.free += number * row["is_free"]
    if Asked.AGE in counted_for:
        youngest, oldest = row["age_min"] or 0, row["age_max"]
        found.ages.update({age: number for age in ages if youngest <= age and (oldest is None or age <= oldest)})
    if Asked.SITTING in counted_for:
        found.spans.update({name: number * row[f"span {name}"] for name in spans})
        times = {time: number * row[f"time {time}"] for time in TimeOfWeek}
        found.times.update(times)
        found.added[Asked.SITTING].update(times if fails else {})


def _add_skills(
    found: Facets,
    session: Session,
    candidates: ColumnElement[bool],
    filters: Filters,
    asked: Mapping[Asked, ColumnElement[bool]],
) -> None:
    """Count the skills, those that are chosen and the commonest, of what meets all other questions."""
    link = opportunity_skill.c
    others = [condition for question, condition in asked.items() if question is not Asked.SKILL]
    is_new = _flag(not_(asked[Asked.SKILL])) if Asked.SKILL in asked else literal(0, Integer)
    by_skill = (
        select(link.skill_id, func.count().label("number"), func.sum(is_new).label("added"))
        .join(Opportunity, Opportunity.id == link.opportunity_id)
        .where(candidates, *others)
        .group_by(link.skill_id)
    ).subquery()
    is_chosen = Skill.slug.in_(sorted(filters.skills))
    rows = session.execute(
        select(Skill, func.coalesce(by_skill.c.number, 0), func.coalesce(by_skill.c.added, 0))
        .outerjoin(by_skill, by_skill.c.skill_id == Skill.id)
        .where(or_(by_skill.c.number > 0, is_chosen))
        .order_by(_flag(is_chosen).desc(), func.coalesce(by_skill.c.number, 0).desc(), Skill.id)
        .limit(MOST_SKILLS + len(filters.skills))
    ).all()
    found.skills = sorted(((skill, number) for skill, number, _ in rows), key=lambda each: (-each[1], each[0].name))
    found.added[Asked.SKILL].update({skill.slug: int(added) for skill, _, added in rows})
