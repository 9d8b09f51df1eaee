"""What search engines are told of: the addresses of what is in the catalogue, a part at a time.

A part holds the rows of one range of ids: always the same ones, found by the
primary key, and never more than `PART`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, null, select
from sqlalchemy.orm import Session

from catalogue.filters import Filters
from catalogue.models import Badge, Opportunity, Provider
from catalogue.pathway_models import Pathway

PART = 10_000
MAX_PARTS = 10_000  # of each section; an index may name 50,000: https://www.sitemaps.org/protocol.html#index


class Section(StrEnum):
    """What has a page for each of its rows."""

    PATHWAYS = "pathways"
    BADGES = "badges"
    PROVIDERS = "providers"
    OPPORTUNITIES = "opportunities"


@dataclass(frozen=True, slots=True)
class Entry:
    """A row that has a page. `changed_at` is when its source last said that it is so, None where that is not kept."""

    id: int
    slug: str
    changed_at: datetime | None


def parts(session: Session, section: Section, now: datetime) -> Iterator[int]:
    """The numbers of the parts that hold anything, ascending. One statement a part, each by the primary key."""
    rows = _rows(section, now)
    number = -1
    for _ in range(MAX_PARTS):
        following = rows.where(rows.selected_columns.id >= (number + 1) * PART)
        first = session.execute(following.order_by(rows.selected_columns.id).limit(1)).first()
        if first is None:
            return
        number = first.id // PART
        yield number


def entries(session: Session, section: Section, number: int, now: datetime) -> list[Entry]:
    """What a part holds, by id: at most `PART`. Opportunities that have ended are left out."""
    rows = _rows(section, now)
    number_of = rows.selected_columns.id
    part = rows.where(number_of >= number * PART, number_of < (number + 1) * PART).order_by(number_of)
    return [Entry(*row) for row in session.execute(part)]


def _rows(section: Section, now: datetime) -> Select[Any, Any, Any]:
    if section is Section.OPPORTUNITIES:
        return select(Opportunity.id, Opportunity.slug, Opportunity.checked_at).where(Filters(now).is_open())
    models: dict[Section, type[Pathway | Badge | Provider]] = {Section.PATHWAYS: Pathway, Section.BADGES: Badge}
    model = models.get(section, Provider)
    return select(model.id, model.slug, null().label("changed_at"))
