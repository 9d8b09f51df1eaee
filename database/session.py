"""The session of a request or a command, opened at the first use and closed with the app context.

It is the primary's, but in a request that said `read_behind`. A failure that would not come again has the request
answered anew: `web/second_try.py` does that.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from flask import Flask, current_app, g, has_request_context
from sqlalchemy import event, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from database.engine import connect, dialect_of
from database.replica import PATIENCE_S, Replica

# Of https://www.postgresql.org/docs/current/errcodes-appendix.html: what says that this connection is of no more use.
DEMOTED = "25006"  # read_only_sql_transaction
ENDED = ("57P01", "57P02", "57P03")  # admin_shutdown, crash_shutdown, cannot_connect_now

log = structlog.get_logger()


class AskAgain(Exception):
    """A database failed this request, and may well not if it is asked anew. Nothing is written.

    `is_behind` is whether from the replica then: for the primary cannot be reached.
    """

    def __init__(self, is_behind: bool) -> None:
        super().__init__(is_behind)
        self.is_behind = is_behind


def init_app(app: Flask, url: str, replica_url: str = "") -> None:
    """Give the app an engine, with a replica another, and every app context at most one session."""
    engine = connect(url, PATIENCE_S) if replica_url else connect(url)
    app.extensions["engine"] = engine
    app.extensions["sessions"] = sessionmaker(engine)
    app.extensions["replica"] = Replica(replica_url) if replica_url else None
    app.teardown_appcontext(_close)
    event.listen(engine, "handle_error", _primary_failed)
    event.listen(app.extensions["sessions"], "after_commit", _note_commit)
    if replica_url:
        event.listen(app.extensions["replica"].engine, "handle_error", _replica_failed)


def dispose(app: Flask) -> None:
    """Close all connections of this process that are not in use."""
    app.extensions["engine"].dispose()
    if app.extensions["replica"]:
        app.extensions["replica"].engine.dispose()


def session() -> Session:
    """The session of the app context at hand. Commands and POST views commit it themselves."""
    if "session" not in g:
        g.session = _open()
    opened: Session = g.session
    return opened


def read_behind() -> None:
    """Say that what this request reads may be a moment behind: before its first use of the session."""
    g.is_behind = True


def read_newest() -> None:
    """Say that it may not, after all."""
    g.is_behind = False


def allow_second_try(is_reading: bool) -> None:
    """Say that this request can be answered anew, and whether it only reads: `AskAgain` is raised where that helps."""
    g.has_second_try = True
    g.is_reading = is_reading


@contextmanager
def without_second_try() -> Iterator[None]:
    """Let what fails meanwhile fail at once, for whoever asks can do without."""
    before = bool(g) and g.get("has_second_try", False)
    if before:
        g.has_second_try = False
    try:
        yield
    finally:
        if before:
            g.has_second_try = True


def refresh_statistics(session: Session) -> None:
    """Tell the planner what has come in, after many rows were written in one go.

    PostgreSQL plans by its statistics, and may search the wrong way round until
    it has them; SQLite's plans here do not depend on any.
    """
    if dialect_of(session) == "postgresql":
        session.execute(text("ANALYZE"))


def _open() -> Session:
    parts = current_app.extensions
    replica: Replica | None = parts["replica"]
    if replica and g.get("is_behind") and replica.may_be_asked():
        g.reads_replica = True
        return replica.sessions()
    sessions: sessionmaker[Session] = parts["sessions"]
    return sessions()


def _replica_failed(context: ExceptionContext) -> AskAgain | None:
    _note_the_end(context, *ENDED)
    # While it is looked at, whoever looks says what becomes of it.
    if context.is_pre_ping or not g or not g.get("reads_replica"):
        return None
    is_gone = context.is_disconnect or context.connection is None
    current_app.extensions["replica"].failed(is_gone, type(context.original_exception).__name__)
    return AskAgain(is_behind=False) if g.get("has_second_try") else None


def _primary_failed(context: ExceptionContext) -> AskAgain | None:
    """What was a primary and takes no writes any more is left, for the one that was promoted in its place."""
    _note_the_end(context, *ENDED, DEMOTED)
    if not has_request_context() or context.is_pre_ping or not g.get("has_second_try"):
        return None
    if context.connection is None:
        # Until a replica is promoted, it knows all that there is to know.
        return AskAgain(is_behind=True) if g.is_reading and current_app.extensions["replica"] else None
    # What failed in a commit may have been written.
    is_lost = context.is_disconnect and context.statement is not None and not g.get("has_committed")
    return AskAgain(is_behind=False) if is_lost else None


def _note_the_end(context: ExceptionContext, *states: str) -> None:
    """Let the pool drop its connections. psycopg does not always know yet that one has ended, and never that it should.

    https://docs.sqlalchemy.org/en/21/core/pooling.html#supporting-new-database-error-codes-for-disconnect-scenarios
    """
    if getattr(context.original_exception, "sqlstate", None) in states:
        context.is_disconnect = True


def _note_commit(_session: Session) -> None:
    if g:
        g.has_committed = True


def _close(_error: BaseException | None) -> None:
    opened: Session | None = g.pop("session", None)
    if opened is None:
        return
    g.has_second_try = False  # the answer is there
    try:
        opened.close()
    except SQLAlchemyError as error:
        # It ended after the last statement. Whatever was to be written is committed by now, or is not to be.
        opened.invalidate()
        log.warning("connection lost at its end", reason=type(error).__name__)
