"""Bringing a database to the newest shape of its tables.

Alembic takes as much memory as all of Flask, so it is loaded for migrations alone.
"""

from typing import TYPE_CHECKING, Literal

from sqlalchemy import Engine
from sqlalchemy.schema import SchemaItem

from database.ready import MIGRATIONS, is_current

if TYPE_CHECKING:
    from alembic.config import Config


def config() -> "Config":
    """Alembic's configuration, without the `.ini` file it would otherwise need."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    return made


def upgrade(engine: Engine) -> None:
    """Run every migration that this database has not had yet, in one transaction."""
    if is_current(engine):
        return
    from alembic import command

    with engine.begin() as connection:
        made = config()
        made.attributes["connection"] = connection
        command.upgrade(made, "head")


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
