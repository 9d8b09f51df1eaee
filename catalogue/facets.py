"""How many opportunities each choice of a search would leave.

Counted are those within the circle and those tied to no one place, as a page
shows both. For each question the others stay as they were asked: the number
beside "Jobs" is that of the jobs that meet everything but the chosen kinds.
Where other kinds are chosen already, choosing jobs too adds so many.
No more than `COUNT_BOUND` are looked at near the place, and as many without
one: work per request is bounded.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from operator import attrgetter
from typing import Any, NamedTuple, cast

from sqlalchemy import (
    ColumnElement,
    Executable,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    case,
    false,
    func,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import Session

from catalogue.earth import Point
from catalogue.few import as_parameter, ids_in
from catalogue.filters import KEPT_STATEMENTS, NOW, PAID_KINDS, Asked, Filters, Span
from catalogue.models import Occurrence, Opportunity, Skill, opportunity_skill
from catalogue.nearest import Found, nearest_found
from catalogue.queries import COUNT_BOUND
from catalogue.words import Kind, Layer, TimeOfWeek
from database.base import UtcDateTime
from database.engine import dialect_of
from database.plain import plain_rows

MOST_SKILLS = 12
ASKED = "asked"  # the name of the span that is chosen
CHOICES = (Asked.KIND, Asked.LAYER, Asked.SKILL, Asked.FREE, Asked.AGE, Asked.SITTING)


class SkillChoice(NamedTuple):
    """A skill that may be chosen."""

    id: int
    slug: str
    name: str


@dataclass(slots=True)
class Facets:
    """Counts by choice. If `is_bounded`, there may be more than each number says.

    `total` meets all that is asked; `elsewhere` of it is tied to no one place, counted as
    `queries.count_without_venue` does, None if those that were looked at do not tell.
    `skills` are those chosen and the commonest, with their counts; `spans` is by the name
    that was given to each. `added` holds for each question of which several choices may be
    made how many a further one would add. `without` is how many there would be if a
    question were not asked.
    """

    total: int = 0
    elsewhere: int | None = None
    kinds: Counter[Kind] = field(default_factory=Counter)
    layers: Counter[Layer] = field(default_factory=Counter)
    free: int = 0
    ages: Counter[int] = field(default_factory=Counter)
    spans: Counter[str] = field(default_factory=Counter)
    times: Counter[TimeOfWeek] = field(default_factory=Counter)
    skills: list[tuple[SkillChoice, int]] = field(default_factory=list)
    added: dict[Asked, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    without: Counter[Asked] = field(default_factory=Counter)
    is_bounded: bool = False


def facets(
    session: Session,
    point: Point,
    filters: Filters,
    ages: Sequence[int],
    spans: Mapping[str, Span],
    near: Sequence[Found] | None = None,
) -> Facets:
    """Count the choices of a search, the distance of `filters` being how far it looks.

    Args:
        near: the nearest that meet `unchosen(filters)`, by distance, at least `COUNT_BOUND` if there are so many:
            for whoever has looked already.
    """
    fixed = unchosen(filters)
    if near is None:
        near = nearest_found(session, point, fixed, COUNT_BOUND, by_distance=True)
    here = [_Candidate(each.hit.opportunity_id, *each[2:]) for each in near[:COUNT_BOUND]]
    elsewhere = _placeless(session, fixed)
    candidates = here + elsewhere
    asked = filters.asked(dialect_of(session))
    fails = _fails(session, candidates, filters, asked)
    found = Facets(is_bounded=len(here) == COUNT_BOUND or len(elsewhere) == COUNT_BOUND)
    passing, only = _apart(candidates, fails)
    counted = {question: passing + only[question] for question in CHOICES}
    found.total = len(passing)
    if not fails or len(elsewhere) < COUNT_BOUND:
        found.elsewhere = sum(each.id not in fails for each in elsewhere)
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
    """What could be chosen, and what it is. It may have sittings unless it is known to have no end."""

    id: int
    kind: str
    layer: str
    cost_pence: int | None
    age_min: int | None
    age_max: int | None
    may_have_sittings: bool = True

    @property
    def is_free(self) -> bool:
        return self.cost_pence == 0 or self.kind in PAID_KINDS


def _placeless(session: Session, fixed: Filters) -> list[_Candidate]:
    statement = _choosing_placeless(dialect_of(session), fixed.shape)
    values = {"now": fixed.now, "most": COUNT_BOUND}
    return list(map(_Candidate._make, plain_rows(session, statement, values)))


@lru_cache(maxsize=KEPT_STATEMENTS)
def _choosing_placeless(dialect: str, filters: Filters) -> Executable:
    rows = select(
        Opportunity.id,
        type_coerce(Opportunity.kind, String),
        type_coerce(Opportunity.layer, String),
        Opportunity.cost_pence,
        Opportunity.age_min,
        Opportunity.age_max,
        Opportunity.ends_at.is_not(None),
    ).where(*filters.placeless(dialect))
    return rows.limit(bindparam("most", type_=Integer))


def _fails(
    session: Session, candidates: Sequence[_Candidate], filters: Filters, asked: Mapping[Asked, ColumnElement[bool]]
) -> dict[int, set[Asked]]:
    """Which of the questions that have choices candidates fail, by their ids; those that fail none are left out."""
    fails: dict[int, set[Asked]] = defaultdict(set)
    meets: dict[Asked, Callable[[_Candidate], bool]] = {}
    dialect = dialect_of(session)
    if filters.kinds:
        meets[Asked.KIND] = lambda each: each.kind in filters.kinds
    if filters.layers:
        meets[Asked.LAYER] = lambda each: each.layer in filters.layers
    if filters.is_free:
        meets[Asked.FREE] = attrgetter("is_free")
    if (age := filters.age) is not None:
        meets[Asked.AGE] = lambda each: (each.age_min or 0) <= age and (each.age_max is None or age <= each.age_max)
    for question in asked.keys() & {Asked.SKILL, Asked.SITTING}:
        some = select(Opportunity.id).where(Opportunity.id.in_(ids_in(dialect)), asked[question])
        ids = frozenset(session.scalars(some, {"ids": as_parameter(dialect, [each.id for each in candidates])}))
        meets[question] = lambda each, ids=ids: each.id in ids  # type: ignore[misc]  # mypy knows no defaults here
    for question, is_met in meets.items():
        for each in candidates:
            if not is_met(each):
                fails[each.id].add(question)
    return fails


def _apart(
    candidates: list[_Candidate], fails: Mapping[int, set[Asked]]
) -> tuple[list[_Candidate], dict[Asked, list[_Candidate]]]:
    """Those that fail no question, and by question those that fail it alone."""
    only: dict[Asked, list[_Candidate]] = defaultdict(list)
    if not fails:
        return candidates, only
    passing = []
    for each in candidates:
        failed = fails.get(each.id)
        if not failed:
            passing.append(each)
        elif len(failed) == 1:
            only[next(iter(failed))].append(each)
    return passing, only


def _add_sittings(
    found: Facets,
    session: Session,
    passing: Sequence[_Candidate],
    further: Sequence[_Candidate],
    filters: Filters,
    spans: Mapping[str, Span],
) -> None:
    """Count the days and the times. `further` would meet all else."""
    dialect, is_further = dialect_of(session), {each.id for each in further}
    values: dict[str, Any] = {
        "now": filters.now,
        "ids": as_parameter(dialect, [each.id for each in (*passing, *further) if each.may_have_sittings]),
        "further": as_parameter(dialect, is_further),
    }
    asked = {**spans, ASKED: filters.span} if filters.span else spans
    for name, span in asked.items():
        values |= {f"{name} start": span.start, f"{name} end": span.end}
    names = tuple(spans)
    statement = _sittings(dialect, names, filters.span is not None, filters.times, bool(is_further))
    found.spans.update(dict.fromkeys(names, 0))
    found.times.update(dict.fromkeys(TimeOfWeek, 0))
    for *row, is_new, number in plain_rows(session, statement, values):
        found.spans.update({name: number * flag for name, flag in zip(names, row, strict=False)})
        times = {time: number * flag for time, flag in zip(TimeOfWeek, row[len(names) :], strict=True)}
        found.times.update(times)
        found.added[Asked.SITTING].update(times if is_new else {})


@lru_cache(maxsize=KEPT_STATEMENTS)
def _sittings(
    dialect: str, spans: Sequence[str], has_span: bool, times: frozenset[TimeOfWeek], has_further: bool
) -> Select[Any]:
    """How many opportunities have sittings to come alike: on the same days, at the same times, all else met or not."""
    asked = Filters(NOW, span=_span(ASKED) if has_span else None, times=times)
    of_further = Occurrence.opportunity_id.in_(ids_in(dialect, "further")) if has_further else false()
    by_span = {f"span {name}": replace(asked, span=_span(name)) for name in spans}
    by_time = {f"time {time}": replace(asked, times=frozenset({time})) for time in TimeOfWeek}
    columns = [
        # What holds of all rows is not asked again for each of the flags.
        *(_flag(and_(*each.sitting_to_come())).label(name) for name, each in (by_span | by_time).items()),
        _flag(of_further).label("is_further"),
    ]
    to_come = (
        select(Occurrence.opportunity_id, *(func.max(column).label(column.name) for column in columns))
        .where(Occurrence.opportunity_id.in_(ids_in(dialect)), Occurrence.ends_at > NOW)
        .group_by(Occurrence.opportunity_id)
        .subquery()
    )
    patterns = [to_come.c[column.name] for column in columns]
    return select(*patterns, func.count()).group_by(*patterns)


def _span(name: str) -> Span:
    """A span whose ends are parameters."""
    start, end = (cast(Any, bindparam(f"{name} {edge}", type_=UtcDateTime())) for edge in ("start", "end"))
    return Span(start, end)


def _flag(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def _add_skills(
    found: Facets,
    session: Session,
    passing: Sequence[_Candidate],
    further: Sequence[_Candidate],
    filters: Filters,
) -> None:
    """Count the skills, those that are chosen and the commonest. `further` teach none of those that are chosen."""
    dialect = dialect_of(session)

    def by_skill(some: Sequence[_Candidate]) -> dict[int, int]:
        ids = {"ids": as_parameter(dialect, [each.id for each in some])}
        return dict(plain_rows(session, _by_skill(dialect), ids))

    new = by_skill(further) if further else {}
    numbers = Counter(by_skill(passing)) + Counter(new)
    commonest = sorted(numbers, key=lambda each: (-numbers[each], each))[: MOST_SKILLS + len(filters.skills)]
    rows = plain_rows(session, _named(dialect, filters.skills), {"ids": as_parameter(dialect, commonest)})
    skills = [SkillChoice(*row) for row in rows]
    ranked = sorted(skills, key=lambda each: (each.slug not in filters.skills, -numbers[each.id], each.id))
    shown = ranked[: MOST_SKILLS + len(filters.skills)]
    found.skills = sorted(((each, numbers[each.id]) for each in shown), key=lambda each: (-each[1], each[0].name))
    found.added[Asked.SKILL].update({each.slug: new.get(each.id, 0) for each in shown})


@lru_cache(maxsize=KEPT_STATEMENTS)
def _named(dialect: str, slugs: frozenset[str]) -> Select[int, str, str]:
    """Skills by id or slug."""
    is_meant: ColumnElement[bool] = Skill.id.in_(ids_in(dialect))
    if slugs:
        is_meant = or_(is_meant, Skill.slug.in_(sorted(slugs)))
    return select(Skill.id, Skill.slug, Skill.name).where(is_meant)


@cache
def _by_skill(dialect: str) -> Select[Any]:
    """How many of some opportunities teach each skill."""
    link = opportunity_skill.c
    return select(link.skill_id, func.count()).where(link.opportunity_id.in_(ids_in(dialect))).group_by(link.skill_id)
