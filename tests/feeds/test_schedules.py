from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from dateutil import rrule
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from feeds import schedules
from feeds.record import Sitting
from feeds.schedules import MOST_SITTINGS, Rule, Window

JULY = datetime(2026, 7, 6, 9, 30, tzinfo=UTC)
WEEKLY = {"repeatFrequency": "P1W", "startDate": "2026-07-01", "startTime": "11:00", "endTime": "12:00"}


def starts(said: dict[str, Any], now: datetime = JULY) -> list[str]:
    schedule = schedules.read_schedule(said)
    assert schedule
    found = schedules.sittings(schedule, schedules.window(now))
    return [f"{sitting.starts_at:%m-%d %H:%M}" for sitting in found]


def test_the_clock_on_the_wall_counts_when_the_clocks_change() -> None:
    said = WEEKLY | {"byDay": ["http://schema.org/Sunday"], "startDate": "2026-10-18", "endDate": "2026-11-01"}
    assert starts(said) == ["10-18 10:00", "10-25 11:00", "11-01 11:00"]
    assert starts(said | {"scheduleTimezone": "Europe/Paris"})[0] == "10-18 09:00"


@pytest.mark.parametrize("day", ["https://schema.org/Tuesday", "http://schema.org/Tuesday", "schema:Tuesday", "TU"])
def test_a_weekday_is_known_by_each_of_its_names(day: str) -> None:
    assert starts(WEEKLY | {"byDay": day, "repeatCount": 2}) == ["07-07 10:00", "07-14 10:00"]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"repeatFrequency": "P1D", "repeatCount": 3}, ["07-01", "07-02", "07-03"]),
        ({"repeatFrequency": "P2W", "endDate": "2026-07-29", "byDay": "Wednesday"}, ["07-01", "07-15", "07-29"]),
        ({"repeatFrequency": "P1M", "byMonthDay": 31, "endDate": "2026-10-31"}, ["07-31", "08-31", "10-31"]),
        ({"repeatFrequency": "P1M", "byDay": "2TH", "repeatCount": "2"}, ["07-09", "08-13"]),
        ({"repeatFrequency": "P1M", "byDay": "-1FR", "repeatCount": 2}, ["07-31", "08-28"]),
        ({"repeatFrequency": "P1W", "byMonth": [8], "endDate": "2026-08-13"}, ["08-05", "08-12"]),
        ({"repeatFrequency": "P1W", "exceptDate": ["2026-07-08"], "endDate": "2026-07-15"}, ["07-01", "07-15"]),
        ({"exceptDate": "2026-07-08T11:00:00+01:00", "endDate": "2026-07-15"}, ["07-01", "07-15"]),
        ({"repeatFrequency": None}, ["07-01"]),
        ({"repeatFrequency": None, "byDay": ["Friday"], "endDate": "2026-07-10"}, ["07-03", "07-10"]),
    ],
)
def test_a_schedule_gives_its_days(said: dict[str, Any], expected: list[str]) -> None:
    assert [start[:5] for start in starts(WEEKLY | said, datetime(2026, 7, 1, tzinfo=UTC))] == expected


def test_it_ends_at_its_end_its_length_or_after_an_hour() -> None:
    def length(said: dict[str, Any]) -> timedelta:
        schedule = schedules.read_schedule({"startDate": "2026-07-07", "startTime": "22:30"} | said)
        assert schedule
        (sitting,) = schedules.sittings(schedule, schedules.window(JULY))
        return sitting.ends_at - sitting.starts_at

    assert length({"endTime": "01:00"}) == timedelta(hours=2.5)
    assert length({"duration": "PT45M"}) == timedelta(minutes=45)
    assert length({}) == timedelta(hours=1)
    assert length({"startTime": None}) == timedelta(days=1)


def test_what_has_no_end_is_seen_for_26_weeks_and_goes_on() -> None:
    said = WEEKLY | {"startDate": "2015-01-07"}
    schedule = schedules.read_schedule(said)
    assert schedule
    assert len(starts(said)) == 26
    assert schedules.goes_on(schedule.rule, schedules.window(JULY))


def test_what_is_over_gives_its_last_days() -> None:
    said = WEEKLY | {"startDate": "2018-10-19", "endDate": "2018-11-04", "byDay": ["Tuesday", "Sunday"]}
    assert starts(said) == ["10-21 10:00", "10-23 10:00", "10-28 11:00", "10-30 11:00", "11-04 11:00"]
    assert starts(WEEKLY | {"startDate": "2018-10-19", "repeatCount": 2}) == ["10-19 10:00", "10-26 10:00"]


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"startDate": "2026-02-30"},
        {"startDate": "9999-12-31"},
        {"startDate": "2026-07-01", "repeatFrequency": "PT1H"},
        {"startDate": "2026-07-01", "repeatFrequency": "P0D"},
        {"startDate": "2026-07-01", "endDate": "2026-06-01", "repeatFrequency": "P1D"},
        {"startDate": 20260701},
        "every Tuesday",
        None,
    ],
)
def test_what_is_no_schedule_is_not_used(said: Any) -> None:
    assert schedules.read_schedule(said) is None


