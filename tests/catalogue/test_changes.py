"""Changes as others follow them: each is told once, in order, and none is missed, whoever writes when."""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from alembic import command
from sqlalchemy import Engine, delete, insert, select, text, update
from sqlalchemy.orm import Session

from catalogue import changes
from catalogue.change_models import Change
from catalogue.changes import GONE_KEPT, Followed, after, are_waiting, number_waiting
from catalogue.models import Occurrence, Opportunity, Provider, Skill, Venue, opportunity_skill
from catalogue.words import Kind
from database import migrate
from database.engine import connect
from tests.catalogue.factories import opportunity, provider, venue
from tests.conftest import NewDatabase

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
FOLLOWED = Followed(dated=frozenset({Kind.WORKSHOP, Kind.COURSE}), undated=frozenset({Kind.ONLINE}))
DAY = timedelta(days=1)


def workshop(session: Session, days: int = 5, **values: object) -> Opportunity:
    made = opportunity(venue(50.37, -4.14), **values)
    made.occurrences = [Occurrence(starts_at=NOW + days * DAY, ends_at=NOW + days * DAY + timedelta(hours=2))]
    session.add(made)
    session.flush()
    return made


def settle(session: Session, now: datetime = NOW, limit: int = 100) -> None:
    while are_waiting(session, now):
        number_waiting(session, now, FOLLOWED, limit)


def told(session: Session, number: int = 0) -> list[tuple[int, bool]]:
    return [(each.opportunity_id, each.is_listed) for each in after(session, number, 1_000)]


def last_number(session: Session) -> int:
    return max([each.number for each in after(session, 0, 10_000)], default=0)


def test_what_is_new_is_told_in_order(session: Session) -> None:
    made = [workshop(session).id for _ in range(5)]
    assert told(session) == []
    settle(session, limit=2)
    assert told(session) == [(each, True) for each in made]
    assert [each.opportunity_id for each in after(session, 0, 3)] == made[:3]
    assert len({each.number for each in after(session, 0, 9)}) == 5


def _new_title(session: Session, one: Opportunity) -> None:
    one.title = "Another"


def _another_sitting(session: Session, one: Opportunity) -> None:
    one.occurrences.append(Occurrence(starts_at=NOW + 9 * DAY, ends_at=NOW + 10 * DAY))


def _later(session: Session, one: Opportunity) -> None:
    one.occurrences[0].ends_at += DAY


def _one_sitting_less(session: Session, one: Opportunity) -> None:
    _another_sitting(session, one)
    session.flush()
    settle(session)
    one.occurrences.pop()


def _another_venue(session: Session, one: Opportunity) -> None:
    one.venues.append(venue(50.4, -4.1))


def _no_venue(session: Session, one: Opportunity) -> None:
    one.venues.clear()


def _a_skill(session: Session, one: Opportunity) -> None:
    skill = Skill(slug="caulking", name="Caulking", framework="-", identifier="c")
    session.add(skill)
    session.flush()
    session.execute(insert(opportunity_skill).values(opportunity_id=one.id, skill_id=skill.id))


def _a_skill_renamed(session: Session, one: Opportunity) -> None:
    _a_skill(session, one)
    settle(session)
    session.execute(update(Skill).where(Skill.slug == "caulking").values(name="Sealing"))


def _venue_renamed(session: Session, one: Opportunity) -> None:
    one.venues[0].name = "Another"


def _venue_moved(session: Session, one: Opportunity) -> None:
    one.venues[0].location = venue(50.5, -4.2).location


def _provider_renamed(session: Session, one: Opportunity) -> None:
    one.provider.name = "Another"


def _full(session: Session, one: Opportunity) -> None:
    session.execute(update(Opportunity).values(is_full=True).where(Opportunity.id == one.id))


@pytest.mark.parametrize(
    "change",
    [
        *(_new_title, _another_sitting, _later, _one_sitting_less, _another_venue, _no_venue, _a_skill),
        *(_a_skill_renamed, _venue_renamed, _venue_moved, _provider_renamed, _full),
    ],
)
def test_whatever_is_told_of_it_changes_moves_it_to_the_end(
    session: Session, change: Callable[[Session, Opportunity], None]
) -> None:
    one, other = workshop(session), workshop(session)
    settle(session)
    assert told(session) == [(one.id, True), (other.id, True)]
    change(session, one)
    session.flush()
    settle(session)
    assert told(session) == [(other.id, True), (one.id, True)]


