"""When a calendar's events are: RFC 5545's dates, rules and exceptions as sittings."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from feeds import schedules
from feeds.record import Sitting
from feeds.schedules import A_DAY, Every, Rule

_FREQUENCIES: dict[str, Every] = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year"}
# What a rule of days may say; the others are about hours, or so rare that nobody's calendar has them.
_RULE_PARTS = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTH", "BYMONTHDAY", "BYSETPOS", "WKST"}


@dataclass(frozen=True, slots=True)
class _Span:
    """When an event is by the clocks of a zone. `is_day`: whole days, from midnight to midnight."""

    starts: datetime
    length: timedelta
    zone: tzinfo
    is_day: bool

    def on(self, day: date) -> Sitting:
        """The same on another day."""
        wall = datetime.combine(day, self.starts.time())
        return Sitting(_moment(wall, self.zone), _moment(wall + self.length, self.zone))


def sittings_of(main: Any, events: Sequence[Any], zone: tzinfo, now: datetime) -> list[Sitting]:
    """All the dates of an event: its own or those of its rule, more and fewer, and the ones that were moved."""
    found: dict[datetime, Sitting] = {}
    span = _span(main, zone)
    if span and main is not None and not one(main, "RECURRENCE-ID"):
        made = [*_repeated(main, span, now), *(span.on(_wall(day, span.zone).date()) for day in _dates(main, "RDATE"))]
        found = {sitting.starts_at: sitting for sitting in made}
        for excepted in _dates(main, "EXDATE"):
            _leave_out(found, excepted, span)
    for event in events:
        moved = _said(event, "RECURRENCE-ID")
        if isinstance(moved, date):
            _leave_out(found, moved, span or _span(event, zone))
            own = _span(event, zone)
            if own and words(event, "STATUS").upper() != "CANCELLED":
                sitting = own.on(own.starts.date())
                found[sitting.starts_at] = sitting
    return [sitting for sitting in found.values() if sitting.ends_at > sitting.starts_at]


def rule_of(event: Any, first: date, zone: tzinfo) -> Rule | None:
    """The rule by which an event repeats, if it is one of days."""
    said = _rule_parts(event)
    every = _FREQUENCIES.get(str(next(iter(said.get("FREQ", [])), "")).upper())
    until = next(iter(said.get("UNTIL", [])), None)
    interval, count = (schedules.numbers(said.get(name), 1, schedules.MOST_DAYS) for name in ("INTERVAL", "COUNT"))
    if not every or said.keys() - _RULE_PARTS or (said.get("COUNT") and not count):
        return None
    last = _wall(until, zone).date() if isinstance(until, date) else date.max
    week_start = schedules.read_weekday(str(next(iter(said.get("WKST", [])), "MO")))
    return Rule(
        every=every,
        first=first,
        last=max(last, date(1900, 1, 1)),
        interval=interval[0] if interval else 1,
        count=count[0] if count else None,
        by_day=tuple(found for day in said.get("BYDAY", []) if (found := schedules.read_weekday(str(day)))),
        by_month=schedules.numbers([*map(str, said.get("BYMONTH", []))], 1, 12),
        by_month_day=schedules.numbers(said.get("BYMONTHDAY"), -31, 31),
        by_position=schedules.numbers(said.get("BYSETPOS"), -366, 366),
        week_start=week_start[1] if week_start else 0,
    )


def one(component: Any, name: str) -> Any:
    """A property that is not broken; the first where there are several that should be one."""
    try:
        value = component.get(name)
        value = value[0] if isinstance(value, list) and value else value
        return None if _is_broken(value) else value
    except (ValueError, LookupError, TypeError, AttributeError):
        return None


def several(component: Any, name: str) -> list[Any]:
    """All the properties of a name, broken ones left out."""
    value = component.get(name)
    found = value if isinstance(value, list) else [value]
    return [each for each in found if each is not None and not _is_broken(each)]


def words(component: Any, name: str) -> str:
    """The text of a property, empty where there is none."""
    value = one(component, name)
    return str(value).strip().encode(errors="replace").decode() if isinstance(value, str) else ""


def _is_broken(value: Any) -> bool:
    """Whether it is what the parser puts where it could not read a property: any look inside it raises."""
    return type(value).__name__ == "vBroken"


def _repeated(event: Any, span: _Span, now: datetime) -> list[Sitting]:
    rule = rule_of(event, span.starts.date(), span.zone)
    if not rule:
        return [span.on(span.starts.date())]
    until = next(iter(_rule_parts(event).get("UNTIL", [])), None)
    last = _moment(until, span.zone) if isinstance(until, datetime) else None
    made = (span.on(day) for day in schedules.days(rule, schedules.window(now)))
    return [sitting for sitting in made if last is None or sitting.starts_at <= last]


def _leave_out(found: dict[datetime, Sitting], said: date, span: _Span | None) -> None:
    """Take out what starts at a moment, or all of a day."""
    if not span:
        return
    if isinstance(said, datetime):
        found.pop(_moment(said, span.zone), None)
        return
    for starts_at in [at for at in found if at.astimezone(span.zone).date() == said]:
        del found[starts_at]


def _dates(event: Any, name: str) -> Iterator[date]:
    """The days and moments of EXDATE and RDATE; of a period its start."""
    for each in several(event, name):
        for found in getattr(each, "dts", [])[: schedules.MOST_DAYS]:
            said = getattr(found, "dt", None)
            said = said[0] if isinstance(said, tuple) and said else said
            if isinstance(said, date) and 1900 <= said.year <= 2200:
                yield said


def _rule_parts(event: Any) -> dict[str, list[Any]]:
    said = one(event, "RRULE")
    if not isinstance(said, dict):
        return {}
    return {str(name).upper(): value if isinstance(value, list) else [value] for name, value in said.items()}


def _span(event: Any, zone: tzinfo) -> _Span | None:
    starts = _said(event, "DTSTART")
    if not isinstance(starts, date):
        return None
    is_day = not isinstance(starts, datetime)
    zone = (starts.tzinfo if isinstance(starts, datetime) else None) or zone
    wall = _wall(starts, zone)
    ends, length = _said(event, "DTEND"), _said(event, "DURATION")
    if isinstance(ends, date):
        length = _wall(ends, zone) - wall
    if not isinstance(length, timedelta) or not timedelta() < length <= schedules.LONGEST:
        length = A_DAY if is_day else schedules.UNSAID_LENGTH
    return _Span(wall, length, zone, is_day)


def _said(event: Any, name: str) -> Any:
    """The date, moment or length that a property says, or None. Far years would break sums with days."""
    said = getattr(one(event, name), "dt", None)
    if isinstance(said, date) and not 1900 <= said.year <= 2200:
        return None
    return said if isinstance(said, date | timedelta) else None


def _wall(said: date, zone: tzinfo) -> datetime:
    """What a clock on the wall in the zone shows."""
    if not isinstance(said, datetime):
        return datetime.combine(said, time())
    return (said.astimezone(zone) if said.tzinfo else said).replace(tzinfo=None)


def _moment(said: date, zone: tzinfo) -> datetime:
    """A moment, or the midnight of a day, in UTC. One without a zone is in `zone`."""
    if not isinstance(said, datetime):
        said = datetime.combine(said, time())
    return (said if said.tzinfo else said.replace(tzinfo=zone)).astimezone(UTC)
