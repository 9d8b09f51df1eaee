"""All that is worked out from opportunities and kept: the one place that says what there is.

Whoever writes opportunities, moves a venue, or renames a provider or a skill, calls one of these and commits. What is
deleted from the catalogue leaves by itself. A further derived table is brought up to date by a line in each.
"""

from collections.abc import Callable, Collection

from sqlalchemy.orm import Session

from catalogue import fulltext, spots, sums


def index(session: Session, ids: Collection[int] | None = None) -> None:
    """Bring what is derived up to date with some opportunities as they now stand in the database, or with all."""
    session.flush()
    fulltext.index(session, ids)
    spots.index(session, ids)
    sums.index(session, ids)


def index_new(session: Session, ids: range, done: Callable[[int], None] = lambda _count: None) -> None:
    """The same, faster, for very many new opportunities whose ids stand in a row.

    Args:
        done: told from time to time how many of them are done.
    """
    spots.index_new(session, ids)
    fulltext.index_new(session, ids, done)
    sums.index(session, ids)


def index_missing(session: Session) -> None:
    """Derive what is not yet, such as from all that was there before there was a table for it."""
    fulltext.index_missing(session)
    spots.index_missing(session)
    sums.index_missing(session)