def test_what_only_was_looked_at_again_does_not_move(session: Session) -> None:
    one, _ = workshop(session), workshop(session)
    settle(session)
    number = last_number(session)
    one.checked_at = NOW + DAY
    session.flush()
    for model, column in ((Opportunity, "title"), (Venue, "name"), (Provider, "name"), (Skill, "name")):
        session.execute(text(f"UPDATE {model.__tablename__} SET {column} = {column}"))  # noqa: S608
    session.execute(update(Occurrence).values(ends_at=Occurrence.ends_at))
    session.execute(update(Venue).values(location=Venue.location, slug=Venue.slug))
    session.execute(update(Provider).values(summary="Of no matter here"))
    assert not are_waiting(session, NOW)
    assert last_number(session) == number


@pytest.mark.parametrize(("title", "is_moved"), [("Same", False), ("Another", True)])
def test_an_upsert_moves_what_it_changes(session: Session, title: str, is_moved: bool) -> None:
    one, other = workshop(session, title="Same"), workshop(session)
    settle(session)
    session.execute(
        text(
            "INSERT INTO opportunity (key, slug, provider_id, title, summary, description, kind, layer, reach,"
            " added_at, checked_at)"
            " SELECT key, slug, provider_id, :title, summary, description, kind, layer, reach, added_at,"
            " added_at FROM opportunity WHERE id = :id"
            " ON CONFLICT (key) DO UPDATE SET title = excluded.title, checked_at = excluded.checked_at"
        ),
        {"title": title, "id": one.id},
    )
    settle(session)
    assert told(session) == ([(other.id, True), (one.id, True)] if is_moved else [(one.id, True), (other.id, True)])


def test_what_is_gone_is_told_as_gone_and_comes_back_if_it_does(session: Session) -> None:
    one, owner = workshop(session), provider()
    gone, other = workshop(session, provider=owner).id, workshop(session).id
    settle(session)
    session.execute(delete(Provider).where(Provider.id == owner.id))
    session.execute(delete(Opportunity).where(Opportunity.id == other))
    settle(session)
    stays = one.id
    assert told(session) == [(stays, True), (gone, False), (other, False)]
    assert {each.kind for each in after(session, 0, 9)} == {Kind.WORKSHOP}
    session.expunge_all()
    workshop(session, id=gone)
    settle(session)
    assert told(session) == [(stays, True), (other, False), (gone, True)]


def test_what_has_ended_is_told_as_gone_without_anybody_touching_it(session: Session) -> None:
    soon, later = workshop(session, days=1), workshop(session, days=9)
    closing = workshop(session, days=9, ends_at=NOW + 3 * DAY)
    settle(session)
    assert told(session) == [(soon.id, True), (later.id, True), (closing.id, True)]
    settle(session, NOW + 2 * DAY)
    assert told(session) == [(later.id, True), (closing.id, True), (soon.id, False)]
    settle(session, NOW + 4 * DAY)
    assert told(session) == [(later.id, True), (soon.id, False), (closing.id, False)]
    soon.occurrences = [Occurrence(starts_at=NOW + 6 * DAY, ends_at=NOW + 7 * DAY)]
    session.flush()
    settle(session, NOW + 5 * DAY)
    assert told(session) == [(later.id, True), (closing.id, False), (soon.id, True)]


def test_what_followers_never_heard_of_is_not_told_as_gone(session: Session) -> None:
    workshop(session, kind=Kind.JOB)
    workshop(session, days=-5)
    undated = opportunity(venue(50.37, -4.14))
    online = opportunity(kind=Kind.ONLINE)
    gone = workshop(session)
    session.add_all([undated, online])
    session.delete(gone)
    session.flush()
    settle(session)
    assert told(session) == [(online.id, True)]
    assert session.scalars(select(Change.opportunity_id)).all() == [online.id]
    undated.occurrences = [Occurrence(starts_at=NOW + DAY, ends_at=NOW + 2 * DAY)]
    session.flush()
    settle(session)
    assert told(session) == [(online.id, True), (undated.id, True)]
    undated.kind = Kind.JOB
    session.flush()
    settle(session)
    assert told(session) == [(online.id, True), (undated.id, False)]


def test_deletions_are_remembered_for_a_while(session: Session) -> None:
    gone, stays = workshop(session), workshop(session, days=100)
    settle(session)
    session.delete(gone)
    session.flush()
    settle(session)
    assert timedelta(days=7) < GONE_KEPT
    for moment, left in ((NOW + GONE_KEPT, 2), (NOW + GONE_KEPT + DAY, 1)):
        number_waiting(session, moment, FOLLOWED, 10)
        assert len(told(session)) == left
    assert told(session) == [(stays.id, True)]


def test_a_number_is_never_given_twice(session: Session) -> None:
    one = workshop(session)
    seen: set[int] = set()
    for title in "abc":
        one.title = title
        session.flush()
        settle(session)
        (number,) = {each.number for each in after(session, 0, 9)}
        assert number not in seen
        assert all(number > each for each in seen)
        seen.add(number)


