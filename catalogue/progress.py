"""Progress on pathways under anonymous keys: ticking off, finding, putting together, forgetting.

Keys are known here by their hashes only. Who writes holds the row's lock first, so that what is counted stays
so; the caller commits.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from sqlalchemy import Connection, Select, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session, aliased, selectinload

from catalogue.pathway_models import Pathway
from catalogue.progress_models import Progress, ProgressTick
from catalogue.standing import Standing, standing

KEPT_DAYS = 365
MAX_PATHWAYS = 100  # that one key may have ticks on
PURGED_AT_ONCE = 500


class TooManyPathways(Exception):
    """There would be ticks on more than `MAX_PATHWAYS` under one key."""


def find(session: Session, key_hash: str, today: date) -> Progress | None:
    """What is kept under a key; None if there is nothing, or it has not been used for a year.

    Args:
        key_hash: the SHA-256 of the key, in hexadecimal.
        today: in UTC, as in all that follows.
    """
    named = aliased(Progress)
    return session.scalar(
        select(Progress)
        .join(named, Progress.id == func.coalesce(named.same_as_id, named.id))
        .where(named.key_hash == key_hash, Progress.used_on >= _oldest(today))
    )


def begin(session: Session, key_hash: str, today: date) -> Progress:
    """Keep progress under a new key, and forget some of what is too old."""
    forget_old(session, today)
    made = Progress(key_hash=key_hash, used_on=today)
    session.add(made)
    session.flush()
    return made


def pathway(session: Session, slug: str) -> Pathway | None:
    """A pathway with its steps and groups."""
    return session.scalar(_with_steps().where(Pathway.slug == slug))


def ticked(session: Session, kept: Progress, pathway_slug: str) -> set[str]:
    """The slugs of the steps of a pathway that are ticked off, also of such as it has no more."""
    is_it = (ProgressTick.progress_id == kept.id, ProgressTick.pathway_slug == pathway_slug)
    return set(session.scalars(select(ProgressTick.step_slug).where(*is_it)))


def begun(session: Session, kept: Progress) -> list[Standing]:
    """Where somebody stands on every pathway of which a step is ticked off and still there, by title."""
    done: dict[str, set[str]] = {}
    for pathway_slug, step_slug in _ticks(session, kept):
        done.setdefault(pathway_slug, set()).add(step_slug)
    found = session.scalars(_with_steps().where(Pathway.slug.in_(done)).order_by(Pathway.title, Pathway.id))
    return [each for each in (standing(pathway, done[pathway.slug]) for pathway in found) if each.done]


def hold(session: Session, key_hash: str, today: date) -> Progress | None:
    """What is kept under a key, locked until the caller commits, and kept for another year."""
    kept = find(session, key_hash, today)
    while kept and not use(session, kept.id, today):
        # Deleted or put together with another, while this one waited for the lock.
        kept = find(session, key_hash, today)
    return kept


def use(source: Session | Connection, progress_id: int, today: date) -> bool:
    """Keep it for another year, and hold its lock. Says whether it is there."""
    is_it = (Progress.id == progress_id, Progress.same_as_id.is_(None))
    found = source.execute(update(Progress).where(*is_it).values(used_on=today).returning(Progress.id))
    return found.first() is not None


def tick(session: Session, held: Progress, pathway_slug: str, step_slug: str) -> None:
    """Tick a step off. Nothing changes if it is already.

    Raises:
        TooManyPathways: it would be the first on one pathway too many.
    """
    done = ticked(session, held, pathway_slug)
    if not done and _count_pathways(session, [held.id]) >= MAX_PATHWAYS:
        raise TooManyPathways
    if step_slug not in done:
        session.add(ProgressTick(progress_id=held.id, pathway_slug=pathway_slug, step_slug=step_slug))
        session.flush()


def untick(session: Session, held: Progress, pathway_slug: str, step_slug: str) -> None:
    """Take a tick away. Nothing changes if there is none."""
    is_it = (ProgressTick.pathway_slug == pathway_slug, ProgressTick.step_slug == step_slug)
    session.execute(delete(ProgressTick).where(ProgressTick.progress_id == held.id, *is_it))


def put_together(session: Session, kept_hash: str, other_hash: str, today: date) -> None:
    """Make what is kept under two keys one. Both keys lead to it from then on, on whichever devices they are.

    Nothing changes where one of them has nothing, or they are one already.

    Raises:
        TooManyPathways: together they would have ticks on too many.
    """
    pair = _pair(session, kept_hash, other_hash, today)
    # In one order everywhere: two people who do this the other way round must not wait for each other for ever.
    for each in sorted(pair, key=lambda row: row.id):
        use(session, each.id, today)
    # Looked up again: somebody may have put them together while this one waited for the locks.
    pair = _pair(session, kept_hash, other_hash, today)
    if len(pair) < 2:
        return
    kept, other = pair
    if _count_pathways(session, [kept.id, other.id]) > MAX_PATHWAYS:
        raise TooManyPathways
    _move_ticks(session, other, kept)
    is_other = or_(Progress.id == other.id, Progress.same_as_id == other.id)
    session.execute(update(Progress).where(is_other).values(same_as_id=kept.id))
    session.expire_all()


def forget(session: Session, kept: Progress) -> None:
    """Delete it for good: its ticks, and every key that leads to it."""
    session.execute(delete(Progress).where(Progress.id == kept.id))
    session.expunge(kept)


def forget_old(session: Session, today: date, most: int = PURGED_AT_ONCE) -> int:
    """Delete for good what has not been used for a year, at most so many. Says how many went."""
    old = select(Progress.id).where(Progress.used_on < _oldest(today), Progress.same_as_id.is_(None))
    # Where somebody else is at it, there is no need to wait.
    some = session.scalars(old.order_by(Progress.used_on).limit(most).with_for_update(skip_locked=True)).all()
    if some:
        session.execute(delete(Progress).where(Progress.id.in_(some), Progress.used_on < _oldest(today)))
    return len(some)


def _oldest(today: date) -> date:
    """The day on which it may last have been used, to be there still."""
    return today - timedelta(days=KEPT_DAYS)


def _pair(session: Session, kept_hash: str, other_hash: str, today: date) -> list[Progress]:
    found = (find(session, each, today) for each in (kept_hash, other_hash))
    return list(dict.fromkeys(each for each in found if each))


def _with_steps() -> Select[Pathway]:
    return select(Pathway).options(selectinload(Pathway.steps), selectinload(Pathway.groups))


def _count_pathways(session: Session, ids: Iterable[int]) -> int:
    distinct = func.count(ProgressTick.pathway_slug.distinct())
    return session.scalar(select(distinct).where(ProgressTick.progress_id.in_(ids))) or 0


def _move_ticks(session: Session, source: Progress, target: Progress) -> None:
    missing = _ticks(session, source) - _ticks(session, target)
    if missing:
        rows = [{"progress_id": target.id, "pathway_slug": one, "step_slug": two} for one, two in sorted(missing)]
        session.execute(insert(ProgressTick), rows)
    session.execute(delete(ProgressTick).where(ProgressTick.progress_id == source.id))


def _ticks(session: Session, kept: Progress) -> set[tuple[str, str]]:
    """Pairs of the slugs of a pathway and a step."""
    pairs = select(ProgressTick.pathway_slug, ProgressTick.step_slug).where(ProgressTick.progress_id == kept.id)
    return {(pathway_slug, step_slug) for pathway_slug, step_slug in session.execute(pairs)}
