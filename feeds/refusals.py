"""The quarantine: what a source has that could not become an opportunity, and why."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from catalogue.source_models import MAX_IDENTIFIER, MAX_REASON, Source, SourceRefusal

MOST_KEPT = 5_000  # of a source; more are counted only
MAX_CONTENT = 4_000
MAX_PLACE = 200


@dataclass(frozen=True, slots=True)
class Refusal:
    """An item, or what was to be one, that was refused."""

    identifier: str
    place: str
    reason: str
    content: str


def keep(session: Session, source: Source, run_id: int, refused: Collection[Refusal], now: datetime) -> None:
    """Put some into the quarantine, in the place of what is there of the same items, as long as there is room."""
    rows = {row["identifier"]: row for row in (_row(source.id, run_id, each, now) for each in refused)}
    _delete(session, source, list(map(str, rows)))
    room = MOST_KEPT - count(session, source)
    if rows and room > 0:
        session.execute(insert(SourceRefusal), list(rows.values())[:room])


def release(session: Session, source: Source, identifiers: Collection[str]) -> None:
    """Take items out that came right, or went."""
    if identifiers and count(session, source):
        _delete(session, source, identifiers)


def release_old(session: Session, source: Source, run_id: int) -> None:
    """Take out what the reading of this number, which saw all there is, did not refuse."""
    session.execute(delete(SourceRefusal).where(SourceRefusal.source_id == source.id, SourceRefusal.run_id != run_id))


def count(session: Session, source: Source) -> int:
    return session.scalar(select(func.count()).where(SourceRefusal.source_id == source.id)) or 0


def some(session: Session, source: Source, most: int) -> list[SourceRefusal]:
    """The last that were refused, the newest first."""
    found = select(SourceRefusal).where(SourceRefusal.source_id == source.id)
    return list(session.scalars(found.order_by(SourceRefusal.run_id.desc(), SourceRefusal.id).limit(most)))


def reasons(session: Session, source: Source) -> list[tuple[str, int]]:
    """Why, and how many there are of each, the most first."""
    number = func.count()
    found = select(SourceRefusal.reason, number).where(SourceRefusal.source_id == source.id)
    grouped = found.group_by(SourceRefusal.reason).order_by(number.desc(), SourceRefusal.reason)
    return [(reason, many) for reason, many in session.execute(grouped)]


def _delete(session: Session, source: Source, identifiers: Collection[str]) -> None:
    which = SourceRefusal.identifier.in_(identifiers)
    session.execute(delete(SourceRefusal).where(SourceRefusal.source_id == source.id, which))


def _row(source_id: int, run_id: int, each: Refusal, now: datetime) -> dict[str, object]:
    identifier = each.identifier or f"@{each.place}"
    return {
        "source_id": source_id,
        "run_id": run_id,
        "identifier": _storable(identifier, MAX_IDENTIFIER),
        "place": _storable(each.place, MAX_PLACE),
        "reason": _storable(each.reason, MAX_REASON),
        "content": _storable(each.content, MAX_CONTENT),
        "refused_at": now,
    }


def _storable(value: str, most: int) -> str:
    """What both databases take: PostgreSQL no NUL, neither half a surrogate pair."""
    return value[:most].replace("\0", "").encode("utf-8", "replace").decode()
