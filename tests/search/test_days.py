"""Days as a search asks for them, in the UK."""

from datetime import UTC, date, datetime

import pytest

from search.days import Dates, Soon, parse, span

WEDNESDAY = datetime(2026, 11, 25, 18, tzinfo=UTC)
SUNDAY = datetime(2026, 11, 29, 18, tzinfo=UTC)


def test_words_and_dates_are_read() -> None:
    assert parse("today") is Soon.TODAY
    assert parse("2026-12-05..2026-12-12") == Dates(date(2026, 12, 5), date(2026, 12, 12))
    assert parse("2026-12-05") == Dates(date(2026, 12, 5), date(2026, 12, 5))
    assert str(parse("2026-12-05..2026-12-12")) == "2026-12-05..2026-12-12"


@pytest.mark.parametrize(
    "text",
    [
        *("", "..", "tomorrow", "2026-12-05..", "..2026-12-05", "2026-12-05..2026-12-04", "2026-12-05..2028-12-05"),
        *("2026-02-30", "20261205", "2026-W49-6", "9999-12-31", "1999-12-31", "2026-12-05..2026-12-06..2026-12-07"),
    ],
)
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  (whatever it says: the form says it to people)
        parse(text)


@pytest.mark.parametrize(
    ("days", "now", "start", "end"),
    [
        (Soon.TODAY, WEDNESDAY, "2026-11-25T00:00", "2026-11-26T00:00"),
        (Soon.THIS_WEEK, WEDNESDAY, "2026-11-25T00:00", "2026-11-30T00:00"),
        (Soon.WEEKEND, WEDNESDAY, "2026-11-28T00:00", "2026-11-30T00:00"),
        (Soon.WEEKEND, SUNDAY, "2026-11-28T00:00", "2026-11-30T00:00"),
        (Soon.THIS_WEEK, SUNDAY, "2026-11-29T00:00", "2026-11-30T00:00"),
        # Just after midnight in British Summer Time, which is still yesterday in UTC.
        (Soon.TODAY, datetime(2026, 6, 9, 23, 30, tzinfo=UTC), "2026-06-10T00:00", "2026-06-11T00:00"),
        (Dates(date(2026, 12, 5), date(2026, 12, 6)), WEDNESDAY, "2026-12-05T00:00", "2026-12-07T00:00"),
    ],
)
def test_days_are_from_midnight_to_midnight_in_the_uk(days: Soon | Dates, now: datetime, start: str, end: str) -> None:
    found = span(days, now)
    assert [each.strftime("%Y-%m-%dT%H:%M") for each in (found.start, found.end)] == [start, end]
    assert found.start.tzinfo is not None


def test_the_day_on_which_clocks_change_has_25_hours() -> None:
    found = span(Dates(date(2026, 10, 25), date(2026, 10, 25)), WEDNESDAY)
    assert (found.end.astimezone(UTC) - found.start.astimezone(UTC)).total_seconds() == 25 * 3600