@pytest.mark.parametrize("seed", range(5))
def test_who_follows_knows_what_is_there(session: Session, seed: int) -> None:
    draw, known, number = random.Random(seed), set[int](), 0
    there: dict[int, Opportunity] = {}
    now = NOW
    for _ in range(40):
        what = draw.choice(("add", "add", "change", "delete", "wait", "follow", "follow"))
        some = draw.choice(list(there.values())) if there else None
        if what == "add":
            made = workshop(session, days=(now - NOW).days + draw.randint(1, 9))
            there[made.id] = made
        elif what == "change" and some:
            some.title += "!"
        elif what == "delete" and some:
            session.delete(there.pop(some.id))
        elif what == "wait":
            now += DAY
        session.flush()
        if what == "follow":
            number_waiting(session, now, FOLLOWED, draw.randint(1, 4))
            for each in after(session, number, draw.randint(1, 5)):
                assert each.number > number
                number = each.number
                (known.add if each.is_listed else known.discard)(each.opportunity_id)
    settle(session, now)
    for each in after(session, number, 1_000):
        (known.add if each.is_listed else known.discard)(each.opportunity_id)
    assert known == {each.id for each in there.values() if each.occurrences[0].ends_at > now}


@pytest.fixture
def own_engine(new_database: NewDatabase, request: pytest.FixtureRequest) -> Iterator[Engine]:
    """A database of one's own, for sessions that commit."""
    made = connect(new_database(f"changes_{abs(hash(request.node.name))}"))
    migrate.upgrade(made)
    yield made
    made.dispose()


def numbered(engine: Engine) -> list[tuple[int, bool]]:
    with Session(engine) as session:
        number_waiting(session, NOW, FOLLOWED, 100)
        session.commit()
        return told(session)


def test_who_writes_first_and_commits_last_is_not_missed(own_engine: Engine, dialect: str) -> None:
    """As PostgreSQL lets several write at once; SQLite makes them wait."""
    if dialect != "postgis":
        return
    with Session(own_engine) as early, Session(own_engine) as late:
        first = workshop(early).id
        second = workshop(late).id
        late.commit()
        assert numbered(own_engine) == [(second, True)]
        early.commit()
    assert numbered(own_engine) == [(second, True), (first, True)]


def test_what_is_being_changed_is_numbered_after_it_has_changed(own_engine: Engine, dialect: str) -> None:
    """Even if it waited for its number when the change began: else its number would be that of what it was."""
    if dialect != "postgis":
        return
    with Session(own_engine) as writer:
        one = workshop(writer)
        number, other = one.id, workshop(writer).id
        writer.commit()
        one.title = "Another"
        writer.flush()
        assert numbered(own_engine) == [(other, True)]
        writer.commit()
        assert numbered(own_engine) == [(other, True), (number, True)]
        one.title = "Yet another"
        writer.flush()
        # The others see it as it was, under the number that it had.
        assert numbered(own_engine) == [(other, True), (number, True)]
        highest = after(writer, 0, 9)[-1].number
        writer.commit()
        with Session(own_engine) as session:
            assert told(session, highest) == []
            settle(session)
            assert told(session, highest) == [(number, True)]


def test_two_that_number_at_once_take_turns(own_engine: Engine, dialect: str) -> None:
    if dialect != "postgis":
        return
    with Session(own_engine) as writer:
        made = [workshop(writer).id for _ in range(4)]
        writer.commit()
    with Session(own_engine) as one, Session(own_engine) as other:
        number_waiting(one, NOW, FOLLOWED, 2)
        other.execute(text("SET LOCAL lock_timeout = 50"))
        with pytest.raises(Exception, match="lock timeout"):
            number_waiting(other, NOW, FOLLOWED, 2)
        other.rollback()
        one.commit()
        number_waiting(other, NOW, FOLLOWED, 2)
        other.commit()
        assert told(other) == [(each, True) for each in made]


def test_what_was_there_before_is_told_too(new_database: NewDatabase) -> None:
    engine = connect(new_database("before_changes"))
    with engine.begin() as connection:
        config = migrate.config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0008")
        connection.execute(text("INSERT INTO provider VALUES (1, 'p', 'P', '', NULL, false)"))
        connection.execute(
            text(
                "INSERT INTO opportunity (id, key, slug, provider_id, title, summary, description, kind, layer, reach,"
                " added_at, checked_at) VALUES (7, 'k', 's', 1, 'T', 'S', '', 'online-learning', 'engage', 'online',"
                " '2026-01-01 00:00:00', '2026-01-01 00:00:00')"
            )
        )
    migrate.upgrade(engine)
    assert numbered(engine) == [(7, True)]
    engine.dispose()


def test_following_is_bounded(session: Session) -> None:
    for _ in range(5):
        workshop(session)
    number_waiting(session, NOW, FOLLOWED, 3)
    assert len(changes.after(session, 0, 10)) == 3
    assert len(changes.after(session, 0, 2)) == 2
