"""All that is worked out from opportunities and kept: the one place that says what there is.

Whoever writes opportunities, moves a venue, or renames a provider or a skill, calls one of these and commits. What is
deleted from the catalogue leaves by itself. A further derived table is brought up to date by a line in each.
"""

from collections.abc import Callable, Collection, Sequence

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


def index_written(
    session: Session, new: Sequence[int], changed: Collection[int], known_words: set[str] | None = None
) -> None:
    """The same, batch after batch of an import, with the map's sums left for `settle`.

    Args:
        new: ids that stand in no index yet.
        changed: ids that may.
        known_words: words that are in the index already, to which those of the new ones are added.
    """
    session.flush()
    if new and new[-1] - new[0] + 1 == len(new):
        spots.index_new(session, range(new[0], new[-1] + 1))
        fulltext.index_new(session, range(new[0], new[-1] + 1), known=known_words)
        changed_or_new = list(changed)
    else:
        changed_or_new = [*new, *changed]
    if changed_or_new:
        spots.index(session, changed_or_new)
        fulltext.index(session, changed_or_new)
    sums.mark(session, [*new, *changed])


def settle(session: Session, begin: Callable[[Session], None]) -> int:
    """Count what `index_written` left to be counted, and commit. Without it, the next start of the site does.

    It is some venues at a time, so that whoever else writes never waits long.

    Args:
        begin: called at the beginning of each transaction that writes.

    Returns:
        How many opportunities there are now, each as often as it has venues.
    """
    wanted = sums.uncounted(session)
    for start in range(0, len(wanted), sums.BATCH):
        session.rollback()
        begin(session)
        sums.count(session, wanted[start : start + sums.BATCH])
        if start + sums.BATCH >= len(wanted):
            # Together with the last of them: whoever is stopped before that finds something left to count.
            sums.add_up(session)
        session.commit()
    return sums.total(session)


def index_missing(session: Session) -> None:
    """Derive what is not yet, such as from all that was there before there was a table for it."""
    fulltext.index_missing(session)
    spots.index_missing(session)
    sums.index_missing(session)
