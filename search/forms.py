"""What a query string asks for: every value checked, every bad one kept as a message."""

import re
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from math import inf, isinf
from typing import Any, TypeVar

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from catalogue.filters import Filters
from catalogue.grid import Box
from catalogue.matching import Query
from catalogue.words import Kind, Layer, TimeOfWeek
from gazetteer.locate import MAX_LENGTH
from search import boxes, days
from search.days import Dates, Soon
from settings import UK_TIME
from travel.estimate import CHOICES_MINUTES, ESTIMATED, Mode, miles_within

MAX_PAGE = 50
MAX_PAGES_AT_ONCE = 10
MAX_MILES = 500.0
MAX_WORDS_LENGTH = 100
MAX_SKILLS = 20
MAX_AGE = 120
MAX_PROBLEMS = 5
ANY_DISTANCE = "any"
OWN_DATES = "dates"

# Controls and what is no character: https://html.spec.whatwg.org/multipage/parsing.html#preprocessing-the-input-stream
_UNWRITABLE = re.compile(
    r"[\0-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef"
    + "".join(chr(plane + last) for plane in range(0, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF))
    + "]"
)

# As people write them; Python reads more: 1_0, 1e2, digits of every script.
_WHOLE = re.compile(r"[0-9]{1,9}")
_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")

Word = TypeVar("Word", bound=StrEnum)


class Sort(StrEnum):
    """The order of a list."""

    DISTANCE = "distance"
    SOONEST = "soonest"
    NEWEST = "newest"


@dataclass(frozen=True, slots=True)
class Journey:
    """How long getting there may take, and how one goes."""

    minutes: int
    by: Mode = Mode.FOOT

    @property
    def miles(self) -> float:
        """How far in a straight line that reaches, by the estimate: the radius of the search."""
        return round(miles_within(self.minutes, self.by), 2)


