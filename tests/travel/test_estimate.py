"""Walks and rides from the distance."""

import pytest

from travel.estimate import CHOICES_MINUTES, ESTIMATED, Mode, miles_within, minutes, rounded, step_minutes
from web.formats import step_miles


def test_a_mile_in_a_straight_line_is_a_walk_of_26_minutes_and_a_ride_of_8() -> None:
    assert minutes(1, Mode.FOOT) == pytest.approx(26)
    assert minutes(1, Mode.BIKE) == pytest.approx(7.8)


@pytest.mark.parametrize("mode", ESTIMATED)
@pytest.mark.parametrize("time", CHOICES_MINUTES)
def test_what_one_gets_to_in_a_time_takes_that_time(mode: Mode, time: int) -> None:
    assert minutes(miles_within(time, mode), mode) == pytest.approx(time)


@pytest.mark.parametrize(
    ("radius_miles", "on_foot", "by_bike"),
    [(0.0, 5, 5), (0.3, 15, 5), (1.5, None, 10), (20.0, None, None)],
    ids=["postcode", "sector", "district", "area"],
)
def test_a_time_is_said_no_finer_than_the_place_is_known(
    radius_miles: float, on_foot: int | None, by_bike: int | None
) -> None:
    step = step_miles(radius_miles)
    assert (step_minutes(step, Mode.FOOT), step_minutes(step, Mode.BIKE)) == (on_foot, by_bike)


def test_no_way_takes_no_time() -> None:
    assert [rounded(each, 5) for each in (0, 1, 7, 8, 24)] == [5, 5, 5, 10, 25]
