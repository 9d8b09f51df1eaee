"""Spots found by their kind, and those of badges told apart by what skills they teach. See `catalogue.spots`."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Where it is not written, all bits are set: any skill may be taught.
    op.add_column("spot", sa.Column("skill_bits", sa.BigInteger(), server_default=sa.text("-1"), nullable=False))
    op.execute(
        """
        UPDATE spot SET skill_bits = coalesce((
          SELECT CAST(sum(DISTINCT CAST(1 AS BIGINT) << (skill_id % 60)) AS BIGINT)
          FROM opportunity_skill WHERE opportunity_skill.opportunity_id = spot.opportunity_id
        ), 0)
        WHERE tag % 4 = 2
        """
    )
    of_kinds = sa.text("(tag & 3) < 2")
    op.create_index(
        op.f("ix_spot_kind"),
        "spot",
        ["tag", "kind", "band", "cell", "until", "is_full"],
        sqlite_where=of_kinds,
        postgresql_where=of_kinds,
    )
