"""Very many rows at once, past the mapper: by COPY on PostgreSQL, by one prepared statement on SQLite.

Values stand in the rows as both databases read them: moments as `YYYY-MM-DD
HH:MM:SS.ffffff` in UTC, words as text. Constraints are checked as ever.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ARRAY, Column, ColumnElement, any_, column, event, func, literal, select, table
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import InstrumentedAttribute, Session

from database.engine import dialect_of

CACHE_KIB = 256 * 1024
USUAL_PAGES = 1_000  # as SQLite has it
PAGES_TO_CHECKPOINT = 8_000  # 32 MB

Values = Sequence[object]


def write(session: Session, name: str, columns: Sequence[str], rows: Iterable[Values]) -> None:
    """Add rows to a table, within the transaction that is open. The caller commits.

    Raises:
        sqlalchemy.exc.IntegrityError: SQLite does not take a row.
        psycopg.Error: PostgreSQL does not.
    """
    connection = session.connection()
    into = f"{name} ({', '.join(columns)})"
    if connection.dialect.name == "postgresql":
        cursor = connection.connection.cursor()
        with cursor.copy(f"COPY {into} FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        return
    values = list(rows)
    if values:
        marks = ", ".join("?" * len(columns))
        connection.exec_driver_sql(f"INSERT INTO {into} VALUES ({marks})", values)  # noqa: S608  (our own names)


@contextmanager
def seldom_checkpointed(session: Session) -> Iterator[None]:
    """Let SQLite's log grow to `PAGES_TO_CHECKPOINT` meanwhile: pages that many transactions touch are copied once."""
    if dialect_of(session) == "postgresql":
        yield
        return
    # Of whichever connection the pool gives: each transaction may have another.
    engine = session.get_bind().engine
    session.rollback()
    event.listen(engine, "checkout", _checkpoint_seldom)
    event.listen(engine, "checkin", _checkpoint_as_ever)
    try:
        yield
    finally:
        session.rollback()
        event.remove(engine, "checkout", _checkpoint_seldom)
        event.remove(engine, "checkin", _checkpoint_as_ever)


def _checkpoint_seldom(connection: DBAPIConnection, *_: object) -> None:
    connection.cursor().execute(f"PRAGMA wal_autocheckpoint = {PAGES_TO_CHECKPOINT}")


def _checkpoint_as_ever(connection: DBAPIConnection | None, *_: object) -> None:
    if connection:
        connection.cursor().execute(f"PRAGMA wal_autocheckpoint = {USUAL_PAGES}")


def among(
    session: Session, wanted: InstrumentedAttribute[Any] | Column[Any], values: Collection[str] | Collection[int]
) -> ColumnElement[bool]:
    """That a column is one of very many values, which go to the database as one and not each by itself."""
    if dialect_of(session) == "postgresql":
        return wanted == any_(literal(list(values), ARRAY(wanted.type)))
    listed = func.json_each(json.dumps(list(values), ensure_ascii=False)).table_valued("value")
    return wanted.in_(select(listed.c.value))


@lru_cache(maxsize=5_000)
def moment(value: datetime) -> str:
    """A moment as both databases read it from text."""
    return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def next_id(session: Session, name: str) -> int:
    """The first of the ids that no row of a table has, nor any after it."""
    return session.scalar(select(_next(name))) or 1


def take_ids(session: Session, name: str, count: int) -> list[int]:
    """Ids for new rows of a table, in order. SQLite's hold as long as the transaction is the one that writes."""
    if dialect_of(session) == "postgresql":
        sequence = func.pg_get_serial_sequence(name, "id")
        numbers = func.generate_series(1, count).table_valued("value")
        return sorted(session.scalars(select(func.nextval(sequence)).select_from(numbers)))
    first = next_id(session, name)
    return list(range(first, first + count))


def skip_used_ids(session: Session, name: str) -> None:
    """Let PostgreSQL number the rows to come after those that were written with ids. SQLite does by itself."""
    if dialect_of(session) == "postgresql":
        sequence = func.pg_get_serial_sequence(name, "id")
        session.execute(select(func.setval(sequence, func.greatest(func.nextval(sequence), _next(name) - 1))))


def _next(name: str) -> ColumnElement[int]:
    """One more than the highest id in a table."""
    return select(func.coalesce(func.max(column("id")), 0) + 1).select_from(table(name)).scalar_subquery()


@contextmanager
def roomy(session: Session) -> Iterator[None]:
    """Let SQLite keep `CACHE_KIB` of pages in memory meanwhile, so that indexes are not read and written over again."""
    if dialect_of(session) == "postgresql":
        yield
        return
    connection = session.connection()
    usual = connection.exec_driver_sql("PRAGMA cache_size").scalar_one()
    connection.exec_driver_sql(f"PRAGMA cache_size = {-CACHE_KIB}")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA cache_size = {usual}")
