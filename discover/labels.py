"""What people read for the catalogue's words, and for what the gazetteer found."""

from flask_babel import LazyString, gettext, lazy_gettext

from catalogue.words import Kind, Layer, Reach
from gazetteer.locate import Located, Precision, Problem, Unlocated

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


def place(located: Located) -> str:
    """A place as it stands after "Near": `BR3 4HG`, `you, in PL1`, `the middle of PL1`."""
    if located.precision is Precision.DEVICE:
        return gettext("you, around %(district)s", district=located.label)
    return located.label


def notes(located: Located) -> list[str]:
    """What a person should know about how their place was found; empty if it is exact."""
    found = []
    if located.asked:
        found.append(
            gettext("We do not know exactly where %(asked)s is, so this is the area around it.", asked=located.asked)
        )
    if located.is_terminated:
        found.append(gettext("This postcode is no longer in use. We show where it used to be."))
    if located.is_approximate:
        found.append(gettext("Distances are from the middle of %(label)s, so they are rough.", label=located.label))
    return found
