"""When something that repeats takes place: rules of days, and the eventSchedule of OpenActive and schema.org.

Both kinds of source say it alike: OpenActive's Schedule (Modelling Opportunity
Data 2.0, "Schedules") is schema.org's, and its properties are those of a
recurrence rule in a calendar (RFC 5545, 3.3.10). A rule is asked of each day in
turn, so no rule can run away: at most `MOST_DAYS` days are ever looked at.

Times of day are those of a clock on the wall in the schedule's zone: 11:00 in
London is 10:00 UTC in July and 11:00 UTC in December.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby, islice
from typing import Any, Literal
from zoneinfo import ZoneInfo

from feeds.record import Sitting
from settings import UK_TIME

A_DAY = timedelta(days=1)
WINDOW = timedelta(weeks=26)
MOST_DAYS = 20_000
MOST_SITTINGS = 200
MOST_SCHEDULES = 50
# Where a source says when something starts and not when it ends. A sitting needs both.
UNSAID_LENGTH = timedelta(hours=1)
LONGEST = timedelta(days=366)

Every = Literal["day", "week", "month", "year"]
Weekdays = tuple[tuple[int, int], ...]  # which one of the month or year, 0 for each, and the weekday, Monday 0

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_BY_DAY = re.compile(r"([+-]?[0-9]{1,2})?(mo|tu|we|th|fr|sa|su)")
_DURATION = re.compile(
    r"P(?:(?P<weeks>[0-9]{1,4})W)?(?:(?P<days>[0-9]{1,5})D)?"
    r"(?:T(?:(?P<hours>[0-9]{1,5})H)?(?:(?P<minutes>[0-9]{1,6})M)?(?:(?P<seconds>[0-9]{1,7})(?:\.[0-9]+)?S)?)?"
)
_FREQUENCY = re.compile(r"P([0-9]{1,3})([DWMY])")
_FREQUENCIES: dict[str, Every] = {"D": "day", "W": "week", "M": "month", "Y": "year"}
_CLOCK = re.compile(r"T?([0-9]{1,2}):([0-9]{2})(?::[0-9]{2}(?:\.[0-9]+)?)?(?P<zone>Z|[+-][0-9]{2}:?[0-9]{2})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """On which days something is. The names are those of RFC 5545; `first` is the day it starts from."""

    every: Every
    first: date
    last: date = date.max
    interval: int = 1
    count: int | None = None
    by_day: Weekdays = ()
    by_month: tuple[int, ...] = ()
    by_month_day: tuple[int, ...] = ()
    by_position: tuple[int, ...] = ()
    week_start: int = 0


@dataclass(frozen=True, slots=True)
class Window:
    """The days that are looked at: from a Monday, for 26 weeks. It stays the same for a week."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Schedule:
    """A rule with its times of day. `length` None: until the end of the day, or what is not said."""

    rule: Rule
    zone: ZoneInfo
    starts: time | None
    ends: time | None
    length: timedelta | None
    without_days: frozenset[date] = frozenset()
    without_moments: frozenset[datetime] = frozenset()


def window(now: datetime) -> Window:
    """The days that are looked at in a reading at `now`."""
    day = now.astimezone(UK_TIME).date()
    monday = day - timedelta(days=day.weekday())
    return Window(monday, monday + WINDOW)


def days(rule: Rule, seen: Window) -> list[date]:
    """The days of a rule that are in the window, in order.

    Of a rule that has ended before the window, those of its last 26 weeks, or the last of its count.
    """
    since = seen.first
    if rule.last < seen.last:
        since = min(since, rule.last - WINDOW)
    until = min(rule.last, seen.last)
    if not rule.count:
        return list(_each(rule, max(rule.first, since), until))
    counted = list(islice(_each(rule, rule.first, until), rule.count))
    return [day for day in counted if day >= since] or counted[-MOST_SITTINGS:]


def goes_on(rule: Rule, seen: Window) -> bool:
    """Whether there may be days after the window."""
    if rule.last <= seen.last:
        return False
    return not rule.count or len(list(islice(_each(rule, rule.first, seen.last), rule.count))) < rule.count


