"""Shortlists under anonymous keys: adding, ordering, noting, sharing, copying, forgetting.

Keys are known here by their hashes only. Who writes holds the owner's row first, so that what is counted stays so;
the caller commits. Days are in UTC.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, ScalarSelect, delete, func, not_, select, update
from sqlalchemy.orm import Session, aliased, selectinload

from catalogue.models import Opportunity
from catalogue.pathway_models import Pathway, Step
from catalogue.shortlist_models import MAX_LIST_TITLE, Shortlist, ShortlistItem, ShortlistOwner

KEPT_DAYS = 90
MAX_ITEMS = 50  # on a list
MAX_LISTS = 30  # under a key
PURGED_AT_ONCE = 500
LARGEST_ID = 2**31 - 1  # what an integer column holds


class TooManyItems(Exception):
    """There would be more than `MAX_ITEMS` on a list."""


class TooManyLists(Exception):
    """There would be more than `MAX_LISTS` under a key."""


@dataclass(frozen=True, slots=True)
class Thing:
    """What can be on a list: an opportunity, or else a pathway, or with `step_slug` a step of it."""

    opportunity_id: int = 0
    pathway_slug: str = ""
    step_slug: str = ""

    def __str__(self) -> str:
        """As it stands in forms and addresses: `opportunity:12`, `pathway:cook`, `step:cook:peel`."""
        if self.opportunity_id:
            return f"opportunity:{self.opportunity_id}"
        return f"step:{self.pathway_slug}:{self.step_slug}" if self.step_slug else f"pathway:{self.pathway_slug}"


@dataclass(frozen=True, slots=True)
class Link:
    """How a list is shared: `salt` is what the link's key was made with, `hash` that of the key."""

    salt: str
    hash: str


@dataclass(frozen=True, slots=True)
class OnCurrent:
    """The list that things are added to, as every page needs it."""

    title: str
    is_of_several: bool
    things: frozenset[Thing]


def thing(text: str) -> Thing | None:
    """Read what `str` of a `Thing` writes; None of anything else."""
    sort, *parts = text[:300].split(":")
    if sort == "opportunity" and len(parts) == 1 and parts[0].isascii() and parts[0].isdigit() and len(parts[0]) < 11:
        number = int(parts[0])
        return Thing(number) if 0 < number <= LARGEST_ID else None
    if not all(0 < len(part) <= 80 and part.isprintable() for part in parts):
        return None
    if sort == "pathway" and len(parts) == 1:
        return Thing(0, parts[0])
    return Thing(0, parts[0], parts[1]) if sort == "step" and len(parts) == 2 else None


def of_item(item: ShortlistItem) -> Thing:
    return Thing(item.opportunity_id, item.pathway_slug, item.step_slug)


def title_of(session: Session, wanted: Thing) -> str | None:
    """What a thing is called; None where there is none."""
    if wanted.opportunity_id:
        return session.scalar(select(Opportunity.title).where(Opportunity.id == wanted.opportunity_id))
    if not wanted.step_slug:
        return session.scalar(select(Pathway.title).where(Pathway.slug == wanted.pathway_slug))
    steps = select(Step.title).join(Pathway, Pathway.id == Step.pathway_id)
    return session.scalar(steps.where(Pathway.slug == wanted.pathway_slug, Step.slug == wanted.step_slug))


def on_current(session: Session, key_hash: str, today: date) -> OnCurrent | None:
    """What is on the list that things are added to; None where there is no list. One statement, for every page."""
    item = (ShortlistItem.opportunity_id, ShortlistItem.pathway_slug, ShortlistItem.step_slug)
    is_its = Shortlist.owner_id == ShortlistOwner.id
    rows = session.execute(
        select(Shortlist.title, _count_of_lists(today), *item)
        .select_from(ShortlistOwner)
        .join(Shortlist, is_its & (Shortlist.id == ShortlistOwner.current_id))
        .outerjoin(ShortlistItem, (ShortlistItem.shortlist_id == Shortlist.id) & not_(ShortlistItem.is_removed))
        .where(ShortlistOwner.key_hash == key_hash, Shortlist.used_on >= _oldest(today))
        .limit(MAX_ITEMS)
    ).all()
    if not rows:
        return None
    things = frozenset(Thing(*row[2:]) for row in rows if row[2] is not None)
    return OnCurrent(rows[0][0], rows[0][1] > 1, things)


