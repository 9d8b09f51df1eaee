"""How many opportunities there are at each venue and in each square of the map: see `catalogue.sums`."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

LAYERS = ("engage", "participate", "demonstrate", "lead")
KINDS = (
    "event",
    "workshop",
    "course",
    "online_learning",
    "volunteering",
    "work_experience",
    "project",
    "apprenticeship",
    "job",
    "information",
)
# A venue that loses an opportunity is no longer counted rightly.
SQLITE = (
    "CREATE TRIGGER venue_sum_lost AFTER DELETE ON opportunity_venue "
    "BEGIN UPDATE venue_sum SET stale_at = '1970-01-01 00:00:00.000000' WHERE venue_id = old.venue_id; END",
)
POSTGRESQL = (
    "CREATE FUNCTION venue_sum_lost() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN UPDATE venue_sum SET stale_at = 'epoch' WHERE venue_id = old.venue_id; RETURN NULL; END $$",
    "CREATE TRIGGER venue_sum_lost AFTER DELETE ON opportunity_venue FOR EACH ROW EXECUTE FUNCTION venue_sum_lost()",
)


def counts() -> list["sa.Column[int]"]:
    names = ["total"] + [f"{layer}_{kind}" for layer in LAYERS for kind in KINDS]
    return [sa.Column(name, sa.Integer(), nullable=False) for name in names]


def upgrade() -> None:
    op.create_table(
        "venue_sum",
        sa.Column("venue_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("block_x", "block_y", "x", "y")),
        sa.Column("latitude", sa.Double(), nullable=False),
        sa.Column("longitude", sa.Double(), nullable=False),
        sa.Column("stale_at", sa.DateTime(timezone=True), nullable=True),
        *counts(),
        sa.ForeignKeyConstraint(
            ["venue_id"], ["venue.id"], name=op.f("fk_venue_sum_venue_id_venue"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("venue_id", name=op.f("pk_venue_sum")),
    )
    op.create_index("ix_venue_sum_block", "venue_sum", ["block_x", "block_y"])
    op.create_index(op.f("ix_venue_sum_stale_at"), "venue_sum", ["stale_at"])
    op.create_table(
        "cell_sum",
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("level", "x", "y", "venues", "venue_id")),
        sa.Column("latitude", sa.Double(), nullable=False),
        sa.Column("longitude", sa.Double(), nullable=False),
        *counts(),
        sa.PrimaryKeyConstraint("level", "x", "y", name=op.f("pk_cell_sum")),
    )
    for statement in POSTGRESQL if op.get_bind().dialect.name == "postgresql" else SQLITE:
        op.execute(statement)
