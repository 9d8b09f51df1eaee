"""What an opportunity's own page says besides its columns."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from flask_babel import gettext

from catalogue.models import Opportunity


def details(opportunity: Opportunity, now: datetime) -> dict[str, Any]:
    """The template's values: whether it has ended, its dates to come, its ages in words, and a link that is safe."""
    return {
        "has_ended": opportunity.ends_at is not None and opportunity.ends_at <= now,
        "dates": [sitting for sitting in opportunity.occurrences if sitting.ends_at > now],
        "ages": ages(opportunity.age_min, opportunity.age_max),
        "link": opportunity.url if is_web_address(opportunity.url) else None,
    }


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
    return url is not None and urlsplit(url).scheme in ("http", "https")
