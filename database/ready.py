"""Whether the database can be used, said in one line if not."""

from functools import cache
from pathlib import Path

from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from database.engine import DatabaseUnavailable

MIGRATIONS = Path(__file__).parent / "migrations"


def check(engine: Engine, setting: str = "DATABASE_URL") -> None:
    """Raise `DatabaseUnavailable` unless the database answers. `setting` is where its address comes from."""
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        reason = str(error.__cause__ or error).strip().splitlines()[0]
        url = engine.url.render_as_string(hide_password=True)
        raise DatabaseUnavailable(f"The database {url} cannot be reached ({reason}): check {setting}") from error


def check_current(engine: Engine, setting: str = "DATABASE_URL") -> None:
    """Raise `DatabaseUnavailable` unless it also has the newest tables."""
    check(engine, setting)
    if not is_current(engine):
        raise DatabaseUnavailable("The database lacks its newest tables: run `flask database upgrade`")


def check_either(engine: Engine, replica: Engine) -> None:
    """Raise what is wrong with the first unless one of the two can be used: to read from, one is enough."""
    try:
        check_current(engine)
    except DatabaseUnavailable:
        try:
            check_current(replica)
        except DatabaseUnavailable:
            pass
        else:
            return
        raise


def check_replica(engine: Engine) -> None:
    """Raise `DatabaseUnavailable` unless a replica answers, has the newest tables, and follows its primary.

    A primary counts as well: a replica that was promoted is one.
    """
    check(engine, "DATABASE_REPLICA_URL")
    if not is_current(engine):
        raise DatabaseUnavailable(
            "The replica lacks the newest tables: pages read from the primary until it has them; see that it follows"
        )
    with engine.connect() as connection:
        # Who may not look into the row still sees that there is one.
        is_fed = text("SELECT NOT pg_is_in_recovery() OR EXISTS (SELECT FROM pg_stat_wal_receiver)")
        if not connection.scalar(is_fed):
            raise DatabaseUnavailable("The replica does not follow any primary: what it shows is getting old")


def is_current(engine: Engine) -> bool:
    """Whether every migration has run. Raises SQLAlchemy's errors if the database cannot be reached.

    One that is later than any we know has come after ours: while machines are upgraded one after another, those
    that are not yet go on. It asks as Alembic would, which takes half a second to load.
    """
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        found = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found is not None and found >= newest()


@cache
def newest() -> str:
    """The newest migration: each stands in a file whose name begins with its number."""
    return max(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))
