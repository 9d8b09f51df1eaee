"""The session of a request or a command, opened at the first use and closed with the app context.

It is the primary's, but in a request that said `read_behind`. A failure that would not come again has the request
answered anew: `web/second_try.py` does that.
"""

from flask import Flask, current_app, g, has_request_context
from sqlalchemy import event, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.orm import Session, sessionmaker

from database.engine import connect
from database.replica import Replica

# Of https://www.postgresql.org/docs/current/errcodes-appendix.html: what says that this connection is of no more use.
DEMOTED = "25006"  # read_only_sql_transaction
ENDED = ("57P01", "57P02", "57P03")  # admin_shutdown, crash_shutdown, cannot_connect_now


class AskAgain(Exception):
    """The database failed this request, and may well not if it is asked anew, from the primary. Nothing is written."""


def init_app(app: Flask, url: str, replica_url: str = "") -> None:
    """Give the app an engine, with a replica another, and every app context at most one session."""
    engine = connect(url)
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


def allow_second_try() -> None:
    """Say that this request can be answered anew: `AskAgain` is raised where that helps."""
    g.has_second_try = True


def refresh_statistics(session: Session) -> None:
    """Tell the planner what has come in, after many rows were written in one go.

    PostgreSQL plans by its statistics, and may search the wrong way round until
    it has them; SQLite's plans here do not depend on any.
    """
    if session.get_bind().dialect.name == "postgresql":
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
    return AskAgain() if g.get("has_second_try") else None


def _primary_failed(context: ExceptionContext) -> AskAgain | None:
    """What was a primary and takes no writes any more is left, for the one that was promoted in its place."""
    _note_the_end(context, *ENDED, DEMOTED)
    # What failed in a commit may have been written.
    is_statement = context.connection is not None and context.statement is not None and not context.is_pre_ping
    return AskAgain() if context.is_disconnect and is_statement and _may_try_again() else None


def _note_the_end(context: ExceptionContext, *states: str) -> None:
    """Let the pool drop its connections. psycopg does not always know yet that one has ended, and never that it should.

    https://docs.sqlalchemy.org/en/21/core/pooling.html#supporting-new-database-error-codes-for-disconnect-scenarios
    """
    if getattr(context.original_exception, "sqlstate", None) in states:
        context.is_disconnect = True


def _may_try_again() -> bool:
    return has_request_context() and bool(g.get("has_second_try")) and not g.get("has_committed")


def _note_commit(_session: Session) -> None:
    if g:
        g.has_committed = True


def _close(_error: BaseException | None) -> None:
    opened: Session | None = g.pop("session", None)
    if opened is not None:
        opened.close()
