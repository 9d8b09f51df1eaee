"""Reading what is no object of a session's: numbers, and rows of a few columns."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Executable
from sqlalchemy.orm import Session


def plain_rows(session: Session, statement: Executable, values: Mapping[str, Any] | None = None) -> Sequence[Any]:
    """The rows of a statement, all at once, without what a session does for its objects: that takes longer than these.

    Args:
        statement: best one that is kept, as it takes long to put together.
    """
    session.flush()
    return session.connection().execute(statement, values).all()
