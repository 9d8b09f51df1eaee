"""Whether the database can be used, said in one line if not."""

from functools import cache
from pathlib import Path

from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from database.engine import DatabaseUnavailable

MIGRATIONS = Path(__file__).parent / "migrations"


def check(engine: Engine) -> None:
    """Raise `DatabaseUnavailable` unless the database answers."""
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        reason = str(error.__cause__ or error).strip().splitlines()[0]
        url = engine.url.render_as_string(hide_password=True)
        raise DatabaseUnavailable(f"The database {url} cannot be reached ({reason}): check DATABASE_URL") from error


def check_current(engine: Engine) -> None:
    """Raise `DatabaseUnavailable` unless it also has the newest tables."""
    check(engine)
    if not is_current(engine):
        raise DatabaseUnavailable("The database lacks its newest tables: run `flask database upgrade`")


def is_current(engine: Engine) -> bool:
    """Whether every migration has run. Raises SQLAlchemy's errors if the database cannot be reached.

    It asks as Alembic would, which takes half a second to load.
    """
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        return list(connection.scalars(text("SELECT version_num FROM alembic_version"))) == [newest()]


@cache
def newest() -> str:
    """The newest migration: each stands in a file whose name begins with its number."""
    return max(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))
