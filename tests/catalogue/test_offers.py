"""What a search reads of opportunities at their venues is what the catalogue says, whoever changes that."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from catalogue.models import Offer, Opportunity, opportunity_venue
from catalogue.words import Kind, Layer, Reach
from tests.catalogue.factories import opportunity, venue

LATER = datetime(2027, 3, 1, 12, tzinfo=UTC)
COPIED = ("kind", "layer", "cost_pence", "age_min", "age_max", "ends_at", "is_full")


def offered(session: Session) -> list[Any]:
    columns = [getattr(Offer, name) for name in ("venue_id", "opportunity_id", *COPIED)]
    return [tuple(row) for row in session.execute(select(*columns).order_by(Offer.venue_id, Offer.opportunity_id))]


def said(session: Session) -> list[Any]:
    link = opportunity_venue.c
    rows = (
        select(link.venue_id, Opportunity.id, *(getattr(Opportunity, name) for name in COPIED))
        .join(Opportunity, Opportunity.id == link.opportunity_id)
        .where(Opportunity.reach == Reach.VENUE)
        .order_by(link.venue_id, Opportunity.id)
    )
    return [tuple(row) for row in session.execute(rows)]


@pytest.fixture
def three(session: Session) -> list[Opportunity]:
    here, there = venue(50.37, -4.14), venue(50.38, -4.14)
    made = [
        opportunity(here, there, kind=Kind.COURSE, layer=Layer.LEAD, cost_pence=500, age_min=16, age_max=25),
        opportunity(here, kind=Kind.JOB, ends_at=LATER, is_full=True),
        opportunity(reach=Reach.ONLINE),
    ]
    session.add_all(made)
    session.flush()
    return made


def test_each_stands_beside_each_of_its_venues(session: Session, three: list[Opportunity]) -> None:
    assert len(offered(session)) == 3
    assert offered(session) == said(session)
    assert three[2].id not in {row[1] for row in offered(session)}


CHANGES: dict[str, Callable[[list[Opportunity]], Any]] = {
    "what it is": lambda three: (
        update(Opportunity).where(Opportunity.id == three[0].id).values(kind=Kind.EVENT, layer=Layer.ENGAGE, age_max=99)
    ),
    "what it costs": lambda three: update(Opportunity).where(Opportunity.id == three[0].id).values(cost_pence=None),
    "of all at once": lambda _three: update(Opportunity).values(ends_at=LATER, is_full=False),
    "it needs no place any more": lambda three: (
        update(Opportunity).where(Opportunity.id == three[0].id).values(reach=Reach.ONLINE)
    ),
    "one of its venues": lambda three: delete(opportunity_venue).where(
        opportunity_venue.c.venue_id == three[0].venues[1].id
    ),
    "it is gone": lambda three: delete(Opportunity).where(Opportunity.id == three[1].id),
}


@pytest.mark.parametrize("change", CHANGES)
def test_it_follows_every_change(session: Session, three: list[Opportunity], change: str) -> None:
    before = offered(session)
    session.execute(CHANGES[change](three), execution_options={"synchronize_session": False})
    assert offered(session) == said(session) != before


def test_what_comes_to_a_place_is_found_there(session: Session, three: list[Opportunity]) -> None:
    three[2].reach = Reach.VENUE
    three[2].venues.append(three[0].venues[0])
    session.flush()
    assert offered(session) == said(session)
    assert session.scalar(select(func.count()).select_from(Offer)) == 4
