"""What is rare leads the way: the few that have a sitting on the days that are asked for."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from sqlalchemy.orm import Session

from catalogue import few
from catalogue.filters import Filters, Span
from catalogue.models import Occurrence, Opportunity
from catalogue.nearest import nearest
from catalogue.words import TimeOfWeek
from tests.catalogue.factories import opportunity, venue
from tests.catalogue.test_nearest import HERE

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)  # a Monday
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
TOMORROW = Span(NOW + 12 * HOUR, NOW + 36 * HOUR)


def with_sitting(starts_at: datetime, ends_at: datetime) -> Opportunity:
    door = venue(HERE.latitude, HERE.longitude)
    return opportunity(door, occurrences=[Occurrence(starts_at=starts_at, ends_at=ends_at)], ends_at=ends_at)


def test_those_with_a_sitting_in_a_span_are_found_whenever_it_began(session: Session) -> None:
    within, long_since = with_sitting(NOW + 20 * HOUR, NOW + 22 * HOUR), with_sitting(NOW - 90 * DAY, NOW + 90 * DAY)
    others = [with_sitting(NOW + HOUR, NOW + 2 * HOUR), with_sitting(NOW + 40 * HOUR, NOW + 41 * HOUR)]
    session.add_all([within, long_since, *others])
    session.flush()
    assert few.few(session, Filters(NOW, span=TOMORROW), 1) == [within.id, long_since.id]
    evenings = frozenset({TimeOfWeek.EVENING})
    assert few.few(session, Filters(NOW, span=TOMORROW, times=evenings), 1) == []
    assert few.few(session, Filters(NOW, times=evenings), 1) is None


def test_an_opportunity_stands_there_once_and_too_many_sittings_lead_nowhere(session: Session) -> None:
    hourly = opportunity(venue(HERE.latitude, HERE.longitude), ends_at=NOW + 3 * DAY)
    hourly.occurrences = [
        Occurrence(starts_at=NOW + (15 + hour) * HOUR, ends_at=NOW + (16 + hour) * HOUR)
        for hour in range(few.SITTINGS_MORE)
    ]
    session.add(hourly)
    session.flush()
    assert few.few(session, Filters(NOW, span=TOMORROW), 1) == [hourly.id]
    session.add(with_sitting(NOW + 20 * HOUR, NOW + 22 * HOUR))
    session.flush()
    assert few.few(session, Filters(NOW, span=TOMORROW), 1) is None


def test_a_day_on_which_little_is_gives_the_same_either_way(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = Random(6)
    for _ in range(60):
        start = NOW + chance.randrange(-48, 96) * HOUR
        door = venue(HERE.latitude + chance.uniform(-1, 1), HERE.longitude + chance.uniform(-1, 1))
        end = start + chance.choice((1, 30, 2000)) * HOUR
        session.add(opportunity(door, occurrences=[Occurrence(starts_at=start, ends_at=end)], ends_at=end))
    session.flush()
    asked = Filters(NOW, span=TOMORROW, within_miles=50.0)
    by_sittings = nearest(session, HERE, asked, 100)
    monkeypatch.setattr(few, "SITTINGS_MORE", 0)
    assert nearest(session, HERE, asked, 100) == by_sittings
    assert 5 < len(by_sittings) < 60
