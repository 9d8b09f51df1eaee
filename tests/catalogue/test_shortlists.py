"""Shortlists in the database: kept under hashes, bounded, in order, shared, forgotten."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from catalogue import shortlists
from catalogue.shortlist_models import Shortlist, ShortlistItem, ShortlistOwner
from catalogue.shortlists import Link, OnCurrent, Thing, thing
from tests.catalogue.factories import opportunity
from tests.catalogue.pathways import counting, pathway, step

TODAY = date(2026, 11, 22)
NINETY_DAYS = timedelta(days=90)
ONE, TWO, THREE = (letter * 64 for letter in "abc")
FIRST, SECOND, THIRD = Thing(1), Thing(0, "cook"), Thing(0, "cook", "peel")


def link(letter: str = "d") -> Link:
    return Link(letter * 32, letter * 64)


def begun(
    session: Session, *things: Thing, key: str = ONE, letter: str = "d", on: date = TODAY
) -> tuple[ShortlistOwner, Shortlist]:
    owner = shortlists.begin(session, key, on)
    made = shortlists.open_list(session, owner, "Ideas", link(letter), on)
    for each in things:
        shortlists.add(session, made, each, f"Title of {each}")
    return owner, made


def names(found: Shortlist) -> list[str]:
    return [str(shortlists.of_item(each)) for each in found.shown]


def count(session: Session, table: type) -> int | None:
    return session.scalar(select(func.count()).select_from(table))


@pytest.mark.parametrize("wanted", [FIRST, SECOND, THIRD])
def test_a_thing_is_read_as_it_is_written(wanted: Thing) -> None:
    assert thing(str(wanted)) == wanted


RUBBISH = ("", ":", "opportunity:", "opportunity:0", "opportunity:-1", "opportunity:x", "opportunity:٣", "step:a")
MORE_RUBBISH = ("opportunity:99999999999", "pathway:", "pathway:a:b", "step:a:", "pathway:a\0", "x" * 10_000, "job:1")


@pytest.mark.parametrize("text", [*RUBBISH, *MORE_RUBBISH, "pathway:" + "a" * 81, "opportunity:2147483648"])
def test_what_names_no_thing_is_none(text: str) -> None:
    assert thing(text) is None


def test_things_are_called_what_the_catalogue_calls_them(session: Session) -> None:
    made = opportunity(title="Weld")
    session.add_all([made, pathway(step())])
    session.flush()
    assert shortlists.title_of(session, Thing(made.id)) == "Weld"
    assert shortlists.title_of(session, Thing(0, "into-tests")) == "Into tests"
    assert shortlists.title_of(session, Thing(0, "into-tests", "step-1")) == "A step"
    for gone in (Thing(made.id + 1), Thing(0, "x"), Thing(0, "into-tests", "x"), Thing(0, "x", "step-1")):
        assert shortlists.title_of(session, gone) is None


def test_a_thing_added_twice_is_there_once(session: Session) -> None:
    _, made = begun(session, FIRST, SECOND)
    assert not shortlists.add(session, made, FIRST, "Again")
    assert names(made) == ["opportunity:1", "pathway:cook"]
    assert [each.title for each in made.shown] == ["Title of opportunity:1", "Title of pathway:cook"]


def test_what_is_on_the_current_list_takes_one_statement(session: Session) -> None:
    begun(session, FIRST, THIRD)
    with counting(session.connection().engine) as statements:
        assert shortlists.on_current(session, ONE, TODAY) == OnCurrent("Ideas", False, frozenset({FIRST, THIRD}))
    assert len(statements) == 1
    assert shortlists.on_current(session, TWO, TODAY) is None
    held, _ = begun(session, key=TWO, letter="e")
    shortlists.open_list(session, held, "More", link("f"), TODAY)
    assert shortlists.on_current(session, TWO, TODAY) == OnCurrent("More", True, frozenset())


def test_what_is_taken_off_comes_back_with_its_note_where_it_was(session: Session) -> None:
    _, made = begun(session, FIRST, SECOND, THIRD)
    made.shown[1].note = "Ask Tom"
    shortlists.remove(session, made, SECOND)
    shortlists.remove(session, made, SECOND)
    assert names(made) == ["opportunity:1", "step:cook:peel"]
    found = shortlists.on_current(session, ONE, TODAY)
    assert found is not None
    assert found.things == {FIRST, THIRD}
    shortlists.undo(session, made)
    assert names(made) == ["opportunity:1", "pathway:cook", "step:cook:peel"]
    assert made.shown[1].note == "Ask Tom"


def test_adding_what_was_taken_off_puts_it_back_too(session: Session) -> None:
    _, made = begun(session, FIRST, SECOND)
    shortlists.remove(session, made, FIRST)
    assert shortlists.add(session, made, FIRST, "x")
    assert names(made) == ["opportunity:1", "pathway:cook"]


def test_only_what_was_taken_off_last_is_kept_for_that(session: Session) -> None:
    _, made = begun(session, FIRST, SECOND, THIRD)
    shortlists.remove(session, made, FIRST)
    shortlists.remove(session, made, SECOND)
    assert count(session, ShortlistItem) == 2
    shortlists.undo(session, made)
    assert names(made) == ["pathway:cook", "step:cook:peel"]


@pytest.mark.parametrize(("to", "order"), [(1, "312"), (2, "132"), (3, "123"), (99, "123"), (-5, "312")])
def test_a_thing_is_moved(session: Session, to: int, order: str) -> None:
    _, made = begun(session, *(Thing(number) for number in (1, 2, 3)))
    shortlists.move(session, made, Thing(3), to)
    assert names(made) == [f"opportunity:{number}" for number in order]


def test_what_was_taken_off_does_not_count_when_a_thing_is_moved(session: Session) -> None:
    _, made = begun(session, *(Thing(number) for number in (1, 2, 3, 4)))
    shortlists.remove(session, made, Thing(2))
    shortlists.move(session, made, Thing(4), 2)
    assert names(made) == ["opportunity:1", "opportunity:4", "opportunity:3"]
    shortlists.undo(session, made)
    assert sorted(names(made)) == [f"opportunity:{number}" for number in (1, 2, 3, 4)]


def test_a_list_holds_so_many_and_no_more(session: Session) -> None:
    _, made = begun(session, *(Thing(number) for number in range(1, shortlists.MAX_ITEMS + 1)))
    with pytest.raises(shortlists.TooManyItems):
        shortlists.add(session, made, Thing(1000), "x")
    shortlists.remove(session, made, Thing(1))
    shortlists.add(session, made, Thing(1000), "x")
    with pytest.raises(shortlists.TooManyItems):
        shortlists.undo(session, made)
    assert len(made.shown) == shortlists.MAX_ITEMS


def test_an_owner_has_so_many_lists_and_no_more(session: Session) -> None:
    owner, _ = begun(session)
    for number in range(1, shortlists.MAX_LISTS):
        shortlists.open_list(session, owner, "x", Link("e" * 32, f"{number:064}"), TODAY)
    with pytest.raises(shortlists.TooManyLists):
        shortlists.open_list(session, owner, "x", link("f"), TODAY)
    assert len(shortlists.lists(session, owner, TODAY)) == shortlists.MAX_LISTS


def test_a_new_list_is_the_current_one_until_another_is_chosen(session: Session) -> None:
    owner, first = begun(session, FIRST)
    second = shortlists.open_list(session, owner, "Other", link("e"), TODAY)
    found = shortlists.lists(session, owner, TODAY)
    assert found == [first, second]
    assert shortlists.current(owner, found) is second
    shortlists.choose(session, owner, first, TODAY)
    assert shortlists.current(owner, found) is first
    shortlists.forget_list(session, owner, first)
    assert shortlists.current(owner, shortlists.lists(session, owner, TODAY)) is second
    assert shortlists.current(owner, []) is None


def test_a_link_leads_to_its_list_until_it_is_revoked(session: Session) -> None:
    _, made = begun(session, FIRST)
    assert shortlists.shared(session, "d" * 64, TODAY) is made
    shortlists.share(session, made, link("e"))
    assert shortlists.shared(session, "d" * 64, TODAY) is None
    assert shortlists.shared(session, "e" * 64, TODAY) is made
    shortlists.share(session, made, None)
    assert shortlists.shared(session, "e" * 64, TODAY) is None


def test_a_copy_has_everything_but_what_was_taken_off(session: Session) -> None:
    _, source = begun(session, FIRST, SECOND, THIRD)
    source.shown[0].note = "Bring boots"
    shortlists.remove(session, source, SECOND)
    _, target = begun(session, key=TWO, letter="e")
    shortlists.copy(session, source, target)
    assert names(target) == names(source) == ["opportunity:1", "step:cook:peel"]
    assert target.shown[0].note == "Bring boots"


def test_ninety_days_unused_is_the_end_and_use_puts_it_off(session: Session) -> None:
    owner, made = begun(session, FIRST)
    assert shortlists.lists(session, owner, TODAY + NINETY_DAYS) == [made]
    late = TODAY + NINETY_DAYS + timedelta(days=1)
    assert shortlists.lists(session, owner, late) == []
    assert shortlists.shared(session, "d" * 64, late) is None
    assert shortlists.on_current(session, ONE, late) is None
    shortlists.use(session, made.id, TODAY + NINETY_DAYS)
    session.expire_all()
    assert shortlists.lists(session, owner, late) == [made]


def test_what_is_too_old_is_deleted_for_good_so_many_at_a_time(session: Session) -> None:
    old = TODAY - NINETY_DAYS - timedelta(days=1)
    for number in range(5):
        begun(session, FIRST, key=f"{number:064}", letter=str(number), on=old)
        session.flush()
    session.execute(update(Shortlist).values(used_on=old))
    session.execute(update(ShortlistOwner).values(used_on=old))
    _, fresh = begun(session, FIRST)
    assert count(session, Shortlist) == 1  # whoever begins a list clears up
    assert shortlists.forget_old(session, TODAY) == 0
    assert session.scalars(select(Shortlist.id)).all() == [fresh.id]
    assert shortlists.forget_old(session, TODAY + NINETY_DAYS + timedelta(days=1), most=1) == 2
    assert [count(session, table) for table in (ShortlistOwner, Shortlist, ShortlistItem)] == [0, 0, 0]


def test_a_bounded_clearing_leaves_the_rest_for_the_next_time(session: Session) -> None:
    for number in range(3):
        begun(session, key=f"{number:064}", letter=str(number))
    late = TODAY + NINETY_DAYS + timedelta(days=1)
    gone = [shortlists.forget_old(session, late, most=2) for _ in range(3)]
    assert gone == [4, 2, 0]


def test_forgetting_leaves_nothing(session: Session) -> None:
    owner, _ = begun(session, FIRST)
    shortlists.open_list(session, owner, "Other", link("e"), TODAY)
    begun(session, SECOND, key=TWO, letter="f")
    held = shortlists.hold(session, ONE, TODAY)
    assert held is not None
    shortlists.forget(session, held)
    assert shortlists.find(session, ONE) is None
    assert [count(session, table) for table in (ShortlistOwner, Shortlist, ShortlistItem)] == [1, 1, 1]


@pytest.mark.parametrize(
    "values",
    [
        {"opportunity_id": 0, "pathway_slug": ""},
        {"opportunity_id": 1, "pathway_slug": "cook"},
        {"opportunity_id": 1, "step_slug": "peel"},
    ],
)
def test_the_database_refuses_what_is_no_thing(session: Session, values: dict[str, object]) -> None:
    _, made = begun(session)
    defaults = {"pathway_slug": "", "step_slug": "", "title": "x", "note": "", "position": 1}
    session.add(ShortlistItem(shortlist_id=made.id, **defaults | values))
    with pytest.raises((IntegrityError, DataError)):
        session.flush()
