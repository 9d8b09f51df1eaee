"""Sittings by when they start, so that a search for a day finds those that have one, however few they are."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        op.f("ix_occurrence_starts_at"), "occurrence", ["starts_at", "ends_at", "time_of_week", "opportunity_id"]
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_occurrence_starts_at"), "occurrence")
