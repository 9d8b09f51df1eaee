"""Shortlists, kept under anonymous keys."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shortlist_owner",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("used_on", sa.Date(), nullable=False),
        sa.Column("current_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("length(key_hash) = 64", name=op.f("ck_shortlist_owner_whole_hash")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shortlist_owner")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_shortlist_owner_key_hash")),
    )
    op.create_index(op.f("ix_shortlist_owner_used_on"), "shortlist_owner", ["used_on"], unique=False)
    op.create_table(
        "shortlist",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=True),
        sa.Column("link_hash", sa.String(length=64), nullable=True),
        sa.Column("used_on", sa.Date(), nullable=False),
        sa.CheckConstraint("(salt IS NULL) = (link_hash IS NULL)", name=op.f("ck_shortlist_salt_with_its_link")),
        sa.CheckConstraint("length(link_hash) = 64", name=op.f("ck_shortlist_whole_hash")),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["shortlist_owner.id"], name=op.f("fk_shortlist_owner_id_shortlist_owner"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shortlist")),
        sa.UniqueConstraint("link_hash", name=op.f("uq_shortlist_link_hash")),
    )
    op.create_index(op.f("ix_shortlist_owner_id"), "shortlist", ["owner_id"], unique=False)
    op.create_index(op.f("ix_shortlist_used_on"), "shortlist", ["used_on"], unique=False)
    op.create_table(
        "shortlist_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shortlist_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("opportunity_id", sa.Integer(), nullable=False),
        sa.Column("pathway_slug", sa.String(length=80), nullable=False),
        sa.Column("step_slug", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("is_removed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint("(opportunity_id > 0) <> (pathway_slug <> '')", name=op.f("ck_shortlist_item_one_thing")),
        sa.CheckConstraint("step_slug = '' OR pathway_slug <> ''", name=op.f("ck_shortlist_item_step_of_a_pathway")),
        sa.ForeignKeyConstraint(
            ["shortlist_id"],
            ["shortlist.id"],
            name=op.f("fk_shortlist_item_shortlist_id_shortlist"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shortlist_item")),
        sa.UniqueConstraint(
            "shortlist_id", "opportunity_id", "pathway_slug", "step_slug", name=op.f("uq_shortlist_item_thing")
        ),
    )