def test_moments_without_a_zone_are_those_of_the_uk() -> None:
    assert schedules.read_moment("2026-07-07T19:00") == datetime(2026, 7, 7, 18, tzinfo=UTC)
    assert schedules.read_moment("2026-07-07T19:00:00+02:00") == datetime(2026, 7, 7, 17, tzinfo=UTC)
    assert schedules.read_sitting("2026-07-07", "2026-07-08") == Sitting(
        datetime(2026, 7, 6, 23, tzinfo=UTC), datetime(2026, 7, 8, 23, tzinfo=UTC)
    )
    assert schedules.read_sitting("2026-07-07T19:00", "2026-07-07T18:00") == Sitting(
        datetime(2026, 7, 7, 18, tzinfo=UTC), datetime(2026, 7, 7, 19, tzinfo=UTC)
    )


def test_the_soonest_to_come_are_kept_before_those_that_are_past() -> None:
    found = [Sitting(JULY + timedelta(days=n), JULY + timedelta(days=n, hours=1)) for n in range(-150, 150)]
    kept = schedules.soonest(found, JULY)
    assert len(kept) == MOST_SITTINGS
    assert kept == tuple(found[100:])


EVERY = {"day": rrule.DAILY, "week": rrule.WEEKLY, "month": rrule.MONTHLY, "year": rrule.YEARLY}
SEEN = Window(date(2025, 1, 6), date(2025, 4, 7))


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    every = draw(st.sampled_from(["day", "week", "month", "year"]))
    # dateutil reads `MO,2TU` as days that are both, where RFC 5545 means either.
    has_nth = every in ("month", "year") and draw(st.booleans())
    nth = st.integers(-4, 4).filter(bool) if has_nth else st.just(0)
    lists: dict[str, Any] = {
        "by_day": st.lists(st.tuples(nth, st.integers(0, 6)), max_size=2, unique=True),
        "by_month": st.lists(st.integers(1, 12), max_size=2, unique=True),
        "by_month_day": st.lists(st.integers(-31, 31).filter(bool), max_size=3, unique=True),
    }
    return Rule(
        every=every,  # type: ignore[arg-type]
        first=draw(st.dates(date(2024, 6, 1), date(2025, 4, 30))),
        last=draw(st.just(date.max) | st.dates(date(2025, 2, 1), date(2025, 5, 31))),
        interval=draw(st.integers(1, 5)),
        count=draw(st.none() | st.integers(1, 100)),
        week_start=draw(st.sampled_from([0, 6])),
        **{name: tuple(draw(found)) for name, found in lists.items()},
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(rules(), st.sampled_from([(), (1,), (-1,), (2, -2)]))
def test_a_rule_gives_the_days_that_dateutil_gives(rule: Rule, positions: tuple[int, ...]) -> None:
    if positions and rule.every in ("month", "year") and (rule.by_day or rule.by_month_day):
        rule = replace(rule, by_position=positions)
    assume(rule.first <= rule.last)
    # dateutil looks until the year 9999 for a day after the end; so there has to be one soon.
    later = Window(SEEN.last + timedelta(days=1), SEEN.last + timedelta(days=500))
    assume(schedules.days(replace(rule, last=date.max, count=None), later))
    reference = rrule.rrule(
        EVERY[rule.every],
        dtstart=datetime.combine(rule.first, time()),
        until=datetime.combine(min(rule.last, SEEN.last), time()),
        interval=rule.interval,
        wkst=rule.week_start,
        byweekday=[rrule.weekday(day, nth or None) for nth, day in rule.by_day] or None,
        bymonth=rule.by_month or None,
        bymonthday=rule.by_month_day or None,
        bysetpos=rule.by_position or None,
    )
    expected = [found.date() for found in reference][: rule.count]
    found = schedules.days(rule, SEEN)
    assert [day for day in found if day >= SEEN.first] == [day for day in expected if day >= SEEN.first]


ODD: list[Any] = [
    None,
    True,
    0,
    -1,
    10**30,
    float("nan"),
    "",
    "TU",
    "P9W",
    "2026-07-01",
    "24:00",
    [],
    [None, "FR"],
    {},
    {"a": {}},
]
NAMES = [*WEEKLY, "byDay", "byMonth", "byMonthDay", "endDate", "repeatCount", "exceptDate", "duration"]


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from([*NAMES, "scheduleTimezone"]), st.sampled_from(ODD) | st.text(max_size=12)))
def test_no_schedule_breaks_the_reader(changes: dict[str, Any]) -> None:
    schedule = schedules.read_schedule(WEEKLY | changes)
    if schedule:
        found = schedules.sittings(schedule, schedules.window(JULY))
        assert all(sitting.starts_at < sitting.ends_at for sitting in found)
