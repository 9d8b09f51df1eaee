"""Dates, moments and durations as ISO 8601 writes them, and how they are said."""

import re
from collections.abc import Iterable
from datetime import date, datetime, time

from feeds.json_values import text
from feeds.record import Sitting
from settings import UK_TIME

_YEARS = range(1900, 2200)
_LAST_SECOND = time(23, 59, 59)
_DURATION = re.compile(
    r"P(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,4})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,4})M)?)?"
)
_UNITS = ("year", "month", "week", "day", "hour", "minute")


def day(value: object) -> date | None:
    """The day that is written, whatever time and zone stand behind it."""
    try:
        read = date.fromisoformat(text(value)[:10])
    except ValueError:
        return None
    return read if read.year in _YEARS else None


def moment(value: object) -> datetime | None:
    """A moment with its zone; one without is in the time of the UK. A day alone is no moment."""
    written = text(value)
    if not re.match(r"\d{4}-?\d\d-?\d\d[T ]\d", written):
        return None
    try:
        read = datetime.fromisoformat(written)
        read = read if read.tzinfo else read.replace(tzinfo=UK_TIME)
        return read if read.year in _YEARS and read.utcoffset() is not None else None
    except (ValueError, OverflowError):
        return None


def end_of(last: date) -> datetime:
    """The last second of a day in the UK."""
    return datetime.combine(last, _LAST_SECOND, UK_TIME)


def start_of(first: date) -> datetime:
    """Midnight in the UK."""
    return datetime.combine(first, time(), UK_TIME)


def sitting(starts_at: datetime, ends_at: datetime) -> Sitting | None:
    """None where it would end before it starts, which clocks that change can bring about."""
    return Sitting(starts_at, ends_at) if starts_at.timestamp() < ends_at.timestamp() else None


def in_order(sittings: Iterable[Sitting]) -> tuple[Sitting, ...]:
    """By their start; of those that start together only the longest."""
    longest: dict[float, Sitting] = {}
    for each in sorted(sittings, key=lambda one: one.ends_at.timestamp()):
        longest[each.starts_at.timestamp()] = each
    return tuple(longest[start] for start in sorted(longest))


def clock(value: object) -> time | None:
    """A time of day such as `18:00:00`; seconds and zones are left out."""
    found = re.match(r"(\d{1,2}):(\d\d)", text(value))
    hour, minute = (int(part) for part in found.groups()) if found else (24, 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def said_clock(at: time) -> str:
    """Such as "10am" and "6:30pm"."""
    minutes = f":{at.minute:02}" if at.minute else ""
    return f"{at.hour % 12 or 12}{minutes}{'pm' if at.hour >= 12 else 'am'}"


def said_day(on: date) -> str:
    """Such as "7 September 2026"."""
    return f"{on.day} {on:%B %Y}"


def said_duration(value: object) -> str:
    """`P1Y6M` as "1 year 6 months"; nothing for what is no duration of ISO 8601."""
    found = _DURATION.fullmatch(text(value).upper())
    counts = [int(count or 0) for count in found.groups()] if found else []
    return " ".join(
        f"{count} {unit}{'s' if count != 1 else ''}" for count, unit in zip(counts, _UNITS, strict=False) if count
    )
