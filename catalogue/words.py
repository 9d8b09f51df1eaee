"""The fixed words of the catalogue: kinds, layers, reaches, times and destinations.

They are those of the Cities of Learning badge standard and of the README's
word list. Each value is what stands in the database and in URLs; what people
read is in `search.labels`, which can be translated.
"""

from enum import StrEnum


class Kind(StrEnum):
    """What an opportunity is. In the order in which the chips stand."""

    EVENT = "event"
    WORKSHOP = "workshop"
    COURSE = "course"
    ONLINE = "online-learning"
    VOLUNTEERING = "volunteering"
    WORK_EXPERIENCE = "work-experience"
    PROJECT = "project"
    APPRENTICESHIP = "apprenticeship"
    JOB = "job"
    INFORMATION = "information"


class Layer(StrEnum):
    """What type of learning it is. A type, not a level; in the order of the doorsteps."""

    ENGAGE = "engage"
    PARTICIPATE = "participate"
    DEMONSTRATE = "demonstrate"
    LEAD = "lead"


class Reach(StrEnum):
    """How an opportunity relates to place."""

    VENUE = "venue"
    ONLINE = "online"
    NATIONAL = "national"
    REGION = "region"
    UNKNOWN = "unknown"


class TimeOfWeek(StrEnum):
    """When in the week a sitting starts, in the UK: on a working day before or after 5pm, or at the weekend."""

    DAYTIME = "daytime"
    EVENING = "evening"
    WEEKEND = "weekend"


class DestinationKind(StrEnum):
    """What a pathway leads to."""

    JOB = "job"
    APPRENTICESHIP = "apprenticeship"
    COURSE = "course"
    WORDS = "words"


class OptionKind(StrEnum):
    """What one option of a step is."""

    BADGE = "badge"
    OPPORTUNITY = "opportunity"
    RULE = "rule"
