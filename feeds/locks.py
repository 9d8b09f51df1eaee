"""At most one reading of a source at a time. What held a lock and was killed holds it no longer."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from database.engine import dialect_of

OURS = 0x0D005  # the first of PostgreSQL's two numbers of a lock: those of sources
WRITING = 0  # the second, of whoever writes; sources have their ids


class Busy(Exception):
    """Another process is reading the source."""


@contextmanager
def reading(engine: Engine, source_id: int) -> Iterator[None]:
    """Hold a source for as long as it is read.

    Raises:
        Busy: another process holds it.
    """
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            # Autocommit, so that no transaction stays open for hours; the lock is the connection's.
            connection = connection.execution_options(isolation_level="AUTOCOMMIT")
            if not connection.scalar(text(f"SELECT pg_try_advisory_lock({OURS}, {source_id:d})")):
                raise Busy
            try:
                yield
            finally:
                connection.execute(text(f"SELECT pg_advisory_unlock({OURS}, {source_id:d})"))
        return
    with Path(f"{engine.url.database}.source-{source_id}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy from None
        yield


def hold_writing(session: Session) -> None:
    """Let no other reading write until this transaction ends, so that none makes what this one has just looked for.

    SQLite has one writer at a time once the first statement of a transaction writes: this is that statement.
    """
    if dialect_of(session) == "postgresql":
        session.execute(text(f"SELECT pg_advisory_xact_lock({OURS}, {WRITING})"))
    else:
        session.execute(text("UPDATE source SET failures = failures WHERE id = -1"))
