"""What people read for the catalogue's words, and for what the gazetteer found."""

from math import inf, isinf

from flask_babel import LazyString, gettext, lazy_gettext

from catalogue.circles import LADDER_MILES
from catalogue.queries import COUNT_BOUND
from catalogue.words import Kind, Layer, Reach
from gazetteer.locate import Located, Precision, Problem, Unlocated
from search.forms import SearchRequest

KINDS: dict[Kind, LazyString] = {
    Kind.EVENT: lazy_gettext("Event"),
    Kind.WORKSHOP: lazy_gettext("Workshop"),
    Kind.COURSE: lazy_gettext("Course"),
    Kind.ONLINE: lazy_gettext("Online learning"),
    Kind.VOLUNTEERING: lazy_gettext("Volunteering"),
    Kind.WORK_EXPERIENCE: lazy_gettext("Work experience"),
    Kind.PROJECT: lazy_gettext("Project"),
    Kind.APPRENTICESHIP: lazy_gettext("Apprenticeship"),
    Kind.JOB: lazy_gettext("Job"),
    Kind.INFORMATION: lazy_gettext("Information"),
}

CHIPS: dict[Kind, LazyString] = {
    Kind.EVENT: lazy_gettext("Events"),
    Kind.WORKSHOP: lazy_gettext("Workshops"),
    Kind.COURSE: lazy_gettext("Courses"),
    Kind.ONLINE: lazy_gettext("Online learning"),
    Kind.VOLUNTEERING: lazy_gettext("Volunteering"),
    Kind.WORK_EXPERIENCE: lazy_gettext("Work experience"),
    Kind.PROJECT: lazy_gettext("Projects"),
    Kind.APPRENTICESHIP: lazy_gettext("Apprenticeships"),
    Kind.JOB: lazy_gettext("Jobs"),
    Kind.INFORMATION: lazy_gettext("Information"),
}

LAYERS: dict[Layer, LazyString] = {
    Layer.ENGAGE: lazy_gettext("Engage"),
    Layer.PARTICIPATE: lazy_gettext("Participate"),
    Layer.DEMONSTRATE: lazy_gettext("Demonstrate"),
    Layer.LEAD: lazy_gettext("Lead"),
}

LAYER_MEANINGS: dict[Layer, LazyString] = {
    Layer.ENGAGE: lazy_gettext("Find out: an open day, a talk, a page to read."),
    Layer.PARTICIPATE: lazy_gettext("Have a go: a workshop, a course, a club."),
    Layer.DEMONSTRATE: lazy_gettext("Do it for real: work experience, a project, a job."),
    Layer.LEAD: lazy_gettext("Show others how: run a group, speak up, take charge."),
}

REACHES: dict[Reach, LazyString] = {
    Reach.ONLINE: lazy_gettext("Online"),
    Reach.NATIONAL: lazy_gettext("Anywhere in the UK"),
    Reach.UNKNOWN: lazy_gettext("Place to be agreed"),
}