@dataclass(frozen=True)
class SearchRequest:
    """A search, as its URL says it.

    `within_miles` is None where a fitting distance is to be found, and infinite for
    any distance. A `box` is a part of the map to look in, whatever `near` says.
    `skills` are slugs, which may be of no skill. A list shows the pages from `page`
    to `through`. `journey` is how long the way may take: it and `within_miles` must both be met, but in a box.
    `typed_dates` are what stood in a form's two boxes. `problems` are
    sentences about values that could not be used.
    """

    near: str = ""
    q: str = ""
    kinds: frozenset[Kind] = frozenset()
    layers: frozenset[Layer] = frozenset()
    skills: frozenset[str] = frozenset()
    is_free: bool = False
    age: int | None = None
    days: Soon | Dates | None = None
    times: frozenset[TimeOfWeek] = frozenset()
    within_miles: float | None = None
    box: Box | None = None
    sort: Sort | None = None
    page: int = 1
    through: int = 1
    journey: Journey | None = None
    typed_dates: tuple[str, str] = field(default=("", ""), compare=False)
    problems: tuple[str, ...] = field(default=(), compare=False)

    @classmethod
    def from_args(cls, args: MultiDict[str, str]) -> "SearchRequest":
        """Read a query string. Never raises: what cannot be used is left out, with a sentence that says so."""
        args = _writable(args)
        problems: list[str] = []
        page = _page(args.get("page", ""), problems)
        return cls(
            # One more character than allowed, so that `locate` sees that it was too long.
            near=" ".join(args.get("near", "").split())[: MAX_LENGTH + 1],
            q=_typed_words(args.get("q", ""), problems),
            kinds=words_among(Kind, args.getlist("kind"), problems),
            layers=words_among(Layer, args.getlist("layer"), problems),
            skills=slugs(args.getlist("skill"), problems),
            is_free=_flag(args.get("free", ""), problems),
            age=_age(args.get("age", ""), problems),
            days=_days(args, problems),
            times=words_among(TimeOfWeek, args.getlist("time"), problems),
            within_miles=_miles(args.get("within", ""), problems),
            box=_box(args.get("box", ""), problems),
            sort=_sort(args.get("sort", ""), problems),
            page=page,
            through=_through(args.get("through", ""), page),
            journey=_journey(args.get("minutes", ""), args.get("by", ""), problems),
            typed_dates=(args.get("from", "")[:10], args.get("to", "")[:10]),
            problems=tuple(problems[:MAX_PROBLEMS]),
        )

    def filters(self, now: datetime, words: Query | None) -> Filters:
        """What to ask of opportunities; the distance is left for the place to decide. `words` are `q` as read."""
        return Filters(
            now,
            self.kinds,
            self.layers,
            self.skills,
            self.is_free,
            self.age,
            days.span(self.days, now) if self.days else None,
            self.times,
            words,
        )

    def query(self) -> dict[str, Any]:
        """The parameters of this search's URL, in one order, without what is at its default."""
        values: dict[str, Any] = {
            "near": self.near,
            "q": self.q,
            "kind": _in_order(Kind, self.kinds),
            "layer": _in_order(Layer, self.layers),
            "skill": sorted(self.skills),
            "free": "1" if self.is_free else "",
            "age": "" if self.age is None else str(self.age),
            "when": str(self.days) if self.days else "",
            "time": _in_order(TimeOfWeek, self.times),
            "within": _distance(self.within_miles),
            "box": boxes.write(self.box) if self.box else "",
            "minutes": str(self.journey.minutes) if self.journey else "",
            "by": self.journey.by.value if self.journey and self.journey.by is not Mode.FOOT else "",
            "sort": self.sort.value if self.sort else "",
            "page": self.page if self.page > 1 else "",
            "through": self.through if self.through > self.page else "",
        }
        return {name: value for name, value in values.items() if value}

    def but(self, **changes: Any) -> "SearchRequest":
        """The same search with some fields changed, from its first page."""
        return replace(self, **{"page": 1, "through": 1} | changes)

    def on_page(self, page: int) -> "SearchRequest":
        return replace(self, page=page, through=page)

    def with_near(self, near: str) -> "SearchRequest":
        """The same search somewhere else."""
        return self.but(near=near, box=None)

    def toggling(self, kind: Kind) -> "SearchRequest":
        """The same search with a kind added, or taken away if it was chosen."""
        return self.but(kinds=self.kinds ^ {kind})

    def within(self, miles: float) -> "SearchRequest":
        """The same search in a circle, however long it takes."""
        return self.but(within_miles=miles, box=None, journey=None)

    def in_box(self, box: Box) -> "SearchRequest":
        """The same search in a part of the map."""
        return self.but(within_miles=None, journey=None, box=box)

    @property
    def radius_miles(self) -> float | None:
        """How far to look: the least of the distance and what the journey reaches; None where neither is chosen."""
        if self.journey is None:
            return self.within_miles
        return min(self.journey.miles, inf if self.within_miles is None else self.within_miles)

    @property
    def is_list(self) -> bool:
        """Whether it asks for one list: anything but a place and a distance does. Else there are shelves."""
        return self.page > 1 or self.but(near="", within_miles=None) != SearchRequest()

    @property
    def has_filters(self) -> bool:
        return self.but(near="", sort=None) != SearchRequest()

    @property
    def folded_count(self) -> int:
        """How many choices were made among the filters that a page folds away."""
        several = len(self.layers) + len(self.skills) + len(self.times)
        way = self.journey and not self.box
        return several + sum(map(bool, (self.is_free, self.age is not None, self.days, self.sort, way)))

    def without_filters(self) -> "SearchRequest":
        """The same place, with nothing else asked."""
        return SearchRequest(near=self.near)


def _writable(args: MultiDict[str, str]) -> MultiDict[str, str]:
    """The values with spaces for the characters that must not stand in a page, and NUL in no query either."""
    return MultiDict((name, _UNWRITABLE.sub(" ", value)) for name, value in args.items(multi=True))


def _in_order(words: type[Word], chosen: frozenset[Word]) -> list[str]:
    return [word.value for word in words if word in chosen]


def _distance(miles: float | None) -> str:
    if miles is None:
        return ""
    return ANY_DISTANCE if isinf(miles) else f"{miles:g}"


def words_among(words: type[Word], values: list[str], problems: list[str]) -> frozenset[Word]:
    """Those of some fixed words that values are, with a sentence in `problems` for each that is none."""
    known = {word.value for word in words}
    for value in dict.fromkeys(values):
        if value and value not in known:
            problems.append(_unknown(value))
    return frozenset(words(value) for value in values if value in known)


def _unknown(value: str) -> str:
    return gettext("We do not know “%(value)s”, so it was left out.", value=value[:40])


def _typed_words(value: str, problems: list[str]) -> str:
    words = " ".join(value.split())
    if len(words) > MAX_WORDS_LENGTH:
        problems.append(gettext("That is a lot of words. We searched for the first few of them."))
        return words[:MAX_WORDS_LENGTH].rsplit(" ", 1)[0]
    return words


