"""What people read for the catalogue's words, and for what the gazetteer found."""

from collections.abc import Sequence
from math import isinf
from typing import Any

from babel.dates import format_date
from flask_babel import LazyString, get_locale, gettext, lazy_gettext

from catalogue.facets import Facets
from catalogue.filters import Asked
from catalogue.matching import Query
from catalogue.models import Skill
from catalogue.queries import COUNT_BOUND
from catalogue.words import Kind, Layer, Reach, TimeOfWeek
from gazetteer.locate import Located, Precision, Problem, Unlocated
from search.days import Dates, Soon
from search.forms import Journey, SearchRequest, Sort
from search.results import Results
from travel.estimate import Mode

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

SOON: dict[Soon, LazyString] = {
    Soon.TODAY: lazy_gettext("Today"),
    Soon.THIS_WEEK: lazy_gettext("This week"),
    Soon.WEEKEND: lazy_gettext("This weekend"),
}

TIMES: dict[TimeOfWeek, LazyString] = {
    TimeOfWeek.DAYTIME: lazy_gettext("Weekday daytimes"),
    TimeOfWeek.EVENING: lazy_gettext("Weekday evenings"),
    TimeOfWeek.WEEKEND: lazy_gettext("Weekends"),
}

SORTS: dict[Sort, LazyString] = {
    Sort.DISTANCE: lazy_gettext("Nearest"),
    Sort.SOONEST: lazy_gettext("Soonest"),
    Sort.NEWEST: lazy_gettext("Newest"),
}

JOURNEYS: dict[Mode, LazyString] = {
    Mode.FOOT: lazy_gettext("On foot"),
    Mode.BIKE: lazy_gettext("By bike"),
}

FREE = lazy_gettext("Free, or paid to you")

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
    """What a list or the shelves are of: `Near BR3 4HG`, `Jobs, Events near BR3 4HG`, `“welding” near BR3 4HG`."""
    if wanted.box:
        return _in_box(wanted)
    what = _what(wanted)
    if not what:
        return gettext("Near %(place)s", place=place(located))
    return gettext("%(what)s near %(place)s", what=what, place=place(located))


def _in_box(wanted: SearchRequest) -> str:
    what = _what(wanted)
    if not what:
        return gettext("In this part of the map")
    return gettext("%(what)s in this part of the map", what=what)


def _what(wanted: SearchRequest) -> str:
    """What is looked for, in a few words; empty for anything."""
    what = [str(CHIPS[kind]) for kind in Kind if kind in wanted.kinds]
    if wanted.q:
        what.append(gettext("“%(words)s”", words=wanted.q))
    return ", ".join(what)


def found(results: Results) -> str:
    """How many lie within the distance: `34 within 2 miles`, `34 within about 30 minutes on foot`."""
    if results.is_in_box:
        return gettext("%(count)s in the part of the map shown", count=count(results.count))
    if results.journey:
        way = journey(results.journey, is_about=not results.seconds)
        return gettext("%(count)s within %(way)s", count=count(results.count), way=way)
    if isinf(results.radius_miles):
        return gettext("%(count)s at any distance", count=count(results.count))
    if results.radius_miles == 1:
        return gettext("%(count)s within 1 mile", count=count(results.count))
    return gettext("%(count)s within %(miles)s miles", count=count(results.count), miles=f"{results.radius_miles:g}")


def journey(asked: Journey, is_about: bool) -> str:
    """How long the way may take: `about 30 minutes on foot`."""
    if asked.by is Mode.FOOT:
        way = gettext("%(minutes)s minutes on foot", minutes=asked.minutes)
    else:
        way = gettext("%(minutes)s minutes by bike", minutes=asked.minutes)
    return gettext("about %(time)s", time=way) if is_about else way


def distance_word(miles: float) -> str:
    """A distance to choose: `5`, or `any`."""
    return gettext("any") if isinf(miles) else f"{miles:g}"


def days(asked: Soon | Dates) -> str:
    """The days of a search: `Today`, `5 December 2026`, `5 December 2026 to 12 December 2026`."""
    if isinstance(asked, Soon):
        return str(SOON[asked])
    first, last = (format_date(day, "d MMMM y", locale=get_locale()) for day in (asked.first, asked.last))
    return first if first == last else gettext("%(first)s to %(last)s", first=first, last=last)


