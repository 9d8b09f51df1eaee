"""How long something takes, from the words of a provider."""

import pytest

from catalogue.workload import iso_duration, minutes_in_all


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("90 minutes", 90),
        ("Ninety minutes in all", 90),
        ("One hour", 60),
        ("Half an hour", 30),
        ("Two and a half hours", 150),
        ("About 6 hours, when it suits you", 360),
        ("Six hours, ten minutes at a time", 360),
        ("About 40 hours over a year", 2400),
        ("2 hours a week for 5 weeks", 600),
        ("Five lessons of 40 minutes", 200),
        ("6 evenings of 2 hours", 720),
        ("Two hours, in five parts", 120),
        ("Three hours, at your own speed", 180),
        ("30 hours over 3 months", 1800),
        ("Two hours over eight days", 120),
    ],
)
def test_a_time_in_all_is_understood(text: str, minutes: int) -> None:
    assert minutes_in_all(text) == minutes


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "Six evenings",
        "16 hours a week",
        "Seven hours, every Saturday",
        "Up to three hours",
        "18 months",
        "An hour or two",
        "Three hours, any week you can",
        "1 hour every 2 weeks for 6 months",
        "2 hours, weekly",
        "2 hours, fortnightly",
        "1 hour, 10 times",
        "3 hours, Mondays and Thursdays",
        "2 hours over the phone, then again",
    ],
)
def test_what_gives_no_time_in_all_gives_none(text: str | None) -> None:
    assert minutes_in_all(text) is None


@pytest.mark.parametrize(("minutes", "written"), [(90, "PT1H30M"), (120, "PT2H"), (25, "PT25M"), (0, "PT0M")])
def test_durations_as_iso_8601_has_them(minutes: int, written: str) -> None:
    assert iso_duration(minutes) == written
