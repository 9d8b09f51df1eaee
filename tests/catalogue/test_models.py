"""What the tables work out by themselves."""

from datetime import datetime

import pytest

from catalogue.models import Occurrence
from catalogue.words import TimeOfWeek


@pytest.mark.parametrize(
    ("moment", "part"),
    [
        ("2026-06-01T15:59:00+00:00", TimeOfWeek.DAYTIME),  # Monday, 4.59pm in London
        ("2026-06-01T16:00:00+00:00", TimeOfWeek.EVENING),
        ("2026-12-04T16:00:00+00:00", TimeOfWeek.DAYTIME),  # Friday, 4pm: no summer time
        ("2026-06-05T22:30:00+00:00", TimeOfWeek.EVENING),
        ("2026-06-05T23:30:00+00:00", TimeOfWeek.WEEKEND),  # half past midnight on Saturday
        ("2026-06-07T22:59:00+00:00", TimeOfWeek.WEEKEND),
        ("2026-06-07T23:00:00+00:00", TimeOfWeek.DAYTIME),
    ],
)
def test_a_sitting_knows_when_in_the_uks_week_it_starts(moment: str, part: TimeOfWeek) -> None:
    assert Occurrence(starts_at=datetime.fromisoformat(moment)).time_of_week is part
