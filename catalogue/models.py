"""The catalogue's tables: who offers what, where and when, and what it earns.

Pathways stand in `catalogue.pathway_models`.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, String, Table, UniqueConstraint, false, func, text
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship, validates

from catalogue.words import Kind, Layer, Reach, TimeOfWeek
from database.base import Base, UtcDateTime, word
from database.geometry import Geometry
from settings import UK_TIME

IS_PLACELESS = text("reach <> 'venue'")
EVENING_HOUR = 17
SATURDAY = 5


def now() -> datetime:
    return datetime.now(UTC)


class Provider(Base):
    """An organisation that offers opportunities and curates pathways."""

    __tablename__ = "provider"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    summary: Mapped[str] = mapped_column(String(300), default="")
    url: Mapped[str | None] = mapped_column(String(500))
    is_sample: Mapped[bool] = mapped_column(default=False)

    opportunities: Mapped[list["Opportunity"]] = relationship(back_populates="provider", passive_deletes=True)

    __table_args__ = (
        # Every page asks whether samples are loaded.
        Index(None, "is_sample", sqlite_where=text("is_sample"), postgresql_where=text("is_sample")),
    )


class Venue(Base):
    """A place with a postcode where opportunities happen.

    `location` is a WGS 84 point (longitude, latitude). Its spatial index is made
    by the migration, for each database its own.
    """

    __tablename__ = "venue"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(300), default="")
    town: Mapped[str] = mapped_column(String(100), default="")
    postcode: Mapped[str] = mapped_column(String(8))
    location: Mapped[Any] = mapped_column(
        Geometry("POINT", srid=4326, spatial_index=False, nullable=False), deferred=True
    )
    latitude: Mapped[float] = column_property(func.ST_Y(location))
    longitude: Mapped[float] = column_property(func.ST_X(location))


class Skill(Base):
    """A named skill, with the framework it comes from and its identifier there."""

    __tablename__ = "skill"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    framework: Mapped[str] = mapped_column(String(100))
    identifier: Mapped[str] = mapped_column(String(300))

    __table_args__ = (UniqueConstraint("framework", "identifier"),)


opportunity_venue = Table(
    "opportunity_venue",
    Base.metadata,
    Column("opportunity_id", ForeignKey("opportunity.id", ondelete="CASCADE"), primary_key=True),
    Column("venue_id", ForeignKey("venue.id", ondelete="CASCADE"), primary_key=True, index=True),
)

opportunity_skill = Table(
    "opportunity_skill",
    Base.metadata,
    Column("opportunity_id", ForeignKey("opportunity.id", ondelete="CASCADE"), primary_key=True),
    Column("skill_id", ForeignKey("skill.id", ondelete="CASCADE"), primary_key=True, index=True),
)


badge_skill = Table(
    "badge_skill",
    Base.metadata,
    Column("badge_id", ForeignKey("badge.id", ondelete="CASCADE"), primary_key=True),
    Column("skill_id", ForeignKey("skill.id", ondelete="CASCADE"), primary_key=True, index=True),
)


class Badge(Base):
    """A digital credential: what it shows, how it is earned, and who issues it (`provider`)."""

    __tablename__ = "badge"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    summary: Mapped[str] = mapped_column(String(300))
    criteria: Mapped[str]
    image_url: Mapped[str | None] = mapped_column(String(500))
    layer: Mapped[Layer] = mapped_column(word(Layer, "layer"))
    type: Mapped[str] = mapped_column(String(100))
    level: Mapped[str | None] = mapped_column(String(100))
    time_needed: Mapped[str | None] = mapped_column(String(100))
    cost_pence: Mapped[int | None]

    provider: Mapped[Provider] = relationship()
    skills: Mapped[list[Skill]] = relationship(secondary=badge_skill, order_by=Skill.name)

    __table_args__ = (CheckConstraint("cost_pence >= 0", name="cost_not_negative"),)


opportunity_badge = Table(
    "opportunity_badge",
    Base.metadata,
    Column("opportunity_id", ForeignKey("opportunity.id", ondelete="CASCADE"), primary_key=True),
    Column("badge_id", ForeignKey("badge.id", ondelete="CASCADE"), primary_key=True, index=True),
)


class Opportunity(Base):
    """One thing a person can do.

    `key` says which one it is to whoever brought it (`sample:plymouth-welding`), so
    that a second import updates it. `ends_at` is the last moment at which a person
    can still join: the end of the last occurrence or the closing date, whichever
    comes first; none means open-ended, with no occurrences. `cost_pence` is in GBP; none means unknown.
    `is_full` is that no place is left at present, in any sitting to come.
    `accessibility` is what the provider says about getting in and taking part.
    `badges` are those it can earn. `added_at` is when it was first seen here,
    `checked_at` when its source last said that it is so.
    """

    __tablename__ = "opportunity"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(300), unique=True)
    slug: Mapped[str] = mapped_column(String(80))
    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    summary: Mapped[str] = mapped_column(String(300))
    description: Mapped[str] = mapped_column(default="")
    kind: Mapped[Kind] = mapped_column(word(Kind, "kind"))
    layer: Mapped[Layer] = mapped_column(word(Layer, "layer"))
    reach: Mapped[Reach] = mapped_column(word(Reach, "reach"))
    region: Mapped[str | None] = mapped_column(String(100))
    cost_pence: Mapped[int | None]
    cost_note: Mapped[str | None] = mapped_column(String(200))
    age_min: Mapped[int | None]
    age_max: Mapped[int | None]
    level: Mapped[str | None] = mapped_column(String(100))
    time_needed: Mapped[str | None] = mapped_column(String(100))
    how_to_apply: Mapped[str | None] = mapped_column(String(500))
    url: Mapped[str | None] = mapped_column(String(500))
    accessibility: Mapped[str | None] = mapped_column(String(500))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    checked_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_full: Mapped[bool] = mapped_column(default=False, server_default=false())

    provider: Mapped[Provider] = relationship(back_populates="opportunities")
    venues: Mapped[list[Venue]] = relationship(secondary=opportunity_venue, order_by=Venue.id)
    skills: Mapped[list[Skill]] = relationship(secondary=opportunity_skill, order_by=Skill.name)
    badges: Mapped[list[Badge]] = relationship(secondary=opportunity_badge, order_by=Badge.name)
    occurrences: Mapped[list["Occurrence"]] = relationship(
        order_by="Occurrence.starts_at", cascade="all, delete-orphan", passive_deletes=True
    )

    __table_args__ = (
        CheckConstraint("cost_pence >= 0", name="cost_not_negative"),
        CheckConstraint("age_min BETWEEN 0 AND 120", name="age_min_in_range"),
        CheckConstraint("age_max BETWEEN 0 AND 120", name="age_max_in_range"),
        CheckConstraint("age_min <= age_max", name="ages_in_order"),
        CheckConstraint("(reach = 'region') = (region IS NOT NULL)", name="region_with_its_reach"),
        # The few that need no place, in the order of `queries.without_venue`, with all that is counted of them; those
        # that have one are found through their venues.
        Index(
            "ix_opportunity_placeless",
            *("reach", "ends_at", "id", "is_full", "kind", "layer", "cost_pence", "age_min", "age_max"),
            sqlite_where=IS_PLACELESS,
            postgresql_where=IS_PLACELESS,
        ),
    )


class Offer(Base):
    """An opportunity that has its place at a venue, and there what a search asks of it.

    A copy, kept by triggers, so that those of a venue stand side by side and the long rows of `opportunity` are read
    of the few only that are shown.
    """

    __tablename__ = "offer"

    venue_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    opportunity_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[Kind] = mapped_column(word(Kind, "kind", is_checked=False))
    layer: Mapped[Layer] = mapped_column(word(Layer, "layer", is_checked=False))
    cost_pence: Mapped[int | None]
    age_min: Mapped[int | None]
    age_max: Mapped[int | None]
    ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_full: Mapped[bool]

    __table_args__ = ({"sqlite_with_rowid": False},)


class Occurrence(Base):
    """One sitting of an opportunity, from `starts_at` to `ends_at`, both moments with their zone.

    `time_of_week` follows from the start. It is kept because SQLite knows no time zones.
    """

    __tablename__ = "occurrence"

    id: Mapped[int] = mapped_column(primary_key=True)
    opportunity_id: Mapped[int] = mapped_column(ForeignKey("opportunity.id", ondelete="CASCADE"))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    time_of_week: Mapped[TimeOfWeek] = mapped_column(word(TimeOfWeek, "time_of_week"))

    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="starts_before_it_ends"),
        UniqueConstraint("opportunity_id", "starts_at"),
        Index("ix_occurrence_starts_at", "starts_at", "ends_at", "time_of_week", "opportunity_id"),
    )

    @validates("starts_at")
    def _keep_time_of_week(self, _name: str, starts_at: datetime) -> datetime:
        self.time_of_week = time_of_week(starts_at)
        return starts_at


def time_of_week(starts_at: datetime) -> TimeOfWeek:
    """When in the UK's week a moment is."""
    local = starts_at.astimezone(UK_TIME)
    if local.weekday() >= SATURDAY:
        return TimeOfWeek.WEEKEND
    return TimeOfWeek.EVENING if local.hour >= EVENING_HOUR else TimeOfWeek.DAYTIME
