"""An opportunity as a calendar file: a date a sitting to come, else the day on which it closes. A search as one too."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import url_for
from flask_babel import gettext

from catalogue.models import Occurrence, Opportunity, Venue
from search.details import has_ended, sittings_to_come
from settings import UK_TIME
from web.plain_text import one_line, paragraphs

if TYPE_CHECKING:
    from icalendar import Event

A_DAY = timedelta(days=1)
READ_ANEW = timedelta(hours=12)
# A sitting with its opportunity, and where that is.
Coming = tuple[Opportunity, Venue | None, Occurrence]


def has_calendar(opportunity: Opportunity, now: datetime) -> bool:
    """Whether there is anything to put into a calendar."""
    return not has_ended(opportunity, now) and (
        opportunity.ends_at is not None or bool(sittings_to_come(opportunity, now))
    )


def calendar(opportunity: Opportunity, url: str, now: datetime) -> bytes:
    """The iCalendar file (RFC 5545) of an opportunity that `has_calendar`.

    Moments are in UTC. What an event is called stays the same as long as its
    sitting starts when it does, so that a file taken twice does not make two of it.

    Args:
        opportunity: with its venues and occurrences.
        url: the whole address of its page.
        now: sittings that have ended by this moment are left out.
    """
    from icalendar import Calendar  # not before a calendar is asked for: it takes 60 ms to load

    made = Calendar()
    made.add("prodid", "-//Doorstep//Doorstep//EN")
    made.add("version", "2.0")
    for event in _events(opportunity, url, now):
        made.add_component(event)
    return made.to_ical()


def calendar_of_search(
    title: str, sittings: Sequence[tuple[Opportunity, Venue | None, Occurrence]], site: str
) -> bytes:
    """The iCalendar file of some sittings, to be read anew from time to time (RFC 7986).

    Args:
        title: what the calendar is called.
        sittings: each with the nearest venue of its opportunity.
        site: the whole address of this site, without a slash at its end.
    """
    from icalendar import Calendar

    made = Calendar()
    made.add("prodid", "-//Doorstep//Doorstep//EN")
    made.add("version", "2.0")
    made.add("name", one_line(title))
    made.add("x-wr-calname", one_line(title))  # what calendars read that are older than RFC 7986
    made.add("refresh-interval", READ_ANEW, parameters={"VALUE": "DURATION"})
    for opportunity, venue, sitting in sittings:
        url = site + url_for("opportunities.show", opportunity_id=opportunity.id, slug=opportunity.slug)
        made.add_component(_sitting(opportunity, url, sitting.starts_at, sitting.ends_at, [venue] if venue else []))
    return made.to_ical()


def _events(opportunity: Opportunity, url: str, now: datetime) -> list["Event"]:
    sittings = sittings_to_come(opportunity, now)
    if not sittings and opportunity.ends_at:
        return [_closing(opportunity, url, opportunity.ends_at)]
    venues = opportunity.venues
    return [_sitting(opportunity, url, sitting.starts_at, sitting.ends_at, venues) for sitting in sittings]


def _sitting(
    opportunity: Opportunity, url: str, starts_at: datetime, ends_at: datetime, venues: Sequence[Venue]
) -> "Event":
    event = _event(opportunity, url, f"{starts_at:%Y%m%dT%H%M%SZ}", opportunity.title)
    event.add("dtstart", starts_at)
    event.add("dtend", ends_at)
    if venues:
        event.add("location", " / ".join(_address(venue) for venue in venues))
    if len(venues) == 1:
        event.add("geo", (venues[0].latitude, venues[0].longitude))
    return event


def _closing(opportunity: Opportunity, url: str, ends_at: datetime) -> "Event":
    """All day, in the UK's calendar, and leaving the day free."""
    event = _event(opportunity, url, "closes", gettext("Apply by: %(title)s", title=opportunity.title))
    day = ends_at.astimezone(UK_TIME).date()
    event.add("dtstart", day)
    if day < date.max:  # without an end it lasts that one day: https://www.rfc-editor.org/rfc/rfc5545#section-3.6.1
        event.add("dtend", day + A_DAY)
    event.add("transp", "TRANSPARENT")
    return event


def _event(opportunity: Opportunity, url: str, name: str, summary: str) -> "Event":
    from icalendar import Event

    event = Event()
    event.add("uid", f"opportunity-{opportunity.id}-{name}@{urlsplit(url).hostname}")
    event.add("dtstamp", opportunity.checked_at)
    event.add("summary", one_line(summary))
    said = "\n\n".join(filter(None, (opportunity.summary, opportunity.how_to_apply)))
    event.add("description", f"{paragraphs(said)}\n\n{url}")
    event.add("url", url)
    return event


def _address(venue: Venue) -> str:
    return ", ".join(filter(None, map(one_line, (venue.name, venue.address, venue.town, venue.postcode))))
