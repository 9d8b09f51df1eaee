"""What an opportunity's page and the filters need: access, badges, since when, when checked, time of week."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TIMES = ("daytime", "evening", "weekend")
occurrence = sa.table(
    "occurrence",
    sa.column("id", sa.Integer),
    sa.column("starts_at", sa.DateTime(timezone=True)),
    sa.column("time_of_week", sa.String),
)


def add_time_of_week() -> None:
    """Add the column with its check in one statement: SQLite cannot add a constraint later."""
    words = ", ".join(f"'{word}'" for word in TIMES)
    op.execute(
        "ALTER TABLE occurrence ADD COLUMN time_of_week VARCHAR(20) DEFAULT 'daytime' NOT NULL "
        f"CONSTRAINT ck_occurrence_time_of_week CHECK (time_of_week IN ({words}))"
    )


def fill_time_of_week() -> None:
    """As `catalogue.models.time_of_week` had it when this was written. The default stands for daytime."""
    connection = op.get_bind()
    for number, starts_at in connection.execute(sa.select(occurrence.c.id, occurrence.c.starts_at)).all():
        moment = starts_at.replace(tzinfo=UTC) if starts_at.tzinfo is None else starts_at
        local = moment.astimezone(ZoneInfo("Europe/London"))
        if local.weekday() < 5 and local.hour < 17:
            continue
        word = "weekend" if local.weekday() >= 5 else "evening"
        connection.execute(sa.update(occurrence).where(occurrence.c.id == number).values(time_of_week=word))


def add_moments() -> None:
    """What is there already counts as added and checked now: nobody wrote down when it was."""
    now = sa.text(f"'{datetime.now(UTC):%Y-%m-%d %H:%M:%S}'")
    for name in ("added_at", "checked_at"):
        op.add_column("opportunity", sa.Column(name, sa.DateTime(timezone=True), nullable=False, server_default=now))


def upgrade() -> None:
    op.add_column("opportunity", sa.Column("accessibility", sa.String(length=500), nullable=True))
    op.create_table(
        "opportunity_badge",
        sa.Column("opportunity_id", sa.Integer(), nullable=False),
        sa.Column("badge_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["badge_id"], ["badge.id"], name=op.f("fk_opportunity_badge_badge_id_badge"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["opportunity_id"],
            ["opportunity.id"],
            name=op.f("fk_opportunity_badge_opportunity_id_opportunity"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("opportunity_id", "badge_id", name=op.f("pk_opportunity_badge")),
    )
    op.create_index(op.f("ix_opportunity_badge_badge_id"), "opportunity_badge", ["badge_id"], unique=False)
    add_moments()
    add_time_of_week()
    fill_time_of_week()
    if op.get_bind().dialect.name == "postgresql":
        # From now on whoever writes a row says these; SQLite cannot drop a default.
        for table, column in (
            ("opportunity", "added_at"),
            ("opportunity", "checked_at"),
            ("occurrence", "time_of_week"),
        ):
            op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} DROP DEFAULT")