def _count_of_lists(today: date) -> ScalarSelect[int]:
    """How many lists an owner has."""
    each = aliased(Shortlist)
    is_there = (each.owner_id == ShortlistOwner.id, each.used_on >= _oldest(today))
    return select(func.count()).select_from(each).where(*is_there).correlate(ShortlistOwner).scalar_subquery()


def find(session: Session, key_hash: str) -> ShortlistOwner | None:
    return session.scalar(select(ShortlistOwner).where(ShortlistOwner.key_hash == key_hash))


def lists(session: Session, owner: ShortlistOwner, today: date) -> Sequence[Shortlist]:
    """An owner's lists with what is on them, in the order in which they were made."""
    is_there = (Shortlist.owner_id == owner.id, Shortlist.used_on >= _oldest(today))
    return session.scalars(
        select(Shortlist)
        .where(*is_there)
        .order_by(Shortlist.id)
        .options(selectinload(Shortlist.items))
        .limit(MAX_LISTS)
    ).all()


def current(owner: ShortlistOwner, found: Sequence[Shortlist]) -> Shortlist | None:
    """Of an owner's lists the one that things are added to; the newest if that has gone."""
    return next((each for each in found if each.id == owner.current_id), found[-1] if found else None)


def shared(session: Session, link_hash: str, today: date) -> Shortlist | None:
    """The list that a link leads to."""
    is_it = (Shortlist.link_hash == link_hash, Shortlist.used_on >= _oldest(today))
    return session.scalar(select(Shortlist).where(*is_it).options(selectinload(Shortlist.items)))


def hold(session: Session, key_hash: str, today: date) -> ShortlistOwner | None:
    """An owner, locked until the caller commits."""
    is_it = ShortlistOwner.key_hash == key_hash
    session.execute(update(ShortlistOwner).where(is_it).values(used_on=today))
    return session.scalar(select(ShortlistOwner).where(is_it).execution_options(populate_existing=True))


def begin(session: Session, key_hash: str, today: date) -> ShortlistOwner:
    """Keep lists under a new key, and forget some of what is too old."""
    forget_old(session, today)
    made = ShortlistOwner(key_hash=key_hash, used_on=today)
    session.add(made)
    session.flush()
    return made


def use(source: Session | Connection, list_id: int, today: date) -> None:
    """Keep a list for another ninety days."""
    source.execute(update(Shortlist).where(Shortlist.id == list_id).values(used_on=today))


def choose(session: Session, held: ShortlistOwner, chosen: Shortlist, today: date) -> None:
    """Make a list of an owner's the one that things are added to."""
    held.current_id, chosen.used_on = chosen.id, today
    session.flush()


def open_list(session: Session, held: ShortlistOwner, title: str, link: Link, today: date) -> Shortlist:
    """Make an empty list, and make it the current one.

    Raises:
        TooManyLists: it would be one too many.
    """
    is_there = (Shortlist.owner_id == held.id, Shortlist.used_on >= _oldest(today))
    if (session.scalar(select(func.count()).select_from(Shortlist).where(*is_there)) or 0) >= MAX_LISTS:
        raise TooManyLists
    made = Shortlist(
        owner_id=held.id, title=title[:MAX_LIST_TITLE], salt=link.salt, link_hash=link.hash, used_on=today, items=[]
    )
    session.add(made)
    session.flush()
    choose(session, held, made, today)
    return made


def add(session: Session, to: Shortlist, wanted: Thing, title: str) -> bool:
    """Put a thing on a list, at its end, or back where it was if it was just taken off. False if it is on it.

    Raises:
        TooManyItems: it would be one too many.
    """
    there = item(to, wanted)
    if there and not there.is_removed:
        return False
    if len(to.shown) >= MAX_ITEMS:
        raise TooManyItems
    if there:
        there.is_removed = False
    else:
        to.items.append(ShortlistItem(**_columns(wanted), position=_end(to), title=title, note="", is_removed=False))
    session.flush()
    return True


