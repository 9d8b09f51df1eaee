"""Beside the words of an opportunity the squares of the map that it is in: all are indexed anew. See
`catalogue.squares`.

`flask prepare`, which upgrades, indexes what is missing.
"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _begin_anew("title, skills, rest, squares")


def downgrade() -> None:
    _begin_anew("title, skills, rest")


def _begin_anew(columns: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("TRUNCATE opportunity_text")
    else:
        op.execute("DROP TABLE opportunity_text")
        op.execute(f"CREATE VIRTUAL TABLE opportunity_text USING fts5({columns}, tokenize='unicode61')")
