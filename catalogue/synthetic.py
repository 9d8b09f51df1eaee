"""Very many opportunities that do not exist, to measure with: the same for the same seed, number, day and gazetteer.

Their keys begin with `synthetic:`, the slugs of their providers and venues with
`synthetic--`, which nobody else's do: two hyphens in a row are in no other slug.
"""

from collections.abc import Callable, Sequence
from datetime import date
from random import Random

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from catalogue import derived
from catalogue.geometry import point
from catalogue.models import Badge, Opportunity, Provider, Skill, Venue, badge_skill
from catalogue.synthetic_chance import heavy_tailed
from catalogue.synthetic_rows import ADDRESS, KEY_PREFIX, OCCURRENCE, OPPORTUNITY, Base, Maker
from catalogue.synthetic_words import NAMES, THEMES, name, provider_name, venue_name
from database import bulk
from database.session import refresh_statistics

VERSION = 1  # to be raised with every change to what is made
MOST = 5_000_000
VENUES_EACH = 0.06
PROVIDERS_EACH = 0.012
MOST_PROVIDERS_AT_A_VENUE = 3
SLUG_PREFIX = "synthetic--"
BATCH = 5_000

Spot = tuple[str, float, float, str]
"""A postcode, its latitude and longitude in WGS 84 degrees, and its town, which may be empty."""
Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many are done, and how many there will be."""


def check_count(count: int) -> None:
    """Raise ValueError, with one line to show, unless so many can be made."""
    if not 1 <= count <= MOST:
        raise ValueError(f"Between 1 and {MOST:,} synthetic opportunities can be made, not {count:,}")


def venues_for(count: int) -> int:
    """How many venues so many opportunities have, and so how many spots `load` takes."""
    return max(1, round(count * VENUES_EACH))


def load(
    session: Session,
    spots: Sequence[Spot],
    count: int,
    seed: int,
    today: date,
    progress: Progress = lambda _what, _done, _total: None,
) -> None:
    """Put synthetic opportunities in the place of those that are there. The caller commits.

    The samples must be loaded, for their skills and badges are used. Nothing else is touched.

    Args:
        spots: where the venues stand, `venues_for(count)` of them.

    Raises:
        ValueError: so many cannot be made, or there are no sample skills.
    """
    check_count(count)
    with bulk.roomy(session):
        remove(session)
        random = Random(seed)  # noqa: S311  (nothing here is secret)
        base = _base(session, random, spots, count)
        maker = Maker(random, today, base)
        for first in range(0, count, BATCH):
            numbers = range(first, min(first + BATCH, count))
            _write(session, maker, numbers)
            progress("Opportunities", numbers.stop, count)
        bulk.skip_used_ids(session, "opportunity")
        ids = range(base.first_id, base.first_id + count)
        derived.index_new(session, ids, lambda done: progress("What is derived", done, count))
    refresh_statistics(session)


def remove(session: Session) -> None:
    """Take all that is synthetic out of the catalogue. The caller commits."""
    session.execute(delete(Opportunity).where(Opportunity.key.between(KEY_PREFIX, KEY_PREFIX + "~")))
    for model in (Provider, Venue):
        session.execute(delete(model).where(model.slug.startswith(SLUG_PREFIX)))


def _write(session: Session, maker: Maker, numbers: range) -> None:
    made = maker.batch(numbers)
    bulk.write(session, "opportunity", OPPORTUNITY, made.opportunity)
    bulk.write(session, "opportunity_venue", ("opportunity_id", "venue_id"), made.opportunity_venue)
    bulk.write(session, "opportunity_skill", ("opportunity_id", "skill_id"), made.opportunity_skill)
    bulk.write(session, "opportunity_badge", ("opportunity_id", "badge_id"), made.opportunity_badge)
    bulk.write(session, "occurrence", OCCURRENCE, made.occurrence)


def _base(session: Session, random: Random, spots: Sequence[Spot], count: int) -> Base:
    """Write the providers and venues, and say what there is to hang opportunities on."""
    skills = _skills(session)
    providers = max(1, round(count * PROVIDERS_EACH))
    first_provider, first_venue = bulk.next_id(session, "provider"), bulk.next_id(session, "venue")
    first_id = bulk.next_id(session, "opportunity")
    session.execute(insert(Provider), [_provider(first_provider, number) for number in range(providers)])
    one_name = heavy_tailed(random, NAMES, flattened=20, exponent=0.9)
    session.execute(
        insert(Venue), [_venue(first_venue, number, spot, name(one_name())) for number, spot in enumerate(spots)]
    )
    for table in ("provider", "venue"):
        bulk.skip_used_ids(session, table)
    a_provider = heavy_tailed(random, providers)
    venues = [(spot[3], _at_home(random, a_provider)) for spot in spots]
    return Base(
        first_id, first_provider, providers, first_venue, venues, skills, _badges(session, set(skills.values()))
    )


def _at_home(random: Random, a_provider: Callable[[], int]) -> tuple[int, ...]:
    return tuple(a_provider() for _ in range(1 + int(MOST_PROVIDERS_AT_A_VENUE * random.random())))


def _provider(first: int, number: int) -> dict[str, object]:
    return {
        "id": first + number,
        "slug": f"{SLUG_PREFIX}{number + 1}",
        "name": provider_name(number),
        "summary": "Made up by a program, to measure this site with very many opportunities.",
        "url": f"{ADDRESS}providers/{number + 1}",
        "is_sample": False,
    }


def _venue(first: int, number: int, spot: Spot, invented: str) -> dict[str, object]:
    postcode, latitude, longitude, town = spot
    return {
        "id": first + number,
        "slug": f"{SLUG_PREFIX}{number + 1}",
        "name": venue_name(number, town, invented),
        "address": f"{1 + number % 180} {invented} Road",
        "town": town,
        "postcode": postcode,
        "location": point(latitude, longitude),
    }


def _skills(session: Session) -> dict[str, int]:
    """The sample skills that are there: slug to id."""
    slugs = [slug for theme in THEMES.values() for slug in theme]
    found = dict(session.execute(select(Skill.slug, Skill.id).where(Skill.slug.in_(slugs))).all())
    if missing := set(slugs) - set(found):
        raise ValueError(f"The sample skills are not all there (no {min(missing)}): run `flask seed` first")
    return {slug: found[slug] for slug in slugs}


def _badges(session: Session, skills: set[int]) -> dict[int, list[int]]:
    """The samples' badges that show these skills, by the skill's id, in the order of their slugs."""
    shown = (
        select(badge_skill.c.skill_id, Badge.id)
        .join(Badge, Badge.id == badge_skill.c.badge_id)
        .join(Provider, Provider.id == Badge.provider_id)
        .where(Provider.is_sample, badge_skill.c.skill_id.in_(skills))
        .order_by(Badge.slug)
    )
    badges: dict[int, list[int]] = {}
    for skill, badge in session.execute(shown):
        badges.setdefault(skill, []).append(badge)
    return badges
