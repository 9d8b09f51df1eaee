"""What opportunities hang on: their providers, venues and skills, found by what they are called, or made."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from catalogue.geometry import point
from catalogue.models import Provider, Skill, Venue
from catalogue.slugs import slug_of
from database import bulk
from feeds.clean import line
from feeds.matching import number
from feeds.places import Placed, PlacedVenue
from feeds.record import ProviderRecord, SkillRecord

MAX_SLUG = 80
REMEMBERED = 10_000
MOST_WORDS = 20_000
SAME_DEGREES = 0.003  # about 300 m: the same building, as two hands would put it on a map


@dataclass
class Names:
    """The ids of what has been found or made, and the words that are in the index: kept from batch to batch.

    Only of what is committed: whoever rolls back begins with a new one.
    """

    providers: dict[str, int] = field(default_factory=dict)
    venues: dict[PlacedVenue, int] = field(default_factory=dict)
    skills: dict[tuple[str, str], int] = field(default_factory=dict)
    words: set[str] = field(default_factory=set)

    def learn(
        self,
        session: Session,
        providers: Iterable[ProviderRecord],
        venues: Iterable[PlacedVenue],
        skills: Iterable[SkillRecord],
    ) -> None:
        """Find or make all of these: afterwards `providers`, by `provider_slug`, `venues` and `skills` have them."""
        for known in (self.providers, self.venues, self.skills):
            _forget_oldest(known)
        if len(self.words) > MOST_WORDS:
            self.words.clear()
        self._learn_providers(session, {provider_slug(each.name): each for each in providers})
        self._learn_venues(session, dict.fromkeys(venues))
        self._learn_skills(session, {(each.framework, each.identifier): each for each in skills})

    def _learn_providers(self, session: Session, wanted: dict[str, ProviderRecord]) -> None:
        new = {slug: each for slug, each in wanted.items() if slug not in self.providers}
        if not new:
            return
        rows = _by_slug(session, Provider.slug, (Provider.id, Provider.is_sample), new)
        # Samples come and go with the sample files: what is real never hangs on them.
        real = {slug: f"{slug[: MAX_SLUG - 2]}-2" if slug in rows and rows[slug][1] else slug for slug in new}
        rows = _by_slug(session, Provider.slug, (Provider.id, Provider.is_sample), real.values())
        missing = {real[slug]: each for slug, each in new.items() if real[slug] not in rows}
        if missing:
            session.execute(
                insert(Provider),
                [{"slug": slug, "name": each.name, "url": each.url, "summary": "", "is_sample": False}
                 for slug, each in missing.items()],
            )  # fmt: skip
            rows = _by_slug(session, Provider.slug, (Provider.id, Provider.is_sample), real.values())
        self.providers.update({slug: rows[real[slug]][0] for slug in new})

    def _learn_venues(self, session: Session, wanted: Collection[PlacedVenue]) -> None:
        new = [each for each in wanted if each not in self.venues]
        if not new:
            return
        columns = (Venue.id, Venue.latitude, Venue.longitude)
        slugs = {each: _venue_slug(each) for each in new}
        rows = _by_slug(session, Venue.slug, columns, slugs.values())
        # Another building of the same name and postcode, or one that has moved: it gets a name of its own.
        for each, slug in slugs.items():
            if slug in rows and not _is_there(each.placed, rows[slug][1], rows[slug][2]):
                slugs[each] = _moved_slug(slug, each.placed)
        rows = _by_slug(session, Venue.slug, columns, slugs.values())
        missing: dict[str, PlacedVenue] = {}
        for each, slug in slugs.items():
            if slug not in rows:
                first = missing.setdefault(slug, each)
                if not _is_there(each.placed, first.placed.latitude, first.placed.longitude):
                    slugs[each] = _moved_slug(slug, each.placed)
                    missing.setdefault(slugs[each], each)
        still = _by_slug(session, Venue.slug, columns, missing)
        if made := [_venue_row(slug, each) for slug, each in missing.items() if slug not in still]:
            session.execute(insert(Venue), made)
        rows = _by_slug(session, Venue.slug, columns, slugs.values())
        self.venues.update({each: rows[slug][0] for each, slug in slugs.items()})

    def _learn_skills(self, session: Session, wanted: dict[tuple[str, str], SkillRecord]) -> None:
        for key, each in wanted.items():
            if key not in self.skills:
                self.skills[key] = _skill(session, each)


def _forget_oldest(known: dict[Any, int]) -> None:
    """Make room, if there is none left: what comes often is soon found again."""
    if len(known) > REMEMBERED:
        for each in list(known)[: REMEMBERED // 2]:
            del known[each]


@lru_cache(maxsize=REMEMBERED)
def provider_slug(name: str) -> str:
    """What stands for a provider in addresses; names that differ in case, accents and signs only are the same."""
    return _slug(name, "provider")


def _slug(name: str, otherwise: str) -> str:
    return slug_of(name)[:MAX_SLUG].strip("-") or f"{otherwise}-{number(name.encode()) & 0xFFFFFFFF:x}"


def _by_slug(
    session: Session,
    slug: InstrumentedAttribute[str],
    columns: Sequence[InstrumentedAttribute[Any]],
    wanted: Iterable[str],
) -> dict[str, tuple[Any, ...]]:
    named = select(slug, *columns).where(bulk.among(session, slug, list(wanted)))
    return {row[0]: tuple(row[1:]) for row in session.execute(named)}


def _venue_slug(each: PlacedVenue) -> str:
    postcode = slug_of(each.placed.postcode)
    return f"{_slug(each.name, 'venue')[: MAX_SLUG - len(postcode) - 1]}-{postcode}"


def _moved_slug(slug: str, placed: Placed) -> str:
    spot = f"{round(placed.latitude / SAME_DEGREES)},{round(placed.longitude / SAME_DEGREES)}"
    return f"{slug[: MAX_SLUG - 9]}-{number(spot.encode()) & 0xFFFFFFFF:08x}"


def _is_there(placed: Placed, latitude: float, longitude: float) -> bool:
    return abs(placed.latitude - latitude) <= SAME_DEGREES and abs(placed.longitude - longitude) <= 2 * SAME_DEGREES


def _venue_row(slug: str, each: PlacedVenue) -> dict[str, object]:
    return {
        "slug": slug,
        "name": each.name,
        "address": line(each.venue.address, 300),
        "town": line(each.venue.town, 100),
        "postcode": each.placed.postcode,
        "location": point(each.placed.latitude, each.placed.longitude),
    }


def _skill(session: Session, each: SkillRecord) -> int:
    """The skill that the framework names so, else one of that name, else a new one."""
    same = select(Skill.id).where(Skill.framework == each.framework, Skill.identifier == each.identifier)
    found = session.scalar(same)
    if found is None:
        called_so = select(Skill.id).where(func.lower(Skill.name) == each.name.lower()).order_by(Skill.id)
        found = session.scalar(called_so.limit(1))
    if found is None:
        slug = _slug(each.name, "skill")
        if session.scalar(select(Skill.id).where(Skill.slug == slug)) is not None:
            slug = f"{slug[: MAX_SLUG - 9]}-{number(each.identifier.encode()) & 0xFFFFFFFF:08x}"
        made = Skill(slug=slug, name=each.name, framework=each.framework, identifier=each.identifier)
        session.add(made)
        session.flush()
        found = made.id
    return found
