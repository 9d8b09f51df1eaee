"""The tables of pathways: how one step leads to the next."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, ForeignKeyConstraint, String, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from catalogue.models import Badge, Opportunity, Provider, Skill
from catalogue.words import DestinationKind, Kind, Layer, OptionKind
from database.base import Base, word

MAX_STEPS = 12

# Triggers of the migration keep it free of cycles.
pathway_leads_on = Table(
    "pathway_leads_on",
    Base.metadata,
    Column("pathway_id", ForeignKey("pathway.id", ondelete="CASCADE"), primary_key=True),
    Column("next_id", ForeignKey("pathway.id", ondelete="CASCADE"), primary_key=True, index=True),
    CheckConstraint("pathway_id <> next_id", name="not_to_itself"),
)


class Pathway(Base):
    """Up to 12 ordered steps towards a destination.

    The destination is a job, an apprenticeship or a course, of which the nearest that teaches or uses
    `destination_skill` is looked up, or a goal in words alone. `leads_on` are pathways that go on from here;
    none leads back to where one came from.
    """

    __tablename__ = "pathway"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    summary: Mapped[str] = mapped_column(String(300))
    description: Mapped[str] = mapped_column(default="")
    destination_kind: Mapped[DestinationKind] = mapped_column(word(DestinationKind, "destination_kind"))
    destination: Mapped[str] = mapped_column(String(200))
    destination_skill_id: Mapped[int | None] = mapped_column(ForeignKey("skill.id", ondelete="SET NULL"), index=True)

    provider: Mapped[Provider] = relationship()
    destination_skill: Mapped[Skill | None] = relationship()
    leads_on: Mapped[list["Pathway"]] = relationship(
        secondary=pathway_leads_on,
        primaryjoin=lambda: Pathway.id == pathway_leads_on.c.pathway_id,
        secondaryjoin=lambda: Pathway.id == pathway_leads_on.c.next_id,
        order_by="Pathway.title, Pathway.id",
    )
    groups: Mapped[list["StepGroup"]] = relationship(
        order_by="StepGroup.number", cascade="all, delete-orphan", passive_deletes=True
    )
    steps: Mapped[list["Step"]] = relationship(
        order_by="Step.position", cascade="all, delete-orphan", passive_deletes=True
    )

    __table_args__ = (
        CheckConstraint("destination_kind <> 'words' OR destination_skill_id IS NULL", name="words_are_not_looked_up"),
    )


class StepGroup(Base):
    """Steps of a pathway that follow one another, of which any `needed` will do. Fewer than there are in it."""

    __tablename__ = "step_group"

    pathway_id: Mapped[int] = mapped_column(ForeignKey("pathway.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    needed: Mapped[int]

    __table_args__ = (
        CheckConstraint(f"number BETWEEN 1 AND {MAX_STEPS // 2}", name="number_in_range"),
        CheckConstraint(f"needed BETWEEN 1 AND {MAX_STEPS - 1}", name="needed_in_range"),
    )


class Step(Base):
    """A requirement of a pathway. Any one of its options completes it.

    `slug` names it within its pathway for as long as it means the same: people's progress hangs on it.
    """

    __tablename__ = "step"

    id: Mapped[int] = mapped_column(primary_key=True)
    pathway_id: Mapped[int] = mapped_column(ForeignKey("pathway.id", ondelete="CASCADE"))
    position: Mapped[int]
    slug: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(200))
    asks_for: Mapped[str] = mapped_column(String(300))
    layer: Mapped[Layer] = mapped_column(word(Layer, "layer"))
    is_optional: Mapped[bool] = mapped_column(default=False)
    group_number: Mapped[int | None]

    options: Mapped[list["StepOption"]] = relationship(
        order_by="StepOption.position", cascade="all, delete-orphan", passive_deletes=True
    )

    __table_args__ = (
        CheckConstraint(f"position BETWEEN 1 AND {MAX_STEPS}", name="position_in_range"),
        CheckConstraint("group_number IS NULL OR NOT is_optional", name="grouped_or_optional"),
        ForeignKeyConstraint(
            ["pathway_id", "group_number"],
            ["step_group.pathway_id", "step_group.number"],
            name="fk_step_group_number_step_group",
        ),
        UniqueConstraint("pathway_id", "position"),
        UniqueConstraint("pathway_id", "slug", name="uq_step_pathway_id_slug"),
    )


class StepOption(Base):
    """One way to complete a step: a badge, a named opportunity, or a rule.

    A rule is the conjunction of the `rule_…` columns that are set, of which there
    is at least one; alternatives are further options.
    """

    __tablename__ = "step_option"

    id: Mapped[int] = mapped_column(primary_key=True)
    step_id: Mapped[int] = mapped_column(ForeignKey("step.id", ondelete="CASCADE"))
    position: Mapped[int]
    option_kind: Mapped[OptionKind] = mapped_column(word(OptionKind, "option_kind"))
    badge_id: Mapped[int | None] = mapped_column(ForeignKey("badge.id", ondelete="CASCADE"), index=True)
    opportunity_id: Mapped[int | None] = mapped_column(ForeignKey("opportunity.id", ondelete="CASCADE"), index=True)
    rule_kind: Mapped[Kind | None] = mapped_column(word(Kind, "rule_kind"))
    rule_layer: Mapped[Layer | None] = mapped_column(word(Layer, "rule_layer"))
    rule_skill_id: Mapped[int | None] = mapped_column(ForeignKey("skill.id", ondelete="CASCADE"), index=True)
    rule_provider_id: Mapped[int | None] = mapped_column(ForeignKey("provider.id", ondelete="CASCADE"), index=True)

    badge: Mapped[Badge | None] = relationship()
    opportunity: Mapped[Opportunity | None] = relationship()
    rule_skill: Mapped[Skill | None] = relationship()
    rule_provider: Mapped[Provider | None] = relationship()

    __table_args__ = (
        CheckConstraint("position >= 1", name="position_from_one"),
        CheckConstraint("(option_kind = 'badge') = (badge_id IS NOT NULL)", name="badge_named"),
        CheckConstraint("(option_kind = 'opportunity') = (opportunity_id IS NOT NULL)", name="opportunity_named"),
        CheckConstraint(
            "(option_kind = 'rule') = (rule_kind IS NOT NULL OR rule_layer IS NOT NULL"
            " OR rule_skill_id IS NOT NULL OR rule_provider_id IS NOT NULL)",
            name="rule_says_something",
        ),
        UniqueConstraint("step_id", "position"),
    )
