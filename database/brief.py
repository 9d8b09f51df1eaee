"""A short write that gives up rather than keep a visitor waiting."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, text

from database.session import without_second_try

PATIENCE_MS = 100


@contextmanager
def brief(engine: Engine) -> Iterator[Connection]:
    """A connection of its own that waits for others' locks for `PATIENCE_MS` at most. The caller commits.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: the database is away, read-only, or others hold it.
    """
    with without_second_try(), engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text(f"SET LOCAL lock_timeout = {PATIENCE_MS}"))
            yield connection
            return
        usual = connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one()
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {PATIENCE_MS}")
        try:
            yield connection
        finally:
            connection.rollback()  # the next pragma is for after it
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {usual}")
