"""How many opportunities each choice of a search would leave.

Counted are those within the circle and those tied to no one place, as a page
shows both. For each question the others stay as they were asked: the number
beside "Jobs" is that of the jobs that meet everything but the chosen kinds.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import CTE, ColumnElement, Integer, RowMapping, and_, case, func, literal, select, union_all
from sqlalchemy.orm import Session

from catalogue.filters import Asked, Filters, Span, costs_nothing
from catalogue.models import IS_PLACELESS, Occurrence, Opportunity, Skill, opportunity_skill
from catalogue.nearest import HALF_WAY_ROUND_M, Point, near_opportunities
from catalogue.words import Kind, Layer, TimeOfWeek

# No more than so many are looked at near the place, and as many without one: work per request is bounded.
BOUND = 2_000
MOST_SKILLS = 12
CHOICES = (Asked.KIND, Asked.LAYER, Asked.SKILL, Asked.FREE, Asked.AGE, Asked.SITTING)


@dataclass(slots=True)
class Facets:
    """Counts by choice. If `is_bounded`, there may be more than each number says.

    `total` meets all that is asked. `skills` are (skill, count), the commonest first;
    `spans` is by the name that was given to each. `without` is how many there
    would be if a question that has choices were not asked.
    """

    total: int = 0
    kinds: Counter[Kind] = field(default_factory=Counter)
    layers: Counter[Layer] = field(default_factory=Counter)
    free: int = 0
    ages: Counter[int] = field(default_factory=Counter)
    spans: Counter[str] = field(default_factory=Counter)
    times: Counter[TimeOfWeek] = field(default_factory=Counter)
    skills: list[tuple[Skill, int]] = field(default_factory=list)
    without: Counter[Asked] = field(default_factory=Counter)
    is_bounded: bool = False


def facets(session: Session, point: Point, filters: Filters, ages: Sequence[int], spans: Mapping[str, Span]) -> Facets:
    """Count the choices of a search, the distance of `filters` being how far it looks. Two statements."""
    candidates = _candidates(session, point, filters)
    asked = filters.asked(session)
    found = Facets()
    counted = 0
    for row in session.execute(_groups(candidates, filters, asked, spans)).mappings():
        counted += row["number"]
        _add(found, row, ages, spans)
    found.is_bounded = counted >= BOUND
    others = [condition for question, condition in asked.items() if question is not Asked.SKILL]
    found.skills = _skills(session, candidates, others)
    return found


def _candidates(session: Session, point: Point, filters: Filters) -> CTE:
    """The ids of what could be chosen from: all that is asked for but the questions that have choices."""
    fixed = Filters(filters.now, words=filters.words, badge_id=filters.badge_id, provider_id=filters.provider_id)
    radius = HALF_WAY_ROUND_M if filters.within_m is None else min(filters.within_m, HALF_WAY_ROUND_M)
    near = near_opportunities(session, point, fixed, radius)
    here = select(near.c.opportunity_id).where(near.c.rank == 1).limit(BOUND).subquery()
    anywhere = (
        select(Opportunity.id.label("opportunity_id")).where(IS_PLACELESS, *fixed.conditions(session)).limit(BOUND)
    ).subquery()
    return (
        union_all(select(here.c.opportunity_id), select(anywhere.c.opportunity_id))
        .cte("candidates")
        .prefix_with("MATERIALIZED")
    )


def _groups(
    candidates: CTE, filters: Filters, asked: Mapping[Asked, ColumnElement[bool]], spans: Mapping[str, Span]
) -> Any:
    """Candidates by all that counts: what they are, which questions they fail, when they take place."""
    columns: list[ColumnElement[Any]] = [
        Opportunity.kind.label("kind"),
        Opportunity.layer.label("layer"),
        Opportunity.age_min.label("age_min"),
        Opportunity.age_max.label("age_max"),
        _flag(costs_nothing()).label("is_free"),
        *(_flag(_has_sitting(filters, span=span)).label(f"span {name}") for name, span in spans.items()),
        *(_flag(_has_sitting(filters, time=time)).label(f"time {time}") for time in TimeOfWeek),
        *((_flag(asked[each]) if each in asked else literal(1, Integer)).label(f"meets {each}") for each in CHOICES),
    ]
    rows = (
        select(*columns).select_from(candidates).join(Opportunity, Opportunity.id == candidates.c.opportunity_id)
    ).subquery()
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
    return select(Occurrence.id).where(wanted.sitting()).correlate(Opportunity).exists()


def _add(found: Facets, row: RowMapping, ages: Sequence[int], spans: Mapping[str, Span]) -> None:
    """Count a group for each question that is the only one it fails, and for all if it fails none."""
    number: int = row["number"]
    fails = {question for question in CHOICES if not row[f"meets {question}"]}
    counted_for = {question for question in CHOICES if fails <= {question}}
    found.total += 0 if fails else number
    found.without.update(dict.fromkeys(counted_for, number))
    if Asked.KIND in counted_for:
        found.kinds[row["kind"]] += number
    if Asked.LAYER in counted_for:
        found.layers[row["layer"]] += number
    if Asked.FREE in counted_for:
        found.free += number * row["is_free"]
    if Asked.AGE in counted_for:
        youngest, oldest = row["age_min"] or 0, row["age_max"]
        found.ages.update({age: number for age in ages if youngest <= age and (oldest is None or age <= oldest)})
    if Asked.SITTING in counted_for:
        found.spans.update({name: number * row[f"span {name}"] for name in spans})
        found.times.update({time: number * row[f"time {time}"] for time in TimeOfWeek})


def _skills(session: Session, candidates: CTE, conditions: Sequence[ColumnElement[bool]]) -> list[tuple[Skill, int]]:
    link = opportunity_skill.c
    number = func.count().label("number")
    by_skill = (
        select(link.skill_id, number)
        .select_from(candidates)
        .join(Opportunity, Opportunity.id == candidates.c.opportunity_id)
        .join(opportunity_skill, link.opportunity_id == Opportunity.id)
        .where(and_(True, *conditions))
        .group_by(link.skill_id)
    ).subquery()
    rows = session.execute(
        select(Skill, by_skill.c.number)
        .join(by_skill, by_skill.c.skill_id == Skill.id)
        .order_by(by_skill.c.number.desc(), Skill.name)
        .limit(MOST_SKILLS)
    )
    return [(skill, count) for skill, count in rows]