def chosen(wanted: SearchRequest, skills: Sequence[Skill]) -> list[tuple[str, SearchRequest]]:
    """What a search asks for besides its place: each with the same search without it. `skills` are those it names."""
    tags = [(gettext("“%(words)s”", words=wanted.q), wanted.but(q=""))] if wanted.q else []
    tags += [(str(CHIPS[kind]), wanted.toggling(kind)) for kind in Kind if kind in wanted.kinds]
    tags += [(str(LAYERS[each]), wanted.but(layers=wanted.layers - {each})) for each in Layer if each in wanted.layers]
    tags += [(skill.name, wanted.but(skills=wanted.skills - {skill.slug})) for skill in skills]
    if wanted.is_free:
        tags.append((str(FREE), wanted.but(is_free=False)))
    if wanted.age is not None:
        tags.append((gettext("Age %(age)s", age=wanted.age), wanted.but(age=None)))
    if wanted.days:
        tags.append((days(wanted.days), wanted.but(days=None)))
    tags += [(str(TIMES[each]), wanted.but(times=wanted.times - {each})) for each in TimeOfWeek if each in wanted.times]
    if wanted.box:
        tags.append((gettext("This part of the map"), wanted.but(box=None)))
    if wanted.within_miles:
        far = gettext("Any distance") if isinf(wanted.within_miles) else _within(wanted.within_miles)
        tags.append((far, wanted.but(within_miles=None)))
    if wanted.journey and not wanted.box:
        way = journey(wanted.journey, is_about=False)
        tags.append((gettext("Within %(way)s", way=way), wanted.but(journey=None)))
    if wanted.sort:
        tags.append((gettext("%(order)s first", order=SORTS[wanted.sort]), wanted.but(sort=None)))
    return tags


def ways_out(wanted: SearchRequest, facets: Facets) -> list[tuple[str, int, SearchRequest]]:
    """Of a search that found nothing: what to leave out, how many that would find, and the search without it."""
    whenever = gettext("on any day") if wanted.days else gettext("at any time")
    questions: dict[Asked, tuple[Any, str, dict[str, Any]]] = {
        Asked.KIND: (wanted.kinds, gettext("of any kind"), {"kinds": frozenset()}),
        Asked.LAYER: (wanted.layers, gettext("of any type"), {"layers": frozenset()}),
        Asked.SKILL: (wanted.skills, gettext("for any skill"), {"skills": frozenset()}),
        Asked.FREE: (wanted.is_free, gettext("at any cost"), {"is_free": False}),
        Asked.AGE: (wanted.age is not None, gettext("for any age"), {"age": None}),
        Asked.SITTING: (wanted.days or wanted.times, whenever, {"days": None, "times": frozenset()}),
    }
    return [
        (words, facets.without[question], wanted.but(**changes))
        for question, (is_asked, words, changes) in questions.items()
        if is_asked and facets.without[question]
    ]


def _within(miles: float) -> str:
    return gettext("Within 1 mile") if miles == 1 else gettext("Within %(miles)s miles", miles=f"{miles:g}")


def word_notes(wanted: SearchRequest, words: Query | None) -> list[str]:
    """How a person's words were read, where that was not as they stand."""
    if words is None:
        return [gettext("There is no word in “%(typed)s” to look for.", typed=wanted.q)] if wanted.q else []
    notes = [
        gettext("We read “%(typed)s” as “%(word)s”.", typed=typed, word=gettext("” or “").join(read))
        for typed, read in words.corrected
    ]
    notes += [gettext("Nothing here mentions “%(word)s”.", word=word) for word in words.unknown]
    if words.ignored:
        notes.append(gettext("We looked for the first words only, without “%(rest)s”.", rest=" ".join(words.ignored)))
    if words.any_will_do:
        notes.append(gettext("Nothing has all of these words, so this is what has some of them."))
    return notes


def none_within(wanted: SearchRequest, radius_miles: float) -> str:
    """That nothing was found, and how far we looked."""
    if wanted.box:
        return gettext("We found nothing that fits in this part of the map. Move the map, or look around it.")
    if wanted.journey:
        way = journey(wanted.journey, is_about=True)
        return gettext("We found nothing that fits within %(way)s.", way=way)
    if isinf(radius_miles):
        return gettext("We found nothing that fits.")
    miles = gettext("1 mile") if radius_miles == 1 else gettext("%(miles)s miles", miles=f"{radius_miles:g}")
    if not wanted.has_filters:
        return gettext("We know of nothing within %(miles)s.", miles=miles)
    return gettext("We found nothing that fits within %(miles)s.", miles=miles)


def announcement(wanted: SearchRequest, results: Results, located: Located) -> str:
    """What is said aloud when the results have changed."""
    what = found(results) if results.count else none_within(wanted, results.radius_miles)
    if results.elsewhere_count:
        what = gettext("%(near)s, %(count)s not tied to one place", near=what, count=count(results.elsewhere_count))
    return gettext("%(heading)s: %(what)s", heading=heading(wanted, located), what=what)


def end_of_list(last: int) -> str:
    """What to do where a list ends that goes no farther, by the number of its last; empty if that was all there is."""
    if last < COUNT_BOUND:
        return ""
    return gettext(
        "These are the first %(count)s. Choose a kind, a day or a smaller distance, and you will see others.",
        count=f"{COUNT_BOUND:,}",
    )


def count(number: int) -> str:
    """A count as people are told it: exact, or `500+` where it was not counted further."""
    return f"{number:,}+" if number >= COUNT_BOUND else f"{number:,}"


def choice_count(number: int, is_bounded: bool) -> str:
    """How many a choice leaves: exact, or `30+` where not all were looked at."""
    return f"{number:,}+" if is_bounded else f"{number:,}"


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
    if located.source == "map":
        found.append(gettext("Distances are from the middle of this part of the map."))
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
