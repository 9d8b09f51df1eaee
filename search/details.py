"""What pages say of one opportunity besides its columns."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from flask_babel import gettext

from catalogue.models import Occurrence, Opportunity
from settings import UK_TIME

GONE_AFTER = timedelta(days=90)


def details(opportunity: Opportunity, now: datetime) -> dict[str, Any]:
    """The template's values: whether it has ended, its dates to come, its ages in words, and a link that is safe."""
    dates = sittings_to_come(opportunity, now)
    return {
        "has_ended": has_ended(opportunity, now),
        "dates": dates,
        "same_hours": keep_same_hours(dates),
        "ages": ages(opportunity.age_min, opportunity.age_max),
        "link": opportunity.url if is_web_address(opportunity.url) else None,
    }


def has_ended(opportunity: Opportunity, now: datetime) -> bool:
    """Whether nobody can join it any more."""
    return opportunity.ends_at is not None and opportunity.ends_at <= now


def is_gone(opportunity: Opportunity, now: datetime) -> bool:
    """Whether it ended so long ago that its address may be forgotten."""
    return opportunity.ends_at is not None and opportunity.ends_at <= now - GONE_AFTER


def sittings_to_come(opportunity: Opportunity, now: datetime) -> list[Occurrence]:
    """Its sittings that are on or still to come, in order."""
    return [sitting for sitting in opportunity.occurrences if sitting.ends_at > now]


def keep_same_hours(sittings: Sequence[Occurrence]) -> bool:
    """Whether there are several sittings, all from one time of day to another, so that it need be said only once."""
    local = [(each.starts_at.astimezone(UK_TIME), each.ends_at.astimezone(UK_TIME)) for each in sittings]
    hours = {(start.time(), end.time()) for start, end in local}
    return len(sittings) > 1 and len(hours) == 1 and all(start.date() == end.date() for start, end in local)


def ages(youngest: int | None, oldest: int | None) -> str:
    """An age range in words, or nothing where everyone may come."""
    if youngest is not None and oldest is not None:
        return gettext("%(youngest)s to %(oldest)s", youngest=youngest, oldest=oldest)
    if youngest is not None:
        return gettext("%(youngest)s and over", youngest=youngest)
    if oldest is not None:
        return gettext("Up to %(oldest)s", oldest=oldest)
    return ""


def is_web_address(url: str | None) -> bool:
    """Whether a link may be shown: it came from a provider, and `javascript:` is an address too."""
    if url is None:
        return False
    try:
        parts = urlsplit(url)
    except ValueError:  # such as http://[
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)
