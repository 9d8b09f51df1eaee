"""Progress in the database: kept under hashes, bounded, put together, forgotten."""

from datetime import date, timedelta

import pytest
from sqlalchemy import delete, insert, select
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from catalogue import progress
from catalogue.pathway_models import Pathway
from catalogue.progress_models import Progress, ProgressTick
from tests.catalogue import pathways

TODAY = date(2026, 11, 22)
A_YEAR = timedelta(days=365)
ONE, TWO, THREE = (letter * 64 for letter in "abc")


def ticks(session: Session) -> set[tuple[str, str]]:
    return {(one, two) for one, two in session.execute(select(ProgressTick.pathway_slug, ProgressTick.step_slug))}


def begun(session: Session, key_hash: str, *done: tuple[str, str], on: date = TODAY) -> Progress:
    made = progress.begin(session, key_hash, on)
    for pathway_slug, step_slug in done:
        progress.tick(session, made, pathway_slug, step_slug)
    return made


def test_what_is_ticked_off_is_found_under_its_key_only(session: Session) -> None:
    begun(session, ONE, ("cook", "peel"))
    found = progress.find(session, ONE, TODAY)
    assert found is not None
    assert progress.ticked(session, found, "cook") == {"peel"}
    assert progress.ticked(session, found, "bake") == set()
    assert progress.find(session, TWO, TODAY) is None


def test_a_step_ticked_off_twice_is_ticked_off_once_and_unticked_at_once(session: Session) -> None:
    mine = begun(session, ONE, ("cook", "peel"), ("cook", "peel"), ("cook", "chop"))
    assert ticks(session) == {("cook", "peel"), ("cook", "chop")}
    progress.untick(session, mine, "cook", "peel")
    progress.untick(session, mine, "cook", "peel")
    assert ticks(session) == {("cook", "chop")}


def test_a_year_unused_is_the_end_and_use_puts_it_off(session: Session) -> None:
    mine = begun(session, ONE, ("cook", "peel"))
    assert progress.find(session, ONE, TODAY + A_YEAR) is not None
    assert progress.find(session, ONE, TODAY + A_YEAR + timedelta(days=1)) is None
    assert progress.use(session, mine.id, TODAY + A_YEAR)
    assert progress.find(session, ONE, TODAY + A_YEAR + A_YEAR) is not None
    assert not progress.use(session, mine.id + 1, TODAY)


def test_what_is_too_old_is_deleted_for_good_so_many_at_a_time(session: Session) -> None:
    old = TODAY - A_YEAR - timedelta(days=1)
    for number in range(5):
        begun(session, f"{number:064}", ("cook", "peel"), on=old)
    begun(session, ONE, ("cook", "chop"), on=TODAY - A_YEAR)
    assert progress.forget_old(session, TODAY, most=3) == 3
    assert progress.forget_old(session, TODAY, most=3) == 2
    assert progress.forget_old(session, TODAY, most=3) == 0
    assert ticks(session) == {("cook", "chop")}


def test_whoever_begins_clears_away_what_is_too_old(session: Session) -> None:
    begun(session, ONE, ("cook", "peel"), on=TODAY - A_YEAR - timedelta(days=1))
    begun(session, TWO)
    assert session.scalars(select(Progress.key_hash)).all() == [TWO]


def test_a_key_has_ticks_on_a_hundred_pathways_at_most(session: Session) -> None:
    full = begun(session, ONE, *((f"pathway-{number}", "one") for number in range(progress.MAX_PATHWAYS)))
    progress.tick(session, full, "pathway-7", "two")
    with pytest.raises(progress.TooManyPathways):
        progress.tick(session, full, "one-more", "one")
    progress.untick(session, full, "pathway-8", "one")
    progress.tick(session, full, "one-more", "one")
    assert len(ticks(session)) == progress.MAX_PATHWAYS + 1


def test_two_that_are_put_together_lose_nothing_and_are_found_by_both_keys(session: Session) -> None:
    begun(session, ONE, ("cook", "peel"), ("cook", "chop"))
    begun(session, TWO, ("cook", "peel"), ("bake", "knead"))
    progress.put_together(session, ONE, TWO, TODAY)
    one, two = (progress.find(session, each, TODAY) for each in (ONE, TWO))
    assert one is not None
    assert one is two
    assert progress.ticked(session, one, "cook") == {"peel", "chop"}
    assert progress.ticked(session, one, "bake") == {"knead"}
    assert progress.hold(session, TWO, TODAY) is one


