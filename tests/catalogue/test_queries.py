"""What lists show of opportunities, besides their order."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import event
from sqlalchemy.orm import Session

from catalogue import queries
from catalogue.filters import Filters
from catalogue.models import Occurrence
from catalogue.nearest import Hit, nearest
from catalogue.words import Kind, Reach
from tests.catalogue.factories import opportunity, venue
from tests.catalogue.test_nearest import HERE

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LIVE = Filters(now=NOW)
HOUR = timedelta(hours=1)


def sittings(*hours: int) -> list[Occurrence]:
    return [Occurrence(starts_at=NOW + hour * HOUR, ends_at=NOW + (hour + 1) * HOUR) for hour in hours]


def test_a_card_has_the_next_start_the_nearest_venue_and_the_distance(session: Session) -> None:
    spot = venue(50.371, -4.14)
    session.add(opportunity(spot, occurrences=sittings(48, -3, 24)))
    session.flush()
    (card,) = queries.cards(session, nearest(session, HERE, LIVE, 5), LIVE)
    assert card.next_at == NOW + 24 * HOUR
    assert card.venue is spot
    assert card.distance_m is not None
    assert card.distance_miles == card.distance_m / 1609.344


def test_cards_cost_three_statements_however_many(session: Session) -> None:
    session.add_all([opportunity(venue(50.371, -4.14), occurrences=sittings(5)) for _ in range(30)])
    session.flush()
    hits = nearest(session, HERE, LIVE, 30)
    session.expunge_all()
    statements: list[str] = []
    connection = session.connection()
    event.listen(connection, "before_cursor_execute", lambda *call: statements.append(call[2]))
    cards = queries.cards(session, hits, LIVE)
    assert [card.opportunity.provider.name for card in cards]
    # Opportunities with their providers; venues; the next starts.
    assert len(statements) == 3, statements


def test_an_opportunity_deleted_meanwhile_is_left_out(session: Session) -> None:
    assert queries.cards(session, [Hit(1.0, 987654, 987654)], LIVE) == []


def test_what_needs_no_place_is_never_dropped(session: Session) -> None:
    soon = opportunity(reach=Reach.ONLINE, ends_at=NOW + HOUR)
    always = opportunity(reach=Reach.NATIONAL)
    regional = opportunity(reach=Reach.REGION, region="Sussex", ends_at=NOW + 2 * HOUR)
    unknown = opportunity(reach=Reach.UNKNOWN, kind=Kind.JOB)
    session.add_all([always, soon, regional, unknown, opportunity(reach=Reach.ONLINE, ends_at=NOW - HOUR)])
    session.flush()
    found = [card.opportunity for card in queries.without_venue(session, LIVE, 10)]
    assert found == [soon, always, regional, unknown]
    assert queries.count_without_venue(session, LIVE) == 4
    assert queries.count_without_venue(session, Filters(now=NOW, kinds=frozenset({Kind.JOB}))) == 1
