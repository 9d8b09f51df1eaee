"""On PostgreSQL, all of an offer in its index, so that those of a venue are read from one place.

SQLite keeps the rows in the order of the key as they are.
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

KEY = "ALTER TABLE offer ADD CONSTRAINT pk_offer PRIMARY KEY (venue_id, opportunity_id)"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("pk_offer", "offer")
        op.execute(f"{KEY} INCLUDE (kind, layer, cost_pence, age_min, age_max, ends_at, is_full)")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("pk_offer", "offer")
        op.execute(KEY)