def test_putting_together_again_or_the_other_way_round_or_three_is_still_one(session: Session) -> None:
    for key_hash in (ONE, TWO, THREE):
        begun(session, key_hash, ("cook", key_hash[:3]))
    progress.put_together(session, ONE, TWO, TODAY)
    progress.put_together(session, TWO, ONE, TODAY)
    progress.put_together(session, ONE, ONE, TODAY)
    progress.put_together(session, THREE, TWO, TODAY)
    found = {progress.find(session, each, TODAY) for each in (ONE, TWO, THREE)}
    assert len(found) == 1
    (only,) = found
    assert only is not None
    assert progress.ticked(session, only, "cook") == {"aaa", "bbb", "ccc"}


def test_what_is_used_keeps_every_key_that_leads_to_it(session: Session) -> None:
    begun(session, ONE, ("cook", "peel"))
    begun(session, TWO)
    progress.put_together(session, ONE, TWO, TODAY)
    later = TODAY + A_YEAR
    assert progress.hold(session, ONE, later) is not None
    assert progress.forget_old(session, later + timedelta(days=30)) == 0
    assert progress.find(session, TWO, later + timedelta(days=30)) is not None


def test_two_that_would_be_too_much_stay_two(session: Session) -> None:
    begun(session, ONE, *((f"pathway-{number}", "one") for number in range(60)))
    begun(session, TWO, *((f"pathway-{number}", "one") for number in range(50, 111)))
    with pytest.raises(progress.TooManyPathways):
        progress.put_together(session, ONE, TWO, TODAY)
    assert progress.find(session, ONE, TODAY) is not progress.find(session, TWO, TODAY)
    assert len(ticks(session)) == 111


def test_a_key_that_leads_nowhere_cannot_be_put_together_with_anything(session: Session) -> None:
    begun(session, ONE, ("cook", "peel"))
    progress.put_together(session, ONE, TWO, TODAY)
    progress.put_together(session, TWO, ONE, TODAY)
    assert ticks(session) == {("cook", "peel")}
    assert progress.find(session, TWO, TODAY) is None


def test_deleting_takes_the_ticks_and_every_key_with_it(session: Session) -> None:
    begun(session, ONE, ("cook", "peel"))
    begun(session, TWO, ("bake", "knead"))
    begun(session, THREE, ("sew", "hem"))
    progress.put_together(session, ONE, TWO, TODAY)
    held = progress.hold(session, TWO, TODAY)
    assert held is not None
    progress.forget(session, held)
    assert ticks(session) == {("sew", "hem")}
    assert session.scalars(select(Progress.key_hash)).all() == [THREE]


def test_ticks_outlive_a_pathway_that_is_gone_and_show_again_when_it_is_back(session: Session) -> None:
    mine = begun(session, ONE, ("into-tests", "step-1"))
    pathways.kept(session, pathways.pathway(pathways.step(), pathways.step()))
    (found,) = progress.begun(session, mine)
    assert found.done == {"step-1"}
    session.execute(delete(Pathway))
    session.expire_all()
    assert progress.begun(session, mine) == []
    pathways.kept(session, pathways.pathway(pathways.step()))
    (found,) = progress.begun(session, mine)
    assert found.done == {"step-1"}
    assert found.to_go == 0


def test_a_pathway_on_which_only_a_step_that_is_gone_was_ticked_off_is_not_begun(session: Session) -> None:
    mine = begun(session, ONE, ("into-tests", "gone"))
    pathways.kept(session, pathways.pathway(pathways.step()))
    assert progress.begun(session, mine) == []


@pytest.mark.parametrize(
    "row",
    [
        Progress(id=9, key_hash="short", used_on=TODAY),
        Progress(id=9, key_hash=TWO, used_on=TODAY),
        Progress(id=9, key_hash=THREE, used_on=TODAY, same_as_id=9),
        Progress(id=9, key_hash=THREE, used_on=TODAY, same_as_id=8),
        ProgressTick(progress_id=1, pathway_slug="", step_slug="peel"),
        ProgressTick(progress_id=1, pathway_slug="cook", step_slug="x" * 81),
        ProgressTick(progress_id=2, pathway_slug="cook", step_slug="chop"),
        ProgressTick(progress_id=1, pathway_slug="cook", step_slug="peel"),
    ],
)
def test_the_database_refuses_what_cannot_be(session: Session, row: Progress | ProgressTick) -> None:
    session.add_all(Progress(id=number, key_hash=each, used_on=TODAY) for number, each in ((1, ONE), (3, TWO)))
    session.flush()
    session.execute(insert(ProgressTick).values(progress_id=1, pathway_slug="cook", step_slug="peel"))
    names = type(row).__table__.columns.keys()
    with pytest.raises((IntegrityError, DataError)):
        session.execute(insert(type(row)).values({name: getattr(row, name) for name in names}))
