"""Whether the database can be used, said in one line if not."""

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from database import migrate
from database.engine import DatabaseUnavailable


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
    if not migrate.is_current(engine):
        raise DatabaseUnavailable("The database lacks its newest tables: run `flask database upgrade`")
