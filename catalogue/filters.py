"""What a search asks of an opportunity, besides where it is."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, TextClause, and_, bindparam, not_, or_, select

from catalogue.grid import Box
from catalogue.matching import Query, has_words, has_words_nowhere
from catalogue.models import (
    IS_PLACELESS,
    Occurrence,
    Offer,
    Opportunity,
    Skill,
    opportunity_badge,
    opportunity_skill,
)
from catalogue.words import Kind, Layer, TimeOfWeek
from database.base import UtcDateTime

METRES_PER_MILE = 1609.344
NOW: Any = bindparam("now", type_=UtcDateTime())  # in the place of a moment, in a statement that is kept
KEPT_STATEMENTS = 32  # of each sort, by what is asked: each takes some kilobytes
# What conditions are about: a row of either has the columns that a search asks about.
Row = type[Opportunity] | type[Offer]
# Whoever is paid for it pays nothing.
PAID_KINDS = (Kind.APPRENTICESHIP, Kind.JOB)


class Asked(StrEnum):
    """The questions a search may ask of an opportunity: each is one condition on its row."""

    KIND = "kind"
    LAYER = "layer"
    SKILL = "skill"
    FREE = "free"
    AGE = "age"
    SITTING = "sitting"
    WORDS = "words"
    BADGE = "badge"
    PROVIDER = "provider"


@dataclass(frozen=True, slots=True)
class Span:
    """From one moment up to another, which is no longer part of it."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Filters:
    """Empty sets and None ask for nothing; of several in a set any one will do.

    `now` is the moment after which an opportunity must still be open. `skills`
    are slugs, `age` is in years. One sitting must fall both into `span` and into
    one of `times`. Its venue must lie within `within_miles` and in `box`, and be none of
    `venues_too_far`: ids of venues that it takes too long to get to.
    """

    now: datetime
    kinds: frozenset[Kind] = frozenset()
    layers: frozenset[Layer] = frozenset()
    skills: frozenset[str] = frozenset()
    is_free: bool = False
    age: int | None = None
    span: Span | None = None
    times: frozenset[TimeOfWeek] = frozenset()
    words: Query | None = None
    badge_id: int | None = None
    provider_id: int | None = None
    within_miles: float | None = None
    box: Box | None = None
    venues_too_far: frozenset[int] = frozenset()

    @property
    def shape(self) -> "Filters":
        """The same at any moment, which is the parameter `now` of a statement then, and without a distance."""
        return replace(self, now=NOW, within_miles=None)

    @classmethod
    def live(cls) -> "Filters":
        """Anything that can still be joined."""
        return cls(now=datetime.now(UTC))

    @property
    def within_m(self) -> float | None:
        return None if self.within_miles is None else self.within_miles * METRES_PER_MILE

    def is_open(self, of: Row = Opportunity) -> ColumnElement[bool]:
        """That a row can still be joined: it is neither over nor full."""
        return and_(or_(of.ends_at.is_(None), of.ends_at > self.now), not_(of.is_full))

    def asked(self, dialect: str, of: Row = Opportunity) -> dict[Asked, ColumnElement[bool]]:
        """What a row must meet, by question, for each question that is asked.

        Args:
            dialect: the name of the database's, as `database.engine.dialect_of` gives it.
        """
        number = id_of(of)
        found: dict[Asked, ColumnElement[bool]] = {}
        if self.kinds:
            found[Asked.KIND] = of.kind.in_(sorted(self.kinds))
        if self.layers:
            found[Asked.LAYER] = of.layer.in_(sorted(self.layers))
        if self.skills:
            found[Asked.SKILL] = teaches(self.skills, of)
        if self.is_free:
            found[Asked.FREE] = costs_nothing(of)
        if self.age is not None:
            found[Asked.AGE] = admits(self.age, of)
        if self.span or self.times:
            sitting = Occurrence.opportunity_id == number, *self.sitting()
            found[Asked.SITTING] = select(Occurrence.id).where(*sitting).correlate(of).exists()
        if self.words:
            found[Asked.WORDS] = has_words(dialect, self.words, number)
        if self.badge_id is not None:
            earned = opportunity_badge.c
            found[Asked.BADGE] = number.in_(select(earned.opportunity_id).where(earned.badge_id == self.badge_id))
        if self.provider_id is not None:
            theirs = select(Opportunity.id).where(Opportunity.provider_id == self.provider_id)
            found[Asked.PROVIDER] = (
                Opportunity.provider_id == self.provider_id if of is Opportunity else number.in_(theirs)
            )
        return found

    def conditions(self, dialect: str, of: Row = Opportunity) -> list[ColumnElement[bool]]:
        """All that a row must meet, distance aside."""
        return [self.is_open(of), *self.asked(dialect, of).values()]

    def placeless(self, dialect: str) -> list[ColumnElement[bool] | TextClause]:
        """All that an opportunity must meet which is tied to no one place."""
        asked = self.asked(dialect)
        if self.words:
            asked[Asked.WORDS] = has_words_nowhere(dialect, self.words, Opportunity.id)
        return [IS_PLACELESS, self.is_open(), *asked.values()]

    def sitting(self) -> list[ColumnElement[bool]]:
        """What an `occurrence` row must meet to be one that is asked for."""
        return [Occurrence.ends_at > self.now, *self.sitting_to_come()]

    def sitting_to_come(self) -> list[ColumnElement[bool]]:
        """The same of a row that is known not to be over."""
        parts: list[ColumnElement[bool]] = []
        if self.span:
            parts += [Occurrence.ends_at > self.span.start, Occurrence.starts_at < self.span.end]
        if self.times:
            parts.append(Occurrence.time_of_week.in_(sorted(self.times)))
        return parts


def id_of(row: Row) -> Any:
    """Which opportunity a row is about. Of an offer no column, as SQLite would try each venue with each of many ids."""
    return row.opportunity_id + 0 if issubclass(row, Offer) else row.id


def costs_nothing(of: Row = Opportunity) -> ColumnElement[bool]:
    return or_(of.cost_pence == 0, of.kind.in_(PAID_KINDS))


def admits(age: int, of: Row = Opportunity) -> ColumnElement[bool]:
    """That a person of an age in years may come."""
    return and_(or_(of.age_min.is_(None), of.age_min <= age), or_(of.age_max.is_(None), of.age_max >= age))


def teaches(slugs: frozenset[str], of: Row = Opportunity) -> ColumnElement[bool]:
    """That an opportunity names one of these skills."""
    link = opportunity_skill.c
    named = select(Skill.id).where(Skill.slug.in_(sorted(slugs)))
    return (
        select(link.skill_id).where(link.opportunity_id == id_of(of), link.skill_id.in_(named)).correlate(of).exists()
    )