def item(of: Shortlist, wanted: Thing) -> ShortlistItem | None:
    """The row of a thing on a list, also if it was just taken off."""
    return next((each for each in of.items if of_item(each) == wanted), None)


def remove(session: Session, of: Shortlist, wanted: Thing) -> None:
    """Take a thing off a list. It can come back until another is taken off. Nothing changes if it is not on it."""
    there = item(of, wanted)
    if there is None or there.is_removed:
        return
    of.items = [each for each in of.items if not each.is_removed]
    there.is_removed = True
    session.flush()


def undo(session: Session, of: Shortlist) -> None:
    """Put back what was taken off last.

    Raises:
        TooManyItems: something else has its place by now.
    """
    gone = [each for each in of.items if each.is_removed]
    if len(of.shown) + len(gone) > MAX_ITEMS:
        raise TooManyItems
    for each in gone:
        each.is_removed = False
    session.flush()


def move(session: Session, of: Shortlist, wanted: Thing, to: int) -> None:
    """Make a thing the number `to` of its list, counted from 1; the first or the last if there is no such number."""
    moved = next((each for each in of.shown if of_item(each) == wanted), None)
    if moved is None:
        return
    others = [each for each in of.items if each is not moved]
    visible = [each for each in others if not each.is_removed]
    at = others.index(visible[to - 1]) if 0 < to <= len(visible) else (0 if to < 1 else len(others))
    for position, each in enumerate([*others[:at], moved, *others[at:]], start=1):
        each.position = position
    session.flush()
    session.expire(of, ["items"])


def copy(session: Session, source: Shortlist, target: Shortlist) -> None:
    """Put on an empty list all that is on another, with its notes."""
    for position, each in enumerate(source.shown, start=1):
        values = _columns(of_item(each)) | {"title": each.title, "note": each.note, "is_removed": False}
        target.items.append(ShortlistItem(position=position, **values))
    session.flush()


def share(session: Session, of: Shortlist, link: Link | None) -> None:
    """Give a list another link, or none. The one that it had leads nowhere from then on."""
    of.salt, of.link_hash = (link.salt, link.hash) if link else (None, None)
    session.flush()


def forget_list(session: Session, held: ShortlistOwner, gone: Shortlist) -> None:
    """Delete a list for good, with its link."""
    session.delete(gone)
    if held.current_id == gone.id:
        held.current_id = None
    session.flush()


def forget(session: Session, held: ShortlistOwner) -> None:
    """Delete all of an owner's lists for good, with their links and the key."""
    session.execute(delete(ShortlistOwner).where(ShortlistOwner.id == held.id))
    session.expunge_all()


def forget_old(session: Session, today: date, most: int = PURGED_AT_ONCE) -> int:
    """Delete for good what has not been used for ninety days, at most so many lists and owners. Says how many went."""
    is_old = Shortlist.used_on < _oldest(today)
    some = session.scalars(
        select(Shortlist.id).where(is_old).order_by(Shortlist.used_on).limit(most).with_for_update(skip_locked=True)
    ).all()
    session.execute(delete(Shortlist).where(Shortlist.id.in_(some), is_old))
    # Whoever puts something on a list meanwhile has used it today.
    is_idle = ShortlistOwner.used_on < _oldest(today)
    has_none = not_(select(Shortlist.id).where(Shortlist.owner_id == ShortlistOwner.id).exists())
    idle = select(ShortlistOwner.id).where(is_idle, has_none).limit(most).with_for_update(skip_locked=True)
    owners = session.scalars(idle).all()
    session.execute(delete(ShortlistOwner).where(ShortlistOwner.id.in_(owners), is_idle))
    return len(some) + len(owners)


def _oldest(today: date) -> date:
    """The day on which a list may last have been used, to be there still."""
    return today - timedelta(days=KEPT_DAYS)


def _end(of: Shortlist) -> int:
    return max((each.position for each in of.items), default=0) + 1


def _columns(wanted: Thing) -> dict[str, Any]:
    return {
        "opportunity_id": wanted.opportunity_id,
        "pathway_slug": wanted.pathway_slug,
        "step_slug": wanted.step_slug,
    }
