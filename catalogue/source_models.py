"""The tables of sources: where opportunities come from, what was read of each, and what was refused."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from catalogue.models import now
from database.base import Base, UtcDateTime, word

MAX_IDENTIFIER = 200
MAX_REASON = 500


class State(StrEnum):
    """How a source is doing: not read yet, well, not readable at present, or waiting for someone to look."""

    NEW = "new"
    WELL = "well"
    FAILING = "failing"
    HELD = "held"


class Outcome(StrEnum):
    """How a reading of a source ended; one that was killed says `running` for ever."""

    RUNNING = "running"
    DONE = "done"
    HELD = "held"
    FAILED = "failed"


class Source(Base):
    """Where opportunities come from, and how to read it.

    `address` is what its format takes: an address of the web, or several parted by
    spaces, or the path of a file. The key that it may ask for stands in the
    environment, under `key_name`. `every_hours` none is only when told to. `licence`
    and `attribution` are shown with what comes from it. `read_at` is when it was last
    read to its end, so that all of it was so then; `tried_at` when that was last begun.
    `failures` are those in a row.
    """

    __tablename__ = "source"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    format: Mapped[str] = mapped_column(String(40))
    address: Mapped[str] = mapped_column(String(2000))
    key_name: Mapped[str | None] = mapped_column(String(100))
    every_hours: Mapped[int | None]
    licence: Mapped[str] = mapped_column(String(200), default="")
    licence_url: Mapped[str | None] = mapped_column(String(500))
    attribution: Mapped[str] = mapped_column(String(300), default="")
    may_be_private: Mapped[bool] = mapped_column(default=False, server_default=false())
    state: Mapped[State] = mapped_column(word(State, "state"), default=State.NEW)
    message: Mapped[str] = mapped_column(String(MAX_REASON), default="")
    failures: Mapped[int] = mapped_column(default=0, server_default="0")
    added_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    tried_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        CheckConstraint("every_hours > 0", name="every_some_hours"),
        CheckConstraint("failures >= 0", name="failures_not_negative"),
    )


class SourceRecord(Base):
    """One item of a source, and the opportunity that it became.

    Several sources may have the same opportunity; it says what the one says whose item
    its `key` names. `digest` is that of the item as it was last written, `fingerprint`
    that of what tells the same opportunity in another source. `is_gone`: the source
    took it away, which takes effect when the reading ends well. `remark` is what was
    odd about it.
    """

    __tablename__ = "source_record"

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id", ondelete="CASCADE"))
    identifier: Mapped[str] = mapped_column(String(MAX_IDENTIFIER))
    opportunity_id: Mapped[int] = mapped_column(ForeignKey("opportunity.id", ondelete="CASCADE"), index=True)
    digest: Mapped[int] = mapped_column(BigInteger)
    fingerprint: Mapped[int] = mapped_column(BigInteger, index=True)
    is_gone: Mapped[bool] = mapped_column(default=False, server_default=false())
    remark: Mapped[str | None] = mapped_column(String(300))

    source: Mapped[Source] = relationship()

    __table_args__ = (UniqueConstraint("source_id", "identifier"),)


class SourceRefusal(Base):
    """An item that could not become an opportunity, as it was when it was last refused, and why.

    `identifier` is the item's; of what has none it is where it stood, after an `@`.
    """

    __tablename__ = "source_refusal"

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id", ondelete="CASCADE"))
    run_id: Mapped[int]
    identifier: Mapped[str] = mapped_column(String(MAX_IDENTIFIER))
    place: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(String(MAX_REASON))
    content: Mapped[str]
    refused_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    __table_args__ = (UniqueConstraint("source_id", "identifier"),)


class SourceMark(Base):
    """How far a source has been read, so that the next reading goes on from there."""

    __tablename__ = "source_mark"

    source_id: Mapped[int] = mapped_column(ForeignKey("source.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(500), primary_key=True)
    value: Mapped[str]


class SourcePart(Base):
    """A piece of an opportunity that a source publishes by itself, kept to be joined with the others."""

    __tablename__ = "source_part"

    source_id: Mapped[int] = mapped_column(ForeignKey("source.id", ondelete="CASCADE"), primary_key=True)
    identifier: Mapped[str] = mapped_column(String(500), primary_key=True)
    parent: Mapped[str | None] = mapped_column(String(500))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    again_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (Index(None, "source_id", "parent"), Index(None, "source_id", "again_at"))


class SourceRun(Base):
    """One reading of a source, and what came of it. `read` are the items looked at; the rest is what became of them.

    `ended` are those that were over already and not kept; `gone` those that were taken
    away.
    """

    __tablename__ = "source_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id", ondelete="CASCADE"), index=True)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[Outcome] = mapped_column(word(Outcome, "outcome"), default=Outcome.RUNNING)
    message: Mapped[str] = mapped_column(String(MAX_REASON), default="")
    read: Mapped[int] = mapped_column(default=0)
    new: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    gone: Mapped[int] = mapped_column(default=0)
    ended: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