def _each(rule: Rule, since: date, until: date) -> Iterator[date]:
    """The days of a rule from one of them on, without regard to its count."""
    # Positions are counted in whole periods.
    begin, end = (_period_start(rule, since), _period_end(rule, until)) if rule.by_position else (since, until)
    number = min((end - begin).days + 1, MOST_DAYS)
    fitting = (day for day in (begin + timedelta(days=n) for n in range(number)) if _fits(rule, day))
    for day in _at_positions(rule, fitting) if rule.by_position else fitting:
        if since <= day <= until:
            yield day


def _at_positions(rule: Rule, fitting: Iterator[date]) -> Iterator[date]:
    """Those at the rule's positions within each period: the last Friday, the first working day."""
    for _period, group in groupby(fitting, key=lambda day: _period_start(rule, day)):
        whole = list(group)
        places = {place - 1 if place > 0 else len(whole) + place for place in rule.by_position}
        yield from (day for place, day in enumerate(whole) if place in places)


def _period_end(rule: Rule, day: date) -> date:
    match rule.every:
        case "day":
            return day
        case "week":
            return _period_start(rule, day) + timedelta(days=6)
        case "month":
            return day.replace(day=_month_length(day))
        case "year":
            return day.replace(month=12, day=31)


def _period_start(rule: Rule, day: date) -> date:
    match rule.every:
        case "day":
            return day
        case "week":
            return _week_start(day, rule.week_start)
        case "month":
            return day.replace(day=1)
        case "year":
            return day.replace(month=1, day=1)


def _week_start(day: date, week_start: int) -> date:
    back = (day.weekday() - week_start) % 7
    return day - timedelta(days=back)


def _fits(rule: Rule, day: date) -> bool:
    by_month, by_month_day, by_day = _completed(rule)
    return (
        (not by_month or day.month in by_month)
        and (not by_month_day or day.day in by_month_day or day.day - _month_length(day) - 1 in by_month_day)
        and (not by_day or any(_is_weekday(rule, day, nth, weekday) for nth, weekday in by_day))
        and _periods_between(rule, day) % rule.interval == 0
    )


def _completed(rule: Rule) -> tuple[tuple[int, ...], tuple[int, ...], Weekdays]:
    """The months, days and weekdays of a rule, with what it leaves to be taken from its first day."""
    by_month, by_month_day, by_day = rule.by_month, rule.by_month_day, rule.by_day
    if by_month_day or by_day or rule.every == "day":
        return by_month, by_month_day, by_day
    if rule.every == "week":
        return by_month, (), ((0, rule.first.weekday()),)
    if rule.every == "year" and not by_month:
        by_month = (rule.first.month,)
    return by_month, (rule.first.day,), ()


def _periods_between(rule: Rule, day: date) -> int:
    match rule.every:
        case "day":
            return (day - rule.first).days
        case "week":
            return (_week_start(day, rule.week_start) - _week_start(rule.first, rule.week_start)).days // 7
        case "month":
            return (day.year - rule.first.year) * 12 + day.month - rule.first.month
        case "year":
            return day.year - rule.first.year


