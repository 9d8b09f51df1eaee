"""Groups of steps, lasting names for steps, what pathways lead on to, and where everything is by what it counts for."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# Both at once could close a circle that neither sees: in PostgreSQL the second waits for the first.
NO_CIRCLES_POSTGRESQL = (
    """
    CREATE FUNCTION pathway_leads_on_without_circles() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      LOCK TABLE pathway_leads_on IN SHARE ROW EXCLUSIVE MODE;
      IF EXISTS (
        WITH RECURSIVE ahead (id) AS (
          SELECT new.next_id
          UNION
          SELECT edge.next_id FROM pathway_leads_on AS edge JOIN ahead ON edge.pathway_id = ahead.id
        )
        SELECT 1 FROM ahead WHERE id = new.pathway_id
      ) THEN
        RAISE EXCEPTION 'a pathway would lead back to itself' USING ERRCODE = 'check_violation';
      END IF;
      RETURN new;
    END $$
    """,
    """
    CREATE TRIGGER pathway_leads_on_without_circles BEFORE INSERT OR UPDATE ON pathway_leads_on
    FOR EACH ROW EXECUTE FUNCTION pathway_leads_on_without_circles()
    """,
)
NO_CIRCLES_SQLITE = tuple(
    f"""
    CREATE TRIGGER pathway_leads_on_without_circles_{when} BEFORE {when} ON pathway_leads_on BEGIN
      SELECT RAISE(ABORT, 'a pathway would lead back to itself') WHERE EXISTS (
        WITH RECURSIVE ahead (id) AS (
          SELECT new.next_id
          UNION
          SELECT edge.next_id FROM pathway_leads_on AS edge JOIN ahead ON edge.pathway_id = ahead.id
        )
        SELECT 1 FROM ahead WHERE id = new.pathway_id
      );
    END
    """
    for when in ("insert", "update")
)
# SQLite adds no constraints to a table that is there, and with an old one goes what refers to it.
ANEW_SQLITE = (
    "CREATE TEMPORARY TABLE pathway_kept AS SELECT * FROM pathway",
    "CREATE TEMPORARY TABLE step_kept AS SELECT * FROM step",
    "CREATE TEMPORARY TABLE step_option_kept AS SELECT * FROM step_option",
    "DELETE FROM step_option",
    "DROP TABLE step",
    "DROP TABLE pathway",
    """
    CREATE TABLE pathway (
      id INTEGER NOT NULL,
      slug VARCHAR(80) NOT NULL,
      provider_id INTEGER NOT NULL,
      title VARCHAR(200) NOT NULL,
      summary VARCHAR(300) NOT NULL,
      description VARCHAR NOT NULL,
      destination_kind VARCHAR(20) NOT NULL,
      destination VARCHAR(200) NOT NULL,
      destination_skill_id INTEGER,
      CONSTRAINT ck_pathway_destination_kind CHECK (destination_kind IN ('job', 'apprenticeship', 'course', 'words')),
      CONSTRAINT ck_pathway_words_are_not_looked_up
        CHECK (destination_kind <> 'words' OR destination_skill_id IS NULL),
      CONSTRAINT fk_pathway_provider_id_provider FOREIGN KEY (provider_id) REFERENCES provider (id) ON DELETE CASCADE,
      CONSTRAINT fk_pathway_destination_skill_id_skill FOREIGN KEY (destination_skill_id)
        REFERENCES skill (id) ON DELETE SET NULL,
      CONSTRAINT pk_pathway PRIMARY KEY (id),
      CONSTRAINT uq_pathway_slug UNIQUE (slug)
    )
    """,
    "CREATE INDEX ix_pathway_provider_id ON pathway (provider_id)",
    """
    CREATE TABLE step_group (
      pathway_id INTEGER NOT NULL,
      number INTEGER NOT NULL,
      needed INTEGER NOT NULL,
      CONSTRAINT ck_step_group_number_in_range CHECK (number BETWEEN 1 AND 6),
      CONSTRAINT ck_step_group_needed_in_range CHECK (needed BETWEEN 1 AND 11),
      CONSTRAINT fk_step_group_pathway_id_pathway FOREIGN KEY (pathway_id) REFERENCES pathway (id) ON DELETE CASCADE,
      CONSTRAINT pk_step_group PRIMARY KEY (pathway_id, number)
    )
    """,
    """
    CREATE TABLE step (
      id INTEGER NOT NULL,
      pathway_id INTEGER NOT NULL,
      position INTEGER NOT NULL,
      slug VARCHAR(80) NOT NULL,
      title VARCHAR(200) NOT NULL,
      asks_for VARCHAR(300) NOT NULL,
      layer VARCHAR(20) NOT NULL,
      is_optional BOOLEAN NOT NULL,
      group_number INTEGER,
      CONSTRAINT ck_step_layer CHECK (layer IN ('engage', 'participate', 'demonstrate', 'lead')),
      CONSTRAINT ck_step_position_in_range CHECK (position BETWEEN 1 AND 12),
      CONSTRAINT ck_step_grouped_or_optional CHECK (group_number IS NULL OR NOT is_optional),
      CONSTRAINT fk_step_pathway_id_pathway FOREIGN KEY (pathway_id) REFERENCES pathway (id) ON DELETE CASCADE,
      CONSTRAINT fk_step_group_number_step_group FOREIGN KEY (pathway_id, group_number)
        REFERENCES step_group (pathway_id, number),
      CONSTRAINT pk_step PRIMARY KEY (id),
      CONSTRAINT uq_step_pathway_id_position UNIQUE (pathway_id, position),
      CONSTRAINT uq_step_pathway_id_slug UNIQUE (pathway_id, slug)
    )
    """,
    "INSERT INTO pathway SELECT *, NULL FROM pathway_kept",
    "INSERT INTO step SELECT id, pathway_id, position, 'step-' || position, title, asks_for, layer, is_optional, NULL"
    " FROM step_kept",
    "INSERT INTO step_option SELECT * FROM step_option_kept",
    "DROP TABLE pathway_kept",
    "DROP TABLE step_kept",
    "DROP TABLE step_option_kept",
)
ANEW_POSTGRESQL = (
    """
    ALTER TABLE pathway ADD COLUMN destination_skill_id INTEGER
      CONSTRAINT fk_pathway_destination_skill_id_skill REFERENCES skill (id) ON DELETE SET NULL,
      ADD CONSTRAINT ck_pathway_words_are_not_looked_up
        CHECK (destination_kind <> 'words' OR destination_skill_id IS NULL)
    """,
    """
    CREATE TABLE step_group (
      pathway_id INTEGER NOT NULL
        CONSTRAINT fk_step_group_pathway_id_pathway REFERENCES pathway (id) ON DELETE CASCADE,
      number INTEGER NOT NULL CONSTRAINT ck_step_group_number_in_range CHECK (number BETWEEN 1 AND 6),
      needed INTEGER NOT NULL CONSTRAINT ck_step_group_needed_in_range CHECK (needed BETWEEN 1 AND 11),
      CONSTRAINT pk_step_group PRIMARY KEY (pathway_id, number)
    )
    """,
    "ALTER TABLE step ADD COLUMN slug VARCHAR(80), ADD COLUMN group_number INTEGER",
    "UPDATE step SET slug = 'step-' || position",
    """
    ALTER TABLE step ALTER COLUMN slug SET NOT NULL,
      ADD CONSTRAINT ck_step_grouped_or_optional CHECK (group_number IS NULL OR NOT is_optional),
      ADD CONSTRAINT fk_step_group_number_step_group FOREIGN KEY (pathway_id, group_number)
        REFERENCES step_group (pathway_id, number),
      ADD CONSTRAINT uq_step_pathway_id_slug UNIQUE (pathway_id, slug)
    """,
)


def upgrade() -> None:
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    op.execute("ALTER TABLE opportunity ADD COLUMN is_full BOOLEAN DEFAULT false NOT NULL")
    for statement in ANEW_POSTGRESQL if is_postgresql else ANEW_SQLITE:
        op.execute(statement)
    op.create_index(op.f("ix_pathway_destination_skill_id"), "pathway", ["destination_skill_id"])
    _leads_on(is_postgresql)
    _spots(is_postgresql)


def _leads_on(is_postgresql: bool) -> None:
    op.create_table(
        "pathway_leads_on",
        sa.Column("pathway_id", sa.Integer(), nullable=False),
        sa.Column("next_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("pathway_id <> next_id", name=op.f("ck_pathway_leads_on_not_to_itself")),
        sa.ForeignKeyConstraint(
            ["pathway_id"], ["pathway.id"], name=op.f("fk_pathway_leads_on_pathway_id_pathway"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["next_id"], ["pathway.id"], name=op.f("fk_pathway_leads_on_next_id_pathway"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("pathway_id", "next_id", name=op.f("pk_pathway_leads_on")),
    )
    op.create_index(op.f("ix_pathway_leads_on_next_id"), "pathway_leads_on", ["next_id"])
    for statement in NO_CIRCLES_POSTGRESQL if is_postgresql else NO_CIRCLES_SQLITE:
        op.execute(statement)


def _spots(is_postgresql: bool) -> None:
    """See `catalogue.spots`. In SQLite the table is its own index."""
    op.execute(
        """
        CREATE TABLE spot (
          tag INTEGER NOT NULL,
          band INTEGER NOT NULL,
          cell INTEGER NOT NULL,
          kind INTEGER NOT NULL,
          layer INTEGER NOT NULL,
          opportunity_id INTEGER NOT NULL,
          venue_id INTEGER NOT NULL,
          until BIGINT NOT NULL,
          is_full BOOLEAN NOT NULL,
          CONSTRAINT fk_spot_opportunity_id_opportunity FOREIGN KEY (opportunity_id)
            REFERENCES opportunity (id) ON DELETE CASCADE,
          CONSTRAINT pk_spot PRIMARY KEY (tag, band, cell, kind, layer, opportunity_id, venue_id)
        )
        """
        + ("" if is_postgresql else "WITHOUT ROWID")
    )
    op.create_index(op.f("ix_spot_opportunity_id"), "spot", ["opportunity_id"])
