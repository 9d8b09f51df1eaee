"""Numbers and moments as people say them."""

from datetime import UTC, datetime

import pytest
from flask import Flask

from web import formats


@pytest.fixture(autouse=True)
def context(wordy_app: Flask) -> object:
    with wordy_app.test_request_context():
        yield


@pytest.mark.parametrize(
    ("distance", "text"),
    [(0.0, "under 0.1"), (0.099, "under 0.1"), (0.1, "0.1"), (0.449, "0.4"), (12.04, "12.0"), (1234.5, "1,234.5")],
)
def test_miles(distance: float, text: str) -> None:
    assert formats.miles(distance) == text


@pytest.mark.parametrize(
    ("distance", "radius", "text"),
    [
        (0.4, 0.05, "0.4"),
        (0.6, 0.3, "about ½"),
        (1.3, 0.3, "about 1½"),
        (0.1, 0.3, "under ½"),
        (3.4, 1.0, "about 3"),
        (0.3, 1.0, "under 1"),
        (13.0, 6.0, "about 15"),
        (1.0, 20.0, "under 5"),
    ],
)
def test_miles_are_no_finer_than_they_are_known(distance: float, radius: float, text: str) -> None:
    assert formats.miles(distance, radius) == text


@pytest.mark.parametrize(
    ("pence", "text"),
    [(0, "Free"), (500, "£5"), (750, "£7.50"), (5, "£0.05"), (123456, "£1,234.56")],
)
def test_money(pence: int, text: str) -> None:
    assert formats.money(pence) == text


@pytest.mark.parametrize(
    ("hour", "minute", "text"),
    [(10, 0, "10am"), (13, 30, "1.30pm"), (12, 0, "noon"), (0, 0, "midnight"), (12, 15, "12.15pm"), (0, 5, "12.05am")],
)
def test_clock(hour: int, minute: int, text: str) -> None:
    assert formats.clock(datetime(2026, 1, 5, hour, minute, tzinfo=UTC)) == text


def test_times_are_those_of_the_uk() -> None:
    assert formats.clock(datetime(2026, 7, 1, 9, 0, tzinfo=UTC)) == "10am"
    assert formats.day(datetime(2030, 7, 1, 23, 30, tzinfo=UTC)) == "Tuesday 2 July 2030"
