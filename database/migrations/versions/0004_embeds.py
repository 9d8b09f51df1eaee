"""Who may show a provider's embeds, and how often embeds are shown and lead on."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "provider_origin",
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(length=300), nullable=False),
        sa.CheckConstraint(
            "origin LIKE 'https://_%' OR origin LIKE 'http://_%'", name=op.f("ck_provider_origin_has_a_scheme")
        ),
        sa.CheckConstraint("origin = lower(origin)", name=op.f("ck_provider_origin_in_lower_case")),
        sa.CheckConstraint(
            "origin NOT LIKE '%://%/%' AND origin NOT LIKE '% %' AND origin NOT LIKE '%;%'"
            " AND origin NOT LIKE '%,%' AND origin NOT LIKE '%*%'",
            name=op.f("ck_provider_origin_nothing_more"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["provider.id"], name=op.f("fk_provider_origin_provider_id_provider"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("provider_id", "origin", name=op.f("pk_provider_origin")),
    )
    op.create_table(
        "embed_count",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("widget", sa.String(length=120), nullable=False),
        sa.Column("host", sa.String(length=253), nullable=False),
        sa.Column("views", sa.Integer(), nullable=False),
        sa.Column("clicks", sa.Integer(), nullable=False),
        sa.CheckConstraint("views >= 0 AND clicks >= 0", name=op.f("ck_embed_count_not_negative")),
        sa.PrimaryKeyConstraint("day", "widget", "host", name=op.f("pk_embed_count")),
    )
