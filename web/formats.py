"""Numbers and moments as people say them: miles, pounds, days and times in the UK."""

from datetime import UTC, date, datetime
from functools import lru_cache, partial

from babel.dates import format_date
from flask import Flask
from flask_babel import get_locale, gettext

from settings import UK_TIME


def miles(distance_miles: float, radius_miles: float = 0.0) -> str:
    """A distance no finer than it is known: `0.4`; from the middle of an area `about 3`.

    Args:
        radius_miles: how far off the point is from which the distance was measured.
    """
    step = step_miles(radius_miles)
    if step < 0.5:
        return gettext("under 0.1") if distance_miles < 0.1 else f"{distance_miles:,.1f}"
    rounded = round(distance_miles / step) * step
    number = f"{int(rounded):,}{'½' if rounded % 1 else ''}"
    if rounded == 0:
        return gettext("under %(number)s", number="½" if step < 1 else f"{int(step)}")
    return gettext("about %(number)s", number="½" if rounded == 0.5 else number)


def step_miles(radius_miles: float) -> float:
    """The step to which distances are rounded, if the point they are measured from is off by so much."""
    if radius_miles < 0.1:
        return 0.1
    if radius_miles < 0.5:
        return 0.5
    return 1.0 if radius_miles < 5 else 5.0


def money(pence: int) -> str:
    """An amount of pounds: `Free`, `£5`, `£7.50`."""
    if pence == 0:
        return gettext("Free")
    pounds, rest = divmod(pence, 100)
    return f"£{pounds:,}.{rest:02}" if rest else f"£{pounds:,}"


def day(moment: datetime) -> str:
    """The day of a moment in the UK: `Saturday 6 December`, with the year if it is not this one."""
    local = moment.astimezone(UK_TIME)
    this_year = datetime.now(UTC).astimezone(UK_TIME).year
    pattern = "EEEE d MMMM" if local.year == this_year else "EEEE d MMMM y"
    return _written(local.date(), pattern, str(get_locale()))


@lru_cache(maxsize=2_000)
def _written(day: date, pattern: str, locale: str) -> str:
    return format_date(day, pattern, locale=locale)


def clock(moment: datetime) -> str:
    """The time of a moment in the UK: `10am`, `1.30pm`, `noon`, `midnight`."""
    local = moment.astimezone(UK_TIME)
    if local.minute == 0 and local.hour in (0, 12):
        return gettext("noon") if local.hour else gettext("midnight")
    hour = local.hour % 12 or 12
    half = gettext("pm") if local.hour >= 12 else gettext("am")
    return f"{hour}.{local.minute:02}{half}" if local.minute else f"{hour}{half}"


def init_app(app: Flask) -> None:
    """Let templates use these as filters, such as `{{ card.distance_miles | miles }}`, and call `now()`."""
    app.jinja_env.filters.update(miles=miles, money=money, day=day, clock=clock)
    app.jinja_env.globals["now"] = partial(datetime.now, UTC)
