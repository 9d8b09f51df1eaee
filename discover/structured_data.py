"""An opportunity for search engines, as schema.org has it.

What each type must say is in Google's documentation; `tests/discover/test_structured_data.py`
holds the lists. Nothing is said that the catalogue does not know.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from markupsafe import escape

from catalogue.models import Occurrence, Opportunity, Provider
from catalogue.words import Kind, Reach
from catalogue.workload import iso_duration, minutes_in_all
from search.details import is_web_address, sittings_to_come
from search.linked_data import area, known, place
from settings import UK_TIME

JsonLd = dict[str, Any]
Shape = Callable[[Opportunity, str, Sequence[Occurrence]], JsonLd]
# https://developers.google.com/search/docs/appearance/structured-data/job-posting knows no apprenticeship.
EMPLOYMENT = {Kind.VOLUNTEERING: "VOLUNTEER", Kind.WORK_EXPERIENCE: "INTERN", Kind.APPRENTICESHIP: "OTHER"}
FREQUENCIES = {1: "Daily", 7: "Weekly"}  # by days between two sittings


def structured_data(opportunity: Opportunity, url: str, now: datetime) -> JsonLd:
    """The JSON-LD of an opportunity that can still be joined.

    Args:
        opportunity: with its provider, venues, skills, badges and occurrences.
        url: the whole address of its page.
        now: sittings that have ended by this moment are left out.
    """
    dates = sittings_to_come(opportunity, now)
    with_dates, without_dates = SHAPES[opportunity.kind]
    shape = with_dates if dates else without_dates
    return {"@context": "https://schema.org"} | known(shape(opportunity, url, dates))


def _event(opportunity: Opportunity, url: str, dates: Sequence[Occurrence]) -> JsonLd:
    """The next sitting; how it goes on is its schedule."""
    modes = {Reach.VENUE: "Offline", Reach.ONLINE: "Online"}
    mode = modes.get(opportunity.reach)
    return {
        **_thing("Event", opportunity, url),
        "startDate": _moment(dates[0].starts_at),
        "endDate": _moment(dates[0].ends_at),
        "eventStatus": "https://schema.org/EventScheduled",
        "eventAttendanceMode": f"https://schema.org/{mode}EventAttendanceMode" if mode else None,
        "location": _virtual(url) if opportunity.reach is Reach.ONLINE else _places(opportunity),
        "organizer": _organisation(opportunity.provider),
        "offers": _offer(opportunity, url),
        "eventSchedule": _schedule(dates),
        "typicalAgeRange": _age_range(opportunity),
        "keywords": _skills(opportunity),
        "isAccessibleForFree": _is_free(opportunity),
    }


def _course(opportunity: Opportunity, url: str, dates: Sequence[Occurrence]) -> JsonLd:
    return {
        **_learning("Course", opportunity, url),
        "offers": _offer(opportunity, url),
        "hasCourseInstance": _course_instance(opportunity, dates),
        "timeRequired": _workload(opportunity),
        "educationalCredentialAwarded": [
            {"@type": "EducationalOccupationalCredential", "name": badge.name} for badge in opportunity.badges
        ],
    }


def _course_instance(opportunity: Opportunity, dates: Sequence[Occurrence]) -> JsonLd | None:
    """Google wants a mode, a schedule or a workload, and a price with it: without them there is only the course."""
    mode = {Reach.VENUE: "Onsite", Reach.ONLINE: "Online"}.get(opportunity.reach)
    schedule, workload = _schedule(dates), _workload(opportunity)
    if not mode or not (schedule or workload) or opportunity.cost_pence is None:
        return None
    instance = {
        "@type": "CourseInstance",
        "courseMode": mode,
        "courseSchedule": schedule,
        "courseWorkload": workload,
        "location": _places(opportunity) if opportunity.venues else None,
        "startDate": _moment(dates[0].starts_at) if dates else None,
        "endDate": _moment(dates[-1].ends_at) if dates else None,
    }
    return known(instance)


def _job(opportunity: Opportunity, url: str, dates: Sequence[Occurrence]) -> JsonLd:
    whole_country = {"@type": "Country", "name": "GB"}
    is_remote = opportunity.reach is Reach.ONLINE
    return {
        "@type": "JobPosting",
        "title": opportunity.title,
        "description": _markup(opportunity),
        "url": url,
        "identifier": {"@type": "PropertyValue", "name": opportunity.provider.name, "value": str(opportunity.id)},
        "datePosted": _moment(opportunity.added_at),
        "validThrough": _moment(opportunity.ends_at) if opportunity.ends_at else None,
        "hiringOrganization": _organisation(opportunity.provider),
        # Only what can be done from home may say so; the rest is somewhere, however roughly we know where.
        "jobLocation": None if is_remote else _places(opportunity),
        "jobLocationType": "TELECOMMUTE" if is_remote else None,
        "applicantLocationRequirements": whole_country if is_remote else None,
        "employmentType": EMPLOYMENT.get(opportunity.kind),
        "jobStartDate": _moment(dates[0].starts_at) if dates else None,
        "directApply": False,
        "skills": _skills(opportunity),
    }


def _programme(opportunity: Opportunity, url: str, _dates: Sequence[Occurrence]) -> JsonLd:
    return {
        **_thing("EducationalOccupationalProgram", opportunity, url),
        "provider": _organisation(opportunity.provider),
        "applicationDeadline": _moment(opportunity.ends_at) if opportunity.ends_at else None,
        "offers": _offer(opportunity, url),
    }


def _service(opportunity: Opportunity, url: str, _dates: Sequence[Occurrence]) -> JsonLd:
    return {
        **_thing("Service", opportunity, url),
        "provider": _organisation(opportunity.provider),
        "offers": _offer(opportunity, url),
        "areaServed": {"@type": "Country", "name": "GB"} if opportunity.reach is Reach.NATIONAL else None,
    }


def _resource(opportunity: Opportunity, url: str, _dates: Sequence[Occurrence]) -> JsonLd:
    return {**_learning("LearningResource", opportunity, url), "timeRequired": _said_time(opportunity)}


# What an opportunity of a kind is while it has dates to come, and without. An event must have a date.
SHAPES: dict[Kind, tuple[Shape, Shape]] = {
    Kind.EVENT: (_event, _service),
    Kind.WORKSHOP: (_event, _service),
    Kind.COURSE: (_course, _course),
    Kind.ONLINE: (_course, _course),
    Kind.VOLUNTEERING: (_event, _job),
    Kind.WORK_EXPERIENCE: (_event, _job),
    Kind.PROJECT: (_event, _programme),
    Kind.APPRENTICESHIP: (_job, _job),
    Kind.JOB: (_job, _job),
    Kind.INFORMATION: (_resource, _resource),
}


def _thing(schema_type: str, opportunity: Opportunity, url: str) -> JsonLd:
    return {
        "@type": schema_type,
        "name": opportunity.title,
        "description": opportunity.description.strip() or opportunity.summary,
        "url": url,
    }


def _learning(schema_type: str, opportunity: Opportunity, url: str) -> JsonLd:
    return {
        **_thing(schema_type, opportunity, url),
        "provider": _organisation(opportunity.provider),
        "teaches": _skills(opportunity),
        "educationalLevel": opportunity.level,
        "typicalAgeRange": _age_range(opportunity),
        "isAccessibleForFree": _is_free(opportunity),
    }


def _organisation(provider: Provider) -> JsonLd:
    website = provider.url if is_web_address(provider.url) else None
    return known({"@type": "Organization", "name": provider.name, "url": website, "sameAs": website})


def _places(opportunity: Opportunity) -> JsonLd | list[JsonLd]:
    """Its venues; without one the region or the country, which is all that is known."""
    if opportunity.venues:
        found = [place(venue) for venue in opportunity.venues]
        return found[0] if len(found) == 1 else found
    return area(opportunity)


def _virtual(url: str) -> JsonLd:
    return {"@type": "VirtualLocation", "url": url}


def _offer(opportunity: Opportunity, url: str) -> JsonLd | None:
    if opportunity.cost_pence is None:
        return None
    return {
        "@type": "Offer",
        "category": _category(opportunity),
        "price": f"{opportunity.cost_pence / 100:.2f}",
        "priceCurrency": "GBP",
        "availability": "https://schema.org/InStock",
        "validFrom": _moment(opportunity.added_at),
        "url": url,
    }


def _category(opportunity: Opportunity) -> str:
    """One of Google's for a course. A note that names a price beside a cost of nothing is for some people only."""
    if opportunity.cost_pence:
        return "Paid"
    return "Partially Free" if "£" in (opportunity.cost_note or "") else "Free"


