"""One engine for both databases: SpatiaLite in a file, or PostGIS."""

import sqlite3
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from readiness import NotReady

SQLITE_PRAGMAS = (
    "foreign_keys=ON",
    "journal_mode=WAL",
    "synchronous=NORMAL",
    "busy_timeout=5000",
)


# A host that has vanished without a word is given up after some ten seconds, and not after the system's hours.
NOTICING = {"tcp_user_timeout": 10_000, "keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3}


class DatabaseUnavailable(NotReady):
    """The database cannot be used. The message is one line that says what to do."""


def dialect_of(session: Session) -> str:
    """The name of the dialect that a session's database speaks: `postgresql` or `sqlite`."""
    return session.get_bind().dialect.name


def connect(url: str, patience_s: int = 5, *, is_read_only: bool = False) -> Engine:
    """An engine for a database address as `settings.Settings.database_url` has it.

    No connection is made yet, so a wrong address shows itself at the first use.

    Args:
        patience_s: how many seconds to wait for each of PostgreSQL's hosts.
        is_read_only: whether PostgreSQL is to refuse every write.

    Raises:
        DatabaseUnavailable: this Python has no SQLite that can load SpatiaLite, or the file's folder does not exist.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        if parsed.database and not Path(parsed.database).parent.is_dir():
            raise DatabaseUnavailable(f"The folder of {parsed.database} does not exist: make it, or check DATABASE_URL")
        # Parameters stay out of error messages, and so out of logs: some say where a person is.
        engine = create_engine(parsed, module=_sqlite_with_extensions(), hide_parameters=True)
        event.listen(engine, "connect", _prepare_sqlite)
        return engine
    # The planner's just-in-time compiler costs more than these short queries take.
    return create_engine(
        parsed,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={"options": "-c jit=off -c timezone=UTC", "connect_timeout": patience_s, **NOTICING},
        execution_options={"postgresql_readonly": True} if is_read_only else {},
    )


def _sqlite_with_extensions() -> ModuleType:
    """pysqlite3 where it is installed: many Pythons are built without loadable extensions."""
    try:
        from pysqlite3 import dbapi2
    except ImportError:
        if not hasattr(sqlite3.Connection, "enable_load_extension"):
            raise DatabaseUnavailable(
                "This Python cannot load SpatiaLite: install the package pysqlite3 (run: make setup)"
            ) from None
        return sqlite3
    module: ModuleType = dbapi2
    return module


def _prepare_sqlite(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    load_spatialite(connection)
    for pragma in SQLITE_PRAGMAS:
        connection.cursor().execute(f"PRAGMA {pragma}")


def load_spatialite(connection: Any, library: str = "mod_spatialite") -> None:
    """Load the SpatiaLite functions into a raw SQLite connection.

    Raises:
        DatabaseUnavailable: the library is not on this machine.
    """
    connection.enable_load_extension(True)
    try:
        connection.load_extension(library)
    except Exception as error:  # the class is that of whichever SQLite module is in use
        raise DatabaseUnavailable(
            "SpatiaLite is missing: run `apt-get install libsqlite3-mod-spatialite` "
            "(macOS: `brew install libspatialite`)"
        ) from error
    finally:
        connection.enable_load_extension(False)