def _is_weekday(rule: Rule, day: date, nth: int, weekday: int) -> bool:
    if day.weekday() != weekday:
        return False
    if not nth or rule.every in ("day", "week"):
        return True
    if rule.every == "year" and not rule.by_month:
        number, length = day.timetuple().tm_yday, date(day.year, 12, 31).timetuple().tm_yday
    else:
        number, length = day.day, _month_length(day)
    return nth in ((number - 1) // 7 + 1, -((length - number) // 7 + 1))


def _month_length(day: date) -> int:
    return 31 if day.month == 12 else (day.replace(month=day.month + 1, day=1) - A_DAY).day


def sittings(schedule: Schedule, seen: Window) -> list[Sitting]:
    """What a schedule gives in the window, in UTC, in order."""
    made = (_sitting(schedule, day) for day in days(schedule.rule, seen) if day not in schedule.without_days)
    return [sitting for sitting in made if sitting and sitting.starts_at not in schedule.without_moments]


def _sitting(schedule: Schedule, day: date) -> Sitting | None:
    starts_at = at_wall(day, schedule.starts or time(), schedule.zone)
    if schedule.ends:
        ends_at = at_wall(day, schedule.ends, schedule.zone)
        if ends_at <= starts_at:  # past midnight
            ends_at = at_wall(day + A_DAY, schedule.ends, schedule.zone)
    elif schedule.length:
        ends_at = starts_at + schedule.length
    elif schedule.starts:
        ends_at = starts_at + UNSAID_LENGTH
    else:
        ends_at = at_wall(day + A_DAY, time(), schedule.zone)
    return Sitting(starts_at, ends_at) if ends_at > starts_at else None


def at_wall(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The moment, in UTC, at which a clock on the wall in that zone shows this."""
    return datetime.combine(day, clock, zone).astimezone(UTC)


def read_schedule(said: Any, length: timedelta | None = None, zone: ZoneInfo = UK_TIME) -> Schedule | None:
    """A Schedule or PartialSchedule of OpenActive or schema.org, with keys that have no prefix. None: not to be used.

    It needs a start, and a way to repeat that has days: those under a day (`PT1H`)
    are not read. With `byDay` and no frequency it is weekly; with neither, it is
    its first day alone.

    Args:
        length: how long each takes where the schedule does not say.
        zone: where it names none, or one that does not exist.
    """
    if not isinstance(said, dict) or not (first := read_day(said.get("startDate"))):
        return None
    zone = read_zone(said.get("scheduleTimezone")) or zone
    rule = _rule(said, first)
    if not rule:
        return None
    excepted = [text for text in as_list(said.get("exceptDate")) if isinstance(text, str)]
    moments = [moment for text in excepted if (moment := read_moment(text, zone))]
    local = [moment.astimezone(zone) for moment in moments]
    return Schedule(
        rule,
        zone,
        starts=read_clock(said.get("startTime")),
        ends=read_clock(said.get("endTime")),
        length=read_duration(said.get("duration")) or length,
        without_days=frozenset(moment.date() for moment in local if moment.time() == time()),
        without_moments=frozenset(moments),
    )


def _rule(said: dict[str, Any], first: date) -> Rule | None:
    last = read_day(said.get("endDate")) or date.max
    by_day = tuple(found for text in as_list(said.get("byDay")) if (found := read_weekday(text)))
    frequency = said.get("repeatFrequency")
    every: Every
    if frequency is None:
        every, interval = ("week", 1) if by_day else ("day", 1)
        last = last if by_day else first
    elif isinstance(frequency, str) and (match := _FREQUENCY.fullmatch(frequency.strip().upper())):
        every, interval = _FREQUENCIES[match[2]], int(match[1])
    else:
        return None
    count = said.get("repeatCount")
    count = int(count) if isinstance(count, str) and re.fullmatch(r"[0-9]{1,6}", count) else count
    if last < first or interval < 1:
        return None
    return Rule(
        every=every,
        first=first,
        last=last,
        interval=interval,
        count=min(count, MOST_DAYS) if isinstance(count, int) and count > 0 else None,
        by_day=by_day,
        by_month=numbers(said.get("byMonth"), 1, 12),
        by_month_day=numbers(said.get("byMonthDay"), -31, 31),
    )


def numbers(said: Any, least: int, most: int) -> tuple[int, ...]:
    """The whole numbers in one or several, none of them 0."""
    found = (
        int(part)
        for part in as_list(said)
        if (isinstance(part, int) and not isinstance(part, bool))
        or (isinstance(part, str) and re.fullmatch(r"[+-]?[0-9]{1,3}", part))
    )
    return tuple(number for number in found if number and least <= number <= most)


def as_list(said: Any) -> list[Any]:
    """One or several as a list; none for None."""
    if said is None:
        return []
    return said if isinstance(said, list) else [said]


def read_weekday(said: Any) -> tuple[int, int] | None:
    """`https://schema.org/Tuesday`, `schema:Tuesday`, `Tuesday`, `TU` or `2TU`, as which one and which weekday."""
    if not isinstance(said, str):
        return None
    word = re.split(r"[/#:]", said.strip().rstrip("/"))[-1].casefold()
    if word in _WEEKDAYS:
        return 0, _WEEKDAYS.index(word)
    if short := _BY_DAY.fullmatch(word):
        return int(short[1] or 0), [day[:2] for day in _WEEKDAYS].index(short[2])
    return None


def read_zone(said: Any) -> ZoneInfo | None:
    """The time zone of that name in the tz database."""
    if not isinstance(said, str) or not re.fullmatch(r"[A-Za-z0-9_+-]{1,32}(/[A-Za-z0-9_+-]{1,32}){0,2}", said.strip()):
        return None
    try:
        return ZoneInfo(said.strip())
    except (LookupError, ValueError, OSError):
        return None


def read_day(said: Any) -> date | None:
    """The day that a date, or a date with a time, begins with: `2026-07-06`, `2026-07-06T11:00:00Z`."""
    if not isinstance(said, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", said.strip()[:10]):
        return None
    try:
        found = date.fromisoformat(said.strip()[:10])
    except ValueError:
        return None
    return found if 1900 <= found.year <= 2200 else None


def read_clock(said: Any) -> time | None:
    """A time of day, `19:30`, `T19:30:00` or `19:30:00Z`. A zone is not looked at: the schedule has its own."""
    if not isinstance(said, str) or not (match := _CLOCK.fullmatch(said.strip())):
        return None
    hour, minute = int(match[1]), int(match[2])
    return time(hour % 24, minute) if hour <= 24 and minute < 60 else None


def read_duration(said: Any) -> timedelta | None:
    """An ISO 8601 duration in weeks, days, hours, minutes and seconds; None where it is nothing or over a year."""
    if not isinstance(said, str) or not (match := _DURATION.fullmatch(said.strip().upper())):
        return None
    found = timedelta(**{name: int(digits) for name, digits in match.groupdict().items() if digits})
    return found if timedelta() < found <= LONGEST else None


def read_moment(said: Any, zone: ZoneInfo = UK_TIME) -> datetime | None:
    """A date with a time, or a date for its midnight, as a moment in UTC. One without an offset is in `zone`."""
    if not isinstance(said, str) or not (day := read_day(said)):
        return None
    if len(said.strip()) == 10:
        return at_wall(day, time(), zone)
    try:
        found = datetime.fromisoformat(said.strip())
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)


def read_sitting(starts: Any, ends: Any, length: timedelta | None = None, zone: ZoneInfo = UK_TIME) -> Sitting | None:
    """From one moment or date to another. A last date is wholly in it; without an end it is `length`, or an hour.

    Where it starts on a date alone it lasts that day.
    """
    starts_at = read_moment(starts, zone)
    if not starts_at:
        return None
    ends_at = read_moment(ends, zone)
    if ends_at and len(ends.strip()) == 10:
        ends_at = at_wall(ends_at.astimezone(zone).date() + A_DAY, time(), zone)
    if not ends_at or ends_at <= starts_at:
        is_day = len(starts.strip()) == 10
        whole_day = at_wall(starts_at.astimezone(zone).date() + A_DAY, time(), zone) - starts_at
        ends_at = starts_at + (length or (whole_day if is_day else UNSAID_LENGTH))
    return Sitting(starts_at, ends_at)


def soonest(found: Sequence[Sitting], now: datetime) -> tuple[Sitting, ...]:
    """At most `MOST_SITTINGS`, each start once, in order: the soonest to come, and then the latest that are past."""
    once = sorted({sitting.starts_at: sitting for sitting in found}.values(), key=lambda sitting: sitting.starts_at)
    to_come = [sitting for sitting in once if sitting.ends_at > now][:MOST_SITTINGS]
    past = [sitting for sitting in once if sitting.ends_at <= now]
    room = MOST_SITTINGS - len(to_come)
    return tuple(sorted((past[-room:] if room else []) + to_come, key=lambda sitting: sitting.starts_at))
