"""The tables of progress: which steps of pathways somebody has ticked off, and never who."""

from datetime import date

from sqlalchemy import CheckConstraint, Date, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from database.base import Base

HASH_LENGTH = 64  # a SHA-256 in hexadecimal
SLUG_LENGTH = 80


class Progress(Base):
    """What is kept under an anonymous key, of which only a hash is known here.

    `used_on` is the last day (UTC) on which it was looked at. Two that a person has put together are one: the
    other's key then leads to it by `same_as_id`, and has no ticks of its own.
    """

    __tablename__ = "progress"

    id: Mapped[int] = mapped_column(primary_key=True)
    key_hash: Mapped[str] = mapped_column(String(HASH_LENGTH), unique=True)
    used_on: Mapped[date] = mapped_column(Date, index=True)
    same_as_id: Mapped[int | None] = mapped_column(ForeignKey("progress.id", ondelete="CASCADE"), index=True)

    __table_args__ = (
        CheckConstraint(f"length(key_hash) = {HASH_LENGTH}", name="whole_hash"),
        CheckConstraint("same_as_id <> id", name="not_same_as_itself"),
    )


class ProgressTick(Base):
    """A step that somebody has ticked off.

    Pathway and step are named by their slugs and not referred to: what is imported anew, or gone for a while,
    keeps its ticks.
    """

    __tablename__ = "progress_tick"

    progress_id: Mapped[int] = mapped_column(ForeignKey("progress.id", ondelete="CASCADE"), primary_key=True)
    pathway_slug: Mapped[str] = mapped_column(String(SLUG_LENGTH), primary_key=True)
    step_slug: Mapped[str] = mapped_column(String(SLUG_LENGTH), primary_key=True)

    __table_args__ = (
        CheckConstraint(f"length(pathway_slug) BETWEEN 1 AND {SLUG_LENGTH}", name="pathway_named"),
        CheckConstraint(f"length(step_slug) BETWEEN 1 AND {SLUG_LENGTH}", name="step_named"),
    )
