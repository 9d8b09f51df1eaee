"""When a thing of schema.org is."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from feeds import schedules
from feeds.iso_times import clock, day, end_of, in_order, moment, said_clock, sitting, start_of
from feeds.json_values import fields, listed, text
from feeds.record import Sitting
from feeds.schedules import Window
from feeds.schema_org_thing import instances, is_work, statuses, title

CALLED_OFF = {
    "eventcancelled": "It is cancelled.",
    "eventpostponed": "It is postponed, and no new date is given.",
}
# Of an event that says neither its end nor its length.
SUPPOSED_LENGTH = timedelta(hours=1)

_DAYS_OF_WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def sittings(node: Mapping[str, object], seen: Window | None = None) -> tuple[Sitting, ...]:
    """The dates of a thing's instances, and of its parts that have no name of their own; else those that its
    `eventSchedule` gives in the window, if there is one; else its own.
    """
    name = title(node)
    parts = [fields(part) for name in ("subEvent", "subEvents") for part in listed(node.get(name))]
    nameless = [part for part in parts if title(part) in ("", name)]
    dated = [each for each in (*nameless, *instances(node)) if not {*statuses(each)} & CALLED_OFF.keys()]
    found = [held for each in dated if (held := _own_sitting(each))]
    found = found or (_scheduled(node, seen) if seen else [])
    own = None if found else _own_sitting(node)
    return in_order([own] if own else found)


def _scheduled(node: Mapping[str, object], seen: Window) -> list[Sitting]:
    """What its schedules give. One that does not say when it starts does so when the thing does."""
    length = schedules.read_duration(node.get("duration"))
    said = [
        {"startDate": node.get("startDate"), **fields(each)}
        for each in listed(node.get("eventSchedule"))[: schedules.MOST_SCHEDULES]
    ]
    made = [schedule for each in said if (schedule := schedules.read_schedule(each, length))]
    return [each for schedule in made for each in schedules.sittings(schedule, seen)]


def _own_sitting(node: Mapping[str, object]) -> Sitting | None:
    """From its start to its end. A day alone is meant whole; without an end its `duration` tells, or it is an hour."""
    starts_at, first = moment(node.get("startDate")), day(node.get("startDate"))
    if first is None:
        return None
    if starts_at is None:
        return sitting(start_of(first), end_of(max(day(node.get("endDate")) or first, first)))
    ends_at = moment(node.get("endDate"))
    last = day(node.get("endDate"))
    if ends_at is None and last is not None:
        ends_at = end_of(last)
    if ends_at is None or ends_at <= starts_at:
        ends_at = starts_at + (_length(node.get("duration")) or SUPPOSED_LENGTH)
    return sitting(starts_at, ends_at)


def _length(duration: object) -> timedelta | None:
    found = re.fullmatch(r"PT(?:(\d{1,3})H)?(?:(\d{1,4})M)?", text(duration).upper())
    length = timedelta(hours=int(found[1] or 0), minutes=int(found[2] or 0)) if found else timedelta()
    return length or None


def closing(node: Mapping[str, object]) -> datetime | None:
    """The last moment to apply; for what repeats by a schedule with an end, that end."""
    values = [node.get("validThrough") if is_work(node) else None, node.get("applicationDeadline")]
    if not sittings(node):
        values += [fields(schedule).get("endDate") for schedule in listed(node.get("eventSchedule"))]
    ends = [at for value in values if (at := moment(value) or _day_end(value))]
    return max(ends, default=None)


def _day_end(value: object) -> datetime | None:
    last = day(value)
    return end_of(last) if last else None


def said_schedule(schedule: Mapping[str, object]) -> str:
    """The days and hours of a schedule: "Wednesday, 7pm to 8pm"."""
    named = [re.split(r"[/:#]", text(name))[-1] for name in listed(schedule.get("byDay"))]
    days = [name for name in _DAYS_OF_WEEK if name in named or name[:2].upper() in named]
    opens, closes = clock(schedule.get("startTime")), clock(schedule.get("endTime"))
    hours = f"{said_clock(opens)} to {said_clock(closes)}" if opens and closes else ""
    return ", ".join(filter(None, (*days, hours)))
