"""The tables of shortlists: what somebody has put on a list to take home, and never who."""

from datetime import date

from sqlalchemy import CheckConstraint, Date, ForeignKey, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from database.base import Base

HASH_LENGTH = 64  # a SHA-256 in hexadecimal
SLUG_LENGTH = 80
TITLE_LENGTH = 200  # of what is on a list, as catalogue.models has it
MAX_LIST_TITLE = 60
MAX_NOTE = 500


class ShortlistOwner(Base):
    """An anonymous key that has lists. `used_on` is the last day (UTC) on which it changed or looked at one.

    `current_id` is the list that things are added to. It refers to no row, for each would then need the other
    first; whoever reads it asks for the owner too.
    """

    __tablename__ = "shortlist_owner"

    id: Mapped[int] = mapped_column(primary_key=True)
    key_hash: Mapped[str] = mapped_column(String(HASH_LENGTH), unique=True)
    used_on: Mapped[date] = mapped_column(Date, index=True)
    current_id: Mapped[int | None]

    __table_args__ = (CheckConstraint(f"length(key_hash) = {HASH_LENGTH}", name="whole_hash"),)


class Shortlist(Base):
    """A list. `used_on` is the last day (UTC) on which its owner or somebody with its link looked at it.

    The key of its link follows from its owner's key and `salt`, a random text: so the owner can be shown the link
    again, and only hashes are known here. A new salt makes a new link and revokes the old; none, and there is no link.
    """

    __tablename__ = "shortlist"

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_id: Mapped[int] = mapped_column(ForeignKey("shortlist_owner.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(MAX_LIST_TITLE))
    salt: Mapped[str | None] = mapped_column(String(32))
    link_hash: Mapped[str | None] = mapped_column(String(HASH_LENGTH), unique=True)
    used_on: Mapped[date] = mapped_column(Date, index=True)

    items: Mapped[list["ShortlistItem"]] = relationship(
        order_by="ShortlistItem.position, ShortlistItem.id", cascade="all, delete-orphan", passive_deletes=True
    )

    __table_args__ = (
        CheckConstraint("(salt IS NULL) = (link_hash IS NULL)", name="salt_with_its_link"),
        CheckConstraint(f"length(link_hash) = {HASH_LENGTH}", name="whole_hash"),
    )

    @property
    def shown(self) -> list["ShortlistItem"]:
        """What is on it, in order, without what was just taken off."""
        return [item for item in self.items if not item.is_removed]


class ShortlistItem(Base):
    """An opportunity, a pathway or a step of one, with a note.

    It is named by id or slugs, empty where they do not apply, and refers to no row; `title` is as it was when it
    was added: what goes from the catalogue stays on the list. What `is_removed` was taken off, and can come back.
    """

    __tablename__ = "shortlist_item"

    id: Mapped[int] = mapped_column(primary_key=True)
    shortlist_id: Mapped[int] = mapped_column(ForeignKey("shortlist.id", ondelete="CASCADE"))
    position: Mapped[int]
    opportunity_id: Mapped[int]
    pathway_slug: Mapped[str] = mapped_column(String(SLUG_LENGTH))
    step_slug: Mapped[str] = mapped_column(String(SLUG_LENGTH))
    title: Mapped[str] = mapped_column(String(TITLE_LENGTH))
    note: Mapped[str] = mapped_column(String(MAX_NOTE), default="")
    is_removed: Mapped[bool] = mapped_column(default=False, server_default=false())

    __table_args__ = (
        CheckConstraint("(opportunity_id > 0) <> (pathway_slug <> '')", name="one_thing"),
        CheckConstraint("step_slug = '' OR pathway_slug <> ''", name="step_of_a_pathway"),
        UniqueConstraint("shortlist_id", "opportunity_id", "pathway_slug", "step_slug", name="uq_shortlist_item_thing"),
    )