def _schedule(dates: Sequence[Occurrence]) -> JsonLd | None:
    """How sittings follow one another, where they do so every day or every week, and are of one length."""
    days = [sitting.starts_at.astimezone(UK_TIME).date() for sitting in dates]
    gaps = {later - earlier for earlier, later in pairwise(days)}
    frequency = FREQUENCIES.get(gaps.pop().days) if len(gaps) == 1 else None
    lengths = {sitting.ends_at - sitting.starts_at for sitting in dates}
    if not frequency or len(lengths) > 1:
        return None
    return {
        "@type": "Schedule",
        "repeatFrequency": frequency,
        "repeatCount": len(dates),
        "duration": _duration(lengths.pop()),
        "startDate": days[0].isoformat(),
        "endDate": days[-1].isoformat(),
        "scheduleTimezone": UK_TIME.key,
    }


def _workload(opportunity: Opportunity) -> str | None:
    """The time that it takes in all: the sum of its sittings, those that are over too, else what the provider says."""
    lengths = [sitting.ends_at - sitting.starts_at for sitting in opportunity.occurrences]
    return _duration(sum(lengths, timedelta())) if lengths else _said_time(opportunity)


def _duration(length: timedelta) -> str:
    return iso_duration(round(length / timedelta(minutes=1)))


def _said_time(opportunity: Opportunity) -> str | None:
    minutes = minutes_in_all(opportunity.time_needed)
    return iso_duration(minutes) if minutes else None


def _markup(opportunity: Opportunity) -> str:
    """The description as Google wants a job's: paragraphs in HTML, with all that a provider wrote escaped."""
    text = opportunity.description.strip() or opportunity.summary
    return "".join(f"<p>{escape(part.strip())}</p>" for part in text.split("\n\n") if part.strip())


def _age_range(opportunity: Opportunity) -> str | None:
    if opportunity.age_min is None and opportunity.age_max is None:
        return None
    return f"{opportunity.age_min or 0}-{'' if opportunity.age_max is None else opportunity.age_max}"


def _skills(opportunity: Opportunity) -> list[str]:
    return [skill.name for skill in opportunity.skills]


def _is_free(opportunity: Opportunity) -> bool | None:
    return None if opportunity.cost_pence is None else _category(opportunity) == "Free"


def _moment(moment: datetime) -> str:
    """ISO 8601 in the UK's time, with its offset: `2026-12-05T10:00:00+00:00`."""
    return moment.astimezone(UK_TIME).isoformat(timespec="seconds")
