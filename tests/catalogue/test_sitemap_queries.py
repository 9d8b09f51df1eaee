"""The parts of the sitemaps: by ranges of ids, bounded, without what has ended."""

from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from catalogue.sitemap_queries import PART, Entry, Section, entries, parts
from tests.catalogue.factories import opportunity, provider
from tests.catalogue.pathways import badge

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
AN_HOUR = timedelta(hours=1)


def test_a_part_is_a_range_of_ids_and_only_those_with_something_live_are_named(session: Session) -> None:
    owner = provider(id=PART + 7, slug="owner")
    ids = (PART - 1, PART, PART + 1, 5 * PART)
    session.add_all(
        opportunity(id=number, slug=f"o-{number}", provider=owner, checked_at=NOW, ends_at=NOW + AN_HOUR)
        for number in ids
    )
    session.add(opportunity(id=PART + 2, provider=owner, ends_at=None, checked_at=NOW, slug="always"))
    session.add_all(opportunity(id=number, provider=owner, ends_at=NOW) for number in (PART + 3, 3 * PART, 9 * PART))
    session.flush()
    assert list(parts(session, Section.OPPORTUNITIES, NOW)) == [0, 1, 5]
    assert entries(session, Section.OPPORTUNITIES, 1, NOW) == [
        Entry(PART, f"o-{PART}", NOW),
        Entry(PART + 1, f"o-{PART + 1}", NOW),
        Entry(PART + 2, "always", NOW),
    ]
    assert entries(session, Section.OPPORTUNITIES, 3, NOW) == []


def test_providers_pathways_and_badges_have_parts_too(session: Session) -> None:
    made = badge("first-aid", id=3 * PART)
    made.provider = provider(id=2 * PART, slug="owner")
    session.add(made)
    session.flush()
    assert list(parts(session, Section.PROVIDERS, NOW)) == [2]
    assert entries(session, Section.PROVIDERS, 2, NOW) == [Entry(2 * PART, "owner", None)]
    assert list(parts(session, Section.BADGES, NOW)) == [3]
    assert entries(session, Section.BADGES, 3, NOW) == [Entry(3 * PART, "first-aid", None)]
    assert list(parts(session, Section.PATHWAYS, NOW)) == []
