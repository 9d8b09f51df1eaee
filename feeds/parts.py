"""The pieces that sources publish by themselves, kept between readings. See `feeds.reading.Parts`."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from catalogue.source_models import SourcePart
from feeds.reading import Part

PAGE = 500


class KeptParts:
    """The parts of one source. What is put or forgotten waits in memory for `write`: no lock is held before."""

    def __init__(self, session: Session, source_id: int) -> None:
        self._session = session
        self._source_id = source_id
        self._touched: dict[str, Part | None] = {}

    def put(self, part: Part) -> None:
        self._touched[part.identifier] = part

    def forget(self, identifier: str) -> None:
        self._touched[identifier] = None

    def get(self, identifier: str) -> Part | None:
        if identifier in self._touched:
            return self._touched[identifier]
        return next(self._stored(SourcePart.identifier == identifier), None)

    def children(self, parent: str) -> list[Part]:
        found = {part.identifier: part for part in self._stored(SourcePart.parent == parent)}
        for identifier, part in self._touched.items():
            found.pop(identifier, None)
            if part is not None and part.parent == parent:
                found[identifier] = part
        return [found[identifier] for identifier in sorted(found)]

    def due(self, at: datetime) -> Iterator[Part]:
        after = ""
        while some := list(self._stored(SourcePart.again_at <= at, SourcePart.identifier > after, most=PAGE)):
            after = some[-1].identifier
            yield from (part for part in some if part.identifier not in self._touched)

    def write(self) -> None:
        """Put what was touched into the database, within the transaction that is open."""
        for start in range(0, len(self._touched), PAGE):
            some = list(self._touched.items())[start : start + PAGE]
            known = SourcePart.identifier.in_([identifier for identifier, _ in some])
            self._session.execute(delete(SourcePart).where(SourcePart.source_id == self._source_id, known))
            rows = [_row(self._source_id, part) for _, part in some if part is not None]
            if rows:
                self._session.execute(insert(SourcePart), rows)
        self._touched.clear()

    def _stored(self, *which: object, most: int | None = None) -> Iterator[Part]:
        columns = (SourcePart.identifier, SourcePart.parent, SourcePart.content, SourcePart.again_at)
        found = select(*columns).where(SourcePart.source_id == self._source_id, *which)  # type: ignore[arg-type]
        return (Part(*row) for row in self._session.execute(found.order_by(SourcePart.identifier).limit(most)).all())


def _row(source_id: int, part: Part) -> dict[str, object]:
    return {
        "source_id": source_id,
        "identifier": part.identifier,
        "parent": part.parent,
        "content": part.content,
        "again_at": part.again_at,
    }
