"""What a sample file in `seeds/` may say: the shapes that every YAML file is checked against."""

from collections.abc import Mapping, Sequence
from datetime import time
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, HttpUrl, Tag, model_validator

from catalogue.origins import origin
from catalogue.pathway_models import MAX_STEPS
from catalogue.slugs import slug_of
from catalogue.words import DestinationKind, Kind, Layer, Reach

SLUG_LENGTH = 80
Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=SLUG_LENGTH)]
Title = Annotated[str, Field(min_length=3, max_length=80)]
Summary = Annotated[str, Field(min_length=20, max_length=180)]
Text = Annotated[str, Field(min_length=20, max_length=2000)]
Key = Annotated[str, Field(min_length=1, max_length=300)]
Origin = Annotated[str, AfterValidator(origin)]
Pence = Annotated[int, Field(ge=0, le=1_000_000)]


class Record(BaseModel):
    """A sample record: unknown keys are errors, so that a misspelt one is never lost."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Weekday(StrEnum):
    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


class SkillRecord(Record):
    slug: Slug
    name: Title
    framework: str = "Doorstep samples"
    identifier: str


class ProviderRecord(Record):
    slug: Slug
    name: Title
    summary: Summary
    url: HttpUrl
    origins: list[Origin] = []


class VenueRecord(Record):
    """A real public address. Coordinates are WGS 84 degrees."""

    slug: Slug
    name: Title
    address: str
    town: str
    postcode: Annotated[str, Field(pattern=r"^[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}$")]
    latitude: Annotated[float, Field(ge=49, le=61)]
    longitude: Annotated[float, Field(ge=-9, le=2)]


class Dates(Record):
    """A run of sessions, as offsets from the day of seeding, in Europe/London.

    The first is on the first `weekday` that is at least `from_days` days after
    that day; `times` sessions follow one another every `every_days` days.
    """

    from_days: Annotated[int, Field(ge=1, le=365)]
    weekday: Weekday
    at: time
    hours: Annotated[float, Field(gt=0, le=24)]
    times: Annotated[int, Field(ge=1, le=60)] = 1
    every_days: Annotated[int, Field(ge=1, le=60)] = 7


class OpportunityRecord(Record):
    slug: Slug
    title: Title
    summary: Summary
    description: Text
    provider: Slug
    kind: Kind
    layer: Layer
    reach: Reach = Reach.VENUE
    region: str | None = None
    venues: list[Slug] = []
    skills: list[Slug] = []
    cost_pence: Pence | None = None
    cost_note: Annotated[str, Field(max_length=120)] | None = None
    age_min: Annotated[int, Field(ge=0, le=120)] | None = None
    age_max: Annotated[int, Field(ge=0, le=120)] | None = None
    level: Annotated[str, Field(max_length=40)] | None = None
    time_needed: Annotated[str, Field(max_length=60)] | None = None
    how_to_apply: Annotated[str, Field(max_length=300)]
    accessibility: Annotated[str, Field(min_length=20, max_length=300)] | None = None
    badges: list[Slug] = []
    url: HttpUrl
    dates: list[Dates] = []
    closes_in_days: Annotated[int, Field(ge=3, le=365)] | None = None

    @model_validator(mode="after")
    def place_fits_reach(self) -> Self:
        if (self.reach is Reach.VENUE) != bool(self.venues):
            raise ValueError("an opportunity with reach 'venue' names venues, and no other does")
        if (self.reach is Reach.REGION) != bool(self.region):
            raise ValueError("an opportunity with reach 'region' names its region, and no other does")
        if self.age_min is not None and self.age_max is not None and self.age_min > self.age_max:
            raise ValueError("age_min is above age_max")
        return self


class TownFile(Record):
    """`seeds/towns/<slug>.yaml`: one town with its providers, venues and opportunities."""

    slug: Slug
    name: Title
    providers: Annotated[list[ProviderRecord], Field(min_length=3)]
    venues: Annotated[list[VenueRecord], Field(min_length=5)]
    opportunities: Annotated[list[OpportunityRecord], Field(min_length=20)]


class BadgeRecord(Record):
    slug: Slug
    name: Title
    summary: Summary
    criteria: Text
    provider: Slug
    layer: Layer
    type: Annotated[str, Field(max_length=40)]
    level: Annotated[str, Field(max_length=40)] | None = None
    time_needed: Annotated[str, Field(max_length=60)] | None = None
    cost_pence: Pence | None = None
    skills: list[Slug] = []


class OptionRecord(Record):
    """One way to do a step: a badge, a named opportunity, or a rule.

    A rule is the conjunction of what it names. `kind: [workshop, course]` is
    short for two rules, one a kind. An opportunity is named by its key, in the
    samples without the prefix that all theirs have.
    """

    badge: Slug | None = None
    opportunity: Key | None = None
    kind: list[Kind] = []
    layer: Layer | None = None
    skill: Slug | None = None
    provider: Slug | None = None

    @model_validator(mode="after")
    def one_of_three(self) -> Self:
        rule = bool(self.kind or self.layer or self.skill or self.provider)
        if sum((self.badge is not None, self.opportunity is not None, rule)) != 1:
            raise ValueError("an option is a badge, an opportunity or a rule: exactly one of them")
        return self


class StepRecord(Record):
    """`slug` names the step for good: progress hangs on it. By default it is made from the title."""

    slug: Slug | None = None
    title: Title
    asks_for: Summary
    layer: Layer
    optional: bool = False
    options: Annotated[list[OptionRecord], Field(min_length=1, max_length=10)]


class GroupRecord(Record):
    """Steps of which any `any` will do."""

    any: Annotated[int, Field(ge=1)]
    of: Annotated[list[StepRecord], Field(min_length=2, max_length=12)]

    @model_validator(mode="after")
    def fewer_than_all(self) -> Self:
        if problem := problem_of_group(self.any, len(self.of)):
            raise ValueError(problem)
        if any(step.optional for step in self.of):
            raise ValueError("a step of a group cannot be optional as well")
        return self


def problem_of_group(needed: int, count: int) -> str | None:
    """Why not so many of so many steps can be asked for, if not."""
    return f"any {needed} of {count} steps leaves no choice" if needed >= count else None


def step_slug(title: str) -> str:
    """What a step is called within its pathway, unless its record says."""
    return slug_of(title)[:SLUG_LENGTH]


def problem_of_steps(slugs: Sequence[str]) -> str | None:
    """What is wrong with the steps of a pathway, by what they are called, if anything."""
    if not 2 <= len(slugs) <= MAX_STEPS:
        return f"a pathway has 2 to {MAX_STEPS} steps, not {len(slugs)}"
    if twice := sorted({slug for slug in slugs if slugs.count(slug) > 1}):
        return f"two steps are called {twice[0]!r}: give one of them a slug of its own"
    if "" in slugs:
        return "the title of a step has no letters from a to z: give it a slug of its own"
    return None


def _shape(value: Any) -> str:
    """Which of the two an entry of `steps` means to be, so that a mistake in it is one message."""
    is_group = isinstance(value, GroupRecord) or (isinstance(value, Mapping) and bool({"any", "of"} & set(value)))
    return "a group" if is_group else "a step"


StepOrGroup = Annotated[
    Annotated[StepRecord, Tag("a step")] | Annotated[GroupRecord, Tag("a group")], Discriminator(_shape)
]


class PathwayRecord(Record):
    """`leads_on` are slugs of pathways. `destination_skill` is what the destination is looked up by."""

    slug: Slug
    title: Title
    summary: Summary
    description: Text
    provider: Slug
    destination_kind: DestinationKind
    destination: Title
    destination_skill: Slug | None = None
    leads_on: Annotated[list[Slug], Field(max_length=12)] = []
    steps: Annotated[list[StepOrGroup], Field(min_length=1, max_length=12)]

    @property
    def all_steps(self) -> list[tuple[StepRecord, int | None]]:
        """The steps in order, each with the number of its group if it is in one."""
        found: list[tuple[StepRecord, int | None]] = []
        for each in self.steps:
            if isinstance(each, GroupRecord):
                number = 1 + max((group for _, group in found if group), default=0)
                found += [(step, number) for step in each.of]
            else:
                found.append((each, None))
        return found

    @property
    def groups(self) -> list[GroupRecord]:
        return [each for each in self.steps if isinstance(each, GroupRecord)]

    @property
    def step_slugs(self) -> list[str]:
        """What the steps are called, in order."""
        return [step.slug or step_slug(step.title) for step, _ in self.all_steps]

    @model_validator(mode="after")
    def two_to_twelve_steps(self) -> Self:
        if problem := problem_of_steps(self.step_slugs):
            raise ValueError(problem)
        if self.destination_kind is DestinationKind.WORDS and self.destination_skill:
            raise ValueError("a destination in words is not looked up by a skill")
        return self


class SharedFile(Record):
    """`seeds/shared.yaml`: skills, providers that are in no one town, and what has no place."""

    skills: list[SkillRecord]
    providers: list[ProviderRecord]
    opportunities: list[OpportunityRecord]


class PathwayFile(Record):
    """`seeds/pathways.yaml`, and what `flask pathways import` takes: pathways, and badges that they use."""

    badges: list[BadgeRecord] = []
    pathways: Annotated[list[PathwayRecord], Field(min_length=1)]
