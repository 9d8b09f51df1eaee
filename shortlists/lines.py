"""What a page says of each item of a list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from sqlalchemy.orm import Session

from catalogue import shortlist_items
from catalogue.models import Occurrence, Opportunity
from catalogue.pathway_queries import Membership, steps_with
from catalogue.shortlist_items import Found
from catalogue.shortlist_models import ShortlistItem
from catalogue.shortlists import Thing, of_item
from catalogue.words import Layer
from gazetteer.locate import Located
from gazetteer.table import Table
from maps.stops import PathwayStop, StopsMap, stops_map
from search.details import ages, has_ended, is_gone, is_web_address, sittings_to_come

MOST_MEMBERSHIPS = 3


@dataclass(frozen=True, slots=True)
class Line:
    """An item of a list: its number, what its owner wrote, and what the catalogue has of it now.

    `address` leads to its page, None where there is none any more. `dates` are its sittings to come. `title_then` is
    what it was called when it was added, where that was something else: it has another title now, or its number in
    the catalogue has gone to another thing.
    """

    number: int
    thing: Thing
    title: str
    note: str
    found: Found
    has_ended: bool
    is_gone: bool
    dates: Sequence[Occurrence]
    address: str | None
    title_then: str | None

    @property
    def opportunity(self) -> Opportunity | None:
        return None if self.is_gone else self.found.opportunity

    @property
    def layer(self) -> Layer | None:
        thing = self.found.step or self.opportunity
        return thing.layer if thing else None

    @property
    def ages(self) -> str:
        return ages(self.opportunity.age_min, self.opportunity.age_max) if self.opportunity else ""

    @property
    def link(self) -> str | None:
        """The address that its provider gives, where that is safe to show."""
        url = self.opportunity.url if self.opportunity else None
        return url if is_web_address(url) else None


def lines(session: Session, items: Sequence[ShortlistItem], located: Located | None, now: datetime) -> list[Line]:
    """What is said of items, numbered from 1."""
    found = shortlist_items.find(session, [of_item(each) for each in items], located)
    return [
        _line(number, each.title, each.note, now_there, located, now)
        for number, (each, now_there) in enumerate(zip(items, found, strict=True), start=1)
    ]


def lines_of(session: Session, things: Sequence[Thing], located: Located | None, now: datetime) -> list[Line]:
    """The same of things that need not be on any list. What is not there is left out."""
    found = [each for each in shortlist_items.find(session, things, located) if each.is_there]
    return [_line(number, "", "", each, located, now) for number, each in enumerate(found, start=1)]


def leads_to(session: Session, line: Line) -> list[Membership]:
    """The steps of pathways that an opportunity completes, with what comes after each."""
    return steps_with(session, line.opportunity, MOST_MEMBERSHIPS) if line.opportunity else []


def drawing(table: Table, shown: Sequence[Line], located: Located | None) -> StopsMap | None:
    """The map of a list: the doors that are still open, under the numbers of their items."""
    stops = [
        PathwayStop(
            line.number, line.opportunity.layer, line.found.venue.latitude, line.found.venue.longitude, line.title
        )
        for line in shown
        if line.opportunity and line.found.venue and not line.has_ended
    ]
    return stops_map(table, stops, located)


def _line(number: int, title: str, note: str, found: Found, located: Located | None, now: datetime) -> Line:
    opportunity = found.opportunity
    gone = not found.is_there or (opportunity is not None and is_gone(opportunity, now))
    now_called = _title_now(found) or title
    return Line(
        number,
        found.thing,
        now_called,
        note,
        found,
        opportunity is not None and has_ended(opportunity, now),
        gone,
        sittings_to_come(opportunity, now) if opportunity else [],
        None if gone else _address(found, located.outward if located else None),
        title if title and title != now_called and not gone else None,
    )


def _title_now(found: Found) -> str | None:
    thing = found.step if found.thing.step_slug else found.opportunity or found.pathway
    return thing.title if thing else None


def _address(found: Found, near: str | None) -> str:
    if found.opportunity:
        slug = found.opportunity.slug
        return url_for("opportunities.show", opportunity_id=found.opportunity.id, slug=slug, near=near)
    anchor = f"step-{found.step.position}" if found.step else None
    return url_for("pathways.show", slug=found.thing.pathway_slug, near=near, _anchor=anchor)
