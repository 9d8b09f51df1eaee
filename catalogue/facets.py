"""How many opportunities each choice of a search would leave.

Counted are those within the circle and those tied to no one place, as a page
shows both. For each question the others stay as they were asked: the number
beside "Jobs" is that of the jobs that meet everything but the chosen kinds.
Where other kinds are chosen already, choosing jobs too adds so many.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import NamedTuple

from sqlalchemy import ColumnElement, String, and_, case, false, func, or_, select, type_coerce
from sqlalchemy.orm import Session

from catalogue.few import among
from catalogue.filters import PAID_KINDS, Asked, Filters, Span
from catalogue.models import IS_PLACELESS, Occurrence, Opportunity, Skill, opportunity_skill
from catalogue.nearest import Found, Point, nearest_found
from catalogue.words import Kind, Layer, TimeOfWeek

# No more than so many are looked at near the place, and as many without one: work per request is bounded.
BOUND = 500
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
    first_radius_m: float | None = None,
    near: Sequence[Found] | None = None,
) -> Facets:
    """Count the choices of a search, the distance of `filters` being how far it looks.

    Args:
        first_radius_m: the first circle to try, as for `nearest`.
        near: the nearest that meet `unchosen(filters)`, by distance, at least `BOUND` if there are so many:
            for whoever has looked already.
    """
    fixed = unchosen(filters)
    if near is None:
        near = nearest_found(session, point, fixed, BOUND, first_radius_m, by_distance=True)
    here = [_Candidate(each.hit.opportunity_id, *each[2:]) for each in near[:BOUND]]
    elsewhere = _placeless(session, fixed)
    candidates = here + elsewhere
    asked = filters.asked(session)
    fails = _fails(session, candidates, filters, asked)
    found = Facets(is_bounded=len(here) == BOUND or len(elsewhere) == BOUND)
    passing = [each for each in candidates if each.id not in fails]
    only = defaultdict(list)
    for each in candidates:
        if each.id in fails and len(fails[each.id]) == 1:
            only[next(iter(fails[each.id]))].append(each)
    counted = {question: passing + only[question] for question in CHOICES}
    found.total = len(passing)
    found.without.update({question: len(some) for question, some in counted.items()})
    for question, counts, name in ((Asked.KIND, found.kinds, "kind"), (Asked.LAYER, found.layers, "layer")):
        counts.update(map(attrgetter(name), counted[question]))
        found.added[question].update(map(attrgetter(name), only[question]))
    found.free = sum(each.is_free for each in counted[Asked.FREE])
    by_ages = Counter((each.age_min or 0, each.age_max) for each in counted[Asked.AGE])
    for age in ages:
        found.ages[age] = sum(
            number for (least, most), number in by_ages.items() if least <= age and (most is None or age <= most)
        )
    _add_sittings(found, session, passing, only[Asked.SITTING], filters, spans)
    _add_skills(found, session, passing, only[Asked.SKILL], filters)
    return found


def unchosen(filters: Filters) -> Filters:
    """A search without the questions that have choices."""
    return replace(
        filters,
        kinds=frozenset(),
        layers=frozenset(),
        skills=frozenset(),
        is_free=False,
        age=None,
        span=None,
        times=frozenset(),
    )


class _Candidate(NamedTuple):
    """What could be chosen, and what it is."""

    id: int
    kind: str
    layer: str
    cost_pence: int | None
    age_min: int | None
    age_max: int | None

    @property
    def is_free(self) -> bool:
        return self.cost_pence == 0 or self.kind in PAID_KINDS


def _placeless(session: Session, fixed: Filters) -> list[_Candidate]:
    rows = select(
        Opportunity.id,
        type_coerce(Opportunity.kind, String),
        type_coerce(Opportunity.layer, String),
        Opportunity.cost_pence,
        Opportunity.age_min,
        Opportunity.age_max,
    ).where(IS_PLACELESS, *fixed.conditions(session))
    return [_Candidate(*row) for row in session.connection().execute(rows.limit(BOUND))]


def _fails(
    session: Session, candidates: Sequence[_Candidate], filters: Filters, asked: Mapping[Asked, ColumnElement[bool]]
) -> dict[int, set[Asked]]:
    """Which of the questions that have choices candidates fail, by their ids; those that fail none are left out."""
    fails: dict[int, set[Asked]] = defaultdict(set)
    meets: dict[Asked, Callable[[_Candidate], bool]] = {}
    if filters.kinds:
        meets[Asked.KIND] = lambda each: each.kind in filters.kinds
    if filters.layers:
        meets[Asked.LAYER] = lambda each: each.layer in filters.layers
    if filters.is_free:
        meets[Asked.FREE] = attrgetter("is_free")
    if (age := filters.age) is not None:
        meets[Asked.AGE] = lambda each: (each.age_min or 0) <= age and (each.age_max is None or age <= each.age_max)
    for question in asked.keys() & {Asked.SKILL, Asked.SITTING}:
        some = among(session, [each.id for each in candidates])
        ids = frozenset(session.scalars(select(Opportunity.id).where(Opportunity.id.in_(some), asked[question])))
        meets[question] = lambda each, ids=ids: each.id in ids  # type: ignore[misc]  # mypy knows no defaults here
    for question, is_met in meets.items():
        for each in candidates:
            if not is_met(each):
                fails[each.id].add(question)
    return fails


def _add_sittings(
    found: Facets,
    session: Session,
    passing: Sequence[_Candidate],
    further: Sequence[_Candidate],
    filters: Filters,
    spans: Mapping[str, Span],
) -> None:
    """Count the days and the times. `further` would meet all else."""
    is_further = {each.id for each in further}
    some = among(session, [each.id for each in passing] + list(is_further))
    columns = [
        *(_flag(_is_wanted(filters, span=span)).label(f"span {name}") for name, span in spans.items()),
        *(_flag(_is_wanted(filters, time=time)).label(f"time {time}") for time in TimeOfWeek),
    ]
    of_further = Occurrence.opportunity_id.in_(among(session, is_further)) if is_further else false()
    columns.append(_flag(of_further).label("is_further"))
    flags = [func.max(column).label(column.name) for column in columns]
    to_come = (
        select(Occurrence.opportunity_id, *flags)
        .where(Occurrence.opportunity_id.in_(some), Occurrence.ends_at > filters.now)
        .group_by(Occurrence.opportunity_id)
        .subquery()
    )
    patterns = [to_come.c[column.name] for column in columns]
    grouped = select(*patterns, func.count()).group_by(*patterns)
    names = list(spans)
    found.spans.update(dict.fromkeys(names, 0))
    found.times.update(dict.fromkeys(TimeOfWeek, 0))
    for *row, is_new, number in session.connection().execute(grouped):
        found.spans.update({name: number * flag for name, flag in zip(names, row, strict=False)})
        times = {time: number * flag for time, flag in zip(TimeOfWeek, row[len(names) :], strict=True)}
        found.times.update(times)
        found.added[Asked.SITTING].update(times if is_new else {})


def _flag(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def _is_wanted(filters: Filters, span: Span | None = None, time: TimeOfWeek | None = None) -> ColumnElement[bool]:
    """That a sitting is in the span, at one of the times asked for; or at the time, in the span asked for."""
    wanted = Filters(filters.now, span=span or filters.span, times=frozenset({time}) if time else filters.times)
    return and_(*wanted.sitting())


def _add_skills(
    found: Facets,
    session: Session,
    passing: Sequence[_Candidate],
    further: Sequence[_Candidate],
    filters: Filters,
) -> None:
    """Count the skills, those that are chosen and the commonest. `further` teach none of those that are chosen."""
    link = opportunity_skill.c

    def by_skill(some: Sequence[_Candidate]) -> dict[int, int]:
        ids = among(session, [each.id for each in some])
        rows = (
            select(link.skill_id, func.count().label("number"))
            .where(link.opportunity_id.in_(ids))
            .group_by(link.skill_id)
        )
        return {row.skill_id: row.number for row in session.connection().execute(rows)}

    new = by_skill(further) if further else {}
    numbers = Counter(by_skill(passing)) + Counter(new)
    commonest = sorted(numbers, key=lambda each: (-numbers[each], each))[: MOST_SKILLS + len(filters.skills)]
    is_shown = or_(Skill.id.in_(commonest), Skill.slug.in_(sorted(filters.skills)))
    skills = session.scalars(select(Skill).where(is_shown)).all()
    ranked = sorted(skills, key=lambda each: (each.slug not in filters.skills, -numbers[each.id], each.id))
    shown = ranked[: MOST_SKILLS + len(filters.skills)]
    found.skills = sorted(((each, numbers[each.id]) for each in shown), key=lambda each: (-each[1], each[0].name))
    found.added[Asked.SKILL].update({each.slug: new.get(each.id, 0) for each in shown})
