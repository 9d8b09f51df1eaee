"""What is kept beside the catalogue so that it is found fast: the index of words, and where everything is."""

from collections.abc import Collection

from sqlalchemy.orm import Session

from catalogue import fulltext, spots


def index(session: Session, ids: Collection[int] | None = None) -> None:
    """Bring it up to date with some opportunities as they now stand, or with all.

    Whoever writes opportunities, moves a venue, or renames a provider or a skill, calls this and commits.
    What is deleted from the catalogue leaves by itself.
    """
    session.flush()
    fulltext.index(session, ids)
    spots.index(session, ids)


def index_missing(session: Session) -> None:
    """Index what is not yet, such as all that was there before there was an index."""
    fulltext.index_missing(session)
    spots.index_missing(session)
