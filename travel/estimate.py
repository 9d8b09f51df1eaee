"""About how long a walk or a ride takes, from the distance in a straight line.

Streets are longer than straight lines: their mean ratio, the detour factor, is between 1.2 and 1.4 where there are
streets (Levinson and El-Geneidy 2009, https://doi.org/10.1016/j.regsciurbeco.2009.07.003, and the 1.2 to 1.4 that
English accessibility studies use). Speeds are the Department for Transport's, 4.8 and 16 kilometres an hour on foot
and by bike: https://www.gov.uk/government/publications/journey-time-statistics-guidance
"""

from enum import StrEnum

DETOUR = 1.3
LONGEST_MINUTES = 60  # what people walk or ride on purpose; beyond it an estimate is no help
CHOICES_MINUTES = (15, 30, 45, 60)
STEPS_MINUTES = (5, 10, 15)


class Mode(StrEnum):
    """How one gets there."""

    FOOT = "foot"
    BIKE = "bike"
    CAR = "car"
    TRANSIT = "transit"


ESTIMATED = (Mode.FOOT, Mode.BIKE)
# Of cars and of public transport these say only how finely a time may be said, never how long one takes.
MILES_AN_HOUR = {Mode.FOOT: 3.0, Mode.BIKE: 10.0, Mode.CAR: 20.0, Mode.TRANSIT: 10.0}


def minutes(distance_miles: float, mode: Mode) -> float:
    """How long a straight line of so many miles takes by streets."""
    return distance_miles * DETOUR / MILES_AN_HOUR[mode] * 60


def miles_within(minutes: float, mode: Mode, detour: float = DETOUR) -> float:
    """How far in a straight line one gets by streets in so many minutes."""
    return minutes / 60 * MILES_AN_HOUR[mode] / detour


def step_minutes(step_miles: float, mode: Mode) -> int | None:
    """The step to which a time is rounded where the distance is known in steps of so many miles.

    None where it is known so roughly that a time would say nothing: a walk from the middle of a district.
    """
    needed = minutes(step_miles, mode)
    return next((step for step in STEPS_MINUTES if step >= needed), None)


def rounded(minutes: float, step: int) -> int:
    """Minutes to the nearest step, never none."""
    return max(step, round(minutes / step) * step)
