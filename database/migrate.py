"""Bringing a database to the newest shape of its tables, and asking whether it is there.

Alembic takes as much memory as all of Flask, so it is loaded for migrations alone.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sqlalchemy import Engine, column, inspect, select, table
from sqlalchemy.schema import SchemaItem

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"


def config() -> "Config":
    """Alembic's configuration, without the `.ini` file it would otherwise need."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    return made


def upgrade(engine: Engine) -> None:
    """Run every migration that this database has not had yet, in one transaction."""
    from alembic import command

    with engine.begin() as connection:
        made = config()
        made.attributes["connection"] = connection
        command.upgrade(made, "head")


def is_current(engine: Engine) -> bool:
    """Whether every migration has run. Raises SQLAlchemy's errors if the database cannot be reached."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        return connection.scalars(select(column("version_num")).select_from(table("alembic_version"))).all() == [
            newest()
        ]


def newest() -> str:
    """The last migration: the files of all begin with their revisions, which are numbers of four digits."""
    return max(path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def include_object(
    item: SchemaItem,
    name: str | None,
    type_: Literal[
        "schema", "table", "column", "index", "unique_constraint", "foreign_key_constraint", "check_constraint"
    ],
    reflected: bool,
    compare_to: SchemaItem | None,
) -> bool:
    """Leave out of autogenerate what the spatial extensions keep for themselves."""
    if type_ == "table" and reflected and compare_to is None:
        return False  # SpatiaLite and PostGIS each bring a dozen tables of their own
    if type_ == "index" and (name or "").startswith("ix_venue_location"):
        return False  # spatial indexes are made by hand, for each database its own
    # SpatiaLite's geometry column reflects as an unknown type.
    return not (type_ == "column" and name == "location")
