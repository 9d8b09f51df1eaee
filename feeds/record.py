"""What every feed becomes: one record an opportunity, whatever the format.

A format reads its source's words and fills these in; it leaves out what the source does not say and invents
nothing. `feeds.clean` checks and shortens them, `feeds.store` writes them.
"""

from dataclasses import dataclass
from datetime import datetime

from catalogue.words import Kind, Layer, Reach


class Refused(ValueError):
    """An item cannot become an opportunity. The message is one sentence for whoever runs the source."""


class CalledOff(Refused):
    """An item says that it does not take place, or not for everybody: what is stored of it goes.

    Of an item that is refused for another reason the last good state stays.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderRecord:
    """Who offers it, by the name that people know."""

    name: str
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueRecord:
    """Where it is. Coordinates are WGS 84 degrees as the source has them, absurd ones too: the gazetteer judges."""

    name: str = ""
    address: str = ""
    town: str = ""
    postcode: str = ""
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillRecord:
    """What one learns, with the framework that names it and its identifier there."""

    name: str
    framework: str
    identifier: str


@dataclass(frozen=True, slots=True)
class Sitting:
    """From when to when, both moments with their zone."""

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OpportunityRecord:
    """One thing a person can do, as its source describes it.

    Texts may hold markup, which is reduced to plain text later. `reach` is where it
    is: at `venues`, online, anywhere in the country, in `region`, or not said.
    `sittings` are those that the source lists, past ones too. `closes_at` is the last
    moment to apply; none means that only the sittings end it, or nothing does.
    `cost_pence` is in GBP, none where it is not said; `is_full` that no place is left.
    """

    title: str
    kind: Kind
    layer: Layer
    provider: ProviderRecord
    reach: Reach = Reach.VENUE
    region: str | None = None
    summary: str = ""
    description: str = ""
    venues: tuple[VenueRecord, ...] = ()
    sittings: tuple[Sitting, ...] = ()
    closes_at: datetime | None = None
    cost_pence: int | None = None
    cost_note: str | None = None
    age_min: int | None = None
    age_max: int | None = None
    level: str | None = None
    time_needed: str | None = None
    how_to_apply: str | None = None
    url: str | None = None
    accessibility: str | None = None
    is_full: bool = False
    skills: tuple[SkillRecord, ...] = ()
