"""Rows of synthetic opportunities, a batch at a time, as `database.bulk` takes them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from catalogue.models import time_of_week
from catalogue.synthetic_chance import Weighted, heavy_tailed, one_of
from catalogue.synthetic_words import (
    ACCESS,
    ADJECTIVES,
    APPLY,
    CLOSERS,
    COURSE_LEVELS,
    DETAILS,
    KINDS,
    LAYERS,
    LEVELS,
    NAMES,
    OPENERS,
    REGIONS,
    THEMES,
    TIME_NEEDED,
    Habits,
    name,
)
from catalogue.words import Kind, Reach
from database.bulk import Values
from settings import UK_TIME

KEY_PREFIX = "synthetic:"
ADDRESS = "https://synthetic.example/"  # a name that is kept free for examples: RFC 2606
OPPORTUNITY = (
    "id", "key", "slug", "provider_id", "title", "summary", "description", "kind", "layer", "reach", "region",
    "cost_pence", "cost_note", "age_min", "age_max", "level", "time_needed", "how_to_apply", "url", "accessibility",
    "added_at", "checked_at", "ends_at",
)  # fmt: skip
OCCURRENCE = ("opportunity_id", "starts_at", "ends_at", "time_of_week")

PLACELESS = 0.02  # of the kinds that are not online by themselves
SECOND_VENUE = 0.03
ENDED = 0.04  # of those that end at all
CLOSES_EARLY = 0.15  # of those with sittings
BADGE = 0.15  # of those with a skill that a badge shows
FURTHER_SKILLS = ((0, 1, 2), (4, 4, 2))
SAME_THEME = 0.75
START_MINUTES = (570, 600, 600, 630, 660, 780, 810, 840, 930, 1050, 1080, 1110, 1140)
PRICES_PENCE = (200, 300, 500, 500, 800, 1000, 1200, 1500, 2500, 4000, 6500, 9900, 15000, 29500)
AGES = ((None, None), (None, None), (16, None), (18, None), (16, 24), (11, 18), (14, 19), (5, 11), (0, 4), (60, None))
ADULT_AGES = ((16, None), (16, None), (18, None), (16, 24))
PAID = (Kind.APPRENTICESHIP, Kind.JOB)

Sitting = tuple[str, str, str]
"""When it starts and ends, as the database keeps moments, and its time of the week."""


@dataclass
class Batch:
    """Rows by table."""

    opportunity: list[Values] = field(default_factory=list)
    opportunity_venue: list[Values] = field(default_factory=list)
    opportunity_skill: list[Values] = field(default_factory=list)
    opportunity_badge: list[Values] = field(default_factory=list)
    occurrence: list[Values] = field(default_factory=list)


@dataclass(frozen=True)
class Base:
    """What opportunities hang on: ids in the database.

    `venues` gives the town of each venue and the providers that are at home there;
    `badges` those that show a skill, by the skill's id.
    """

    first_id: int
    first_provider: int
    providers: int
    first_venue: int
    venues: Sequence[tuple[str, tuple[int, ...]]]
    skills: Mapping[str, int]
    badges: Mapping[int, Sequence[int]]


class Calendar:
    """Moments counted from a day in the UK, as the database keeps them."""

    def __init__(self, today: date) -> None:
        self._today = today
        self._known: dict[tuple[int, int, float], Sitting] = {}

    def sitting(self, day: int, minute: int, hours: float) -> Sitting:
        """What starts some days after today, or before it, at a minute of the UK's day."""
        found = self._known.get((day, minute, hours))
        if found is None:
            clock = time(minute // 60, minute % 60)
            # By way of UTC, for a wall clock may jump in between.
            start = datetime.combine(self._today + timedelta(days=day), clock, UK_TIME).astimezone(UTC)
            found = self._known[day, minute, hours] = (
                _kept(start),
                _kept(start + timedelta(hours=hours)),
                time_of_week(start).value,
            )
        return found

    def moment(self, day: int, minute: int = 23 * 60 + 59) -> str:
        return self.sitting(day, minute, 1)[0]


def _kept(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}.000000"


class Maker:
    """Makes opportunities by their numbers, in order: each takes up chance where the one before left it."""

    def __init__(self, random: Random, today: date, base: Base) -> None:
        self._base = base
        self._random = random.random
        self._calendar = Calendar(today)
        self._kind = Weighted(random, list(KINDS), [habits.share for habits in KINDS.values()])
        self._layer = {kind: Weighted(random, LAYERS, habits.layers) for kind, habits in KINDS.items()}
        self._venue = heavy_tailed(random, len(base.venues))
        self._provider = heavy_tailed(random, base.providers)
        self._skills = Skills(random, base.skills)
        self._words = Words(random)
        self._reach_of_online = Weighted(random, (Reach.ONLINE, Reach.NATIONAL), (9, 1))
        self._placeless_reach = Weighted(random, (Reach.ONLINE, Reach.NATIONAL, Reach.REGION), (4, 3, 3))
        self._minute = one_of(random, START_MINUTES)
        self._times = {kind: one_of(random, habits.times) for kind, habits in KINDS.items()}
        self._hours = {kind: one_of(random, habits.hours) for kind, habits in KINDS.items()}
        self._region = one_of(random, REGIONS)
        self._price = one_of(random, PRICES_PENCE)
        self._ages = one_of(random, AGES)
        self._adult_ages = one_of(random, ADULT_AGES)
        self._level = one_of(random, COURSE_LEVELS)
        self._time_needed = one_of(random, TIME_NEEDED)
        self._apply = one_of(random, APPLY)
        self._access = one_of(random, ACCESS)

    def batch(self, numbers: range) -> Batch:
        """The opportunities of some numbers, which follow on those made before."""
        made = Batch()
        for number in numbers:
            self._add(made, number)
        return made

    def _add(self, made: Batch, number: int) -> None:
        own_id = self._base.first_id + number
        kind = self._kind()
        reach = self._reach(kind)
        provider, town = self._where(made, own_id, reach)
        skills, topic = self._skills(kind)
        made.opportunity_skill.extend((own_id, skill) for skill in skills)
        badges = self._base.badges.get(skills[0])
        if badges and self._random() < BADGE:
            made.opportunity_badge.append((own_id, badges[int(self._random() * len(badges))]))
        sittings, ends_at = self._dates(kind)
        made.occurrence.extend((own_id, *sitting) for sitting in sittings)
        cost_pence, cost_note = self._cost(kind)
        age_min, age_max = self._adult_ages() if kind in PAID else self._ages()
        made.opportunity.append(
            (
                own_id,
                f"{KEY_PREFIX}{number:07}",
                f"synthetic-{number}",
                provider,
                self._words.title(kind, topic, town),
                self._words.summary(topic, town),
                self._words.description(),
                kind.value,
                self._layer[kind]().value,
                reach.value,
                self._region() if reach is Reach.REGION else None,
                cost_pence,
                cost_note,
                age_min,
                age_max,
                self._level() if kind is Kind.COURSE else None,
                self._time_needed(),
                self._apply(),
                f"{ADDRESS}{number}",
                self._access() if self._random() < 0.5 else None,
                self._calendar.moment(-1 - int(365 * self._random()), 720),
                self._calendar.moment(-1 - int(7 * self._random()), 180),
                ends_at,
            )
        )

    def _reach(self, kind: Kind) -> Reach:
        if kind is Kind.ONLINE:
            return self._reach_of_online()
        return self._placeless_reach() if self._random() < PLACELESS else Reach.VENUE

    def _where(self, made: Batch, own_id: int, reach: Reach) -> tuple[int, str]:
        """The provider's id and the town, having noted the venues."""
        base = self._base
        if reach is not Reach.VENUE:
            return base.first_provider + self._provider(), ""
        venue = self._venue()
        made.opportunity_venue.append((own_id, base.first_venue + venue))
        if self._random() < SECOND_VENUE and (other := self._venue()) != venue:
            made.opportunity_venue.append((own_id, base.first_venue + other))
        town, at_home = base.venues[venue]
        return base.first_provider + at_home[int(self._random() * len(at_home))], town

    def _dates(self, kind: Kind) -> tuple[list[Sitting], str | None]:
        """The sittings, and the last moment at which one can join."""
        habits = KINDS[kind]
        has_ended = self._random() < ENDED
        ago, ahead = 1 + int(60 * self._random()), 1 + int(150 * self._random() ** 2)
        if self._random() < habits.dated:
            sittings = self._sittings(kind, habits, ago if has_ended else None, ahead)
            if not has_ended and self._random() < CLOSES_EARLY:
                return sittings, self._calendar.moment(1 + int(self._random() * ahead) if ahead > 1 else 1, 0)
            return sittings, sittings[-1][1]
        if self._random() < habits.closing:
            return [], self._calendar.moment(-ago if has_ended else 1 + ahead)
        return [], None

    def _sittings(self, kind: Kind, habits: Habits, ended_ago: int | None, ahead: int) -> list[Sitting]:
        times, minute, hours = self._times[kind](), self._minute(), self._hours[kind]()
        first = ahead if ended_ago is None else -ended_ago - (times - 1) * habits.every_days
        return [self._calendar.sitting(first + each * habits.every_days, minute, float(hours)) for each in range(times)]

    def _cost(self, kind: Kind) -> tuple[int | None, str | None]:
        if kind in PAID:
            return None, f"Paid, £{12 + int(8 * self._random())} an hour"
        chance = self._random()
        if chance < 0.55:
            return 0, None
        return (None, None) if chance < 0.65 else (self._price(), None)


class Skills:
    """Draws one to three skills that go with a kind, and a subject of the first."""

    def __init__(self, random: Random, ids: Mapping[str, int]) -> None:
        self._random = random.random
        self._further = Weighted(random, *FURTHER_SKILLS)
        themes = [[slug for slug in subjects if slug in ids] for subjects in THEMES.values()]
        self._of_kind = {kind: self._draw(random, themes, habits) for kind, habits in KINDS.items()}
        self._of_theme = {
            slug: Weighted(random, theme, [1 / (1 + rank) for rank in range(len(theme))])
            for theme in themes
            for slug in theme
        }
        self._ids = ids
        self._subjects = {
            slug: one_of(random, subjects) for theme in THEMES.values() for slug, subjects in theme.items()
        }

    @staticmethod
    def _draw(random: Random, themes: list[list[str]], habits: Habits) -> Weighted[str]:
        """Within a theme the frequency of a skill falls with its rank, as Zipf has it."""
        slugs = [slug for theme in themes for slug in theme]
        weights = [
            weight / (1 + rank)
            for theme, weight in zip(themes, habits.themes, strict=True)
            for rank in range(len(theme))
        ]
        return Weighted(random, slugs, weights)

    def __call__(self, kind: Kind) -> tuple[list[int], str]:
        first = self._of_kind[kind]()
        chosen = {first: None}
        for _ in range(self._further()):
            draw = self._of_theme[first] if self._random() < SAME_THEME else self._of_kind[kind]
            chosen[draw()] = None
        return [self._ids[slug] for slug in chosen], self._subjects[first]()


class Words:
    """Composes titles, summaries and descriptions out of common words and rare names."""

    def __init__(self, random: Random) -> None:
        self._name = heavy_tailed(random, NAMES, flattened=20, exponent=0.9)
        self._titles = {kind: one_of(random, habits.titles) for kind, habits in KINDS.items()}
        self._opener = one_of(random, OPENERS)
        self._closer = one_of(random, CLOSERS)
        self._detail = one_of(random, DETAILS[1:])
        self._adjective = one_of(random, ADJECTIVES)
        self._level = one_of(random, LEVELS)

    def title(self, kind: Kind, topic: str, town: str) -> str:
        return self._titles[kind]().format(
            topic=topic,
            Topic=topic[0].upper() + topic[1:],
            town=town or "your area",
            name=name(self._name()),
            adjective=self._adjective(),
            level=self._level(),
        )

    def summary(self, topic: str, town: str) -> str:
        sentences = f"{self._opener()} {self._closer()}"
        return sentences.format(topic=topic, town=town or "your area", name=name(self._name()))

    def description(self) -> str:
        return f"{DETAILS[0]}\n\n{self._detail()}"
