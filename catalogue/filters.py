"""What a search asks of an opportunity, besides where it is."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, or_

from catalogue.models import Opportunity
from catalogue.words import Kind, Layer

METRES_PER_MILE = 1609.344


@dataclass(frozen=True, slots=True)
class Filters:
    """Empty sets and None ask for nothing. `now` is the moment after which an opportunity must still be open."""

    now: datetime
    kinds: frozenset[Kind] = frozenset()
    layers: frozenset[Layer] = frozenset()
    within_miles: float | None = None

    @classmethod
    def live(cls) -> "Filters":
        """Anything that can still be joined."""
        return cls(now=datetime.now(UTC))

    @property
    def within_m(self) -> float | None:
        return None if self.within_miles is None else self.within_miles * METRES_PER_MILE

    def conditions(self) -> list[ColumnElement[bool]]:
        """What an `opportunity` row must meet, distance aside."""
        found = [or_(Opportunity.ends_at.is_(None), Opportunity.ends_at > self.now)]
        if self.kinds:
            found.append(Opportunity.kind.in_(sorted(self.kinds)))
        if self.layers:
            found.append(Opportunity.layer.in_(sorted(self.layers)))
        return found
