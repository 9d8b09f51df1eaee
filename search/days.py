"""The days that a search asks for: today, this week, the weekend, or dates of one's own."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from catalogue.filters import Span
from settings import UK_TIME

LONGEST = timedelta(days=366)
SEPARATOR = ".."
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Backwards(ValueError):
    """The last day is before the first."""


class Soon(StrEnum):
    """Days that are counted from today, in the UK."""

    TODAY = "today"
    THIS_WEEK = "this-week"
    WEEKEND = "weekend"


@dataclass(frozen=True, slots=True)
class Dates:
    """From one day to another, both included, in the UK."""

    first: date
    last: date

    def __str__(self) -> str:
        return f"{self.first}{SEPARATOR}{self.last}"


def parse(text: str) -> Soon | Dates:
    """Read `today`, `this-week`, `weekend`, `YYYY-MM-DD..YYYY-MM-DD` or one day alone.

    Raises:
        ValueError: it is none of these, or is longer than a year; `Backwards` if it ends before it begins.
    """
    if text in set(Soon):
        return Soon(text)
    first, separator, last = text.partition(SEPARATOR)
    found = Dates(_day(first), _day(last if separator else first))
    if found.last < found.first:
        raise Backwards(text)
    if found.last - found.first > LONGEST:
        raise ValueError(text)
    return found


def _day(text: str) -> date:
    # Python reads other ways of writing a date too, such as by weeks.
    if not _DATE.fullmatch(text):
        raise ValueError(text)
    found = date.fromisoformat(text)
    if not 2000 <= found.year <= 2100:
        raise ValueError(text)
    return found


def span(days: Soon | Dates, now: datetime) -> Span:
    """The moments from the first of the days to the end of the last. A weekend that has begun is this one."""
    today = now.astimezone(UK_TIME).date()
    monday = today - timedelta(days=today.weekday())
    if isinstance(days, Dates):
        return _between(days.first, days.last)
    if days is Soon.TODAY:
        return _between(today, today)
    if days is Soon.THIS_WEEK:
        return _between(today, monday + timedelta(days=6))
    return _between(monday + timedelta(days=5), monday + timedelta(days=6))


def _between(first: date, last: date) -> Span:
    """The wall clock decides where a day begins: the last one may have 23 or 25 hours."""
    return Span(
        datetime.combine(first, time(), UK_TIME),
        datetime.combine(last + timedelta(days=1), time(), UK_TIME),
    )
