"""The tables of embeds: who may show them, and how often they were shown and led on."""

from datetime import date

from sqlalchemy import CheckConstraint, Date, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, validates

from catalogue.origins import LONGEST, origin
from database.base import Base


class ProviderOrigin(Base):
    """A site that may show a provider's embeds, as `catalogue.origins.origin` writes it.

    One that is set with anything else raises its `BadOrigin`; the database's own
    checks keep out what would end a `frame-ancestors` or widen it.
    """

    __tablename__ = "provider_origin"

    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id", ondelete="CASCADE"), primary_key=True)
    origin: Mapped[str] = mapped_column(String(LONGEST), primary_key=True)

    __table_args__ = (
        CheckConstraint("origin LIKE 'https://_%' OR origin LIKE 'http://_%'", name="has_a_scheme"),
        CheckConstraint("origin = lower(origin)", name="in_lower_case"),
        CheckConstraint(
            "origin NOT LIKE '%://%/%' AND origin NOT LIKE '% %' AND origin NOT LIKE '%;%'"
            " AND origin NOT LIKE '%,%' AND origin NOT LIKE '%*%'",
            name="nothing_more",
        ),
    )

    @validates("origin")
    def _as_kept(self, _name: str, text: str) -> str:
        return origin(text)


class EmbedCount(Base):
    """How often a widget was shown on a host, and led from there to us, on one day in the UK. Never who.

    `widget` says which it is: `pathway:become-an-electrician`. `host` is that of
    the page around it, empty where nobody said, and `other` beyond the first of a day
    (`catalogue.embed_queries.MAX_HOSTS`).
    """

    __tablename__ = "embed_count"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    widget: Mapped[str] = mapped_column(String(120), primary_key=True)
    host: Mapped[str] = mapped_column(String(253), primary_key=True, default="")
    views: Mapped[int] = mapped_column(default=0)
    clicks: Mapped[int] = mapped_column(default=0)

    __table_args__ = (CheckConstraint("views >= 0 AND clicks >= 0", name="not_negative"),)
