"""Progress on pathways, kept under anonymous keys."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "progress",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("used_on", sa.Date(), nullable=False),
        sa.Column("same_as_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("length(key_hash) = 64", name=op.f("ck_progress_whole_hash")),
        sa.CheckConstraint("same_as_id <> id", name=op.f("ck_progress_not_same_as_itself")),
        sa.ForeignKeyConstraint(
            ["same_as_id"], ["progress.id"], name=op.f("fk_progress_same_as_id_progress"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_progress")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_progress_key_hash")),
    )
    op.create_index(op.f("ix_progress_used_on"), "progress", ["used_on"], unique=False)
    op.create_index(op.f("ix_progress_same_as_id"), "progress", ["same_as_id"], unique=False)
    op.create_table(
        "progress_tick",
        sa.Column("progress_id", sa.Integer(), nullable=False),
        sa.Column("pathway_slug", sa.String(length=80), nullable=False),
        sa.Column("step_slug", sa.String(length=80), nullable=False),
        sa.CheckConstraint("length(pathway_slug) BETWEEN 1 AND 80", name=op.f("ck_progress_tick_pathway_named")),
        sa.CheckConstraint("length(step_slug) BETWEEN 1 AND 80", name=op.f("ck_progress_tick_step_named")),
        sa.ForeignKeyConstraint(
            ["progress_id"], ["progress.id"], name=op.f("fk_progress_tick_progress_id_progress"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("progress_id", "pathway_slug", "step_slug", name=op.f("pk_progress_tick")),
    )
