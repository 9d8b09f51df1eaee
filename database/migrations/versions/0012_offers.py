"""What a search reads of an opportunity, beside each of its venues: see `catalogue.models.Offer`."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

COPIED = ("kind", "layer", "cost_pence", "age_min", "age_max", "ends_at", "is_full")
INSERT = (
    f"INSERT INTO offer (venue_id, opportunity_id, {', '.join(COPIED)}) "  # noqa: S608  (our own names)
    f"SELECT link.venue_id, opportunity.id, {', '.join(f'opportunity.{name}' for name in COPIED)} "
    "FROM {links} AS link JOIN opportunity ON opportunity.id = link.opportunity_id WHERE opportunity.reach = 'venue'"
)
OF_ONE = "(SELECT venue_id, opportunity_id FROM opportunity_venue WHERE opportunity_id = new.id)"


def upgrade() -> None:
    op.create_table(
        "offer",
        sa.Column("venue_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("opportunity_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("layer", sa.String(length=20), nullable=False),
        sa.Column("cost_pence", sa.Integer(), nullable=True),
        sa.Column("age_min", sa.Integer(), nullable=True),
        sa.Column("age_max", sa.Integer(), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_full", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("venue_id", "opportunity_id", name=op.f("pk_offer")),
        sqlite_with_rowid=False,
    )
    op.execute(INSERT.format(links="opportunity_venue") + " ORDER BY 1, 2")
    for statement in postgresql() if op.get_bind().dialect.name == "postgresql" else sqlite():
        op.execute(statement)
    op.drop_index("ix_opportunity_placeless", table_name="opportunity")
    is_placeless = sa.text("reach <> 'venue'")
    op.create_index(
        "ix_opportunity_placeless",
        "opportunity",
        ["reach", "ends_at", "id", "is_full", "kind", "layer", "cost_pence", "age_min", "age_max"],
        sqlite_where=is_placeless,
        postgresql_where=is_placeless,
    )


def sqlite() -> list[str]:
    updated = ", ".join((*COPIED, "reach"))
    differs = " OR ".join(f"old.{name} IS NOT new.{name}" for name in (*COPIED, "reach"))
    gone = "DELETE FROM offer WHERE opportunity_id = {id} AND venue_id {venues}"
    venues = "IN (SELECT venue_id FROM opportunity_venue WHERE opportunity_id = new.id)"
    return [
        "CREATE TRIGGER offer_added AFTER INSERT ON opportunity_venue BEGIN "
        f"{INSERT.format(links='(SELECT new.venue_id AS venue_id, new.opportunity_id AS opportunity_id)')}; END",
        "CREATE TRIGGER offer_gone AFTER DELETE ON opportunity_venue BEGIN "
        f"{gone.format(id='old.opportunity_id', venues='= old.venue_id')}; END",
        f"CREATE TRIGGER offer_changed AFTER UPDATE OF {updated} ON opportunity WHEN {differs} BEGIN "
        f"{gone.format(id='new.id', venues=venues)}; {INSERT.format(links=OF_ONE)}; END",
    ]


def postgresql() -> list[str]:
    """For each statement, not for each row, so that COPY of very many costs little."""

    def trigger(name: str, when: str, tables: str, *does: str) -> list[str]:
        return [
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN {'; '.join(does)}; RETURN NULL; END $$",
            f"CREATE TRIGGER {name} AFTER {when} REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION {name}()",
        ]

    old, new = (", ".join(f"{side}.{name}" for name in (*COPIED, "reach")) for side in ("before", "after"))
    changed = f"SELECT id FROM after JOIN before USING (id) WHERE ({old}) IS DISTINCT FROM ({new})"  # noqa: S608  (our own names)
    links = f"(SELECT venue_id, opportunity_id FROM opportunity_venue WHERE opportunity_id IN ({changed}))"  # noqa: S608
    same = "offer.venue_id = link.venue_id AND offer.opportunity_id = link.opportunity_id"
    gone = f"DELETE FROM offer USING {{links}} AS link WHERE {same}"  # noqa: S608
    return [
        *trigger("offer_added", "INSERT ON opportunity_venue", "NEW TABLE AS touched", INSERT.format(links="touched")),
        *trigger("offer_gone", "DELETE ON opportunity_venue", "OLD TABLE AS touched", gone.format(links="touched")),
        *trigger(
            "offer_changed",
            "UPDATE ON opportunity",
            "OLD TABLE AS before NEW TABLE AS after",
            gone.format(links=links),
            INSERT.format(links=links),
        ),
    ]