def slugs(values: list[str], problems: list[str]) -> frozenset[str]:
    """Slugs of skills as they may be; whether there is such a skill is for the catalogue to say."""
    given = dict.fromkeys(value for value in values if value)
    for slug in given:
        if not _is_slug(slug):
            problems.append(_unknown(slug))
    good = [slug for slug in given if _is_slug(slug)]
    if len(good) > MAX_SKILLS:
        problems.append(gettext("We used the first %(most)s skills.", most=MAX_SKILLS))
    return frozenset(good[:MAX_SKILLS])


def _is_slug(value: str) -> bool:
    return len(value) <= 80 and value.isascii() and value.replace("-", "").isalnum() and value == value.lower()


def _flag(value: str, problems: list[str]) -> bool:
    if value not in ("", "0", "1"):
        problems.append(_unknown(value))
    return value == "1"


def _age(value: str, problems: list[str]) -> int | None:
    if not value.strip():
        return None
    if _WHOLE.fullmatch(value.strip()) and int(value) <= MAX_AGE:
        return int(value)
    problems.append(
        gettext("“%(value)s” is not an age we can use, so it was left out. Try a number, such as 16.", value=value[:40])
    )
    return None


def _days(args: MultiDict[str, str], problems: list[str]) -> Soon | Dates | None:
    """`when`; or `from` and `to`, which a form sends, where `when` is `dates` or is not given."""
    value = args.get("when", OWN_DATES).strip()
    if value == OWN_DATES:
        first, last = args.get("from", "").strip(), args.get("to", "").strip()
        if not first and not last:
            return None
        today = datetime.now(UK_TIME).date()
        # From a day on, or up to one, as people mean it who fill in only one.
        value = f"{first or today}{days.SEPARATOR}{last or _long_after(first)}"
    if not value:
        return None
    try:
        return days.parse(value)
    except days.Backwards:
        problems.append(gettext("The last day is before the first, so the days were left out."))
    except ValueError:
        problems.append(gettext("“%(value)s” is not a day we can use, so it was left out.", value=value[:40]))
    return None


def _long_after(day: str) -> str:
    try:
        return str(date.fromisoformat(day) + days.LONGEST)
    except (ValueError, OverflowError):
        return day


def _miles(value: str, problems: list[str]) -> float | None:
    if not value.strip():
        return None
    if value == ANY_DISTANCE:
        return inf
    miles = round(float(value), 2) if _NUMBER.fullmatch(value.strip()) else 0.0
    if 0 < miles <= MAX_MILES:
        return miles
    problems.append(
        gettext(
            "“%(value)s” is not a distance we can use, so it was left out. Try a number of miles, such as 5.",
            value=value[:40],
        )
    )
    return None


def _box(value: str, problems: list[str]) -> Box | None:
    if not value.strip():
        return None
    try:
        return boxes.parse(value)
    except ValueError:
        problems.append(
            gettext("“%(value)s” is not a part of the map that we can use, so it was left out.", value=value[:40])
        )
        return None


def _journey(minutes: str, by: str, problems: list[str]) -> Journey | None:
    """`by` alone asks for nothing: a form sends it with or without a time."""
    if by and by not in ESTIMATED:
        problems.append(
            gettext("We cannot tell how long it takes by “%(value)s”. We can on foot or by bike.", value=by[:40])
        )
        by = ""
    if not minutes.strip():
        return None
    if minutes.strip() in map(str, CHOICES_MINUTES):
        return Journey(int(minutes), Mode(by or Mode.FOOT))
    problems.append(
        gettext(
            "“%(value)s” is not a number of minutes we can use, so it was left out. We can use 15, 30, 45 or 60.",
            value=minutes[:40],
        )
    )
    return None


def _sort(value: str, problems: list[str]) -> Sort | None:
    if not value:
        return None
    if value in set(Sort):
        return Sort(value)
    problems.append(gettext("We cannot sort by “%(value)s”. We can by distance, soonest or newest.", value=value[:40]))
    return None


def _page(value: str, problems: list[str]) -> int:
    if not value.strip():
        return 1
    page = int(value) if _WHOLE.fullmatch(value.strip()) else 0
    if 1 <= page <= MAX_PAGE:
        return page
    problems.append(
        gettext(
            "There is no page “%(value)s”, so this is the first. Pages go from 1 to %(last)s.",
            value=value[:40],
            last=MAX_PAGE,
        )
    )
    return 1


def _through(value: str, page: int) -> int:
    """The last page to show with `page`. Our own script writes it: what cannot be is not worth a sentence."""
    last = int(value) if _WHOLE.fullmatch(value) else page
    return min(max(page, last), page + MAX_PAGES_AT_ONCE - 1, MAX_PAGE)
