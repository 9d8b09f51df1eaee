"""Loading the sample towns, providers, opportunities and pathways of `seeds/` into the catalogue.

What was loaded before is updated in place, by slug or key, so that ids and
links stay as they are; what is no longer in the files is removed. Dates count
from the day of loading.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from catalogue import derived, embed_queries
from catalogue.geometry import point
from catalogue.models import Badge, Occurrence, Opportunity, Provider, Skill, Venue
from catalogue.pathway_models import Pathway, Step, StepOption
from catalogue.sample_records import (
    BadgeRecord,
    Dates,
    OpportunityRecord,
    OptionRecord,
    PathwayFile,
    PathwayRecord,
    ProviderRecord,
    SharedFile,
    TownFile,
    VenueRecord,
    Weekday,
)
from catalogue.words import Kind, OptionKind
from database.session import refresh_statistics
from settings import UK_TIME

SEEDS = Path(__file__).parent.parent / "seeds"
KEY_PREFIX = "sample:"
File = TypeVar("File", bound=BaseModel)
Named = TypeVar("Named")
Sitting = tuple[datetime, datetime]


class BadSeed(Exception):
    """A sample file cannot be read, or names what does not exist. The message says which and where."""


@dataclass
class Samples:
    """All sample files, read and checked."""

    shared: SharedFile
    towns: list[TownFile]
    pathways: PathwayFile

    @property
    def providers(self) -> list[ProviderRecord]:
        return self.shared.providers + [provider for town in self.towns for provider in town.providers]

    @property
    def venues(self) -> list[VenueRecord]:
        return [venue for town in self.towns for venue in town.venues]

    @property
    def opportunities(self) -> list[OpportunityRecord]:
        return self.shared.opportunities + [each for town in self.towns for each in town.opportunities]


def read(folder: Path = SEEDS) -> Samples:
    """Read and check every file of a folder laid out as `seeds/` is.

    Raises:
        BadSeed: a file is missing, is not YAML, or does not have the shape of `catalogue.sample_records`.
    """
    return Samples(
        _read(folder / "shared.yaml", SharedFile),
        [_read(path, TownFile) for path in sorted((folder / "towns").glob("*.yaml"))],
        _read(folder / "pathways.yaml", PathwayFile),
    )


def _read(path: Path, shape: type[File]) -> File:
    try:
        return shape.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError, ValidationError) as error:
        raise BadSeed(f"{path}: {error}") from error


def load(session: Session, samples: Samples, today: date) -> int:
    """Bring the catalogue's samples to what the files say, as of a day. The caller commits.

    Returns:
        How many sample opportunities there are now.

    Raises:
        BadSeed: a record names a provider, venue, skill, badge or opportunity that is in no file.
    """
    loader = _Loader(session, today)
    loader.load(samples)
    derived.index(session, [row.id for row in loader.opportunities.values()])
    refresh_statistics(session)
    return len(samples.opportunities)


Row = TypeVar("Row", Provider, Venue, Skill, Opportunity, Badge, Pathway)


class _Loader:
    """Holds what has been loaded so far, by slug, for the records that name it."""

    def __init__(self, session: Session, today: date) -> None:
        self.session = session
        self.today = today
        self.providers: dict[str, Provider] = {}
        self.venues: dict[str, Venue] = {}
        self.skills: dict[str, Skill] = {}
        self.opportunities: dict[str, Opportunity] = {}
        self.badges: dict[str, Badge] = {}

    def load(self, samples: Samples) -> None:
        for skill in samples.shared.skills:
            self.skills[skill.slug] = self._upsert(Skill, skill.slug, **skill.model_dump(exclude={"slug"}))
        for provider in samples.providers:
            self.providers[provider.slug] = self._provider(provider)
        for venue in samples.venues:
            self.venues[venue.slug] = self._upsert(
                Venue,
                venue.slug,
                **venue.model_dump(exclude={"slug", "latitude", "longitude"}),
                location=point(venue.latitude, venue.longitude),
            )
        for badge in samples.pathways.badges:
            self.badges[badge.slug] = self._badge(badge)
        for opportunity in samples.opportunities:
            self.opportunities[opportunity.slug] = self._opportunity(opportunity)
        for pathway in samples.pathways.pathways:
            self._pathway(pathway)
        self.session.flush()
        self._remove_what_is_gone(samples)

    def _upsert(self, model: type[Row], slug: str, **values: Any) -> Row:
        """The row with this slug, made if it is missing, with the values set."""
        row = self.session.scalar(select(model).where(model.slug == slug)) or model(slug=slug)
        for name, value in values.items():
            setattr(row, name, value)
        self.session.add(row)
        return row

    def _provider(self, record: ProviderRecord) -> Provider:
        row = self._upsert(
            Provider, record.slug, name=record.name, summary=record.summary, url=str(record.url), is_sample=True
        )
        if row.id is None:
            # Only at first: what an operator tries out with `flask providers` stays when samples are loaded again.
            self.session.flush()
            embed_queries.keep_only(self.session, row, record.origins)
        return row

    def _opportunity(self, record: OpportunityRecord) -> Opportunity:
        key = KEY_PREFIX + record.slug
        row = self.session.scalar(select(Opportunity).where(Opportunity.key == key)) or Opportunity(key=key)
        copied = record.model_dump(exclude={"provider", "venues", "skills", "badges", "url", "dates", "closes_in_days"})
        for name, value in copied.items():
            setattr(row, name, value)
        row.url = str(record.url)
        row.checked_at = datetime.now(UTC)
        row.badges = [_named(self.badges, slug, record.slug) for slug in record.badges]
        row.provider = _named(self.providers, record.provider, record.slug)
        row.venues = [_named(self.venues, slug, record.slug) for slug in record.venues]
        row.skills = [_named(self.skills, slug, record.slug) for slug in record.skills]
        sittings = [sitting for dates in record.dates for sitting in sittings_of(dates, self.today)]
        kept = {occurrence.starts_at: occurrence for occurrence in row.occurrences}
        row.occurrences = [
            kept.get(starts_at) or Occurrence(starts_at=starts_at, ends_at=ends_at) for starts_at, ends_at in sittings
        ]
        row.ends_at = self._last_moment(record, sittings)
        self.session.add(row)
        return row

    def _last_moment(self, record: OpportunityRecord, sittings: list[Sitting]) -> datetime | None:
        moments = [max(ends_at for _, ends_at in sittings)] if sittings else []
        if record.closes_in_days is not None:
            closing_day = self.today + timedelta(days=record.closes_in_days)
            moments.append(datetime.combine(closing_day, time(23, 59, 59), UK_TIME))
        return min(moments, default=None)

    def _badge(self, record: BadgeRecord) -> Badge:
        return self._upsert(
            Badge,
            record.slug,
            **record.model_dump(exclude={"slug", "provider", "skills"}),
            provider=_named(self.providers, record.provider, record.slug),
            skills=[_named(self.skills, slug, record.slug) for slug in record.skills],
        )

    def _pathway(self, record: PathwayRecord) -> None:
        row = self._upsert(
            Pathway,
            record.slug,
            **record.model_dump(exclude={"slug", "provider", "steps"}),
            provider=_named(self.providers, record.provider, record.slug),
        )
        # A step keeps its row, for people's progress will hang on it.
        steps = {step.position: step for step in row.steps}
        row.steps = [steps.get(position) or Step(position=position) for position in range(1, len(record.steps) + 1)]
        for step, wanted in zip(row.steps, record.steps, strict=True):
            step.title, step.asks_for, step.layer = wanted.title, wanted.asks_for, wanted.layer
            step.is_optional = wanted.optional
            step.options = []
        self.session.flush()  # the old options go before the new ones take their positions
        for step, wanted in zip(row.steps, record.steps, strict=True):
            options = [option for each in wanted.options for option in self._options(each, record.slug)]
            for position, option in enumerate(options, start=1):
                option.position = position
            step.options = options

    def _options(self, record: OptionRecord, where: str) -> list[StepOption]:
        """One option, or for a rule with several kinds one a kind."""
        if record.badge:
            return [StepOption(option_kind=OptionKind.BADGE, badge=_named(self.badges, record.badge, where))]
        if record.opportunity:
            named = _named(self.opportunities, record.opportunity, where)
            return [StepOption(option_kind=OptionKind.OPPORTUNITY, opportunity=named)]
        kinds: list[Kind | None] = [*record.kind] or [None]
        return [
            StepOption(
                option_kind=OptionKind.RULE,
                rule_kind=kind,
                rule_layer=record.layer,
                rule_skill=_named(self.skills, record.skill, where) if record.skill else None,
                rule_provider=_named(self.providers, record.provider, where) if record.provider else None,
            )
            for kind in kinds
        ]

    def _remove_what_is_gone(self, samples: Samples) -> None:
        samples_only = Opportunity.key.startswith(KEY_PREFIX)
        keys = [KEY_PREFIX + opportunity.slug for opportunity in samples.opportunities]
        self.session.execute(delete(Opportunity).where(samples_only, Opportunity.key.not_in(keys)))
        # With a provider go its badges and pathways.
        slugs = [provider.slug for provider in samples.providers]
        self.session.execute(delete(Provider).where(Provider.is_sample, Provider.slug.not_in(slugs)))


def _named(rows: dict[str, Named], slug: str, where: str) -> Named:
    try:
        return rows[slug]
    except KeyError:
        raise BadSeed(f"{where} names {slug!r}, which is in no file") from None


def sittings_of(dates: Dates, today: date) -> list[Sitting]:
    """The (start, end) moments of a run of sessions, counted from a day, in Europe/London."""
    earliest = today + timedelta(days=dates.from_days)
    ahead = (list(Weekday).index(dates.weekday) - earliest.weekday()) % 7
    first = datetime.combine(earliest + timedelta(days=ahead), dates.at, UK_TIME)
    starts = [first + timedelta(days=number * dates.every_days) for number in range(dates.times)]
    # By way of UTC, for a wall clock may jump in between.
    return [(start.astimezone(UTC), start.astimezone(UTC) + timedelta(hours=dates.hours)) for start in starts]
