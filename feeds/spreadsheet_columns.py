"""The columns of our own spreadsheet: what the reader, the template and docs/spreadsheets.md all say of them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from catalogue.words import Kind, Layer

# What a cell of `kind` may say, and the kind and layer that it means where `layer` is empty. The first ten are offered.
KINDS: dict[str, tuple[Kind, Layer]] = {
    "event": (Kind.EVENT, Layer.ENGAGE),
    "workshop": (Kind.WORKSHOP, Layer.PARTICIPATE),
    "course": (Kind.COURSE, Layer.PARTICIPATE),
    "online learning": (Kind.ONLINE, Layer.PARTICIPATE),
    "volunteering": (Kind.VOLUNTEERING, Layer.DEMONSTRATE),
    "work experience": (Kind.WORK_EXPERIENCE, Layer.DEMONSTRATE),
    "project": (Kind.PROJECT, Layer.DEMONSTRATE),
    "apprenticeship": (Kind.APPRENTICESHIP, Layer.DEMONSTRATE),
    "job": (Kind.JOB, Layer.DEMONSTRATE),
    "information": (Kind.INFORMATION, Layer.ENGAGE),
    # Other words that people use for these.
    "open day": (Kind.EVENT, Layer.ENGAGE),
    "careers fair": (Kind.EVENT, Layer.ENGAGE),
    "taster": (Kind.EVENT, Layer.ENGAGE),
    "talk": (Kind.EVENT, Layer.ENGAGE),
    "webinar": (Kind.EVENT, Layer.ENGAGE),
    "class": (Kind.COURSE, Layer.PARTICIPATE),
    "club": (Kind.COURSE, Layer.PARTICIPATE),
    "training": (Kind.COURSE, Layer.PARTICIPATE),
    "session": (Kind.WORKSHOP, Layer.PARTICIPATE),
    "online course": (Kind.ONLINE, Layer.PARTICIPATE),
    "elearning": (Kind.ONLINE, Layer.PARTICIPATE),
    "volunteer": (Kind.VOLUNTEERING, Layer.DEMONSTRATE),
    "work placement": (Kind.WORK_EXPERIENCE, Layer.DEMONSTRATE),
    "placement": (Kind.WORK_EXPERIENCE, Layer.DEMONSTRATE),
    "competition": (Kind.PROJECT, Layer.DEMONSTRATE),
    "vacancy": (Kind.JOB, Layer.DEMONSTRATE),
    "advice": (Kind.INFORMATION, Layer.ENGAGE),
}
OFFERED_KINDS = tuple(KINDS)[:10]
OFFERED_LAYERS = tuple(layer.value for layer in Layer)
# What stands in `id` of the template's example, so that it is never taken for something real.
EXAMPLE = "EXAMPLE"


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `meaning` is one plain sentence or more for whoever fills it in, `also` other words for its name."""

    name: str
    meaning: str
    example: str
    also: Sequence[str] = field(default=())
    is_needed: bool = False
    is_moment: bool = False
    choices: Sequence[str] = ()


