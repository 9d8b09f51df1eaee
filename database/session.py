"""The session of a request or a command, opened at the first use and closed with the app context."""

from flask import Flask, current_app, g
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from database.engine import connect


def init_app(app: Flask, url: str) -> None:
    """Give the app an engine, and every app context at most one session."""
    engine = connect(url)
    app.extensions["engine"] = engine
    app.extensions["sessions"] = sessionmaker(engine)
    app.teardown_appcontext(_close)


def session() -> Session:
    """The session of the app context at hand. Commands and POST views commit it themselves."""
    if "session" not in g:
        g.session = current_app.extensions["sessions"]()
    opened: Session = g.session
    return opened


def refresh_statistics(session: Session) -> None:
    """Tell the planner what has come in, after many rows were written in one go.

    PostgreSQL plans by its statistics, and may search the wrong way round until
    it has them; SQLite's plans here do not depend on any.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("ANALYZE"))


def _close(_error: BaseException | None) -> None:
    opened: Session | None = g.pop("session", None)
    if opened is not None:
        opened.close()
