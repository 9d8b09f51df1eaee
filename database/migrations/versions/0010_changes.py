"""What has changed and is still to be told to those who follow the catalogue: see `catalogue.changes`."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# All that is told of each. When a source last said that it is so is no change.
OPPORTUNITY = (
    *("slug", "provider_id", "title", "summary", "description", "kind", "layer", "reach", "region"),
    *("cost_pence", "cost_note", "age_min", "age_max", "level", "time_needed", "how_to_apply", "url"),
    *("accessibility", "ends_at", "is_full"),
)
VENUE = ("name", "address", "town", "postcode", "location")
PROVIDER = ("name", "url")
SKILL = ("name",)
SITTING = ("opportunity_id", "starts_at", "ends_at")
LINKS = ("opportunity_venue", "opportunity_skill", "occurrence")
# Which opportunities a row of a table is about, as a SELECT with the row's id to be filled in.
ABOUT = {
    "venue": "SELECT opportunity_id FROM opportunity_venue WHERE venue_id = {id}",
    "provider": "SELECT id FROM opportunity WHERE provider_id = {id}",
    "skill": "SELECT opportunity_id FROM opportunity_skill WHERE skill_id = {id}",
}
COLUMNS = {"venue": VENUE, "provider": PROVIDER, "skill": SKILL}
# PostgreSQL locks the row even where there is nothing to set, so that it cannot be numbered before this commits.
MARK = "ON CONFLICT (opportunity_id) DO UPDATE SET number = NULL WHERE change.number IS NOT NULL"


def upgrade() -> None:
    op.create_table(
        "change",
        sa.Column("opportunity_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=True),
        sa.Column("is_listed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("listed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("opportunity_id", name=op.f("pk_change")),
        sa.UniqueConstraint("number", name=op.f("uq_change_number")),
    )
    # Only where there is something: most rows of a bulk load have neither.
    for column in ("listed_until", "gone_at"):
        is_there = sa.text(f"{column} IS NOT NULL")
        op.create_index(f"ix_change_{column}", "change", [column], sqlite_where=is_there, postgresql_where=is_there)
    op.create_table(
        "change_count",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_change_count_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_count")),
    )
    op.execute("INSERT INTO change_count (id, number) VALUES (1, 0)")
    op.execute("INSERT INTO change (opportunity_id) SELECT id FROM opportunity")
    for statement in postgresql() if op.get_bind().dialect.name == "postgresql" else sqlite():
        op.execute(statement)


def sqlite() -> list[str]:
    def trigger(name: str, when: str, ids: str, condition: str = "") -> str:
        insert = f"INSERT INTO change (opportunity_id) {ids} {MARK}"
        return f"CREATE TRIGGER {name} AFTER {when} {condition} BEGIN {insert}; END"

    def about_one(name: str, when: str, one: str) -> str:
        """A look is cheaper than a write: of an opportunity that is new, all else is new too."""
        waits = f"SELECT 1 FROM change WHERE opportunity_id = {one} AND number IS NULL"
        return trigger(name, when, f"VALUES ({one})", f"WHEN NOT EXISTS ({waits})")

    def changed(columns: tuple[str, ...]) -> str:
        return "WHEN " + " OR ".join(f"old.{column} IS NOT new.{column}" for column in columns)

    updated = f"UPDATE OF {', '.join(OPPORTUNITY)} ON opportunity"
    moved = f"UPDATE OF {', '.join(SITTING)} ON occurrence"
    made = [
        trigger("change_opportunity_added", "INSERT ON opportunity", "VALUES (new.id)"),
        about_one("change_opportunity_gone", "DELETE ON opportunity", "old.id"),
        trigger("change_opportunity", updated, "VALUES (new.id)", changed(OPPORTUNITY)),
        trigger("change_occurrence", moved, "VALUES (new.opportunity_id)", changed(SITTING)),
    ]
    for table in LINKS:
        made.append(about_one(f"change_{table}_added", f"INSERT ON {table}", "new.opportunity_id"))
        made.append(about_one(f"change_{table}_gone", f"DELETE ON {table}", "old.opportunity_id"))
    for table, columns in COLUMNS.items():
        ids = ABOUT[table].format(id="new.id")
        made.append(trigger(f"change_{table}", f"UPDATE OF {', '.join(columns)} ON {table}", ids, changed(columns)))
    return made


def postgresql() -> list[str]:
    """For each statement, not for each row, so that COPY of very many costs little."""

    def trigger(name: str, when: str, ids: str, tables: str) -> list[str]:
        return [
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN INSERT INTO change (opportunity_id) {ids} ORDER BY 1 {MARK}; RETURN NULL; END $$",
            f"CREATE TRIGGER {name} AFTER {when} REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION {name}()",
        ]

    def changed(what: str, columns: tuple[str, ...], key: str = "id") -> str:
        old, new = (", ".join(f"{side}.{column}" for column in columns) for side in ("before", "after"))
        return f"SELECT after.{what} FROM after JOIN before USING ({key}) WHERE ({old}) IS DISTINCT FROM ({new})"

    both = "OLD TABLE AS before NEW TABLE AS after"
    made = [
        *trigger("change_opportunity_added", "INSERT ON opportunity", "SELECT id FROM after", "NEW TABLE AS after"),
        *trigger("change_opportunity_gone", "DELETE ON opportunity", "SELECT id FROM before", "OLD TABLE AS before"),
        *trigger("change_opportunity", "UPDATE ON opportunity", changed("id", OPPORTUNITY), both),
        *trigger("change_occurrence", "UPDATE ON occurrence", _distinct(changed("opportunity_id", SITTING)), both),
    ]
    for table in LINKS:
        for name, when, side in (("added", "INSERT", "NEW"), ("gone", "DELETE", "OLD")):
            ids = "SELECT DISTINCT opportunity_id FROM touched"
            made += trigger(f"change_{table}_{name}", f"{when} ON {table}", ids, f"{side} TABLE AS touched")
    for table, columns in COLUMNS.items():
        each = ABOUT[table].format(id=f"ANY (ARRAY({changed('id', columns)}))")
        made += trigger(f"change_{table}", f"UPDATE ON {table}", _distinct(each), both)
    return made


def _distinct(select: str) -> str:
    """PostgreSQL takes no row twice in one `INSERT ... ON CONFLICT`."""
    return select.replace("SELECT ", "SELECT DISTINCT ", 1)
