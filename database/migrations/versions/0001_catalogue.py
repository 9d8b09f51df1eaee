"""The catalogue: providers, venues, opportunities, skills, badges and pathways."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def make_spatial() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    else:
        # One transaction and WGS 84 alone: 10 ms. All of EPSG, row by row: half a minute.
        op.execute("SELECT InitSpatialMetadata(1, 'WGS84')")


def add_venue_location() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE venue ADD COLUMN location geometry(POINT, 4326) NOT NULL")
        op.execute("CREATE INDEX ix_venue_location ON venue USING gist ((location::geography))")
    else:
        op.execute("SELECT AddGeometryColumn('venue', 'location', 4326, 'POINT', 'XY', 1)")
        op.execute("SELECT CreateSpatialIndex('venue', 'location')")


def upgrade() -> None:
    make_spatial()
    op.create_table(
        "provider",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("summary", sa.String(length=300), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=True),
        sa.Column("is_sample", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider")),
        sa.UniqueConstraint("slug", name=op.f("uq_provider_slug")),
    )
    op.create_index(
        op.f("ix_provider_is_sample"),
        "provider",
        ["is_sample"],
        unique=False,
        sqlite_where=sa.text("is_sample"),
        postgresql_where=sa.text("is_sample"),
    )
    op.create_table(
        "skill",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("framework", sa.String(length=100), nullable=False),
        sa.Column("identifier", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_skill")),
        sa.UniqueConstraint("framework", "identifier", name=op.f("uq_skill_framework_identifier")),
        sa.UniqueConstraint("slug", name=op.f("uq_skill_slug")),
    )
    op.create_table(
        "venue",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("town", sa.String(length=100), nullable=False),
        sa.Column("postcode", sa.String(length=8), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_venue")),
        sa.UniqueConstraint("slug", name=op.f("uq_venue_slug")),
    )
    add_venue_location()
    op.create_table(
        "badge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("summary", sa.String(length=300), nullable=False),
        sa.Column("criteria", sa.String(), nullable=False),
        sa.Column("image_url", sa.String(length=500), nullable=True),
        sa.Column(
            "layer",
            sa.Enum(
                "engage",
                "participate",
                "demonstrate",
                "lead",
                name="layer",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("type", sa.String(length=100), nullable=False),
        sa.Column("level", sa.String(length=100), nullable=True),
        sa.Column("time_needed", sa.String(length=100), nullable=True),
        sa.Column("cost_pence", sa.Integer(), nullable=True),
        sa.CheckConstraint("cost_pence >= 0", name=op.f("ck_badge_cost_not_negative")),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["provider.id"], name=op.f("fk_badge_provider_id_provider"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_badge")),
        sa.UniqueConstraint("slug", name=op.f("uq_badge_slug")),
    )
    op.create_index(op.f("ix_badge_provider_id"), "badge", ["provider_id"], unique=False)
    op.create_table(
        "opportunity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=300), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("summary", sa.String(length=300), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "event",
                "workshop",
                "course",
                "online-learning",
                "volunteering",
                "work-experience",
                "project",
                "apprenticeship",
                "job",
                "information",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "layer",
            sa.Enum(
                "engage",
                "participate",
                "demonstrate",
                "lead",
                name="layer",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "reach",
            sa.Enum(
                "venue",
                "online",
                "national",
                "region",
                "unknown",
                name="reach",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("region", sa.String(length=100), nullable=True),
        sa.Column("cost_pence", sa.Integer(), nullable=True),
        sa.Column("cost_note", sa.String(length=200), nullable=True),
        sa.Column("age_min", sa.Integer(), nullable=True),
        sa.Column("age_max", sa.Integer(), nullable=True),
        sa.Column("level", sa.String(length=100), nullable=True),
        sa.Column("time_needed", sa.String(length=100), nullable=True),
        sa.Column("how_to_apply", sa.String(length=500), nullable=True),
        sa.Column("url", sa.String(length=500), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(reach = 'region') = (region IS NOT NULL)", name=op.f("ck_opportunity_region_with_its_reach")
        ),
        sa.CheckConstraint("age_max BETWEEN 0 AND 120", name=op.f("ck_opportunity_age_max_in_range")),
        sa.CheckConstraint("age_min <= age_max", name=op.f("ck_opportunity_ages_in_order")),
        sa.CheckConstraint("age_min BETWEEN 0 AND 120", name=op.f("ck_opportunity_age_min_in_range")),
        sa.CheckConstraint("cost_pence >= 0", name=op.f("ck_opportunity_cost_not_negative")),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["provider.id"], name=op.f("fk_opportunity_provider_id_provider"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opportunity")),
        sa.UniqueConstraint("key", name=op.f("uq_opportunity_key")),
    )
    op.create_index(op.f("ix_opportunity_provider_id"), "opportunity", ["provider_id"], unique=False)
    op.create_index(
        "ix_opportunity_placeless",
        "opportunity",
        ["ends_at"],
        unique=False,
        sqlite_where=sa.text("reach <> 'venue'"),
        postgresql_where=sa.text("reach <> 'venue'"),
    )
    op.create_table(
        "pathway",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("provider_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("summary", sa.String(length=300), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column(
            "destination_kind",
            sa.Enum(
                "job",
                "apprenticeship",
                "course",
                "words",
                name="destination_kind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("destination", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["provider.id"], name=op.f("fk_pathway_provider_id_provider"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pathway")),
        sa.UniqueConstraint("slug", name=op.f("uq_pathway_slug")),
    )
    op.create_index(op.f("ix_pathway_provider_id"), "pathway", ["provider_id"], unique=False)
    op.create_table(
        "badge_skill",
        sa.Column("badge_id", sa.Integer(), nullable=False),
        sa.Column("skill_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["badge_id"], ["badge.id"], name=op.f("fk_badge_skill_badge_id_badge"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["skill_id"], ["skill.id"], name=op.f("fk_badge_skill_skill_id_skill"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("badge_id", "skill_id", name=op.f("pk_badge_skill")),
    )
    op.create_index(op.f("ix_badge_skill_skill_id"), "badge_skill", ["skill_id"], unique=False)
    op.create_table(
        "occurrence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("opportunity_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_occurrence_starts_before_it_ends")),
        sa.ForeignKeyConstraint(
            ["opportunity_id"],
            ["opportunity.id"],
            name=op.f("fk_occurrence_opportunity_id_opportunity"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_occurrence")),
        sa.UniqueConstraint("opportunity_id", "starts_at", name=op.f("uq_occurrence_opportunity_id_starts_at")),
    )
    op.create_table(
        "opportunity_skill",
        sa.Column("opportunity_id", sa.Integer(), nullable=False),
        sa.Column("skill_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["opportunity_id"],
            ["opportunity.id"],
            name=op.f("fk_opportunity_skill_opportunity_id_opportunity"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["skill_id"], ["skill.id"], name=op.f("fk_opportunity_skill_skill_id_skill"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("opportunity_id", "skill_id", name=op.f("pk_opportunity_skill")),
    )
    op.create_index(op.f("ix_opportunity_skill_skill_id"), "opportunity_skill", ["skill_id"], unique=False)
    op.create_table(
        "opportunity_venue",
        sa.Column("opportunity_id", sa.Integer(), nullable=False),
        sa.Column("venue_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["opportunity_id"],
            ["opportunity.id"],
            name=op.f("fk_opportunity_venue_opportunity_id_opportunity"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["venue_id"], ["venue.id"], name=op.f("fk_opportunity_venue_venue_id_venue"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("opportunity_id", "venue_id", name=op.f("pk_opportunity_venue")),
    )
    op.create_index(op.f("ix_opportunity_venue_venue_id"), "opportunity_venue", ["venue_id"], unique=False)
    op.create_table(
        "step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pathway_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("asks_for", sa.String(length=300), nullable=False),
        sa.Column(
            "layer",
            sa.Enum(
                "engage",
                "participate",
                "demonstrate",
                "lead",
                name="layer",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("is_optional", sa.Boolean(), nullable=False),
        sa.CheckConstraint("position BETWEEN 1 AND 12", name=op.f("ck_step_position_in_range")),
        sa.ForeignKeyConstraint(
            ["pathway_id"], ["pathway.id"], name=op.f("fk_step_pathway_id_pathway"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step")),
        sa.UniqueConstraint("pathway_id", "position", name=op.f("uq_step_pathway_id_position")),
    )
    op.create_table(
        "step_option",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("step_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "option_kind",
            sa.Enum(
                "badge", "opportunity", "rule", name="option_kind", native_enum=False, create_constraint=True, length=20
            ),
            nullable=False,
        ),
        sa.Column("badge_id", sa.Integer(), nullable=True),
        sa.Column("opportunity_id", sa.Integer(), nullable=True),
        sa.Column(
            "rule_kind",
            sa.Enum(
                "event",
                "workshop",
                "course",
                "online-learning",
                "volunteering",
                "work-experience",
                "project",
                "apprenticeship",
                "job",
                "information",
                name="rule_kind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=True,
        ),
        sa.Column(
            "rule_layer",
            sa.Enum(
                "engage",
                "participate",
                "demonstrate",
                "lead",
                name="rule_layer",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=True,
        ),
        sa.Column("rule_skill_id", sa.Integer(), nullable=True),
        sa.Column("rule_provider_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(option_kind = 'badge') = (badge_id IS NOT NULL)", name=op.f("ck_step_option_badge_named")),
        sa.CheckConstraint(
            "(option_kind = 'opportunity') = (opportunity_id IS NOT NULL)",
            name=op.f("ck_step_option_opportunity_named"),
        ),
        sa.CheckConstraint(
            "(option_kind = 'rule') = (rule_kind IS NOT NULL OR rule_layer IS NOT NULL"
            " OR rule_skill_id IS NOT NULL OR rule_provider_id IS NOT NULL)",
            name=op.f("ck_step_option_rule_says_something"),
        ),
        sa.CheckConstraint("position >= 1", name=op.f("ck_step_option_position_from_one")),
        sa.ForeignKeyConstraint(
            ["badge_id"], ["badge.id"], name=op.f("fk_step_option_badge_id_badge"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["opportunity_id"],
            ["opportunity.id"],
            name=op.f("fk_step_option_opportunity_id_opportunity"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["rule_provider_id"],
            ["provider.id"],
            name=op.f("fk_step_option_rule_provider_id_provider"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["rule_skill_id"], ["skill.id"], name=op.f("fk_step_option_rule_skill_id_skill"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["step_id"], ["step.id"], name=op.f("fk_step_option_step_id_step"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step_option")),
        sa.UniqueConstraint("step_id", "position", name=op.f("uq_step_option_step_id_position")),
    )
    op.create_index(op.f("ix_step_option_badge_id"), "step_option", ["badge_id"], unique=False)
    op.create_index(op.f("ix_step_option_opportunity_id"), "step_option", ["opportunity_id"], unique=False)
    op.create_index(op.f("ix_step_option_rule_provider_id"), "step_option", ["rule_provider_id"], unique=False)
    op.create_index(op.f("ix_step_option_rule_skill_id"), "step_option", ["rule_skill_id"], unique=False)