COLUMNS = (
    Column(
        "id",
        "A name of your own for it that never changes, such as a course code. Rows with the same id are one thing on "
        "several dates or in several places. If it is empty, the provider, the title and the postcode together stand "
        f"in for it. Rows whose id is {EXAMPLE} are left out.",
        EXAMPLE,
        ("identifier", "reference", "ref", "code", "course code", "our id"),
    ),
    Column("title", "What it is called.", "Your first weld", ("name", "course title", "event name"), is_needed=True),
    Column(
        "kind",
        f"One of: {', '.join(OFFERED_KINDS)}.",
        "workshop",
        ("type", "type of opportunity", "category"),
        is_needed=True,
        choices=OFFERED_KINDS,
    ),
    Column(
        "layer",
        "What type of learning it is: engage (find out), participate (learn), demonstrate (do it for real) or lead "
        "(help others). If it is empty, the kind decides.",
        "participate",
        ("type of learning",),
        choices=OFFERED_LAYERS,
    ),
    Column(
        "provider",
        "Who offers it, by the name that people know.",
        "Tamar Bank College",
        ("organisation", "organiser", "organisation name", "provider name", "college", "employer"),
        is_needed=True,
    ),
    Column(
        "summary",
        "One or two sentences, for lists. At most 300 characters.",
        "Join two pieces of steel with an arc welder, and take home what you make.",
        ("short description", "strapline"),
    ),
    Column(
        "description",
        "All there is to know, in as many words as you like.",
        "You start with the mask, the gloves and the reasons for them. There are four of you to each teacher.",
        ("details", "full description", "about"),
    ),
    Column("venue", "The name of the place.", "King's Road Workshops", ("venue name", "location", "place", "where")),
    Column("address", "The building and the street.", "King's Road, Devonport", ("street", "address line 1")),
    Column("town", "The town or city.", "Plymouth", ("city", "town or city", "area")),
    Column(
        "postcode",
        "The full postcode of the place. It is how people near there find you.",
        "PL1 5QG",
        ("post code", "venue postcode", "zip"),
    ),
    Column(
        "online",
        "“yes” if people take part from where they are. Then it is shown without a place.",
        "no",
        ("is it online", "virtual", "remote", "online?"),
        choices=("yes", "no"),
    ),
    Column(
        "region",
        "Where there is no one place: the part of the country, or “national” for all of it.",
        "",
        ("regions", "county", "area covered"),
    ),
    Column(
        "starts",
        "The day and time it starts, day first. Give each date a row of its own, with the same id.",
        "05/01/2027 18:30",
        ("start", "start date", "starts at", "date", "from", "start time", "date and time"),
        is_moment=True,
    ),
    Column(
        "ends",
        "When it ends on that day: a time, or a day and time. Needed where “starts” has a time.",
        "05/01/2027 20:30",
        ("end", "end date", "ends at", "finishes", "finish", "until", "end time", "to"),
        is_moment=True,
    ),
    Column(
        "closes",
        "The last day, or day and time, on which people can apply. After it, this is no longer shown.",
        "04/01/2027",
        ("closing date", "deadline", "apply by", "closes on", "closing"),
        is_moment=True,
    ),
    Column(
        "cost",
        "What a person pays, in pounds. 0 or “free” if nothing; empty if you cannot say.",
        "10",
        ("price", "fee", "fees", "cost £", "cost in pounds", "price £", "cost gbp"),
    ),
    Column(
        "cost note",
        "Who pays less, or what it depends on.",
        "Free with Universal Credit",
        ("cost notes", "concessions", "price note", "cost details"),
    ),
    Column("age from", "The youngest age, as a number.", "16", ("minimum age", "min age", "age min", "from age")),
    Column("age to", "The oldest age, as a number.", "", ("maximum age", "max age", "age max", "to age")),
    Column("level", "How hard it is, in your words.", "Beginner", ("difficulty", "qualification level")),
    Column(
        "time needed",
        "How much time it takes in all.",
        "Two hours",
        ("duration", "how long", "length", "time commitment"),
    ),
    Column(
        "how to apply",
        "What to do to get a place.",
        "Book on our website.",
        ("apply", "booking", "how to book", "application", "contact"),
    ),
    Column(
        "link",
        "The page about it, beginning with https://.",
        "https://college.example/first-weld",
        ("url", "website", "web page", "webpage", "web address", "booking link"),
    ),
    Column(
        "accessibility",
        "What helps people get in and take part: steps, hearing loop, quiet room, breaks.",
        "Level way in. The mask makes everything dark; ask us for one to try at home.",
        ("access", "access information"),
    ),
    Column(
        "skills",
        "What people learn, with commas between.",
        "Welding, Health and safety",
        ("skill", "skills learned", "skills gained"),
    ),
)


@dataclass(frozen=True, slots=True)
class Header:
    """Where each of our columns stands in a row of headings, by name."""

    cells: tuple[str, ...]
    places: dict[str, int]

    @property
    def missing(self) -> list[str]:
        return [column.name for column in COLUMNS if column.is_needed and column.name not in self.places]

    def doubts(self) -> Iterator[str]:
        """A sentence about each heading that is not read, and may have been meant to be."""
        for place, cell in enumerate(self.cells[:_MOST_HEADINGS]):
            letters = _letters(cell)
            name = _NAMES.get(letters)
            if name and self.places[name] != place:
                yield f"The column “{cell[:40]}” is not read: another one stands for “{name}”."
            elif name is None and (near := get_close_matches(letters, _LONG_NAMES, 1, 0.8)):
                yield f"The column “{cell[:40]}” is not read: did you mean “{_NAMES[near[0]]}”?"


_MOST_HEADINGS = 100


def _letters(words: str) -> str:
    return re.sub(r"[\W_]+", "", words[:60].casefold())


_OWN = {_letters(column.name): column.name for column in COLUMNS}
_NAMES = {_letters(name): column.name for column in COLUMNS for name in column.also} | _OWN
# A slip of the finger is found by the names themselves: short ones are too like other words.
_LONG_NAMES = [name for name in _NAMES if len(name) > 4]


def header(cells: Sequence[str]) -> Header:
    """Our columns in a row of headings, in any order, whatever the case and the spaces. Others are passed over.

    Where several stand for one column, it is the first with the column's own name, or else the first.
    """
    letters = [_letters(cell) for cell in cells]
    places: dict[str, int] = {}
    for names in (_OWN, _NAMES):
        found: dict[str, int] = {}
        for place, each in enumerate(letters):
            if each in names:
                found.setdefault(names[each], place)
        places = found | places
    return Header(tuple(cells), places)