_UNLOCATED: dict[Problem, LazyString] = {
    Problem.EMPTY: lazy_gettext("Type a postcode or the name of a town, and we will show what is near it."),
    Problem.TOO_LONG: lazy_gettext("That is too long for a place. Type a postcode or the name of a town."),
    Problem.UNKNOWN_POSTCODE: lazy_gettext(
        "We do not know the postcode “%(text)s”. Check it, or type the first part, such as PL1, or the name of a town."
    ),
    Problem.UNKNOWN_PLACE: lazy_gettext(
        "We do not know a place called “%(text)s”. Check the spelling, or type a postcode, such as PL1 2AA."
    ),
    Problem.OUTSIDE: lazy_gettext("That point is outside the United Kingdom. Type a postcode or the name of a town."),
    Problem.NO_POSITION: lazy_gettext(
        "“%(text)s” is a real postcode, but we do not know where it is on the map. Type the name of a town near it."
    ),
    Problem.AMBIGUOUS: lazy_gettext("“%(text)s” could mean more than one place."),
    Problem.TOO_WIDE: lazy_gettext("“%(text)s” is too wide to search around. Type a town in it, or a postcode."),
    Problem.JERSEY: lazy_gettext(
        "“%(text)s” is in Jersey. We do not know where postcodes are there. Type the name of a town, "
        "such as Saint Helier."
    ),
    Problem.GUERNSEY: lazy_gettext(
        "“%(text)s” is in Guernsey. We do not know where postcodes are there. Type the name of a town, "
        "such as Saint Peter Port."
    ),
    Problem.ISLE_OF_MAN: lazy_gettext(
        "“%(text)s” is on the Isle of Man. We do not know where postcodes are there. Type the name of a town, "
        "such as Douglas."
    ),
    Problem.FORCES: lazy_gettext(
        "“%(text)s” is a British Forces postcode, which has no place on the map. Type the name of a town near you."
    ),
    Problem.GIRO: lazy_gettext(
        "“%(text)s” was a bank's own postcode, which has no place on the map. Type the postcode of your home."
    ),
    Problem.NON_GEOGRAPHIC: lazy_gettext(
        "“%(text)s” is a postcode for post only and has no place on the map. Type the postcode of your home."
    ),
    Problem.OVERSEAS: lazy_gettext(
        "“%(text)s” is a postcode of a British overseas territory. We only know places in the United Kingdom."
    ),
}


def unlocated(result: Unlocated) -> str:
    """What was wrong with a place, and what to try."""
    return str(_UNLOCATED[result.problem]) % {"text": result.text}


def heading(wanted: SearchRequest, located: Located) -> str:
    """What a list is of: `Nearest to BR3 4HG`, or `Jobs, Events near BR3 4HG`."""
    if not wanted.kinds:
        return gettext("Nearest to %(place)s", place=place(located))
    kinds = ", ".join(str(CHIPS[kind]) for kind in Kind if kind in wanted.kinds)
    return gettext("%(kinds)s near %(place)s", kinds=kinds, place=place(located))


def distances(radius_miles: float) -> list[float]:
    """The distances to choose from: those of the ladder, the one at hand, and any."""
    return sorted({*LADDER_MILES, radius_miles, inf})


def distance_word(miles: float) -> str:
    """A distance to choose: `5`, or `any`."""
    return gettext("any") if isinf(miles) else f"{miles:g}"


def none_within(radius_miles: float) -> str:
    if isinf(radius_miles):
        return gettext("We found nothing that fits.")
    return gettext("We found nothing that fits within %(miles)s miles.", miles=f"{radius_miles:g}")


def count(number: int) -> str:
    """A count as people are told it: exact, or `1,000+` where it was not counted further."""
    return f"{number:,}+" if number >= COUNT_BOUND else f"{number:,}"


def place(located: Located) -> str:
    """A place as it stands after "Near": `BR3 4HG`, `you, in PL1`, `the middle of PL1`."""
    if located.precision is Precision.DEVICE:
        return gettext("you, around %(district)s", district=located.label)
    return located.label


def off(radius_miles: float) -> str:
    """How far off a place may be, as people say it: `¼ mile`, `1½ miles`, `7 miles`."""
    quarters = max(1, round(radius_miles * 4)) if radius_miles < 3 else round(radius_miles) * 4
    whole, rest = divmod(quarters, 4)
    number = f"{whole or ''}{('', '¼', '½', '¾')[rest]}"
    return gettext("%(number)s mile", number=number) if quarters <= 4 else gettext("%(number)s miles", number=number)


def notes(located: Located) -> list[str]:
    """What a person should know about how their place was found; empty if it is exact."""
    found = []
    if located.corrected_from:
        found.append(
            gettext("Showing %(label)s. You typed “%(typed)s”.", label=located.label, typed=located.corrected_from)
        )
    if located.asked:
        found.append(
            gettext("We do not know exactly where %(asked)s is, so this is the area around it.", asked=located.asked)
        )
    if located.is_terminated:
        found.append(gettext("This postcode is no longer in use. We show where it used to be."))
    if located.is_approximate:
        found.append(
            gettext(
                "Distances are from the middle of %(label)s, so they may be about %(off)s off.",
                label=located.label,
                off=off(located.radius_miles),
            )
        )
    return found
