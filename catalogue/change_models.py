"""What has changed in the catalogue, for those who follow it: the tables behind `catalogue.changes`."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from database.base import Base, UtcDateTime

IS_LISTED, IS_GONE = text("listed_until IS NOT NULL"), text("gone_at IS NOT NULL")


class Change(Base):
    """The last change of an opportunity, which may be there no longer: the id refers to no row.

    Triggers on all that is told of an opportunity set `number` to NULL: it has changed since it was last numbered.
    `kind` is that under which followers know it, `is_listed` that they know it as being there, `listed_until` the
    moment at which it ends, and `gone_at` since when they know that it is not.
    """

    __tablename__ = "change"

    opportunity_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    kind: Mapped[str | None] = mapped_column(String(20))
    is_listed: Mapped[bool] = mapped_column(default=False, server_default=false())
    listed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    gone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        Index("ix_change_listed_until", "listed_until", sqlite_where=IS_LISTED, postgresql_where=IS_LISTED),
        Index("ix_change_gone_at", "gone_at", sqlite_where=IS_GONE, postgresql_where=IS_GONE),
    )


class ChangeCount(Base):
    """The last number that was given, in the only row. Whoever numbers holds it until that is committed."""

    __tablename__ = "change_count"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)
